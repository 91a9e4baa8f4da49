// Island: the planners' pages. The editor's table and the run's tables are the
// truth; the maps show them, and what is done on a map goes through their forms.
import { live } from './planning_live'
import { editor } from './planning_editor'
import { run } from './planning_run'
import { say } from './data'

document.documentElement.classList.add('live')
live()
const el = document.getElementById('planmap')
if (el) {
  try {
    const shown = el.dataset['kind'] === 'editor' ? editor(el) : run(el)
    shown.catch(() => failed(el))
  } catch {
    failed(el) // no WebGL
  }
}

/** The drawing of the server stays where there is one. */
function failed(el: HTMLElement): void {
  if (el.dataset['kind'] === 'run') el.remove()
  else say(el, el.dataset['failed'])
}
