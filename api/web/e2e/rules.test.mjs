// The stewards' page of jurisdictions: accessible in every state, a district given
// to a team by keyboard and on the map, an area drawn with and without a mouse.
// Of a whole running town the page is closed: there nothing of this is tried.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, base, desktop, inLanguage, launch, phone, visit } from './browser.mjs'

const path = '/dienst/zustaendigkeit'
const states = [path, `${path}?art=alphabetic`, `${path}?art=anyone`, `${path}?frage=1`, `${path}?art=alphabetic&probe=1`, `${path}?probe=auswahl`, `${path}?gebiet=neubau`]

let browser, open
before(async () => {
  browser = await launch()
  open = (await fetch(base + path, { redirect: 'manual', headers: { Accept: 'text/html' } })).status === 200
})
after(async () => { await browser?.close() })

const ready = (page) => page.waitForFunction(() => document.querySelector('#rulemap')?.dataset.ready === 'true', undefined, { timeout: 60000 })

// Opens the page with its map drawn. The fixtures cannot check a form: the answer
// to one is given here, as the server would give it.
async function editor(options) {
  const seen = await visit(browser, options)
  seen.posted = []
  await seen.page.route(`**${path}`, async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    seen.posted.push(new URLSearchParams(route.request().postData()))
    const answer = await fetch(base + path)
    await route.fulfill({ status: 200, contentType: 'text/html', body: (await answer.text()).replace('Im Team B4 ist niemand', 'Neu geprüft: im Team B4 ist niemand') })
  })
  await seen.page.goto(base + path)
  await ready(seen.page)
  return seen
}

describe('jurisdiction', () => {
  test('every state is accessible', async (t) => {
    if (!open) {
      const answer = await fetch(base + path, { redirect: 'manual', headers: { Accept: 'text/html' } })
      assert.equal(answer.status, 303)
      return
    }
    for (const state of states) {
      for (const lang of ['de', 'en']) {
        await t.test(inLanguage(state, lang), async () => {
          const { context, page, problems } = await visit(browser)
          await page.goto(base + inLanguage(state, lang))
          if (await page.locator('#rulemap').count()) await ready(page)
          for (const viewport of [desktop, phone]) {
            await page.setViewportSize(viewport)
            const [inside, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
            if (inside > shown) problems.push(`${viewport.width}: scrolls sideways, ${inside} > ${shown} px`)
            problems.push(...(await axe(page)).map((p) => `${viewport.width}: ${p}`))
          }
          await context.close()
          assert.deepEqual(problems, [])
        })
      }
    }
    const dark = await visit(browser, { colorScheme: 'dark' })
    await dark.page.goto(base + `${path}?art=alphabetic`)
    assert.deepEqual(await axe(dark.page), [])
    await dark.context.close()
  })

  test('a district is given to a team by keyboard, and the change is checked at once', async () => {
    if (!open) return
    const { context, page, posted, problems } = await editor()
    const select = page.locator('#d-01')
    await select.focus()
    assert.ok(await page.locator('tr.on #d-01').count(), 'the row is marked')
    const before = await select.inputValue()
    await page.keyboard.press('ArrowDown')
    assert.notEqual(await select.inputValue(), before)
    await page.getByText('Neu geprüft: im Team B4 ist niemand').waitFor()
    assert.equal(posted[0].get('schritt'), 'pruefen')
    assert.equal(posted[0].get('stadtteil-01'), await select.inputValue())
    assert.equal(await page.evaluate(() => document.activeElement.id), 'd-01', 'the focus stays')
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('a district is given to a team on the map', async () => {
    if (!open) return
    for (const viewport of [desktop, phone]) {
      const { context, page, posted, problems } = await editor({ viewport })
      await page.locator('#rulemap').scrollIntoViewIfNeeded()
      const box = await page.locator('#rulemap canvas').boundingBox()
      await page.mouse.click(box.x + box.width * 0.42, box.y + box.height * 0.4)
      await page.locator('#chosen').waitFor()
      const name = await page.locator('#chosen-name').innerText()
      assert.match(name, /\(\d\d\)/, 'the district is named')
      const code = name.match(/\((\d\d)\)/)[1]
      const team = (await page.locator(`#d-${code}`).inputValue()) === 'b3' ? 'b2' : 'b3'
      await page.locator('#chosen-team').selectOption(team)
      assert.equal(await page.locator(`#d-${code}`).inputValue(), team)
      await page.getByText('Neu geprüft: im Team B4 ist niemand').waitFor()
      assert.equal(posted.at(-1).get(`stadtteil-${code}`), team)
      await page.keyboard.press('Escape')
      assert.ok(!await page.locator('#chosen').isVisible())
      problems.push(...await axe(page))
      assert.deepEqual(problems, [])
      await context.close()
    }
  })

  test('a point of the map can be tried out', async () => {
    if (!open) return
    const { context, page } = await editor()
    await page.locator('#rulemap').scrollIntoViewIfNeeded()
    const box = await page.locator('#rulemap canvas').boundingBox()
    await page.mouse.click(box.x + box.width * 0.45, box.y + box.height * 0.4)
    await page.locator('#chosen-try').click()
    assert.match(await page.locator('#t-lon').inputValue(), /^8\.\d+$/)
    assert.match(await page.locator('#t-lat').inputValue(), /^5[12]\.\d+$/)
    assert.equal(await page.evaluate(() => document.activeElement.type), 'submit')
    await context.close()
  })

  test('an area is drawn with the mouse, and with the keyboard alone', async () => {
    if (!open) return
    const { context, page, problems } = await editor()
    const shape = async () => JSON.parse(await page.locator('#a-shape').inputValue())
    await page.locator('#draw').click()
    const box = await page.locator('#rulemap canvas').boundingBox()
    for (const [x, y] of [[0.2, 0.3], [0.4, 0.3], [0.4, 0.6], [0.2, 0.6]]) await page.mouse.click(box.x + box.width * x, box.y + box.height * y)
    assert.match(await page.locator('#pen-corners').innerText(), /4/)
    await page.locator('#pen-undo').click()
    problems.push(...await axe(page))
    await page.locator('#pen-finish').click()
    let drawn = await shape()
    assert.equal(drawn.type, 'Polygon')
    assert.equal(drawn.coordinates[0].length, 4)
    assert.deepEqual(drawn.coordinates[0][0], drawn.coordinates[0][3])
    assert.equal(await page.evaluate(() => document.activeElement.id), 'a-name')

    await page.locator('#draw').focus()
    await page.keyboard.press('Enter')
    assert.ok(await page.locator('#pen-finish').isDisabled())
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft']) {
      await page.locator('#pen-corner').focus()
      await page.keyboard.press('Enter')
      await page.locator('#rulemap canvas').focus()
      await page.keyboard.press(key) // moves at once: the browser asks for less motion
    }
    await page.locator('#pen-finish').focus()
    await page.keyboard.press('Enter')
    drawn = await shape()
    assert.equal(new Set(drawn.coordinates[0].map(String)).size, 3, 'three corners apart')
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('without JavaScript the table and the buttons do it', async () => {
    if (!open) return
    const { context, page } = await visit(browser, { javaScriptEnabled: false })
    await page.goto(base + path)
    assert.ok(!await page.locator('#draw').isVisible())
    assert.ok(await page.locator('#d-01').isVisible())
    assert.equal(await page.locator('#rules-form button[type=submit]').count(), 2)
    await context.close()
  })
})
