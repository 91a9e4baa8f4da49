// A run that is not over: best, bound and gap as they come, and the gap as a
// curve. When it ends the page is loaded again and shows the result.
interface Progress {
  gap?: number
  known?: boolean
  seconds?: number
}

const plot = { left: 40, right: 590, top: 10, bottom: 130 }

/** Points of the curve: seconds and gap in per cent. */
function line(points: [number, number][]): string {
  const last = Math.max(points.at(-1)?.[0] ?? 1, 1)
  const most = Math.max(...points.map((p) => p[1]), 0.1)
  return points.map(([s, gap]) => {
    const x = plot.left + (s / last) * (plot.right - plot.left)
    const y = plot.bottom - (gap / most) * (plot.bottom - plot.top)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  }).join(' ')
}

export function live(): void {
  const el = document.getElementById('live-run')
  const url = el?.dataset['events']
  if (!el || !url) return
  const lang = document.documentElement.lang
  const percent = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 })
  const points: [number, number][] = []
  const put = (id: string, text: string): void => {
    const field = document.getElementById(id)
    if (field && field.textContent !== text) field.textContent = text
  }
  let asked = 0
  // What the numbers mean depends on the question: the server says it in words.
  const refresh = async (): Promise<void> => {
    const mine = ++asked
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } })
    if (!answer.ok || mine !== asked) return
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (!page.getElementById('live-run')) {
      location.reload()
      return
    }
    for (const id of ['live-step', 'live-best', 'live-bound', 'live-share']) put(id, page.getElementById(id)?.textContent ?? '')
  }
  let pending = 0
  const events = new EventSource(url)
  events.addEventListener('progress', (event) => {
    const p = JSON.parse((event as MessageEvent<string>).data) as Progress
    if (p.known) {
      const gap = (p.gap ?? 0) * 100
      points.push([p.seconds ?? 0, gap])
      put('live-gap', `${percent.format(gap)} %`)
      put('live-top', `${percent.format(Math.max(...points.map((q) => q[1])))} %`)
      document.getElementById('live-line')?.setAttribute('points', line(points))
    }
    put('live-seconds', `${percent.format(Math.round(p.seconds ?? 0))} s`)
    window.clearTimeout(pending)
    pending = window.setTimeout(() => { refresh().catch(() => undefined) }, 300)
  })
  events.addEventListener('end', () => {
    events.close()
    location.reload()
  })
  // A stream that cannot be had: ask now and then.
  events.addEventListener('error', () => {
    if (events.readyState === EventSource.CLOSED) window.setInterval(() => { refresh().catch(() => undefined) }, 3000)
  })
}
