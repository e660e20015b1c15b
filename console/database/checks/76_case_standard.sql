-- Cases are filed under a condition of their own class, and a component case names a component of that class.
-- scope: any
SELECT 'cases filed under the condition of another class', count(*), 0, 0, '', min(f.case_no)
FROM city.case_file f JOIN city.filing_condition c ON c.id = f.condition_id WHERE c.class_id <> f.class_id
UNION ALL
SELECT 'cases of another kind than their class', count(*), 0, 0, '', min(f.case_no)
FROM city.case_file f JOIN city.case_class c ON c.id = f.class_id WHERE c.kind <> f.kind
UNION ALL
SELECT 'cases about a component of another class', count(*), 0, 0, '', min(f.case_no)
FROM city.case_file f JOIN city.component c ON c.code = f.component_code WHERE c.class_id <> f.class_id
