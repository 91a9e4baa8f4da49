-- Makes the coming visits equal to the expected ones. One statement, so that
-- the exclusion constraint sees the final state (it is deferred to the commit).
WITH expected AS (
    SELECT e.id, p.id AS pattern, p.station, p.stop, e.day, e.starts, e.ends, e.state,
           e.reason_de, e.reason_en, p.services
    FROM unnest(@ids::text[], @patterns::text[], @days::date[], @starts::timestamptz[], @ends::timestamptz[],
                @states::text[], @reasons_de::text[], @reasons_en::text[])
         AS e (id, pattern, day, starts, ends, state, reason_de, reason_en)
    JOIN stations.visit_pattern p ON p.id = e.pattern
), dropped AS (
    UPDATE stations.visit v SET state = 'cancelled',
           reason_de = 'Der Plan hat sich geändert.', reason_en = 'The schedule has changed.'
    WHERE v.starts > @now AND v.state = 'planned' AND NOT EXISTS (SELECT FROM expected e WHERE e.id = v.id)
)
INSERT INTO stations.visit AS v (id, pattern, station, stop, day, starts, ends, state, reason_de, reason_en, services)
SELECT id, pattern, station, stop, day, starts, ends, state, reason_de, reason_en, services FROM expected
ON CONFLICT (id) DO UPDATE SET pattern = excluded.pattern, station = excluded.station, stop = excluded.stop, day = excluded.day,
    starts = excluded.starts, ends = excluded.ends, state = excluded.state,
    reason_de = excluded.reason_de, reason_en = excluded.reason_en, services = excluded.services
WHERE v.starts > @now
  AND (v.pattern, v.station, v.stop, v.starts, v.ends, v.state, v.reason_de, v.reason_en, v.services) IS DISTINCT FROM
      (excluded.pattern, excluded.station, excluded.stop, excluded.starts, excluded.ends, excluded.state,
       excluded.reason_de, excluded.reason_en, excluded.services)
