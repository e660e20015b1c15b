"""Moves of cases: the one way in which a case changes, and which moves are possible now.

The rules lie in the database (``docs/closed_loop.md``); here they are only asked. What they refuse comes back as
`console.database.faults.Refused`, with a sentence for whoever made the move.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.database.faults import Refused

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Move:
    """One move that somebody makes: the arguments of ``city.move_case``.

    Attributes:
        case_id: of which case.
        move: code of the type ``city.case_move``.
        version: of the case as it was seen; a case that was changed since is not moved.
        opinion: reason or opinion in words.
        class_id, condition_id, department_id: chosen class, filing condition, department.
        staff_id: who is asked: the member of the department, or the inspector.
        passed: result of a verification, a check, the review or decision of an appeal.
        until: last day on account.
        other_case_id: the case that this one repeats.
        component_code, address, description, level, x, y: what is amended; metres in EPSG:4546, empty texts clear.
        kind: of supervision: timeout, leader or important.
        request_id: a move that is repeated with the same one is made once, and answered the same.
    """

    case_id: int
    move: str
    version: int
    opinion: str | None = None
    class_id: int | None = None
    condition_id: int | None = None
    department_id: int | None = None
    staff_id: int | None = None
    passed: bool | None = None
    until: date | None = None
    other_case_id: int | None = None
    component_code: str | None = None
    address: str | None = None
    description: str | None = None
    level: str | None = None
    x: float | None = None
    y: float | None = None
    kind: str | None = None
    request_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Moved:
    """What a move has made of its case.

    Attributes:
        version: of the case now.
        seq: number of the event in the history.
        at: when it was made, by the database's clock.
        state: code of the type ``city.case_state``.
        deadline: end of the disposal limit; None before dispatch.
        due_at: end of what the case waits for now; None when it has ended or is on account.
    """

    version: int
    seq: int
    at: datetime
    state: str
    deadline: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class PossibleMove:
    """A move that whoever is signed in may make in a case now.

    Attributes:
        move: code of the type ``city.case_move``.
        to_state: state that it leads to; `else_state` when the verification or check was not passed, None without one.
        requires: arguments that must be given: opinion, class, condition, department, staff, passed, until,
            other_case, kind.
        takes: arguments that may be given besides, an opinion always: also address, description, level, place,
            component.
    """

    move: str
    to_state: str
    else_state: str | None
    requires: frozenset[str]
    takes: frozenset[str]


@dataclass(frozen=True)
class Verdict:
    """What became of one of many moves: it was made, or it was refused."""

    move: Move
    moved: Moved | None = None
    refused: Refused | None = None


_MOVE = text("""
    SELECT version, seq, at, state::text AS state, deadline, due_at FROM city.move_case(
        case_id => :case_id, move => CAST(:move AS city.case_move), version => :version, opinion => :opinion,
        class_id => CAST(:class_id AS integer), condition_id => CAST(:condition_id AS integer),
        department_id => CAST(:department_id AS integer), staff_id => CAST(:staff_id AS integer),
        passed => CAST(:passed AS boolean), until => CAST(:until AS date),
        other_case_id => CAST(:other_case_id AS bigint),
        component_code => :component_code, address => :address, description => :description,
        level => CAST(:level AS city.case_level), x => CAST(:x AS double precision), y => CAST(:y AS double precision),
        kind => :kind, request_id => CAST(:request_id AS uuid)
    )
""")
_POSSIBLE = text("""
    SELECT move::text, to_state::text, else_state::text, requires, takes FROM city.case_moves(:case_id)
""")


def move(connection: Connection, wanted: Move) -> Moved:
    """Make one move.

    Raises:
        Refused: a rule does not allow it, or the case was changed meanwhile; nothing was changed.
        ConsoleError: the database is away.
    """
    row = connection.execute(_MOVE, vars(wanted) | {"request_id": str(wanted.request_id)}).mappings().one()
    return Moved(**row)


def attempt(connection: Connection, wanted: Move, *, trial: bool = False) -> Verdict:
    """Make a move and tell what became of it; a refusal leaves the transaction as it was.

    Whoever moves many cases does so in a transaction for each: what is made is made, whatever becomes of the others.

    Args:
        connection: to the city.
        wanted: the move.
        trial: only tell what would become of it: the rules are those of the database, and nothing is kept.

    Raises:
        ConsoleError: the database is away.
    """
    try:
        with connection.begin_nested() as tried:
            verdict = Verdict(wanted, moved=move(connection, wanted))
            if trial:
                tried.rollback()
    except Refused as refused:
        return Verdict(wanted, refused=refused)
    return verdict


def possible(connection: Connection, case_id: int) -> tuple[PossibleMove, ...]:
    """The moves that whoever is signed in may make in a case now, in the order of the case's way."""
    return tuple(
        PossibleMove(row.move, row.to_state, row.else_state, frozenset(row.requires), frozenset(row.takes))
        for row in connection.execute(_POSSIBLE, {"case_id": case_id})
    )


def keep(connection: Connection) -> int:
    """Mark what has become overdue and resume what is due; returns how many cases. To be called once a minute."""
    return int(connection.execute(text("SELECT city.keep_cases()")).scalar_one())
