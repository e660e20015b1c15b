-- Who sees which cases: the centre all, a department and an inspector their own. What is asked of the login is asked once
-- a query, in a sub-select, and compared with columns that have an index; it is safe beside workers, or nobody whose cases are
-- picked out would have any.

CREATE FUNCTION city.own_department_id() RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT department_id FROM asker() WHERE role = 'department'
$$;
CREATE FUNCTION city.own_zone_id() RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    SELECT t.zone_id FROM asker() AS s JOIN team AS t ON t.id = s.team_id WHERE s.role = 'inspector'
$$;

CREATE INDEX case_file_reporter ON city.case_file (reporter_id, zone_id) WHERE reporter_id IS NOT NULL;
ALTER TABLE city.case_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY centre ON city.case_file FOR SELECT
    TO acceptor, dispatcher, shift_leader, engineer, supervisor, administrator USING (true);
CREATE POLICY department ON city.case_file FOR SELECT TO department
    USING (responsible_id = (SELECT city.own_department_id()));
CREATE POLICY inspector ON city.case_file FOR SELECT TO inspector
    USING (
        zone_id = (SELECT city.own_zone_id())
        OR inspector_id = (SELECT city.current_staff_id()) OR reporter_id = (SELECT city.current_staff_id())
    );

ALTER TABLE city.case_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY centre ON city.case_event FOR SELECT
    TO acceptor, dispatcher, shift_leader, engineer, supervisor, administrator USING (true);
CREATE POLICY own_cases ON city.case_event FOR SELECT TO department, inspector
    USING (EXISTS (SELECT FROM city.case_file AS f WHERE f.id = case_event.case_id));

REVOKE ALL ON FUNCTION city.own_department_id, city.own_zone_id FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.own_department_id TO department;
GRANT EXECUTE ON FUNCTION city.own_zone_id TO inspector;
COMMENT ON FUNCTION city.own_department_id IS 'Department of whoever asks, if that is a department''s login; decides which cases it sees.';
COMMENT ON FUNCTION city.own_zone_id IS 'Zone of the team of whoever asks, if that is an inspector''s login; decides which cases he sees.';
