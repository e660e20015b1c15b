-- Why the configuration was changed stands beside what was changed: whoever saves says so once for the whole transaction, in
-- city.reason, and every row of the record takes it from there.
ALTER TABLE city.audit_log ADD COLUMN reason text DEFAULT nullif(btrim(current_setting('city.reason', true)), '');
COMMENT ON COLUMN city.audit_log.reason IS 'Why it was changed, as whoever changed it put it; empty when nobody said.';
