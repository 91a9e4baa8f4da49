// GeoJSON over HTTP, checked and measured: what all maps of the pages share.
import type { Feature, FeatureCollection, Geometry, Position } from 'geojson'
import type { LngLatBoundsLike, Map as MapLibre } from 'maplibre-gl'

export type Box = [west: number, south: number, east: number, north: number]

/** Fetches GeoJSON; a single feature becomes a collection of one. */
export async function fetchGeoJSON(url: string): Promise<FeatureCollection> {
  const answer = await fetch(url, { headers: { Accept: 'application/geo+json' } })
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`)
  const doc = (await answer.json()) as Feature | FeatureCollection
  const features = doc.type === 'FeatureCollection' ? doc.features : [doc]
  return { type: 'FeatureCollection', features: features.filter((f) => f?.type === 'Feature' && f.geometry) }
}

/** Reads "west,south,east,north"; undefined when it is not four numbers. */
export function parseBox(text: string | undefined): Box | undefined {
  const n = (text ?? '').split(',').map(Number)
  if (n.length !== 4 || !n.every(Number.isFinite) || n.every((v) => v === 0)) return undefined
  return n as Box
}

/** The smallest box around geometries; undefined when there is no position. */
export function boxOf(geometries: Iterable<Geometry>): Box | undefined {
  let box: Box | undefined
  const add = ([x, y]: Position): void => {
    if (x === undefined || y === undefined) return
    box = box ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)] : [x, y, x, y]
  }
  const walk = (c: unknown): void => {
    if (!Array.isArray(c)) return
    if (typeof c[0] === 'number') add(c as Position)
    else c.forEach(walk)
  }
  const visit = (g: Geometry): void => (g.type === 'GeometryCollection' ? g.geometries.forEach(visit) : walk(g.coordinates))
  for (const g of geometries) visit(g)
  return box
}

export function boundsOf(b: Box): LngLatBoundsLike {
  return [[b[0], b[1]], [b[2], b[3]]]
}

/** The sentences a map says, from the data attributes of its element. */
export function locale(el: HTMLElement): Record<string, string> {
  const d = el.dataset
  return {
    'Map.Title': d['canvas'] ?? '',
    'NavigationControl.ZoomIn': d['zoomin'] ?? '',
    'NavigationControl.ZoomOut': d['zoomout'] ?? '',
    'CooperativeGesturesHandler.MobileHelpText': d['twofingers'] ?? '',
    'CooperativeGesturesHandler.WindowsHelpText': d['ctrlscroll'] ?? '',
    'CooperativeGesturesHandler.MacHelpText': d['cmdscroll'] ?? '',
  }
}

/** Puts a sentence onto the map, for everybody to read. */
export function say(el: HTMLElement, sentence: string | undefined): void {
  const p = document.createElement('p')
  p.className = 'map__note'
  p.setAttribute('role', 'status')
  p.textContent = sentence ?? ''
  el.prepend(p)
}

/** Less movement for people who asked for it. */
export function calm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** Waits until the map can take sources and layers. */
export function loaded(map: MapLibre): Promise<void> {
  return new Promise((done) => { if (map.loaded()) done(); else map.once('load', () => done()) })
}
