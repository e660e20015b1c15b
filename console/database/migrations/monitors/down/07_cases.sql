DROP TRIGGER end_alarm ON city.case_file;
DROP FUNCTION city.end_alarm_of_case, city.alarm_to_case;
ALTER TABLE city.alarm DROP COLUMN case_id;
