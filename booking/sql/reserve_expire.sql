-- Locks, in the order of their ids, the appointments that are about to change
-- (@named) and the holds on @touched that have run out; ends the latter and
-- frees all that they occupied.
WITH locked AS MATERIALIZED (
    SELECT a.id, a.state, a.hold_until FROM booking.appointment a
    WHERE a.id = ANY (ARRAY(
        SELECT unnest(@named::text[])
        UNION
        SELECT c.appointment FROM booking.claim c JOIN booking.appointment h ON h.id = c.appointment
        WHERE c.resource = ANY (@touched::int[]) AND c.during && tstzrange(@from, @to)
          AND h.state = 'hold' AND h.hold_until <= @now))
    ORDER BY a.id FOR UPDATE),
ended AS (
    UPDATE booking.appointment a
    SET state = 'expired', hold_until = NULL, ended_at = @now, ended_by = 'program'
    FROM locked l WHERE a.id = l.id AND l.state = 'hold' AND l.hold_until <= @now RETURNING a.id)
DELETE FROM booking.claim c USING ended WHERE c.appointment = ended.id
