// The invented town: sites with rooms, the two mobile stations, where they stop and when.
// Places lie a few metres from a real stop, so that they are plausible; buildings, rooms, vehicles and times are invented.

import { metresBetween, round6 } from './geo.mjs'

// id, name de, name en, address, stop id, metres east and north of the stop, step_free, kind
const SITES = [
  ['rathaus', 'Rathaus', 'Town hall', 'Berliner Straße 70', '923271', -28, -25, true, 'town_hall'],
  ['bibliothek', 'Stadtbibliothek', 'Public library', 'Blessenstätte 1', '923286', 18, 22, true, 'library'],
  ['halle-avenwedde', 'Demo: Bürgerhaus Avenwedde', 'Demo: Avenwedde community hall', 'Demo: am Schützenplatz', '923062', 30, 20, true, 'community_hall'],
  ['halle-bahnhof', 'Demo: Bürgerhaus Avenwedde-Bahnhof', 'Demo: Avenwedde-Bahnhof community hall', 'Demo: am Entenweg', '923043', -20, 25, true, 'community_hall'],
  ['halle-friedrichsdorf', 'Demo: Gemeindehaus Friedrichsdorf', 'Demo: Friedrichsdorf parish hall', 'Demo: an der Kirche', '923084', 25, -15, false, 'community_hall'],
  ['halle-isselhorst', 'Demo: Festhalle Isselhorst', 'Demo: Isselhorst hall', 'Demo: am Kirchplatz', '923097', -30, 10, true, 'community_hall'],
  ['halle-spexard', 'Demo: Bauernhaus Spexard', 'Demo: Spexard farmhouse', 'Demo: am Spexarder Krug', '923137', 15, 30, true, 'community_hall'],
  ['halle-kattenstroth', 'Demo: Bürgerhaus Kattenstroth', 'Demo: Kattenstroth community hall', 'Demo: am Kattenstrother Weg', '923232', 22, 18, true, 'community_hall'],
  ['halle-blankenhagen', 'Demo: Stadtteiltreff Blankenhagen', 'Demo: Blankenhagen district centre', 'Demo: an der Leipziger Straße', '923073', -18, -20, true, 'community_hall'],
]

// code, name de, name en, floor, persons, step_free, equipment
const ROOMS = [
  ['E1', 'Beratung E1', 'Advice room E1', 0, 2, true, 'screen'],
  ['E2', 'Beratung E2', 'Advice room E2', 0, 2, true, 'screen induction_loop'],
  ['E3', 'Kurzberatung E3', 'Short advice E3', 0, 1, true, 'screen passport_photo_machine'],
  ['F1', 'Familienzimmer F1', 'Family room F1', 0, 6, true, 'screen play_corner changing_table'],
  ['O1', 'Beratung O1', 'Advice room O1', 1, 3, true, 'screen video_conference'],
  ['O2', 'Planzimmer O2', 'Plan room O2', 1, 4, true, 'screen plan_table video_conference'],
  ['O3', 'Kleine Sitzung O3', 'Small meeting room O3', 2, 8, true, 'screen video_conference whiteboard'],
  ['T1', 'Turmzimmer T1', 'Tower room T1', 3, 12, false, 'projector whiteboard'],
]

const EQUIPMENT = {
  screen: ['Bildschirm', 'Screen'], induction_loop: ['Induktionsschleife', 'Induction loop'], passport_photo_machine: ['Passbildgerät', 'Passport photo machine'],
  play_corner: ['Spielecke', 'Play corner'], changing_table: ['Wickeltisch', 'Changing table'], video_conference: ['Videokonferenz', 'Video conference'],
  plan_table: ['Plantisch', 'Plan table'], whiteboard: ['Tafel', 'Whiteboard'], projector: ['Projektor', 'Projector'],
  fingerprint_scanner: ['Fingerabdruckleser', 'Fingerprint scanner'], card_reader: ['Kartenlesegerät', 'Card reader'], laptop: ['Rechner mit gesicherter Leitung', 'Computer with a secured line'],
  printer: ['Drucker', 'Printer'], payment_terminal: ['Kartenzahlung', 'Card payment'], ramp: ['Rampe', 'Ramp'], awning: ['Vordach', 'Awning'], power_pack: ['Stromspeicher', 'Power pack'],
}

