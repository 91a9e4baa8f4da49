// The map of the suggested times. It draws what the list says, every place
// once, and adds nothing of its own: the list is complete without it.
import { LngLatBounds, Map as MapLibre, Marker, NavigationControl } from 'maplibre-gl'
import { fetchGeoJSON, loaded, locale } from './data'
import { emptyStyle, outlineLayers } from './style'
import type { Place } from './booking'

export async function show(el: HTMLElement, places: Place[]): Promise<void> {
  const bounds = new LngLatBounds()
  for (const p of places) bounds.extend([p.lon, p.lat])
  const map = new MapLibre({
    container: el, style: emptyStyle(), bounds, fitBoundsOptions: { padding: { top: 64, bottom: 32, left: 96, right: 96 }, maxZoom: 11 },
    locale: locale(el), attributionControl: false, cooperativeGestures: true, dragRotate: false, pitchWithRotate: false,
  })
  map.touchZoomRotate.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  const ground = el.dataset['municipality']
  const [outline] = await Promise.all([ground ? fetchGeoJSON(ground).catch(() => undefined) : undefined, loaded(map)])
  if (outline) {
    map.addSource('municipality', { type: 'geojson', data: outline })
    for (const layer of outlineLayers()) map.addLayer(layer)
  }
  for (const p of places) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'place'
    button.textContent = p.name
    button.addEventListener('click', () => p.first.querySelector('button')?.focus())
    new Marker({ element: button, anchor: 'bottom' }).setLngLat([p.lon, p.lat]).addTo(map)
  }
  map.once('idle', () => { el.dataset['ready'] = 'true' })
}
