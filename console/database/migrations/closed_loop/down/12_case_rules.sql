DROP TABLE city.case_rule;
