-- Component codes carry the code of their class (GB/T 30428.2): district 6, class 4, number 6.
-- scope: any
SELECT 'components whose code names another class', count(*), 0, 0, '', min(c.code)
FROM city.component c JOIN city.case_class k ON k.id = c.class_id
WHERE substr(c.code, 7, 4) <> k.code OR k.kind <> 'component' OR right(c.code, 6) = '000000'
