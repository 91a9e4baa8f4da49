-- Concerns by words. A word that the German dictionary takes for a stop word
-- ("ich", "mein") counts only when nothing else was asked.
WITH asked AS (
    SELECT word, to_tsquery('german', word || ':*') AS stem, to_tsquery('german', word || ':*A') AS stem_in_name,
           numnode(to_tsquery('german', word)) = 0 AS is_stop
    FROM unnest(@words::text[]) AS word
), word AS (
    SELECT word, stem, stem_in_name FROM asked WHERE NOT is_stop OR NOT EXISTS (SELECT FROM asked WHERE NOT is_stop)
), scored AS (
    SELECT c.id, avg(greatest(
               CASE WHEN c.search @@ w.stem_in_name THEN 1.0
                    WHEN c.search @@ w.stem THEN 0.8 ELSE 0 END,
               0.95 * word_similarity(w.word, lower(c.name ->> 'de')),
               0.90 * word_similarity(w.word, lower(array_to_string(c.keywords, ' '))),
               0.50 * word_similarity(w.word, lower(c.summary ->> 'de')))) AS score
    FROM open.booking_concern c CROSS JOIN word w
    GROUP BY c.id
)
SELECT c.id, c.name, c.summary, c.office, c.office_name, c.minutes, c.further_minutes, c.channels, c.mobile,
       c.online, c.online_url, c.appointment, c.urgent, c.jurisdiction, c.keywords, c.fim_key, c.note, c.documents,
       s.score::float8 AS score
FROM scored s JOIN open.booking_concern c USING (id)
WHERE s.score >= 0.45
ORDER BY s.score DESC, c.name ->> 'de', c.id
LIMIT @limit
