// What the maps of siting share: the town below, cells, colours, patterns.
import type { Feature, FeatureCollection } from 'geojson'
import { Map as MapLibre, NavigationControl } from 'maplibre-gl'
import { boundsOf, fetchGeoJSON, loaded, locale, parseBox } from './data'
import { emptyStyle, fontsReady, outlineLayers } from './style'

export const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
export const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#888888'

/** The map of el with the town's outline. */
export async function ground(el: HTMLElement): Promise<MapLibre> {
  const box = parseBox(el.dataset['bounds'])
  const map = new MapLibre({
    container: el, style: emptyStyle(), locale: locale(el), attributionControl: false, cooperativeGestures: true,
    dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 8, maxZoom: 19,
    ...(box ? { bounds: boundsOf(box), fitBoundsOptions: { padding: 16 } } : {}),
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-left')
  const url = el.dataset['municipality']
  const [outline] = await Promise.all([url ? fetchGeoJSON(url).catch(() => undefined) : undefined, fontsReady(), loaded(map)])
  map.addSource('municipality', { type: 'geojson', data: outline ?? collection([]) })
  for (const layer of outlineLayers()) map.addLayer(layer)
  return map
}

/** A repeating picture for catchments beyond the twelve tones. */
export function pattern(ink: string, slanted: boolean): ImageData {
  const size = 12
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const pen = canvas.getContext('2d')
  if (!pen) return new ImageData(size, size)
  pen.strokeStyle = ink
  pen.lineWidth = 1.5
  const paths = slanted ? [[-3, 3, 3, -3], [0, 12, 12, 0], [9, 15, 15, 9]] : [[0, 6, 12, 6]]
  for (const [x, y, toX, toY] of paths as [number, number, number, number][]) {
    pen.beginPath()
    pen.moveTo(x, y)
    pen.lineTo(toX, toY)
    pen.stroke()
  }
  return pen.getImageData(0, 0, size, size)
}
