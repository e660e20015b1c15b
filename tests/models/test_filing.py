"""Filing at a desk: the standard found by typing, the department that fits the place, the deadline, the duplicates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.models.cases.duplicates import duplicates_at, duplicates_of
from console.models.cases.filing import Standard, inspectors, members, propose, standard
from console.models.cases.moves import Move, move
from console.models.cases.workbench import changes_since, workbench
from tests.desks import Desks
from tests.pinyin import full_pinyin, initials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


@pytest.fixture
def owner(database: Engine) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


@pytest.fixture
def chosen(owner: Connection) -> Standard:
    return standard(owner)


def test_a_condition_is_found_by_code_characters_initials_and_pinyin_of_its_class(chosen: Standard) -> None:
    wanted = next(row for row in chosen.conditions if row.of.kind == "event")
    for typed in (wanted.of.code, wanted.of.name, initials(wanted.of.name), full_pinyin(wanted.of.name)):
        assert wanted in chosen.find_conditions(typed), typed
        assert wanted.of in chosen.find_classes(typed), typed


def test_with_nothing_typed_the_conditions_are_those_of_the_class_and_with_something_they_stand_first(
    chosen: Standard,
) -> None:
    wanted = chosen.conditions[-1]
    alone = chosen.find_conditions("", wanted.of.id)
    assert alone
    assert {row.of.id for row in alone} == {wanted.of.id}
    found = chosen.find_conditions(wanted.of.code[:2], wanted.of.id)
    own = [row.of.id == wanted.of.id for row in found]
    assert own[0]
    assert own == sorted(own, reverse=True)
    assert not all(own)


def test_only_conditions_in_force_and_classes_in_use_are_offered(database: Engine, chosen: Standard) -> None:
    ended, unused = chosen.conditions[0], chosen.conditions[-1]
    with database.begin() as connection:
        connection.execute(
            text("UPDATE city.case_class SET in_use = false WHERE id = :id"),
            {"id": unused.of.id},
        )
        connection.execute(text("ALTER TABLE city.filing_condition DISABLE TRIGGER USER"))
        connection.execute(
            text(
                "UPDATE city.filing_condition SET valid_to = current_date - 2, valid_from = '2020-01-01' WHERE id = :id"
            ),
            {"id": ended.id},
        )
        now = standard(connection)
    assert now.condition(ended.id) is None
    assert now.class_of(unused.of.id) is None
    assert now.condition(unused.id) is None


def test_a_department_that_is_divided_by_place_gives_way_to_the_part_that_serves_the_place(owner: Connection) -> None:
    divided = owner.execute(
        text("""
            SELECT f.id AS condition_id, f.responsible_id, p.id AS part_id, public.ST_X(c.place) AS x,
                public.ST_Y(c.place) AS y
            FROM city.filing_condition AS f JOIN city.department AS p ON p.parent_id = f.responsible_id
            JOIN city.subdistrict AS s ON p.name LIKE '%' || replace(replace(s.name, '街道', ''), '办事处', '') || '%'
            CROSS JOIN LATERAL (
                SELECT public.ST_PointOnSurface(g.geom) AS place FROM city.unit_grid AS g
                WHERE left(g.code, 9) = s.code ORDER BY g.code LIMIT 1
            ) AS c
            WHERE f.valid_to IS NULL ORDER BY f.id, p.id LIMIT 2
        """)
    ).all()
    assert len(divided) == 2, "the demonstration city has subdistrict offices"
    for row in divided:
        proposed = propose(owner, row.condition_id, row.x, row.y)
        assert (proposed.department_id, proposed.reason) == (row.part_id, "place")


def test_a_department_that_is_whole_is_proposed_as_the_standard_names_it(desks: Desks, owner: Connection) -> None:
    whole = next(
        row
        for row in standard(owner).conditions
        if row.responsible_id not in {unit.parent_id for unit in standard(owner).units}
    )
    proposed = propose(owner, whole.id, *desks.place)
    assert (proposed.department_id, proposed.reason) == (whole.responsible_id, "standard")


def test_the_deadline_proposed_is_the_one_that_dispatch_gives(desks: Desks, owner: Connection) -> None:
    condition = desks.condition("WH")
    case_id = desks.bring_to("pending_dispatch", condition)
    with desks.engine(desks.login("dispatcher")).connect() as connection:
        bench = workbench(connection, case_id)
    assert bench is not None
    assert bench.proposal is not None
    assert bench.proposal.deadline is not None
    given = desks.move(desks.login("dispatcher"), case_id, "dispatch", department_id=bench.proposal.department_id)
    assert given.deadline is not None
    assert abs(given.deadline - bench.proposal.deadline) < timedelta(minutes=1)


def test_whoever_has_just_returned_a_case_is_not_proposed_for_it_again(desks: Desks) -> None:
    condition = desks.condition("WH")
    case_id = desks.bring_to("pending_dispatch", condition)

    def proposed() -> int | None:
        with desks.engine(desks.login("dispatcher")).connect() as connection:
            bench = workbench(connection, case_id)
        assert bench is not None
        assert bench.proposal is not None
        return bench.proposal.department_id

    unit = proposed()
    desks.move(desks.login("dispatcher"), case_id, "dispatch", department_id=unit)
    desks.move(desks.login("department", department_id=unit), case_id, "return", opinion="不属本单位职责")
    assert proposed() is None


def test_what_repeats_a_case_is_near_in_place_and_time_and_of_its_class(desks: Desks, owner: Connection) -> None:
    condition, other_class = desks.condition("UH"), desks.other_class(desks.condition("UH").class_id)
    first = desks.report(condition)
    again = desks.report(condition, 30.0)
    desks.report(condition, -21.0)
    desks.report(condition, class_id=other_class)
    found = duplicates_of(owner, again)
    assert [row.id for row in found.found] == [first]
    (candidate,) = found.found
    assert candidate.distance_m == pytest.approx(30.0, abs=0.01)
    assert timedelta(0) < candidate.apart < timedelta(minutes=5)
    assert candidate.can_take

    row = desks.row(first)
    x, y = desks.place
    late = row.reported_at + timedelta(hours=25)
    assert duplicates_at(owner, condition.class_id, x, y, late).found == ()
    # A report without a class may be anything that is near.
    assert {first, again} <= {row.id for row in duplicates_at(owner, None, x, y, row.reported_at).found}

    desks.move(desks.login("acceptor"), again, "merge", other_case_id=first)
    assert again not in [row.id for row in duplicates_of(owner, first).found]


def test_the_workbench_has_what_each_post_chooses_from_and_nothing_for_others(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.report(condition)

    def at(login: str) -> Any:
        with desks.engine(login).connect() as connection:
            return workbench(connection, case_id)

    bench = at(desks.login("acceptor"))
    assert {"accept", "merge", "order_verify"} <= {one.move for one in bench.moves}
    zone_id = desks.row(case_id).zone_id
    with desks.engine(desks.login("acceptor")).connect() as connection:
        assert bench.colleagues == {"order_verify": inspectors(connection, zone_id)}
        assert bench.colleagues["order_verify"]
    assert bench.duplicates is not None
    assert at(desks.login("dispatcher")).moves == ()
    unit = desks.login("department", department_id=condition.competent_id)
    assert at(unit) is None

    desks.bring_to("handling", condition, case_id)
    with desks.engine(unit).connect() as connection:
        assert at(unit).colleagues["assign"] == members(connection, condition.competent_id)


def test_what_was_done_since_is_told_to_whoever_comes_late(desks: Desks, owner: Connection) -> None:
    condition = desks.condition("UH")
    case_id = desks.report(condition)
    seen = desks.row(case_id).version
    desks.move(desks.login("acceptor"), case_id, "accept", condition_id=condition.id)
    with desks.engine(desks.login("shift_leader")).begin() as connection:
        version = desks.row(case_id).version
        move(connection, Move(case_id=case_id, move="refuse", version=version, opinion="误报"))
    assert [(e.move, e.opinion) for e in changes_since(owner, case_id, seen)] == [("accept", ""), ("refuse", "误报")]


def test_what_was_asked_and_objected_to_is_told_where_the_next_move_is_decided_upon(
    desks: Desks, owner: Connection
) -> None:
    condition = desks.condition("WH")
    case_id = desks.bring_to("handling", condition)
    unit = desks.login("department", department_id=condition.competent_id)
    lead = desks.login("department", department_id=condition.competent_id, lead=True)

    def said() -> list[tuple[str, str]]:
        bench = workbench(owner, case_id)
        assert bench is not None
        return [(one.move, one.opinion) for one in bench.said]

    assert said() == []
    desks.move(unit, case_id, "request_extension", opinion="材料未到")
    desks.move(lead, case_id, "endorse", opinion="情况属实")
    assert said() == [("request_extension", "材料未到"), ("endorse", "情况属实")]
    desks.move(desks.login("dispatcher"), case_id, "extend")
    desks.move(unit, case_id, "return", opinion="不属本单位")
    assert said() == [("return", "不属本单位")], "what was said in an earlier state is history"
