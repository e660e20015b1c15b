DROP FUNCTION city.record_doubtful_readings, city.note_device, city.sensor_sources, city.disconnect_sensor, city.connect_sensor;
DROP TABLE city.doubtful_reading, city.rain_total, city.unknown_device, city.sensor_source;
