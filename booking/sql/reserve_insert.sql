-- What an appointment consists of and occupies; the appointment is there.
WITH part AS (
    INSERT INTO booking.part (appointment, position, concern, team, clerk, starts, ends)
    SELECT @id, p.position, p.concern, p.team, p.clerk, p.starts, p.ends
    FROM unnest(@concerns::text[], @teams::text[], @clerks::int[], @starts::timestamptz[], @ends::timestamptz[])
         WITH ORDINALITY AS p (concern, team, clerk, starts, ends, position))
INSERT INTO booking.claim (resource, during, appointment)
SELECT c.resource, tstzrange(c.starts, c.ends), @id
FROM unnest(@resources::int[], @froms::timestamptz[], @tos::timestamptz[]) AS c (resource, starts, ends)
ORDER BY c.resource, c.starts
