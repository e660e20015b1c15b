DROP TRIGGER post_fixes ON city.vehicle_fix;
DROP TRIGGER post_readings ON city.sensor_reading;
DROP FUNCTION city.leave_monitors, city.keep_monitors, city.take_monitors, city.post_readings, city.post_fixes;
DROP TABLE city.monitor_state, city.reading_inbox, city.fix_inbox;
