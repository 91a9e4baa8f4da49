WITH rule AS (
    SELECT id, priority, districts, areas FROM booking.jurisdiction_rule
    WHERE kind = 'geographic' AND (office = @office OR concern = @concern)
        AND (valid_from IS NULL OR valid_from <= current_date) AND (valid_to IS NULL OR valid_to > current_date)
), shape AS (
    SELECT r.id, r.priority, ST_Union(g.geom) AS geom
    FROM rule r CROSS JOIN LATERAL (
        SELECT d._geom AS geom FROM open.districts d WHERE d._until IS NULL AND d.code = ANY (r.districts)
        UNION ALL SELECT a.shape FROM booking.area a WHERE a.id = ANY (r.areas)) AS g
    GROUP BY r.id, r.priority
), wrong AS (
    SELECT 'hole' AS kind, '{}'::text[] AS rules, (ST_Dump(ST_Difference(
        (SELECT ST_Union(_geom) FROM open.districts WHERE _until IS NULL), ST_Union(geom)))).geom AS geom FROM shape
    UNION ALL
    SELECT 'overlap', ARRAY[a.id, b.id], ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3)
    FROM shape a JOIN shape b ON a.id < b.id AND a.priority = b.priority AND ST_Intersects(a.geom, b.geom)
)
SELECT kind, rules, ST_Area(geom) AS area, ST_AsGeoJSON(ST_Transform(geom, 4326), 6) AS geojson
FROM wrong WHERE ST_Area(geom) > 100 ORDER BY area DESC, kind, rules
