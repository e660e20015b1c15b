DROP FUNCTION city.return_alarm, city.raise_alarm, city.alarm_at, city.lock_alarm_kind, city.note_alarm, city.alarm_state_of;
DELETE FROM city.setting_field WHERE setting = 'alarm_shelving';
ALTER TABLE city.setting DISABLE TRIGGER check_setting;
DELETE FROM city.setting WHERE name = 'alarm_shelving';
ALTER TABLE city.setting ENABLE TRIGGER check_setting;
DROP TABLE city.alarm_hold, city.alarm_event;
DROP TYPE city.alarm_act;
ALTER TABLE city.alarm DROP COLUMN rule_id, DROP COLUMN rule_version, DROP COLUMN grade, DROP COLUMN latches, DROP COLUMN is_reset,
    DROP COLUMN version;
