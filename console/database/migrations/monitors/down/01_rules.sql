DROP FUNCTION city.save_alarm_rule, city.alarm_rule_versions;
DROP TABLE city.traffic_area, city.alarm_rule;
DROP TYPE city.alarm_subject;
