DROP FUNCTION city.keep_alarms, city.suppress_alarm, city.return_to_service, city.take_out_of_service, city.unshelve_alarm,
    city.shelve_alarm, city.turn_hold, city.reset_alarm, city.acknowledge_alarm, city.alarm_seen, city.lock_alarm, city.alarm_desk;
