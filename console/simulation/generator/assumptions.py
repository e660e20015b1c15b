"""What the demonstration city assumes where no source was found: rows of ``city.setting`` that say so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_STORE = text("""
    INSERT INTO city.setting (name, value, unit, assumed, source)
    VALUES (:name, CAST(:value AS jsonb), :unit, true, :source)
    ON CONFLICT (name)
    DO UPDATE SET value = excluded.value, unit = excluded.unit, assumed = true, source = excluded.source
""")


class Assumption(NamedTuple):
    """A value that is assumed until somebody confirms it.

    Attributes:
        name: of the setting.
        value: anything that JSON can hold.
        source: where it comes from.
        unit: of the value; None when it has none.
    """

    name: str
    value: Any
    source: str
    unit: str | None = None


def store(connection: Connection, assumptions: Iterable[Assumption]) -> None:
    """Write settings that are marked as assumed; those of the same names are replaced."""
    for item in assumptions:
        connection.execute(_STORE, item._asdict() | {"value": json.dumps(item.value, ensure_ascii=False)})
