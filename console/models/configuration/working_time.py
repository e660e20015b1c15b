"""The working calendar and working hours as they are edited.

Both decide all clocks, which the database computes anew after each statement; so all changes of one save are one
statement, and no state in between is ever judged, such as a season that has ended before the next one begins.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models.calendar import public_calendar
from console.models.configuration.draft import Change, ChangeKind
from console.models.configuration.refusals import blame_any
from console.models.configuration.rows import conflict
from console.models.configuration.subjects import CALENDAR_DAY, WORKING_HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection, TextClause

    from console.models.configuration.draft import Draft
    from console.models.configuration.subjects import Subject

_STAMPS_OF_DAYS = text("SELECT day::text, xmin::text FROM city.calendar_day WHERE day::text = ANY (:keys) FOR UPDATE")
_STAMPS_OF_HOURS = text("""
    SELECT valid_from || '/' || opens, xmin::text FROM city.working_hours
    WHERE valid_from || '/' || opens = ANY (:keys) FOR UPDATE
""")
_SAVE_DAYS = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
            AS g (kind text, day date, is_working boolean, name text, assumed boolean)
    ), gone AS (
        DELETE FROM city.calendar_day d USING given g WHERE g.kind = 'remove' AND d.day = g.day
    )
    INSERT INTO city.calendar_day (day, is_working, name, assumed)
    SELECT day, is_working, name, assumed FROM given WHERE kind <> 'remove'
    ON CONFLICT (day) DO UPDATE SET is_working = excluded.is_working, name = excluded.name, assumed = excluded.assumed
""")
_SAVE_HOURS = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
            AS g (kind text, key text, valid_from date, valid_to date, opens time, closes time)
    ), gone AS (
        DELETE FROM city.working_hours w USING given g
        WHERE g.kind = 'remove' AND w.valid_from || '/' || w.opens = g.key
    ), altered AS (
        UPDATE city.working_hours w
        SET valid_from = g.valid_from, valid_to = g.valid_to, opens = g.opens, closes = g.closes
        FROM given g WHERE g.kind = 'alter' AND w.valid_from || '/' || w.opens = g.key
    )
    INSERT INTO city.working_hours (valid_from, valid_to, opens, closes)
    SELECT valid_from, valid_to, opens, closes FROM given WHERE kind = 'add'
""")


def save_days(connection: Connection, changes: Sequence[Change]) -> None:
    """Save changed days of the calendar; all of them or, when this raises, none.

    Raises:
        ConflictError: somebody else has changed one of them meanwhile.
        RefusedEntryError: limits have run on one of them already.
    """
    _save(connection, CALENDAR_DAY, changes, _STAMPS_OF_DAYS, _SAVE_DAYS)


def save_hours(connection: Connection, changes: Sequence[Change]) -> None:
    """Save changed working hours; all of them or, when this raises, none.

    Raises:
        ConflictError: somebody else has changed some of them meanwhile.
        RefusedEntryError: limits have run in them already, or they overlap.
    """
    _save(connection, WORKING_HOURS, changes, _STAMPS_OF_HOURS, _SAVE_HOURS)


def _save(
    connection: Connection, subject: Subject, changes: Sequence[Change], stamps: TextClause, save: TextClause
) -> None:
    keys = [change.key for change in changes if change.stamp]
    known = {row[0]: row[1] for row in connection.execute(stamps, {"keys": keys})}
    stale = [change for change in changes if change.stamp and known.get(change.key) != change.stamp]
    if stale:
        raise conflict(connection, subject.table, stale)
    rows = [{"kind": change.kind.value, "key": change.key, **_values(change)} for change in changes]
    with blame_any(subject, changes):
        connection.execute(save, {"rows": json.dumps(rows, default=str, ensure_ascii=False)})
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def _values(change: Change) -> dict[str, Any]:
    return {**change.base, **change.values} if change.kind is not ChangeKind.ADD else dict(change.values)


def fill_year(draft: Draft, year: int, today: date) -> int:
    """Draft a year as it was announced; returns how many days change.

    What has passed stays as it is. A year that is not announced yet is Monday to Friday, its days marked as assumed.
    """
    key_of = {draft.values(key)["day"]: key for key in draft.keys}
    count = 0
    for known in public_calendar(year, year):
        values = {"is_working": known.is_working, "name": known.name, "assumed": known.assumed}
        key = key_of.get(known.day)
        if known.day <= today:
            continue
        if key is None:
            draft.add({"day": known.day, **values})
            count += 1
        elif any(draft.values(key)[name] != value for name, value in values.items()):
            for name, value in values.items():
                draft.set(key, name, value)
            count += 1
    return count
