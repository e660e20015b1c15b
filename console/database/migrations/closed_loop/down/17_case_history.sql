DROP FUNCTION city.cases_during;
DROP FUNCTION city.case_as_of;
DROP FUNCTION city.case_disposals;
DROP FUNCTION city.sees_case;
