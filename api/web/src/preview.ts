// Island: the small map of a dataset, an item or a construction site. It draws
// the GeoJSON named by data-items of every [data-preview] element.
import { Map as MapLibre, NavigationControl } from 'maplibre-gl'
import { boundsOf, boxOf, fetchGeoJSON, loaded, locale, parseBox, say } from './data'
import { emptyStyle, outlineLayers, plainLayers } from './style'

async function show(el: HTMLElement): Promise<void> {
  const url = el.dataset['items']
  if (!url) return
  const items = await fetchGeoJSON(url).catch(() => undefined)
  const box = boxOf((items?.features ?? []).map((f) => f.geometry)) ?? parseBox(el.dataset['bounds'])
  if (!items || !box) {
    say(el, el.dataset['partly'])
    return
  }
  const map = new MapLibre({
    container: el, style: emptyStyle(), bounds: boundsOf(box), fitBoundsOptions: { padding: 32, maxZoom: 15 },
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
  map.addSource('items', { type: 'geojson', data: items })
  for (const layer of plainLayers()) map.addLayer(layer)
  map.once('idle', () => { el.dataset['ready'] = 'true' })
}

for (const el of document.querySelectorAll<HTMLElement>('[data-preview]')) {
  show(el).catch(() => say(el, el.dataset['failed']))
}
