// The districts: Voronoi cells of the stops, dissolved by Ortsteil, clipped to the city border.
//
// No official district polygons are open data. The names of about half of the stops begin with the Ortsteil ("Spexard Lupinenweg"); the stops of the old
// town and of the five Bauerschaften that became part of Gütersloh in 1910 do not, they are assigned by hand below. The result looks like a
// town, but a border here is only "half-way between two stops", which is why every district says so.

import { Delaunay } from 'd3-delaunay'
import polygonClipping from 'polygon-clipping'
import { areaKm2, canonicalRing, distanceToSegment, polygonsOf, rightHand, roundPoint, samePoint, signedArea, toDegrees, toMetres, withoutRepeats } from './geo.mjs'

// code, name, building team (Baubezirk), beginnings of stop names that carry the Ortsteil
export const DISTRICTS = [
  ['01', 'Innenstadt', 'B1', ['ZOB ', 'Hauptbahnhof ', 'Gütersloh Hbf']],
  ['02', 'Kattenstroth', 'B2', ['Kattenstroth ']],
  ['03', 'Sundern', 'B2', []],
  ['04', 'Nordhorn', 'B3', []],
  ['05', 'Pavenstädt', 'B1', []],
  ['06', 'Blankenhagen', 'B4', ['Blankenhagen ']],
  ['07', 'Avenwedde', 'B3', ['Avenwedde ', 'Avenwedde/', 'Waldsiedlung ']],
  ['08', 'Avenwedde-Bahnhof', 'B3', ['Bahnhof ', 'Isselhorst-Avenwedde']],
  ['09', 'Friedrichsdorf', 'B3', ['Friedrichsdorf ', 'Gütersloh Nord ', 'Avenwedde Nord ']],
  ['10', 'Isselhorst', 'B4', ['Isselhorst ']],
  ['11', 'Ebbesloh', 'B4', ['Ebbesloh ']],
  ['12', 'Hollen', 'B4', ['Hollen ']],
  ['13', 'Niehorst', 'B4', ['Niehorst']],
  ['14', 'Spexard', 'B2', ['Spexard ']],
]

