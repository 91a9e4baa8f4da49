-- Addresses by street (compared as open.street_key has it) and house number.
-- Where the street exists its houses are the answer, the nearest number first;
-- else those of the most similar streets. The index addresses_street answers
-- both: the different streets are walked through in one step each, which for a
-- city of 100,000 addresses is 3,000 steps instead of 100,000 rows.
WITH RECURSIVE asked AS MATERIALIZED (
    SELECT open.street_key(@street) COLLATE "C" AS key
), known AS (
    SELECT FROM open.addresses
    WHERE _until IS NULL AND open.street_key(street) COLLATE "C" = (SELECT key FROM asked) LIMIT 1
), street AS (
    (SELECT open.street_key(street) COLLATE "C" AS key FROM open.addresses
     WHERE _until IS NULL AND NOT EXISTS (SELECT FROM known) ORDER BY 1 LIMIT 1)
    UNION ALL
    SELECT (SELECT open.street_key(a.street) COLLATE "C" FROM open.addresses a
            WHERE _until IS NULL AND open.street_key(a.street) COLLATE "C" > s.key ORDER BY 1 LIMIT 1)
    FROM street s WHERE s.key IS NOT NULL
), rated AS (
    SELECT key, similarity(key, (SELECT key FROM asked)) AS likeness FROM street OFFSET 0 -- a fence: rated once
), meant AS (
    SELECT key, 1::real AS likeness FROM asked WHERE EXISTS (SELECT FROM known)
    UNION ALL
    (SELECT key, likeness FROM rated WHERE likeness >= 0.4 ORDER BY likeness DESC, key LIMIT @limit)
)
SELECT label, round(ST_X(g)::numeric, 7)::float8 AS lon, round(ST_Y(g)::numeric, 7)::float8 AS lat,
       x, y, district, exact
FROM meant CROSS JOIN LATERAL (
    SELECT label, ST_X(_geom) AS x, ST_Y(_geom) AS y, _geom, coalesce(district, '') AS district,
           likeness = 1 AND (@number = '' OR number = @number) AS exact,
           abs(coalesce(nullif(substring(number FROM '^\d{1,6}'), '')::int, 0)
               - coalesce(nullif(substring(@number::text FROM '^\d{1,6}'), '')::int, 0)) AS off
    FROM open.addresses, lower(replace(coalesce(house_number, ''), ' ', '')) AS number
    WHERE _until IS NULL AND open.street_key(street) COLLATE "C" = key
    ORDER BY exact DESC, off, label LIMIT @limit
) AS house, ST_Transform(_geom, 4326) AS g
ORDER BY exact DESC, likeness DESC, key, off, label
LIMIT @limit
