-- Appointments and walk-ins per ISO week, office and first concern, of weeks
-- that begin in [@from, @to). Nobody's name and no clerk is in it.
WITH visit AS (
    SELECT a.wall_start::date - (extract(isodow FROM a.wall_start)::int - 1) AS week,
           a.office, p.concern,
           a.state,
           -- The wait begins when the visitor is here and the promised time has come.
           extract(epoch FROM greatest(coalesce(a.called_at, a.served_at) - greatest(a.arrived_at, a.starts), '0'))::float8 / 60 AS waited
    FROM booking.appointment a
    JOIN booking.part p ON p.appointment = a.id AND p.position = 1
    WHERE a.booked_at IS NOT NULL
      AND a.wall_start >= @from::date AND a.wall_start < @to::date
    UNION ALL
    -- Concerns for which nobody needs an appointment, such as children at risk,
    -- are not told apart: few enough come to be recognised.
    SELECT w.day - (extract(isodow FROM w.day)::int - 1), w.office, CASE WHEN n.appointment THEN n.id ELSE '' END,
           'walk_in',
           extract(epoch FROM w.called_at - w.created_at)::float8 / 60
    FROM booking.walk_in w LEFT JOIN booking.concern n ON n.id = w.concern
    WHERE w.day >= @from::date AND w.day < @to::date
)
SELECT v.week, v.office, v.concern,
       jsonb_build_object('de', o.name_de, 'en', o.name_en) AS office_name,
       CASE WHEN c.id IS NULL THEN '{}' ELSE jsonb_build_object('de', c.name_de, 'en', c.name_en) END AS concern_name,
       count(*) FILTER (WHERE v.state <> 'walk_in') AS booked,
       count(*) FILTER (WHERE v.state IN ('arrived', 'called', 'in_service', 'done')) AS kept,
       count(*) FILTER (WHERE v.state = 'no_show') AS missed,
       count(*) FILTER (WHERE v.state = 'cancelled') AS cancelled,
       count(*) FILTER (WHERE v.state = 'booked') AS open,
       count(*) FILTER (WHERE v.state = 'walk_in') AS walk_ins,
       count(v.waited) AS waits,
       coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY v.waited), 0) AS waited_median
FROM visit v
JOIN booking.office o ON o.id = v.office
LEFT JOIN booking.concern c ON c.id = v.concern
WHERE @office IN ('', v.office)
GROUP BY v.week, v.office, v.concern, o.id, c.id
ORDER BY v.week DESC, o.name_de, c.name_de NULLS LAST, v.concern