// Stops without an Ortsteil in their name, and the few whose prefix would tear a district apart. By name, as the source writes it.
const BY_HAND = {
  '01': `Alte Heuwaage|Alter Kirchplatz|Am Türmchen|Am Wochenmarkt|Alsenstraße|Arndtstraße|Böhmerstraße|Brockhäger Straße|Dammstraße|Dreiecksplatz|
    Feldstraße|Feuerbornstraße|Feuerwache|Friedenstraße|Goethestraße|Haegestraße|Hagenstraße|Hohenzollernstraße|Holzstraße|Kahlertstraße|Kaiserstraße|
    Kurfürstenstraße|Langer Weg|Lindenstraße|Moltkestraße|Nordbad|Nordring/Kahlertstr.|Nordring/Marienfelder Str.|Oststraße|Pestalozzistraße|
    Pfälzer Straße|Prekerstraße|Rathaus|Reckenberger Straße|Sieweckestraße|Spiekergasse|Stadtbibliothek|Stadthalle/Theater|Verler Straße|Wiesenstraße|
    Wilhelm-Florin-Zent|Klinikum|Hochstraße|Schledebrückstraße|Sedanstraße`,
  '02': `Alter Westring|Aulenkampsweg|Bertelsweg|Brandenburger Weg|Brunnenstraße|Diekstraße|Eichenallee|Elisabeth-Hospital|Elsenhermstraße|
    Eversgerdweg|Fichtenstraße|Finanzamt|Friedhofstraße|Hans-Böckler-Straße|Heidewald|Im Brock|Im Heidkamp|Innungskrankenkasse|Janusz-Korczak-Schule|
    Kattenstrother Weg|Kiebitzstraße|LWL-Ambulanzzentrum|LWL-Klinik|Liebfrauenkirche|Möllenbrocksweg|Pommernweg|Rhedaer Straße|Schalückstraße|
    Schalückstr./Schledebrückstraße|Stadion|Stadtring Kattenstr.|Südring|Westfalenweg|Westfalenweg/Schledebrückstr.|Spexard Eggestraße`,
  '03': `Agnesstraße|Am Anger|Auf der Kammer|Auf der Reihe|Bockschatzweg|Die Welle|Elbrachtsweg|Erich-Kästner-Str.|Grundschule Sundern|Göbelstraße|
    Hardenbergstraße|Heidewaldschule|Henkenhof|Hüssengarten|Mohndruck|Mosaikschule|Mühlenweg|Ortwirth|Schulzentrum Ost|Stadtring Sundern|Sundernstraße|
    Susannenstraße|Thomas-Mann-Straße|Ursulastraße|Wagenfeldstraße|Weserstraße`,
  '04': `Bertelsmann|Carl-Zeiss-Straße|Edisonstraße|Hülsbrockstraße|Knappweg|Krokusweg|Marienstraße|Miele Tor 5a|Miele Tor V|Miele Werke|Ottilienstraße|
    Robert-Bosch-Straße|Sandbrink|Schürmannsweg|Stadtring Nordhorn|Stadtwerke|Zum Stillen Frieden|Malvenweg|Tarrheide`,
  '05': `Am Kamphof|Am Stellbrink Nord|Anne-Frank-Gesamtschule|Auf dem Knüll|Auf dem Stempel|Emser Landstraße|Fritz-Blank-Straße|Grenzweg|
    Hermann-Simon-Str.|Johannesfriedhof|Kath.Friedhof|Kreishaus|Kronenstraße|Marienfelder Straße|Melanchthonstraße|Mertens|Ohlbrocksweg|
    Pavenstädter Weg|Thomas-Morus-Straße|VEW|Westring|Westring/Grenzweg|Wilhelm-Baumann-Str.`,
  '06': 'Auf der Benkert|3.Gesamtschule|Austernbrede|Wichernstraße',
  '08': 'Zu den Linden|Avenwedde Osnabr. Landstr.|Avenwedde August-Borsig-Str.|Avenwedde Henry-Ford-Str.|Avenwedde Werner-von-Siemens-Str.|Avenwedde Müthers Kamp|Avenwedde Hansmertenweg',
  '09': 'Avenwedde Franz-Lehar-Str.',
  14: 'Lukasstraße/Josefschule|Piusstraße|Schwarzwaldweg',
}

// The district code of every stop, by stop id. Fails on a stop that neither its name nor the list above places.
export function districtOfStops(stops) {
  const byHand = new Map(Object.entries(BY_HAND).flatMap(([code, text]) => text.split('|').map((n) => [n.replace(/\s+/g, ' ').trim(), code])))
  const unused = new Set(byHand.keys())
  const prefixes = DISTRICTS.flatMap(([code, , , starts]) => starts.map((s) => [s, code])).sort((a, b) => b[0].length - a[0].length)
  const found = new Map()
  for (const stop of stops) {
    const code = byHand.get(stop.name) ?? prefixes.find(([s]) => stop.name.startsWith(s))?.[1]
    if (!code) throw new Error(`no district for stop ${stop.id} "${stop.name}" at ${stop.lon} ${stop.lat}: add it to BY_HAND`)
    unused.delete(stop.name)
    found.set(stop.id, code)
  }
  if (unused.size > 0) throw new Error(`BY_HAND names stops that do not exist: ${[...unused].join(', ')}`)
  return found
}

