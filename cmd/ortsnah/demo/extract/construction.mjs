// 40 invented construction sites. Their lines follow the direction from one real stop towards the next, because no road network is used.

import { createHash } from 'node:crypto'
import { inGeometry, metresBetween, randomSource, rightHand, sub, toDegrees, toMetres } from './geo.mjs'
import { FITTING, REASONS, TRAFFIC } from './construction_texts.mjs'

const COUNT = 40
const CANCELLED = 33 // a site still to come that will not take place: it is shown as cancelled, it does not vanish
const AREAS = [7, 18, 27]
const TWO_PIECES = [3, 14, 25]
const SHORT = { bus_stop: 90, bridge: 120 } // metres; other works are up to 600 m long
const APART = 260 // metres between the starting points of two sites

// Where people would expect works, and one street in each smaller district; the rest is drawn.
const FIRST = ['Kahlertstraße', 'Verler Straße', 'Nordring', 'Marienfelder Straße', 'Rhedaer Straße', 'Lindenstraße', 'Im Helft', 'Haarheideweg', 'Strothlandweg', 'Holler Straße', 'Paderborner Straße',
  'Stadtring Sundern', 'Carl-Zeiss-Straße', 'Auerhahnstraße', 'Max-Planck-Straße', 'Leipziger Straße', 'Schillerweg', 'Stadtring Kattenstroth', 'Pavenstädter Weg', 'Stadtring Nordhorn']

// streets: rows of streetStops(); returns 40 GeoJSON features in the order of their numbers. A street where no line fits is passed over.
export function constructionSites(streets, city, districtAt) {
  const random = randomSource(20054008)
  const shuffled = streets.map((row) => [random(), row]).sort((a, b) => a[0] - b[0]).map(([, row]) => row)
  const queue = [...FIRST.map((name) => streets.find((r) => r.street === name)), ...shuffled]
  if (queue.some((row) => !row)) throw new Error('construction: FIRST names a street without a stop')
  const used = []
  const done = []
  for (const row of queue) {
    if (done.length === COUNT) break
    if (!used.every((u) => u.street !== row.street && metresBetween(place(u), place(row)) > APART)) continue
    const fits = (g) => insideCity(g, city) && done.every((d) => apart(d.geometry, g))
    const next = site(row, done.length, { streets, districtAt, random, fits })
    if (next) { used.push(row); done.push(next) }
  }
  if (done.length < COUNT) throw new Error(`construction: only ${done.length} of ${COUNT} places found`)
  return done
}

const place = (row) => [row.stop.lon, row.stop.lat]
const nearest = (row, streets) => streets.filter((r) => r.street !== row.street && metresBetween(place(r), place(row)) > 120).sort((a, b) => metresBetween(place(a), place(row)) - metresBetween(place(b), place(row)))

function site(row, i, { streets, districtAt, random, fits }) {
  const [reason, reasonDe, reasonEn, whyDe, whyEn, typicalDays] = REASONS[i % REASONS.length]
  const fitting = FITTING[reason]
  const traffic = TRAFFIC[fitting[Math.floor(i / REASONS.length) % fitting.length]]
  const around = nearest(row, streets)
  const geometry = shape(i, row, around, fits, random, SHORT[reason] ?? 600)
  if (!geometry) return null
  const closed = traffic.impact.car === 'full' || traffic.impact.bus === 'full'
  const detour = [...new Set(around.slice(0, 4).map((r) => r.street))].slice(0, 2)
  const [start, end] = period(i, typicalDays, random)
  const number = String(i + 1).padStart(2, '0')
  return {
    type: 'Feature',
    id: uuid(number),
    properties: {
      id: uuid(number),
      number: `DEMO-${number}`,
      title: { de: `Demo: ${reasonDe}, ${row.street}`, en: `Demo: ${reasonEn}, ${row.street}` },
      street: row.street,
      near_stop: row.stop.id,
      district: districtAt(middle(geometry)),
      reason, reason_text: { de: reasonDe, en: reasonEn },
      impact: traffic.impact,
      start_offset_days: start, end_offset_days: end,
      start_verified: start <= 0, end_verified: end <= 0 || i % 4 === 0,
      cancelled: i === CANCELLED,
      description: { de: `${whyDe} ${traffic.de}`, en: `${whyEn} ${traffic.en}` },
      detour: closed ? { de: `Umleitung über ${detour.join(' und ')}.`, en: `Diversion via ${detour.join(' and ')}.` } : null,
      step_free_footway: traffic.stepFree,
      responsible_body: 'Stadt Gütersloh (Demo)',
      note: 'Demo',
    },
    geometry,
  }
}

