// Island: the map page. The list beside the map is the truth: its entries give
// titles, points and the text of the panel, in the language of the page. The
// map adds lines and areas from the town's GeoJSON, matched by feature id.
import type { Feature, FeatureCollection } from 'geojson'
import { Map as MapLibre, NavigationControl } from 'maplibre-gl'
import { boundsOf, boxOf, calm, fetchGeoJSON, loaded, locale, parseBox, say } from './data'
import { colour, districtLayers, emptyStyle, fontsReady, groundLayers, pointLayers, sign, siteLayers } from './style'

const layerIDs = ['districts', 'construction-sites', 'rooms', 'stops'] as const
type LayerID = (typeof layerIDs)[number]

const empty: FeatureCollection = { type: 'FeatureCollection', features: [] }
const wide = matchMedia('(min-width: 64rem)')

/** One element of the list. */
interface Entry {
  layer: LayerID
  id: string
  el: HTMLDetailsElement
  feature?: Feature
}

const key = (layer: string, id: string): string => `${layer}/${id}`

function readEntries(): Map<string, Entry> {
  const all = new Map<string, Entry>()
  for (const section of document.querySelectorAll<HTMLElement>('[data-layer]')) {
    const layer = layerIDs.find((id) => id === section.dataset['layer'])
    if (!layer) continue
    for (const el of section.querySelectorAll<HTMLDetailsElement>('details.entry')) {
      const id = el.dataset['id'] ?? ''
      all.set(key(layer, id), { layer, id, el })
    }
  }
  return all
}

/** The points of a layer, from the list. */
function points(entries: Map<string, Entry>, layer: LayerID): FeatureCollection {
  const features: Feature[] = []
  for (const e of entries.values()) {
    const lon = Number(e.el.dataset['lon'])
    const lat = Number(e.el.dataset['lat'])
    if (e.layer !== layer || !Number.isFinite(lon) || !Number.isFinite(lat) || (lon === 0 && lat === 0)) continue
    const impact = e.el.dataset['impact'] || 'partial'
    features.push({
      type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] },
      properties: {
        '#id': e.id, '#title': e.el.dataset['title'] ?? '', '#sign': layer === 'construction-sites' ? `site-${impact}` : layer,
        '#order': impact === 'full' ? 2 : impact === 'partial' ? 1 : 0,
      },
    })
  }
  return { type: 'FeatureCollection', features }
}

/** Gives fetched features what the style needs from their entries. A feature
 *  without an entry is left out: the map never shows what the list has not. */
function matched(entries: Map<string, Entry>, layer: LayerID, fetched: FeatureCollection): FeatureCollection {
  const features: Feature[] = []
  for (const f of fetched.features) {
    const entry = entries.get(key(layer, String(f.id ?? f.properties?.['id'] ?? '')))
    if (!entry) continue
    entry.feature = f
    features.push({
      ...f,
      properties: {
        '#': features.length, '#id': entry.id, '#title': entry.el.dataset['title'] ?? '',
        impact: entry.el.dataset['impact'] || 'partial',
      },
    })
  }
  return { type: 'FeatureCollection', features }
}

/** The map and what it shows now. */
class TownMap {
  readonly map: MapLibre
  readonly entries = readEntries()
  private selected: Entry | undefined
  private opener: HTMLElement | undefined

