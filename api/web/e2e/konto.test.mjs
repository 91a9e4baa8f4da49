// The citizen's account: every page accessible in both languages on phone and
// desk, narrow and in dark colours. Against a real town (ORTSNAH_TOWN=1) an
// account is opened, used and deleted, by keyboard and without JavaScript.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, base, desktop, inLanguage, launch, phone, visit } from './browser.mjs'

let browser, real
before(async () => {
  browser = await launch()
  real = (await fetch(`${base}/konto`, { redirect: 'manual' })).status === 303
})
after(async () => { await browser?.close() })

const always = ['/konto/anmelden', '/konto/neu']
const states = ['/konto', '/konto?leer=1', '/konto?fehler=1', '/konto/anmelden?fehler=1', '/konto/neu?fehler=1', '/konto/postfach', '/konto/postfach?leer=1',
  '/konto/einstellungen', '/konto/einstellungen?fehler=1', '/konto/loeschen']

async function inspect(path, options = {}) {
  const { context, page, problems } = await visit(browser, options)
  try {
    await page.goto(base + path)
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true }))
    for (const viewport of [desktop, phone, { width: 320, height: 640 }]) {
      await page.setViewportSize(viewport)
      const [inside, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
      if (inside > shown) problems.push(`${viewport.width}: scrolls sideways, ${inside} > ${shown} px`)
      problems.push(...(await axe(page)).map((p) => `${viewport.width}: ${p}`))
    }
    return problems
  } finally {
    await context.close()
  }
}

test('pages of the account are accessible in every state', async (t) => {
  for (const path of real ? always : [...always, ...states]) {
    for (const lang of ['de', 'en']) await t.test(inLanguage(path, lang), async () => assert.deepEqual(await inspect(inLanguage(path, lang)), []))
    await t.test(`${path} in dark colours`, async () => assert.deepEqual(await inspect(path, { colorScheme: 'dark' }), []))
  }
})

test('an account is opened, used and deleted without JavaScript', async () => {
  if (!real) return
  const { context, page } = await visit(browser, { javaScriptEnabled: false, viewport: phone })
  const email = `probe-${Date.now()}@beispiel.example`, password = 'vier kleine Enten schwimmen'
  await page.goto(`${base}/termin`)
  await page.getByRole('link', { name: 'Mein Konto' }).click()
  await page.waitForURL(/\/konto\/anmelden/)
  await page.getByRole('link', { name: 'Konto eröffnen' }).click()
  await page.getByLabel('E-Mail-Adresse').fill(email)
  await page.getByLabel('Neues Passwort', { exact: true }).fill(password)
  await page.getByLabel('Neues Passwort noch einmal').fill(password)
  await page.getByRole('button', { name: 'Konto eröffnen' }).click()
  await page.waitForURL(`${base}/konto`)
  for (const name of ['Postfach', 'Einstellungen', 'Termine']) {
    await page.getByLabel('Mein Konto').getByRole('link', { name }).click()
    assert.equal(await page.locator('.tabs [aria-current]').innerText(), name)
  }
  await page.getByRole('button', { name: 'Abmelden' }).click()
  await page.waitForURL(/\/konto\/anmelden\?meldung=/)
  await page.goto(`${base}/konto/postfach`)
  await page.waitForURL(/\/konto\/anmelden\?weiter=/)
  await page.getByLabel('E-Mail-Adresse').fill(email)
  await page.getByLabel('Passwort').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${base}/konto/postfach`)
  await page.goto(`${base}/konto/loeschen`)
  await page.getByLabel('Ihr Passwort').fill(password)
  await page.getByRole('button', { name: 'Ja, Konto löschen' }).click()
  assert.match(await page.getByRole('status').innerText(), /Ihr Konto ist gelöscht/)
  const cookies = (await context.cookies()).map((c) => c.name)
  assert.ok(!cookies.includes('konto') && !cookies.includes('__Host-konto'), cookies.join())
  await context.close()
})
