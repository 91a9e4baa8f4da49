-- Coming appointments under closures: of one of their resources, of their
-- building, of their mobile station, or of the whole town.
-- @closure 0: under any closure.
SELECT a.id AS appointment, p.concern, p.clerk, p.starts, p.ends, 'closure' AS cause
FROM booking.closure c
JOIN booking.appointment a ON a.starts < c.ends AND a.ends > c.starts
JOIN booking.part p ON p.appointment = a.id
WHERE (@closure::bigint = 0 OR c.id = @closure) AND c.ends > @now AND a.starts > @now
  AND (a.state = 'booked' OR a.state = 'hold' AND a.hold_until > @now)
  AND CASE WHEN c.resource IS NOT NULL THEN
          EXISTS (SELECT FROM booking.claim k WHERE k.appointment = a.id AND k.resource = c.resource
                  AND k.during * tstzrange(a.starts, a.ends) && tstzrange(c.starts, c.ends))
          OR EXISTS (SELECT FROM booking.station_day s WHERE s.id = a.station_day AND s.station = c.resource)
      WHEN c.site IS NOT NULL THEN a.site = c.site
      ELSE true END
ORDER BY p.starts, a.id, p.position
