-- Whether the engine ran decides how long a terminal may say nothing: 5 minutes with it on, 30 with it off.
ALTER TABLE city.vehicle_fix ADD COLUMN ignition boolean NOT NULL DEFAULT true;
ALTER TABLE city.vehicle_state ADD COLUMN ignition boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN city.vehicle_fix.ignition IS 'Whether the engine was on (ACC of JT/T 808).';
COMMENT ON COLUMN city.vehicle_state.ignition IS 'Whether the engine is on (ACC of JT/T 808): a terminal is silent after 5 minutes without a position, after 30 with the engine off.';
