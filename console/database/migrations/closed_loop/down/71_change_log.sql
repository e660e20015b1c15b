DROP FUNCTION city.trim_change_log;
