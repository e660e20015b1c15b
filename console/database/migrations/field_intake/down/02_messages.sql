DELETE FROM city.setting_field WHERE setting = 'message_days';
ALTER TABLE city.setting DISABLE TRIGGER check_setting;
DELETE FROM city.setting WHERE name = 'message_days';
ALTER TABLE city.setting ENABLE TRIGGER check_setting;
DROP FUNCTION city.forget_messages, city.report_gateway, city.record_doubtful_fixes, city.record_messages;
DROP TABLE city.gateway_state, city.doubtful_fix, city.raw_message;
