-- The audit trail cannot be falsified unseen. Each entry carries a digest of what it says; a sealing, once a minute, chains the
-- entries in the order of their coming into their day, and each day to the one before. Whoever alters, removes, adds or moves an
-- entry breaks the chain there; whoever forges the whole chain anew cannot forge a head that somebody keeps outside.

ALTER TABLE city.audit_log ADD COLUMN application text, ADD COLUMN xid xid8, ADD COLUMN digest bytea;

-- What an entry says, as PostgreSQL writes a JSON array, in SHA-256. The number of the entry is bound by its link.
CREATE FUNCTION city.audit_digest(entry city.audit_log) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE RETURN sha256(convert_to(jsonb_build_array(
    to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.xid::text, entry.login, entry.client,
    entry.application, entry.subject, entry.key, entry.kind, entry.before, entry.after, entry.reason)::text, 'UTF8'));

-- The link of an entry: it binds the link before, the day, the place in the day, the number and the digest of the entry.
CREATE FUNCTION city.audit_link_of(before bytea, day date, seq integer, audit_id bigint, digest bytea) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE RETURN sha256(convert_to(concat_ws('|', encode(before, 'hex'),
    to_char(day, 'YYYY-MM-DD'), seq::text, audit_id::text, encode(digest, 'hex')), 'UTF8'));

ALTER TABLE city.audit_log DISABLE TRIGGER keep_history;
UPDATE city.audit_log SET xid = pg_current_xact_id();
UPDATE city.audit_log AS a SET digest = city.audit_digest(a);
ALTER TABLE city.audit_log ENABLE ALWAYS TRIGGER keep_history;
ALTER TABLE city.audit_log ALTER COLUMN xid SET NOT NULL, ALTER COLUMN digest SET NOT NULL;
-- For the sealing and for the list of a day; and for what was configured, which moves of cases far outnumber.
CREATE INDEX audit_log_at ON city.audit_log (at);
CREATE INDEX audit_log_configured ON city.audit_log (id) WHERE subject <> 'case_event';

