// Plane and sphere geometry that the extract needs. Degrees are lon/lat (WGS84, six decimals); x/y are metres on a local
// equirectangular plane around Gütersloh, good to 0.1 % within the city, which is all that a Voronoi cell or a 60 m line needs.

const EARTH = 6371008.8
const LAT0 = 51.92
const LON0 = 8.38
const RAD = Math.PI / 180
const KX = EARTH * RAD * Math.cos(LAT0 * RAD)
const KY = EARTH * RAD

export const toMetres = ([lon, lat]) => [(lon - LON0) * KX, (lat - LAT0) * KY]
export const toDegrees = ([x, y]) => [round6(LON0 + x / KX), round6(LAT0 + y / KY)]
export const round6 = (v) => Math.round(v * 1e6) / 1e6
export const roundPoint = ([lon, lat]) => [round6(lon), round6(lat)]
export const metresBetween = (a, b) => Math.hypot(...sub(toMetres(a), toMetres(b)))
export const sub = (a, b) => [a[0] - b[0], a[1] - b[1]]
export const samePoint = (a, b) => a[0] === b[0] && a[1] === b[1]

// Rings are closed: the first point is repeated at the end.
export function signedArea(ring) {
  let sum = 0
  for (let i = 0; i + 1 < ring.length; i++) sum += (ring[i][0] - ring[0][0]) * (ring[i + 1][1] - ring[0][1]) - (ring[i + 1][0] - ring[0][0]) * (ring[i][1] - ring[0][1])
  return sum / 2
}

export function inRing([x, y], ring) {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]
    const [xj, yj] = ring[j]
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

export const inPolygon = (p, rings) => inRing(p, rings[0]) && !rings.slice(1).some((r) => inRing(p, r))
export const polygonsOf = (g) => (g.type === 'Polygon' ? [g.coordinates] : g.coordinates)
export const inGeometry = (p, g) => polygonsOf(g).some((rings) => inPolygon(p, rings))

// Area on the GRS80 ellipsoid in km², through the authalic (equal-area) cylinder: exact for the curve between vertices' latitudes.
export function areaKm2(geometry) {
  const a = 6378137, e2 = 0.00669438002290, e = Math.sqrt(e2)
  const q = (lat) => {
    const s = Math.sin(lat * RAD)
    return (1 - e2) * (s / (1 - e2 * s * s) - (1 / (2 * e)) * Math.log((1 - e * s) / (1 + e * s)))
  }
  const flat = (ring) => ring.map(([lon, lat]) => [a * lon * RAD, (a * q(lat)) / 2])
  let sum = 0
  for (const rings of polygonsOf(geometry)) rings.forEach((r, i) => { sum += (i === 0 ? 1 : -1) * Math.abs(signedArea(flat(r))) })
  return sum / 1e6
}

// RFC 7946 section 3.1.6: outer rings counter-clockwise, holes clockwise.
export function rightHand(rings) {
  return rings.map((ring, i) => ((signedArea(ring) > 0) === (i === 0) ? ring : [...ring].reverse()))
}

// Starts a closed ring at its smallest point, so that a rerun writes the same bytes.
export function canonicalRing(ring) {
  const open = ring.slice(0, -1)
  let best = 0
  open.forEach((p, i) => { if (p[0] < open[best][0] || (p[0] === open[best][0] && p[1] < open[best][1])) best = i })
  const turned = [...open.slice(best), ...open.slice(0, best)]
  return [...turned, turned[0]]
}

export const withoutRepeats = (line) => line.filter((p, i) => i === 0 || !samePoint(p, line[i - 1]))

export function distanceToSegment(p, a, b) {
  const [dx, dy] = sub(b, a)
  const length2 = dx * dx + dy * dy
  const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2))
  return { distance: Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy), t }
}

// Douglas-Peucker on degrees; tolerance in metres. End points always stay.
export function simplify(line, tolerance) {
  if (line.length < 3) return line
  const flat = line.map(toMetres)
  const keep = new Set([0, line.length - 1])
  const todo = [[0, line.length - 1]]
  while (todo.length > 0) {
    const [from, to] = todo.pop()
    let worst = -1, most = tolerance
    for (let i = from + 1; i < to; i++) {
      const { distance } = distanceToSegment(flat[i], flat[from], flat[to])
      if (distance > most) { most = distance; worst = i }
    }
    if (worst > 0) { keep.add(worst); todo.push([from, worst], [worst, to]) }
  }
  return line.filter((_, i) => keep.has(i))
}

// A small deterministic random source (mulberry32): the same seed gives the same demo town on every machine.
export function randomSource(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
