"""Duty by rainstorm warning (防汛): the warning in force, its checklist, and who has done what of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

COLOURS = ("blue", "yellow", "orange", "red")
"""Colours of the warning signals, the mildest first; their rain is in the rules of kind ``rain`` (domain 5.4)."""


@dataclass(frozen=True)
class DutyItem:
    """One item of the checklist.

    Attributes:
        id: in ``city.duty_item``.
        colour: from which on it is to be done.
        words, words_en: what, in both languages.
        assumed: whether it is the project's and still to be confirmed.
        done_at, done_by, done_by_en: when and by which post it was ticked; None and empty while it is not.
    """

    id: int
    colour: str
    words: str
    words_en: str
    assumed: bool
    done_at: datetime | None
    done_by: str
    done_by_en: str


@dataclass(frozen=True)
class Duty:
    """The checklist now.

    Attributes:
        warning_id, colour, since: of the warning in force; None when there is none.
        measured: colour that the standing alarms of rain tell; None when there is none.
        items: to be done under the warning, the mildest colour first.
    """

    warning_id: int | None
    colour: str | None
    since: datetime | None
    measured: str | None
    items: tuple[DutyItem, ...]


def duty(connection: Connection) -> Duty:
    """What is in force and what is done."""
    warning = connection.execute(
        text("SELECT id, colour, begun_at FROM city.flood_warning WHERE ended_at IS NULL")
    ).one_or_none()
    grade = connection.execute(
        text("SELECT max(grade) FROM city.alarm WHERE kind = 'rain' AND state <> 'normal' AND cleared_at IS NULL")
    ).scalar_one()
    measured = COLOURS[min(grade, len(COLOURS)) - 1] if grade else None
    if warning is None:
        return Duty(None, None, None, measured, ())
    asked = list(COLOURS[: COLOURS.index(warning.colour) + 1])
    found = connection.execute(
        text("""
            SELECT i.id, i.colour, i.words, i.words_en, i.assumed, t.at, coalesce(s.title, ''), coalesce(s.title_en, '')
            FROM city.duty_item AS i
            LEFT JOIN city.duty_tick AS t ON t.item_id = i.id AND t.warning_id = :warning
            LEFT JOIN city.staff AS s ON s.id = t.staff_id
            WHERE i.in_use AND i.colour = ANY (:colours)
            ORDER BY array_position(CAST(:colours AS text[]), i.colour), i.place, i.id
        """),
        {"warning": warning.id, "colours": asked},
    )
    return Duty(warning.id, warning.colour, warning.begun_at, measured, tuple(DutyItem(*row) for row in found))


def set_warning(connection: Connection, colour: str | None) -> None:
    """Put a warning of that colour in force, change its colour, or without one end it.

    Raises:
        Refused: the post may not.
    """
    connection.execute(text("SELECT city.set_flood_warning(:colour)"), {"colour": colour})


def tick(connection: Connection, warning_id: int, item_id: int, *, done: bool) -> None:
    """An item is done, or is not after all; ticking twice changes nothing.

    Raises:
        Refused: the post may not, or the warning has changed or ended meanwhile.
    """
    connection.execute(
        text("SELECT city.tick_duty(:warning, :item, :done)"), {"warning": warning_id, "item": item_id, "done": done}
    )
