// The map's drawing rules: layers over the town's own GeoJSON, coloured with the
// page's CSS variables. There is no base map and no glyph server: labels are
// drawn by MapLibre from the page's own font, because the style has no `glyphs`.
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import { setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'

setWorkerUrl(workerUrl)

const font = ['Fira Sans']
const boldFont = ['Fira Sans SemiBold']

/** One colour of the theme, as hex. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--map-${name}`).trim() || '#555555'
}

/** The page's font must be there before the first label is drawn. */
export async function fontsReady(): Promise<void> {
  await Promise.allSettled([document.fonts.load('400 24px "Fira Sans"'), document.fonts.load('600 24px "Fira Sans SemiBold"')])
}

/** An empty style in the colour of what lies outside the town. */
export function emptyStyle(): StyleSpecification {
  return {
    version: 8,
    sources: {},
    layers: [{ id: 'background', type: 'background', paint: { 'background-color': colour('outside') } }],
  }
}

/** The impact of a construction site decides colour and pattern. */
function byImpact(): ['match', ...unknown[]] {
  return ['match', ['get', 'impact'], 'full', colour('full'), 'none', colour('none'), colour('partial')]
}

/** Neighbours and municipality: where one is. */
export function groundLayers(): LayerSpecification[] {
  return [
    { id: 'neighbours-line', type: 'line', source: 'neighbours', paint: { 'line-color': colour('outside-line'), 'line-width': 1 } },
    { id: 'municipality-fill', type: 'fill', source: 'municipality', paint: { 'fill-color': colour('inside') } },
    { id: 'municipality-line', type: 'line', source: 'municipality', paint: { 'line-color': colour('border'), 'line-width': 2.5 } },
    {
      id: 'neighbours-label', type: 'symbol', source: 'neighbours',
      layout: { 'text-field': ['coalesce', ['get', 'name'], ''], 'text-font': font, 'text-size': 13, 'text-max-width': 8, 'text-padding': 90 },
      paint: { 'text-color': colour('text'), 'text-opacity': 0.75, 'text-halo-color': colour('outside'), 'text-halo-width': 1.5 },
    },
  ]
}

/** Where a district's name may stand: in the middle, else the nearest place
 *  that no sign takes, in rings around it (offsets in ems of the name's own
 *  middle; names are wide, so rings are too). Further away it would be in the
 *  neighbour; then it waits for a closer look, and the list has it. */
function labelPlaces(): (string | [number, number])[] {
  const places: (string | [number, number])[] = ['center', [0, 0]]
  for (let far = 0.8; far <= 3.2; far += 0.8) {
    for (let i = 0; i < 16; i++) {
      const angle = (i * Math.PI) / 8
      places.push('center', [1.4 * far * Math.sin(angle), far * Math.cos(angle)])
    }
  }
  return places
}

/** Districts: soft fills in turn, a fine border, the name. Source
 *  districts-points holds the places of the names. */
export function districtLayers(): LayerSpecification[] {
  return [
    { id: 'districts-fill', type: 'fill', source: 'districts', paint: { 'fill-color': colour('district'), 'fill-opacity': ['match', ['%', ['get', '#'], 3], 0, 0.1, 1, 0.2, 0.3] } },
    { id: 'districts-line', type: 'line', source: 'districts', paint: { 'line-color': colour('district'), 'line-width': 1 } },
    { id: 'districts-selected', type: 'line', source: 'districts', filter: ['==', ['get', '#id'], ''], paint: { 'line-color': colour('selected'), 'line-width': 3 } },
    {
      id: 'districts-label', type: 'symbol', source: 'districts-points', // points: a label on areas is repeated in every tile
      layout: { 'text-field': ['get', '#title'], 'text-font': boldFont, 'text-size': ['interpolate', ['linear'], ['zoom'], 9.5, 10, 11, 13, 14, 17], 'text-max-width': 7, 'text-overlap': 'never', 'text-padding': 0, 'text-variable-anchor-offset': labelPlaces() },
      paint: { 'text-color': colour('text'), 'text-halo-color': colour('halo'), 'text-halo-width': 1.5 },
    },
  ]
}

/** Lines and areas of construction sites: full solid, partial dashed, none dotted. */
export function siteLayers(): LayerSpecification[] {
  const source = 'construction-sites'
  const width = ['interpolate', ['linear'], ['zoom'], 10, 3, 14, 6, 17, 12] as unknown as number
  const line = (id: string, impact: string, dash?: number[]): LayerSpecification => ({
    id, type: 'line', source, filter: ['==', ['get', 'impact'], impact],
    layout: { 'line-cap': dash ? 'butt' : 'round', 'line-join': 'round' },
    paint: { 'line-color': colour(impact), 'line-width': width, ...(dash ? { 'line-dasharray': dash } : {}) },
  })
  return [
    { id: 'construction-sites-area', type: 'fill', source, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': byImpact() as unknown as string, 'fill-opacity': 0.3 } },
    { id: 'construction-sites-selected', type: 'line', source, filter: ['==', ['get', '#id'], ''], paint: { 'line-color': colour('selected'), 'line-width': 14, 'line-opacity': 0.35 } },
    line('construction-sites-none', 'none', [0.5, 0.8]),
    line('construction-sites-partial', 'partial', [1.6, 0.8]),
    line('construction-sites-full', 'full'),
  ]
}

/** Points of a layer: a sign, and its name from a closer look on. */
export function pointLayers(source: string): LayerSpecification[] {
  return [
    { id: `${source}-ring`, type: 'circle', source, filter: ['==', ['get', '#id'], ''], paint: { 'circle-radius': 18, 'circle-color': colour('selected'), 'circle-opacity': 0.3 } },
    {
      id: `${source}-sign`, type: 'symbol', source,
      layout: {
        'icon-image': ['get', '#sign'], 'icon-allow-overlap': true, 'icon-padding': 1, 'symbol-sort-key': ['get', '#order'],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 9.5, 0.55, 11, 0.8, 14, 1],
        'text-field': ['step', ['zoom'], '', 12.5, ['get', '#title']], 'text-font': font, 'text-size': 13, 'text-optional': true,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'], 'text-radial-offset': 1.1, 'text-justify': 'auto', 'text-max-width': 9,
      },
      paint: { 'text-color': colour('text'), 'text-halo-color': colour('halo'), 'text-halo-width': 1.5 },
    },
  ]
}

/** Where the town is, below a preview. */
export function outlineLayers(): LayerSpecification[] {
  return groundLayers().filter((layer) => layer.id.startsWith('municipality'))
}

/** Any GeoJSON, for the preview: areas, lines and points. */
export function plainLayers(): LayerSpecification[] {
  const source = 'items'
  return [
    { id: 'items-fill', type: 'fill', source, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour('stops'), 'fill-opacity': 0.15 } },
    { id: 'items-line', type: 'line', source, filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': colour('stops'), 'line-width': ['match', ['geometry-type'], 'Polygon', 1.5, 4] } },
    { id: 'items-point', type: 'circle', source, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 5, 'circle-color': colour('stops'), 'circle-stroke-color': colour('halo'), 'circle-stroke-width': 1.5 } },
  ]
}

