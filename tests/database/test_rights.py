"""Each role may do what its post needs, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.errors import ConsoleError
from tests.conftest import _clone as clone
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

ROLES = (
    "acceptor", "dispatcher", "shift_leader", "department", "engineer", "supervisor", "inspector", "gateway",
    "administrator",
)  # fmt: skip
REPORT = "SELECT case_no FROM city.report_case('hotline_12345', '井盖缺失', 500100, 3875000, caller_name => '某人')"
READS = ("zone", "unit_grid", "street", "component", "manhole", "pipe", "vehicle", "vehicle_fix", "vehicle_state",
         "route_permit", "sensor", "sensor_reading", "alarm", "change_log")  # fmt: skip
GUARDED = ("case_file", "case_event", "case_attachment", "case_attachment_withdrawal",
           "case_number", "change_log", "audit_log", "audit_link", "audit_day", "audit_seal",
           "vehicle_fix", "vehicle_state", "sensor_reading", "alarm")  # fmt: skip
BASE = (
    "zone",
    "street",
    "manhole",
    "pipe",
    "component",
    "setting",
    "case_class",
    "filing_condition",
    "calendar_day",
    "staff",
)


@pytest.fixture(scope="module")
def town(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Engine]:
    """One town for all tests of this module: none of them commits."""
    for engine in clone(cluster, administration, empty_template):
        with engine.begin() as connection:
            connection.execute(text(TOWN))
            connection.execute(text(REPORT))
        yield engine


@pytest.fixture
def as_role(town: Engine) -> Iterator[Connection]:
    with town.connect() as connection:
        yield connection


def become(connection: Connection, role: str) -> None:
    connection.execute(text(f"SET LOCAL ROLE {role}"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", READS)
def test_the_city_is_no_secret(as_role: Connection, role: str, table: str) -> None:
    become(as_role, role)
    as_role.execute(text(f"SELECT count(*) FROM city.{table}"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize(
    "statement", ["DELETE FROM city.{table}", "TRUNCATE city.{table}", "INSERT INTO city.{table} DEFAULT VALUES"]
)
def test_cases_and_histories_are_nobodys_to_rewrite(as_role: Connection, role: str, table: str, statement: str) -> None:
    become(as_role, role)
    with pytest.raises(ConsoleError, match="does not allow this"):
        as_role.execute(text(statement.format(table=table)))


@pytest.mark.parametrize("role", ROLES)
def test_no_role_updates_a_case_or_its_history(town: Engine, role: str) -> None:
    for statement in ("UPDATE city.case_file SET description = ''", "UPDATE city.case_event SET opinion = ''"):
        with town.connect() as connection:
            become(connection, role)
            with pytest.raises(ConsoleError, match="does not allow this"):
                connection.execute(text(statement))


@pytest.mark.parametrize("role", ROLES)
def test_who_called_is_for_those_who_call_back(as_role: Connection, role: str) -> None:
    become(as_role, role)
    if role in ("acceptor", "dispatcher", "shift_leader", "administrator"):
        assert as_role.scalar(text("SELECT caller_name FROM city.case_file")) == "某人"
        return
    if role in ("engineer", "supervisor"):
        assert as_role.scalar(text("SELECT description FROM city.case_file")) == "井盖缺失"
    elif role != "gateway":  # a department and an inspector see their own, of which there is none
        assert as_role.scalar(text("SELECT count(description) FROM city.case_file")) == 0
    with pytest.raises(ConsoleError, match="does not allow this"):
        as_role.execute(text("SELECT caller_name FROM city.case_file"))


@pytest.mark.parametrize("role", ROLES)
def test_who_may_report(as_role: Connection, role: str) -> None:
    become(as_role, role)
    if role in ("acceptor", "shift_leader", "inspector", "gateway"):
        assert str(as_role.scalar(text(REPORT))).startswith("YC")
    else:
        with pytest.raises(ConsoleError, match="does not allow this"):
            as_role.execute(text(REPORT))


@pytest.mark.parametrize("role", ROLES)
def test_only_the_gateway_brings_telemetry(as_role: Connection, role: str) -> None:
    become(as_role, role)
    statement = text(
        "SELECT city.record_readings(ARRAY[]::smallint[], ARRAY[]::timestamptz[], ARRAY[]::real[], ARRAY[]::smallint[])"
    )
    if role == "gateway":
        assert as_role.scalar(statement) == 0
    else:
        with pytest.raises(ConsoleError, match="does not allow this"):
            as_role.execute(statement)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", BASE)
def test_base_data_are_the_administrators(as_role: Connection, role: str, table: str) -> None:
    become(as_role, role)
    statement = text(f"DELETE FROM city.{table} WHERE false")
    if role == "administrator":
        as_role.execute(statement)
    else:
        with pytest.raises(ConsoleError, match="does not allow this"):
            as_role.execute(statement)


@pytest.mark.parametrize("role", ROLES)
def test_the_audit_trail_is_for_supervision(as_role: Connection, role: str) -> None:
    become(as_role, role)
    if role in ("supervisor", "administrator"):
        assert as_role.scalar(text("SELECT count(*) > 0 FROM city.audit_log")) is True
    else:
        with pytest.raises(ConsoleError, match="does not allow this"):
            as_role.execute(text("SELECT count(*) FROM city.audit_log"))


@pytest.mark.parametrize("role", ROLES)
def test_nobody_hands_out_case_numbers_or_makes_partitions(town: Engine, role: str) -> None:
    for call in ("city.next_case_no(CURRENT_DATE)", "city.ensure_partitions(CURRENT_DATE, CURRENT_DATE)"):
        with town.connect() as connection:
            become(connection, role)
            with pytest.raises(ConsoleError, match="does not allow this"):
                connection.execute(text(f"SELECT {call}"))


def test_a_report_names_its_post(town: Engine) -> None:
    with town.connect() as connection:
        connection.execute(text("CREATE ROLE probe_inspector LOGIN IN ROLE inspector"))
        staff = connection.scalar(
            text("""
            INSERT INTO city.staff (login, title, title_en, role, department_id)
            SELECT 'probe_inspector', '采集员一号', 'Inspector 1', 'inspector', id FROM city.department RETURNING id
            """)
        )
        connection.execute(text("SET LOCAL SESSION AUTHORIZATION probe_inspector"))
        connection.execute(text(REPORT))
        connection.execute(text("RESET SESSION AUTHORIZATION"))
        assert connection.scalar(text("SELECT reporter_id FROM city.case_file ORDER BY id DESC LIMIT 1")) == staff


def test_a_stranger_sees_nothing(town: Engine) -> None:
    with town.connect() as connection:
        connection.execute(text("CREATE ROLE probe_stranger"))
        become(connection, "probe_stranger")
        with pytest.raises(ConsoleError, match="does not allow this"):
            connection.execute(text("SELECT count(*) FROM city.zone"))
