// The citizens' way to an appointment: every page accessible in both languages
// on phone and desk; by keyboard alone, without JavaScript, on a phone. Against
// the fixtures every state has an address; against a real town (ORTSNAH_TOWN=1)
// an appointment is really booked and cancelled.
import assert from 'node:assert/strict'
import { createHash, webcrypto } from 'node:crypto'
import { after, before, test } from 'node:test'
import { verifySolution } from 'altcha-lib/v1'
import { axe, base, desktop, inLanguage, launch, phone, visit } from './browser.mjs'

globalThis.crypto ??= webcrypto // Node 18

let browser, real
before(async () => {
  browser = await launch()
  real = (await fetch(`${base}/termin/b/7K3M9QXA`).then((r) => r.text())).includes('id="f-code"')
})
after(async () => { await browser?.close() })

const always = ['/termin', '/termin?q=pass', '/termin?q=xyzzyxyzzy', '/termin/meine']
const states = ['/termin/reisepass', '/termin/reisepass?personen=0', '/termin/kinderschutz', '/termin/ummeldung', '/termin/aufenthaltstitel/name?fehler=1', '/termin/bauberatung/ort?wahl=1',
  '/termin/reisepass/zeiten?vergeben=1', '/termin/reisepass/zeiten?leer=1', '/termin/reisepass/zeiten?ansicht=kalender&tag=2026-11-25', '/termin/b/7K3M9QXA/angaben?fehler=1', '/termin/b/7K3M9QXA?stand=neu',
  '/termin/b/7K3M9QXA?stand=cancelled', '/termin/b/7K3M9QXA/absagen', '/termin/reisepass/warteliste?fehler=1', '/termin/w/W00000123?stand=offered', '/termin?leicht=1', '/termin/personalausweis?leicht=1']

async function inspect(path, options = {}) {
  const { context, page, problems } = await visit(browser, options)
  try {
    await page.goto(base + path)
    for (const viewport of [desktop, phone]) {
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

test('booking pages are accessible in every state', async (t) => {
  for (const path of real ? always : [...always, ...states]) {
    for (const lang of ['de', 'en']) await t.test(inLanguage(path, lang), async () => assert.deepEqual(await inspect(inLanguage(path, lang)), []))
  }
  for (const path of real ? ['/termin'] : ['/termin', '/termin/reisepass/zeiten', '/termin/reisepass/zeiten?ansicht=kalender&tag=2026-11-25', '/termin/b/7K3M9QXA?stand=neu', '/termin/b/7K3M9QXA/angaben?fehler=1']) {
    await t.test(`${path} in dark colours`, async () => assert.deepEqual(await inspect(path, { colorScheme: 'dark' }), []))
  }
})

test('text twice as large and a narrow window lose nothing', async () => {
  for (const path of real ? always : [...always, ...states]) {
    const { context, page } = await visit(browser, { viewport: { width: 320, height: 640 } })
    await page.goto(base + path)
    const [inside, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
    assert.ok(inside <= shown, `${path}: ${inside} > ${shown}`)
    await context.close()
  }
})

// Presses Tab until the focused element fulfils wanted(element, value).
async function tabTo(page, wanted, value, limit = 150) {
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(wanted, value)) return
  }
  assert.fail(`${limit} times Tab did not reach ${wanted} ${value}`)
}

const focusedText = (text) => (document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).includes(text)

test('keyboard only, without JavaScript, on a phone: the buttons say all of it', async () => {
  const { context, page } = await visit(browser, { javaScriptEnabled: false, viewport: phone })
  await page.goto(`${base}/termin?q=reisepass`)
  await tabTo(page, () => document.activeElement.className === 'choice__link')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/termin\/[a-z-]+$/)
  await tabTo(page, () => document.activeElement.id === 'f-persons')
  await tabTo(page, focusedText, 'Weiter')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/zeiten\?/)
  await tabTo(page, () => document.activeElement.className === 'slot__button')
  const said = await page.evaluate(() => document.activeElement.getAttribute('aria-label'))
  assert.match(said, /^(Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag), \d+\. [A-Zä-ü][a-zä-ü]+ \d{4}, \d\d:\d\d bis \d\d:\d\d Uhr, .+$/)
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none')
  assert.ok(ring, 'the focus can be seen')
  if (real) await bookAndCancel(page)
  await context.close()
})

