"""Filters of the queue that have a name: one's own, and those that a department shares."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

SLOTS = range(1, 10)
"""Digits that a filter's key can have."""


@dataclass(frozen=True)
class SavedFilter:
    """A filter under its name.

    Attributes:
        id: in ``city.saved_filter``.
        name: what people call it.
        slot: digit of its key; None when it has none.
        is_shared: whether the department shares it.
        is_own: whether whoever asks saved it.
        owner, owner_en: post of whoever saved it.
        wanted: what it asks, in the form of the table's column.
    """

    id: int
    name: str
    slot: int | None
    is_shared: bool
    is_own: bool
    owner: str
    owner_en: str
    wanted: dict[str, Any]


def saved_filters(connection: Connection) -> list[SavedFilter]:
    """One's own, then the shared ones; those with a key first, by its digit."""
    found = connection.execute(
        text("""
            SELECT f.id, f.name, f.slot, f.department_id IS NOT NULL AS is_shared,
                f.owner_id IS NOT DISTINCT FROM city.current_staff_id() AS is_own, s.title AS owner,
                s.title_en AS owner_en, f.wanted
            FROM city.saved_filter AS f JOIN city.staff AS s ON s.id = f.owner_id
            ORDER BY is_shared, f.slot NULLS LAST, f.name
        """)
    )
    return [SavedFilter(**row) for row in found.mappings()]


def save_filter(
    connection: Connection, name: str, wanted: dict[str, Any], slot: int | None = None, *, is_shared: bool = False
) -> int:
    """Save under `name`, replacing what one has saved under it before; returns its id.

    Raises:
        Refused: the name is empty or too long, or a colleague shares another filter under it.
    """
    saved: int = connection.execute(
        text("SELECT city.save_filter(:name, CAST(:wanted AS jsonb), :slot, :is_shared)"),
        {"name": name, "wanted": json.dumps(wanted, ensure_ascii=False), "slot": slot, "is_shared": is_shared},
    ).scalar_one()
    return saved


def drop_filter(connection: Connection, filter_id: int) -> None:
    """Forget a saved filter.

    Raises:
        Refused: it is somebody else's.
    """
    connection.execute(text("SELECT city.drop_filter(:id)"), {"id": filter_id})
