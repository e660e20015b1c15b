DROP FUNCTION city.drop_filter;
DROP FUNCTION city.save_filter;
DROP TABLE city.saved_filter;
