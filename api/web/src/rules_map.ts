// The map of jurisdictions: districts in the tone and with the label of the team
// that the form names, drawn areas dashed, holes hatched, doubles striped.
import type { Feature, FeatureCollection } from 'geojson'
import { Map as MapLibre, NavigationControl } from 'maplibre-gl'
import type { GeoJSONSource } from 'maplibre-gl'
import { boundsOf, calm, fetchGeoJSON, loaded, locale, parseBox, say } from './data'
import { pen } from './rules_pen'
import { colour, emptyStyle, fontsReady, outlineLayers } from './style'

interface Data {
  teams: Record<string, { label: string; colour: number }>
  areas: Feature[]
  findings: Feature[]
}

export interface RuleMap {
  /** Colours the districts as the form says now. */
  recolour(): void
  /** Draws areas and findings anew. */
  redraw(): void
}

const byID = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#888888'

function data(): Data {
  return JSON.parse(byID('rulemap-data').textContent ?? '{}') as Data
}

/** A repeating picture: slanted lines for holes, level ones for doubles. */
function pattern(line: string, slanted: boolean): ImageData {
  const size = 16
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const ink = canvas.getContext('2d')
  if (!ink) return new ImageData(size, size)
  ink.strokeStyle = line
  ink.lineWidth = slanted ? 4 : 7
  const paths = slanted ? [[-4, 4, 4, -4], [0, 16, 16, 0], [12, 20, 20, 12]] : [[0, 8, 16, 8]]
  for (const [x, y, toX, toY] of paths as [number, number, number, number][]) {
    ink.beginPath()
    ink.moveTo(x, y)
    ink.lineTo(toX, toY)
    ink.stroke()
  }
  return ink.getImageData(0, 0, size, size)
}

class Jurisdictions implements RuleMap {
  private readonly map: MapLibre
  private districts: Feature[] = []
  private ready = false
  private chosen = ''
  private at: [number, number] = [0, 0]

