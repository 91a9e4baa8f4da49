// node parquet.mjs FILE [summary]: reads a (Geo)Parquet file with hyparquet and with
// DuckDB and prints what each found as JSON. Geometries come as GeoJSON
// (hyparquet) and as WKB in hex (DuckDB). A summary leaves the rows out.
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const [path, summary] = process.argv.slice(2)

function plain(value) {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
  return value ?? null
}

async function hyparquet() {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  return {
    rows: summary ? [] : plain(await parquetReadObjects({ file, compressors })),
    total: Number(metadata.num_rows),
    columns: metadata.schema.slice(1).map(c => [c.name, c.logical_type?.type ?? c.type ?? 'group', c.logical_type?.crs ?? ''].join(' ').trim()),
    metadata: Object.fromEntries((metadata.key_value_metadata ?? []).map(m => [m.key, m.value])),
    groups: metadata.row_groups.map(g => ({
      rows: Number(g.num_rows),
      codecs: [...new Set(g.columns.map(c => c.meta_data.codec))],
      box: plain(g.columns.find(c => c.meta_data.geospatial_statistics)?.meta_data.geospatial_statistics ?? null),
    })),
  }
}

async function duckdb() {
  const db = await (await DuckDBInstance.create(':memory:')).connect()
  const all = async sql => plain((await db.runAndReadAll(sql)).getRowObjectsJson())
  await db.run("SET TimeZone = 'UTC'")
  const source = `read_parquet('${path.replaceAll("'", "''")}')`
  const columns = await all(`DESCRIBE SELECT * FROM ${source}`)
  const names = columns.map(c => {
    const name = '"' + c.column_name.replaceAll('"', '""') + '"'
    return c.column_type.startsWith('GEOMETRY') ? `hex(ST_AsWKB(${name})) AS ${name}` : name
  })
  return {
    columns: columns.map(c => `${c.column_name} ${c.column_type}`),
    rows: summary ? [] : await all(`SELECT ${names.join(', ')} FROM ${source}`),
    total: Number((await all(`SELECT count(*) AS n FROM ${source}`))[0].n),
  }
}

process.stdout.write(JSON.stringify({ hyparquet: await hyparquet(), duckdb: await duckdb() }))