  constructor(private readonly el: HTMLElement, private readonly panel: HTMLElement, private readonly panelBody: HTMLElement) {
    const box = parseBox(el.dataset['bounds'])
    this.map = new MapLibre({
      container: el, style: emptyStyle(), locale: locale(el), attributionControl: false,
      dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 8, maxZoom: 19,
      ...(box ? { bounds: boundsOf(box), fitBoundsOptions: { padding: 16 } } : {}),
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-left')
  }

  /** Loads everything; a source that fails costs its layer, not the map. */
  async start(): Promise<void> {
    const [ground, areas] = [['neighbours', 'municipality'], ['districts', 'construction-sites']] as const
    const urls = new Map<string, string>()
    for (const id of ground) urls.set(id, this.el.dataset[id] ?? '')
    for (const id of areas) urls.set(id, this.checkbox(id)?.dataset['items'] ?? '')
    let failed = false
    const fetched = new Map<string, FeatureCollection>()
    const fetches = [...urls].map(async ([id, url]) => {
      try {
        fetched.set(id, url ? await fetchGeoJSON(url) : empty)
      } catch {
        failed = true
        fetched.set(id, empty)
      }
    })
    await Promise.all([...fetches, fontsReady(), loaded(this.map)])
    for (const id of ground) this.map.addSource(id, { type: 'geojson', data: fetched.get(id) ?? empty })
    for (const id of areas) this.map.addSource(id, { type: 'geojson', data: matched(this.entries, id, fetched.get(id) ?? empty) })
    for (const id of layerIDs) {
      this.map.addSource(`${id}-points`, { type: 'geojson', data: points(this.entries, id) })
    }
    this.draw()
    this.listen()
    if (failed) say(this.el, this.el.dataset['partly'])
    this.open(decodeURIComponent(location.hash.slice(1)) || this.el.dataset['selected'] || '')
    this.map.once('idle', () => { this.el.dataset['ready'] = 'true' })
  }

  private draw(): void {
    const signs: [string, ReturnType<typeof sign>][] = [
      ['site-full', sign('diamond', '×', colour('full'))],
      ['site-partial', sign('diamond', '!', colour('partial'))],
      ['site-none', sign('diamond', '·', colour('none'))],
      ['stops', sign('disc', 'S', colour('stops'))],
      ['rooms', sign('square', 'R', colour('rooms'))],
    ]
    for (const [name, s] of signs) this.map.addImage(name, s.image, { pixelRatio: s.ratio })
    const layers = [...groundLayers(), ...districtLayers(), ...siteLayers(), ...['construction-sites', 'rooms', 'stops'].flatMap((id) => pointLayers(`${id}-points`))]
    for (const layer of layers) this.map.addLayer(layer)
    for (const id of layerIDs) this.toggle(id, this.checkbox(id)?.checked ?? false)
  }

  private checkbox(layer: string): HTMLInputElement | null {
    return document.querySelector<HTMLInputElement>(`#layer-${layer}`)
  }

  private listen(): void {
    for (const id of layerIDs) {
      this.checkbox(id)?.addEventListener('change', (event) => {
        this.toggle(id, (event.target as HTMLInputElement).checked)
        this.remember()
      })
    }
    for (const e of this.entries.values()) {
      e.el.querySelector('summary')?.addEventListener('click', (event) => this.choose(event, e))
    }
    this.panel.querySelector('.panel__close')?.addEventListener('click', () => this.close())
    document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !this.panel.hidden) this.close() })
    this.map.on('click', (event) => this.pick(event.point))
    this.map.on('mousemove', (event) => { this.map.getCanvas().style.cursor = this.under(event.point, 4) ? 'pointer' : '' })
  }

  /** A person chose an entry in the list: on a wide screen it is shown in the
   *  panel on the map, on a narrow one it opens where it is. */
  private choose(event: Event, entry: Entry): void {
    if (wide.matches) {
      event.preventDefault()
      this.opener = event.currentTarget as HTMLElement
      this.select(entry)
      this.show(entry, true)
    } else if (!entry.el.open) {
      this.close()
      this.select(entry)
    }
  }

  /** The entry under a point of the screen; signs win over lines over areas. */
  private under(at: { x: number; y: number }, reach: number): Entry | undefined {
    const hits = this.map.queryRenderedFeatures([[at.x - reach, at.y - reach], [at.x + reach, at.y + reach]])
    const rank = (id: string): number => (id.endsWith('-sign') ? 0 : id.startsWith('construction-sites') ? 1 : 2)
    hits.sort((a, b) => rank(a.layer.id) - rank(b.layer.id))
    for (const hit of hits) {
      const entry = this.entries.get(key(String(hit.source).replace(/-points$/, ''), String(hit.properties['#id'] ?? '')))
      if (entry) return entry
    }
    return undefined
  }

  private pick(at: { x: number; y: number }): void {
    const entry = this.under(at, matchMedia('(pointer: coarse)').matches ? 16 : 6)
    if (!entry) return this.close()
    this.opener = this.map.getCanvas()
    this.select(entry, false)
    this.show(entry, true)
  }

  /** Opens what the address names: "<layer>/<id>". */
  private open(name: string): void {
    const entry = this.entries.get(name)
    if (!entry) return
    const box = this.checkbox(entry.layer)
    if (box && !box.checked) {
      box.checked = true
      this.toggle(entry.layer, true)
    }
    entry.el.open = !wide.matches
    this.select(entry)
    if (wide.matches) this.show(entry)
    this.reveal(entry)
  }

  /** Scrolls the list, on a wide screen without moving the page. */
  private reveal(entry: Entry): void {
    const list = entry.el.closest('.mappage__list')
    if (!wide.matches || !list) return entry.el.scrollIntoView({ block: 'start' })
    const [inner, outer] = [entry.el.getBoundingClientRect(), list.getBoundingClientRect()]
    list.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2
  }

  /** Marks an entry on the map and in the list and brings it into view. */
  private select(entry: Entry, move = true): void {
    this.selected?.el.classList.remove('selected')
    this.selected = entry
    entry.el.classList.add('selected')
    for (const [layer, kind] of [['districts-selected', 'districts'], ['construction-sites-selected', 'construction-sites'], ['construction-sites-points-ring', 'construction-sites'], ['rooms-points-ring', 'rooms'], ['stops-points-ring', 'stops']]) {
      this.map.setFilter(layer as string, ['==', ['get', '#id'], kind === entry.layer ? entry.id : ''])
    }
    if (move) this.moveTo(entry)
  }

  private moveTo(entry: Entry): void {
    const animate = !calm()
    const box = entry.feature ? boxOf([entry.feature.geometry]) : undefined
    const lon = Number(entry.el.dataset['lon'])
    const lat = Number(entry.el.dataset['lat'])
    const right = wide.matches ? Math.min(420, this.el.clientWidth / 2) : 32
    if (box) this.map.fitBounds(boundsOf(box), { padding: { top: 48, bottom: 48, left: 48, right }, maxZoom: 15, animate })
    else if (lon || lat) this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), 14), animate })
  }

  /** Shows an entry's text in the panel. */
  private show(entry: Entry, focus = false): void {
    if (!focus) this.opener = entry.el.querySelector('summary') ?? undefined // nobody clicked: the address named it
    const heading = document.createElement('h2')
    heading.className = 'kern-heading-small'
    heading.textContent = entry.el.dataset['title'] ?? ''
    const parts: Node[] = [heading]
    const line = entry.el.querySelector('.entry__line')
    if (line) parts.push(line.cloneNode(true))
    for (const node of entry.el.querySelector('.entry__body')?.childNodes ?? []) parts.push(node.cloneNode(true))
    this.panelBody.replaceChildren(...parts)
    this.panel.hidden = false
    this.panel.scrollTop = 0
    if (focus) this.panel.focus({ preventScroll: true })
  }

  private close(): void {
    if (this.panel.hidden) return
    const inside = this.panel.contains(document.activeElement)
    this.panel.hidden = true
    if (inside) this.opener?.focus({ preventScroll: true })
  }

  private toggle(layer: LayerID, on: boolean): void {
    for (const { id } of this.map.getStyle().layers) {
      const own = layer === 'construction-sites' ? id.startsWith('construction-sites') : id.startsWith(`${layer}-`)
      if (own) this.map.setLayoutProperty(id, 'visibility', on ? 'visible' : 'none')
    }
    const section = document.getElementById(`entries-${layer}`)
    if (section) section.hidden = !on
  }

  /** The address says what is shown, so that it can be passed on. */
  private remember(): void {
    const query = new URLSearchParams(location.search)
    query.delete('ebene')
    for (const id of layerIDs) if (this.checkbox(id)?.checked) query.append('ebene', id)
    history.replaceState(null, '', `${location.pathname}?${query}`)
  }
}

const el = document.getElementById('map')
const panel = document.getElementById('panel')
const body = document.getElementById('panel-body')
if (el && panel && body) {
  document.documentElement.classList.add('live')
  try {
    new TownMap(el, panel, body).start().catch(() => say(el, el.dataset['failed']))
  } catch {
    say(el, el.dataset['failed']) // no WebGL
  }
}