-- Who, when and from where is the server's to say, whatever an INSERT claims.
CREATE FUNCTION city.stamp_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    NEW.at := clock_timestamp();
    NEW.login := session_user;
    NEW.client := host(inet_client_addr());
    NEW.application := nullif(current_setting('application_name'), '');
    NEW.xid := pg_current_xact_id();
    NEW.digest := audit_digest(NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON city.audit_log FOR EACH ROW EXECUTE FUNCTION city.stamp_audit();

CREATE TABLE city.audit_link (
    day date NOT NULL,
    seq integer NOT NULL CHECK (seq > 0),
    audit_id bigint NOT NULL UNIQUE,
    digest bytea NOT NULL,
    link bytea NOT NULL,
    PRIMARY KEY (day, seq)
);
CREATE TABLE city.audit_day (
    day date PRIMARY KEY,
    entries integer NOT NULL CHECK (entries > 0),
    head bytea NOT NULL,
    previous_day date UNIQUE NULLS NOT DISTINCT CHECK (previous_day < day),
    closed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE city.audit_seal (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    at timestamptz NOT NULL DEFAULT '-infinity',
    snapshot pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    day date,
    seq integer NOT NULL DEFAULT 0,
    link bytea NOT NULL DEFAULT ''
);
INSERT INTO city.audit_seal DEFAULT VALUES;

CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON city.audit_link
    FOR EACH ROW EXECUTE FUNCTION city.refuse_rewriting();
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON city.audit_day
    FOR EACH ROW EXECUTE FUNCTION city.refuse_rewriting();
ALTER TABLE city.audit_link ENABLE ALWAYS TRIGGER keep_history;
ALTER TABLE city.audit_day ENABLE ALWAYS TRIGGER keep_history;
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY '{audit_log,audit_link,audit_day}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER keep_rows BEFORE TRUNCATE ON city.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION city.refuse_rewriting()', kept);
        EXECUTE format('ALTER TABLE city.%I ENABLE ALWAYS TRIGGER keep_rows', kept);
    END LOOP;
END $$;

-- Moves of cases are witnessed by the trail as well: their history can be added to past the functions by nobody unseen.
CREATE FUNCTION city.witness_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
BEGIN
    INSERT INTO audit_log (subject, key, kind, after)
    VALUES ('case_event', NEW.case_id || '/' || NEW.seq, 'insert', jsonb_strip_nulls(to_jsonb(NEW)));
    RETURN NULL;
END $$;
CREATE TRIGGER witness AFTER INSERT ON city.case_event FOR EACH ROW EXECUTE FUNCTION city.witness_move();

CREATE TRIGGER log_added AFTER INSERT ON city.company REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION city.log_added('id');
CREATE TRIGGER log_change AFTER UPDATE OR DELETE ON city.company FOR EACH ROW EXECUTE FUNCTION city.log_change('id');
CREATE TRIGGER log_audit AFTER UPDATE OR DELETE ON city.company FOR EACH ROW EXECUTE FUNCTION city.log_audit('id');

-- Whether an entry may still be without a link: it is of after the last sealing, or of a transaction that was under way then.
-- Any other one was put there past the triggers, and is never sealed.
CREATE FUNCTION city.awaits_seal(at timestamptz, xid xid8, sealed city.audit_seal) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE RETURN at >= sealed.at - interval '1 minute'  -- a clock that was set back a little is no forgery
    OR (xid < pg_snapshot_xmax(sealed.snapshot) AND NOT pg_visible_in_snapshot(xid, sealed.snapshot));

-- Chains what has come since the last sealing; returns how many entries. An entry that comes after its day was closed, because
-- its transaction went on past midnight, joins the next day.
CREATE FUNCTION city.seal_audit() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = city, public, pg_temp AS $$
DECLARE
    most CONSTANT integer := 5000;  -- nobody waits for an import of a whole city to be sealed at once
    sealed audit_seal;
    begun timestamptz := clock_timestamp();
    today date := (begun AT TIME ZONE 'Asia/Shanghai')::date;
    now_seen pg_snapshot;
    closed date;
    entry record;
    done integer := 0;
BEGIN
    -- One of many: by a row that nobody else can lock, where any login could hold an advisory lock for ever.
    SELECT * INTO sealed FROM audit_seal FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    now_seen := pg_current_snapshot();
    SELECT max(d.day) INTO closed FROM audit_day AS d;
    FOR entry IN
        SELECT a.id, a.digest, greatest((a.at AT TIME ZONE 'Asia/Shanghai')::date, sealed.day, closed + 1) AS day
        FROM audit_log AS a
        WHERE a.at >= sealed.at - interval '2 days' AND awaits_seal(a.at, a.xid, sealed)
            AND NOT EXISTS (SELECT FROM audit_link AS l WHERE l.audit_id = a.id)
        ORDER BY day, a.id LIMIT most
    LOOP
        IF sealed.day IS DISTINCT FROM entry.day THEN
            IF sealed.day > coalesce(closed, '-infinity') THEN
                INSERT INTO audit_day (day, entries, head, previous_day) VALUES (sealed.day, sealed.seq, sealed.link, closed);
                closed := sealed.day;
            END IF;
            sealed.day := entry.day;
            sealed.seq := 0;
        END IF;
        sealed.seq := sealed.seq + 1;
        sealed.link := audit_link_of(sealed.link, entry.day, sealed.seq, entry.id, entry.digest);
        INSERT INTO audit_link VALUES (entry.day, sealed.seq, entry.id, entry.digest, sealed.link);
        done := done + 1;
    END LOOP;
    IF sealed.day < today AND sealed.day > coalesce(closed, '-infinity') AND done < most THEN
        INSERT INTO audit_day (day, entries, head, previous_day) VALUES (sealed.day, sealed.seq, sealed.link, closed);
    END IF;
    IF done < most THEN
        sealed.at := begun;
        sealed.snapshot := now_seen;
    END IF;
    UPDATE audit_seal SET at = sealed.at, snapshot = sealed.snapshot, day = sealed.day, seq = sealed.seq, link = sealed.link;
    RETURN done;
END $$;

-- Every breach of the chain, of one day or of all: ``altered`` says something else than when it was sealed, ``moved`` says what
-- another entry of the day said, ``missing`` is gone, ``inserted`` was put there past the triggers, ``unchained``: the link does
-- not follow from the one before, ``day``: the head or the order of days is not that of the links.
CREATE FUNCTION city.audit_breaches(of_day date DEFAULT NULL)
RETURNS TABLE (kind text, day date, seq integer, audit_id bigint)
LANGUAGE sql STABLE AS $$
    WITH chained AS (
        SELECT l.*, coalesce(lag(l.seq) OVER in_day, 0) AS seq_before,
            CASE l.seq WHEN 1 THEN coalesce(
                (SELECT d.head FROM city.audit_day AS d WHERE d.day < l.day ORDER BY d.day DESC LIMIT 1), '')
                ELSE lag(l.link) OVER in_day END AS link_before
        FROM city.audit_link AS l WHERE of_day IS NULL OR l.day = of_day
        WINDOW in_day AS (PARTITION BY l.day ORDER BY l.seq)
    ), compared AS (
        SELECT c.*, a.id IS NULL AS is_gone, a.digest AS own_digest, city.audit_digest(a) AS digest_now
        FROM chained AS c LEFT JOIN city.audit_log AS a ON a.id = c.audit_id
    ), ends AS (
        SELECT d.day, d.entries, d.head, d.previous_day, true AS is_closed FROM city.audit_day AS d
        WHERE of_day IS NULL OR d.day = of_day
        UNION ALL
        SELECT s.day, s.seq, s.link, NULL, false FROM city.audit_seal AS s
        WHERE (of_day IS NULL AND s.day IS NOT NULL OR s.day = of_day)
            AND NOT EXISTS (SELECT FROM city.audit_day AS d WHERE d.day = s.day)
    ), reached AS (
        SELECT e.*, (SELECT coalesce(max(l.seq), 0) FROM city.audit_link AS l WHERE l.day = e.day) AS last_seq FROM ends AS e
    ), waiting AS (
        SELECT a.id, (a.at AT TIME ZONE 'Asia/Shanghai')::date AS day, a.digest <> city.audit_digest(a) AS is_altered,
            city.awaits_seal(a.at, a.xid, s) IS NOT FALSE AS is_due
        FROM city.audit_log AS a LEFT JOIN city.audit_seal AS s ON true
        WHERE (of_day IS NULL OR a.at >= of_day::timestamp AT TIME ZONE 'Asia/Shanghai'
                AND a.at < (of_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
            AND NOT EXISTS (SELECT FROM city.audit_link AS l WHERE l.audit_id = a.id)
    ), breach AS (
        SELECT 'missing' AS kind, c.day, c.seq, c.audit_id FROM compared AS c WHERE c.is_gone
        UNION ALL
        SELECT 'missing', c.day, gap, NULL FROM compared AS c, generate_series(c.seq_before + 1, c.seq - 1) AS gap
        UNION ALL
        SELECT 'missing', r.day, gap, NULL FROM reached AS r, generate_series(r.last_seq + 1, r.entries) AS gap
        UNION ALL
        SELECT CASE WHEN EXISTS (SELECT FROM compared AS o WHERE o.day = c.day AND o.seq <> c.seq AND o.digest = c.digest_now)
                THEN 'moved' ELSE 'altered' END, c.day, c.seq, c.audit_id
        FROM compared AS c WHERE NOT c.is_gone AND (c.digest_now <> c.digest OR c.own_digest <> c.digest)
        UNION ALL
        SELECT 'unchained', c.day, c.seq, c.audit_id FROM compared AS c
        WHERE c.seq = c.seq_before + 1
            AND c.link <> city.audit_link_of(c.link_before, c.day, c.seq, c.audit_id, c.digest)
        UNION ALL
        SELECT CASE WHEN w.is_due THEN 'altered' ELSE 'inserted' END, w.day, NULL, w.id FROM waiting AS w
        WHERE w.is_altered OR NOT w.is_due
        UNION ALL
        SELECT 'day', r.day, NULL, NULL FROM reached AS r
        WHERE r.last_seq > r.entries
            OR r.last_seq = r.entries
                AND r.head IS DISTINCT FROM (SELECT l.link FROM city.audit_link AS l WHERE l.day = r.day AND l.seq = r.entries)
            OR r.is_closed
                AND r.previous_day IS DISTINCT FROM (SELECT max(d.day) FROM city.audit_day AS d WHERE d.day < r.day)
        UNION ALL
        SELECT DISTINCT 'day', c.day, NULL::integer, NULL::bigint FROM compared AS c
        WHERE NOT EXISTS (SELECT FROM ends AS e WHERE e.day = c.day)
    )
    SELECT b.kind, b.day, b.seq, b.audit_id FROM breach AS b ORDER BY b.day, b.seq, b.audit_id
$$;

REVOKE ALL ON FUNCTION city.audit_digest, city.audit_link_of, city.stamp_audit, city.witness_move, city.awaits_seal,
    city.seal_audit, city.audit_breaches FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.seal_audit
    TO acceptor, dispatcher, shift_leader, department, engineer, supervisor, inspector, gateway, administrator;
GRANT EXECUTE ON FUNCTION city.audit_digest, city.audit_link_of, city.awaits_seal, city.audit_breaches TO supervisor, administrator;
GRANT SELECT ON city.audit_link, city.audit_day, city.audit_seal TO supervisor, administrator;

COMMENT ON TABLE city.audit_log IS 'Audit trail of base data, configuration, evidence and moves of cases: who did what, when, from which machine. Only ever added; chained by audit_link.';
COMMENT ON COLUMN city.audit_log.application IS 'Name that the program gave itself at the server.';
COMMENT ON COLUMN city.audit_log.xid IS 'Transaction that wrote it.';
COMMENT ON COLUMN city.audit_log.digest IS 'SHA-256 of what the entry says (audit_digest), from when it was written.';
COMMENT ON TABLE city.audit_link IS 'Chain of the audit trail: one row for each sealed entry, in the order of the chain. Only ever added.';
COMMENT ON COLUMN city.audit_link.day IS 'Day of the chain (Asia/Shanghai): that of the entry, or the next for one that came after its day was closed.';
COMMENT ON COLUMN city.audit_link.seq IS 'Place in the day, from 1 without gaps.';
COMMENT ON COLUMN city.audit_link.audit_id IS 'Entry in audit_log.';
COMMENT ON COLUMN city.audit_link.digest IS 'Digest of the entry when it was sealed.';
COMMENT ON COLUMN city.audit_link.link IS 'SHA-256 of: link before (hex; of the first entry the head of the day before, of the very first empty), day, place, entry and digest (hex), joined by |.';
COMMENT ON TABLE city.audit_day IS 'Days of the audit trail that are closed. Only ever added.';
COMMENT ON COLUMN city.audit_day.day IS 'Day (Asia/Shanghai).';
COMMENT ON COLUMN city.audit_day.entries IS 'Entries in its chain.';
COMMENT ON COLUMN city.audit_day.head IS 'Head: the last link of the day. It stands for everything up to it.';
COMMENT ON COLUMN city.audit_day.previous_day IS 'Day before it in the chain; empty for the first.';
COMMENT ON COLUMN city.audit_day.closed_at IS 'When it was closed.';
COMMENT ON TABLE city.audit_seal IS 'How far the audit trail is sealed: one row.';
COMMENT ON COLUMN city.audit_seal.is_only IS 'True: there is one row.';
COMMENT ON COLUMN city.audit_seal.at IS 'When everything was sealed last.';
COMMENT ON COLUMN city.audit_seal.snapshot IS 'What was to be seen then.';
COMMENT ON COLUMN city.audit_seal.day IS 'Day of the last link; empty before the first.';
COMMENT ON COLUMN city.audit_seal.seq IS 'Place of the last link in its day.';
COMMENT ON COLUMN city.audit_seal.link IS 'The last link.';
COMMENT ON FUNCTION city.audit_digest IS 'SHA-256 of what an audit entry says: of a JSON array of time (UTC), transaction, login, client, application, subject, key, kind, before, after, reason as jsonb writes it.';
COMMENT ON FUNCTION city.audit_link_of IS 'Link of an audit entry from the link before, day, place, number and digest.';
COMMENT ON FUNCTION city.stamp_audit IS 'Trigger: who, when, from where and digest of an audit entry.';
COMMENT ON FUNCTION city.witness_move IS 'Trigger: puts a move of a case into the audit trail.';
COMMENT ON FUNCTION city.awaits_seal IS 'Whether an audit entry without a link may be one: it came after the last sealing, or its transaction was under way then.';
COMMENT ON FUNCTION city.seal_audit IS 'Chains the audit entries that came since the last sealing; returns how many. Call it once a minute: one of many callers does it.';
COMMENT ON FUNCTION city.audit_breaches IS 'Every breach of the chain of the audit trail, of one day or of all: altered, moved, missing, inserted entries; unchained: a link that does not follow from the one before; day: a head or an order of days that is not that of the links.';