// From the focused time on: details, confirmation, cancelled again.
async function bookAndCancel(page) {
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/termin\/b\//)
  await tabTo(page, () => document.activeElement.id === 'f-nachname') // optional here
  await page.keyboard.type('Probe')
  await tabTo(page, focusedText, 'Termin verbindlich buchen')
  await page.keyboard.press('Enter')
  await page.locator('.pass .code').first().waitFor()
  assert.equal((await page.locator('.pass .code').first().innerText()).length, 8)
  await tabTo(page, focusedText, 'Absagen')
  await page.keyboard.press('Enter')
  await page.waitForURL(/absagen/)
  await tabTo(page, focusedText, 'Ja, absagen')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/termin\/b\/[0-9A-Z]+$/)
  assert.match(await page.locator('.held').innerText(), /abgesagt/)
}

test('the map shows the places of the list and leads back to it', async () => {
  if (real) return
  const { context, page, problems } = await visit(browser)
  await page.goto(`${base}/termin/reisepass/zeiten`)
  await page.locator('#slotmap-button').click()
  await page.waitForFunction(() => document.querySelector('#slotmap')?.dataset.ready === 'true', undefined, { timeout: 30000 })
  const names = await page.locator('#slotmap .place').allInnerTexts()
  const places = new Set(await page.locator('.slot').evaluateAll((list) => list.map((el) => el.dataset.place)))
  assert.deepEqual(new Set(names), places)
  await page.locator('#slotmap .place').first().click()
  assert.equal(await page.evaluate(() => document.activeElement.className), 'slot__button')
  problems.push(...await axe(page))
  assert.deepEqual(problems, [])
  await context.close()
})

// The proof of work: solved in the browser under the page's policy, and read
// here by another implementation of the protocol than the server's.
async function proof(page) {
  await page.waitForFunction(() => document.querySelector('input[name=altcha]').value !== '', undefined, { timeout: 30000 })
  return page.locator('input[name=altcha]').inputValue()
}

test('the browser proves work while the citizen reads, for every form anew', async () => {
  for (const path of real ? ['/termin/meine'] : ['/termin/meine', '/termin/reisepass/zeiten', '/termin/reisepass/warteliste', '/termin/b/7K3M9QXA/verschieben']) {
    const { context, page, problems } = await visit(browser)
    await page.goto(base + path)
    const solved = await proof(page)
    assert.equal(await verifySolution(solved, 'a key of the fixtures, known to e2e'), !real, path)
    const { number, salt, challenge } = JSON.parse(Buffer.from(solved, 'base64').toString())
    assert.equal(createHash('sha256').update(salt + number).digest('hex'), challenge)
    await page.reload()
    assert.notEqual(await proof(page), solved)
    assert.deepEqual(problems, [])
    await context.close()
  }
})

test('a proof counts once', async () => {
  if (!real) return
  const { context, page } = await visit(browser)
  await page.goto(`${base}/termin/personalausweis/zeiten`)
  const solved = await proof(page)
  const sent = page.waitForRequest((r) => r.method() === 'POST')
  await page.locator('.slot__button').first().click()
  assert.equal(new URLSearchParams((await sent).postData()).get('altcha'), solved)
  await page.waitForURL(/\/termin\/b\//)
  const again = await fetch(`${base}/api/v1/holds`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ altcha: solved, service: 'personalausweis', start: '2030-01-07T08:00', place: 'site/rathaus' }) })
  assert.equal(again.status, 401)
  assert.match((await again.json()).type, /altcha\.spent/)
  await page.getByText('Andere Zeit wählen').click()
  await page.waitForURL(/\/zeiten/)
  await context.close()
})

test('without a challenge to solve the forms are the same', async () => {
  const { context, page } = await visit(browser)
  await page.route('**/api/v1/challenge', (route) => route.abort())
  await page.goto(`${base}/termin/meine`)
  assert.equal(await page.locator('input[name=altcha]').inputValue(), '')
  assert.ok(await page.locator('.question button').isVisible())
  await context.close()
})

test('a confirmation can be printed: codes and documents, no menus', async () => {
  if (real) return
  const { context, page } = await visit(browser)
  await page.goto(`${base}/termin/b/7K3M9QXA?stand=neu`)
  await page.emulateMedia({ media: 'print' })
  assert.ok(await page.locator('.pass .code').first().isVisible())
  assert.ok(await page.locator('.checklist').isVisible())
  for (const hidden of ['.nav', '.bookbar', '.foot', '.noprint']) assert.ok(!await page.locator(hidden).first().isVisible(), hidden)
  await context.close()
})
