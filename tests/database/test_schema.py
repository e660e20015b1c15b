"""The schema keeps wrong data out, says what everything is, and changes without losing anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from console.database.description import describe
from console.database.migrations import downgrade, layer_styles, migrate
from console.theme import theme
from tests.conftest import _clone as clone
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from console.database.cluster import PrivateCluster

REPOSITORY = Path(__file__).parents[2]
POINT = "ST_SetSRID(ST_Point(500100, 3875000), 4546)"
BOX = "ST_MakeEnvelope(500000, 3870000, 500100, 3870100, 4546)"


@pytest.fixture(scope="module")
def town(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Engine]:
    """One town for all tests of this module: none of them commits."""
    for engine in clone(cluster, administration, empty_template):
        _fill(engine)
        yield engine


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(text(f"INSERT INTO city.manhole (code, system, geom) VALUES ('A', 'storm', {POINT})"))
        connection.execute(
            text(
                "INSERT INTO city.manhole (code, system, geom)"
                " VALUES ('B', 'storm', ST_SetSRID(ST_Point(500200, 3875000), 4546))"
            )
        )


UNDESCRIBED = text("""
    WITH own AS (
        SELECT * FROM pg_class WHERE relnamespace = 'city'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
            AND NOT relispartition
    )
    SELECT relname::text FROM own WHERE obj_description(oid, 'pg_class') IS NULL
    UNION ALL
    SELECT relname || '.' || attname FROM own JOIN pg_attribute a ON a.attrelid = own.oid
    WHERE attnum > 0 AND NOT attisdropped AND col_description(attrelid, attnum) IS NULL
    UNION ALL
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'city'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
    UNION ALL
    SELECT typname::text FROM pg_type
    WHERE typnamespace = 'city'::regnamespace AND typtype IN ('e', 'd') AND obj_description(oid, 'pg_type') IS NULL
