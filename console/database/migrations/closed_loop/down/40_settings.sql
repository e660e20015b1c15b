DROP TRIGGER check_setting ON city.setting;
DROP FUNCTION city.check_setting;
DROP TABLE city.setting_field;
