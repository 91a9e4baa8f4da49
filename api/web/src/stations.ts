// Island of the citizens' pages of stations: a button that takes the position
// of the device, and a map that is loaded when it comes into view. The list is
// complete without both.
import { say } from './data'

function locate(button: HTMLButtonElement, form: HTMLFormElement): void {
  const said = document.querySelector<HTMLElement>('#locate-said')
  const field = (name: string): HTMLInputElement | null => form.querySelector(`input[name="${name}"]`)
  button.hidden = false
  button.addEventListener('click', () => {
    button.disabled = true
    if (said) said.textContent = button.dataset['wait'] ?? ''
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const [lon, lat] = [field('lon'), field('lat')]
      if (!lon || !lat) return
      lon.value = coords.longitude.toFixed(4) // ten metres are enough
      lat.value = coords.latitude.toFixed(4)
      form.submit()
    }, (wrong) => {
      button.disabled = false
      if (said) said.textContent = (wrong.code === wrong.PERMISSION_DENIED ? button.dataset['denied'] : button.dataset['failed']) ?? ''
    }, { timeout: 15000, maximumAge: 60000 })
  })
}

const button = document.querySelector<HTMLButtonElement>('#locate')
const form = document.querySelector<HTMLFormElement>('#find')
if (button && form && isSecureContext && 'geolocation' in navigator) locate(button, form)
// Coming back from the answer the fields may still hold the last position.
addEventListener('pageshow', () => {
  for (const el of document.querySelectorAll<HTMLInputElement>('#find input[name="lon"], #find input[name="lat"]')) el.value = ''
  if (button) button.disabled = false
})

const el = document.querySelector<HTMLElement>('#map')
if (el) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((e) => e.isIntersecting)) return
    seen.disconnect()
    import('./stations_map').then(({ show }) => show(el)).catch(() => say(el, el.dataset['failed']))
  }, { rootMargin: '200px' })
  seen.observe(el)
}
