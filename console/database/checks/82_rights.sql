-- Cases and histories change through functions alone: no role may update or delete them, and some do not see who called.
-- scope: any
WITH role AS (SELECT unnest(enum_range(NULL::city.role))::text AS name),
guarded AS (
    SELECT unnest(ARRAY['case_file', 'case_event', 'case_number', 'change_log', 'audit_log', 'audit_link', 'audit_day', 'audit_seal', 'case_attachment',
                        'case_attachment_withdrawal', 'vehicle_fix', 'sensor_reading']) AS name
)
SELECT 'database roles', count(*), 9, 9, '', NULL FROM role JOIN pg_roles r ON r.rolname = role.name
UNION ALL
SELECT 'rights to rewrite cases or histories', count(*), 0, 0, '', min(role.name || ' on ' || guarded.name)
FROM role, guarded
WHERE has_table_privilege(role.name, 'city.' || guarded.name, 'INSERT, UPDATE, DELETE, TRUNCATE')
   OR has_any_column_privilege(role.name, 'city.' || guarded.name, 'INSERT, UPDATE')
UNION ALL
SELECT 'roles that see who called and should not', count(*), 0, 0, '', min(role.name)
FROM role, unnest(ARRAY['caller_name', 'caller_phone']) AS hidden
WHERE role.name IN ('department', 'engineer', 'supervisor', 'inspector', 'gateway')
  AND has_column_privilege(role.name, 'city.case_file', hidden, 'SELECT')
UNION ALL
SELECT 'functions that anybody may call', count(*), 0, 0, '', min(p.proname)
FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS entry
WHERE p.pronamespace = 'city'::regnamespace AND entry.grantee = 0 AND entry.privilege_type = 'EXECUTE'
