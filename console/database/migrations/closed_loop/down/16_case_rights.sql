DROP POLICY own_cases ON city.case_event;
DROP POLICY centre ON city.case_event;
ALTER TABLE city.case_event DISABLE ROW LEVEL SECURITY;
DROP POLICY inspector ON city.case_file;
DROP POLICY department ON city.case_file;
DROP POLICY centre ON city.case_file;
ALTER TABLE city.case_file DISABLE ROW LEVEL SECURITY;
DROP INDEX city.case_file_reporter;
DROP FUNCTION city.own_cases_with, city.own_cases_elsewhere, city.own_zone_id, city.own_department_id;
