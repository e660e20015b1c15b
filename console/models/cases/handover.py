"""Hand-over of a shift (交班): what the one before has to say, what waited then, and who has taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.cases.records import CaseRow, rows

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

SHOWN_FOR = timedelta(hours=12)
"""So long the notes of a shift are shown after somebody has taken over: longer than any shift lasts."""
NOTES_MOST = 2000
"""Letters of the notes at most."""


@dataclass(frozen=True)
class Handover:
    """One hand-over at the post of whoever asks.

    Attributes:
        id: in ``city.shift_handover``.
        giver, giver_en: post of whoever handed over; `is_own` whether that is whoever asks.
        receiver, receiver_en: who is meant to take over; empty for whoever comes next.
        at: when it was handed over.
        notes: what the next shift has to know.
        waiting, soon, overdue: cases that waited for the post then; of these due soon, and past their time.
        cases: those that go with it, as they are now; cases that whoever asks does not see any more are left out.
        taker, taker_en, taken_at: who has acknowledged it, and when; empty and None before.
    """

    id: int
    giver: str
    giver_en: str
    is_own: bool
    receiver: str
    receiver_en: str
    at: datetime
    notes: str
    waiting: int
    soon: int
    overdue: int
    cases: tuple[CaseRow, ...]
    taker: str
    taker_en: str
    taken_at: datetime | None

    @property
    def is_taken(self) -> bool:
        """Whether somebody has acknowledged it."""
        return self.taken_at is not None


@dataclass(frozen=True)
class Reliever:
    """A colleague at the same post; `shift` and `begins` tell of his next shift, empty and None without one."""

    id: int
    title: str
    title_en: str
    shift: str
    shift_en: str
    begins: datetime | None


@dataclass(frozen=True)
class DeskState:
    """What would be handed over now: what waits for the post, what of it for oneself, and who could take over."""

    waiting: int
    soon: int
    overdue: int
    own: int
    relievers: tuple[Reliever, ...]


def current(connection: Connection) -> Handover | None:
    """The hand-over that a desk has to know of; None when there is none.

    One of others that nobody has taken, the oldest first; else one's own that waits; else the last one that was taken
    within `SHOWN_FOR`.
    """
    row = (
        connection.execute(
            text("""
                SELECT h.id, g.title AS giver, g.title_en AS giver_en, h.giver_id = me.id AS is_own,
                    coalesce(r.title, '') AS receiver, coalesce(r.title_en, '') AS receiver_en, h.handed_at AS at,
                    h.notes, h.waiting, h.soon, h.overdue, h.case_ids, coalesce(t.title, '') AS taker,
                    coalesce(t.title_en, '') AS taker_en, h.taken_at
                FROM city.staff AS me
                JOIN city.shift_handover AS h ON h.role = me.role AND h.department_id = me.department_id
                    AND h.team_id IS NOT DISTINCT FROM me.team_id
                JOIN city.staff AS g ON g.id = h.giver_id
                LEFT JOIN city.staff AS r ON r.id = h.receiver_id
                LEFT JOIN city.staff AS t ON t.id = h.taken_by
                WHERE me.id = city.current_staff_id() AND (h.taken_at IS NULL OR h.taken_at > now() - :shown)
                ORDER BY h.taken_at IS NOT NULL, h.taken_at DESC, is_own, h.handed_at
                LIMIT 1
            """),
            {"shown": SHOWN_FOR},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    told = dict(row)
    return Handover(cases=tuple(rows(connection, told.pop("case_ids"))), **told)


def desk_state(connection: Connection) -> DeskState:
    """What whoever asks would hand over now; relievers in the order in which their shifts begin."""
    waiting = connection.execute(text("SELECT waiting, soon, overdue FROM city.desk_waiting()")).one()
    own = connection.execute(text("SELECT count(*) FROM city.my_cases()")).scalar_one()
    relievers = connection.execute(
        text("""
            SELECT s.id, s.title, s.title_en, coalesce(n.name, '') AS shift, coalesce(n.name_en, '') AS shift_en,
                n.begins
            FROM city.staff AS me
            CROSS JOIN (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS day) AS today
            JOIN city.staff AS s ON s.role = me.role AND s.department_id = me.department_id
                AND s.team_id IS NOT DISTINCT FROM me.team_id AND s.id <> me.id AND s.active
            LEFT JOIN LATERAL (
                SELECT k.name, k.name_en, (o.day + k.starts) AT TIME ZONE 'Asia/Shanghai' AS begins
                FROM city.roster AS o JOIN city.shift AS k ON k.id = o.shift_id
                WHERE o.staff_id = s.id
                    AND o.day BETWEEN today.day AND today.day + 1
                    AND (o.day + k.starts) AT TIME ZONE 'Asia/Shanghai' > now() - interval '1 hour'
                ORDER BY begins LIMIT 1
            ) AS n ON true
            WHERE me.id = city.current_staff_id()
            ORDER BY n.begins NULLS LAST, s.id
        """)
    )
    found = tuple(Reliever(**row) for row in relievers.mappings())
    return DeskState(waiting.waiting, waiting.soon, waiting.overdue, own, found)


def hand_over(
    connection: Connection,
    notes: str,
    *,
    receiver_id: int | None = None,
    case_ids: Sequence[int] | None = None,
    request_id: uuid.UUID | None = None,
) -> int:
    """Hand the shift over; returns the id of the hand-over, the same for a repeated `request_id`.

    Args:
        connection: to the city.
        notes: what the next shift has to know.
        receiver_id: a colleague at the same post; None is whoever comes next.
        case_ids: which cases go with it; None takes those that wait for oneself in person.
        request_id: tells a repetition from another hand-over.

    Raises:
        Refused: there is nothing written, the colleague has another post, or a case is not there for whoever asks.
    """
    made: int = connection.execute(
        text("SELECT city.hand_over(:notes, :receiver, CAST(:cases AS bigint[]), CAST(:request AS uuid))"),
        {
            "notes": notes,
            "receiver": receiver_id,
            "cases": None if case_ids is None else list(case_ids),
            "request": None if request_id is None else str(request_id),
        },
    ).scalar_one()
    return made


def take_over(connection: Connection, handover_id: int) -> None:
    """Acknowledge a hand-over.

    Raises:
        Refused: somebody else has, or it is one's own or another post's.
    """
    connection.execute(text("SELECT city.take_over(:id)"), {"id": handover_id})
