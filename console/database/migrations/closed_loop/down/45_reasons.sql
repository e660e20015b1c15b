ALTER TABLE city.audit_log DROP COLUMN reason;
