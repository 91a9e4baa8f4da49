// The planners' pages: accessible in every state, a candidate's role by keyboard
// and on the map, a run that goes on by itself, a pin that is dragged. Against the
// whole program a planner of the demo town goes the way from scenario to proof.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, base, desktop, inLanguage, launch, phone, visit } from './browser.mjs'

const fixtures = ['/planung', '/planung?gast=1', '/planung?leer=1', '/planung/szenario/neu', '/planung/szenario/s1', '/planung/szenario/s1?inzwischen=1',
  '/planung/lauf/fertig', '/planung/lauf/fertig?gast=1', '/planung/lauf/kurve', '/planung/lauf/preis', '/planung/lauf/sicher', '/planung/lauf/unloesbar',
  '/planung/lauf/fehler', '/planung/lauf/woche', '/planung/lauf/fertig/verschieben?lon=8.4', '/planung/vergleich', '/planung/vergleich?a=1',
  '/planung/testphase', '/planung/testphase?leer=1', '/planung/testphase/t1']

let browser, open
before(async () => {
  browser = await launch()
  open = (await fetch(`${base}/planung/szenario/neu`, { redirect: 'manual', headers: { Accept: 'text/html' } })).status === 200
})
after(async () => { await browser?.close() })

const cell = (x, y, site) => [x, y, 0.0073, 0.0045, 100, site, 300]
const drawn = {
  cells: [cell(8.36, 51.89, 0), cell(8.375, 51.89, 0), cell(8.40, 51.92, 1), cell(8.415, 51.92, -1)], demand: [50, 100], ways: [300, 600],
  sites: [{ n: 1, id: 's0', name: 'Demo: Innenstadt', lon: 8.36, lat: 51.89, tone: 0, pattern: 0, existing: false },
    { n: 2, id: 's1', name: 'Demo: Sundern', lon: 8.40, lat: 51.92, tone: 1, pattern: 1, existing: true }],
}
const mapped = (page) => page.waitForFunction(() => [...document.querySelectorAll('#planmap')].every((el) => el.dataset.ready === 'true'), undefined, { timeout: 60000 })

// Opens a page of the fixtures, which have no data of a map of their own.
async function show(path, options) {
  const seen = await visit(browser, options)
  await seen.page.route('**/karte.json', (route) => route.fulfill({ json: drawn }))
  await seen.page.goto(base + path)
  await mapped(seen.page)
  return seen
}

