-- All evidence that the audit trail knows of is there as it was attached or withdrawn, and none was put there past it.
-- scope: any
WITH told AS MATERIALIZED (
    SELECT a.subject, a.key::bigint AS id, a.at, a.after FROM city.audit_log AS a
    WHERE a.subject IN ('case_attachment', 'case_attachment_withdrawal') AND a.kind = 'insert'
), since AS (
    -- Evidence that was loaded with the city was not attached here.
    SELECT greatest(min(t.at), (SELECT (value ->> 'end')::timestamptz FROM city.setting WHERE name = 'demonstration')) AS at
    FROM told AS t HAVING count(*) > 0
), differing AS (
    SELECT 'attachment ' || t.id AS what, CASE WHEN a.id IS NULL THEN 'missing' ELSE 'altered' END AS kind
    FROM told AS t LEFT JOIN city.case_attachment AS a ON a.id = t.id
    WHERE t.subject = 'case_attachment' AND (
        a.id IS NULL OR (t.after ->> 'sha256')::bytea <> a.sha256 OR (t.after ->> 'uploaded_at')::timestamptz <> a.uploaded_at
        OR (t.after ->> 'taken_at')::timestamptz IS DISTINCT FROM a.taken_at
        OR ARRAY[t.after ->> 'case_id', t.after ->> 'event_seq', t.after ->> 'request_id', t.after ->> 'kind', t.after ->> 'stage',
                 t.after ->> 'media_type', t.after ->> 'file_name', t.after ->> 'size_bytes', t.after ->> 'width',
                 t.after ->> 'height', t.after ->> 'uploaded_by']
            IS DISTINCT FROM ARRAY[a.case_id::text, a.event_seq::text, a.request_id::text, a.kind::text, a.stage::text,
                 a.media_type, a.file_name, a.size_bytes::text, a.width::text, a.height::text, a.uploaded_by::text]
        -- Numbers as written may lack digits that nobody can measure.
        OR abs(coalesce((t.after ->> 'longitude')::float8, 0) - coalesce(a.longitude, 0)) > 1e-6
        OR abs(coalesce((t.after ->> 'latitude')::float8, 0) - coalesce(a.latitude, 0)) > 1e-6
        OR abs(coalesce((t.after #>> '{geom,coordinates,0}')::float8, 0) - coalesce(ST_X(a.geom), 0)) > 0.01
        OR abs(coalesce((t.after #>> '{geom,coordinates,1}')::float8, 0) - coalesce(ST_Y(a.geom), 0)) > 0.01)
    UNION ALL
    SELECT 'withdrawal of attachment ' || t.id, CASE WHEN w.attachment_id IS NULL THEN 'missing' ELSE 'altered' END
    FROM told AS t LEFT JOIN city.case_attachment_withdrawal AS w ON w.attachment_id = t.id
    WHERE t.subject = 'case_attachment_withdrawal' AND (
        w.attachment_id IS NULL OR (t.after ->> 'at')::timestamptz <> w.at
        OR (t.after ->> 'staff_id', t.after ->> 'reason') IS DISTINCT FROM (w.staff_id::text, w.reason))
    UNION ALL
    SELECT 'attachment ' || a.id, 'inserted' FROM since, city.case_attachment AS a
    WHERE a.uploaded_at > since.at
        AND NOT EXISTS (SELECT FROM told AS t WHERE t.subject = 'case_attachment' AND t.id = a.id)
    UNION ALL
    SELECT 'withdrawal of attachment ' || w.attachment_id, 'inserted' FROM since, city.case_attachment_withdrawal AS w
    WHERE w.at > since.at
        AND NOT EXISTS (SELECT FROM told AS t WHERE t.subject = 'case_attachment_withdrawal' AND t.id = w.attachment_id)
)
SELECT 'files of evidence in the audit trail', count(*), NULL::double precision, NULL::double precision, '', NULL
FROM told WHERE subject = 'case_attachment'
UNION ALL
SELECT 'evidence that differs from the audit trail', count(*), 0, 0, '', min(what) FROM differing
UNION ALL
SELECT format('%s: %s', what, kind), 1, 0, 0, '', NULL FROM differing
