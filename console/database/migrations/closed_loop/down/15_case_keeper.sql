DROP FUNCTION city.keep_cases;