  constructor(private readonly el: HTMLElement, private readonly form: HTMLFormElement) {
    const box = parseBox(el.dataset['bounds'])
    this.map = new MapLibre({
      container: el, style: emptyStyle(), locale: locale(el), attributionControl: false, cooperativeGestures: true,
      dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 8, maxZoom: 19,
      ...(box ? { bounds: boundsOf(box), fitBoundsOptions: { padding: 16 } } : {}),
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-left')
  }

  async start(): Promise<void> {
    const [ground, districts] = [this.el.dataset['municipality'], this.el.dataset['districts']]
    const [outline, found] = await Promise.all([
      ground ? fetchGeoJSON(ground).catch(() => undefined) : undefined,
      districts ? fetchGeoJSON(districts) : undefined, fontsReady(), loaded(this.map)])
    this.districts = found?.features ?? []
    this.map.addSource('municipality', { type: 'geojson', data: outline ?? collection([]) })
    for (const id of ['teams', 'labels', 'areas', 'findings']) this.map.addSource(id, { type: 'geojson', data: collection([]) })
    this.map.addImage('hole', pattern(css('hole-line'), true))
    this.map.addImage('overlap', pattern(css('double-line'), false))
    for (const layer of outlineLayers()) this.map.addLayer(layer)
    this.addLayers()
    this.ready = true
    this.recolour()
    this.redraw()
    this.listen()
    this.map.once('idle', () => { this.el.dataset['ready'] = 'true' })
  }

  private addLayers(): void {
    const line = { 'line-color': colour('text'), 'line-width': 1 }
    const halo = { 'text-color': colour('text'), 'text-halo-color': colour('halo'), 'text-halo-width': 1.5 }
    this.map.addLayer({ id: 'teams-fill', type: 'fill', source: 'teams', paint: { 'fill-color': ['get', 'tone'], 'fill-opacity': 0.85 } })
    this.map.addLayer({ id: 'teams-line', type: 'line', source: 'teams', paint: line })
    this.map.addLayer({ id: 'areas-fill', type: 'fill', source: 'areas', filter: ['!=', ['get', 'tone'], ''], paint: { 'fill-color': ['get', 'tone'], 'fill-opacity': 0.9 } })
    this.map.addLayer({ id: 'areas-line', type: 'line', source: 'areas', paint: { 'line-color': colour('text'), 'line-width': 2.5, 'line-dasharray': [2, 1.5] } })
    for (const kind of ['hole', 'overlap']) {
      const paint = { 'line-color': css(kind === 'hole' ? 'hole-line' : 'double-line'), 'line-width': 3 }
      this.map.addLayer({ id: `${kind}-fill`, type: 'fill', source: 'findings', filter: ['==', ['get', 'kind'], kind], paint: { 'fill-pattern': kind } })
      this.map.addLayer({ id: `${kind}-line`, type: 'line', source: 'findings', filter: ['==', ['get', 'kind'], kind], paint })
    }
    this.map.addLayer({ id: 'chosen-line', type: 'line', source: 'teams', filter: ['==', ['get', 'code'], ''], paint: { 'line-color': colour('selected'), 'line-width': 4 } })
    // The team is always said; names of districts wait for room.
    this.map.addLayer({ id: 'teams-name', type: 'symbol', source: 'labels', layout: { 'text-field': ['get', 'name'], 'text-font': ['Fira Sans'], 'text-size': 13, 'text-max-width': 8, 'text-anchor': 'top', 'text-offset': [0, 0.85], 'text-padding': 0 }, paint: halo })
    this.map.addLayer({ id: 'teams-label', type: 'symbol', source: 'labels', layout: { 'text-field': ['get', 'label'], 'text-font': ['Fira Sans SemiBold'], 'text-size': 15, 'text-max-width': 8, 'text-padding': 0, 'text-allow-overlap': true }, paint: halo })
  }

  private select(code: string): HTMLSelectElement | null {
    return this.form.querySelector<HTMLSelectElement>(`select[data-district="${CSS.escape(code)}"]`)
  }

  private source(id: string): GeoJSONSource | undefined {
    return this.map.getSource(id)
  }

  recolour(): void {
    if (!this.ready) return
    const teams = data().teams
    const features: Feature[] = []
    const labels: Feature[] = []
    for (const f of this.districts) {
      const code = String(f.properties?.['code'] ?? '')
      const select = this.select(code)
      const team = teams[select?.value ?? '']
      features.push({ ...f, properties: { code, tone: team ? css(`tone-${team.colour}`) : colour('inside') } })
      const middle = middleOf(f)
      if (middle) labels.push({ type: 'Feature', geometry: { type: 'Point', coordinates: middle }, properties: { label: team?.label ?? (select?.value === '=' ? '?' : '–'), name: String(f.properties?.['name'] ?? code) } })
    }
    this.source('teams')?.setData(collection(features))
    this.labels = labels
    this.drawLabels()
  }

  private labels: Feature[] = []

  private drawLabels(): void {
    const teams = data().teams
    const areas = data().areas.flatMap((f): Feature[] => {
      const middle = middleOf(f)
      const team = teams[String(f.properties?.['team'] ?? '')]
      return middle ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: middle }, properties: { label: team?.label ?? '–', name: String(f.properties?.['name'] ?? '') } }] : []
    })
    this.source('labels')?.setData(collection([...areas, ...this.labels]))
  }

  redraw(): void {
    if (!this.ready) return
    const { teams, areas, findings } = data()
    this.source('areas')?.setData(collection(areas.map((f) => {
      const team = teams[String(f.properties?.['team'] ?? '')]
      return { ...f, properties: { ...f.properties, tone: team ? css(`tone-${team.colour}`) : '' } }
    })))
    this.source('findings')?.setData(collection(findings))
    this.drawLabels()
  }

  private listen(): void {
    const drawing = pen(this.map)
    this.map.on('click', (event) => {
      if (drawing()) return
      const code = String(this.map.queryRenderedFeatures(event.point, { layers: ['teams-fill'] })[0]?.properties['code'] ?? '')
      this.choose(code, [event.lngLat.lng, event.lngLat.lat])
    })
    this.form.addEventListener('focusin', (event) => {
      const code = (event.target as HTMLElement).dataset['district']
      if (code) this.mark(code)
    })
    byID<HTMLSelectElement>('chosen-team').addEventListener('change', (event) => {
      const select = this.select(this.chosen)
      if (!select) return
      select.value = (event.target as HTMLSelectElement).value
      select.dispatchEvent(new Event('change', { bubbles: true }))
      byID('rulemap-status').textContent = this.el.dataset['changed'] ?? ''
    })
    byID('chosen-close').addEventListener('click', () => this.close())
    byID('chosen').addEventListener('keydown', (event) => { if (event.key === 'Escape') this.close() })
    byID('chosen-try').addEventListener('click', () => {
      const [lon, lat] = [byID<HTMLInputElement>('t-lon'), byID<HTMLInputElement>('t-lat')]
      lon.value = this.at[0].toFixed(6)
      lat.value = this.at[1].toFixed(6)
      byID<HTMLInputElement>('t-address').value = ''
      lon.form?.scrollIntoView({ block: 'center', behavior: calm() ? 'auto' : 'smooth' })
      lon.form?.querySelector<HTMLButtonElement>('button[type=submit]')?.focus({ preventScroll: true })
    })
  }

  private mark(code: string): void {
    this.map.setFilter('chosen-line', ['==', ['get', 'code'], code])
    for (const row of this.form.querySelectorAll('.districts tr')) row.classList.toggle('on', row.querySelector('select')?.dataset['district'] === code)
  }

  private choose(code: string, at: [number, number]): void {
    this.chosen = code
    this.at = at
    this.mark(code)
    const select = this.select(code)
    const own = byID<HTMLSelectElement>('chosen-team')
    own.replaceChildren(...[...(select?.options ?? [])].map((o) => o.cloneNode(true)))
    if (select) own.value = select.value
    byID('chosen-field').hidden = !select
    byID('chosen-name').textContent = select?.labels[0]?.textContent?.trim() ?? `${at[1].toFixed(5)}, ${at[0].toFixed(5)}`
    byID('chosen').hidden = false
    if (select) own.focus({ preventScroll: true })
    else byID('chosen-try').focus({ preventScroll: true })
  }

  private close(): void {
    byID('chosen').hidden = true
    this.mark('')
    this.map.getCanvas().focus({ preventScroll: true })
  }
}

/** The middle of the longest ring, where it is widest: good enough for a label. */
function middleOf(f: Feature): [number, number] | undefined {
  const rings = f.geometry.type === 'Polygon' ? [f.geometry.coordinates[0] ?? []] : f.geometry.type === 'MultiPolygon' ? f.geometry.coordinates.map((p) => p[0] ?? []) : []
  const ring = rings.sort((a, b) => b.length - a.length)[0] ?? []
  let [area, x, y] = [0, 0, 0]
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i] ?? []
    const [bx = 0, by = 0] = ring[i + 1] ?? []
    const cross = ax * by - bx * ay
    area += cross
    x += (ax + bx) * cross
    y += (ay + by) * cross
  }
  return area === 0 ? undefined : [x / (3 * area), y / (3 * area)]
}

export function show(el: HTMLElement, form: HTMLFormElement): RuleMap | undefined {
  try {
    const map = new Jurisdictions(el, form)
    map.start().catch(() => say(el, el.dataset['failed']))
    return map
  } catch {
    say(el, el.dataset['failed']) // no WebGL
    return undefined
  }
}
