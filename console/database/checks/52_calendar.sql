-- The working calendar knows every day on which a limit may run, and the hours of every working day.
-- scope: any
WITH span AS (
    SELECT (min(reported_at) AT TIME ZONE 'Asia/Shanghai')::date AS first,
           (max(greatest(reported_at, deadline)) AT TIME ZONE 'Asia/Shanghai')::date AS last FROM city.case_file
), day AS (
    SELECT d::date AS day FROM span, generate_series(span.first, span.last, interval '1 day') AS d
)
SELECT 'days that the calendar lacks', count(*), 0, 0, 'd', min(day)::text
FROM day WHERE NOT EXISTS (SELECT FROM city.calendar_day c WHERE c.day = day.day)
UNION ALL
SELECT 'working days without working hours', count(*), 0, 0, 'd', min(day)::text
FROM day JOIN city.calendar_day c USING (day)
WHERE c.is_working AND NOT EXISTS (SELECT FROM city.working_hours w WHERE day BETWEEN w.valid_from AND w.valid_to)
UNION ALL
SELECT 'public holidays', count(*), NULL, NULL, 'd', NULL FROM city.calendar_day WHERE NOT is_working AND name IS NOT NULL
