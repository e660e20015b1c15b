"""Every role with its own password tries what is forbidden: to write, read, become, back-date, impersonate."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import text

from console.database.connection import connect_listener
from console.database.faults import Refused
from console.database.feed import Change, ChangeFeed
from console.errors import ConsoleError
from console.models.cases.moves import keep
from console.models.cases.presence import Presence
from console.models.demonstration import DEMONSTRATION_PASSWORD
from tests.conftest import _clone as clone
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

ROLES = (
    "acceptor", "dispatcher", "shift_leader", "department", "engineer", "supervisor", "inspector", "gateway",
    "administrator",
)  # fmt: skip
PATIENCE_S = 10.0
# What becomes of a statement: “done”, or the SQLSTATE of its refusal. Whatever was done is taken back.
TRY = """
CREATE FUNCTION pg_temp.tried(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN 'done';
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$
"""
NO_RIGHT = "42501"


@pytest.fixture(scope="module")
def centre(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Desks]:
    """One centre for all attempts: none of them leaves anything behind."""
    for engine in clone(cluster, administration, city_template):
        centre = Desks(engine)
        yield centre
        centre.close()


@pytest.fixture(scope="module")
def handled(centre: Desks) -> int:
    """A case that a department is handling."""
    return centre.bring_to("handling", centre.condition("WD"))


def as_login(centre: Desks, role: str) -> Connection:
    return centre.engine(centre.login(role)).connect()


def tried(connection: Connection, *statements: str) -> list[str]:
    """What became of each statement."""
    connection.execute(text(TRY))
    return [str(connection.scalar(text("SELECT pg_temp.tried(:said)"), {"said": said})) for said in statements]


@pytest.mark.parametrize("role", ROLES)
def test_every_write_to_every_table_is_refused(centre: Desks, role: str) -> None:
    ways = """
        SELECT c.oid::regclass::text, w.verb, pg_temp.tried(format(w.statement, c.oid::regclass, a.attname, a.attname))
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = (
            SELECT min(o.attnum) FROM pg_attribute AS o
            WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped AND o.attidentity <> 'a'
                AND o.attgenerated = '')
        CROSS JOIN (VALUES
            ('INSERT', 'INSERT INTO %1$s DEFAULT VALUES'),
            ('UPDATE', 'UPDATE %1$s SET %2$I = %2$I'),
            ('DELETE', 'DELETE FROM %1$s'),
            ('TRUNCATE', 'TRUNCATE %1$s CASCADE'),
            ('LOCK', 'LOCK TABLE %1$s IN ROW EXCLUSIVE MODE'),
            ('ALTER', 'ALTER TABLE %1$s DISABLE TRIGGER ALL'),
            ('DROP', 'DROP TABLE %1$s CASCADE')
        ) AS w (verb, statement)
        WHERE c.relnamespace = 'city'::regnamespace AND c.relkind IN ('r', 'p')
    """
    kept = """
        SELECT array_agg(oid::regclass::text) FROM pg_class
        WHERE relnamespace = 'city'::regnamespace AND relkind = 'r' AND has_table_privilege(oid, 'INSERT')
    """
    with as_login(centre, role) as connection:
        connection.execute(text(TRY))
        connection.execute(text("SET LOCAL statement_timeout = '60s'"))
        outcome = list(connection.execute(text(ways)))
        mine = set(connection.scalar(text(kept)) or ())
    assert len({table for table, _, _ in outcome}) > 60
    assert bool(mine) == (role == "administrator")
    for table, verb, what in outcome:
        if table not in mine or verb in {"TRUNCATE", "ALTER", "DROP"}:
            assert what == NO_RIGHT, (table, verb)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_becomes_somebody_else_or_gains_power(centre: Desks, role: str) -> None:
    owner = centre.ask("SELECT session_user::text")
    others = [other for other in ROLES if other != role]
    logins = [centre.login(other) for other in others]
    with as_login(centre, role) as connection:
        # SET is no statement for a function: each is tried in its own savepoint.
        for name in (*others, *logins, owner):
            for statement in (f'SET ROLE "{name}"', f'SET SESSION AUTHORIZATION "{name}"'):
                with pytest.raises(ConsoleError), connection.begin_nested():
                    connection.execute(text(statement))
        for setting in ("session_replication_role = replica", "log_statement = 'none'"):
            with pytest.raises(ConsoleError), connection.begin_nested():
                connection.execute(text(f"SET {setting}"))
        me = connection.scalar(text("SELECT session_user::text"))
        outcome = tried(
            connection,
            f'GRANT shift_leader TO "{me}"',
            f'ALTER ROLE "{me}" SUPERUSER',
            f'ALTER ROLE "{me}" BYPASSRLS',
            "CREATE ROLE mine",
            "CREATE SCHEMA mine",
            "CREATE FUNCTION city.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE TABLE public.mine ()",
            "CREATE OR REPLACE VIEW city.case_turn AS SELECT 1",
            "CREATE RULE mine AS ON INSERT TO city.case_event DO INSTEAD NOTHING",
            "CREATE TRIGGER mine AFTER INSERT ON city.case_event EXECUTE FUNCTION city.refuse_rewriting()",
            "CREATE POLICY mine ON city.case_file USING (true)",
            "ALTER FUNCTION city.move_case SECURITY INVOKER",
            "SELECT nextval('city.case_file_id_seq')",
            "SELECT setval('city.case_file_id_seq', 1)",
            "SELECT rolpassword FROM pg_authid",
            "SELECT pg_read_file('PG_VERSION')",
            "SELECT pg_ls_dir('.')",
            "SELECT pg_reload_conf()",
            "SELECT lo_import('/etc/hostname')",
            "SELECT lo_export(1, '/tmp/mine')",
            "COPY city.case_event FROM PROGRAM 'true'",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "COPY (SELECT 1) TO '/tmp/mine'",
            "COPY city.case_event FROM '/dev/null'",
        )
        assert set(outcome) <= {NO_RIGHT, "0LP01"}, outcome
        backends = "SELECT pid FROM pg_stat_activity WHERE usename = :owner AND backend_type = 'client backend'"
        with centre.owner.connect() as other:
            other.execute(text("SELECT 1"))
            for pid in connection.execute(text(backends), {"owner": owner}).scalars():
                assert tried(connection, f"SELECT pg_terminate_backend({pid})") == [NO_RIGHT]


@pytest.mark.parametrize("role", ROLES)
def test_every_function_that_is_not_for_the_role_is_refused(centre: Desks, role: str) -> None:
    """Called with nothing but NULLs: the right is asked for before anything else."""
    calls = """
        SELECT p.proname, has_function_privilege(p.oid, 'EXECUTE'), pg_temp.tried(format(
            'SELECT city.%I(%s)', p.proname, (SELECT string_agg(format('NULL::%s', t::regtype), ', ' ORDER BY n)
             FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, n))))
        FROM pg_proc AS p WHERE p.pronamespace = 'city'::regnamespace AND p.prorettype <> 'trigger'::regtype
            AND NOT p.proisstrict
            AND NOT (has_function_privilege(p.oid, 'EXECUTE') AND p.provolatile = 'v')
    """
    with as_login(centre, role) as connection:
        connection.execute(text(TRY))
        for name, allowed, what in connection.execute(text(calls)):
            assert allowed or what == NO_RIGHT, name


def test_names_of_ones_own_are_never_taken_for_the_citys(centre: Desks) -> None:
    """A table, a function or a clock of the same name in front of the path changes no rule."""
    condition = centre.condition("UH")
    case_id = centre.bring_to("pending_register", condition)
    version = centre.row(case_id).version
    inspector = centre.login("inspector", zone_id=centre.row(case_id).zone_id)
    with centre.engine(inspector).connect() as connection:
        for statement in (
            "CREATE TEMP TABLE staff AS SELECT * FROM city.staff",
            "UPDATE pg_temp.staff SET role = 'shift_leader', login = session_user",
            "CREATE TEMP TABLE case_rule AS SELECT * FROM city.case_rule",
            "UPDATE pg_temp.case_rule SET roles = enum_range(NULL::city.role)",
            "CREATE TEMP TABLE working_interval (opens timestamptz, closes timestamptz, used_us bigint)",
            "CREATE FUNCTION pg_temp.asker() RETURNS city.staff LANGUAGE sql AS "
            "'SELECT s FROM city.staff AS s WHERE role = ''shift_leader'' LIMIT 1'",
            "CREATE FUNCTION pg_temp.pg_has_role(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            "CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            "'SELECT timestamptz ''2020-01-01''' ",
            "SET search_path = pg_temp, city, public, pg_catalog",
        ):
            connection.execute(text(statement))
        file = text("SELECT city.move_case(:case, 'file', :version, condition_id => :condition)")
        with pytest.raises(Refused, check=lambda refused: refused.code == "CT012"):
            connection.execute(file, {"case": case_id, "version": version, "condition": condition.id})
    with centre.engine(centre.login("shift_leader")).begin() as connection:
        connection.execute(text("CREATE TEMP TABLE case_event (LIKE city.case_event)"))
        connection.execute(text("CREATE TEMP TABLE case_file (LIKE city.case_file)"))
        connection.execute(text("SET LOCAL search_path = pg_temp, city, public"))
        connection.execute(file, {"case": case_id, "version": version, "condition": condition.id})
        assert connection.scalar(text("SELECT count(*) FROM pg_temp.case_event")) == 0
    assert centre.row(case_id).state == "pending_dispatch"
    assert centre.row(case_id).version == version + 1


def test_how_a_client_wants_to_see_values_changes_nothing_that_is_kept(centre: Desks) -> None:
    case_id = centre.report(centre.condition("UH"))
    x, y = centre.place[0] + 1.0625, centre.place[1] + 0.0078125
    with centre.engine(centre.login("acceptor")).begin() as connection:
        for setting in (
            "extra_float_digits = -15", "timezone = 'America/New_York'", "datestyle = 'SQL, DMY'",
            "bytea_output = 'escape'", "intervalstyle = 'sql_standard'", "transform_null_equals = on",
            "array_nulls = off",
        ):  # fmt: skip
            connection.execute(text(f"SET LOCAL {setting}"))
        connection.execute(
            text("SELECT city.move_case(:case, 'amend', 1, x => :x, y => :y, address => '红旗街')"),
            {"case": case_id, "x": x, "y": y},
        )
    told = centre.ask("SELECT detail FROM city.case_event WHERE case_id = :id AND move = 'amend'", id=case_id)
    assert (told["after"]["x"], told["after"]["y"]) == (x, y)
    assert (told["before"]["x"], told["before"]["y"]) == centre.place
    assert centre.ask(
        "SELECT city.folded_columns(f) = city.folded_columns(city.fold_case(id)) FROM city.case_file f WHERE id = :id",
        id=case_id,
    )


@pytest.mark.parametrize("role", ["acceptor", "shift_leader", "inspector"])
def test_a_report_is_neither_dated_back_nor_ahead(centre: Desks, role: str) -> None:
    report = text("SELECT case_no FROM city.report_case('hotline_12345', '井盖缺失', :x, :y, reported_at => :at)")
    given = {"x": centre.place[0], "y": centre.place[1]}
    now = datetime.now(UTC)
    for ago in (timedelta(hours=24, minutes=1), timedelta(days=400), -timedelta(minutes=6)):
        with as_login(centre, role) as connection, pytest.raises(Refused) as caught:
            connection.execute(report, given | {"at": now - ago})
        assert caught.value.code == "CT003"
        assert (now - ago).astimezone().strftime("%Y") in caught.value.text("zh_CN")
    with as_login(centre, role) as connection:  # a device that had no signal all night
        assert str(connection.scalar(report, given | {"at": now - timedelta(hours=23)})).startswith("YC")


def test_a_department_and_an_inspector_read_their_own_cases_by_whatever_way(centre: Desks, handled: int) -> None:
    """Tables, functions, COPY, statistics of the planner, a function that is asked first: no way shows another row."""
    some = "generate_series(1, :last, 37)"
    ways = {
        "case_file": "SELECT id FROM city.case_file",
        "case_event": "SELECT DISTINCT case_id FROM city.case_event",
        "case_attachment": "SELECT DISTINCT case_id FROM city.case_attachment",
        "case_as_of": f"SELECT a.id FROM {some} AS n, city.case_as_of(n, now()) AS a",
        "cases_during": "SELECT case_id FROM city.cases_during('2026-10-31', '2026-11-02')",
        "case_disposals": f"SELECT n FROM {some} AS n WHERE EXISTS (SELECT FROM city.case_disposals(n))",
        "case_moves": f"SELECT n FROM {some} AS n WHERE EXISTS (SELECT FROM city.case_moves(n))",
        "my_cases": "SELECT * FROM city.my_cases()",
        "handled": "SELECT id FROM city.case_as_of(:handled, now())",
        "leak": "SELECT id FROM pg_temp.told",
    }  # fmt: skip
    leak = """
        CREATE TEMP TABLE told (id bigint);
        CREATE FUNCTION pg_temp.tell(id bigint) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
            $$ BEGIN INSERT INTO pg_temp.told VALUES (id); RETURN false; END $$;
        SELECT count(*) FROM city.case_file AS f WHERE pg_temp.tell(f.id);
    """
    last = centre.ask("SELECT max(id) FROM city.case_file")
    department = centre.row(handled).responsible_id
    zone = centre.ask("SELECT min(id) FROM city.zone WHERE id <> :zone", zone=centre.row(handled).zone_id)
    foreign = centre.ask("SELECT min(responsible_id) FROM city.case_file WHERE responsible_id <> :own", own=department)
    own = "SELECT array_agg(id) FROM city.case_file WHERE "
    for login, mine in (
        (centre.login("department", department_id=department), f"{own} responsible_id = {department}"),
        (centre.login("department", department_id=foreign), f"{own} responsible_id = {foreign}"),
        (
            centre.login("inspector", zone_id=zone),
            f"{own} zone_id = {zone}"
            " OR (SELECT id FROM city.staff WHERE login = :login) IN (inspector_id, reporter_id)",
        ),
    ):
        allowed = set(centre.ask(mine, **({"login": login} if ":login" in mine else {})) or ())
        with centre.engine(login).connect() as connection:
            connection.execute(text(leak))
            for way, query in ways.items():
                values = {name: value for name, value in (("last", last), ("handled", handled)) if f":{name}" in query}
                seen = set(connection.execute(text(query), values).scalars())
                assert seen <= allowed, (login, way)
                assert way not in {"case_file", "case_event"} or seen, (login, way)
            assert (handled in allowed) == (
                connection.scalar(text("SELECT count(*) FROM city.case_event WHERE case_id = :id"), {"id": handled}) > 0
            )
            assert not list(connection.execute(text("SELECT * FROM pg_stats WHERE tablename = 'case_file'")))
            driver: Any = connection.connection
            with driver.cursor() as cursor:
                copied = io.StringIO()
                cursor.copy_expert("COPY city.case_event (case_id) TO STDOUT", copied)
                assert {int(line) for line in copied.getvalue().split()} <= allowed
                for hidden in ("COPY city.case_file TO STDOUT", "COPY city.case_event FROM STDIN"):
                    with pytest.raises(InsufficientPrivilege):
                        cursor.copy_expert(hidden, io.StringIO())
                    driver.rollback()


def test_presence_is_shown_and_seen_only_where_the_case_is_seen(centre: Desks, handled: int) -> None:
    foreign = centre.ask(
        "SELECT min(login) FROM city.staff WHERE role = 'department' AND department_id <> :own",
        own=centre.row(handled).responsible_id,
    )
    with centre.engine("acceptor01").begin() as desk, centre.engine(foreign).connect() as stranger:
        desk.execute(text("SELECT city.show_presence(:id)"), {"id": handled})
        stranger.execute(text("SELECT city.show_presence(:id)"), {"id": handled})
        stranger.commit()
        assert not list(stranger.execute(text("SELECT * FROM city.case_presence")))
        shown = text("SELECT count(*) FROM city.case_presence WHERE case_id = :id")
        assert desk.scalar(shown, {"id": handled}) == 1
        desk.execute(text("SELECT city.show_presence(NULL)"))


def test_a_file_of_another_is_not_read(centre: Desks) -> None:
    with as_login(centre, "acceptor") as one, as_login(centre, "dispatcher") as other:
        number = one.scalar(text("SELECT lo_from_bytea(0, '\\x01')"))
        one.commit()
        try:
            assert tried(other, f"SELECT lo_get({number})", f"SELECT lo_unlink({number})") == [NO_RIGHT, NO_RIGHT]
        finally:
            one.execute(text(f"SELECT lo_unlink({number})"))
            one.commit()


def until(found: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_what_anybody_may_notify_is_believed_by_nobody(centre: Desks, handled: int) -> None:
    """NOTIFY is open to every login: false and broken words on every channel change nothing and stop nobody's feed."""
    changes: list[Change] = []
    seen: list[frozenset[int]] = []
    gaps: list[bool] = []
    presence = Presence(seen.append)
    url = centre.owner.url.set(username="acceptor01", password=DEMONSTRATION_PASSWORD)
    feed = ChangeFeed(
        url.render_as_string(hide_password=False),
        on_changes=changes.extend,
        on_gap=lambda: gaps.append(True),
        companion=presence,
        on_state=lambda state: seen.append(frozenset()) if state.connected else None,
    )
    spoofed = centre.owner.url.set(username=centre.login("inspector"), password=DEMONSTRATION_PASSWORD)
    stranger = connect_listener(spoofed.render_as_string(hide_password=False))
    feed.start()
    try:
        until(lambda: seen)
        forged = (
            f'{{"session": 1, "case_id": {handled}, "login": "acceptor02", "title": "受理员", "title_en": "",'
            ' "since": 0, "left_s": 9999}'
        )
        with stranger.cursor() as cursor:
            for channel in ("city_presence", "city_change", "city_telemetry"):
                for payload in ("", "x", "{}", "[1", forged, '{"session": null}', "1" * 7000):
                    cursor.execute("SELECT pg_notify(%s, %s)", (channel, payload))
        # What is true is heard all the same, and after it nothing else has come.
        with centre.engine("acceptor02").connect() as desk:
            desk.execute(text("SELECT city.show_presence(:id)"), {"id": handled})
            desk.commit()
            until(lambda: presence.others(handled))
            assert [viewer.login for viewer in presence.others(handled)] == ["acceptor02"]
            desk.execute(text("SELECT city.show_presence(NULL)"))
            desk.commit()
            until(lambda: not presence.others(handled))
        centre.move("dispatcher01", handled, "urge", opinion="请抓紧")
        until(lambda: changes)
        assert {(change.subject, change.key) for change in changes} == {("case_file", str(handled))}
        assert not gaps
    finally:
        stranger.close()
        feed.close()