/** A sign as picture: shape and letter say what the colour says. */
export function sign(shape: 'diamond' | 'disc' | 'square', letter: string, fill: string): { image: ImageData; ratio: number } {
  const ratio = 2
  const size = 26 * ratio
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const ink = canvas.getContext('2d')
  if (!ink) return { image: new ImageData(size, size), ratio }
  const c = size / 2
  const r = c - 2 * ratio
  ink.beginPath()
  if (shape === 'disc') ink.arc(c, c, r, 0, 2 * Math.PI)
  else if (shape === 'square') ink.rect(c - r * 0.85, c - r * 0.85, r * 1.7, r * 1.7)
  else for (const [x, y] of [[c, c - r], [c + r, c], [c, c + r], [c - r, c]] as const) ink.lineTo(x, y)
  ink.closePath()
  ink.fillStyle = fill
  ink.fill()
  ink.lineWidth = 1.5 * ratio
  ink.strokeStyle = colour('halo')
  ink.stroke()
  ink.fillStyle = colour('halo')
  ink.font = `600 ${(shape === 'diamond' ? 17 : 13) * ratio}px "Fira Sans", sans-serif`
  ink.textAlign = 'center'
  ink.textBaseline = 'middle'
  ink.fillText(letter, c, c + ratio)
  return { image: ink.getImageData(0, 0, size, size), ratio }
}
