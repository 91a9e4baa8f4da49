-- The first rule that the floor plan of @site breaks: rule, level, the shape
-- and what it collides with. Areas below 0.1 m² are drawing errors of no
-- consequence.
WITH shape AS (
    SELECT f.id, f.level, f.kind, f.geometry, r.floor, coalesce(nullif(f.label, ''), r.code, f.kind) AS name
    FROM booking.floor_shape f LEFT JOIN booking.room r ON r.id = f.room
    WHERE f.site = @site
), wrong AS (
    SELECT 1 AS rank, 'invalid' AS rule, level, name, ST_IsValidReason(geometry) AS other, id
    FROM shape WHERE NOT ST_IsValid(geometry)
    UNION ALL
    SELECT 2, 'far', level, name, round(ST_Distance(geometry, place))::text, shape.id
    FROM shape JOIN booking.site s ON s.id = @site WHERE NOT ST_DWithin(geometry, place, 1000)
    UNION ALL
    SELECT 3, 'storey', level, name, floor::text, id
    FROM shape WHERE kind = 'room' AND floor <> level
), sound AS (
    SELECT * FROM shape WHERE NOT EXISTS (SELECT FROM wrong)
), outline AS (
    SELECT level, ST_Buffer(ST_Union(geometry), 0.01) AS area FROM sound WHERE kind = 'outline' GROUP BY level
)
SELECT rule, level, name, other FROM (
    SELECT * FROM wrong
    UNION ALL
    SELECT 4, 'no_outline', s.level, s.name, '', s.id
    FROM sound s WHERE kind = 'room' AND NOT EXISTS (SELECT FROM outline WHERE level = s.level)
    UNION ALL
    SELECT 5, 'outside', s.level, s.name, '', s.id
    FROM sound s JOIN outline o ON o.level = s.level
    WHERE kind = 'room' AND ST_Area(ST_Difference(geometry, area)) > 0.1
    UNION ALL
    SELECT 6, 'overlap', a.level, a.name, b.name, a.id
    FROM sound a JOIN sound b ON a.level = b.level AND a.id < b.id AND a.geometry && b.geometry
    WHERE a.kind = 'room' AND b.kind = 'room' AND ST_Area(ST_Intersection(a.geometry, b.geometry)) > 0.1
) found ORDER BY rank, level, id LIMIT 1
