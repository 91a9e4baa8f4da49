-- Writes what is new.
INSERT INTO {feature} (_key, _since, _hash, _geojson, _geom {, fields})
SELECT _key, @version, _hash, _geojson, _geom {, fields}
FROM {next} WHERE _state <> 'same' ORDER BY _ord;
-- Indexes come after the first rows: building one is much faster than feeding it.
CREATE UNIQUE INDEX IF NOT EXISTS {index_key} ON {feature} (_key) WHERE _until IS NULL;
CREATE INDEX IF NOT EXISTS {index_now} ON {feature} (_row) WHERE _until IS NULL;
CREATE INDEX IF NOT EXISTS {index_geom} ON {feature} USING gist (_geom) WHERE _until IS NULL;
INSERT INTO catalog.version (dataset, number, actor, source, added, changed, removed, rows)
VALUES (@dataset, @version, @actor, @source, @added, @changed, @removed, @rows);
UPDATE catalog.dataset SET version = @version, rows = @rows, modified = now() WHERE id = @dataset;
SELECT pg_notify('catalog_version', @dataset || ' ' || @version::int);
