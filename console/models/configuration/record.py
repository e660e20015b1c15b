"""What was changed of the configuration: who, when, from what to what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from console.models.configuration.draft import Row as StoredRow
    from console.models.configuration.subjects import Subject

SUBJECTS = (
    "filing_condition", "case_class", "department", "staff", "team", "login", "shift", "roster", "calendar_day",
    "working_hours", "setting", "opinion_text", "duty_item",
    "driver_phrase",
)  # fmt: skip
SHOWN = 500
# Names by which a row is known, the most telling first.
_NAMES = ("title", "name", "description", "words", "day", "login", "code")
_READ = text("""
    SELECT id, at, login, client, subject, key, kind, before, after, reason FROM city.audit_log
    WHERE subject = ANY (:subjects) AND subject <> 'case_event' ORDER BY id DESC LIMIT :most
""")
_HISTORY = text("""
    SELECT id, at, login, client, subject, key, kind, before, after, reason FROM city.audit_log
    WHERE (subject = :table AND key = ANY (:keys)
            AND (CAST(:own AS jsonb) IS NULL OR before @> CAST(:own AS jsonb) OR after @> CAST(:own AS jsonb)))
        OR (subject = 'login' AND key = :login)
    ORDER BY id DESC LIMIT :most
""")
_VERSIONS = text("SELECT id::text FROM city.filing_condition WHERE class_id = :class_id AND code = :code")


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
        reason: why, as whoever changed it put it; empty when nobody said.
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
    reason: str = ""


def recorded_changes(connection: Connection, most: int = SHOWN) -> list[Entry]:
    """The latest changes of the configuration, newest first."""
    rows = connection.execute(_READ, {"subjects": list(SUBJECTS), "most": most})
    return [_entry(row) for row in rows]


def history(connection: Connection, subject: Subject, row: StoredRow, most: int = SHOWN) -> list[Entry]:
    """The latest changes of one row, newest first: of a condition in all its versions, of a post with its login."""
    values = row.values
    own = None
    if subject.table == "filing_condition":
        keys = list(connection.scalars(_VERSIONS, {"class_id": values["class_id"], "code": values["code"]}))
    elif subject.table == "setting":
        keys = [values["name"]]
    else:
        keys = [row.key.partition("/")[0]]
        if len(subject.keys) > 1:  # the record knows such a row by the first of them
            own = {name: values[name] for name in subject.keys}
    given = {
        "table": subject.table, "keys": keys, "login": values.get("login"), "most": most,
        "own": None if own is None else json.dumps(own, default=str),
    }  # fmt: skip
    return [_entry(found) for found in connection.execute(_HISTORY, given)]


def _entry(row: Row[Any]) -> Entry:
    before, after = row.before or {}, row.after or {}
    return Entry(
        row.id,
        row.at,
        row.login,
        row.client,
        row.subject,
        row.key,
        row.kind,
        _name(after or before, row.key),
        _differences(row.kind, before, after),
        row.reason or "",
    )


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
