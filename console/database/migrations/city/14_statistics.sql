-- Statistics: what became of the cases on each day (Asia/Shanghai), counted along one dimension at a time, so that a figure
-- over the whole history is a sum over some thousand rows. `case_day` holds what is settled; each change of a case only
-- adds signed rows to `case_day_change`, for which no two transactions contend, and which are folded in now and then.
-- A figure is a sum over both, the view `case_count`, and always equal to counting the cases themselves.

CREATE TYPE city.count_dimension AS ENUM ('all', 'zone', 'department', 'class', 'source', 'mode', 'hour');

CREATE TABLE city.case_day (
    dimension city.count_dimension NOT NULL,
    key smallint NOT NULL,
    day date NOT NULL,
    reported integer NOT NULL,
    accepted integer NOT NULL,
    filed integer NOT NULL,
    dispatched integer NOT NULL,
    disposed integer NOT NULL,
    disposed_overdue integer NOT NULL,
    reworked integer NOT NULL,
    extended integer NOT NULL,
    closed integer NOT NULL,
    closed_overdue integer NOT NULL,
    forced integer NOT NULL,
    cancelled integer NOT NULL,
    refused integer NOT NULL,
    assessed integer NOT NULL,
    disposal_s bigint NOT NULL,
    closing_s bigint NOT NULL,
    PRIMARY KEY (dimension, day, key)
);
CREATE TABLE city.case_day_change (LIKE city.case_day);

CREATE VIEW city.case_count AS SELECT * FROM city.case_day UNION ALL SELECT * FROM city.case_day_change;

-- China keeps one offset all year and has since 1992; a fixed one costs a tenth of a named zone.
-- What each case adds to the counts of a day: one row for the day of its report, with all that happened to it on that day,
-- and one for each later moment. Disposal is overdue by the mark of the case, unless an appeal against it was granted.
-- Cases closed by force, cancelled, refused or assessed are not “closed”.
CREATE VIEW city.case_fact AS
WITH dated AS NOT MATERIALIZED (
    SELECT f.*,
        (f.reported_at AT TIME ZONE INTERVAL '8 hours')::date AS reported_on,
        (f.accepted_at AT TIME ZONE INTERVAL '8 hours')::date AS accepted_on,
        (f.filed_at AT TIME ZONE INTERVAL '8 hours')::date AS filed_on,
        (f.dispatched_at AT TIME ZONE INTERVAL '8 hours')::date AS dispatched_on,
        (f.disposed_at AT TIME ZONE INTERVAL '8 hours')::date AS disposed_on,
        (f.closed_at AT TIME ZONE INTERVAL '8 hours')::date AS closed_on,
        extract(hour FROM f.reported_at AT TIME ZONE INTERVAL '8 hours')::smallint AS hour,
        (f.is_overdue AND f.appeal IS DISTINCT FROM 'granted')::integer AS overdue,
        extract(epoch FROM f.disposed_at - f.dispatched_at)::bigint AS disposal,
        extract(epoch FROM f.closed_at - f.reported_at)::bigint AS closing
    FROM city.case_file AS f
)
SELECT id, zone_id, responsible_id, class_id, source, mode, hour, reported_on AS day,
    1 AS reported,
    CASE WHEN accepted_on = reported_on THEN 1 ELSE 0 END AS accepted,
    CASE WHEN filed_on = reported_on THEN 1 ELSE 0 END AS filed,
    CASE WHEN dispatched_on = reported_on THEN 1 ELSE 0 END AS dispatched,
    CASE WHEN disposed_on = reported_on THEN 1 ELSE 0 END AS disposed,
    CASE WHEN disposed_on = reported_on THEN overdue ELSE 0 END AS disposed_overdue,
    CASE WHEN disposed_on = reported_on THEN (reworks > 0)::integer ELSE 0 END AS reworked,
    CASE WHEN disposed_on = reported_on THEN (extensions > 0)::integer ELSE 0 END AS extended,
    CASE WHEN closed_on = reported_on THEN (state = 'closed')::integer ELSE 0 END AS closed,
    CASE WHEN closed_on = reported_on AND state = 'closed' THEN overdue ELSE 0 END AS closed_overdue,
    CASE WHEN closed_on = reported_on THEN (state = 'forced_close')::integer ELSE 0 END AS forced,
    CASE WHEN closed_on = reported_on THEN (state = 'cancelled')::integer ELSE 0 END AS cancelled,
    CASE WHEN closed_on = reported_on THEN (state = 'not_accepted')::integer ELSE 0 END AS refused,
    CASE WHEN closed_on = reported_on THEN (state = 'assessed')::integer ELSE 0 END AS assessed,
    CASE WHEN disposed_on = reported_on THEN disposal ELSE 0 END AS disposal_s,
    CASE WHEN closed_on = reported_on AND state = 'closed' THEN closing ELSE 0 END AS closing_s
