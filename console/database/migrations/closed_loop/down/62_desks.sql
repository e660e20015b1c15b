DROP FUNCTION city.seen_cases;
DROP FUNCTION city.my_cases;
DROP VIEW city.case_turn;
DROP INDEX city.case_file_request_to;
DROP INDEX city.case_file_open_responsible;
