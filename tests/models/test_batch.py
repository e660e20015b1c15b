"""One move for many cases: what is asked of them together, and what each of them is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.models.cases.batch import benches, moves_for, possible_in, together
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from console.models.cases.workbench import Workbench


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def read(desks: Desks, login: str, *case_ids: int) -> list[Workbench]:
    with desks.engine(login).connect() as connection:
        return benches(connection, case_ids)


def test_each_move_tells_in_how_many_cases_it_is_possible(desks: Desks) -> None:
    condition = desks.condition("UH")
    here = [desks.report(condition), desks.report(condition), desks.bring_to("pending_register", condition)]
    possible = possible_in(read(desks, "acceptor01", *here))
    assert possible["accept"] == 2
    assert possible["refuse"] == 3
    assert not possible.keys() & {"amend", "merge"}, "what is told of one case is not told of others"


def test_cases_that_somebody_may_not_see_are_left_out(desks: Desks) -> None:
    condition = desks.condition("UH")
    theirs = desks.bring_to("pending_handle", condition)
    other = desks.ask(
        "SELECT min(login) FROM city.staff WHERE role = 'department' AND active AND department_id <> :id",
        id=condition.competent_id,
    )
    assert read(desks, other, theirs) == []
    assert len(read(desks, desks.login("department", department_id=condition.competent_id), theirs)) == 1


def test_what_is_left_empty_comes_from_each_case(desks: Desks) -> None:
    first = desks.condition("UH")
    second = desks.all(
        "SELECT id, class_id, competent_id FROM city.filing_condition WHERE valid_to IS NULL AND class_id <> :class"
        " AND competent_id IN (SELECT department_id FROM city.staff WHERE is_lead) ORDER BY id LIMIT 1",
        **{"class": first.class_id},
    )[0]
    here = [desks.bring_to("pending_register", condition) for condition in (first, second)]
    seen = read(desks, "shift_leader01", *here)
    bench, move = together(seen, "file")
    assert (bench.class_id, bench.condition_id) == (None, None), "nothing is chosen for all beforehand"
    assert "condition" not in move.requires
    assert "condition" in move.takes
    assert [one.condition_id for one in moves_for(seen, "file", {})] == [first.id, second.id]
    assert [one.condition_id for one in moves_for(seen, "file", {"condition_id": first.id})] == [first.id, first.id]


def test_the_department_of_each_case_is_the_one_that_fits_it(desks: Desks) -> None:
    condition = desks.condition("UH")
    here = [desks.bring_to("pending_dispatch", condition, desks.report(condition, east_m)) for east_m in (0.0, 900.0)]
    seen = read(desks, desks.login("dispatcher"), *here)
    proposed = [bench.proposal.department_id for bench in seen if bench.proposal is not None]
    assert len(proposed) == 2
    assert [one.department_id for one in moves_for(seen, "dispatch", {})] == proposed
    assert {one.department_id for one in moves_for(seen, "dispatch", {"department_id": 7})} == {7}


def test_moves_are_made_in_the_version_that_was_seen(desks: Desks) -> None:
    condition = desks.condition("UH")
    here = [desks.report(condition), desks.bring_to("pending_register", condition)]
    seen = read(desks, "acceptor01", *here)
    made = moves_for(seen, "accept", {"opinion": "属实"})
    assert [(one.case_id, one.version, one.opinion) for one in made] == [(here[0], 1, "属实")]


def test_only_colleagues_who_fit_all_cases_can_be_asked(desks: Desks) -> None:
    condition = desks.condition("UH")
    grids = desks.all(
        """
        SELECT DISTINCT ON (zone_id) zone_id, public.ST_X(p) - :x AS east, public.ST_Y(p) - :y AS north
        FROM (SELECT zone_id, code, public.ST_PointOnSurface(geom) AS p FROM city.unit_grid) AS g
        ORDER BY zone_id, code
        """,
        x=desks.place[0],
        y=desks.place[1],
    )
    x, y = desks.place
    here = []
    for grid in grids[:2]:
        desks.place = (x + grid.east, y + grid.north)
        here.append(desks.report(condition))
    desks.place = (x, y)
    seen = read(desks, "acceptor01", *here)
    assert [bench.colleagues["order_verify"] != [] for bench in seen] == [True, True]
    assert together(seen, "order_verify")[0].colleagues["order_verify"] == []
    assert together(seen[:1], "order_verify")[0].colleagues["order_verify"] == seen[0].colleagues["order_verify"]
