-- The audit trail is as it was written: no entry was altered, moved, removed or inserted, each day is chained to the one before.
-- scope: any
WITH breach AS MATERIALIZED (SELECT * FROM city.audit_breaches())
SELECT 'entries of the audit trail in its chain', count(*), NULL::double precision, NULL::double precision, '', NULL
FROM city.audit_link
UNION ALL
SELECT 'breaches of the audit trail', count(*), 0, 0, '', min(kind || ' on ' || day) FROM breach
UNION ALL
-- Each by name: an entry by its number, one of which nothing is left by its place in the day.
SELECT CASE
    WHEN kind = 'day' THEN format('audit day %s: head or order of days', day)
    WHEN audit_id IS NULL THEN format('audit entry in place %s of %s: %s', seq, day, kind)
    ELSE format('audit entry %s of %s: %s', audit_id, day, kind) END, 1, 0, 0, '', NULL
FROM breach
UNION ALL
SELECT 'guards of the audit trail that are there and on', count(*), 7, 7, '', NULL
FROM pg_trigger
WHERE tgrelid IN ('city.audit_log'::regclass, 'city.audit_link'::regclass, 'city.audit_day'::regclass)
    AND (tgname IN ('keep_history', 'keep_rows') AND tgenabled = 'A' OR tgname = 'stamp' AND tgenabled IN ('O', 'A'))
UNION ALL
SELECT 'rows that tell how far it is sealed', count(*), 1, 1, '', NULL FROM city.audit_seal
UNION ALL
SELECT 'tables that a role may write without an audit trail', count(*), 0, 0, '', min(c.relname)
FROM pg_class AS c
WHERE c.relnamespace = 'city'::regnamespace AND c.relkind IN ('r', 'p')
    AND EXISTS (
        SELECT FROM unnest(enum_range(NULL::city.role)) AS role
        WHERE has_table_privilege(role::text, c.oid, 'INSERT, UPDATE, DELETE'))
    AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'log_audit' AND t.tgenabled IN ('O', 'A'))
