// Starts Debian's Chromium for the tests of this folder. The address of the
// running program comes from ORTSNAH_URL.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const base = (process.env.ORTSNAH_URL ?? '').replace(/\/$/, '')
export const phone = { width: 390, height: 844 }
export const desktop = { width: 1440, height: 900 }

export async function launch() {
  if (!base) throw new Error('Set ORTSNAH_URL to the address of a running Ortsnah, for example http://127.0.0.1:8080')
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic',
      '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  })
}

// A page in a context of its own. `problems` collects what no page may do:
// errors on the console, failed requests, requests to anybody else.
export async function visit(browser, options = {}) {
  const context = await browser.newContext({ viewport: desktop, locale: 'de-DE', reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const problems = []
  page.on('console', (m) => { if (m.type() === 'error') problems.push(`console: ${m.text()} ${m.location().url ?? ''}`) })
  page.on('pageerror', (e) => problems.push(`script: ${e.message}`))
  page.on('requestfailed', (r) => { if (r.failure()?.errorText !== 'net::ERR_ABORTED') problems.push(`request: ${r.url()} ${r.failure()?.errorText}`) })
  page.on('request', (r) => { if (/^https?:/.test(r.url()) && !r.url().startsWith(base)) problems.push(`third party: ${r.url()}`) })
  return { context, page, problems }
}

// axe goes in through the debugger, because the page's policy forbids inline
// scripts. WCAG 2.2 A and AA and axe's best practices.
export async function axe(page) {
  await page.evaluate(axeSource)
  const result = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }))
  return result.violations.map((v) => `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? '')).join(' | ')}`)
}

// Maps are drawn when their element says so.
export async function mapsReady(page) {
  await page.waitForFunction(() => [...document.querySelectorAll('[data-preview], #map.map')].every((el) => el.dataset.ready === 'true' || el.querySelector('[role=status]')), undefined, { timeout: 30000 })
}

// In English pages live below /en, the API's HTML has lang=en.
export function inLanguage(path, lang) {
  if (lang === 'de') return path
  if (path.startsWith('/ogc')) return path + (path.includes('?') ? '&' : '?') + 'lang=en'
  return '/en' + path
}
