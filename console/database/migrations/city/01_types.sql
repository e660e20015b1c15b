-- Vocabularies that the program's rules depend on. Codes are stored; words are shown by the client in the user's language.
CREATE SCHEMA city;

CREATE TYPE city.case_kind AS ENUM ('component', 'event', 'service');
CREATE TYPE city.case_mode AS ENUM ('closed_loop', 'self_handled', 'direct_assess', 'campaign', 'simple');
CREATE TYPE city.case_source AS ENUM (
    'inspector', 'video_operator', 'video_recognition', 'hotline_12345', 'citizen', 'leader', 'department', 'media', 'sensor'
);
CREATE TYPE city.case_level AS ENUM ('daily', 'normal', 'serious', 'major');
-- The states of the case life cycle (domain: state machine of the Yuncheng system), in the order in which a case passes them.
CREATE TYPE city.case_state AS ENUM (
    'reported', 'pending_verify', 'pending_register', 'pending_dispatch', 'pending_handle', 'handling', 'suspended',
    'handle_finish', 'pending_check', 'checking', 'check_not_pass', 'pending_close', 'returned',
    'closed', 'forced_close', 'cancelled', 'not_accepted', 'assessed'
);
-- What was done to a case: one word for each move that a row of case_event records.
CREATE TYPE city.case_move AS ENUM (
    'report', 'order_verify', 'verify', 'accept', 'refuse', 'file', 'cancel', 'dispatch', 'department_accept', 'assign',
    'dispose', 'feed_back', 'order_check', 'check', 'rework', 'return', 'request_extension', 'extend', 'refuse_extension',
    'suspend', 'resume', 'urge', 'supervise', 'close', 'force_close', 'reopen', 'merge', 'appeal', 'decide_appeal', 'assess'
);
-- UH urgent hours and UD urgent days run on the natural clock, WH working hours and WD working days inside working time.
CREATE TYPE city.limit_unit AS ENUM ('UH', 'UD', 'WH', 'WD');
CREATE TYPE city.appeal_state AS ENUM ('pending', 'granted', 'refused');

-- The nine database roles; a person's role is the group role that the login belongs to.
CREATE TYPE city.role AS ENUM (
    'acceptor', 'dispatcher', 'shift_leader', 'department', 'engineer', 'supervisor', 'inspector', 'gateway', 'administrator'
);

CREATE TYPE city.component_state AS ENUM ('intact', 'damaged', 'lost', 'abandoned', 'removed');
CREATE TYPE city.data_source AS ENUM ('design_drawing', 'as_built_drawing', 'survey', 'estimate', 'topographic_map', 'other');
CREATE TYPE city.drainage_system AS ENUM ('storm', 'sanitary', 'combined', 'other');
CREATE TYPE city.pipe_shape AS ENUM ('circle', 'trapezoid', 'triangle', 'ellipse', 'rectangle', 'irregular');
CREATE TYPE city.street_class AS ENUM ('arterial', 'secondary', 'branch', 'lane');
CREATE TYPE city.load_state AS ENUM ('empty', 'half', 'full');
CREATE TYPE city.sensor_kind AS ENUM ('water_level', 'rain');
-- ISA-18.2 / IEC 62682 alarm states.
CREATE TYPE city.alarm_state AS ENUM (
    'unacknowledged', 'acknowledged', 'returned_unacknowledged', 'normal', 'latched', 'shelved', 'suppressed', 'out_of_service'
);
CREATE TYPE city.urgency AS ENUM ('medium', 'high', 'critical');

-- Inside the area of use of EPSG:4546 (109.5–112.5° E, mainland China); catches swapped axes, degrees and other zones.
CREATE FUNCTION city.is_placed(geom public.geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    public.ST_IsValid(geom) AND NOT public.ST_IsEmpty(geom)
    AND public.ST_XMin(geom) BETWEEN 330000 AND 670000 AND public.ST_XMax(geom) BETWEEN 330000 AND 670000
    AND public.ST_YMin(geom) BETWEEN 2400000 AND 5100000 AND public.ST_YMax(geom) BETWEEN 2400000 AND 5100000;

-- Pairs of neighbouring characters as numbers: the words of the free-text index. Chinese has no spaces, and two
-- characters are the commonest word; three-character trigrams could not find them. 16 bits of each character are kept.
CREATE FUNCTION city.bigram_codes(body text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN ARRAY(
    SELECT (ascii(substr(body, i, 1)) % 65536 * 65536::bigint + ascii(substr(body, i + 1, 1)) % 65536 - 2147483648)::integer
    FROM generate_series(1, length(body) - 1) AS i
);
