-- Invalid geometries that ST_MakeValid mends without changing their kind: a
-- polygon stays polygonal, a line linear. What falls off as a lesser kind (a
-- spike, a segment of no length) is left out. Everything else is refused later.
WITH mended AS (
    SELECT _ord, ST_IsValidReason(_lonlat) AS fault, dim,
           ST_MakeValid(_geom) AS geom, ST_MakeValid(_lonlat) AS lonlat, mixed
    FROM {prepared},
         LATERAL (SELECT ST_Dimension(_geom) AS dim, ST_GeometryType(_geom) = 'ST_GeometryCollection' AS mixed) AS kind
    WHERE NOT ST_IsValid(_geom) OR NOT ST_IsValid(_lonlat)
), kept AS (
    SELECT _ord, fault,
           CASE WHEN mixed THEN geom ELSE ST_CollectionExtract(geom, dim + 1) END AS geom,
           CASE WHEN mixed THEN lonlat ELSE ST_CollectionExtract(lonlat, dim + 1) END AS lonlat
    FROM mended
), written AS (
    -- What was delivered stays part of the content hash: the source may change
    -- something that the repair evens out.
    UPDATE {prepared} p SET _geom = k.geom, _lonlat = k.lonlat,
           _delivered = encode(sha256(ST_AsBinary(_lonlat)), 'hex')
    FROM kept k
    WHERE p._ord = k._ord AND NOT ST_IsEmpty(k.geom) AND NOT ST_IsEmpty(k.lonlat)
    RETURNING p._ord, p._key, p._ref, k.fault
)
SELECT _key, _ref, fault FROM written ORDER BY _ord
