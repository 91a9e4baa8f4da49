// Signing in of the staff, in a real demo town: every step accessible in both
// languages, on phone and desk, in dark colours; by keyboard, without
// JavaScript, with a second factor and without. The fixtures have nobody who
// could sign in: there nothing of this is tried.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { axe, base, desktop, launch, phone, visit } from './browser.mjs'

const password = 'Demo-Rathaus-2026' // of the demo town's accounts
let browser, real
before(async () => {
  browser = await launch()
  const answer = await fetch(`${base}/dienst/anmelden`)
  real = answer.status === 200 && (await answer.text()).includes('class="demo"')
})
after(async () => { await browser?.close() })

// Width, dark colours and axe of the page that is shown.
async function inspect(page, problems) {
  for (const viewport of [desktop, phone, { width: 320, height: 640 }]) {
    await page.setViewportSize(viewport)
    const [inside, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
    const at = `${new URL(page.url()).pathname} ${viewport.width}`
    if (inside > shown) problems.push(`${at}: scrolls sideways, ${inside} > ${shown} px`)
    problems.push(...(await axe(page)).map((p) => `${at}: ${p}`))
  }
  await page.emulateMedia({ colorScheme: 'dark' })
  problems.push(...(await axe(page)).map((p) => `${page.url()} dark: ${p}`))
  await page.emulateMedia({ colorScheme: 'light' })
}

async function signIn(page, name, secret = password) {
  await page.locator('#name').fill(name)
  await page.locator('#password').fill(secret)
  await page.locator('#password').press('Enter')
  await page.waitForLoadState()
}

// What an authenticator app shows (RFC 6238, RFC 4226): a code of the next step
// counts, too, where one of this step is used up.
function code(secret, later = 0) {
  const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later))
  const mac = createHmac('sha1', key).update(step).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

test('closed pages lead to the sign-in and back, in the language of the reader', async () => {
  if (!real) return
  const { context, page, problems } = await visit(browser)
  await page.goto(`${base}/en/dienst/berichte`)
  assert.equal(new URL(page.url()).pathname, '/en/dienst/anmelden')
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await inspect(page, problems)
  await page.goto(`${base}/dienst/berichte`)
  await inspect(page, problems)
  await signIn(page, 'planung')
  assert.equal(new URL(page.url()).pathname, '/dienst/berichte')
  await page.goto(`${base}/dienst`)
  await inspect(page, problems)
  await page.goto(`${base}/dienst/konto`)
  await inspect(page, problems)
  assert.deepEqual(problems, [])
  await context.close()
})

test('a wrong password is one sentence, and the name stays', async () => {
  if (!real) return
  const { context, page } = await visit(browser, { viewport: phone })
  await page.goto(`${base}/dienst/anmelden`)
  const name = `niemand-${Date.now()}`
  await signIn(page, name, 'falsch falsch falsch')
  assert.match(await page.getByRole('alert').innerText(), /Anmeldename oder Passwort stimmt nicht/)
  assert.equal(await page.locator('#name').inputValue(), name)
  assert.equal(await page.locator('#password').inputValue(), '')
  await context.close()
})

test('by keyboard, without JavaScript: in, out, and nothing is left in the browser', async () => {
  if (!real) return
  const { context, page } = await visit(browser, { javaScriptEnabled: false, viewport: phone })
  await page.goto(`${base}/dienst/anmelden`)
  for (let i = 0; i < 60 && await page.evaluate(() => document.activeElement.id) !== 'name'; i++) await page.keyboard.press('Tab')
  await page.keyboard.type('Planung ') // capitals and blanks do not count
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${base}/dienst`)
  const cookie = (await context.cookies()).find((c) => c.name.endsWith('ortsnah'))
  assert.ok(cookie.httpOnly && cookie.sameSite === 'Lax')
  await page.goto(`${base}/dienst/konto`)
  await page.locator('.staffhead form button').click()
  await page.waitForURL(/\/dienst\/anmelden/)
  assert.ok(!(await context.cookies()).some((c) => c.name.endsWith('ortsnah')))
  await page.goBack()
  await page.waitForURL(/\/dienst\/anmelden/) // the page before is not kept
  await context.addCookies([cookie])
  await page.goto(`${base}/dienst/konto`)
  assert.equal(new URL(page.url()).pathname, '/dienst/anmelden', 'a session that was ended opens nothing')
  await context.close()
})

test('an administrator must set up a second factor before anything opens', async () => {
  if (!real) return
  const { context, page, problems } = await visit(browser)
  await page.goto(`${base}/dienst/anmelden`)
  await signIn(page, 'verwaltung')
  assert.equal(new URL(page.url()).pathname, '/dienst/anmelden/faktor')
  await inspect(page, problems)
  await page.goto(`${base}/dienst/benutzer`)
  assert.equal(new URL(page.url()).pathname, '/dienst/anmelden/faktor')
  assert.deepEqual(problems, [])
  await context.close()
})

test('a second factor is set up, used, and turned off again', async () => {
  if (!real) return
  const { context, page, problems } = await visit(browser)
  await page.goto(`${base}/dienst/anmelden`)
  await signIn(page, 'planung')
  await page.goto(`${base}/dienst/konto/faktor`)
  await inspect(page, problems)
  const secret = await page.locator('.secret').innerText()
  await page.locator('#old').fill(password)
  const first = code(secret)
  await page.locator('#code').fill(first)
  await page.locator('#code').press('Enter')
  await page.locator('.codes code').first().waitFor()
  await inspect(page, problems)
  const recovery = await page.locator('.codes code').allInnerTexts()
  assert.ok(recovery.length >= 8)
  try {
    await page.locator('.staffhead form button').click()
    await page.waitForURL(/\/dienst\/anmelden/)
    await signIn(page, 'planung')
    assert.equal(new URL(page.url()).pathname, '/dienst/anmelden/code')
    await inspect(page, problems)
    await page.locator('#code').fill(first) // used up above
    await page.locator('#code').press('Enter')
    assert.match(await page.getByRole('alert').innerText(), /stimmt nicht oder wurde schon benutzt/)
    await page.locator('#code').fill(code(secret, 1))
    await page.locator('#code').press('Enter')
    await page.waitForURL(`${base}/dienst`)
    await page.locator('.staffhead form button').click()
    await page.waitForURL(/\/dienst\/anmelden/)
    await signIn(page, 'planung')
    await page.locator('#code').fill(recovery[0])
    await page.locator('#code').press('Enter')
    await page.waitForURL(`${base}/dienst`)
  } finally { // a town that is shown to people must stay open to them
    await page.goto(`${base}/dienst/konto`)
    await page.locator('details.more summary').click()
    await page.locator('#drop').fill(password)
    await page.locator('#drop').press('Enter')
    await page.waitForURL(/meldung=factor_off/)
  }
  assert.deepEqual(problems.filter((p) => !/status of 400/.test(p)), []) // the wrong code was meant
  await context.close()
})
