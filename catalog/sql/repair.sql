-- Invalid geometries that ST_MakeValid mends without changing their kind: a
-- polygon stays polygonal, a line linear. Everything else is refused later.
WITH broken AS (
    SELECT _ord, ST_IsValidReason(_lonlat) AS fault, ST_Dimension(_geom) AS dim,
           ST_MakeValid(_geom) AS geom, ST_MakeValid(_lonlat) AS lonlat
    FROM {prepared} WHERE NOT ST_IsValid(_geom) OR NOT ST_IsValid(_lonlat)
), mended AS (
    UPDATE {prepared} p SET _geom = b.geom, _lonlat = b.lonlat
    FROM broken b
    WHERE p._ord = b._ord AND NOT ST_IsEmpty(b.geom)
      AND ST_GeometryType(b.geom) <> 'ST_GeometryCollection' AND ST_Dimension(b.geom) = b.dim
    RETURNING p._ord, p._key, p._ref, b.fault
)
SELECT _key, _ref, fault FROM mended ORDER BY _ord