function besideStop(stops, id, east, north) {
  const s = stops.find((x) => x.id === id)
  if (!s) throw new Error(`town: no stop ${id}`)
  return { lon: round6(s.lon + east / (111195 * Math.cos(s.lat * Math.PI / 180))), lat: round6(s.lat + north / 111195), near_stop: s.id, near_stop_name: s.name }
}

const equipment = (words) => words.split(' ').map((id) => {
  if (!EQUIPMENT[id]) throw new Error(`town: unknown equipment ${id}`)
  return { id, de: EQUIPMENT[id][0], en: EQUIPMENT[id][1] }
})

// Sites and rooms as rooms.json; districtAt(lon, lat) gives the district code.
export function sitesAndRooms(stops, districtAt) {
  const sites = SITES.map(([id, de, en, address, stop, east, north, stepFree, kind]) => {
    const at = besideStop(stops, stop, east, north)
    return { id, kind, name: { de, en }, address, ...at, step_free: stepFree, district: districtAt([at.lon, at.lat]), note: 'Demo' }
  })
  const rooms = ROOMS.map(([code, de, en, floor, persons, stepFree, words]) => ({ id: `rathaus-${code.toLowerCase()}`, site: 'rathaus', code, name: { de, en }, floor, persons, step_free: stepFree, equipment: equipment(words), note: 'Demo' }))
  return { note: 'Demo: Rathaus und Stadtbibliothek gibt es, ihre Lage ist aus der Haltestelle abgeleitet. Räume und Bürgerhäuser sind erfunden.', sites, rooms }
}

// id, kind, name de, name en, equipment id:state, staff
const STATIONS = [
  ['mobil', 'vehicle', 'Demo: Rathausmobil', 'Demo: Town hall van', 'laptop:checked fingerprint_scanner:checked card_reader:checked printer:checked payment_terminal:checked ramp:checked awning:present power_pack:present', 2],
  ['koffer', 'kit', 'Demo: Rathauskoffer', 'Demo: Town hall kit', 'laptop:checked fingerprint_scanner:checked card_reader:checked printer:present payment_terminal:planned', 1],
]

// id, name de, name en, address-like label, site or null, stop id, metres east and north (only without a site), step_free, power, network, parking
const STOPS = [
  ['bibliothek', 'Stadtbibliothek', 'Public library', '', 'bibliothek', '', 0, 0, true, true, 'fibre', true],
  ['avenwedde', 'Bürgerhaus Avenwedde', 'Avenwedde community hall', '', 'halle-avenwedde', '', 0, 0, true, true, 'fibre', true],
  ['avenwedde-bahnhof', 'Bürgerhaus Avenwedde-Bahnhof', 'Avenwedde-Bahnhof community hall', '', 'halle-bahnhof', '', 0, 0, true, true, 'mobile', true],
  ['friedrichsdorf', 'Gemeindehaus Friedrichsdorf', 'Friedrichsdorf parish hall', '', 'halle-friedrichsdorf', '', 0, 0, false, true, 'fibre', true],
  ['isselhorst', 'Festhalle Isselhorst', 'Isselhorst hall', '', 'halle-isselhorst', '', 0, 0, true, true, 'fibre', true],
  ['spexard', 'Bauernhaus Spexard', 'Spexard farmhouse', '', 'halle-spexard', '', 0, 0, true, true, 'mobile', true],
  ['kattenstroth', 'Bürgerhaus Kattenstroth', 'Kattenstroth community hall', '', 'halle-kattenstroth', '', 0, 0, true, true, 'fibre', true],
  ['blankenhagen', 'Stadtteiltreff Blankenhagen', 'Blankenhagen district centre', '', 'halle-blankenhagen', '', 0, 0, true, true, 'fibre', true],
  ['pavenstaedt', 'Parkplatz Pavenstädter Weg', 'Pavenstädter Weg car park', 'Parkplatz am Pavenstädter Weg', null, '928871', 20, -15, true, false, 'mobile', true],
  ['niehorst', 'Dorfplatz Niehorst', 'Niehorst village square', 'Platz an der Haltestelle Niehorst', null, '923106', 16, 12, true, false, 'mobile', true],
  ['ebbesloh', 'Hofplatz Ebbesloh', 'Ebbesloh farm square', 'Platz an der Gütersloher Straße', null, '928787', -14, 18, false, false, 'mobile', true],
  ['sundern', 'Schulhof Sundern', 'Sundern school yard', 'Platz an der Grundschule Sundern', null, '923202', 24, -12, true, true, 'mobile', false],
]