FROM dated
UNION ALL SELECT id, zone_id, responsible_id, class_id, source, mode, hour, accepted_on,
    0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM dated WHERE accepted_on <> reported_on
UNION ALL SELECT id, zone_id, responsible_id, class_id, source, mode, hour, filed_on,
    0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM dated WHERE filed_on <> reported_on
UNION ALL SELECT id, zone_id, responsible_id, class_id, source, mode, hour, dispatched_on,
    0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM dated WHERE dispatched_on <> reported_on
UNION ALL SELECT id, zone_id, responsible_id, class_id, source, mode, hour, disposed_on,
    0, 0, 0, 0, 1, overdue, (reworks > 0)::integer, (extensions > 0)::integer, 0, 0, 0, 0, 0, 0, disposal, 0
FROM dated WHERE disposed_on <> reported_on
UNION ALL SELECT id, zone_id, responsible_id, class_id, source, mode, hour, closed_on,
    0, 0, 0, 0, 0, 0, 0, 0, (state = 'closed')::integer, CASE WHEN state = 'closed' THEN overdue ELSE 0 END,
    (state = 'forced_close')::integer, (state = 'cancelled')::integer, (state = 'not_accepted')::integer, (state
    = 'assessed')::integer, 0, CASE WHEN state = 'closed' THEN closing ELSE 0 END
FROM dated WHERE closed_on <> reported_on;

-- Counts all cases anew. The first filling calls it after the rows of `case_file` are in, since its triggers do not see
-- them; afterwards it is needed no more, and harmless.
CREATE FUNCTION city.refresh_case_day() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
    LOCK TABLE case_file IN SHARE MODE;
    TRUNCATE case_day, case_day_change;
    INSERT INTO case_day
    SELECT
        CASE WHEN grouping(zone_id) = 0 THEN 'zone' WHEN grouping(responsible_id) = 0 THEN 'department'
            WHEN grouping(class_id) = 0 THEN 'class' WHEN grouping(source) = 0 THEN 'source'
            WHEN grouping(mode) = 0 THEN 'mode' WHEN grouping(hour) = 0 THEN 'hour' ELSE 'all' END::count_dimension,
        CASE WHEN grouping(zone_id) = 0 THEN zone_id WHEN grouping(responsible_id) = 0 THEN coalesce(responsible_id, -1)
            WHEN grouping(class_id) = 0 THEN coalesce(class_id, -1)
            WHEN grouping(source) = 0 THEN array_position(enum_range(NULL::case_source), source)
            WHEN grouping(mode) = 0 THEN array_position(enum_range(NULL::case_mode), mode)
            WHEN grouping(hour) = 0 THEN hour ELSE 0 END,
        day, sum(reported), sum(accepted), sum(filed), sum(dispatched),
        sum(disposed), sum(disposed_overdue), sum(reworked), sum(extended),
        sum(closed), sum(closed_overdue), sum(forced), sum(cancelled),
        sum(refused), sum(assessed), sum(disposal_s), sum(closing_s)
    FROM case_fact
    GROUP BY GROUPING SETS ((day), (day, zone_id), (day, responsible_id), (day, class_id), (day, source), (day, mode), (day, hour));
$$;

