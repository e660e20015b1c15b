"""The filing standard as it is edited: the latest version of each condition, and the versions before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models.configuration.draft import Change, ChangeKind, Row
from console.models.configuration.refusals import blame
from console.models.configuration.rows import conflict
from console.models.configuration.subjects import CONDITION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

# The latest version counts, also when it comes into force later; what has ended is only history.
_LATEST = text("""
    WITH latest AS (
        SELECT DISTINCT ON (class_id, code) *, xmin::text AS xmin_text,
            min(id) OVER (PARTITION BY class_id, code) AS first_id
        FROM city.filing_condition
        ORDER BY class_id, code, version DESC
    )
    SELECT l.*, l.limit_unit::text AS limit_unit, c.code AS class_code
    FROM latest l JOIN city.case_class c ON c.id = l.class_id
    WHERE l.valid_to IS NULL OR l.valid_to >= (now() AT TIME ZONE 'Asia/Shanghai')::date
    ORDER BY c.kind, c.code_system, c.code, l.first_id
""")
_SEEN = text("SELECT xmin::text FROM city.filing_condition WHERE id = :id FOR UPDATE")
_SET = text("""
    SELECT city.set_condition(CAST(:class_id AS smallint), :code, :description, :description_en,
        CAST(:limit_value AS smallint), CAST(:limit_unit AS city.limit_unit), :closing_condition, :closing_condition_en,
        CAST(:responsible_id AS smallint), CAST(:competent_id AS smallint), :from_day, CAST(:base_id AS integer))
""")
_END = text("SELECT city.end_condition(:base_id, CAST(:from_day AS date) - 1)")
_VERSIONS = text("""
    SELECT f.version, f.valid_from, f.valid_to, f.description, coalesce(f.description_en, ''), f.limit_value,
        f.limit_unit::text, f.closing_condition, f.responsible_id, w.login, w.at,
        (SELECT count(*) FROM city.case_file k WHERE k.class_id = f.class_id AND k.condition_id = f.id)
    FROM city.filing_condition f
    LEFT JOIN LATERAL (
        SELECT a.login, a.at FROM city.audit_log a
        WHERE a.subject = 'filing_condition' AND a.key = f.id::text AND a.kind = 'insert' ORDER BY a.id LIMIT 1
    ) w ON true
    WHERE f.class_id = :class_id AND f.code = :code ORDER BY f.version DESC
""")


@dataclass(frozen=True)
class Version:
    """One version of a condition.

    Attributes:
        version: its number, from 1.
        valid_from: first day in force; `valid_to` the last, None while it is in force.
        description, description_en: the condition; empty when it has no English words.
        limit_value: disposal limit in `limit_unit`.
        closing_condition: what must hold when a case is closed.
        responsible_id: the unit.
        login: who wrote it, None when the record does not say; `at` when.
        cases: how many cases were filed under it.
    """

    version: int
    valid_from: date
    valid_to: date | None
    description: str
    description_en: str
    limit_value: int
    limit_unit: str
    closing_condition: str
    responsible_id: int
    login: str | None
    at: datetime | None
    cases: int


def read_conditions(connection: Connection) -> list[Row]:
    """The latest version of every condition that has not ended, in the order of the classes."""
    names = (*CONDITION.by_name, "version", "valid_from", "valid_to")
    return [
        Row(
            f"{row['class_id']}/{row['code']}",
            f"{row['id']}:{row['xmin_text']}",
            {name: row[name] for name in names},
        )
        for row in connection.execute(_LATEST).mappings()
    ]


def versions(connection: Connection, class_id: int, code: str) -> list[Version]:
    """All versions of a condition, the latest first."""
    return [Version(*row) for row in connection.execute(_VERSIONS, {"class_id": class_id, "code": code})]


def save_conditions(connection: Connection, changes: Sequence[Change], from_day: date) -> None:
    """Let the changes come into force on `from_day`; all of them or, when this raises, none.

    A condition that is removed ends on the day before. What cases were filed under stays as it was.

    Raises:
        ConflictError: somebody else has changed a condition meanwhile.
        RefusedEntryError: a rule of the database refuses one of them.
    """
    stale: list[Change] = []
    keys: list[str] = []
    for change in changes:
        base_id, _, stamp = change.stamp.partition(":")
        if change.stamp and connection.execute(_SEEN, {"id": base_id}).scalar() != stamp:
            stale.append(change)
            keys.append(base_id)
            continue
        with blame(CONDITION, change):
            if change.kind is ChangeKind.REMOVE:
                connection.execute(_END, {"base_id": int(base_id), "from_day": from_day})
            else:
                connection.execute(_SET, _arguments(change, base_id, from_day))
    if stale:
        raise conflict(connection, CONDITION.table, stale, keys)


def _arguments(change: Change, base_id: str, from_day: date) -> dict[str, Any]:
    values = {**CONDITION.new_values(), **change.base, **change.values}
    kept = {name: values[name] for name in CONDITION.by_name}
    # Words of the other language that were not changed along say something else than the new ones.
    for name in ("description", "closing_condition"):
        if change.kind is ChangeKind.ALTER and name in change.values and f"{name}_en" not in change.values:
            kept[f"{name}_en"] = ""
    return {**kept, "base_id": int(base_id) if base_id else None, "from_day": from_day}
