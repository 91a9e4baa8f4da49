// The 60 concerns (Anliegen) of the demo town, the offices behind them and the rules that say who is responsible.
// All texts are our own. Durations of passport, pension advice, residence permit, building advice and change of address follow what towns
// of this size plan with; the others are estimates that a department would replace by its own.

import { CONDITIONS, DOCUMENTS } from './documents.mjs'
import { CIVIC } from './services_civic.mjs'
import { SOCIAL } from './services_social.mjs'
import { TOWN } from './services_town.mjs'

export const OFFICES = [
  ['bauaufsicht', 'Demo: Bauaufsicht', 'Demo: Building Control'],
  ['buergerbuero', 'Demo: Bürgerbüro', "Demo: Citizens' Office"],
  ['auslaenderbehoerde', 'Demo: Ausländerbehörde', 'Demo: Immigration Office'],
  ['gewerbe', 'Demo: Ordnung und Gewerbe', 'Demo: Public Order and Business'],
  ['gruen', 'Demo: Umwelt und Grün', 'Demo: Environment and Green Spaces'],
  ['jugend', 'Demo: Kinder, Jugend und Familie', 'Demo: Children, Youth and Family'],
  ['rente', 'Demo: Rentenstelle', 'Demo: Pension Advice'],
  ['schule', 'Demo: Schule und Bildung', 'Demo: Schools and Education'],
  ['soziales', 'Demo: Soziales', 'Demo: Social Affairs'],
  ['standesamt', 'Demo: Standesamt', 'Demo: Registry Office'],
  ['steuern', 'Demo: Steuern und Abgaben', 'Demo: Taxes and Charges'],
  ['verkehr', 'Demo: Straßen und Verkehr', 'Demo: Roads and Traffic'],
  ['wohnen', 'Demo: Wohnen', 'Demo: Housing'],
]

const CHANNELS = { c: 'counter', p: 'phone', v: 'video', o: 'online', m: 'mobile' }

// Short table rows become the documented shape of services.json.
function service([id, office, minutes, further, channels, jurisdiction, de, en, sumDe, sumEn, documents, keywords, extra = {}]) {
  const known = new Set(DOCUMENTS.map(([d]) => d))
  return {
    id,
    name: { de, en },
    summary: { de: sumDe, en: sumEn },
    department: office,
    minutes,
    minutes_per_further_person: further,
    channels: [...channels].map((c) => CHANNELS[c]),
    mobile: channels.includes('m'),
    online: channels.includes('o'),
    online_url: extra.online_url ?? null,
    appointment: extra.appointment ?? true,
    urgent: extra.urgent ?? false,
    jurisdiction: { kind: jurisdiction, ...(jurisdiction === 'geographic' ? { place: 'plot' } : {}) },
    documents: documents.split(' ').filter(Boolean).map((word) => {
      const [doc, condition] = word.split(':')
      if (!known.has(doc) || (condition && !CONDITIONS[condition])) throw new Error(`service ${id}: unknown document "${word}"`)
      return { id: doc, ...(condition ? { condition_de: CONDITIONS[condition][0], condition_en: CONDITIONS[condition][1] } : {}) }
    }),
    ...(extra.leika ? { leika: extra.leika } : {}),
    keywords: keywords.split(',').map((k) => k.trim()),
    note: 'Demo',
  }
}

export function serviceCatalogue() {
  return {
    note: 'Demo: Texte, Dauern und Unterlagen sind erfunden und keine Auskunft der Stadt Gütersloh.',
    offices: OFFICES.map(([id, de, en]) => ({ id, name: { de, en }, site: 'rathaus', phone: null, note: 'Demo' })),
    documents: DOCUMENTS.map(([id, de, en]) => ({ id, de, en })),
    services: [...CIVIC, ...SOCIAL, ...TOWN].map(service).sort((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

const SURNAMES = [['X1', 'A', 'Be'], ['X2', 'Bf', 'Kz'], ['X3', 'La', 'Mt'], ['X4', 'Mu', 'Sc'], ['X5', 'Sd', 'Z']]

// Who is responsible. A rule belongs to an office; services of that office with the same jurisdiction kind follow it.
export function jurisdiction(catalogue, districtList) {
  const teams = []
  const rules = []
  const officesOf = (kind) => catalogue.offices.filter((o) => catalogue.services.some((s) => s.department === o.id && s.jurisdiction.kind === kind))
  for (const o of officesOf('anyone')) {
    teams.push({ id: o.id, office: o.id, name: { de: `${o.name.de}, Team`, en: `${o.name.en}, team` }, note: 'Demo' })
    rules.push({ id: `${o.id}-anyone`, office: o.id, kind: 'anyone', priority: 10, team: o.id })
  }
  for (const o of officesOf('alphabetic')) {
    for (const [label, from, to] of SURNAMES) {
      const team = `${o.id}-${label.toLowerCase()}`
      teams.push({ id: team, office: o.id, label, name: { de: `${o.name.de}, Team ${label} (${from} bis ${to})`, en: `${o.name.en}, team ${label} (${from} to ${to})` }, note: 'Demo' })
      rules.push({ id: `${team}-surname`, office: o.id, kind: 'alphabetic', priority: 20, from, to, team })
    }
  }
  for (const o of officesOf('geographic')) {
    for (const label of ['B1', 'B2', 'B3', 'B4']) {
      const team = `${o.id}-${label.toLowerCase()}`
      const mine = districtList.filter((d) => d.team === label)
      teams.push({ id: team, office: o.id, label, name: { de: `${o.name.de}, Bezirk ${label}`, en: `${o.name.en}, area ${label}` }, note: 'Demo' })
      rules.push({ id: `${team}-districts`, office: o.id, kind: 'geographic', priority: 20, place: 'plot', districts: mine.map((d) => d.code), team })
    }
  }
  return {
    note: 'Demo: erfundene Zuständigkeiten, keine Namen von Personen.',
    fallback: { team: 'infotheke', name: { de: 'Demo: Infotheke im Rathaus', en: 'Demo: Information desk in the town hall' } },
    teams,
    rules,
  }
}