-- Moves the changes that are committed into `case_day`; one session at a time, the others pass by.
CREATE FUNCTION city.fold_case_day() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    BEGIN
        LOCK TABLE case_day IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;  -- which no login can hold
    EXCEPTION WHEN lock_not_available THEN
        RETURN;
    END;
    WITH taken AS (
        DELETE FROM case_day_change RETURNING *
    )
    INSERT INTO case_day AS d
    SELECT dimension, key, day, sum(reported), sum(accepted), sum(filed), sum(dispatched),
        sum(disposed), sum(disposed_overdue), sum(reworked), sum(extended),
        sum(closed), sum(closed_overdue), sum(forced), sum(cancelled),
        sum(refused), sum(assessed), sum(disposal_s), sum(closing_s) FROM taken GROUP BY dimension, key, day
    ON CONFLICT ON CONSTRAINT case_day_pkey DO UPDATE SET
            reported = d.reported + excluded.reported,
            accepted = d.accepted + excluded.accepted,
            filed = d.filed + excluded.filed,
            dispatched = d.dispatched + excluded.dispatched,
            disposed = d.disposed + excluded.disposed,
            disposed_overdue = d.disposed_overdue + excluded.disposed_overdue,
            reworked = d.reworked + excluded.reworked,
            extended = d.extended + excluded.extended,
            closed = d.closed + excluded.closed,
            closed_overdue = d.closed_overdue + excluded.closed_overdue,
            forced = d.forced + excluded.forced,
            cancelled = d.cancelled + excluded.cancelled,
            refused = d.refused + excluded.refused,
            assessed = d.assessed + excluded.assessed,
            disposal_s = d.disposal_s + excluded.disposal_s,
            closing_s = d.closing_s + excluded.closing_s;
END $$;

-- Before a case changes what it added is taken back, afterwards it is added anew.
CREATE FUNCTION city.count_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    sign integer := CASE TG_WHEN WHEN 'BEFORE' THEN -1 ELSE 1 END;
BEGIN
    INSERT INTO case_day_change
    SELECT d.dimension, d.key, c.day,
            sign * c.reported, sign * c.accepted, sign * c.filed, sign * c.dispatched, sign * c.disposed,
            sign * c.disposed_overdue, sign * c.reworked, sign * c.extended, sign * c.closed, sign *
            c.closed_overdue, sign * c.forced, sign * c.cancelled, sign * c.refused, sign * c.assessed, sign
            * c.disposal_s, sign * c.closing_s
    FROM case_fact AS c
    CROSS JOIN LATERAL (VALUES
        ('all'::count_dimension, 0), ('zone', c.zone_id), ('department', coalesce(c.responsible_id, -1)),
        ('class', coalesce(c.class_id, -1)), ('source', array_position(enum_range(NULL::case_source), c.source)),
        ('mode', array_position(enum_range(NULL::case_mode), c.mode)), ('hour', c.hour)
    ) AS d (dimension, key)
    WHERE c.id = CASE TG_OP WHEN 'INSERT' THEN NEW.id ELSE OLD.id END;
    IF TG_WHEN = 'AFTER' AND pg_current_xact_id()::text::bigint % 1000 = 0 THEN
        PERFORM fold_case_day();
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER count_new AFTER INSERT ON city.case_file FOR EACH ROW EXECUTE FUNCTION city.count_case();
CREATE TRIGGER count_gone BEFORE DELETE ON city.case_file FOR EACH ROW EXECUTE FUNCTION city.count_case();
CREATE TRIGGER count_before BEFORE UPDATE ON city.case_file FOR EACH ROW
    WHEN ((
        OLD.state, OLD.mode, OLD.source, OLD.class_id, OLD.responsible_id, OLD.zone_id, OLD.is_overdue,
        OLD.appeal, OLD.reworks, OLD.extensions, OLD.reported_at, OLD.accepted_at, OLD.filed_at,
        OLD.dispatched_at, OLD.disposed_at, OLD.closed_at
    ) IS DISTINCT FROM (
        NEW.state, NEW.mode, NEW.source, NEW.class_id, NEW.responsible_id, NEW.zone_id, NEW.is_overdue,
        NEW.appeal, NEW.reworks, NEW.extensions, NEW.reported_at, NEW.accepted_at, NEW.filed_at,
        NEW.dispatched_at, NEW.disposed_at, NEW.closed_at
    ))
    EXECUTE FUNCTION city.count_case();
