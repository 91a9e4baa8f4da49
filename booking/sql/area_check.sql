-- Whether a drawn shape (GeoJSON) is an area by the rules of OGC Simple
-- Features, if not why and where, and whether it lies in the town.
WITH drawn AS (
    SELECT ST_GeomFromGeoJSON(@shape::text) AS geom
), town AS (
    SELECT coalesce((SELECT ST_Union(_geom) FROM open.municipality WHERE _until IS NULL),
                    (SELECT ST_Union(_geom) FROM open.districts WHERE _until IS NULL)) AS geom
)
SELECT d.valid AND ST_Area(g.geom) > 0, coalesce(d.reason, 'Empty'), ST_X(d.location), ST_Y(d.location),
       CASE WHEN NOT d.valid OR town.geom IS NULL THEN town.geom IS NULL
            ELSE ST_Intersects(t.geom, town.geom) AND ST_Within(t.geom, ST_Buffer(town.geom, @beyond::float8)) END
FROM drawn g CROSS JOIN town CROSS JOIN LATERAL ST_IsValidDetail(g.geom) AS d
    CROSS JOIN LATERAL (SELECT CASE WHEN d.valid THEN ST_Transform(g.geom, catalog.working_srid()) END AS geom) AS t
