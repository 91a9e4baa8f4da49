// Street names that stop names carry, with the stops they belong to. A stop is usually named after the street it stands in or crosses.

import { DISTRICTS } from './districts.mjs'

const STREET = /(straße|str\.|weg|wg|allee|ring|platz|brink|kamp|brede|landstraße|damm|gasse|heide)$/i
const PLACED = /^(Am|An den|Auf dem|Auf der|Im|Zu den|Zum|Stadtring) /
const ALSO_STREETS = ['Bokemühlenfeld', 'Ellernhagen', 'Schluthecke']
const NOT_STREETS = ['Dreiecksplatz', 'Schützenplatz', 'Kirchplatz', 'Am Wochenmarkt', 'Am Türmchen', 'Tarrheide', 'Große Heide', 'Pivitsheide', 'Eimerheide', 'Müthers Kamp', 'Piepenbr. Weg', 'Zum Stillen Frieden']
const PREFIXES = DISTRICTS.flatMap((d) => [...d[3], `${d[1]} `]).map((s) => s.trim()).filter((s) => s !== 'Niehorst').concat('Niehorst').sort((a, b) => b.length - a.length)
// Abbreviations of the source, written out.
const WRITTEN_OUT = { 'Blankenhg Weg': 'Blankenhagener Weg', 'Stadtring Kattenstr.': 'Stadtring Kattenstroth', 'Osnabr. Landstr.': 'Osnabrücker Landstraße', 'Schalückstr.': 'Schalückstraße', 'Schillerwg': 'Schillerweg' }

// The street in a stop's name, or null if the stop is named after something else (a school, a farm, a church).
export function streetOfStop(name) {
  let rest = name
  for (const p of PREFIXES) if (rest.startsWith(`${p} `) || rest.startsWith(`${p}/`)) { rest = rest.slice(p.length + 1).trim(); break }
  const first = rest.split('/')[0].trim()
  if (NOT_STREETS.includes(first) || !(STREET.test(first) || PLACED.test(first) || ALSO_STREETS.includes(first))) return null
  return (WRITTEN_OUT[first] ?? first).replace(/-Str\.$/, '-Straße').replace(/ Str\.$/, ' Straße').replace(/str\.$/, 'straße')
}

// Stops with a street, sorted by id, one per place: [{stop, street, district}].
export function streetStops(stops, codeOfStop) {
  const seen = new Set()
  const list = []
  for (const stop of stops) {
    const street = streetOfStop(stop.name)
    const place = `${street}|${stop.lon.toFixed(3)}|${stop.lat.toFixed(3)}`
    if (!street || seen.has(place)) continue
    seen.add(place)
    list.push({ stop, street, district: codeOfStop.get(stop.id) })
  }
  return list
}
