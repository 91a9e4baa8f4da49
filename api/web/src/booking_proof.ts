// Island: while the citizen reads, the browser does the work that tells people
// from programs (ALTCHA, version 1) and puts the proof into the form. Nothing is
// shown and nothing waits for it: a form without a proof is accepted as well,
// only more slowly when many come from one address.
import { solveChallengeWorkers } from 'altcha/lib'
import ShaWorker from 'altcha/workers/sha?worker'

/** What GET /api/v1/challenge answers. */
export interface Challenge { algorithm: string, challenge: string, maxnumber: number, salt: string, signature: string }

const hex = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (b) => b.toString(16).padStart(2, '0')).join('')

/** For how many milliseconds a challenge counts; date is the server's clock, as the reader's may be wrong. */
export function lifetime(c: Challenge, date: string | null): number {
  const expires = Number(new URLSearchParams(c.salt.split('?')[1]).get('expires')) * 1000
  return expires - (Date.parse(date ?? '') || Date.now())
}

/** The field's value: base64 of what was found, as the ALTCHA widget sends it. */
async function solve(c: Challenge): Promise<string> {
  const found = await solveChallengeWorkers({
    challenge: {
      parameters: { algorithm: c.algorithm, cost: 1, keyLength: 32, keyPrefix: c.challenge, nonce: hex(c.salt), salt: '' },
      signature: c.signature,
    },
    counterMode: 'string', concurrency: 2, createWorker: () => new ShaWorker(), timeout: 60_000,
  })
  if (!found) return ''
  const { algorithm, challenge, salt, signature } = c
  return btoa(JSON.stringify({ algorithm, challenge, number: found.counter, salt, signature, took: Math.round(found.time ?? 0) }))
}

// A proof is thrown away so long before it stops counting.
const reserve = 60_000

/** Keeps field filled with a proof that counts. */
function keep(field: HTMLInputElement, address: string): void {
  let until = 0
  let working = false
  async function renew(): Promise<void> {
    if (working || document.hidden || Date.now() < until) return
    working = true
    field.value = ''
    try {
      const answer = await fetch(address, { cache: 'no-store', headers: { Accept: 'application/json' } })
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`)
      const challenge = await answer.json() as Challenge
      const life = lifetime(challenge, answer.headers.get('Date'))
      until = Date.now() + Math.max(life - reserve, reserve)
      field.value = await solve(challenge)
    } catch {
      until = Date.now() + 5 * reserve // without a proof the form works, too
    }
    working = false
    window.setTimeout(renew, Math.max(until - Date.now(), 0) + 10)
  }
  // Who comes back to a page that was kept has already spent its proof.
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    until = 0
    void renew()
  })
  document.addEventListener('visibilitychange', renew)
  void renew()
}

const field = document.querySelector<HTMLInputElement>('input[data-proof]')
const address = field?.dataset['proof']
if (field && address && window.isSecureContext && 'Worker' in window) keep(field, address)
