// About 200 invented house addresses in all districts. The street is the one of a real stop; house numbers run from the stop towards the next
// stop, odd on the left, even on the right, eight metres apart. No official house coordinates are used.

import { metresBetween, sub, toDegrees, toMetres } from './geo.mjs'

const WANTED = { '01': 32, '02': 22, '03': 18, '04': 14, '05': 18, '06': 16, '07': 16, '08': 10, '09': 10, 10: 12, 11: 8, 12: 6, 13: 8, 14: 22 }
const NUMBERS = [3, 8, 14, 21, 27, 30, 36, 41]

export function addresses(streets, rooms, districtAt) {
  const list = rooms.sites.filter((s) => !s.address.startsWith('Demo')).map((s) => {
    const [, street, number] = s.address.match(/^(.*) (\d+)$/)
    return address(street, number, [s.lon, s.lat], s.district)
  })
  const taken = new Set(list.map((a) => a.id))
  for (const [district, wanted] of Object.entries(WANTED).sort()) {
    const mine = streets.filter((r) => r.district === district)
    let missing = wanted
    for (let round = 0; round < NUMBERS.length; round++) {
      for (const [i, row] of mine.entries()) {
        if (missing === 0) break
        const number = NUMBERS[(round + i * 3) % NUMBERS.length]
        const at = doorstep(row, streets, number)
        const a = address(row.street, String(number), at, district)
        if (districtAt(at) !== district || taken.has(a.id)) continue
        taken.add(a.id)
        list.push(a)
        missing--
      }
    }
    if (missing > 0) throw new Error(`addresses: ${missing} missing in district ${district}`)
  }
  return list.sort((a, b) => (a.district + a.street < b.district + b.street ? -1 : a.district + a.street > b.district + b.street ? 1 : Number(a.house_number) - Number(b.house_number)))
}

function address(street, number, [lon, lat], district) {
  const id = `${street} ${number} ${district}`.toLowerCase().replace(/ä/g, 'ae').replace(/ö/g, 'oe').replace(/ü/g, 'ue').replace(/ß/g, 'ss').replace(/[^a-z0-9]+/g, '-')
  return { id, address: `${street} ${number}, Gütersloh`, street, house_number: number, lon, lat, district, note: 'Demo' }
}

function doorstep(row, streets, number) {
  const here = [row.stop.lon, row.stop.lat]
  const next = streets.map((r) => [r.stop.lon, r.stop.lat]).filter((p) => metresBetween(p, here) > 120).sort((a, b) => metresBetween(a, here) - metresBetween(b, here))[0]
  const [a, b] = [toMetres(here), toMetres(next)]
  const d = Math.hypot(...sub(b, a))
  const [ux, uy] = sub(b, a).map((v) => v / d)
  const along = Math.min(number * 4, d * 0.45)
  const side = number % 2 === 0 ? -12 : 12
  return toDegrees([a[0] + ux * along - uy * side, a[1] + uy * along + ux * side])
}
