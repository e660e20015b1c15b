-- Roles and least rights. Roles belong to the whole server, so they may be there already; logins are members of them.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY enum_range(NULL::city.role)::text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA city FROM PUBLIC;
GRANT USAGE ON SCHEMA city TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
-- Pure helpers that queries and constraints call with the rights of whoever asks.
GRANT EXECUTE ON FUNCTION city.is_placed, city.bigram_codes, city.case_text, city.current_staff_id
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;

-- Every program first asks whether the schema is the one that it was written for.
GRANT SELECT ON public.city_revision
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;

-- The city itself is no secret to those who work for it.
GRANT SELECT ON
    city.zone, city.subdistrict, city.community, city.unit_grid, city.street, city.department, city.team, city.staff, city.shift,
    city.roster, city.calendar_day, city.working_hours, city.setting, city.case_class, city.filing_condition, city.component,
    city.manhole, city.pipe, city.gully, city.outfall, city.pump_station, city.flood_point, city.sensor, city.sensor_reading,
    city.sensor_state, city.company, city.work_site, city.dump_site, city.vehicle, city.route_permit, city.vehicle_fix,
    city.vehicle_state, city.trip, city.vehicle_day, city.alarm, city.change_log
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;

-- Cases: who called is only for those who call back.
DO $$
DECLARE
    columns text := (
        SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
        WHERE table_schema = 'city' AND table_name = 'case_file' AND column_name NOT IN ('caller_name', 'caller_phone')
    );
BEGIN
    EXECUTE format('GRANT SELECT (%s) ON city.case_file TO department, engineer, supervisor, inspector', columns);
END $$;
GRANT SELECT ON city.case_file TO acceptor, dispatcher, shift_leader, administrator;
GRANT SELECT ON city.case_event TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, administrator;
GRANT SELECT ON city.audit_log TO supervisor, administrator;

GRANT EXECUTE ON FUNCTION city.report_case TO acceptor, shift_leader, inspector, gateway;
GRANT EXECUTE ON FUNCTION city.record_fixes, city.record_readings TO gateway;

-- Base data and configuration are the administrator's; every change is audited. Cases and histories are nobody's to edit.
GRANT INSERT, UPDATE, DELETE ON
    city.zone, city.subdistrict, city.community, city.unit_grid, city.street, city.department, city.team, city.staff, city.shift,
    city.roster, city.calendar_day, city.working_hours, city.setting, city.case_class, city.filing_condition, city.component,
    city.manhole, city.pipe, city.gully, city.outfall, city.pump_station, city.flood_point, city.sensor, city.company,
    city.work_site, city.dump_site, city.vehicle, city.route_permit
    TO administrator;
