DROP TRIGGER keep_lights ON city.setting;
DROP TRIGGER keep_working_time ON city.working_hours;
DROP TRIGGER keep_working_time ON city.calendar_day;
DROP FUNCTION city.keep_lights, city.keep_working_time, city.refold_cases, city.folded_columns, city.keep_folded,
    city.fold_case, city.case_described, city.case_lights, city.case_step;