const PAPERS = 'reisepass personalausweis online-ausweis ummeldung meldebescheinigung fuehrungszeugnis beglaubigung'
const FAMILY = 'wohngeld wohnberechtigungsschein bildung-und-teilhabe kita-platz schulanmeldung schuelerfahrkarte guetersloh-pass'
const AGE = 'pflegeberatung seniorenberatung vorsorgevollmacht lebensbescheinigung parkausweis-behinderung'
const MONEY = 'gewerbe-anmelden gewerbe-abmelden grundsteuer hund-anmelden bewohnerparken bebauungsplan personenstandsurkunde'

// station, stop, ISO weekday (1 Monday), start, end, every n weeks, offset in weeks from the anchor, services
const PATTERNS = [
  ['mobil', 'avenwedde', 1, '09:00', '12:30', 1, 0, `${PAPERS} ${FAMILY}`],
  ['mobil', 'friedrichsdorf', 1, '14:00', '17:00', 1, 0, `${PAPERS} ${AGE}`],
  ['mobil', 'spexard', 2, '09:00', '12:30', 1, 0, `${PAPERS} ${FAMILY}`],
  ['mobil', 'sundern', 2, '14:00', '17:30', 2, 0, `${PAPERS} ${MONEY}`],
  ['mobil', 'pavenstaedt', 2, '14:00', '17:30', 2, 1, `${PAPERS} ${MONEY}`],
  ['mobil', 'isselhorst', 3, '09:00', '12:30', 1, 0, `${PAPERS} ${AGE}`],
  ['mobil', 'niehorst', 3, '14:00', '16:30', 2, 0, PAPERS],
  ['mobil', 'ebbesloh', 3, '14:00', '16:30', 2, 1, PAPERS],
  ['mobil', 'avenwedde-bahnhof', 4, '15:00', '18:30', 1, 0, `${PAPERS} ${MONEY}`],
  ['mobil', 'pavenstaedt', 5, '09:00', '12:00', 2, 0, PAPERS],
  ['koffer', 'kattenstroth', 1, '14:00', '17:30', 1, 0, `${PAPERS} ${AGE}`],
  ['koffer', 'blankenhagen', 2, '09:00', '12:30', 1, 0, `${PAPERS} ${FAMILY}`],
  ['koffer', 'blankenhagen', 3, '15:00', '18:00', 2, 1, `${FAMILY} ${AGE}`],
  ['koffer', 'bibliothek', 4, '09:00', '12:30', 1, 0, `${PAPERS} ${FAMILY} ${MONEY}`],
  ['koffer', 'kattenstroth', 5, '09:00', '11:30', 4, 2, AGE],
  ['koffer', 'bibliothek', 6, '10:00', '13:00', 2, 1, `${PAPERS} ${MONEY}`],
]

// Exceptions by pattern number, on weekly patterns only. week counts from the week of "now" (0 this week): the demo shows a cancelled visit whenever it is started.
const EXCEPTIONS = {
  2: [[2, 'Wartung des Fahrzeugs', 'Vehicle maintenance']],
  5: [[3, 'Der Saal ist belegt', 'The hall is in use']],
  11: [[1, 'Krankheit im Team', 'Illness in the team']],
}

