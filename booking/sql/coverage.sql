-- Holes and double assignments of geographic rules. A place belongs to the
-- strongest rule that covers it: what stronger rules cover is cut off first.
WITH rule AS MATERIALIZED (
    SELECT id, coalesce(priority, 0) AS priority, coalesce(districts, '{}') AS districts, coalesce(areas, '{}') AS areas
    FROM jsonb_to_recordset(@rules::jsonb) AS r (id text, priority integer, districts text[], areas text[])
), district AS MATERIALIZED (
    SELECT code, _geom AS geom FROM open.districts WHERE _until IS NULL
), shape AS MATERIALIZED (
    SELECT r.id, r.priority, ST_Union(g.geom) AS geom
    FROM rule r CROSS JOIN LATERAL (
        SELECT d.geom FROM district d WHERE d.code = ANY (r.districts)
        UNION ALL SELECT a.shape FROM booking.area a WHERE a.id = ANY (r.areas)) AS g
    GROUP BY r.id, r.priority
), wrong AS (
    SELECT 'hole' AS kind, '{}'::text[] AS rules, (ST_Dump(coalesce(
        ST_Difference((SELECT ST_Union(geom) FROM district), (SELECT ST_Union(geom) FROM shape)),
        (SELECT ST_Union(geom) FROM district)))).geom AS geom
    UNION ALL
    SELECT 'overlap', ARRAY[a.id, b.id], (ST_Dump(coalesce(ST_Difference(shared.geom, stronger.geom), shared.geom))).geom
    FROM shape a JOIN shape b ON a.id < b.id AND a.priority = b.priority AND ST_Intersects(a.geom, b.geom)
        CROSS JOIN LATERAL (SELECT ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3) AS geom) AS shared
        CROSS JOIN LATERAL (SELECT ST_Union(s.geom) AS geom FROM shape s WHERE s.priority > a.priority) AS stronger
)
SELECT kind, rules, coalesce(lies.codes, '{}'), coalesce(lies.parts, '{}'), ST_Area(geom) AS area, ST_AsGeoJSON(ST_Transform(geom, 4326), 6) AS geojson
FROM wrong w CROSS JOIN LATERAL (
    SELECT array_agg(code ORDER BY code) AS codes, array_agg(part ORDER BY code) AS parts
    FROM (SELECT d.code, ST_Area(ST_Intersection(d.geom, w.geom)) AS part FROM district d WHERE ST_Intersects(d.geom, w.geom)) AS p
    WHERE part > 100) AS lies
WHERE ST_Area(geom) > 100 ORDER BY area DESC, kind, rules
