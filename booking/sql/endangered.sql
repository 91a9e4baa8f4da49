-- Booked appointments to come that have lost their clerk, room or place.
SELECT a.id FROM booking.appointment a
WHERE a.state = 'booked' AND a.starts > @now AND (
    EXISTS (SELECT FROM booking.station_day s WHERE s.id = a.station_day AND s.state = 'cancelled')
    OR EXISTS (SELECT FROM booking.part p WHERE p.appointment = a.id AND (
        NOT coalesce((SELECT range_agg(d.during) @> tstzrange(p.starts, p.ends) FROM booking.release_day d
            WHERE d.clerk = p.clerk AND d.during && tstzrange(p.starts, p.ends) AND a.channel = ANY (d.channels)
                AND (a.site IS NULL OR d.site = a.site) AND (a.station_day IS NULL OR d.station_day = a.station_day)), false)
        OR NOT EXISTS (SELECT FROM booking.resource r WHERE r.id = p.clerk AND r.active)))
    OR EXISTS (SELECT FROM booking.claim c JOIN booking.resource r ON r.id = c.resource JOIN booking.closure x
            ON x.resource = r.id OR x.resource IS NULL AND (x.site IS NULL OR x.site = coalesce(r.site, a.site))
        WHERE c.appointment = a.id AND tstzrange(x.starts, x.ends) && c.during))
ORDER BY a.starts, a.id
