// Island: the page of jurisdictions. The form is the truth: the map shows what its
// fields say, a choice on the map goes into them, and after every change the
// server checks the form without saving it.
import { show } from './rules_map'
import type { RuleMap } from './rules_map'

const form = document.querySelector<HTMLFormElement>('#rules-form')
let map: RuleMap | undefined
let latest = 0
let timer = 0

/** Asks the server what would be wrong, and shows it. */
async function check(of: HTMLFormElement): Promise<void> {
  const mine = ++latest
  const body = new URLSearchParams()
  for (const [name, value] of new FormData(of)) if (typeof value === 'string') body.append(name, value)
  body.set('schritt', 'pruefen')
  const answer = await fetch(of.action, { method: 'POST', body, headers: { Accept: 'text/html' } })
  if (mine !== latest) return // a later change is on its way
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const refused = page.querySelector('.notice')
  const notice = document.querySelector('.notice')
  if (notice) notice.remove()
  if (refused) {
    document.getElementById('findings')?.before(refused)
    return
  }
  for (const id of ['findings', 'letters', 'rulemap-data']) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)]
    if (old && fresh) old.replaceChildren(...fresh.childNodes)
    if (old && fresh) old.className = fresh.className
  }
  map?.redraw()
}

function changed(of: HTMLFormElement): void {
  map?.recolour()
  clearTimeout(timer)
  timer = window.setTimeout(() => {
    check(of).catch(() => undefined) // the server is away: saving will say so
  }, 250)
}

document.documentElement.classList.add('live')
if (form) {
  form.addEventListener('change', () => changed(form))
  const el = document.getElementById('rulemap')
  if (el) map = show(el, form)
}
