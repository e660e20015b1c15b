ALTER TABLE city.vehicle_state DROP COLUMN ignition;
ALTER TABLE city.vehicle_fix DROP COLUMN ignition;
