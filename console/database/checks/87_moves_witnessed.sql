-- Every move since the audit trail knows them stands in it as in the history of its case, and none was added or taken away.
-- scope: any
WITH told AS MATERIALIZED (
    SELECT a.id, a.at, a.after, (a.after ->> 'case_id')::bigint AS case_id, (a.after ->> 'seq')::smallint AS seq
    FROM city.audit_log AS a WHERE a.subject = 'case_event' AND a.kind = 'insert'
), since AS (
    -- Cases that were loaded with the city were not moved here.
    SELECT greatest(min(t.at), (SELECT (value ->> 'end')::timestamptz FROM city.setting WHERE name = 'demonstration')) AS at
    FROM told AS t HAVING count(*) > 0
), differing AS (
    SELECT t.case_id || '/' || t.seq AS move, CASE WHEN e.case_id IS NULL THEN 'missing' ELSE 'altered' END AS kind
    FROM told AS t LEFT JOIN city.case_event AS e ON (e.case_id, e.seq) = (t.case_id, t.seq)
    WHERE e.case_id IS NULL OR (t.after ->> 'at')::timestamptz <> e.at
        OR t.after - 'at' <> jsonb_strip_nulls(to_jsonb(e)) - 'at'
    UNION ALL
    SELECT e.case_id || '/' || e.seq, 'inserted'
    FROM since, city.case_event AS e
    WHERE e.at > since.at AND NOT EXISTS (SELECT FROM told AS t WHERE (t.case_id, t.seq) = (e.case_id, e.seq))
)
SELECT 'moves of cases in the audit trail', count(*), NULL::double precision, NULL::double precision, '', NULL FROM told
UNION ALL
SELECT 'moves that differ from the audit trail', count(*), 0, 0, '', min(move) FROM differing
UNION ALL
SELECT format('move %s: %s', move, kind), 1, 0, 0, '', NULL FROM differing
