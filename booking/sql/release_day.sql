-- Makes the days of clerks from @today on equal to what their releases come to.
-- On a home-office day (home) only what needs no building is left.
WITH expected AS (
    SELECT r.id AS release, e.day, r.clerk, tstzrange(e.starts, e.ends) AS during,
           CASE WHEN NOT e.home THEN r.site END AS site, CASE WHEN NOT e.home THEN r.station_day END AS station_day,
           CASE WHEN e.home THEN array_remove(array_remove(r.channels, 'counter'), 'mobile') ELSE r.channels END AS channels,
           r.via, r.concerns, e.visible_from
    FROM unnest(@releases::bigint[], @days::date[], @starts::timestamptz[], @ends::timestamptz[], @homes::boolean[],
                @visible::timestamptz[]) AS e (release, day, starts, ends, home, visible_from)
    JOIN booking.release r ON r.id = e.release
), dropped AS (
    DELETE FROM booking.release_day d
    WHERE d.clerk = ANY (@clerks) AND d.day >= @today
      AND NOT EXISTS (SELECT FROM expected e WHERE e.release = d.release AND e.day = d.day)
)
INSERT INTO booking.release_day AS d (release, day, clerk, during, site, station_day, channels, via, concerns, visible_from)
SELECT release, day, clerk, during, site, station_day, channels, via, concerns, visible_from FROM expected
ON CONFLICT (release, day) DO UPDATE SET during = excluded.during, site = excluded.site, station_day = excluded.station_day,
    channels = excluded.channels, via = excluded.via, concerns = excluded.concerns, visible_from = excluded.visible_from
WHERE (d.during, d.site, d.station_day, d.channels, d.via, d.concerns, d.visible_from) IS DISTINCT FROM
      (excluded.during, excluded.site, excluded.station_day, excluded.channels, excluded.via, excluded.concerns, excluded.visible_from)
