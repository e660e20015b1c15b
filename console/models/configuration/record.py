"""What was changed of the configuration: who, when, from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

SUBJECTS = (
    "filing_condition", "case_class", "department", "staff", "login", "shift", "roster", "calendar_day",
    "working_hours", "setting", "opinion_text",
)  # fmt: skip
SHOWN = 500
# Names by which a row is known, the most telling first.
_NAMES = ("title", "name", "description", "words", "day", "login", "code")
_READ = text("""
    SELECT id, at, login, client, subject, key, kind, before, after FROM city.audit_log
    WHERE subject = ANY (:subjects) ORDER BY id DESC LIMIT :most
""")


@dataclass(frozen=True)
class Entry:
    """One change.

    Attributes:
        id: number of the entry in the record.
        at: when.
        login: who.
        client: from which machine, None for the server's own.
        subject: table.
        key: of the row.
        kind: ``insert``, ``update`` or ``delete``.
        name: what the row is known by.
        changes: value before and after of each field that differs; None for no value.
    """

    id: int
    at: datetime
    login: str
    client: str | None
    subject: str
    key: str
    kind: str
    name: str
    changes: dict[str, tuple[Any, Any]]


def recorded_changes(connection: Connection, most: int = SHOWN) -> list[Entry]:
    """The latest changes of the configuration, newest first."""
    rows = connection.execute(_READ, {"subjects": list(SUBJECTS), "most": most})
    return [
        Entry(
            row.id,
            row.at,
            row.login,
            row.client,
            row.subject,
            row.key,
            row.kind,
            _name(row.after or row.before or {}, row.key),
            _differences(row.kind, row.before or {}, row.after or {}),
        )
        for row in rows
    ]


def _name(values: dict[str, Any], key: str) -> str:
    return next((str(values[name]) for name in _NAMES if values.get(name)), key)


def _differences(kind: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    if kind == "delete":
        return {}
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if value != before.get(name) and not (kind == "insert" and (value is None or name == "id"))
    }
