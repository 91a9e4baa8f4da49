// Drawing an area: corners by click or, with the keyboard, in the middle of the
// map. The polygon goes as GeoJSON into the field of the form, which is what is
// saved; this only writes it.
import type { Feature, Position } from 'geojson'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import { colour } from './style'

/** Readies the pen; the answer says whether it is drawing just now. */
export function pen(map: MapLibre): () => boolean {
  const [panel, start, corners] = [document.getElementById('pen'), document.getElementById('draw'), document.getElementById('pen-corners')]
  const field = document.querySelector<HTMLTextAreaElement>('#a-shape')
  if (!panel || !start || !corners || !field) return () => false
  let drawing = false
  let ring: Position[] = []
  map.addSource('pen', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } })
  map.addLayer({ id: 'pen-fill', type: 'fill', source: 'pen', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour('selected'), 'fill-opacity': 0.15 } })
  map.addLayer({ id: 'pen-line', type: 'line', source: 'pen', filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': colour('selected'), 'line-width': 3 } })
  map.addLayer({ id: 'pen-corner', type: 'circle', source: 'pen', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 6, 'circle-color': colour('halo'), 'circle-stroke-color': colour('selected'), 'circle-stroke-width': 3 } })

  const draw = (): void => {
    const features: Feature[] = ring.map((at) => ({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: at } }))
    if (ring.length > 2) features.unshift({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [closed()] } })
    else if (ring.length === 2) features.unshift({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: ring } })
    map.getSource<GeoJSONSource>('pen')?.setData({ type: 'FeatureCollection', features })
    corners.textContent = (map.getContainer().dataset['corners'] ?? '#').replace('#', String(ring.length))
    panel.querySelector<HTMLButtonElement>('#pen-finish')!.disabled = ring.length < 3
    panel.querySelector<HTMLButtonElement>('#pen-undo')!.disabled = ring.length === 0
  }
  const closed = (): Position[] => [...ring, ring[0] as Position]
  const round = (at: { lng: number; lat: number }): Position => [Number(at.lng.toFixed(6)), Number(at.lat.toFixed(6))]
  const add = (at: { lng: number; lat: number }): void => {
    ring.push(round(at))
    draw()
  }
  const stop = (): void => {
    drawing = false
    panel.hidden = true
    map.getContainer().classList.remove('drawing')
    map.getCanvas().style.cursor = ''
  }
  const on = (id: string, act: () => void): void => panel.querySelector(id)?.addEventListener('click', act)

  map.on('click', (event) => { if (drawing) add(event.lngLat) })
  start.addEventListener('click', () => {
    drawing = true
    ring = []
    panel.hidden = false
    document.getElementById('chosen')?.setAttribute('hidden', '')
    map.getCanvas().style.cursor = 'crosshair'
    map.getContainer().classList.add('drawing')
    draw()
    panel.scrollIntoView({ block: 'start' })
    map.getCanvas().focus({ preventScroll: true })
  })
  on('#pen-corner', () => add(map.getCenter()))
  on('#pen-undo', () => { ring.pop(); draw() })
  on('#pen-cancel', () => { ring = []; draw(); stop(); start.focus() })
  on('#pen-finish', () => {
    field.value = JSON.stringify({ type: 'Polygon', coordinates: [closed()] })
    stop()
    document.querySelector<HTMLInputElement>('#a-name')?.focus()
  })
  return () => drawing
}
