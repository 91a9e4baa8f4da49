-- Why a proposal can not be had any more; '' when it can. Runs under the locks
-- of all that it would occupy, so that what is true now is true at the commit.
-- That nothing overlaps is not asked here: the constraint of the claims says so.
WITH part AS (
    SELECT * FROM unnest(@clerks::int[], @concerns::text[], @starts::timestamptz[], @ends::timestamptz[])
             AS p (clerk, concern, starts, ends)),
used AS (
    SELECT * FROM unnest(@resources::int[], @froms::timestamptz[], @tos::timestamptz[]) AS u (resource, starts, ends))
SELECT CASE
    WHEN @moves <> '' AND (
            NOT EXISTS (SELECT FROM booking.appointment a WHERE a.id = @moves AND a.state = 'booked' AND a.starts > @now)
            OR EXISTS (SELECT FROM booking.claim c WHERE c.appointment = @moves AND c.resource <> ALL (@touched::int[])))
        THEN 'moved'
    WHEN EXISTS (SELECT FROM used u LEFT JOIN booking.resource r ON r.id = u.resource WHERE r.active IS NOT TRUE)
        THEN 'resource'
    WHEN EXISTS (SELECT FROM used u JOIN booking.resource r ON r.id = u.resource
            JOIN booking.closure c ON tstzrange(c.starts, c.ends) && tstzrange(u.starts, least(u.ends, @until))
            LEFT JOIN booking.resource x ON x.id = c.resource
            WHERE c.resource = r.id OR x.kind IN ('kit', 'vehicle') AND x.station = r.station
               OR c.resource IS NULL AND (c.site IS NULL OR c.site = @site))
        THEN 'closure'
    WHEN @station_day <> 0 AND NOT EXISTS (SELECT FROM booking.station_day s
            WHERE s.id = @station_day AND s.state = 'planned'
              AND tstzrange(s.starts, s.ends) @> tstzrange(@since, @until))
        THEN 'station_day'
    WHEN EXISTS (SELECT FROM part p WHERE NOT coalesce((
            SELECT range_agg(d.during) @> tstzrange(p.starts, p.ends) FROM booking.release_day d
            WHERE d.clerk = p.clerk AND d.day = ANY (@days::date[])
              AND @channel::text = ANY (d.channels) AND @via::text = ANY (d.via)
              AND (d.concerns = '{}' OR p.concern = ANY (d.concerns))
              AND (d.visible_from IS NULL OR d.visible_from <= @now)
              AND CASE @channel WHEN 'counter' THEN d.site = @site WHEN 'mobile' THEN d.station_day = @station_day ELSE true END),
            false))
        THEN 'release'
    WHEN EXISTS (SELECT FROM booking.quota q
            JOIN (SELECT clerk, sum(ends - starts) AS wanted FROM part GROUP BY clerk) w ON w.clerk = q.clerk
            WHERE q.via = @via AND make_interval(mins => q.minutes) < w.wanted + coalesce((
                SELECT sum(b.ends - b.starts) FROM booking.part b JOIN booking.appointment a ON a.id = b.appointment
                WHERE b.clerk = q.clerk AND b.starts >= @week AND b.starts < @next_week AND a.via = @via AND a.id <> @moves
                  AND a.state NOT IN ('cancelled', 'expired', 'no_show')
                  AND (a.hold_until IS NULL OR a.hold_until > @now)), '0'))
        THEN 'quota'
    WHEN cardinality(@swapped::text[]) > (SELECT count(*) FROM unnest(@swapped::text[], @rooms::int[]) AS s (id, room)
            JOIN booking.appointment a ON a.id = s.id AND a.state = 'booked'
            JOIN booking.claim c ON c.appointment = a.id AND c.resource = s.room
            WHERE a.starts - @now > (SELECT make_interval(mins => fixed_minutes) FROM booking.setting))
        THEN 'swap'
    ELSE '' END
