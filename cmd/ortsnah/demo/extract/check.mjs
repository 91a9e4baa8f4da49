// Holds ../data against what the README promises: `npm run check`. Prints one line per fault and ends with 1, or one line of counts and 0.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { lengthMetres } from './construction.mjs'
import { tilingFaults } from './districts.mjs'
import { inGeometry, metresBetween, polygonsOf, signedArea } from './geo.mjs'
import { metresFromStop, visitFaults } from './town.mjs'

const DATA = new URL('../data/', import.meta.url)
const read = (f) => JSON.parse(readFileSync(new URL(f, DATA), 'utf8'))
const faults = []
const expect = (ok, sentence) => { if (!ok) faults.push(sentence) }
const unique = (ids, what) => expect(new Set(ids).size === ids.length, `${what}: ids are not unique: ${ids.filter((x, i) => ids.indexOf(x) !== i)}`)

const municipality = read('municipality.geojson').features
const neighbours = read('neighbours.geojson').features
const stops = read('stops.geojson').features
const districts = read('districts.geojson').features
const works = read('construction_sites.json').features
const { sites, rooms } = read('rooms.json')
const town = read('stations.json')
const { services, offices, documents } = read('services.json')
const rules = read('jurisdiction.json')
const { addresses } = read('addresses.json')
const city = municipality[0].geometry
const districtOf = (p) => districts.find((d) => inGeometry(p, d.geometry))?.properties.code
const codes = districts.map((d) => d.properties.code)

function checkGround() {
  expect(municipality.length === 1 && municipality[0].properties.ags === '05754008', 'municipality: not Gütersloh')
  expect(Math.abs(municipality[0].properties.area_km2 - 112.02) < 0.3, 'municipality: area is far from the official 112.02 km²')
  expect(neighbours.length === 7, `neighbours: ${neighbours.length} instead of 7`)
  tilingFaults(districts.map((d) => ({ ...d.properties, geometry: d.geometry })), city.coordinates).forEach((f) => expect(false, `districts: ${f}`))
  for (const f of [...municipality, ...neighbours, ...districts]) {
    for (const rings of polygonsOf(f.geometry)) rings.forEach((r, i) => {
      expect(signedArea(r) > 0 === (i === 0), `${f.id}: ring ${i} turns the wrong way`)
      expect(!crossesItself(r), `${f.id}: ring ${i} crosses itself`)
    })
  }
  for (const d of districts) expect(d.properties.approximate === true && d.properties.note.startsWith('Demo'), `${d.id}: not labelled`)
  unique(stops.map((s) => s.id), 'stops')
  for (const s of stops) expect(districtOf(s.geometry.coordinates) === s.properties.district, `stop ${s.id} ${s.properties.name} is not inside district ${s.properties.district}`)
}

function crossesItself(ring) {
  const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
  for (let i = 0; i + 1 < ring.length; i++) for (let j = i + 2; j + 1 < ring.length; j++) {
    const [a, b, c, d] = [ring[i], ring[i + 1], ring[j], ring[j + 1]]
    if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true
  }
  return new Set(ring.slice(1).map(String)).size !== ring.length - 1
}

function checkWorks() {
  expect(works.length === 40, `construction sites: ${works.length} instead of 40`)
  unique(works.map((w) => w.id), 'construction sites')
  for (const { id, properties: p, geometry: g } of works) {
    const name = p?.title?.de ?? id
    expect(p.title.de.startsWith('Demo: ') && p.title.en.startsWith('Demo: ') && p.note === 'Demo', `${name}: not labelled`)
    expect(p.start_offset_days < p.end_offset_days, `${name}: ends before it starts`)
    expect(Object.keys(p.impact).join() === 'car,bike,foot,bus,emergency,heavy' && Object.values(p.impact).every((v) => ['none', 'partial', 'full'].includes(v)), `${name}: impact`)
    expect(Object.values(p.impact).some((v) => v !== 'none'), `${name}: hinders nobody`)
    if (g.type !== 'Polygon') expect(lengthMetres(g) > 35 && lengthMetres(g) < 620, `${name}: ${Math.round(lengthMetres(g))} m long`)
    if (g.type === 'LineString') expect(g.coordinates.length >= 2 && g.coordinates.length <= 8, `${name}: ${g.coordinates.length} vertices`)
    expect(g.coordinates.flat(g.type === 'LineString' ? 0 : 1).every((c) => inGeometry(c, city)), `${name}: outside the city`)
    expect(codes.includes(p.district), `${name}: district ${p.district}`)
  }
  const running = works.filter((w) => w.properties.start_offset_days <= 0 && w.properties.end_offset_days > 0).length
  expect(running >= 20 && works.some((w) => w.properties.end_offset_days <= 0) && works.some((w) => w.properties.start_offset_days > 0), `construction sites: ${running} running`)
  expect(works.filter((w) => w.properties.cancelled).every((w) => w.properties.start_offset_days > 0), 'construction sites: only a future site can be cancelled')
  expect(works.filter((w) => w.geometry.type !== 'LineString').length === 6, 'construction sites: 6 areas and double lines expected')
}

