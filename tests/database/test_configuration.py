"""What the administrator may change, and what the database never lets through, whoever asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from psycopg2.extensions import encrypt_password
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from console.database.connection import connect
from console.database.faults import Refused
from console.errors import ConsoleError
from tests.conftest import _clone as clone
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

STAFF = """
INSERT INTO city.staff (id, login, title, title_en, role, department_id)
SELECT 1, 'probe_admin', '系统管理员', 'Administrator', 'administrator', id FROM city.department;
INSERT INTO city.staff (id, login, title, title_en, role, department_id)
SELECT 2, 'probe_desk', '受理员', 'Acceptor', 'acceptor', id FROM city.department;
"""
CONDITION = text("""
    SELECT city.set_condition(1::smallint, :code, :words, '', CAST(:value AS smallint), 'UH', '补齐复位', '',
        1::smallint, 1::smallint, (now() AT TIME ZONE 'Asia/Shanghai')::date + :days, :base)
""")
PASSWORD = "a long enough word"


@pytest.fixture(scope="module")
def town(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Engine]:
    """One town for all tests of this module: none of them commits."""
    for engine in clone(cluster, administration, empty_template):
        with engine.begin() as connection:
            connection.execute(text(TOWN))
            connection.execute(text(STAFF))
        yield engine


@pytest.fixture
def administrator(town: Engine) -> Iterator[Connection]:
    with town.connect() as connection:
        connection.execute(text("SET LOCAL ROLE administrator"))
        yield connection


def verifier(connection: Connection, password: str = PASSWORD) -> str:
    driver: Any = connection.connection.driver_connection
    return str(encrypt_password(password, "", driver, "scram-sha-256"))


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("warning_share", "0.75"),
        ("duplicate", '{"radius_m": 80, "hours": 12}'),
        ("stage_limit", '{"accept": 10, "dispatch": 10, "verify": 20, "check": 20, "close": 10}'),
        ("disposal_limit_without_standard", '{"value": 1, "unit": "WD"}'),
    ],
)
def test_sensible_settings_are_kept_and_say_who_set_them(administrator: Connection, name: str, value: str) -> None:
    administrator.execute(
        text("UPDATE city.setting SET value = CAST(:value AS jsonb) WHERE name = :name"), {"name": name, "value": value}
    )
    found = administrator.execute(
        text("SELECT value, assumed, source FROM city.setting WHERE name = :name"), {"name": name}
    ).one()
    assert found.value == json.loads(value)
    assert not found.assumed
    assert found.source.startswith("set by ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("warning_share", "8"),
        ("warning_share", '"0.8"'),
        ("warning_share", "null"),
        ("warning_share", "{}"),
        ("duplicate", '{"radius_m": 0, "hours": 12}'),
        ("duplicate", '{"radius_m": 50}'),
        ("duplicate", '{"radius_m": 50, "hours": 24, "colour": 1}'),
        ("duplicate", '{"radius_m": 50.5, "hours": 24}'),
        ("duplicate", "50"),
        ("stage_limit", '{"accept": -1, "dispatch": 15, "verify": 30, "check": 30, "close": 15}'),
        ("disposal_limit_without_standard", '{"value": 4, "unit": "hours"}'),
        ("change_log_days", "0"),
    ],
)
def test_nonsense_is_no_setting(administrator: Connection, name: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        administrator.execute(
            text("UPDATE city.setting SET value = CAST(:value AS jsonb) WHERE name = :name"),
            {"name": name, "value": value},
        )
    assert refused.value.code == "CT040"


def test_a_setting_is_never_deleted(administrator: Connection) -> None:
    with pytest.raises(Refused, match="relied on"):
        administrator.execute(text("DELETE FROM city.setting WHERE name = 'duplicate'"))


# The standard


def set_condition(connection: Connection, **values: object) -> int:
    usual: dict[str, object] = {"code": "HZ", "words": "缺失", "value": 2, "days": -30, "base": None}
    return int(connection.execute(CONDITION, usual | values).scalar_one())


def versions(connection: Connection) -> list[tuple[int, int, int, int | None]]:
    """Version, limit, first and last day in days from today."""
    found = connection.execute(
        text("""
            WITH t AS (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS today)
            SELECT version, limit_value, valid_from - today, valid_to - today
            FROM city.filing_condition, t ORDER BY version
        """)
    )
    return [tuple(row) for row in found]


def test_an_edit_ends_a_version_and_begins_the_next(administrator: Connection) -> None:
    first = set_condition(administrator)
    second = set_condition(administrator, value=3, days=1, base=first)
    assert second != first
    assert versions(administrator) == [(1, 2, -30, 0), (2, 3, 1, None)]
    assert set_condition(administrator, value=4, days=1, base=second) == second, "not in force yet: amended in place"
    assert set_condition(administrator, value=4, days=5, base=second) == second
    assert versions(administrator) == [(1, 2, -30, 4), (2, 4, 5, None)]


def test_a_change_may_begin_today_but_only_once(administrator: Connection) -> None:
    second = set_condition(administrator, value=3, days=0, base=set_condition(administrator))
    assert versions(administrator) == [(1, 2, -30, -1), (2, 3, 0, None)]
    with pytest.raises(Refused, match="let the change begin later"):
        set_condition(administrator, value=4, days=0, base=second)


def test_what_says_the_same_is_no_new_version(administrator: Connection) -> None:
    first = set_condition(administrator)
    assert set_condition(administrator, days=1, base=first) == first
    assert versions(administrator) == [(1, 2, -30, None)]


@pytest.mark.parametrize("base", [None, 0])
def test_who_saw_an_older_version_is_refused(administrator: Connection, base: int | None) -> None:
    first = set_condition(administrator)
    set_condition(administrator, value=3, days=0, base=first)
    with pytest.raises(Refused, match="HZ was changed meanwhile by") as refused:
        set_condition(administrator, value=9, days=1, base=first if base == 0 else None)
    assert refused.value.code == "CT010"


def test_the_past_of_the_standard_stays(administrator: Connection) -> None:
    first = set_condition(administrator)
    for change in (
        "UPDATE city.filing_condition SET limit_value = 9",
        "UPDATE city.filing_condition SET description = 'x'",
        "UPDATE city.filing_condition SET valid_from = valid_from - 1",
        "UPDATE city.filing_condition SET valid_to = valid_from",
        "DELETE FROM city.filing_condition",
        "INSERT INTO city.filing_condition (class_id, code, version, description, description_en, limit_value,"
        " limit_unit, closing_condition, closing_condition_en, responsible_id, competent_id, valid_from, confidence)"
        " SELECT class_id, code, 2, 'x', '', 1, 'UH', 'x', '', 1, 1, current_date, 'sure' FROM city.filing_condition",
    ):
        with pytest.raises(Refused, match=r"never changed|follows version"), administrator.begin_nested():
            administrator.execute(text(change))
    with pytest.raises(Refused, match="in the past"):
        set_condition(administrator, value=9, days=-1, base=first)


def test_a_condition_ends_and_comes_back_and_a_change_is_taken_back(administrator: Connection) -> None:
    end = text("SELECT city.end_condition(:base, (now() AT TIME ZONE 'Asia/Shanghai')::date + :days)")
    first = set_condition(administrator)
    second = set_condition(administrator, value=3, days=7, base=first)
    administrator.execute(end, {"base": second, "days": 0})
    assert versions(administrator) == [(1, 2, -30, None)]
    administrator.execute(end, {"base": first, "days": 3})
    assert versions(administrator) == [(1, 2, -30, 3)]
    set_condition(administrator, days=10, base=first)
    assert versions(administrator) == [(1, 2, -30, 3), (2, 2, 10, None)]


def test_a_case_keeps_the_version_that_it_was_filed_under(town: Engine) -> None:
    with town.connect() as connection:
        first = set_condition(connection)
        connection.execute(text("SELECT city.report_case('inspector', '井盖缺失', 500100, 3875000, 1::smallint)"))
        connection.execute(text("UPDATE city.case_file SET condition_id = :id"), {"id": first})
        set_condition(connection, value=9, days=0, base=first)
        found = connection.execute(
            text("SELECT c.limit_value FROM city.case_file f JOIN city.filing_condition c ON c.id = f.condition_id")
        ).scalar_one()
        assert found == 2


def test_a_class_keeps_its_code_and_cases_are_found_by_its_new_name(town: Engine) -> None:
    with town.connect() as connection:
        with pytest.raises(Refused, match="never changes"), connection.begin_nested():
            connection.execute(text("UPDATE city.case_class SET code = '0104'"))
        connection.execute(text("SELECT city.report_case('inspector', '坏了', 500100, 3875000, 1::smallint)"))
        connection.execute(text("UPDATE city.case_class SET name = '雨水检查井'"))
        found = connection.execute(
            text("SELECT count(*) FROM city.case_file WHERE search @> city.bigram_codes('检查井')")
        ).scalar_one()
        assert found == 1


# Organisation


def test_a_department_is_no_part_of_itself(administrator: Connection) -> None:
    administrator.execute(
        text(
            "INSERT INTO city.department (id, code, short_name, name, name_en, kind, parent_id)"
            " VALUES (90, '9000', '甲', '甲单位', 'A', 'owner', 1), (91, '9001', '乙', '乙单位', 'B', 'owner', 90)"
        )
    )
    with pytest.raises(Refused, match="cannot belong to itself"):
        administrator.execute(text("UPDATE city.department SET parent_id = 91 WHERE id = 1"))


@pytest.mark.parametrize(
    "change",
    ["UPDATE city.staff SET active = false", "UPDATE city.staff SET role = 'engineer' WHERE id = 1",
     "UPDATE city.staff SET login = NULL WHERE id = 1", "DELETE FROM city.staff"],
)  # fmt: skip
def test_the_last_administrator_stays(administrator: Connection, change: str) -> None:
    with pytest.raises(Refused, match="last active administrator"):
        administrator.execute(text(change))


def test_hours_of_a_day_do_not_overlap_but_a_season_can_be_split(administrator: Connection) -> None:
    insert = text("INSERT INTO city.working_hours VALUES (:first, :last, :opens, :closes)")
    for row in (("2000-01-01", "2099-12-31", "08:00", "12:00"), ("2000-01-01", "2099-12-31", "14:00", "18:00")):
        administrator.execute(insert, dict(zip(("first", "last", "opens", "closes"), row, strict=True)))
    administrator.execute(insert, {"first": "2027-06-01", "last": "2027-08-31", "opens": "15:00", "closes": "18:30"})
    administrator.execute(
        text(
            "UPDATE city.working_hours SET valid_to = '2027-05-31' WHERE opens = '14:00' AND valid_from = '2000-01-01'"
        )
    )
    administrator.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    with pytest.raises(Refused, match="overlap"):
        administrator.execute(text("UPDATE city.working_hours SET opens = '11:00' WHERE valid_from = '2027-06-01'"))


@pytest.mark.parametrize(
    "change",
    ["UPDATE city.department SET name = ' '", "UPDATE city.staff SET title = ''",
     "UPDATE city.case_class SET name = ''",
     "INSERT INTO city.shift VALUES (9, ' ', '', '08:00', '16:00')",
     "INSERT INTO city.shift VALUES (9, '早', '', '08:00', '08:00')",
     "UPDATE city.opinion_text SET words = ' '", "UPDATE city.opinion_text SET place = 0"],
)  # fmt: skip
def test_names_are_words(administrator: Connection, change: str) -> None:
    with pytest.raises(IntegrityError):
        administrator.execute(text(change))


# Accounts


@pytest.fixture
def accounts(database_with_staff: Engine) -> Iterator[Engine]:
    """The administrator's own connection, by password; logins of the server go at the end."""
    with database_with_staff.begin() as connection:
        connection.execute(text("SELECT city.set_password(1, :v)"), {"v": verifier(connection)})
    url = database_with_staff.url.set(username="probe_admin", password=PASSWORD)
    engine = connect(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with database_with_staff.begin() as connection:
        for login in ("probe_admin", "probe_desk", "probe_second", "probe_other"):
            connection.execute(text(f"DROP ROLE IF EXISTS {login}"))


@pytest.fixture
def database_with_staff(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(text(STAFF))
    return empty_database


def signs_in(engine: Engine, login: str, password: str = PASSWORD) -> bool:
    trial = connect(engine.url.set(username=login, password=password).render_as_string(hide_password=False))
    try:
        with trial.connect() as connection:
            return connection.scalar(text("SELECT city.current_staff_id() IS NOT NULL")) is True
    except ConsoleError:
        return False
    finally:
        trial.dispose()


def state_of(connection: Connection, staff_id: int) -> str:
    query = text("SELECT state FROM city.account_states() WHERE staff_id = :id")
    return str(connection.scalar(query, {"id": staff_id}))


def test_an_administrator_makes_a_login_locks_it_and_lets_it_in_again(accounts: Engine) -> None:
    with accounts.begin() as connection:
        assert state_of(connection, 2) == "absent"
        assert connection.scalar(text("SELECT city.set_password(2, :v)"), {"v": verifier(connection)}) is True
        assert state_of(connection, 2) == "open"
    assert signs_in(accounts, "probe_desk")
    assert not signs_in(accounts, "probe_desk", "another word")
    with accounts.begin() as connection:
        connection.execute(text("UPDATE city.staff SET active = false WHERE id = 2"))
        assert state_of(connection, 2) == "locked"
    assert not signs_in(accounts, "probe_desk")
    with accounts.begin() as connection:
        connection.execute(text("UPDATE city.staff SET active = true WHERE id = 2"))
        assert (
            connection.scalar(text("SELECT city.set_password(2, :v)"), {"v": verifier(connection, "x" * 12)}) is False
        )
    assert signs_in(accounts, "probe_desk", "x" * 12)


def test_a_post_that_changes_its_role_changes_what_its_login_may(accounts: Engine) -> None:
    with accounts.begin() as connection:
        connection.execute(text("SELECT city.set_password(2, :v)"), {"v": verifier(connection)})
        connection.execute(text("UPDATE city.staff SET role = 'supervisor' WHERE id = 2"))
        roles = connection.scalars(
            text(
                "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
                " JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'probe_desk'"
            )
        ).all()
        assert roles == ["supervisor"]


def test_the_record_says_that_a_password_was_set_but_not_which(accounts: Engine) -> None:
    with accounts.begin() as connection:
        made = verifier(connection)
        connection.execute(text("SELECT city.set_password(2, :v)"), {"v": made})
        row = connection.execute(
            text("SELECT login, key, kind, after FROM city.audit_log WHERE subject = 'login' ORDER BY id DESC LIMIT 1")
        ).one()
        assert tuple(row) == (
            "probe_admin", "probe_desk", "insert", {"staff_id": 2, "role": "acceptor", "password": "set"},
        )  # fmt: skip
        assert connection.scalar(text("SELECT count(*) FROM city.audit_log WHERE after::text LIKE '%SCRAM%'")) == 0


def test_a_password_in_plain_text_is_refused(accounts: Engine) -> None:
    with accounts.connect() as connection, pytest.raises(Refused, match="never as plain text"):
        connection.execute(text("SELECT city.set_password(2, 'a long enough word')"))


@pytest.mark.parametrize("login", ["city_owner", "acceptor", "pg_monitor", "probe_other"])
def test_names_that_are_not_of_this_city_are_out_of_reach(
    accounts: Engine, database_with_staff: Engine, login: str
) -> None:
    with database_with_staff.begin() as connection:
        connection.execute(text("CREATE ROLE probe_other NOLOGIN"))
    with accounts.connect() as connection:
        connection.execute(text("UPDATE city.staff SET login = :login WHERE id = 2"), {"login": login})
        with pytest.raises(Refused, match="something else"):
            connection.execute(text("SELECT city.set_password(2, :v)"), {"v": verifier(connection)})


def test_a_login_with_further_rights_is_out_of_reach(accounts: Engine, database_with_staff: Engine) -> None:
    with database_with_staff.begin() as connection:
        connection.execute(text("CREATE ROLE probe_other LOGIN IN ROLE acceptor, pg_monitor"))
    with accounts.connect() as connection:
        connection.execute(text("UPDATE city.staff SET login = 'probe_other' WHERE id = 2"))
        assert state_of(connection, 2) == "foreign"
        with pytest.raises(Refused, match="something else"):
            connection.execute(text("SELECT city.set_password(2, :v)"), {"v": verifier(connection)})


@pytest.mark.parametrize(
    "role", ["acceptor", "dispatcher", "shift_leader", "department", "engineer", "supervisor", "inspector", "gateway"]
)
def test_nobody_else_makes_logins_or_changes_the_standard(town: Engine, role: str) -> None:
    for call in (
        "SELECT city.set_password(2, 'x')",
        "SELECT city.align_login('probe_desk')",
        "SELECT city.end_condition(1, current_date)",
        "UPDATE city.opinion_text SET place = 2",
    ):
        with town.connect() as connection:
            connection.execute(text(f"SET LOCAL ROLE {role}"))
            with pytest.raises(ConsoleError, match="does not allow this"):
                connection.execute(text(call))
