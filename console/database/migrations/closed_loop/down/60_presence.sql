DROP FUNCTION city.show_presence;
DROP TABLE city.case_presence;
