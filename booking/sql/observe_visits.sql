-- Who came to the station visits that began after @first and are over at @now.
-- Walk-ins at a station are counted by who stands there, maybe before this.
INSERT INTO stations.visit_count AS known (visit, appointments, walk_ins, no_shows, counted_at)
SELECT d.visit, count(*) FILTER (WHERE a.state IN ('arrived', 'called', 'in_service', 'done')), 0,
       count(*) FILTER (WHERE a.state = 'no_show'), @now
FROM booking.station_day d
JOIN stations.visit v ON v.id = d.visit
LEFT JOIN booking.appointment a ON a.station_day = d.id
WHERE d.state = 'planned' AND d.starts >= @first AND d.ends <= @now
GROUP BY d.visit
ON CONFLICT (visit) DO UPDATE
    SET appointments = excluded.appointments, no_shows = excluded.no_shows, counted_at = excluded.counted_at
    WHERE (known.appointments, known.no_shows) <> (excluded.appointments, excluded.no_shows) OR known.counted_at IS NULL
