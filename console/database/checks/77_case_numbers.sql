-- Case numbers are given out without gaps from 1 on every day (Asia/Shanghai).
-- scope: any
WITH day AS (
    SELECT substr(case_no, 3, 8)::date AS day, count(*) AS given, max(substr(case_no, 11)::integer) AS last
    FROM city.case_file GROUP BY 1
)
SELECT 'days with a gap in their case numbers', count(*), 0, 0, 'd', min(day)::text
FROM day FULL JOIN city.case_number n USING (day)
WHERE day.given IS DISTINCT FROM day.last OR n.last IS DISTINCT FROM day.last