def test_the_administrator_does_not_choose_what_proofs_cover_nor_what_has_passed(centre: Desks, handled: int) -> None:
    """From where on histories are proved, limits that bind cases, working time that has passed, his own post."""
    used = centre.row(handled).condition_id
    with as_login(centre, "administrator") as connection:
        outcome = tried(
            connection,
            "INSERT INTO city.setting (name, value, source) VALUES ('closed_loop_from', '99999999', 'x')",
            "UPDATE city.setting SET value = value || '{\"end\": \"2099-01-01\"}' WHERE name = 'demonstration'",
            "DELETE FROM city.setting WHERE name = 'demonstration'",
            "DELETE FROM city.setting WHERE name = 'stage_limit'",
            "UPDATE city.setting SET name = 'x' WHERE name = 'warning_share'",
            f"UPDATE city.filing_condition SET limit_value = 99 WHERE id = {used}",
            f"DELETE FROM city.filing_condition WHERE id = {used}",
            "DELETE FROM city.calendar_day WHERE day < CURRENT_DATE - 1",
            "UPDATE city.staff SET role = 'shift_leader' WHERE login = session_user",
            "DELETE FROM city.staff WHERE login = 'dispatcher01'",
        )
    assert [what[:2] for what in outcome[:9]] == ["CT"] * 9, outcome
    assert outcome[9] == "23503", "who has a history stays"


def test_nobody_keeps_the_keeper_from_its_work(centre: Desks) -> None:
    marked = "SELECT count(*) FROM city.case_file WHERE is_open AND is_overdue"
    before = centre.ask(marked)
    with as_login(centre, "inspector") as connection:
        for name in ("city.keep_cases", "city.ensure_partitions", "city.fold_case_day"):
            connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": name})
        with centre.engine("acceptor01").begin() as desk:
            assert keep(desk)
        with centre.owner.begin() as owner:
            owner.execute(text("SELECT city.fold_case_day()"))
    assert centre.ask(marked) > before
    assert not centre.ask("SELECT count(*) FROM city.case_day_change")
