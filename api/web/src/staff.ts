// Keeps what the element with data-fresh shows up to date, every so many
// seconds: the screen in the waiting room, and the gate's list, where nothing is
// replaced while somebody types. Without this the page is as old as it says.

const element = document.querySelector<HTMLElement>('[data-fresh]')

function typing(at: HTMLElement): boolean {
  if (at.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement) return true
  return [...at.querySelectorAll('input')].some((input) => input.type !== 'hidden' && input.value !== '')
}

async function refresh(at: HTMLElement): Promise<void> {
  if (typing(at)) return
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: 'text/html' }, cache: 'no-store' })
  if (answer.redirected) {
    location.reload() // signed out: nothing of the list stays on the screen
    return
  }
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const fresh = page.querySelector('[data-fresh]')
  if (fresh && !typing(at)) at.replaceChildren(...fresh.childNodes)
}

if (element) {
  const seconds = Number(element.dataset.fresh)
  setInterval(() => {
    // A server that is away for a moment: the next time will do.
    refresh(element).catch(() => undefined)
  }, seconds * 1000)
}