async function inspect(page, problems) {
  for (const viewport of [desktop, phone]) {
    await page.setViewportSize(viewport)
    const [inside, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
    if (inside > shown) problems.push(`${viewport.width}: scrolls sideways, ${inside} > ${shown} px`)
    problems.push(...(await axe(page)).map((p) => `${viewport.width}: ${p}`))
  }
}

// Another journey gives the account a second factor for a moment.
async function signIn(page) {
  for (let left = 20; ; left--) {
    await page.goto(`${base}/dienst/anmelden?weiter=%2Fplanung%2Fszenario%2Fneu`)
    await page.locator('#name').fill('planung')
    await page.locator('#password').fill('Demo-Rathaus-2026')
    await page.locator('#password').press('Enter')
    await page.waitForLoadState()
    await page.waitForURL((url) => !url.pathname.endsWith('/dienst/anmelden'))
    if (!page.url().includes('/dienst/anmelden') || left === 0) return
    await page.waitForTimeout(3000)
  }
}

describe('planning', () => {
  test('every state is accessible', async (t) => {
    if (!open) return
    for (const path of fixtures) {
      for (const lang of ['de', 'en']) {
        await t.test(inLanguage(path, lang), async () => {
          const { context, page, problems } = await show(inLanguage(path, lang))
          await inspect(page, problems)
          await context.close()
          assert.deepEqual(problems, [])
        })
      }
    }
    for (const path of ['/planung/lauf/fertig', '/planung/szenario/s1', '/planung/testphase/t1', '/planung/lauf/kurve']) {
      const dark = await show(path, { colorScheme: 'dark' })
      assert.deepEqual([...dark.problems, ...await axe(dark.page)], [], `dark: ${path}`)
      await dark.context.close()
    }
  })

  test('a role is given by keyboard and on the map', async () => {
    if (!open) return
    const { context, page, problems } = await show('/planung/szenario/s1')
    const select = page.locator('#role-0')
    await select.focus()
    assert.ok(await page.locator('tr.on #role-0').count(), 'the row is marked')
    await page.keyboard.press('ArrowDown')
    assert.equal(await select.inputValue(), 'required')
    // The map shows all candidates: one is found by its place.
    await page.locator('#planmap').scrollIntoViewIfNeeded()
    const box = await page.locator('#planmap canvas').boundingBox()
    await page.mouse.click(box.x + box.width * 0.12, box.y + box.height * 0.9)
    await page.locator('#chosen').waitFor()
    assert.ok(await page.locator('#chosen-add').isVisible(), 'beside the candidates a point can be added')
    problems.push(...await axe(page))
    await page.locator('#chosen-add').click()
    assert.match(await page.locator('#f-points').inputValue(), /^Neuer Punkt 1; 8\.\d+; 51\.\d+$/)
    assert.ok(!await page.locator('#chosen').isVisible())
    await page.locator('#planmap canvas').focus()
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('a file becomes points of the form', async () => {
    if (!open) return
    const { context, page } = await show('/planung/szenario/neu')
    await page.locator('#f-file').setInputFiles({ name: 'punkte.csv', mimeType: 'text/csv', buffer: Buffer.from('name;lon;lat\nMarkt;8,38;51,90\n') })
    await page.waitForFunction(() => document.querySelector('#f-points').value.includes('Markt'))
    await context.close()
  })

  test('a run shows its gap as it comes, and its result when it ends', async () => {
    if (!open) return
    const { context, page, problems } = await visit(browser)
    const event = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
    await page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream',
      body: event('progress', { step: 'search', known: true, gap: 0.12, seconds: 1 }) + event('progress', { step: 'search', known: true, gap: 0.01, seconds: 3 }) }))
    await page.goto(`${base}/planung/lauf/laeuft`)
    await page.waitForFunction(() => document.querySelector('#live-gap')?.textContent === '1 %')
    assert.equal((await page.locator('#live-line').getAttribute('points')).split(' ').length >= 2, true)
    problems.push(...await axe(page))
    await page.unroute('**/events')
    await page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: event('end', { status: 'done' }) }))
    const loaded = page.waitForEvent('load')
    await page.evaluate(() => location.reload())
    await loaded
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('a pin is dragged and the figures change', async () => {
    if (!open) return
    const { context, page, problems } = await show('/planung/lauf/fertig')
    const pin = page.locator('.pinned[data-site="s0"]')
    await pin.scrollIntoViewIfNeeded()
    const from = await pin.boundingBox()
    const asked = page.waitForRequest(/verschieben\?standort=s0/)
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
    await page.mouse.down()
    await page.mouse.move(from.x + 80, from.y - 30, { steps: 5 })
    await page.mouse.up()
    assert.match((await asked).url(), /lon=8\.\d{6}&lat=51\.\d{6}/)
    await page.locator('#move-result #moved').waitFor()
    assert.match(await page.locator('#move-result').innerText(), /verschoben nach/)
    problems.push(...await axe(page))
    await page.getByRole('link', { name: 'Nachfrage', exact: true }).click()
    assert.equal(await page.locator('[data-view=demand]').getAttribute('aria-current'), 'true')
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('without JavaScript drawings, tables and forms do it', async () => {
    if (!open) return
    const { context, page } = await visit(browser, { javaScriptEnabled: false })
    await page.goto(`${base}/planung/lauf/fertig`)
    assert.ok(await page.locator('svg.picture').isVisible())
    assert.ok(!await page.locator('#planmap').isVisible())
    await page.goto(`${base}/planung/szenario/s1`)
    assert.ok(await page.locator('#role-0').isVisible())
    await page.goto(`${base}/planung/lauf/laeuft`)
    assert.equal(await page.locator('meta[http-equiv=refresh]').count(), 1)
    await context.close()
  })

  test('in the running town: closed to the public, from scenario to proof for a planner', async () => {
    if (open) return
    const { context, page, problems } = await visit(browser)
    await page.goto(`${base}/planung`)
    await inspect(page, problems)
    await page.goto(`${base}/planung/szenario/neu`)
    assert.match(page.url(), /\/dienst\/anmelden\?weiter=%2Fplanung%2Fszenario%2Fneu/)
    await signIn(page)
    await page.waitForURL(/\/planung\/szenario\/neu$/)
    await mapped(page)

    await page.locator('#f-name').fill('Demo: Reise durch die Seiten')
    await page.locator('#set-stop').check()
    await page.locator('#f-points').fill('Wunschplatz; 8,3833; 51,9045')
    await page.getByRole('button', { name: 'Aufnehmen' }).click()
    await page.getByText('Wunschplatz').first().waitFor()
    await page.locator('#f-p').fill('3')
    await page.locator('#role-0').selectOption('existing')
    await page.setViewportSize(desktop)
    problems.push(...await axe(page))
    await page.getByRole('button', { name: 'Speichern und rechnen' }).click()
    await page.waitForURL(/\/planung\/lauf\//)
    const ended = () => page.waitForFunction(() => !document.querySelector('#live-run'), undefined, { timeout: 120000 })
    await ended()
    await mapped(page)
    const address = page.url()
    assert.match(await page.locator('.proof').first().innerText(), /Optimal, bewiesen/)
    await inspect(page, problems)
    await page.setViewportSize(desktop)

    await page.locator('.outcome').scrollIntoViewIfNeeded()
    const pin = await page.locator('.pinned').first().boundingBox()
    await page.mouse.move(pin.x + 15, pin.y + 15)
    await page.mouse.down()
    await page.mouse.move(pin.x + 40, pin.y + 35, { steps: 4 })
    await page.mouse.up()
    await page.locator('#move-result #moved, #move-result .notice').waitFor()

    const certificate = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Zertifikat (der Beweis)' }).click()
    assert.match((await certificate).suggestedFilename(), /^siting-.*-certificate\.json$/)
    const report = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Bericht als PDF' }).click()
    assert.match((await report).suggestedFilename(), /\.pdf$/)

    await page.getByRole('button', { name: 'Preis ausrechnen' }).click()
    await page.waitForURL((url) => url.href !== address)
    await ended()
    assert.match(await page.locator('.answer').innerText(), /Muss .* dabei sein|kostet nichts/)
    await page.locator('nav.crumbs a').last().click()
    await page.getByRole('button', { name: 'Ins Archiv legen' }).click()
    await page.getByText('liegt im Archiv').waitFor()
    assert.deepEqual(problems, [])
    await context.close()
  })
})