""")


def test_everything_is_described(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        assert connection.scalars(UNDESCRIBED).all() == []


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO city.subdistrict (code, name, geom) VALUES ('14080200', 'x', ST_Multi({BOX}))",
        f"INSERT INTO city.community (code, name, geom) VALUES ('140802009001', 'x', ST_Multi({BOX}))",
        f"INSERT INTO city.unit_grid (code, zone_id, geom) VALUES ('14080200100100', 1, {BOX})",
        f"INSERT INTO city.unit_grid (code, zone_id, geom) VALUES ('140802001001900', 9, {BOX})",
        f"INSERT INTO city.unit_grid (code, zone_id, geom) VALUES ('140802001001900', 1, ST_Multi({BOX}))",
        # Swapped axes, degrees, another zone, empty, invalid, another CRS.
        "UPDATE city.manhole SET geom = ST_SetSRID(ST_Point(3875000, 500100), 4546)",
        "UPDATE city.manhole SET geom = ST_SetSRID(ST_Point(111, 35), 4546)",
        "UPDATE city.manhole SET geom = ST_SetSRID(ST_Point(37500100, 3875000), 4546)",
        "UPDATE city.manhole SET geom = ST_SetSRID(ST_Point('NaN', 3875000), 4546)",
        "UPDATE city.manhole SET geom = ST_GeomFromText('POINT EMPTY', 4546)",
        "UPDATE city.manhole SET geom = ST_SetSRID(ST_Point(111, 35), 4326)",
        "UPDATE city.zone SET geom = ST_GeomFromText('MULTIPOLYGON(((500000 3870000, 500010 3870010, 500010 3870000,"
        " 500000 3870010, 500000 3870000)))', 4546)",
        "UPDATE city.manhole SET invert_elevation_m = 361, ground_elevation_m = 360",
        "UPDATE city.manhole SET code = ' A' WHERE code = 'A'",
        "UPDATE city.manhole SET code = repeat('A', 18) WHERE code = 'A'",
        "UPDATE city.manhole SET depth_m = -1",
        "UPDATE city.manhole SET system = 'gas'",
        "INSERT INTO city.pipe (code, system, from_manhole, to_manhole, diameter_mm, geom) VALUES ('P', 'storm', 'A',"
        " 'Z', 300, ST_GeomFromText('LINESTRING(500100 3875000, 500200 3875000)', 4546))",
        "INSERT INTO city.pipe (code, system, from_manhole, to_manhole, diameter_mm, geom) VALUES ('P', 'storm', 'A',"
        " 'A', 300, ST_GeomFromText('LINESTRING(500100 3875000, 500200 3875000)', 4546))",
        "INSERT INTO city.pipe (code, system, from_manhole, to_manhole, geom) VALUES ('P', 'storm', 'A', 'B',"
        " ST_GeomFromText('LINESTRING(500100 3875000, 500200 3875000)', 4546))",
        "DELETE FROM city.zone",
        "INSERT INTO city.calendar_day (day, is_working) VALUES ('2026-02-30', true)",
        "INSERT INTO city.working_hours VALUES ('2026-01-01', '2026-12-31', '18:00', '08:00')",
        "INSERT INTO city.company (name) VALUES ('a'), ('a')",
        "INSERT INTO city.unit_grid (code, zone_id, area_m2, geom)"
        " SELECT '140802001001900', 1, 5, geom FROM city.unit_grid LIMIT 1",
    ],
)
def test_wrong_data_is_refused(town: Engine, statement: str) -> None:
    with town.connect() as connection, pytest.raises((IntegrityError, DataError, ProgrammingError)):
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("filed_at = reported_at", "condition_when_filed|times_in_order"),
        ("accepted_at = reported_at + interval '1 min'", "class_when_accepted"),
        ("state = 'closed', due_at = NULL, warn_at = NULL", "ended_when_closed"),
        ("closed_at = reported_at", "ended_when_closed"),
        ("due_at = NULL, warn_at = NULL", "due_while_open"),
        ("warn_at = due_at + interval '1 min'", "due_while_open"),
        ("class_id = 1, accepted_at = reported_at - interval '1 min'", "times_in_order"),
        ("extensions = 3", "extensions_check"),
        ("case_no = 'YC1'", "case_no_check"),
    ],
)
def test_times_and_states_of_cases_agree(town: Engine, changes: str, constraint: str) -> None:
    with town.connect() as connection:
        connection.execute(text("SELECT * FROM city.report_case('inspector', '井盖缺失', 500100, 3875000)"))
        with pytest.raises(IntegrityError, match=constraint):
            connection.execute(text(f"UPDATE city.case_file SET {changes}"))


def test_histories_are_only_added_to_even_by_the_owner(town: Engine) -> None:
    for statement in (
        "UPDATE city.case_event SET opinion = 'x'",
        "DELETE FROM city.case_event",
        "UPDATE city.audit_log SET login = 'x'",
        "DELETE FROM city.audit_log",
    ):
        with town.connect() as connection:
            connection.execute(text("SELECT * FROM city.report_case('inspector', '井盖缺失', 500100, 3875000)"))
            with pytest.raises(Exception, match="only ever added"):
                connection.execute(text(statement))


def test_base_data_is_audited_and_told(town: Engine) -> None:
    with town.connect() as connection:
        connection.execute(text("UPDATE city.manhole SET depth_m = 2 WHERE code = 'A'"))
        row = connection.execute(
            text(
                "SELECT kind, login = session_user, before ->> 'depth_m', after ->> 'depth_m'"
                " FROM city.audit_log ORDER BY id DESC"
            )
        ).first()
        assert row is not None
        assert tuple(row) == ("update", True, None, "2")
        told = connection.execute(text("SELECT subject, key, kind FROM city.change_log ORDER BY id DESC")).first()
        assert told is not None
        assert tuple(told) == ("manhole", "A", "update")


def test_migrating_again_loses_nothing(town: Engine) -> None:
    counts = text(
        "SELECT (SELECT count(*) FROM city.manhole), (SELECT count(*) FROM city.unit_grid),"
        " (SELECT count(*) FROM city.audit_log)"
    )
    with town.connect() as connection:
        before = tuple(connection.execute(counts).one())
    migrate(town)
    with town.connect() as connection:
        assert tuple(connection.execute(counts).one()) == before


# Styles of QGIS

STYLED = text("SELECT f_table_name, styleqml::text FROM public.layer_styles WHERE f_table_schema = 'city' ORDER BY 1")


def test_qgis_finds_a_style_for_every_layer_in_the_colours_of_the_console(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        found = {row[0]: row[1] for row in connection.execute(STYLED)}
        geometry = set(
            connection.scalars(text("SELECT f_table_name FROM public.geometry_columns WHERE f_table_schema = 'city'"))
        )
        columns = {
            tuple(row)
            for row in connection.execute(
                text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'city'")
            )
        }
    assert set(found) == {s.table for s in layer_styles.styles()} <= geometry
    light = theme("light")
    for name, colour in (("storm", light.storm), ("sanitary", light.sanitary), ("combined", light.combined)):
        rgba = ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
        assert f'v="{rgba},255"' in found["pipe"], name
    assert light.critical in found["case_file"]
    for style in layer_styles.styles():
        if style.label_column:
            assert (style.table, style.label_column) in columns


def test_styles_come_and_go_without_those_of_others(bare_database: Engine) -> None:
    migrate(bare_database)
    with bare_database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO public.layer_styles (f_table_schema, f_table_name, stylename)"
                " VALUES ('other', 'road', 'mine')"
            )
        )
    downgrade(bare_database, "base")
    with bare_database.connect() as connection:
        assert connection.scalars(text("SELECT stylename FROM public.layer_styles")).all() == ["mine"]
    migrate(bare_database)
    with bare_database.begin() as connection:
        connection.execute(text("DELETE FROM public.layer_styles WHERE stylename = 'mine'"))
    downgrade(bare_database, "base")
    with bare_database.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('public.layer_styles')")) is None


def test_the_reference_is_that_of_the_schema(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        assert describe(connection) == (REPOSITORY / "docs" / "schema.md").read_text(encoding="utf-8"), (
            "print it anew: python -m console.database describe > docs/schema.md"
        )


def test_every_row_of_an_insert_is_audited_and_told(town: Engine) -> None:
    with town.connect() as connection:
        connection.execute(text("INSERT INTO city.company (name) VALUES ('x')"))
        connection.execute(text("INSERT INTO city.calendar_day VALUES ('2027-01-01', false), ('2027-01-02', false)"))
        found = connection.execute(
            text(
                "SELECT c.key, a.key, a.before, a.after ->> 'is_working' FROM city.change_log c JOIN city.audit_log a"
                " USING (subject, key, kind) WHERE subject = 'calendar_day' AND kind = 'insert' ORDER BY 1"
            )
        )
        assert [tuple(row) for row in found] == [(day, day, None, "false") for day in ("2027-01-01", "2027-01-02")]
        connection.execute(text("INSERT INTO city.calendar_day SELECT * FROM city.calendar_day WHERE false"))
