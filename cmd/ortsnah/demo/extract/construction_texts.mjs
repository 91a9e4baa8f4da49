// What is built and whom it hinders: the words of the 40 invented construction sites.

// code, short German, short English, German sentence, English sentence, typical days
export const REASONS = [
  ['sewer', 'Kanalbau', 'Sewer works', 'Der alte Kanal wird gegen größere Rohre getauscht.', 'The old sewer is replaced by larger pipes.', 120],
  ['district_heating', 'Fernwärme', 'District heating', 'Häuser werden an das Fernwärmenetz angeschlossen.', 'Homes are connected to the district heating network.', 90],
  ['fibre', 'Glasfaser', 'Fibre optic cable', 'Im Gehweg werden Glasfaserkabel verlegt.', 'Fibre optic cable is laid in the pavement.', 30],
  ['surface', 'Fahrbahndecke', 'Road surface', 'Die Fahrbahn bekommt einen neuen Belag.', 'The road gets a new surface.', 18],
  ['gas', 'Gasleitung', 'Gas pipe', 'Eine Gasleitung wird erneuert.', 'A gas pipe is renewed.', 35],
  ['bridge', 'Brückensanierung', 'Bridge repair', 'Die Brücke wird abgedichtet und bekommt neue Geländer.', 'The bridge is sealed and gets new railings.', 150],
  ['water', 'Wasserleitung', 'Water main', 'Eine Trinkwasserleitung wird erneuert.', 'A drinking water main is renewed.', 45],
  ['footway', 'Gehwegsanierung', 'Pavement repair', 'Der Gehweg wird gepflastert und an den Ecken abgesenkt.', 'The pavement is relaid and lowered at the corners.', 25],
  ['bus_stop', 'Umbau der Haltestelle', 'Bus stop rebuilding', 'Die Haltestelle wird barrierefrei umgebaut.', 'The bus stop is rebuilt without steps.', 40],
  ['power', 'Stromkabel', 'Power cable', 'Neue Stromkabel werden verlegt.', 'New power cables are laid.', 28],
]

const impact = (car, bike, foot, bus, emergency, heavy) => ({ car, bike, foot, bus, emergency, heavy })

// How the traffic runs: impact per mode, German and English sentence, step-free way for people on foot.
export const TRAFFIC = {
  closed: { impact: impact('full', 'partial', 'none', 'full', 'partial', 'full'), stepFree: true, de: 'Die Straße ist für Autos und Busse gesperrt. Zu Fuß kommen Sie durch, Fahrräder werden geschoben.', en: 'The road is closed to cars and buses. You can walk through and push your bicycle.' },
  half: { impact: impact('partial', 'partial', 'none', 'partial', 'none', 'partial'), stepFree: true, de: 'Der Verkehr läuft abwechselnd auf einer Spur, eine Ampel regelt ihn.', en: 'Traffic alternates on one lane, controlled by a signal.' },
  oneway: { impact: impact('partial', 'none', 'none', 'full', 'none', 'partial'), stepFree: true, de: 'Die Straße ist Einbahnstraße. Busse fahren eine andere Strecke, Fahrräder dürfen in beide Richtungen.', en: 'The road is one-way. Buses are diverted, bicycles may use both directions.' },
  footway: { impact: impact('none', 'none', 'partial', 'none', 'none', 'none'), stepFree: true, de: 'Der Gehweg ist schmaler. Eine Rampe führt über die Baustelle.', en: 'The pavement is narrower. A ramp leads across the works.' },
  footwayClosed: { impact: impact('none', 'partial', 'full', 'none', 'none', 'none'), stepFree: false, de: 'Der Gehweg ist gesperrt. Bitte wechseln Sie die Straßenseite, dort gibt es eine Stufe.', en: 'The pavement is closed. Please cross the road; there is a step on the other side.' },
  cycleway: { impact: impact('none', 'full', 'partial', 'none', 'none', 'none'), stepFree: true, de: 'Der Radweg ist gesperrt. Bitte fahren Sie auf der Fahrbahn oder schieben Sie.', en: 'The cycle path is closed. Please use the road or push your bicycle.' },
  heavy: { impact: impact('none', 'none', 'none', 'none', 'none', 'full'), stepFree: true, de: 'Die Strecke ist für Fahrzeuge über 7,5 Tonnen gesperrt.', en: 'The road is closed to vehicles above 7.5 tonnes.' },
  everything: { impact: impact('full', 'full', 'full', 'full', 'full', 'full'), stepFree: false, de: 'Die Strecke ist für alle gesperrt, auch zu Fuß und für Rettungsfahrzeuge.', en: 'The route is closed to everyone, including people on foot and emergency vehicles.' },
  busstop: { impact: impact('none', 'none', 'partial', 'partial', 'none', 'none'), stepFree: true, de: 'Der Bus hält an einer Ersatzhaltestelle etwa 80 Meter weiter.', en: 'The bus stops at a temporary stop about 80 metres further on.' },
}

// Which traffic arrangements fit a reason.
export const FITTING = {
  sewer: ['closed', 'half', 'oneway'], district_heating: ['half', 'closed', 'oneway'], fibre: ['footway', 'footwayClosed', 'cycleway'], surface: ['closed', 'half'],
  gas: ['half', 'footwayClosed', 'oneway'], bridge: ['heavy', 'everything', 'half'], water: ['half', 'oneway', 'closed'], footway: ['footway', 'footwayClosed'],
  bus_stop: ['busstop'], power: ['cycleway', 'footway', 'half'],
}
