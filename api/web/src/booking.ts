// Island: a button below the suggested times that shows their places on a map.
// The map's program is large and loaded only when somebody asks for it.
import { say } from './data'

export interface Place { name: string, lon: number, lat: number, first: HTMLElement }

/** The places of the list in its order. */
export function placesOf(list: Iterable<HTMLElement>): Place[] {
  const places: Place[] = []
  for (const el of list) {
    const [lon, lat, name] = [Number(el.dataset['lon']), Number(el.dataset['lat']), el.dataset['place'] ?? '']
    if (!Number.isFinite(lon) || !Number.isFinite(lat) || places.some((p) => p.name === name)) continue
    places.push({ name, lon, lat, first: el })
  }
  return places
}

const el = document.querySelector<HTMLElement>('#slotmap')
const button = document.querySelector<HTMLButtonElement>('#slotmap-button')
const places = placesOf(document.querySelectorAll<HTMLElement>('.slot[data-lon]'))
if (el && button && places.length > 0) {
  button.hidden = false
  button.addEventListener('click', () => {
    button.hidden = true
    el.hidden = false
    import('./booking_map').then(({ show }) => show(el, places)).catch(() => say(el, el.dataset['failed']))
  })
}
