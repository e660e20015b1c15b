DROP TRIGGER index_name ON city.case_class;
DROP TRIGGER guard_class ON city.case_class;
DROP TRIGGER guard_condition ON city.filing_condition;
DROP FUNCTION city.index_class_name, city.guard_class, city.guard_condition, city.set_condition, city.end_condition,
    city.refuse_stale_condition;
ALTER TABLE city.filing_condition DROP CONSTRAINT filing_condition_words;
ALTER TABLE city.case_class DROP CONSTRAINT case_class_words;
