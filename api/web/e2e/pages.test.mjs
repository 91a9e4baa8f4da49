// Every page, in both languages, on a phone and on a desk: accessible, no
// errors, nothing sticks out. Ids of real content are taken from the pages
// themselves, so that the tests run against any town.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, base, desktop, inLanguage, launch, mapsReady, phone, visit } from './browser.mjs'

let browser
before(async () => { browser = await launch() })
after(async () => { await browser?.close() })

const fixed = ['/', '/?q=pass', '/?q=xyzzyxyzzy', '/karte', '/karte?ebene=stops', '/baustellen', '/stationen', '/anliegen', '/daten',
  '/impressum', '/datenschutz', '/barrierefreiheit', '/ogc/', '/ogc/conformance', '/ogc/collections']

// The first link of a list page stands for all pages of its kind.
async function found() {
  const { context, page } = await visit(browser)
  const first = async (list, pattern) => {
    await page.goto(base + list)
    const href = await page.$$eval('main a[href]', (links, source) => links.map((a) => a.getAttribute('href')).find((h) => new RegExp(source).test(h)), pattern)
    assert.ok(href, `${list} has no link like ${pattern}`)
    return href
  }
  const paths = [
    await first('/baustellen', '^/baustellen/[^?]+$'), await first('/anliegen', '^/anliegen/[^?]+$'), await first('/daten', '^/daten/[^?]+$'),
    await first('/ogc/collections', '^/ogc/collections/[^/?]+'),
  ]
  const items = '/ogc/collections/construction-sites/items'
  paths.push('/daten/construction-sites', items, await first(items, '/items/[^?]+'))
  await context.close()
  return [...new Set(paths)]
}

// Opens path on a desk, then on a phone, and returns what is wrong with it.
async function inspect(path, wanted = 200) {
  const { context, page, problems } = await visit(browser, { viewport: desktop })
  try {
    const answer = await page.goto(base + path)
    if (answer.status() !== wanted) problems.push(`HTTP ${answer.status()}`)
    await mapsReady(page)
    for (const viewport of [desktop, phone]) {
      await page.setViewportSize(viewport)
      const [inside, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
      if (inside > shown) problems.push(`${viewport.width}: scrolls sideways, ${inside} > ${shown} px`)
      problems.push(...(await axe(page)).map((p) => `${viewport.width}: ${p}`))
    }
    return wanted === 200 ? problems : problems.filter((p) => !p.startsWith('console: Failed to load resource'))
  } finally {
    await context.close()
  }
}

describe('every page', () => {
  test('in both languages, on phone and desktop', async (t) => {
    for (const path of [...fixed, ...await found()]) {
      for (const lang of ['de', 'en']) {
        const target = inLanguage(path, lang)
        await t.test(target, async () => assert.deepEqual(await inspect(target), []))
      }
    }
  })

  test('what does not exist says so, accessibly', async () => {
    assert.deepEqual(await inspect('/gibt-es-nicht', 404), [])
    assert.deepEqual(await inspect('/en/daten/no-such-dataset', 404), [])
  })

  test('dark colours', async () => {
    for (const path of ['/', '/karte', '/daten/construction-sites', '/baustellen']) {
      const { context, page, problems } = await visit(browser, { colorScheme: 'dark' })
      await page.goto(base + path)
      await mapsReady(page)
      problems.push(...await axe(page))
      assert.deepEqual(problems, [], path)
      await context.close()
    }
  })
})
