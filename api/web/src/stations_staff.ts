// Islands of the stations' plan: the map of a list of places, the map on which
// a place is chosen, and pictures in a format that only browsers read.
import { Map as MapLibre, Marker, NavigationControl } from 'maplibre-gl'
import { boundsOf, calm, fetchGeoJSON, loaded, locale, parseBox, say } from './data'
import type { FeatureCollection } from 'geojson'
import { colour, districtLayers, emptyStyle, fontsReady, outlineLayers } from './style'

const byID = <T extends HTMLElement>(id: string): T | null => document.getElementById(id) as T | null

const none: FeatureCollection = { type: 'FeatureCollection', features: [] }

/** A map of the town and its districts inside el; names of stops of public
 *  transport where a place is looked for. */
async function base(el: HTMLElement): Promise<MapLibre> {
  const box = parseBox(el.dataset['bounds'])
  const map = new MapLibre({
    container: el, style: emptyStyle(), locale: locale(el), attributionControl: false, cooperativeGestures: true,
    dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 8, maxZoom: 19,
    ...(box ? { bounds: boundsOf(box), fitBoundsOptions: { padding: 24 } } : {}),
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  const get = (url: string | undefined): Promise<FeatureCollection> => (url ? fetchGeoJSON(url).catch(() => none) : Promise.resolve(none))
  const [outline, districts, points] = await Promise.all([get(el.dataset['municipality']), get(el.dataset['districts']), get(el.dataset['points']), fontsReady(), loaded(map)])
  const numbered = districts.features.map((f, i) => ({ ...f, properties: { ...f.properties, '#': i, '#id': String(f.id ?? i), '#title': String(f.properties?.['name'] ?? '') } }))
  map.addSource('municipality', { type: 'geojson', data: outline })
  map.addSource('districts', { type: 'geojson', data: { ...none, features: numbered } })
  map.addSource('points', { type: 'geojson', data: points })
  for (const layer of outlineLayers()) map.addLayer(layer)
  for (const layer of districtLayers()) if (layer.type !== 'symbol') map.addLayer(layer)
  map.addLayer({ id: 'points', type: 'circle', source: 'points', minzoom: 11, paint: { 'circle-radius': 3, 'circle-color': colour('district') } })
  map.addLayer({
    id: 'points-name', type: 'symbol', source: 'points', minzoom: 13,
    layout: { 'text-field': ['coalesce', ['get', 'name'], ''], 'text-font': ['Fira Sans'], 'text-size': 12, 'text-anchor': 'top', 'text-offset': [0, 0.4], 'text-max-width': 9 },
    paint: { 'text-color': colour('text'), 'text-halo-color': colour('halo'), 'text-halo-width': 1.5 },
  })
  return map
}

/** The places of the list, with the list's numbers. */
async function showPlaces(el: HTMLElement, list: HTMLElement): Promise<void> {
  const map = await base(el)
  for (const item of list.querySelectorAll<HTMLElement>('[data-number]')) {
    const [lon, lat] = [Number(item.dataset['lon']), Number(item.dataset['lat'])]
    if (!Number.isFinite(lon) || !Number.isFinite(lat)) continue
    const pin = document.createElement('button')
    pin.type = 'button'
    pin.className = 'mappin'
    pin.textContent = item.dataset['number'] ?? ''
    pin.setAttribute('aria-label', `${item.dataset['number']}: ${item.querySelector('a')?.textContent ?? ''}`)
    const mark = (on: boolean): void => {
      for (const other of el.querySelectorAll('.mappin--on')) other.classList.remove('mappin--on')
      for (const other of list.querySelectorAll('.place--on')) other.classList.remove('place--on')
      pin.classList.toggle('mappin--on', on)
      item.classList.toggle('place--on', on)
    }
    pin.addEventListener('click', () => {
      mark(true)
      item.scrollIntoView({ block: 'nearest', behavior: calm() ? 'auto' : 'smooth' })
      item.querySelector('a')?.focus({ preventScroll: true })
    })
    item.addEventListener('focusin', () => mark(true))
    item.addEventListener('pointerenter', () => mark(true))
    new Marker({ element: pin }).setLngLat([lon, lat]).addTo(map)
    pin.setAttribute('aria-label', `${item.dataset['number']}: ${item.querySelector('a')?.textContent ?? ''}`) // MapLibre names it by itself
  }
  map.once('idle', () => { el.dataset['ready'] = 'true' })
  map.triggerRepaint()
}

/** The place of the form: a click, or the middle of the map with Enter. */
async function choosePlace(el: HTMLElement, lon: HTMLInputElement, lat: HTMLInputElement): Promise<void> {
  const map = await base(el)
  const pin = document.createElement('div')
  pin.className = 'mappin mappin--chosen'
  const marker = new Marker({ element: pin })
  pin.removeAttribute('aria-label')
  pin.removeAttribute('role')
  pin.setAttribute('aria-hidden', 'true')
  const typed = (input: HTMLInputElement): number => Number(input.value.replace(',', '.'))
  const draw = (): void => {
    const [x, y] = [typed(lon), typed(lat)]
    if (lon.value && lat.value && Math.abs(x) <= 180 && Math.abs(y) <= 90) marker.setLngLat([x, y]).addTo(map)
    else marker.remove()
  }
  const set = (at: { lng: number; lat: number }): void => {
    lon.value = at.lng.toFixed(6)
    lat.value = at.lat.toFixed(6)
    draw()
  }
  const cross = document.createElement('div')
  cross.className = 'crosshair'
  cross.setAttribute('aria-hidden', 'true')
  el.append(cross)
  map.on('click', (event) => set(event.lngLat))
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    set(map.getCenter())
  })
  for (const input of [lon, lat]) input.addEventListener('change', draw)
  draw()
  if (lon.value && lat.value && Number.isFinite(typed(lon)) && Number.isFinite(typed(lat)) && Math.abs(typed(lat)) <= 90) map.jumpTo({ center: [typed(lon), typed(lat)], zoom: 14 })
  map.once('idle', () => { el.dataset['ready'] = 'true' })
  map.triggerRepaint()
}

/** The server reads JPEG and PNG: other pictures are drawn and sent as JPEG. */
function convertPhotos(input: HTMLInputElement): void {
  input.addEventListener('change', () => {
    const file = input.files?.[0]
    if (!file || file.type === 'image/jpeg' || file.type === 'image/png') return
    createImageBitmap(file).then((picture) => {
      const canvas = document.createElement('canvas')
      const scale = Math.min(1, 3200 / Math.max(picture.width, picture.height))
      canvas.width = Math.round(picture.width * scale)
      canvas.height = Math.round(picture.height * scale)
      canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
      canvas.toBlob((blob) => {
        if (!blob || input.files?.[0] !== file) return
        const made = new DataTransfer()
        made.items.add(new File([blob], 'foto.jpg', { type: 'image/jpeg' }))
        input.files = made.files
      }, 'image/jpeg', 0.9)
    }).catch(() => undefined) // the server says what it cannot read
  })
}

const [week, list] = [byID('weekmap'), byID('places')]
if (week && list) showPlaces(week, list).catch(() => say(week, week.dataset['failed']))
const [place, lon, lat] = [byID('stopmap'), byID<HTMLInputElement>('f-lon'), byID<HTMLInputElement>('f-lat')]
if (place && lon && lat) choosePlace(place, lon, lat).catch(() => say(place, place.dataset['failed']))
const photo = byID<HTMLInputElement>('f-photo')
if (photo) convertPhotos(photo)