// Returns {districts: [{code, name, team, geometry}], border: the city's rings with the districts' corners added}.
export function districts(city, stops, codeOfStop) {
  const places = new Map() // several platforms share one place; the first stop decides
  for (const s of stops) if (!places.has(`${s.lon},${s.lat}`)) places.set(`${s.lon},${s.lat}`, { at: toMetres([s.lon, s.lat]), code: codeOfStop.get(s.id) })
  const seeds = [...places.values()]
  const voronoi = Delaunay.from(seeds.map((s) => s.at)).voronoi([-20000, -20000, 20000, 20000])
  const cells = seeds.map((s, i) => ({ code: s.code, ring: withoutRepeats(voronoi.cellPolygon(i).map(toDegrees)) }))
  const border = city.geometry.coordinates
  const shapes = DISTRICTS.map(([code]) => {
    const [first, ...rest] = cells.filter((c) => c.code === code).map((c) => [c.ring])
    return polygonClipping.intersection(polygonClipping.union(first, ...rest), border).map((rings) => rings.map((r) => withoutRepeats(r.map(roundPoint))))
  })
  const noded = nodeTogether([...shapes.flat(2), ...border])
  let next = 0
  const finished = shapes.map((polygons) => polygons.map((rings) => rightHand(rings.map(() => noded[next++])).map(canonicalRing)))
  const list = DISTRICTS.map(([code, name, team], i) => {
    const geometry = finished[i].length === 1 ? { type: 'Polygon', coordinates: finished[i][0] } : { type: 'MultiPolygon', coordinates: finished[i] }
    return { code, name, team, geometry, area_km2: Math.round(areaKm2(geometry) * 100) / 100 }
  })
  return { districts: list, border: rightHand(border.map(() => noded[next++])).map(canonicalRing) }
}

// Adds to every ring the other rings' vertices that lie on its edges (within 0.2 m), so that neighbours share identical vertices and the
// borders close without gaps even after rounding to six decimals.
function nodeTogether(rings) {
  const points = [...new Map(rings.flat().map((p) => [`${p[0]},${p[1]}`, p])).values()]
  const flat = points.map(toMetres)
  return rings.map((ring) => {
    const out = []
    for (let i = 0; i + 1 < ring.length; i++) {
      const [a, b] = [toMetres(ring[i]), toMetres(ring[i + 1])]
      const between = []
      for (let k = 0; k < points.length; k++) {
        if (samePoint(points[k], ring[i]) || samePoint(points[k], ring[i + 1])) continue
        const { distance, t } = distanceToSegment(flat[k], a, b)
        if (distance < 0.2 && t > 0 && t < 1) between.push([t, points[k]])
      }
      out.push(ring[i], ...between.sort((l, r) => l[0] - r[0]).map(([, p]) => p))
    }
    return [...withoutRepeats(out), out[0]]
  })
}

// What is wrong with a tiling: every edge must be walked once in each direction by two districts, or once by a district and once by the
// city's border; and the areas must add up. Returns sentences; none means the districts cover the city without gap or overlap.
export function tilingFaults(list, borderRings) {
  const faults = []
  const edges = new Map()
  const walk = (ring, owner, reverse) => {
    const r = reverse ? [...ring].reverse() : ring
    for (let i = 0; i + 1 < r.length; i++) {
      const key = `${r[i]}>${r[i + 1]}`
      if (edges.has(key)) faults.push(`edge ${key} belongs to ${edges.get(key)} and to ${owner}`)
      edges.set(key, owner)
    }
  }
  for (const d of list) for (const rings of polygonsOf(d.geometry)) for (const r of rings) walk(r, d.code, false)
  for (const r of borderRings) walk(r, 'border', true)
  for (const [key, owner] of edges) {
    const [a, b] = key.split('>')
    if (!edges.has(`${b}>${a}`)) faults.push(`edge ${key} of ${owner} has no partner`)
  }
  // Areas in square micro-degrees are whole or half numbers, so they must be equal, not just close.
  const micro = (r) => signedArea(r.map(([lon, lat]) => [Math.round(lon * 1e6), Math.round(lat * 1e6)]))
  const sum = list.flatMap((d) => polygonsOf(d.geometry).flat()).reduce((s, r) => s + micro(r), 0)
  const whole = borderRings.reduce((s, r) => s + micro(r), 0)
  if (sum !== whole) faults.push(`districts' area ${sum} is not the city's ${whole} (square micro-degrees)`)
  return faults
}
