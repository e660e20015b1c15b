"""The generated cases in a real database: every constraint and key of the schema holds, and its functions agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database.bulk import bulk_load, copy_into
from tests.simulation.small_city import END, small_city

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@pytest.fixture
def connection(empty_database: Engine) -> Iterator[Connection]:
    tables = small_city().tables
    with empty_database.connect() as opened:
        with bulk_load(opened, [f"city.{name}" for name in tables]):
            for name, columns in tables.items():
                copy_into(opened, f"city.{name}", columns)
        yield opened
        opened.rollback()


def test_the_schema_agrees_with_the_generator(connection: Connection) -> None:
    assert connection.scalar(text("SELECT count(*) FROM city.case_file")) == len(small_city().tables["case_file"]["id"])
    wrong = connection.scalar(
        text("""
            SELECT count(*) FROM city.case_file f LEFT JOIN city.case_class c ON c.id = f.class_id
            WHERE f.search <> city.bigram_codes(city.case_text(f.address, f.description, c.name))
        """)
    )
    assert wrong == 0
    outside = connection.scalar(
        text("""
            SELECT count(*) FROM city.case_file f JOIN city.unit_grid g ON g.code = f.unit_grid
            WHERE NOT ST_Covers(g.geom, f.geom) OR g.zone_id <> f.zone_id
        """)
    )
    assert outside == 0
    far = connection.scalar(
        text("""
            SELECT count(*) FROM city.case_file f JOIN city.street s ON s.id = f.street_id
            WHERE f.component_code IS NULL AND NOT ST_DWithin(s.geom, f.geom, 50)
        """)
    )
    assert far == 0
    kind = connection.scalar(
        text("""
            SELECT count(*) FROM city.case_file f JOIN city.component p ON p.code = f.component_code
            WHERE p.class_id <> f.class_id OR f.kind <> 'component'
        """)
    )
    assert kind == 0
    number = connection.scalar(text("SELECT city.next_case_no(CAST(:day AS date))"), {"day": END.date()})
    assert connection.scalar(text("SELECT max(case_no) FROM city.case_file")) < number


def test_events_name_who_may_take_the_step(connection: Connection) -> None:
    pairs = connection.execute(
        text("""
            SELECT DISTINCT e.move::text, s.role::text FROM city.case_event e JOIN city.staff s ON s.id = e.staff_id
            ORDER BY 1, 2
        """)
    ).all()
    roles: dict[str, set[str]] = {}
    for move, role in pairs:
        roles.setdefault(move, set()).add(role)
    assert roles["file"] == roles["close"] == roles["cancel"] == {"shift_leader"}
    assert roles["dispatch"] == roles["feed_back"] == {"dispatcher"}
    assert roles["dispose"] == roles["department_accept"] == {"department"}
    assert roles["check"] == roles["verify"] == {"inspector"}
    assert roles["accept"] == roles["order_check"] == roles["assess"] == {"acceptor"}
    # Who disposes is of the department that the case belongs to, and a team checks its own zone.
    foreign = connection.scalar(
        text("""
            SELECT count(*) FROM city.case_event e
            JOIN city.staff s ON s.id = e.staff_id JOIN city.case_file f ON f.id = e.case_id
            WHERE (e.move = 'dispose' AND (s.department_id <> f.responsible_id OR e.department_id <> f.responsible_id))
               OR (e.move = 'check' AND s.team_id <> f.zone_id)
        """)
    )
    assert foreign == 0


def test_every_row_is_the_fold_of_its_history(connection: Connection) -> None:
    connection.execute(text("SELECT city.refresh_working_time()"))
    differing = connection.execute(
        text("""
            SELECT f.case_no, f.state::text, jsonb_object_agg(r.key, jsonb_build_array(r.value, h.value))
            FROM city.case_file f
            CROSS JOIN LATERAL (SELECT city.fold_case(f.id) AS folded OFFSET 0) AS d
            CROSS JOIN LATERAL jsonb_each(city.folded_columns(f)) AS r
            JOIN LATERAL jsonb_each(city.folded_columns(d.folded)) AS h ON h.key = r.key AND h.value <> r.value
            WHERE f.mode = 'closed_loop' GROUP BY f.id ORDER BY f.id
        """)
    ).all()
    assert differing == []


def test_every_event_is_a_move_that_its_role_may_make(connection: Connection) -> None:
    strange = connection.execute(
        text("""
            SELECT DISTINCT e.move::text, e.from_state::text, e.to_state::text, s.role::text
            FROM city.case_event e JOIN city.case_file f ON f.id = e.case_id LEFT JOIN city.staff s ON s.id = e.staff_id
            WHERE e.seq > 1 AND NOT EXISTS (
                SELECT FROM city.case_rule r
                WHERE (r.mode, r.move, r.from_state) = (f.mode, e.move, e.from_state)
                  AND e.to_state IN (r.to_state, r.else_state)
                  AND (s.role = ANY (r.roles) OR s.id IS NULL AND r.by_keeper)
            ) ORDER BY 1, 2, 3
        """)
    ).all()
    assert strange == []
