-- Every partition of the telemetry tables is attached, named for the span that it holds.
-- scope: any
SELECT 'partitions of telemetry', count(*), NULL::double precision, NULL::double precision, '', NULL
FROM pg_inherits WHERE inhparent IN ('city.vehicle_fix'::regclass, 'city.sensor_reading'::regclass)
UNION ALL
SELECT 'tables that look like a partition but are none', count(*), 0, 0, '', min(c.relname)
FROM pg_class c
WHERE c.relnamespace = 'city'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^(vehicle_fix|sensor_reading)_'
  AND NOT c.relispartition
