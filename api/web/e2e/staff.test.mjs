// The staff's pages: accessible in both languages on a phone and on a desk, and
// of use without JavaScript. Of a whole running town they are closed: there the
// test holds that who has not signed in is led to the sign-in.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, base, desktop, inLanguage, launch, phone, visit } from './browser.mjs'

let browser, open
before(async () => {
  browser = await launch()
  const answer = await fetch(base + '/dienst/tag', { redirect: 'manual', headers: { Accept: 'text/html' } })
  open = answer.status === 200
})
after(async () => { await browser?.close() })

const closed = ['/dienst/tag', '/dienst/buchen', '/dienst/termin/K7M42Q9X', '/dienst/infotheke', '/dienst/pforte', '/dienst/berichte']
const states = ['/dienst/tag?leer=1', '/dienst/buchen?anliegen=reisepass', '/dienst/buchen?anliegen=nichts', '/dienst/termin/K7M42Q9X/verschieben', '/dienst/infotheke?nummer=K7M42Q9X',
  '/dienst/pforte?modus=orientierung', '/dienst/anzeige?leer=1', '/dienst/berichte?leer=1']

async function inspect(path) {
  const { context, page, problems } = await visit(browser, { viewport: desktop })
  try {
    const answer = await page.goto(base + path)
    if (answer.status() !== 200) problems.push(`HTTP ${answer.status()}`)
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

describe('staff', () => {
  test('pages are accessible, or closed', async (t) => {
    if (!open) {
      for (const path of closed) {
        const answer = await fetch(base + path, { redirect: 'manual', headers: { Accept: 'text/html' } })
        assert.equal(answer.status, 303, path)
        assert.match(answer.headers.get('location'), /^\/dienst\/anmelden\?weiter=/, path)
      }
    }
    for (const path of open ? [...closed, '/dienst/anzeige', ...states] : ['/dienst/anzeige']) {
      for (const lang of ['de', 'en']) {
        const target = inLanguage(path, lang)
        await t.test(target, async () => assert.deepEqual(await inspect(target), []))
      }
    }
  })

  test('what a clerk presses is a form, without JavaScript', async () => {
    const { context, page } = await visit(browser, { javaScriptEnabled: false })
    await page.goto(base + '/dienst/tag')
    const posts = page.locator('form[method=post]')
    assert.ok(await posts.count() > 0)
    for (const form of await posts.all()) assert.ok(await form.locator('button[type=submit]').count() > 0)
    await context.close()
  })

  test('the screen keeps itself fresh and shows numbers and rooms alone', async () => {
    const { context, page, problems } = await visit(browser)
    await page.goto(base + '/dienst/anzeige')
    await page.waitForRequest((r) => r.url() === base + '/dienst/anzeige' && r.resourceType() === 'fetch', { timeout: 30000 })
    for (const cell of await page.locator('.screen__calls td:first-child').allTextContents()) assert.match(cell, /^[A-Z]-\d{3,}$|^[0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4}$/)
    assert.deepEqual(problems, [])
    await context.close()
  })
})
