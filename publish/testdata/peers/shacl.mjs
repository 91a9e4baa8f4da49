// node shacl.mjs DATA VOCABULARIES SHAPES...: validates DATA (Turtle) and
// prints {"Shapes": triples of the shapes, "Results": [findings]}.
//
// The shapes test code lists by skos:inScheme of each entry, which the official
// validator downloads. VOCABULARIES has the entries this program uses.
import { readFileSync } from 'node:fs'
import { DataFactory, Parser, Store } from 'n3'
import SHACLValidator from 'rdf-validate-shacl'

const [data, vocabularies, ...shapes] = process.argv.slice(2)

function read(files, mend) {
  const store = new Store()
  files.forEach((file, i) => {
    const text = mend(readFileSync(file, 'utf8'))
    store.addQuads(new Parser({ format: 'text/turtle', blankNodePrefix: `b${i}` }).parse(text))
  })
  return store
}

// Known fault of the published shapes: the namespace is r5r/, not r5r#.
const mended = text => text.replaceAll('http://data.europa.eu/r5r#', 'http://data.europa.eu/r5r/')
const shapeGraph = read(shapes, mended)
// The imports are ontologies and code lists on other servers: not loaded here.
for (const q of shapeGraph.getQuads(null, DataFactory.namedNode('http://www.w3.org/2002/07/owl#imports'), null, null)) {
  shapeGraph.removeQuad(q)
}
const dataGraph = read([data, vocabularies], text => text)
const report = await new SHACLValidator(shapeGraph).validate(dataGraph)
const local = term => (term ? term.value.replace(/^.*[#/]/, '') : '')
process.stdout.write(JSON.stringify({
  Shapes: shapeGraph.size,
  Results: report.results.map(r => ({
    Severity: local(r.severity), Focus: r.focusNode?.value ?? '', Path: r.path?.value ?? '',
    Message: r.message.map(m => m.value).join(' / '), Value: r.value?.value ?? '', Shape: r.sourceShape?.value ?? '',
  })),
}))
