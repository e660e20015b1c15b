"""One move for many cases: which moves they allow, what they are asked together, and what each of them is given."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console.models.cases.moves import Move, PossibleMove
from console.models.cases.workbench import Workbench, workbench

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from console.models.cases.filing import Colleague

MOST = 200
"""So many cases are moved at once at most."""
SINGLE = frozenset({"amend", "merge"})
"""Moves whose arguments belong to one case alone."""
OWN = frozenset({"class", "condition", "department"})
"""What each case may bring along itself: chosen or proposed before."""


def benches(connection: Connection, case_ids: Iterable[int]) -> list[Workbench]:
    """The cases as whoever is signed in may move them, in the order given; those that he does not see are left out."""
    found = (workbench(connection, case_id, alone=False) for case_id in case_ids)
    return [bench for bench in found if bench is not None]


def possible_in(cases: Iterable[Workbench]) -> dict[str, int]:
    """In how many of the cases each move is possible."""
    return Counter(one.move for bench in cases for one in bench.moves if one.move not in SINGLE)


def together(cases: Sequence[Workbench], name: str) -> tuple[Workbench, PossibleMove]:
    """What is asked once for all of the cases in which a move is possible; at least one has to be.

    What a case may bring along itself need not be given; nothing is chosen beforehand, and only colleagues who fit
    all cases can be asked.
    """
    able = [(bench, one) for bench in cases if (one := bench.move(name)) is not None]
    requires = frozenset().union(*(one.requires for _, one in able))
    takes = frozenset().union(*(one.takes for _, one in able))
    targets = {(one.to_state, one.else_state) for _, one in able}
    states = {bench.state for bench, _ in able}
    bench, first = able[0]
    move = PossibleMove(name, first.to_state, first.else_state, requires - OWN, takes | (requires & OWN))
    if len(targets) > 1:
        move = replace(move, to_state=bench.state, else_state=None)
    blank = replace(
        bench,
        case_id=0,
        case_no="",
        state=bench.state if len(states) == 1 else move.to_state,
        class_id=None,
        condition_id=None,
        proposal=None,
        said=(),
        colleagues={name: _shared([one.colleagues.get(name, []) for one, _ in able])},
    )
    return blank, move


def _shared(asked: Sequence[Sequence[Colleague]]) -> list[Colleague]:
    return [one for one in asked[0] if all(one in others for others in asked[1:])]


def moves_for(cases: Iterable[Workbench], name: str, given: Mapping[str, Any]) -> list[Move]:
    """The move of each case in which it is possible, as it was seen: what is given for all, else what it proposes."""
    made = []
    for bench in cases:
        one = bench.move(name)
        if one is None:
            continue
        asks = one.requires | one.takes
        own: dict[str, Any] = {}
        if "condition" in asks and given.get("class_id", bench.class_id) == bench.class_id:
            own["condition_id"] = bench.condition_id
        if "department" in asks and "condition_id" not in given and bench.proposal is not None:
            own["department_id"] = bench.proposal.department_id
        made.append(Move(case_id=bench.case_id, move=name, version=bench.version, **{**own, **given}))
    return made
