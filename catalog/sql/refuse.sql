-- Takes rows out that cannot be part of the dataset and says why, in the keys
-- of api/i18n/texts/catalog.json. Of several rows with one key the first stays.
WITH twice AS (
    SELECT _key, min(_ord) AS _first FROM {prepared} GROUP BY _key HAVING count(*) > 1
), copies AS (
    SELECT _ord FROM {prepared} JOIN twice USING (_key) WHERE _ord > _first
), refused AS (
    DELETE FROM {prepared} p
    WHERE _ord IN (SELECT _ord FROM copies)
       OR _had_geom AND (_geom IS NULL OR _lonlat IS NULL OR ST_IsEmpty(_geom) OR NOT ST_IsValid(_geom)
           OR NOT (ST_XMin(_geom) > '-Infinity' AND ST_XMax(_geom) < 'Infinity'
               AND ST_YMin(_geom) > '-Infinity' AND ST_YMax(_geom) < 'Infinity'))
    RETURNING p._ord, p._key, p._ref, p._geom, p._lonlat
)
SELECT _key, _ref,
       CASE WHEN _ord IN (SELECT _ord FROM copies) THEN 'catalog.duplicate_key'
            WHEN _geom IS NULL OR _lonlat IS NULL THEN 'catalog.outside_crs'
            WHEN ST_IsEmpty(_geom) THEN 'catalog.empty_geometry'
            WHEN NOT ST_IsValid(_geom) THEN 'catalog.invalid_geometry'
            ELSE 'catalog.outside_crs' END,
       CASE WHEN NOT ST_IsValid(_geom) THEN ST_IsValidReason(_lonlat) ELSE '' END
FROM refused ORDER BY _ord
