// What people do: with a keyboard only, without JavaScript, on the map, in the
// other language.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base, desktop, launch, mapsReady, phone, visit } from './browser.mjs'

let browser
before(async () => { browser = await launch() })
after(async () => { await browser?.close() })

// Presses Tab until the focused element fulfils wanted(element).
async function tabTo(page, wanted, limit = 200) {
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(wanted)) return
  }
  assert.fail(`${limit} times Tab did not reach ${wanted}`)
}

test('keyboard only: home, search, dataset, download', async () => {
  const { context, page, problems } = await visit(browser, { acceptDownloads: true })
  await page.goto(`${base}/`)
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip', 'the first stop is the skip link')
  await page.keyboard.press('Enter')
  await tabTo(page, () => document.activeElement.id === 'q')
  await page.keyboard.type('Baustellen')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=Baustellen/)
  await tabTo(page, () => /^\/daten\/[^?]+$/.test(document.activeElement.getAttribute('href') ?? ''))
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/daten\//)
  await tabTo(page, () => document.activeElement.hasAttribute('download'))
  const ring = await page.evaluate(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' })
  assert.ok(ring, 'the focus can be seen')
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
  assert.equal(await download.failure(), null)
  assert.deepEqual(problems, [])
  await context.close()
})

test('without JavaScript every page says the same', async () => {
  const { context, page } = await visit(browser, { javaScriptEnabled: false, viewport: phone })
  await page.goto(`${base}/karte?ebene=construction-sites`)
  const rows = page.locator('#entries-construction-sites > ul > li')
  assert.ok(await rows.count() > 0, 'the map page lists the construction sites')
  await rows.first().locator('summary').click()
  assert.ok(await rows.first().locator('dl').isVisible(), 'an entry opens')
  assert.ok(!await page.locator('#entries-stops').isVisible(), 'a layer that is off is not shown')
  await page.locator('#layer-stops').check()
  await page.locator('#layers button').click()
  await page.waitForURL(/ebene=stops/)
  assert.ok(await page.locator('#entries-stops').isVisible(), 'the form switches a layer on')
  assert.ok(await page.locator('#map .map__note').isVisible(), 'the map says why it is empty')
  await page.goto(`${base}/daten`)
  if (await page.locator('.facets details:not([open])').count()) await page.locator('.facets summary').click()
  await page.locator('.facets li a').first().click()
  await page.waitForURL(/\/daten\?/) // a facet is a link
  await page.goto(`${base}/baustellen`)
  assert.ok(!await page.locator('#f-status').isVisible(), 'on a phone the list comes before the form')
  await page.locator('.filters > summary').click()
  await page.locator('#f-status').selectOption('running')
  await page.locator('.filter button').click()
  await page.waitForURL(/\/baustellen\?.*status=running/)
  assert.ok((await page.locator('.filters > summary').innerText()).length > 12, 'the closed form says what is filtered')
  await page.setViewportSize(desktop)
  assert.ok(await page.locator('#f-status').isVisible(), 'on a desk the form is open')
  await context.close()
})

test('the map shows what is chosen in the list, and the keyboard comes back', async () => {
  const { context, page, problems } = await visit(browser, { viewport: desktop })
  await page.goto(`${base}/karte`)
  await mapsReady(page)
  const entry = page.locator('#entries-construction-sites .entry').first()
  const title = await entry.getAttribute('data-title')
  await entry.locator('summary').focus()
  await page.keyboard.press('Enter')
  await page.locator('#panel').waitFor()
  assert.equal(await page.locator('#panel h2').innerText(), title)
  assert.ok((await page.locator('#panel dl').innerText()).length > 20, 'the panel says more than the title')
  await page.keyboard.press('Escape')
  assert.ok(!await page.locator('#panel').isVisible())
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.dataset.title), title, 'focus is back in the list')
  await page.locator('#layer-construction-sites').uncheck()
  assert.ok(!await page.locator('#entries-construction-sites').isVisible())
  assert.ok(!page.url().includes('ebene=construction-sites'), 'the address says what is shown')
  assert.deepEqual(problems, [])
  await context.close()
})

test('a click on the map opens what is there, on the phone too', async () => {
  for (const viewport of [desktop, phone]) {
    const { context, page, problems } = await visit(browser, { viewport, hasTouch: viewport === phone })
    await page.goto(`${base}/karte`)
    await mapsReady(page)
    const id = await page.locator('#entries-stops .entry').first().getAttribute('data-id')
    await page.goto(`${base}/karte?ebene=stops&auswahl=stops/${encodeURIComponent(id)}`)
    await mapsReady(page)
    if (await page.locator('#panel').isVisible()) await page.locator('.panel__close').click()
    await page.evaluate(() => window.scrollTo(0, 0))
    const canvas = page.locator('#map canvas')
    await page.waitForFunction(() => document.querySelector('#map').dataset.ready === 'true')
    const box = await canvas.boundingBox()
    await canvas.click({ position: { x: box.width / 2, y: box.height / 2 } })
    await page.locator('#panel').waitFor({ timeout: 10000 })
    const title = await page.locator(`.entry[data-id="${id}"]`).first().getAttribute('data-title')
    assert.equal(await page.locator('#panel h2').innerText(), title, `${viewport.width} px`)
    await page.locator('.panel__close').click()
    assert.ok(!await page.locator('#panel').isVisible())
    assert.deepEqual(problems, [])
    await context.close()
  }
})

test('when data is away the map says so and the list stays', async () => {
  const { context, page } = await visit(browser)
  await page.route(/\/ogc\/collections\/(districts|construction-sites)\//, (r) => r.fulfill({ status: 503, body: 'away' }))
  await page.goto(`${base}/karte`)
  await page.locator('#map [role=status]').waitFor()
  assert.ok(await page.locator('#entries-districts .entry').count() > 0)
  await context.close()
})

test('the language switch stays on the page and remembers the query', async () => {
  const { context, page } = await visit(browser)
  await page.goto(`${base}/anliegen?q=pass`)
  await page.locator('.language').click()
  await page.waitForURL(/\/en\/anliegen\?q=pass$/)
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  assert.equal(await page.locator('#f-q').inputValue(), 'pass')
  await page.locator('.nav a[href$="/baustellen"]').click()
  await page.waitForURL(/\/en\/baustellen$/)
  await page.locator('.language').click()
  await page.waitForURL(/[^n]\/baustellen$/)
  await page.goto(`${base}/ogc/collections`)
  await page.locator('.language').click()
  await page.waitForURL(/\/ogc\/collections\?lang=en$/)
  await page.locator('main a').last().click()
  await page.waitForURL(/lang=en/)
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await context.close()
})

test('at four times the size nothing is lost (WCAG 1.4.10)', async () => {
  const { context, page } = await visit(browser, { viewport: { width: 320, height: 256 } })
  for (const path of ['/', '/karte', '/baustellen', '/daten', '/daten/construction-sites', '/anliegen']) {
    await page.goto(base + path)
    const inside = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(inside <= 320, `${path} is ${inside} px wide`)
  }
  await context.close()
})
