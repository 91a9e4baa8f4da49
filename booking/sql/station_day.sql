-- Makes the coming station days equal to the coming visits; what has changed
-- is returned. A visit that was cancelled before it was seen here is left out.
WITH gone AS (
    UPDATE booking.station_day d SET state = 'cancelled'
    WHERE d.ends > @now AND d.state = 'planned' AND NOT EXISTS (SELECT FROM stations.visit v WHERE v.id = d.visit)
    RETURNING id
), mirrored AS (
    INSERT INTO booking.station_day AS d (visit, station, stop, day, starts, ends, travel_minutes, services, state)
    SELECT v.id, r.id, v.stop, v.day, v.starts, v.ends, s.travel_minutes, v.services, v.state
    FROM stations.visit v
    JOIN stations.station t ON t.id = v.station
    JOIN booking.resource r ON r.kind = t.kind AND r.code = t.id
    CROSS JOIN booking.setting s
    WHERE v.ends > @now AND (v.state = 'planned' OR EXISTS (SELECT FROM booking.station_day o WHERE o.visit = v.id))
    ON CONFLICT (visit) DO UPDATE SET station = excluded.station, stop = excluded.stop, day = excluded.day, starts = excluded.starts,
        ends = excluded.ends, services = excluded.services, state = excluded.state
    WHERE (d.station, d.stop, d.day, d.starts, d.ends, d.services, d.state) IS DISTINCT FROM
          (excluded.station, excluded.stop, excluded.day, excluded.starts, excluded.ends, excluded.services, excluded.state)
    RETURNING id
)
SELECT id FROM gone UNION SELECT id FROM mirrored ORDER BY id
