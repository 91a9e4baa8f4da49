-- Takes notices that are due, for one instance: whoever does not say that they
-- are sent leaves them to the next round, later each time.
WITH due AS (
    SELECT id FROM booking.outbox
    WHERE sent_at IS NULL AND due_at <= @now AND attempts < @attempts
    ORDER BY due_at, id LIMIT @limit FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE booking.outbox o
    SET attempts = o.attempts + 1,
        due_at = @now::timestamptz + least(interval '1 minute' * 2 ^ o.attempts, interval '6 hours')
    FROM due WHERE o.id = due.id RETURNING o.id, o.appointment, o.wish)
SELECT t.id, coalesce(a.lang, w.lang, 'de') AS lang, p.id AS person, coalesce(p.key_id, '') AS key_id, p.sealed
FROM taken t
LEFT JOIN booking.appointment a ON a.id = t.appointment
LEFT JOIN booking.wish w ON w.id = t.wish
LEFT JOIN LATERAL (
    SELECT p.id, p.key_id, p.sealed FROM booking.person p
    WHERE p.appointment IN (a.id, a.replaces) OR p.wish IN (w.id, a.wish)
    ORDER BY (p.appointment = a.id) DESC NULLS LAST LIMIT 1) p ON true
ORDER BY t.id
