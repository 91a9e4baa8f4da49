-- The current construction sites with a point on each and its box in degrees.
SELECT s._key AS key, s.title, coalesce(s.description, '') AS description, coalesce(s.kind, '') AS kind,
       coalesce(s.street, '') AS street, coalesce(s.district, '') AS district, coalesce(s.status, '') AS status,
       coalesce(s.impact, '') AS impact, coalesce(s.affects_car, '') AS car, coalesce(s.affects_bike, '') AS bike,
       coalesce(s.affects_foot, '') AS foot, coalesce(s.affects_bus, '') AS bus,
       coalesce(s.affects_emergency, '') AS emergency, coalesce(s.affects_heavy, '') AS heavy,
       coalesce(s.detour, '') AS detour, coalesce(s.responsible_body, '') AS responsible,
       s.start AS starts, s."end" AS ends, s.step_free,
       ST_X(g.middle) AS lon, ST_Y(g.middle) AS lat,
       ST_XMin(g.place) AS west, ST_YMin(g.place) AS south, ST_XMax(g.place) AS east, ST_YMax(g.place) AS north,
       v.created AS updated
FROM open.construction_sites s
JOIN open.version v ON v.dataset = 'construction-sites' AND v.number = s._since
CROSS JOIN LATERAL (
    SELECT ST_Transform(s._geom, 4326) AS place,
           ST_Transform(ST_ClosestPoint(s._geom, ST_Centroid(s._geom)), 4326) AS middle
) AS g
WHERE s._until IS NULL AND @key::text IN ('', s._key)
ORDER BY s._row
