"""`verify` holds on a sound city and finds every kind of breach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database import verification
from console.database.verification import Finding, checks, summary, verify
from tests.town import TOWN

if TYPE_CHECKING:
    from sqlalchemy import Engine

REPORT = text("SELECT * FROM city.report_case('inspector', '井盖缺失', 500100, 3875000)")


MOVE = (
    "INSERT INTO city.case_event (case_id, seq, at, move, from_state, to_state)"
    " SELECT id, {seq}, {at}, 'verify', '{state}', 'reported' FROM city.case_file"
)

ATTACHED = """
    INSERT INTO city.staff (title, title_en, role, department_id)
        SELECT '受理员', 'Acceptor', 'acceptor', id FROM city.department;
    INSERT INTO city.case_attachment (case_id, event_seq, media_type, file_name, sha256, size_bytes, content,
        uploaded_by)
        SELECT f.id, {seq}, 'application/pdf', 'a.pdf', {sha256}, 5, {content}, s.id FROM city.case_file f, city.staff s
"""


def breaches(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {finding.check for finding in verify(connection) if not finding.holds}


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(
            text("INSERT INTO city.calendar_day SELECT CURRENT_DATE + i, true FROM generate_series(-2, 2) AS i")
        )
        connection.execute(text("INSERT INTO city.working_hours VALUES ('2000-01-01', '2100-01-01', '08:00', '18:00')"))
        connection.execute(REPORT)
        connection.execute(
            text("UPDATE public.layer_styles SET f_table_catalog = current_database() WHERE f_table_schema = 'city'")
        )
    return empty_database


def test_a_database_without_a_city_is_sound(town: Engine) -> None:
    assert breaches(town) == set()


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("UPDATE city.zone SET geom = ST_Multi(ST_Expand(geom, 1))", "13_unit_grids_partition"),
        (
            "INSERT INTO city.zone SELECT 2, 'E', '东片区', 'East',"
            " ST_Multi(ST_MakeEnvelope(509000, 3870000, 511000, 3880000, 4546))",
            "12_zones_partition",
        ),
        ("DELETE FROM city.unit_grid WHERE code LIKE '%4'", "13_unit_grids_partition"),
        ("UPDATE city.unit_grid SET geom = ST_Translate(geom, 1, 0) WHERE code LIKE '%2'", "16_areas_nested"),
        ("INSERT INTO city.case_number VALUES ('2020-01-01', 1)", "77_case_numbers"),
        ("UPDATE city.case_number SET last = 7", "77_case_numbers"),
        ("UPDATE city.case_file SET state = 'pending_verify'", "72_case_is_fold"),
        (MOVE.format(seq=3, at="now()", state="reported"), "71_histories"),
        (MOVE.format(seq=2, at="reported_at - interval '1 h'", state="reported"), "71_histories"),
        (MOVE.format(seq=2, at="now()", state="checking"), "71_histories"),
        ("UPDATE city.case_file SET search = '{1}'", "78_case_search"),
        (ATTACHED.format(seq=1, sha256="sha256('other')", content="'%PDF-'"), "85_evidence"),
        (ATTACHED.format(seq=9, sha256="sha256('%PDF-')", content="'%PDF-'"), "85_evidence"),
        (ATTACHED.format(seq=1, sha256="sha256('%PDF-')", content="NULL"), "85_evidence"),
        ("UPDATE city.case_file SET geom = ST_Translate(geom, 5000, 0)", "75_case_places"),
        ("TRUNCATE city.case_day, city.case_day_change", "79_case_counts"),
        ("DELETE FROM city.calendar_day", "52_calendar"),
        ("DELETE FROM city.working_hours", "52_calendar"),
        ("INSERT INTO city.change_log (xid, subject, key, kind) VALUES ('99999999999', 'zone', '1', 'update')",
         "80_change_log"),
        ("CREATE TABLE city.vehicle_fix_20200101 (LIKE city.vehicle_fix)", "81_partitions"),
        ("GRANT UPDATE (state) ON city.case_file TO dispatcher", "82_rights"),
        ("GRANT DELETE ON city.case_event TO administrator", "82_rights"),
        ("GRANT SELECT ON city.case_file TO engineer", "82_rights"),
        ("GRANT EXECUTE ON FUNCTION city.next_case_no TO PUBLIC", "82_rights"),
        ("ALTER TABLE city.case_event DISABLE TRIGGER keep_history", "83_constraints"),
        ("ALTER TABLE city.zone ADD CONSTRAINT later CHECK (id < 9) NOT VALID", "83_constraints"),
        ("UPDATE public.layer_styles SET f_table_catalog = 'renamed'", "84_layer_styles"),
    ],
)  # fmt: skip
def test_every_breach_is_found(town: Engine, fault: str, found: str) -> None:
    with town.begin() as connection:
        connection.execute(text(fault))
    assert found in breaches(town)


def test_facts_of_the_demonstration_are_asked_of_a_demonstration_alone(town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(
            text("""
            INSERT INTO city.setting (name, value, source)
            VALUES ('demonstration',
                    '{"state": "complete", "scale": "full", "end": "2026-11-01T12:00:00+08:00"}', 'test')
            """)
        )
    found = breaches(town)
    assert {"10_city_area", "20_network_size", "40_fleet_size", "70_funnel", "53_catalogue", "60_rain"} <= found
    with town.begin() as connection:
        connection.execute(
            text("UPDATE city.setting SET value = value || '{\"scale\": \"small\"}' WHERE name = 'demonstration'")
        )
    found = breaches(town)
    assert "11_zones" in found
    assert "10_city_area" not in found


def test_nothing_is_changed(town: Engine) -> None:
    with town.connect() as connection:
        verify(connection)
        with pytest.raises(Exception, match="only lets us read"):
            connection.execute(text("DELETE FROM city.case_number"))


def test_every_check_is_well_formed(town: Engine) -> None:
    assert len({check.name for check in checks()}) == len(checks()) > 40
    with town.connect() as connection:
        for check in checks():
            assert check.fact.endswith(".")
            rows = connection.exec_driver_sql(check.query, execution_options={"no_parameters": True}).all()
            assert rows, check.name
            assert all(len(row) == 6 for row in rows)


@pytest.mark.parametrize(
    ("value", "low", "high", "holds"),
    [
        (5, 5, 5, True),
        (4.9, 5, None, False),
        (5, None, 4, False),
        (None, 0, 1, False),
        (None, None, None, True),
        (-1, None, 0, True),
    ],
)
def test_bounds(value: float | None, low: float | None, high: float | None, holds: bool) -> None:
    finding = Finding("check", "Fact.", "figure", value, low, high, "m", None, 0.0)
    assert finding.holds is holds
    assert finding.line().startswith("ok" if holds else "BREACH")
    assert ("1 BREACHES" in summary([finding])) is not holds


@pytest.mark.slow
def test_the_small_city_keeps_its_promises(database: Engine) -> None:
    with database.connect() as connection:
        broken = [finding.line() for finding in verify(connection) if not finding.holds]
    assert [line for line in broken if "layers with a style" not in line] == []  # the clone has another name


def test_a_check_without_scope_is_a_fault_of_ours(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path  # noqa: PLC0415

    folder = Path(str(tmp_path))
    (folder / "1.sql").write_text("-- Fact.\n-- scope: moon\nSELECT 1", encoding="utf-8")
    monkeypatch.setattr(verification, "CHECKS", folder)
    verification.checks.cache_clear()
    try:
        with pytest.raises(ValueError, match="second line"):
            checks()
    finally:
        verification.checks.cache_clear()
