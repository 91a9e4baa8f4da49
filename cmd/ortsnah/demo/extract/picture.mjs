// Draws ../data as one SVG to look at: `npm run picture -- /tmp/town.svg`.

import { readFileSync, writeFileSync } from 'node:fs'
import { polygonsOf, toMetres } from './geo.mjs'

const read = (f) => JSON.parse(readFileSync(new URL(`../data/${f}`, import.meta.url), 'utf8'))
const SIZE = 1600
const SCALE = SIZE / 17000 // pixels per metre
const xy = (p) => { const [x, y] = toMetres(p); return `${(SIZE / 2 + x * SCALE).toFixed(1)} ${(SIZE / 2 - y * SCALE).toFixed(1)}` }
const at = (p) => xy(p).split(' ')
const ring = (r, close) => `M${r.map(xy).join('L')}${close ? 'Z' : ''}`
const area = (g) => polygonsOf(g).flat().map((r) => ring(r, true)).join('')
const COLOUR = { full: '#c00', partial: '#e80', none: '#06c' }

const out = [`<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" font-family="sans-serif"><rect width="100%" height="100%" fill="#dfe7ee"/>`]
for (const n of read('neighbours.geojson').features) out.push(`<path d="${area(n.geometry)}" fill="#f4f2ec" stroke="#999"/>`)
read('districts.geojson').features.forEach((d, i) => {
  out.push(`<path d="${area(d.geometry)}" fill="hsl(${i * 77 % 360} 60% 85%)" stroke="#555"/>`)
  const r = polygonsOf(d.geometry)[0][0]
  const [x, y] = at([r.reduce((s, p) => s + p[0], 0) / r.length, r.reduce((s, p) => s + p[1], 0) / r.length])
  out.push(`<text x="${x}" y="${y}" font-size="20" text-anchor="middle" fill="#333">${d.properties.code} ${d.properties.name}</text>`)
})
out.push(`<path d="${area(read('municipality.geojson').features[0].geometry)}" fill="none" stroke="#000" stroke-width="2.5"/>`)
for (const s of read('stops.geojson').features) { const [x, y] = at(s.geometry.coordinates); out.push(`<circle cx="${x}" cy="${y}" r="2.5" fill="#777"/>`) }
for (const a of read('addresses.json').addresses) { const [x, y] = at([a.lon, a.lat]); out.push(`<rect x="${x - 1.5}" y="${y - 1.5}" width="3" height="3" fill="#080"/>`) }
for (const w of read('construction_sites.json').features) {
  const lines = w.geometry.type === 'LineString' ? [w.geometry.coordinates] : w.geometry.coordinates
  out.push(`<path d="${lines.map((l) => ring(l, w.geometry.type === 'Polygon')).join('')}" fill="none" stroke="${COLOUR[w.properties.impact.car]}" stroke-width="4" stroke-linecap="round"/>`)
  const [x, y] = at(lines[0][0]); out.push(`<text x="${x}" y="${y}" font-size="9">${w.properties.number.slice(5)}</text>`)
}
for (const s of [...read('rooms.json').sites, ...read('stations.json').stops]) { const [x, y] = at([s.lon, s.lat]); out.push(`<rect x="${x - 5}" y="${y - 5}" width="10" height="10" fill="${s.kind ? '#406' : '#c0f'}"/><text x="${Number(x) + 8}" y="${Number(y) + 4}" font-size="11">${s.id}</text>`) }
out.push('</svg>')
writeFileSync(process.argv[2] ?? '/dev/stdout', out.join('\n'))
