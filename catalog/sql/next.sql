-- The next state with its finished GeoJSON (RFC 7946: CRS84, 7 decimals,
-- right-hand rule), its content hash, and how it differs from the current one.
-- (ST_ForcePolygonCCW of PostGIS 3.3 reverses lines, too: hence the detour.)
WITH text AS (
    SELECT *, '{"type":"Feature","id":' || to_json(_key) || ',"geometry":'
              || coalesce(ST_AsGeoJSON(CASE WHEN ST_Dimension(_lonlat) < 2 THEN _lonlat
                    ELSE ST_Reverse(ST_ForcePolygonCW(ST_Reverse(_lonlat))) END, 7, 0), 'null')
              || ',"properties":' || _properties || '}' AS _geojson
    FROM {prepared} OFFSET 0 -- a fence: the text is made once, not again for its hash
), hashed AS (
    SELECT *, sha256(convert_to(_geojson || _delivered || {internal}, 'UTF8')) AS _hash FROM text
)
SELECT h.*, CASE WHEN f._key IS NULL THEN 'added'
                 WHEN f._hash <> h._hash THEN 'changed' ELSE 'same' END AS _state
FROM hashed h LEFT JOIN {feature} f ON f._until IS NULL AND f._key = h._key
