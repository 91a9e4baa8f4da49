-- Appointments with their parts and room, and the hash of the token.
SELECT a.id, a.state AS status, a.channel, a.via, a.persons, a.step_free, a.office, coalesce(a.site, '') AS site,
       coalesce(a.stop, '') AS stop, coalesce(a.station_day, 0) AS station_day, a.zone, a.starts, a.ends, a.lang,
       a.hold_until, coalesce(a.replaces, '') AS replaces, a.created_at, a.booked_at, a.arrived_at, a.called_at,
       a.served_at, a.ended_at, a.ended_by, coalesce(r.id, 0) AS room, coalesce(r.label, '') AS room_label,
       coalesce(g.badge, '') AS badge, a.token_hash,
       ARRAY(SELECT jsonb_build_object('concern', p.concern, 'name', jsonb_build_object('de', n.name_de, 'en', n.name_en),
                 'team', p.team, 'clerk', p.clerk, 'starts', p.starts, 'ends', p.ends)
             FROM booking.part p JOIN booking.concern n ON n.id = p.concern
             WHERE p.appointment = a.id ORDER BY p.position) AS parts
FROM booking.appointment a
LEFT JOIN booking.registration g ON g.appointment = a.id
LEFT JOIN LATERAL (
    SELECT r.id, r.label FROM booking.claim c JOIN booking.resource r ON r.id = c.resource
    WHERE c.appointment = a.id AND r.kind = 'room' ORDER BY r.id LIMIT 1) r ON true
WHERE a.id = ANY (@ids)
ORDER BY a.starts, a.id
