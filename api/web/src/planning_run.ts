// The map of a result: cells in the tone of their site, by demand or by time;
// pins that can be dragged, which asks the server what would change.
import type { Feature } from 'geojson'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import { Marker } from 'maplibre-gl'
import { collection, css, ground, pattern } from './planning_map'

/** A cell: centre, half a side in degrees, demand, site (−1: nobody), seconds. */
type Cell = [lon: number, lat: number, halfLon: number, halfLat: number, weight: number, site: number, seconds: number]
interface Site { n: number; id: string; name: string; lon: number; lat: number; tone: number; pattern: number; existing: boolean }
interface Data { cells: Cell[]; sites: Site[]; demand: number[]; ways: number[] }

type View = 'catchment' | 'demand' | 'way'

const step = (value: number, limits: number[]): number => {
  const at = limits.findIndex((limit) => value <= limit)
  return at < 0 ? limits.length : at
}

function squares(data: Data, view: View): Feature[] {
  const tones = Array.from({ length: 12 }, (_, i) => css(`tone-${i}`))
  const steps = Array.from({ length: 6 }, (_, i) => css(`step-${i}`))
  const nobody = css('none-cell')
  return data.cells.map(([x, y, dx, dy, weight, site, seconds]) => {
    const of = data.sites[site]
    const fill = view === 'demand' ? steps[step(weight, data.demand)] : !of ? nobody : view === 'way' ? steps[step(seconds, data.ways)] : tones[of.tone]
    return {
      type: 'Feature', geometry: { type: 'Polygon', coordinates: [[[x - dx, y - dy], [x + dx, y - dy], [x + dx, y + dy], [x - dx, y + dy], [x - dx, y - dy]]] },
      properties: { fill, pattern: view === 'catchment' && of ? of.pattern : 0, nobody: !of && view !== 'demand' },
    }
  })
}

class Result {
  private view: View = 'catchment'
  private readonly pins = new Map<string, { marker: Marker; site: Site }>()
  private latest = 0

  constructor(private readonly map: MapLibre, private readonly el: HTMLElement, private data: Data) {
    map.addSource('cells', { type: 'geojson', data: collection([]) })
    map.addImage('hatch', pattern(css('map-text'), true))
    map.addImage('stripe', pattern(css('map-text'), false))
    map.addLayer({ id: 'cells', type: 'fill', source: 'cells', paint: { 'fill-color': ['get', 'fill'], 'fill-antialias': false } }, 'municipality-line')
    map.addLayer({ id: 'cells-hatch', type: 'fill', source: 'cells', filter: ['==', ['get', 'pattern'], 1], paint: { 'fill-pattern': 'hatch' } }, 'municipality-line')
    map.addLayer({ id: 'cells-stripe', type: 'fill', source: 'cells', filter: ['==', ['get', 'pattern'], 2], paint: { 'fill-pattern': 'stripe' } }, 'municipality-line')
    map.addLayer({ id: 'cells-nobody', type: 'line', source: 'cells', filter: ['get', 'nobody'], paint: { 'line-color': css('none-line'), 'line-width': 1 } }, 'municipality-line')
    for (const site of data.sites) this.pin(site)
    this.draw()
    this.views()
  }

  private draw(): void {
    this.map.getSource<GeoJSONSource>('cells')?.setData(collection(squares(this.data, this.view)))
  }

  /** The links above the map change it in place; the server's drawing and
   *  legend follow. */
  private views(): void {
    for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-view]')) {
      if (link.getAttribute('aria-current')) this.view = link.dataset['view'] as View
      link.addEventListener('click', (event) => {
        event.preventDefault()
        this.view = link.dataset['view'] as View
        for (const other of document.querySelectorAll('[data-view]')) other.removeAttribute('aria-current')
        link.setAttribute('aria-current', 'true')
        this.draw()
        this.legend(link.href).catch(() => { location.href = link.href })
      })
    }
    this.draw()
  }

  private async legend(url: string): Promise<void> {
    const answer = await fetch(url, { headers: { Accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const [old, fresh] = [document.getElementById('picture'), page.getElementById('picture')]
    if (old && fresh) old.replaceChildren(...fresh.childNodes)
  }

  private pin(site: Site): void {
    const el = document.createElement('div')
    const free = this.el.dataset['move'] !== ''
    el.className = `pinned${free ? ' pinned--free' : ''}${site.existing ? ' pinned--existing' : ''}`
    el.textContent = String(site.n)
    el.title = site.name
    el.dataset['site'] = site.id
    const marker = new Marker({ element: el, draggable: free }).setLngLat([site.lon, site.lat]).addTo(this.map)
    // MapLibre makes a marker a picture named "Map marker": ours has a name.
    el.setAttribute('role', 'img')
    el.setAttribute('aria-label', `${site.n} ${site.name}`)
    marker.on('dragend', () => {
      el.classList.add('pinned--moved')
      const at = marker.getLngLat()
      this.move(site, at.lng, at.lat).catch(() => { location.href = this.address(site, at.lng, at.lat) })
    })
    this.pins.set(site.id, { marker, site })
  }

  private address(site: Site, lon: number, lat: number): string {
    return `${this.el.dataset['move']}?${new URLSearchParams({ standort: site.id, lon: lon.toFixed(6), lat: lat.toFixed(6) })}`
  }

  /** Shows what the server says about the moved pin: the figures beside the
   *  old ones, and its cells on the map. One pin is moved at a time. */
  private async move(site: Site, lon: number, lat: number): Promise<void> {
    const mine = ++this.latest
    const answer = await fetch(this.address(site, lon, lat), { headers: { Accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (mine !== this.latest) return
    const place = document.getElementById('move-result')
    const fresh = page.getElementById('moved') ?? page.querySelector('.notice')
    if (place && fresh) {
      for (const drawing of fresh.querySelectorAll('.outcome__map')) drawing.remove() // the map shows it already
      place.replaceChildren(fresh)
      const heading = fresh.querySelector('h2')
      const status = document.getElementById('move-status')
      if (status) status.textContent = (heading ?? fresh).textContent
      if (heading) heading.outerHTML = `<h3 class="${heading.className}" id="${heading.id}"></h3>`
      const title = document.getElementById('moved-title')
      if (title && heading) title.textContent = heading.textContent
    }
    const data = page.getElementById('moved-data')?.textContent
    if (!data) return
    this.data = { ...this.data, ...(JSON.parse(data) as Partial<Data>) }
    for (const pin of this.pins.values()) {
      if (pin.site.id === site.id) continue
      pin.marker.setLngLat([pin.site.lon, pin.site.lat])
      pin.marker.getElement().classList.remove('pinned--moved')
    }
    this.draw()
  }
}

export async function run(el: HTMLElement): Promise<void> {
  const url = el.dataset['items'] ?? ''
  const [answer, map] = await Promise.all([fetch(url, { headers: { Accept: 'application/json' } }), ground(el)])
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`)
  new Result(map, el, (await answer.json()) as Data)
  map.once('idle', () => {
    el.dataset['ready'] = 'true'
    map.resize()
  })
}
