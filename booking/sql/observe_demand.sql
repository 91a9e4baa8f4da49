-- What was asked for per concern and ISO week, of the weeks that begin in
-- [@first, @monday). Every concern of an appointment counts: rates are per
-- concern. Nobody's name and no small place is in it.
WITH unmet AS (
    INSERT INTO stations.demand_observation (concern, week, booked, kept, walk_ins, unmet)
    SELECT concern, week, sum(booked), sum(kept), sum(walk_in), sum(unmet)
    FROM (
        SELECT p.concern, a.wall_start::date - (extract(isodow FROM a.wall_start)::int - 1) AS week, 1 AS booked,
               (a.state IN ('arrived', 'called', 'in_service', 'done'))::int AS kept, 0 AS walk_in, 0 AS unmet
        FROM booking.appointment a JOIN booking.part p ON p.appointment = a.id
        WHERE a.state IN ('booked', 'arrived', 'called', 'in_service', 'done', 'no_show')
        UNION ALL
        SELECT w.concern, w.day - (extract(isodow FROM w.day)::int - 1), 0, 0, 1, 0
        FROM booking.walk_in w JOIN booking.concern c ON c.id = w.concern AND c.appointment
        WHERE w.state <> 'left'
        UNION ALL
        SELECT u.concern, u.week, 0, 0, 0, 1 FROM booking.unmet_demand u
    ) AS everything
    WHERE week >= @first::date AND week < @monday::date
    GROUP BY concern, week
    RETURNING concern, week, unmet
)
INSERT INTO stations.unmet_cell (concern, week, cell, number)
SELECT u.concern, u.week, d.cell, count(*)
FROM unmet u JOIN booking.unmet_demand d ON d.concern = u.concern AND d.week = u.week
WHERE u.unmet > 0
GROUP BY u.concern, u.week, d.cell
