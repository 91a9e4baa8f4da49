-- Addresses by street (normalised as splitAddress does) and house number:
-- exact ones first, then those of the most similar streets.
WITH address AS (
    SELECT label, ST_X(_geom) AS x, ST_Y(_geom) AS y, ST_Transform(_geom, 4326) AS g, coalesce(district, '') AS district,
           lower(replace(coalesce(house_number, ''), ' ', '')) AS number,
           trim(regexp_replace(replace(replace(replace(replace(
               regexp_replace(lower(street), 'str(\.|\M)', 'strasse'),
               'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'), '[^[:alnum:]]+', ' ', 'g')) AS street
    FROM open.addresses WHERE _until IS NULL
), rated AS (
    SELECT *, street = @street AND (@number = '' OR number = @number) AS exact,
           similarity(street, @street) AS likeness
    FROM address
)
SELECT label, round(ST_X(g)::numeric, 7)::float8 AS lon, round(ST_Y(g)::numeric, 7)::float8 AS lat, x, y, district, exact
FROM rated WHERE exact OR likeness >= 0.4
-- the nearest number first where the street is right
ORDER BY exact DESC, likeness DESC, street,
         abs(coalesce(nullif(substring(number FROM '^\d{1,6}'), '')::int, 0)
             - coalesce(nullif(substring(@number::text FROM '^\d{1,6}'), '')::int, 0)), label
LIMIT @limit
