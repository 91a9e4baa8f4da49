-- Takes rows out that cannot be part of the dataset and says why, in the keys
-- of api/i18n/texts/catalog.json.
WITH refused AS (
    DELETE FROM {prepared}
    WHERE _copy > 1 OR _had_geom AND (_geom IS NULL OR _lonlat IS NULL
       OR ST_IsEmpty(_geom) OR NOT ST_IsValid(_geom)
       OR NOT (ST_XMin(_geom) > '-Infinity' AND ST_XMax(_geom) < 'Infinity'
           AND ST_YMin(_geom) > '-Infinity' AND ST_YMax(_geom) < 'Infinity'))
    RETURNING *
)
SELECT _key, _ref,
       CASE WHEN _copy > 1 THEN 'catalog.duplicate_key'
            WHEN _geom IS NULL OR _lonlat IS NULL THEN 'catalog.outside_crs'
            WHEN ST_IsEmpty(_geom) THEN 'catalog.empty_geometry'
            WHEN NOT ST_IsValid(_geom) THEN 'catalog.invalid_geometry'
            ELSE 'catalog.outside_crs' END,
       CASE WHEN _copy = 1 AND _geom IS NOT NULL AND NOT ST_IsValid(_geom)
            THEN ST_IsValidReason(_lonlat) ELSE '' END
FROM refused ORDER BY _ord
