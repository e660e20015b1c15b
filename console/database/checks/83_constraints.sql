-- Every constraint is enforced and every index is usable; triggers that keep logs and histories are on.
-- scope: any
SELECT 'constraints that were never checked', count(*), 0, 0, '', min(conname)
FROM pg_constraint WHERE connamespace = 'city'::regnamespace AND NOT convalidated
UNION ALL
SELECT 'indexes that are not usable', count(*), 0, 0, '', min(c.relname)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'city'::regnamespace AND NOT i.indisvalid
UNION ALL
SELECT 'triggers that are switched off', count(*), 0, 0, '', min(c.relname || '.' || t.tgname)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'city'::regnamespace AND NOT t.tgisinternal AND t.tgenabled = 'D'
