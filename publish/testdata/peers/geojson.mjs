// node geojson.mjs FILE: checks a GeoJSON file against RFC 7946 with an
// independent checker, which throws at the first fault.
import { readFileSync } from 'node:fs'
import { check } from '@placemarkio/check-geojson'

const collection = check(readFileSync(process.argv[2], 'utf8'))
process.stdout.write(String(collection.features.length))