function checkTown() {
  expect(rooms.length === 8 && rooms.every((r) => r.site === 'rathaus' && r.persons >= 1 && r.persons <= 12), 'rooms: 8 in the town hall, 1 to 12 persons')
  expect(town.stations.length === 2 && town.stops.length >= 8, 'stations: 2 stations and 8 stops or more expected')
  for (const list of [sites, rooms, town.stations, town.stops, town.visits, services, offices, documents, rules.rules, rules.teams, addresses]) unique(list.map((x) => x.id), 'list')
  for (const list of [sites, rooms, town.stations, town.stops, town.visits, services, offices, rules.teams, addresses]) for (const x of list) expect(x.note === 'Demo', `${x.id}: not labelled`)
  for (const x of [...sites, ...town.stops, ...addresses]) expect(districtOf([x.lon, x.lat]) === x.district, `${x.id}: not inside district ${x.district}`)
  for (const x of [...sites, ...town.stops]) {
    const stop = stops.find((s) => s.id === x.near_stop)
    expect(stop && metresFromStop(x, { lon: stop.geometry.coordinates[0], lat: stop.geometry.coordinates[1] }) < 60, `${x.id}: not beside its stop`)
  }
  for (const s of town.stops) expect(!s.site || sites.some((x) => x.id === s.site && x.lon === s.lon && x.lat === s.lat), `${s.id}: site`)
  visitFaults(town).forEach((f) => expect(false, `visits: ${f}`))
  for (const v of town.visits) {
    expect(town.stations.some((s) => s.id === v.station) && v.week_offset < v.every_weeks && v.services.length > 0, `${v.id}: pattern`)
    expect(v.exceptions.length === 0 || v.every_weeks === 1, `${v.id}: an exception on a pattern that is not weekly may hit no visit`)
    for (const id of v.services) expect(services.some((s) => s.id === id && s.mobile), `${v.id}: service ${id} is not mobile`)
  }
  // The statutory holidays of 2026, written down by hand.
  for (const d of ['01-01', '04-03', '04-06', '05-01', '05-14', '05-25', '06-04', '10-03', '11-01', '12-25', '12-26']) expect(town.closed_days.includes(`2026-${d}`), `closed_days: 2026-${d} is missing`)
  for (const s of town.stops) expect(town.visits.some((v) => v.stop === s.id), `${s.id}: never visited`)
  expect(addresses.length >= 190 && codes.every((c) => addresses.filter((a) => a.district === c).length >= 6), 'addresses: too few')
}

function checkServices() {
  expect(services.length === 60, `services: ${services.length} instead of 60`)
  for (const s of services) {
    expect(offices.some((o) => o.id === s.department), `${s.id}: office ${s.department}`)
    expect(s.minutes % 5 === 0 && s.minutes > 0 && s.minutes_per_further_person % 5 === 0, `${s.id}: minutes`)
    expect(s.channels.length > 0 && s.channels.includes('mobile') === s.mobile && s.channels.includes('online') === s.online, `${s.id}: channels`)
    expect(s.documents.every((d) => documents.some((x) => x.id === d.id)), `${s.id}: documents`)
    expect([s.name, s.summary].every((t) => t.de && t.en && t.de !== t.en), `${s.id}: texts`)
    expect(rules.rules.some((r) => r.office === s.department && r.kind === s.jurisdiction.kind), `${s.id}: nobody is responsible`)
  }
  for (const id of ['kinderschutz', 'wohnungsverlust', 'akute-notlage']) expect(services.find((s) => s.id === id)?.appointment === false, `${id}: must never need an appointment`)
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  for (const o of offices) {
    const alphabetic = rules.rules.filter((r) => r.office === o.id && r.kind === 'alphabetic')
    if (alphabetic.length > 0) for (const a of letters) for (const b of letters) expect(alphabetic.filter((r) => within(a + b, r)).length === 1, `${o.id}: "${a}${b}" has no single team`)
    const geographic = rules.rules.filter((r) => r.office === o.id && r.kind === 'geographic')
    if (geographic.length > 0) for (const c of codes) expect(geographic.filter((r) => r.districts.includes(c)).length === 1, `${o.id}: district ${c} has no single team`)
  }
  for (const r of rules.rules) expect(rules.teams.some((t) => t.id === r.team && t.office === r.office), `${r.id}: team ${r.team}`)
}

// A prefix range is compared on the length of each bound.
const within = (key, { from, to }) => key.slice(0, from.length) >= from.toUpperCase() && key.slice(0, to.length) <= to.toUpperCase()

function checkFiles() {
  const bytes = readdirSync(DATA).reduce((sum, f) => sum + statSync(new URL(f, DATA)).size, 0)
  expect(bytes < 1_500_000, `data: ${bytes} bytes`)
  for (const f of readdirSync(DATA)) expect(!/\d\.\d{7,}/.test(readFileSync(new URL(f, DATA), 'utf8')), `${f}: more than six decimals`)
  return bytes
}

checkGround(); checkWorks(); checkTown(); checkServices()
const bytes = checkFiles()
faults.forEach((f) => console.error(f))
const townHall = sites.find((s) => s.id === 'rathaus')
const gap = Math.round(metresBetween([townHall.lon, townHall.lat], stops.find((s) => s.properties.name === 'Rathaus').geometry.coordinates))
console.log(`${faults.length} faults; ${districts.length} districts, ${stops.length} stops, ${works.length} construction sites, ${services.length} services, ${rooms.length} rooms, ${town.stops.length} station stops, ${town.visits.length} visit patterns, ${addresses.length} addresses, ${bytes} bytes; town hall ${gap} m from its stop`)
process.exitCode = faults.length > 0 ? 1 : 0