// Five sites are over, nine are still to come, the others are running. Days relative to "today"; end is exclusive.
function period(i, days, random) {
  const length = Math.max(5, Math.round(days * (0.6 + random() * 0.8)))
  if (i % 8 === 5) { const end = -Math.floor(random() * 28); return [end - length, end] }
  if (i % 4 === 1 || i % 10 === 6) { const start = 2 + Math.floor(random() * 50); return [start, start + length] }
  const elapsed = Math.floor(length * (0.1 + random() * 0.7))
  return [-elapsed, length - elapsed]
}

function shape(i, row, around, fits, random, longest) {
  for (let attempt = 0; attempt < 30; attempt++) {
    const target = around[attempt % Math.min(6, around.length)]
    const reach = metresBetween(place(row), place(target))
    const length = Math.min(longest, Math.max(60, Math.min(reach * 0.9, 80 + random() * 520)))
    const line = bend(toMetres(place(row)), toMetres(place(target)), length, 2 + Math.floor(random() * 7), random)
    const geometry = AREAS.includes(i) ? area(line) : TWO_PIECES.includes(i) ? twoPieces(line) : { type: 'LineString', coordinates: line.map(toDegrees) }
    if (fits(geometry)) return geometry
  }
  return null
}

// A line of the wanted length from a towards b with a gentle bow, so that it does not look like a ruler.
function bend(a, b, length, vertices, random) {
  const [dx, dy] = sub(b, a)
  const d = Math.hypot(dx, dy)
  const [ux, uy] = [dx / d, dy / d]
  const bow = (random() - 0.5) * 0.16 * length
  return [...Array(vertices).keys()].map((k) => {
    const t = k / (vertices - 1)
    const side = bow * Math.sin(Math.PI * t)
    return [a[0] + ux * length * t - uy * side, a[1] + uy * length * t + ux * side]
  })
}

function area(line) {
  const [a, b] = [line[0], line[line.length - 1]]
  const d = Math.hypot(...sub(b, a))
  const along = Math.min(d, 120)
  const [ux, uy] = sub(b, a).map((v) => v / d)
  const corner = (l, s) => toDegrees([a[0] + ux * l - uy * s, a[1] + uy * l + ux * s])
  const ring = [corner(0, -9), corner(along, -9), corner(along, 9), corner(0, 9), corner(0, -9)]
  return { type: 'Polygon', coordinates: rightHand([ring]) }
}

function twoPieces(line) {
  const [a, b] = [line[0], line[line.length - 1]]
  const at = (t) => toDegrees([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t])
  return { type: 'MultiLineString', coordinates: [[at(0), at(0.2), at(0.4)], [at(0.6), at(0.8), at(1)]] }
}

const linesOf = (g) => (g.type === 'LineString' ? [g.coordinates] : g.coordinates)
const middle = (g) => { const l = linesOf(g)[0]; return [(l[0][0] + l[1][0]) / 2, (l[0][1] + l[1][1]) / 2] }

// Two sites keep 120 m between their corners, so that a finger can hit each of them on a map.
const apart = (a, b) => linesOf(a).flat().every((p) => linesOf(b).flat().every((q) => metresBetween(p, q) > 120))

function insideCity(geometry, city) {
  return linesOf(geometry).every((line) => line.every((p, i) => {
    const q = line[Math.min(i + 1, line.length - 1)]
    return [0, 0.25, 0.5, 0.75].every((t) => inGeometry([p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t], city))
  }))
}

export const lengthMetres = (g) => linesOf(g).reduce((sum, l) => sum + l.slice(1).reduce((s, p, i) => s + metresBetween(l[i], p), 0), 0)

// A name-based UUID (RFC 9562 version 5 layout), so that a rerun gives the same identifiers.
function uuid(number) {
  const h = createHash('sha1').update(`ortsnah demo construction site ${number}`).digest('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-5${h.slice(13, 16)}-${((parseInt(h[16], 16) & 3) | 8).toString(16)}${h.slice(17, 20)}-${h.slice(20, 32)}`
}
