// A citizen looks for the next station: with an address, with the position of
// the device, without JavaScript; and a stop's page with its calendar.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, base, desktop, launch, phone, visit } from './browser.mjs'

// The journeys need a town that answers: pages of the fixtures have no addresses.
let browser, town
before(async () => {
  browser = await launch()
  const answer = await fetch(base + '/ogc/collections/addresses/items?f=json&limit=1')
  town = (await answer.text()).includes('"features"')
})
after(async () => { await browser?.close() })

// An address that exists, whichever town it is.
async function anAddress(page) {
  const items = await page.request.get(base + '/ogc/collections/addresses/items?f=json&limit=1')
  const [first] = (await items.json()).features
  return { text: first.properties.label, at: first.geometry.coordinates }
}

async function mapReady(page) {
  await page.locator('#map').scrollIntoViewIfNeeded()
  await page.waitForFunction(() => document.querySelector('#map')?.dataset.ready === 'true', undefined, { timeout: 30000 })
}

async function sound(page, problems) {
  for (const viewport of [desktop, phone]) {
    await page.setViewportSize(viewport)
    await mapReady(page)
    const [inside, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
    if (inside > shown) problems.push(`${viewport.width}: scrolls sideways, ${inside} > ${shown} px`)
    problems.push(...(await axe(page)).map((p) => `${viewport.width}: ${p}`))
  }
  assert.deepEqual(problems, [])
}

test('by address, to the page of a stop and its calendar', async () => {
  if (!town) return
  const { context, page, problems } = await visit(browser)
  const { text } = await anAddress(page)
  await page.goto(base + '/stationen')
  await page.fill('#f-address', text)
  await page.selectOption('#f-mode', 'rad')
  await page.click('#find button[type=submit]')
  assert.match(page.url(), /\/stationen\?mit=rad#answer$/) // no place in the address
  const count = await page.locator('.nearstop').count()
  assert.ok(count > 0)
  assert.match(await page.locator('.nearstop__sentence').first().textContent(), /mit dem Rad/)
  await mapReady(page)
  assert.equal(await page.locator('#map a.pin').count(), count)
  await page.locator('#map a.pin').first().click()
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'halt-1')
  await sound(page, problems)
  await page.locator('.nearstop h3 a').first().click()
  await mapReady(page)
  const calendar = await page.getAttribute('a[href^="webcal:"]', 'href')
  const file = await page.request.get(await page.inputValue('#calendar-url'))
  assert.equal(calendar.replace(/^webcal:/, ''), file.url().replace(/^https?:/, ''))
  assert.match(await file.text(), /^BEGIN:VCALENDAR\r\n[^]*BEGIN:VEVENT[^]*END:VCALENDAR\r\n$/)
  await sound(page, problems)
  await page.goto(base + '/stationen')
  await page.click('text=Ort vergessen')
  assert.equal(await page.locator('.nearest').count(), 0)
  await context.close()
})

test('by the position of the device', async () => {
  if (!town) return
  const { context, page, problems } = await visit(browser, { permissions: ['geolocation'] })
  const { at: [longitude, latitude] } = await anAddress(page)
  await context.setGeolocation({ longitude, latitude })
  await page.goto(base + '/en/stationen')
  await page.click('#locate')
  await page.waitForSelector('.nearest')
  assert.match(await page.textContent('#answer'), /your position/)
  assert.ok(!/lon|lat|8\.|51\./.test(new URL(page.url()).search))
  await sound(page, problems)
  await context.close()
})

test('a device that does not tell says so', async () => {
  const { context, page } = await visit(browser, { permissions: [] })
  await page.goto(base + '/stationen')
  await page.click('#locate')
  await page.waitForFunction(() => /Adresse/.test(document.querySelector('#locate-said')?.textContent ?? ''))
  await context.close()
})

test('without JavaScript', async () => {
  if (!town) return
  const { context, page } = await visit(browser, { javaScriptEnabled: false })
  const { text } = await anAddress(page)
  await page.goto(base + '/stationen')
  assert.equal(await page.locator('#locate').isVisible(), false)
  await page.fill('#f-address', text)
  await page.selectOption('#f-when', 'woche')
  await page.click('#find button[type=submit]')
  assert.ok(await page.locator('.nearstop').count() > 0)
  await page.fill('#f-address', 'Gibtesnichtweg 999')
  await page.click('#find button[type=submit]')
  assert.equal(await page.inputValue('#f-when') + await page.inputValue('#f-address'), 'wocheGibtesnichtweg 999')
  assert.equal(await page.locator('#f-address-error').count(), 1)
  await context.close()
})
