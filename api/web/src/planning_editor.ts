// The map of the editor: the candidates of the table with their roles. A click
// on one changes the role in the table, a click elsewhere writes a new point into
// the text field; the form is what is saved.
import type { Feature } from 'geojson'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import { collection, css, ground } from './planning_map'
import { colour } from './style'

const byID = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T

const rows = (): HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>('tr[data-candidate]')]
const role = (row: Element): HTMLSelectElement | null => row.querySelector('select')
const name = (row: Element): string => row.querySelector('th span')?.textContent ?? ''

class Editor {
  private chosen: HTMLTableRowElement | undefined
  private at: [number, number] = [0, 0]

  constructor(private readonly map: MapLibre, private readonly el: HTMLElement) {
    map.addSource('candidates', { type: 'geojson', data: collection([]) })
    map.addSource('points', { type: 'geojson', data: collection([]) })
    const is = (value: string): ['==', ['get', string], string] => ['==', ['get', 'role'], value]
    map.addLayer({
      id: 'candidates', type: 'circle', source: 'candidates',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, 5, 14, 9],
        'circle-color': ['case', is('required'), css('pin'), is('existing'), colour('none'), is('forbidden'), colour('halo'), colour('inside')],
        'circle-stroke-color': ['case', is('forbidden'), colour('full'), css('pin')], 'circle-stroke-width': 2.5,
      },
    })
    map.addLayer({ id: 'forbidden', type: 'symbol', source: 'candidates', filter: is('forbidden'), layout: { 'text-field': '×', 'text-font': ['Fira Sans SemiBold'], 'text-size': 18, 'text-allow-overlap': true }, paint: { 'text-color': colour('full') } })
    map.addLayer({ id: 'existing', type: 'symbol', source: 'candidates', filter: is('existing'), layout: { 'text-field': '■', 'text-font': ['Fira Sans SemiBold'], 'text-size': 11, 'text-allow-overlap': true }, paint: { 'text-color': colour('halo') } })
    map.addLayer({ id: 'chosen', type: 'circle', source: 'candidates', filter: ['==', ['get', 'n'], ''], paint: { 'circle-radius': 16, 'circle-opacity': 0, 'circle-stroke-color': colour('selected'), 'circle-stroke-width': 3 } })
    map.addLayer({ id: 'points', type: 'circle', source: 'points', paint: { 'circle-radius': 7, 'circle-color': colour('stops'), 'circle-stroke-color': colour('halo'), 'circle-stroke-width': 2 } })
    this.draw()
    this.listen()
  }

  private draw(): void {
    const features = rows().map((row): Feature => ({
      type: 'Feature', geometry: { type: 'Point', coordinates: [Number(row.dataset['lon']), Number(row.dataset['lat'])] },
      properties: { n: row.dataset['candidate'], role: role(row)?.value === 'remove' ? 'forbidden' : role(row)?.value },
    }))
    this.map.getSource<GeoJSONSource>('candidates')?.setData(collection(features))
    this.map.getSource<GeoJSONSource>('points')?.setData(collection(this.typed()))
  }

  /** The points of the text field that a person can read; the server reads more. */
  private typed(): Feature[] {
    return byID<HTMLTextAreaElement>('f-points').value.split('\n').flatMap((line): Feature[] => {
      const parts = line.split(';').map((p) => Number(p.trim().replace(',', '.')))
      const [lon, lat] = [parts.at(-2), parts.at(-1)]
      if (lon === undefined || lat === undefined || !Number.isFinite(lon) || !Number.isFinite(lat) || line.split(';').length < 3) return []
      return [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [lon, lat] } }]
    })
  }

  private listen(): void {
    this.map.on('click', (event) => {
      const n = this.map.queryRenderedFeatures([[event.point.x - 6, event.point.y - 6], [event.point.x + 6, event.point.y + 6]], { layers: ['candidates'] })[0]?.properties['n'] as string | undefined
      this.choose(rows().find((row) => row.dataset['candidate'] === n), [event.lngLat.lng, event.lngLat.lat])
    })
    const form = byID<HTMLFormElement>('scenario')
    form.addEventListener('change', () => this.draw())
    byID('f-points').addEventListener('input', () => this.draw())
    form.addEventListener('focusin', (event) => {
      const row = (event.target as HTMLElement).closest<HTMLTableRowElement>('tr[data-candidate]')
      if (row) this.mark(row)
    })
    byID<HTMLSelectElement>('chosen-role').addEventListener('change', (event) => {
      const select = this.chosen && role(this.chosen)
      if (!select) return
      select.value = (event.target as HTMLSelectElement).value
      select.dispatchEvent(new Event('change', { bubbles: true }))
    })
    byID('chosen-add').addEventListener('click', () => {
      const field = byID<HTMLTextAreaElement>('f-points')
      const n = field.value.split('\n').filter((l) => l.trim() !== '').length + 1
      field.value = `${field.value.trimEnd()}\n${this.el.dataset['point'] ?? ''} ${n}; ${this.at[0].toFixed(6)}; ${this.at[1].toFixed(6)}`.trimStart()
      byID('planmap-status').textContent = this.el.dataset['added'] ?? ''
      this.close()
      this.draw()
    })
    byID('chosen-close').addEventListener('click', () => this.close())
    byID('chosen').addEventListener('keydown', (event) => { if (event.key === 'Escape') this.close() })
    byID<HTMLInputElement>('f-file').addEventListener('change', (event) => {
      const file = (event.target as HTMLInputElement).files?.[0]
      if (!file) return
      file.text().then((text) => {
        byID<HTMLTextAreaElement>('f-points').value = text
        this.draw()
      }).catch(() => undefined)
    })
  }

  private mark(row: HTMLTableRowElement | undefined): void {
    this.map.setFilter('chosen', ['==', ['get', 'n'], row?.dataset['candidate'] ?? ''])
    for (const other of rows()) other.classList.toggle('on', other === row)
  }

  private choose(row: HTMLTableRowElement | undefined, at: [number, number]): void {
    this.chosen = row
    this.at = at
    this.mark(row)
    const select = row && role(row)
    byID('chosen-field').hidden = !select
    byID('chosen-add').hidden = !!select
    byID('chosen-name').textContent = row ? name(row) : `${at[1].toFixed(5)}, ${at[0].toFixed(5)}`
    byID('chosen').hidden = false
    const own = byID<HTMLSelectElement>('chosen-role')
    if (select) own.value = select.value
    ;(select ? own : byID('chosen-add')).focus({ preventScroll: true })
  }

  private close(): void {
    byID('chosen').hidden = true
    this.mark(undefined)
    this.map.getCanvas().focus({ preventScroll: true })
  }
}

export async function editor(el: HTMLElement): Promise<void> {
  const map = await ground(el)
  new Editor(map, el)
  map.once('idle', () => { el.dataset['ready'] = 'true' })
}
