-- The cells of @source that count as demand: are they in @shape (null: all
-- are), is there a number, is it estimated, people by feature.
SELECT c.id, c.lon, c.lat,
       @shape::geometry IS NULL OR ST_Covers(@shape::geometry, c.place) AS inside,
       coalesce(bool_or(n.feature = 'all' AND (n.people IS NOT NULL OR n.estimate IS NOT NULL)), false) AS has_number,
       coalesce(bool_or(n.feature = 'all' AND n.people IS NULL), false) AS guessed,
       coalesce(sum(coalesce(n.people, n.estimate)) FILTER (WHERE n.feature = 'all'), 0) AS people,
       coalesce(sum(coalesce(n.people, n.estimate)) FILTER (WHERE n.feature = 'under_18'), 0) AS under_18,
       coalesce(sum(coalesce(n.people, n.estimate)) FILTER (WHERE n.feature = '18_29'), 0) AS from_18_to_29,
       coalesce(sum(coalesce(n.people, n.estimate)) FILTER (WHERE n.feature = '30_49'), 0) AS from_30_to_49,
       coalesce(sum(coalesce(n.people, n.estimate)) FILTER (WHERE n.feature = '50_64'), 0) AS from_50_to_64,
       coalesce(sum(coalesce(n.people, n.estimate)) FILTER (WHERE n.feature = '18_64'), 0) AS from_18_to_64,
       coalesce(sum(coalesce(n.people, n.estimate)) FILTER (WHERE n.feature = '65_plus'), 0) AS over_65
FROM stations.census_cell c
LEFT JOIN stations.census_count n ON n.source = c.source AND n.cell = c.id
WHERE c.source = @source AND c.counts
GROUP BY c.source, c.id
ORDER BY c.id COLLATE "C"
