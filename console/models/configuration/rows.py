"""Reading the rows of a subject and saving what was changed of them: all in one transaction, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, Table, and_, delete, func, insert, literal_column, select, text, update
from sqlalchemy.types import Text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.configuration.draft import Change, ChangeKind, Row
from console.models.configuration.refusals import blame, blame_any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Delete, Insert, Update

    from console.models.configuration.subjects import Subject

_LAST = text("""
    SELECT login, to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') AS at FROM city.audit_log
    WHERE subject = :table AND key = :key ORDER BY id DESC LIMIT 1
""")
_REASON = text("SELECT set_config('city.reason', :reason, true)")


class ConflictError(ConsoleError):
    """Somebody else has changed the same rows meanwhile; nothing was saved.

    Attributes:
        keys: of those rows.
    """

    def __init__(self, keys: Sequence[str], login: str, at: str) -> None:
        one = QT_TRANSLATE_NOOP(
            "errors",
            "One row was changed meanwhile by {login} at {at}. Nothing was saved; look at what differs, then save "
            "again.",
        )
        many = QT_TRANSLATE_NOOP(
            "errors",
            "{count} rows were changed meanwhile by {login} at {at}. Nothing was saved; look at what differs, "
            "then save again.",
        )
        super().__init__(one if len(keys) == 1 else many, count=len(keys), login=login, at=at)
        self.keys = tuple(keys)


def give_reason(connection: Connection, reason: str) -> None:
    """Let the record say `reason` beside all that this transaction changes."""
    connection.execute(_REASON, {"reason": reason})


def read_rows(connection: Connection, subject: Subject) -> list[Row]:
    """All rows of a subject, in the order of their keys."""
    table = _table(subject)
    columns = [*subject.keys, *(one.name for one in subject.fields if one.name not in subject.keys), *subject.shown]
    query = select(_stamp().label("stamp"), *(table.c[name] for name in columns))
    found = connection.execute(query.order_by(*(table.c[name] for name in subject.keys))).mappings()
    return [_row(subject, values["stamp"], {name: values[name] for name in columns}) for values in found]


def _row(subject: Subject, stamp: str, values: Mapping[str, Any]) -> Row:
    return Row("/".join(str(values[name]) for name in subject.keys), stamp, values)


def save_rows(connection: Connection, subject: Subject, changes: Sequence[Change]) -> None:
    """Save `changes`; the caller's transaction holds all of them or, when this raises, none.

    Raises:
        ConflictError: a row is not any more as it was seen.
        RefusedEntryError: a rule of the database refuses one of them.
    """
    table = _table(subject)
    stale: list[Change] = []
    for change in changes:
        with blame(subject, change):
            if connection.execute(_statement(subject, table, change)).rowcount == 0:
                stale.append(change)
    if stale:
        raise conflict(connection, subject.table, stale)
    with blame_any(subject, changes):
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def _statement(subject: Subject, table: Table, change: Change) -> Insert | Delete | Update:
    if change.kind is ChangeKind.ADD:
        values = dict(change.values)
        if subject.numbered:
            values["id"] = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
        return insert(table).values(values)
    seen = and_(_stamp() == change.stamp, *(table.c[name] == change.base[name] for name in subject.keys))
    if change.kind is ChangeKind.REMOVE:
        return delete(table).where(seen)
    return update(table).where(seen).values(dict(change.values))


def conflict(connection: Connection, table: str, stale: Sequence[Change], keys: Sequence[str] = ()) -> ConflictError:
    """Who changed these rows last, and when.

    Args:
        connection: on which they were to be saved.
        table: of the rows.
        stale: the changes that met other rows than were seen.
        keys: the rows' keys in the record, when they are others than in the draft.
    """
    logged = keys or [change.key.partition("/")[0] for change in stale]
    last = next(
        (row for key in logged if (row := connection.execute(_LAST, {"table": table, "key": key}).first())), None
    )
    login, at = ("—", "—") if last is None else (last.login, last.at)
    return ConflictError([change.key for change in stale], login, at)


def _stamp() -> ColumnElement[str]:
    """The transaction that wrote a row: another one as soon as anybody has changed it."""
    return literal_column("xmin::text", Text)


def _table(subject: Subject) -> Table:
    names = dict.fromkeys((*subject.keys, *(one.name for one in subject.fields), *subject.shown))
    return Table(subject.table, MetaData(schema="city"), *(Column(name) for name in names))
