DROP FUNCTION city.save_alarm_rule;
DROP TABLE city.traffic_area, city.alarm_rule;
DROP TYPE city.alarm_subject;
