DROP FUNCTION city.unit_minutes, city.limit_used_us, city.limit_end, city.refuse_beyond_calendar, city.working_us,
    city.refresh_working_time, city.computed_intervals;
DROP TABLE city.working_interval;
DROP FUNCTION city.refuse;
