-- The outbox is readable by snapshot: no row is dated in the future or comes from a transaction that is yet to be.
-- scope: any
SELECT 'changes from the future', count(*), 0, 0, '', min(id)::text
FROM city.change_log WHERE at > clock_timestamp() OR xid >= pg_snapshot_xmax(pg_current_snapshot())
