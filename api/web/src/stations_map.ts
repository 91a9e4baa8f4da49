// The map of stops: those of the page with their numbers, where the person is,
// and the construction sites of today.
import type { Feature, FeatureCollection } from 'geojson'
import { LngLatBounds, Map as MapLibre, Marker, NavigationControl } from 'maplibre-gl'
import { boundsOf, fetchGeoJSON, loaded, locale, parseBox } from './data'
import { emptyStyle, outlineLayers, siteLayers } from './style'

interface Spot { el: HTMLElement, lon: number, lat: number }

function spots(selector: string): Spot[] {
  return [...document.querySelectorAll<HTMLElement>(selector)]
    .map((el) => ({ el, lon: Number(el.dataset['lon']), lat: Number(el.dataset['lat']) }))
    .filter((s) => Number.isFinite(s.lon) && Number.isFinite(s.lat) && (s.lon !== 0 || s.lat !== 0))
}

/** Construction sites in force today, with the impact as the style names it. */
function today(all: FeatureCollection): FeatureCollection {
  const day = new Date().toLocaleDateString('sv-SE') // 2026-11-23
  const features: Feature[] = []
  for (const f of all.features) {
    const p = f.properties ?? {}
    const [from, to] = [String(p['start'] ?? '').slice(0, 10), String(p['end'] ?? '').slice(0, 10)]
    if (['cancelled', 'finished'].includes(String(p['status'])) || (from && from > day) || (to && to < day)) continue
    features.push({ ...f, properties: { impact: p['impact'] === 'closed' ? 'full' : p['impact'] === 'none' ? 'none' : 'partial' } })
  }
  return { type: 'FeatureCollection', features }
}

function marker(map: MapLibre, s: Spot, className: string, text: string, title: string): void {
  const el = document.createElement(s.el.id ? 'a' : 'span')
  el.className = className
  el.textContent = text
  if (el instanceof HTMLAnchorElement) {
    el.href = `#${s.el.id}`
    el.addEventListener('click', () => s.el.focus({ preventScroll: true }))
    el.setAttribute('aria-label', `${text} ${title}`)
  } else {
    el.setAttribute('role', 'img')
    el.setAttribute('aria-label', title)
  }
  new Marker({ element: el, anchor: 'center' }).setLngLat([s.lon, s.lat]).addTo(map)
}

export async function show(el: HTMLElement): Promise<void> {
  const stops = spots('[data-stop]')
  const here = spots('#place')
  const bounds = new LngLatBounds()
  for (const s of [...stops, ...here]) bounds.extend([s.lon, s.lat])
  const box = parseBox(el.dataset['bounds'])
  // One stop alone says nothing: then the town around it.
  const around = stops.length > 1 || here.length > 0 || !box ? bounds : boundsOf(box)
  const map = new MapLibre({
    container: el, style: emptyStyle(), locale: locale(el), attributionControl: false, cooperativeGestures: true,
    dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 8, maxZoom: 19,
    ...(bounds.isEmpty() && !box ? {} : { bounds: around, fitBoundsOptions: { padding: 40, maxZoom: 14.5 } }),
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  const fetched = (url: string | undefined): Promise<FeatureCollection | undefined> => url ? fetchGeoJSON(url).catch(() => undefined) : Promise.resolve(undefined)
  const [outline, sites] = await Promise.all([fetched(el.dataset['municipality']), fetched(el.dataset['sites']), loaded(map)])
  if (outline) {
    map.addSource('municipality', { type: 'geojson', data: outline })
    for (const layer of outlineLayers()) map.addLayer(layer)
  }
  if (sites) {
    map.addSource('construction-sites', { type: 'geojson', data: today(sites) })
    for (const layer of siteLayers()) map.addLayer(layer)
  }
  for (const s of here) marker(map, { ...s, el: document.createElement('i') }, 'pin pin--here', '', el.dataset['here'] ?? '')
  for (const s of stops) marker(map, s, 'pin', stops.length > 1 || s.el.id ? s.el.dataset['stop'] ?? '' : '', s.el.dataset['title'] ?? '')
  map.once('idle', () => { el.dataset['ready'] = 'true' })
}
