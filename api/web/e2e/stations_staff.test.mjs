// The staff's plan of the stations: accessible in every state, the map equal to
// the list, a place chosen with the mouse and with the keyboard, of use without
// JavaScript. Of a whole running town the pages are closed: there the test holds
// that who has not signed in is led to the sign-in.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, base, desktop, inLanguage, launch, phone, visit } from './browser.mjs'

const path = '/dienst/stationen'
const pages = [path, `${path}/standzeit`, `${path}/standzeit/tag`, `${path}/halte`, `${path}/halt`, `${path}/fuhrpark`, `${path}/station`, `${path}/koffer`]
const states = [`${path}?leer=1`, `${path}?lesen=1`, `${path}?schliessen=1`, `${path}/standzeit/tag?vorbei=1`, `${path}/standzeit/tag?vorbei=1&gezaehlt=1&lesen=1`, `${path}/standzeit?frage=1`, `${path}/standzeit?gut=1`, `${path}/standzeit/tag?abgesagt=1`, `${path}/standzeit/tag?lesen=1`, `${path}/halte?leer=1`,
  `${path}/halt?neu=1`, `${path}/halt?lesen=1`, `${path}/fuhrpark?leer=1`, `${path}/fuhrpark?lesen=1`, `${path}/station?neu=1`, `${path}/station?lesen=1`, `${path}/koffer?neu=1`]

let browser, open
before(async () => {
  browser = await launch()
  open = (await fetch(base + path, { redirect: 'manual', headers: { Accept: 'text/html' } })).status === 200
})
after(async () => { await browser?.close() })

const ready = (page) => page.waitForFunction(() => [...document.querySelectorAll('.map--stations')].every((el) => el.dataset.ready === 'true' || el.querySelector('[role=status]')), undefined, { timeout: 60000 })

describe('plan of the stations', () => {
  test('every state is accessible, or closed', async (t) => {
    if (!open) {
      for (const page of pages) {
        const answer = await fetch(base + page, { redirect: 'manual', headers: { Accept: 'text/html' } })
        assert.equal(answer.status, 303, page)
        assert.match(answer.headers.get('location'), /^\/dienst\/anmelden\?weiter=/, page)
      }
      return
    }
    for (const state of [...pages, ...states]) {
      for (const lang of ['de', 'en']) {
        await t.test(inLanguage(state, lang), async () => {
          const { context, page, problems } = await visit(browser)
          await page.goto(base + inLanguage(state, lang))
          await ready(page)
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
    for (const state of [path, `${path}/standzeit?frage=1`, `${path}/fuhrpark`]) {
      await dark.page.goto(base + state)
      assert.deepEqual(await axe(dark.page), [], state)
    }
    await dark.context.close()
  })

  test('the map shows what the list says, and leads to it', async () => {
    if (!open) return
    const { context, page, problems } = await visit(browser)
    await page.goto(base + path)
    await ready(page)
    const listed = await page.locator('#places [data-number]').evaluateAll((items) => items.map((i) => `${i.dataset.number}: ${i.querySelector('a').textContent}`))
    const drawn = await page.locator('#weekmap .mappin').evaluateAll((pins) => pins.map((p) => p.getAttribute('aria-label')))
    assert.ok(listed.length > 1)
    assert.deepEqual(drawn, listed)
    await page.locator('#weekmap .mappin').nth(2).focus()
    await page.keyboard.press('Enter')
    assert.ok(await page.locator('#place-3.place--on').count(), 'the entry is marked')
    assert.equal(await page.evaluate(() => document.activeElement.textContent), listed[2].slice(3), 'the focus is on its name')
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('a place is chosen by mouse and by keyboard', async () => {
    if (!open) return
    for (const viewport of [desktop, phone]) {
      const { context, page, problems } = await visit(browser, { viewport })
      await page.goto(base + `${path}/halt?neu=1`)
      await ready(page)
      const place = async () => [await page.locator('#f-lon').inputValue(), await page.locator('#f-lat').inputValue()]
      assert.deepEqual(await place(), ['', ''])
      await page.locator('#stopmap').scrollIntoViewIfNeeded()
      const box = await page.locator('#stopmap canvas').boundingBox()
      await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.4)
      const clicked = await place()
      assert.match(clicked[0], /^8\.\d{6}$/)
      assert.match(clicked[1], /^5[12]\.\d{6}$/)
      await page.locator('#stopmap canvas').focus()
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Enter')
      const moved = await place()
      assert.notDeepEqual(moved, clicked)
      assert.ok(page.url().endsWith('neu=1'), 'Enter on the map does not send the form')
      assert.deepEqual(problems, [])
      await context.close()
    }
  })

  test('a picture that only browsers read is sent as JPEG', async () => {
    if (!open) return
    const { context, page } = await visit(browser)
    await page.goto(base + `${path}/halt`)
    await ready(page)
    const webp = await page.evaluate(async () => {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = 80
      const blob = await new Promise((done) => canvas.toBlob(done, 'image/webp'))
      return [...new Uint8Array(await blob.arrayBuffer())]
    })
    await page.locator('#f-photo').setInputFiles({ name: 'foto.webp', mimeType: 'image/webp', buffer: Buffer.from(webp) })
    await page.waitForFunction(() => document.querySelector('#f-photo').files[0]?.type === 'image/jpeg')
    await context.close()
  })

  test('without JavaScript all of it is there', async () => {
    if (!open) return
    const { context, page } = await visit(browser, { javaScriptEnabled: false })
    await page.goto(base + path)
    assert.ok(await page.locator('table.weekplan').isVisible())
    assert.ok(await page.locator('#places li').count() > 1)
    for (const where of [`${path}/standzeit`, `${path}/standzeit/tag`, `${path}/halt`, `${path}/station`]) {
      await page.goto(base + where)
      for (const form of await page.locator('main form[method=post]').all()) assert.ok(await form.locator('button[type=submit]').count() > 0, where)
    }
    await page.goto(base + `${path}/standzeit`)
    await page.locator('#f-kind').selectOption('einmal')
    assert.ok(!await page.locator('#f-every').isVisible(), 'a single visit asks for no rhythm')
    await context.close()
  })
})
