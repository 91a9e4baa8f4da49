-- Concerns by words, German or English. A word that a dictionary takes for a
-- stop word ("ich", "my") counts only when nothing else was asked. Of a word
-- and its synonyms the best hit counts; of the words, the mean.
WITH asked AS (
    SELECT word, numnode(to_tsquery('german', word)) = 0 OR numnode(to_tsquery('english', word)) = 0 AS is_stop
    FROM unnest(@words::text[]) AS word
), kept AS (
    SELECT DISTINCT word FROM asked WHERE NOT is_stop OR NOT EXISTS (SELECT FROM asked WHERE NOT is_stop)
), form AS MATERIALIZED (
    SELECT word, form, weight, to_tsquery('german', form) AS whole_a, to_tsquery('german', form || ':*A') AS name, to_tsquery('german', form || ':*B') AS keyword,
           to_tsquery('german', form || ':*') AS stem, to_tsquery('english', form || ':*A') AS name_en, to_tsquery('english', form) AS stem_en
    FROM (SELECT word, word AS form, 1.0 AS weight FROM kept
          UNION ALL SELECT k.word, s.means, 0.9 FROM kept k JOIN open.booking_synonym s USING (word)) AS f
), concern AS MATERIALIZED (
    SELECT id, search, search_en, lower(name ->> 'de') AS name, lower(name ->> 'en') AS name_en, lower(summary ->> 'de') AS summary,
           lower(keywords::text)::text[] AS keywords, lower(array_to_string(keywords, ' ')) AS keyword_text
    FROM open.booking_concern
), hit AS (
    SELECT c.id, f.word, max(f.weight * greatest(
               CASE WHEN f.form = ANY (c.keywords) THEN 1.0 - 0.005 * array_position(c.keywords, f.form)
                    WHEN c.search @@ f.name THEN 0.95
                    WHEN c.search_en @@ f.name_en THEN 0.92
                    WHEN c.search @@ f.keyword THEN 0.85
                    WHEN c.search @@ f.whole_a THEN 0.7
                    WHEN c.search @@ f.stem OR c.search_en @@ f.stem_en THEN 0.55 ELSE 0 END,
               0.95 * word_similarity(f.form, c.name),
               0.90 * word_similarity(f.form, c.keyword_text),
               0.85 * word_similarity(f.form, c.name_en),
               0.50 * word_similarity(f.form, c.summary))) AS score
    FROM concern c CROSS JOIN form f
    GROUP BY c.id, f.word
), scored AS (
    SELECT h.id, avg(CASE WHEN h.score >= 0.4 THEN h.score ELSE 0 END) AS score
    FROM hit h GROUP BY h.id
), ranked AS (
    SELECT s.id, CASE WHEN @text::text = ANY (c.keywords) OR @text = c.name OR @text = c.name_en THEN 1.0 ELSE s.score END AS score,
           greatest(similarity(@text, c.name), similarity(@text, c.name_en)) AS alike
    FROM scored s JOIN concern c USING (id)
)
SELECT c.id, c.name, c.summary, c.office, c.office_name, c.minutes, c.further_minutes, c.channels, c.mobile,
       c.online, c.online_url, c.appointment, c.urgent, c.jurisdiction, c.keywords, c.fim_key, c.note, c.documents,
       r.score::float8 AS score
FROM ranked r JOIN open.booking_concern c USING (id)
WHERE r.score >= 0.42
ORDER BY r.score DESC, r.alike DESC, c.name ->> 'de', c.id
LIMIT @limit
