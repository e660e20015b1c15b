-- Free-text search finds what the case says: its index holds the pairs of characters of its text.
-- scope: any
SELECT 'cases whose search words differ from their text', count(*), 0, 0, '', min(f.case_no)
FROM city.case_file f LEFT JOIN city.case_class c ON c.id = f.class_id
WHERE f.search <> city.bigram_codes(city.case_text(f.address, f.description, c.name))
