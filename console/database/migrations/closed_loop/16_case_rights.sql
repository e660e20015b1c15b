-- Who sees which cases: the centre all, a department and an inspector their own. What is asked of the login is asked once
-- a query, in a sub-select, and compared with columns that every index of the queue carries, so that no row is read to know
-- whether it may be seen; it is safe beside workers, or nobody whose cases are picked out would have any.

CREATE FUNCTION city.own_department_id() RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT department_id FROM asker() WHERE role = 'department'
$$;
CREATE FUNCTION city.own_zone_id() RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT t.zone_id FROM asker() AS s JOIN team AS t ON t.id = s.team_id WHERE s.role = 'inspector'
$$;

CREATE INDEX case_file_reporter ON city.case_file (reporter_id, zone_id) WHERE reporter_id IS NOT NULL;
-- An inspector's own cases outside his zone are few beside those of the zone.
CREATE FUNCTION city.own_cases_elsewhere() RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100 SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    WITH me AS MATERIALIZED (SELECT s.id, coalesce(own_zone_id(), -1) AS zone_id FROM asker() AS s WHERE s.role = 'inspector')
    SELECT f.id FROM me JOIN case_file AS f ON f.reporter_id = me.id AND f.zone_id < me.zone_id
    UNION SELECT f.id FROM me JOIN case_file AS f ON f.reporter_id = me.id AND f.zone_id > me.zone_id
    UNION SELECT f.id FROM me JOIN case_file AS f ON f.inspector_id = me.id AND f.zone_id <> me.zone_id
$$;

ALTER TABLE city.case_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY centre ON city.case_file FOR SELECT
    TO acceptor, dispatcher, shift_leader, engineer, supervisor, administrator USING (true);
CREATE POLICY department ON city.case_file FOR SELECT TO department
    USING (responsible_id = (SELECT city.own_department_id()));
CREATE POLICY inspector ON city.case_file FOR SELECT TO inspector
    USING (zone_id = (SELECT city.own_zone_id()) OR id IN (SELECT city.own_cases_elsewhere()));

-- Words are looked up by an index only where that cannot tell of rows that are hidden, which the planner does not believe of
-- its operator. Those who see a part ask here, and are told of no more than the policies let them see. Pairs of characters
-- decide for words of two; longer ones, and characters of which the index keeps a part, are looked for in the texts.
CREATE FUNCTION city.own_cases_with(words text[]) RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE ROWS 30000 SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT f.id FROM case_file AS f
    WHERE f.search @> (SELECT array_agg(pair) FROM unnest(words) AS word CROSS JOIN unnest(bigram_codes(word)) AS pair)
        AND (f.responsible_id = (SELECT own_department_id())
            OR f.zone_id = (SELECT own_zone_id()) OR f.id IN (SELECT own_cases_elsewhere()))
        AND NOT EXISTS (
            SELECT FROM unnest(words) AS word
            WHERE (length(word) > 2 OR octet_length(word) > 6) AND strpos(coalesce(f.address, ''), word) = 0
                AND strpos(f.description, word) = 0
                AND NOT EXISTS (SELECT FROM case_class AS c WHERE c.id = f.class_id AND strpos(c.name, word) > 0))
$$;

ALTER TABLE city.case_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY centre ON city.case_event FOR SELECT
    TO acceptor, dispatcher, shift_leader, engineer, supervisor, administrator USING (true);
CREATE POLICY own_cases ON city.case_event FOR SELECT TO department, inspector
    USING (EXISTS (SELECT FROM city.case_file AS f WHERE f.id = case_event.case_id));

REVOKE ALL ON FUNCTION city.own_department_id, city.own_zone_id, city.own_cases_elsewhere, city.own_cases_with
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.own_department_id TO department;
GRANT EXECUTE ON FUNCTION city.own_zone_id, city.own_cases_elsewhere TO inspector;
GRANT EXECUTE ON FUNCTION city.own_cases_with TO department, inspector;
COMMENT ON FUNCTION city.own_department_id IS 'Department of whoever asks, if that is a department''s login; decides which cases it sees.';
COMMENT ON FUNCTION city.own_zone_id IS 'Zone of the team of whoever asks, if that is an inspector''s login; decides which cases he sees.';
COMMENT ON FUNCTION city.own_cases_elsewhere IS 'Cases outside the zone of an inspector who asks that he reported or was asked to look at; decides which cases he sees.';
COMMENT ON FUNCTION city.own_cases_with IS 'Cases in whose address, description or class all of some words of two characters and more occur and that a department or an inspector who asks sees.';
