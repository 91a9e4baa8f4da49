// node rdf.mjs FORMAT FILE: reads RDF with an independent parser and prints
// its triples as sorted N-Quads.
import { readFileSync } from 'node:fs'
import { DataFactory, Parser, Writer } from 'n3'
import { RdfXmlParser } from 'rdfxml-streaming-parser'
import jsonld from 'jsonld'

const [format, file] = process.argv.slice(2)
const text = readFileSync(file, 'utf8')

async function quads() {
  if (format === 'turtle' || format === 'ntriples') {
    return new Parser({ format: format === 'turtle' ? 'text/turtle' : 'application/n-triples' }).parse(text)
  }
  if (format === 'jsonld') {
    const nquads = await jsonld.toRDF(JSON.parse(text), { format: 'application/n-quads', safe: true })
    return new Parser({ format: 'application/n-quads' }).parse(nquads)
  }
  const parser = new RdfXmlParser({ dataFactory: DataFactory, validateUri: true, strict: true })
  const found = []
  return new Promise((done, fail) => {
    parser.on('data', q => found.push(q)).on('error', fail).on('end', () => done(found))
    parser.write(text)
    parser.end()
  })
}

const writer = new Writer({ format: 'N-Quads' })
const lines = (await quads()).map(q => writer.quadToString(q.subject, q.predicate, q.object).trim())
process.stdout.write([...new Set(lines)].sort().join('\n') + '\n')
