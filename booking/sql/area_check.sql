-- Whether a drawn shape (GeoJSON) is an area by the rules of OGC Simple
-- Features; if not, why and where.
SELECT d.valid AND ST_Area(g.geom) > 0, coalesce(d.reason, 'Empty'), ST_X(d.location), ST_Y(d.location)
FROM (SELECT ST_GeomFromGeoJSON(@shape::text) AS geom) AS g CROSS JOIN LATERAL ST_IsValidDetail(g.geom) AS d