CREATE TRIGGER count_after AFTER UPDATE ON city.case_file FOR EACH ROW
    WHEN ((
        OLD.state, OLD.mode, OLD.source, OLD.class_id, OLD.responsible_id, OLD.zone_id, OLD.is_overdue,
        OLD.appeal, OLD.reworks, OLD.extensions, OLD.reported_at, OLD.accepted_at, OLD.filed_at,
        OLD.dispatched_at, OLD.disposed_at, OLD.closed_at
    ) IS DISTINCT FROM (
        NEW.state, NEW.mode, NEW.source, NEW.class_id, NEW.responsible_id, NEW.zone_id, NEW.is_overdue,
        NEW.appeal, NEW.reworks, NEW.extensions, NEW.reported_at, NEW.accepted_at, NEW.filed_at,
        NEW.dispatched_at, NEW.disposed_at, NEW.closed_at
    ))
    EXECUTE FUNCTION city.count_case();

REVOKE ALL ON FUNCTION city.refresh_case_day, city.fold_case_day, city.count_case FROM PUBLIC;
GRANT SELECT ON city.case_day, city.case_day_change, city.case_count
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
GRANT EXECUTE ON FUNCTION city.refresh_case_day TO administrator;

COMMENT ON TYPE city.count_dimension IS 'Along what case_day counts: all together, or each zone, responsible department, class, source, mode, or hour of the day of the report.';
COMMENT ON TABLE city.case_day IS 'What became of the cases on each day (Asia/Shanghai), one dimension at a time: settled counts. Read the view case_count, which adds the latest changes.';
COMMENT ON TABLE city.case_day_change IS 'Signed changes of the counts in case_day that are not folded in yet.';
COMMENT ON VIEW city.case_count IS 'Counts of cases by day and dimension: sum them up; they always equal counting case_file.';
COMMENT ON VIEW city.case_fact IS 'What each case adds to the counts of each day.';
COMMENT ON FUNCTION city.refresh_case_day IS 'Counts all cases anew; called once by the seeding after the rows of case_file are in, whose loading passes the triggers by.';
COMMENT ON FUNCTION city.fold_case_day IS 'Moves committed rows of case_day_change into case_day.';
COMMENT ON FUNCTION city.count_case IS 'Trigger: writes the signed changes of a case''s counts to case_day_change.';
DO $$
DECLARE
    counts record;
    name text;
BEGIN
    FOR counts IN SELECT * FROM (VALUES
        ('dimension', 'Along what is counted.'),
        ('key', 'Id of the zone, department or class, place of the source or mode in its type, hour of the report (0 to 23), 0 for all; -1 where the case has none.'),
        ('day', 'Day on which it happened, Asia/Shanghai.'),
        ('reported', 'Cases reported.'),
        ('accepted', 'Cases accepted.'),
        ('filed', 'Cases filed.'),
        ('dispatched', 'Cases dispatched.'),
        ('disposed', 'Cases whose disposal was finished.'),
        ('disposed_overdue', 'Of these, too late, unless an appeal against the mark was granted.'),
        ('reworked', 'Of these, those that were sent to rework.'),
        ('extended', 'Of these, those whose limit was extended.'),
        ('closed', 'Cases closed after a check.'),
        ('closed_overdue', 'Of these, those whose disposal was too late, unless an appeal was granted.'),
        ('forced', 'Cases closed by force.'),
        ('cancelled', 'Cases cancelled after filing.'),
        ('refused', 'Cases not accepted.'),
        ('assessed', 'Cases of direct assessment.'),
        ('disposal_s', 'Seconds from dispatch to disposal, summed over the disposed.'),
        ('closing_s', 'Seconds from report to closing, summed over the closed.')) AS t (name, words)
    LOOP
        FOREACH name IN ARRAY ARRAY['case_day', 'case_day_change', 'case_count'] LOOP
            EXECUTE format('COMMENT ON COLUMN city.%I.%I IS %L', name, counts.name, counts.words);
        END LOOP;
    END LOOP;
END $$;
