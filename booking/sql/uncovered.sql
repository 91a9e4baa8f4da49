-- Parts of coming appointments that no released time of their clerk covers:
-- same channel, same place, same concern. @clerks null: of everybody.
SELECT p.appointment, p.concern, p.clerk, p.starts, p.ends, 'release' AS cause
FROM booking.part p JOIN booking.appointment a ON a.id = p.appointment
WHERE (@clerks::int[] IS NULL OR p.clerk = ANY (@clerks))
  AND a.starts > @now AND a.starts < @until
  AND (a.state = 'booked' OR a.state = 'hold' AND a.hold_until > @now)
  AND NOT coalesce((
      SELECT range_agg(d.during) FROM booking.release_day d
      WHERE d.clerk = p.clerk AND d.during && tstzrange(p.starts, p.ends)
        AND a.channel = ANY (d.channels) AND (d.concerns = '{}' OR p.concern = ANY (d.concerns))
        AND CASE a.channel WHEN 'counter' THEN d.site = a.site WHEN 'mobile' THEN d.station_day = a.station_day ELSE true END)
      @> tstzrange(p.starts, p.ends), false)
ORDER BY p.starts, p.appointment, p.position
