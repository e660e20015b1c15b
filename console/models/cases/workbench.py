"""What a desk needs to make a move in a case: the moves that are possible now, and what each of them chooses from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.cases.duplicates import Duplicates, duplicates_of
from console.models.cases.filing import Colleague, Proposal, inspectors, members, propose
from console.models.cases.history import CaseEvent, events
from console.models.cases.moves import Move, Moved, PossibleMove, move, possible
from console.models.cases.records import id_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection


SAID = 2
"""So many opinions are told where the next move is decided upon."""


@dataclass(frozen=True)
class Said:
    """What somebody wrote with a move, or how he answered.

    Attributes:
        move: code of the type ``city.case_move``.
        at: when.
        staff, staff_en: title of who wrote it; empty when nobody of the city did.
        opinion: the words; empty when an appeal was answered without any.
        granted: how an appeal was answered; None for every other move.
    """

    move: str
    at: datetime
    staff: str
    staff_en: str
    opinion: str
    granted: bool | None


@dataclass(frozen=True)
class Workbench:
    """A case as whoever is signed in may move it now.

    Attributes:
        case_id, case_no, version, state: which case, as it was read.
        class_id, condition_id: as far as they are chosen; a condition that was only proposed counts as well.
        x, y, component_code: where it is and what it is about; metres, EPSG:4546.
        address, description, level: what is told of it, `level` a code of ``city.case_level``.
        request: what the department asks for and nobody has answered: ``extension``, ``suspension``, ``appeal``; empty
            for nothing.
        request_until: last day on account that the department asks for; None when it asks for none.
        moves: what is possible, in the order of the case's way.
        proposal: who should dispose of it, once it has a condition and some move asks for a department.
        colleagues: who can be asked, by move.
        duplicates: what it may repeat, when it can still be merged; else None.
        said: the latest opinions since it came to its state, with that move itself, oldest first: what was asked, found
            or objected to.
    """

    case_id: int
    case_no: str
    version: int
    state: str
    class_id: int | None
    condition_id: int | None
    x: float
    y: float
    component_code: str | None
    address: str
    description: str
    level: str
    request: str
    request_until: date | None
    moves: tuple[PossibleMove, ...]
    proposal: Proposal | None
    colleagues: dict[str, list[Colleague]]
    duplicates: Duplicates | None
    said: tuple[Said, ...]

    def move(self, name: str) -> PossibleMove | None:
        """The possible move of that code."""
        return next((one for one in self.moves if one.move == name), None)


def workbench(connection: Connection, case_id: int, *, alone: bool = True) -> Workbench | None:
    """A case for whoever would move it; None when it is not there for whoever is signed in.

    Args:
        connection: to the city.
        case_id: which case.
        alone: whether it is moved by itself: only then what was said is wanted, and the cases that it may repeat.
    """
    row = connection.execute(
        text("""
            SELECT id, case_no, version, state::text AS state, class_id,
                coalesce(condition_id, proposed_condition_id) AS condition_id, proposed_department_id,
                public.ST_X(geom) AS x, public.ST_Y(geom) AS y, component_code, coalesce(address, '') AS address,
                description, level::text AS level, coalesce(request::text, '') AS request, request_until, zone_id,
                responsible_id
            FROM city.case_file WHERE id = :id
        """),
        {"id": case_id},
    ).one_or_none()
    if row is None:
        return None
    moves = possible(connection, case_id)
    asked = {one.move: one.requires | one.takes for one in moves}
    proposal = None
    if row.condition_id is not None and any("department" in wanted for wanted in asked.values()):
        proposal = propose(connection, row.condition_id, row.x, row.y, row.component_code)
        if row.proposed_department_id is not None:
            proposal = replace(proposal, department_id=row.proposed_department_id, reason="acceptor")
        if row.state == "returned" and proposal.department_id == row.responsible_id:
            proposal = replace(proposal, department_id=None)  # it has just said that the case is not its
    colleagues = {
        name: members(connection, row.responsible_id) if name == "assign" else inspectors(connection, row.zone_id)
        for name, wanted in asked.items()
        if "staff" in wanted
    }
    return Workbench(
        case_id=row.id,
        case_no=row.case_no,
        version=row.version,
        state=row.state,
        class_id=row.class_id,
        condition_id=row.condition_id,
        x=row.x,
        y=row.y,
        component_code=row.component_code,
        address=row.address,
        description=row.description,
        level=row.level,
        request=row.request,
        request_until=row.request_until,
        moves=moves,
        proposal=proposal,
        colleagues=colleagues,
        duplicates=duplicates_of(connection, case_id) if alone and "merge" in asked else None,
        said=_said(connection, case_id) if alone else (),
    )


def _said(connection: Connection, case_id: int) -> tuple[Said, ...]:
    found = connection.execute(
        text("""
            SELECT e.move::text, e.at, coalesce(s.title, ''), coalesce(s.title_en, ''),
                coalesce(btrim(e.opinion), ''), CAST(e.detail ->> 'granted' AS boolean)
            FROM city.case_event AS e LEFT JOIN city.staff AS s ON s.id = e.staff_id
            WHERE e.case_id = :id AND (btrim(e.opinion) <> '' OR e.detail ? 'granted') AND e.seq >= (
                SELECT max(seq) FROM city.case_event WHERE case_id = :id AND from_state IS DISTINCT FROM to_state
            )
            ORDER BY e.seq DESC LIMIT :most
        """),
        {"id": case_id, "most": SAID},
    ).all()
    return tuple(Said(*row) for row in reversed(found))


def changes_since(connection: Connection, case_id: int, version: int) -> list[CaseEvent]:
    """What was done in a case after it had that version, oldest first: each move makes one version."""
    return [event for event in events(connection, case_id) if event.seq > version]


def merge_into(connection: Connection, wanted: Move, case_no: str) -> Moved:
    """Make a move that names the other case by its number.

    Raises:
        ConsoleError: there is no case of that number.
        Refused: as `move`.
    """
    other_case_id = id_of(connection, case_no)
    if other_case_id is None:
        raise ConsoleError(QT_TRANSLATE_NOOP("errors", "There is no case {case_no}."), case_no=case_no)
    return move(connection, replace(wanted, other_case_id=other_case_id))