// Public holidays of Nordrhein-Westfalen (Feiertagsgesetz NW, section 2) and the two eves, as dates of one year.
function closedDays(year) {
  const day = (d) => d.toISOString().slice(0, 10)
  const easter = easterSunday(year)
  const moving = [-2, 0, 1, 39, 49, 50, 60].map((n) => day(new Date(easter.getTime() + n * 86400000)))
  const fixed = ['01-01', '05-01', '10-03', '11-01', '12-24', '12-25', '12-26', '12-31'].map((md) => `${year}-${md}`)
  return [...moving, ...fixed].sort()
}

// Gauss' rule in the form of Meeus, Astronomical Algorithms, chapter 8.
function easterSunday(year) {
  const a = year % 19, b = Math.floor(year / 100), c = year % 100
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const n = h + l - 7 * m + 114
  return new Date(Date.UTC(year, Math.floor(n / 31) - 1, (n % 31) + 1))
}

// stations.json.
export function mobileStations(stops, rooms, districtAt) {
  const stations = STATIONS.map(([id, kind, de, en, words, staff]) => ({
    id, kind, name: { de, en }, staff,
    equipment: words.split(' ').map((w) => w.split(':')).map(([e, state]) => ({ ...equipment(e)[0], state })),
    note: 'Demo',
  }))
  const places = STOPS.map(([id, de, en, label, site, stop, east, north, stepFree, power, network, parking]) => {
    const from = site ? rooms.sites.find((s) => s.id === site) : besideStop(stops, stop, east, north)
    const address = `Demo: ${(site ? from.address : label).replace('Demo: ', '')}`
    const { lon, lat, near_stop, near_stop_name } = from
    return { id, name: { de: `Demo: ${de}`, en: `Demo: ${en}` }, address, site, lon, lat, near_stop, near_stop_name, district: districtAt([lon, lat]), step_free: stepFree, power, network, parking, note: 'Demo' }
  })
  const visits = PATTERNS.map(([station, stop, weekday, start, end, every, offset, services], i) => ({
    id: `${station}-${stop}-${weekday}`, station, stop, weekday, start, end, every_weeks: every, week_offset: offset, services: services.split(' ').sort(),
    exceptions: (EXCEPTIONS[i] ?? []).map(([week, de, en]) => ({ week_from_now: week, state: 'cancelled', reason: { de, en } })),
    note: 'Demo',
  }))
  return {
    note: 'Demo: Fahrzeuge, Haltepunkte und Standzeiten sind erfunden.',
    zone: 'Europe/Berlin',
    anchor_monday: '2026-01-05',
    closed_note: 'Feiertage in Nordrhein-Westfalen, Heiligabend und Silvester',
    closed_days: [2026, 2027, 2028, 2029, 2030].flatMap(closedDays),
    travel_minutes: 30,
    stations, stops: places, visits,
  }
}

// Patterns of one station that would overlap or leave less than travelMinutes between two different stops; sentences, none is good.
export function visitFaults({ visits, stops, travel_minutes: travel }) {
  const minutes = (t) => Number(t.slice(0, 2)) * 60 + Number(t.slice(3))
  const faults = []
  for (const a of visits) {
    if (minutes(a.start) >= minutes(a.end)) faults.push(`${a.id} ends before it starts`)
    if (!stops.some((s) => s.id === a.stop)) faults.push(`${a.id} names an unknown stop`)
    for (const b of visits) {
      if (a === b || a.station !== b.station || a.weekday !== b.weekday) continue
      const sameWeek = [...Array(12).keys()].some((w) => w % a.every_weeks === a.week_offset && w % b.every_weeks === b.week_offset)
      const gap = a.stop === b.stop ? 0 : travel
      if (sameWeek && minutes(a.start) < minutes(b.end) + gap && minutes(b.start) < minutes(a.end) + gap) faults.push(`${a.id} collides with ${b.id}`)
    }
  }
  return faults
}

export const metresFromStop = (place, stop) => metresBetween([place.lon, place.lat], [stop.lon, stop.lat])
