"""The queue: pages of cases in any order, at any depth, over the whole history.

The ids of a page are found first, by indexes that hold every column that is asked for often; then the rows of these ids
are read. A page is reached in one of two ways: after the last row of the page before (`after`: the same cost at any
depth) or by its distance from the beginning (`offset`: for jumps of the scroll bar; what is skipped are entries of an
index, from the nearer end when the total is known).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, tuple_

from console.models.cases.filters import CASE, CaseFilter, Preset, preset_conditions
from console.models.cases.records import CaseRow, rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnClause, ColumnElement, Connection, Select

PAGE = 200
"""Rows of a page unless another number is asked for."""


class CaseColumn(StrEnum):
    """What a queue can be ordered by; the value is the column of ``city.case_file``.

    Classes, departments, zones and streets come in the order of their catalogue, not of their names.
    """

    NUMBER = "case_no"
    REPORTED = "reported_at"
    STATE = "state"
    MODE = "mode"
    SOURCE = "source"
    LEVEL = "level"
    CLASS = "class_id"
    ZONE = "zone_id"
    STREET = "street_id"
    DEPARTMENT = "responsible_id"
    FILED = "filed_at"
    DISPATCHED = "dispatched_at"
    DISPOSED = "disposed_at"
    CLOSED = "closed_at"
    DEADLINE = "deadline"
    DUE = "due_at"


_MAY_BE_EMPTY = frozenset(
    {
        CaseColumn.CLASS,
        CaseColumn.STREET,
        CaseColumn.DEPARTMENT,
        CaseColumn.FILED,
        CaseColumn.DISPATCHED,
        CaseColumn.DISPOSED,
        CaseColumn.CLOSED,
        CaseColumn.DEADLINE,
        CaseColumn.DUE,
    }
)


@dataclass(frozen=True)
class CaseSort:
    """An order; equals come by time of report, then by id, in the same direction, and cases without a value last."""

    column: CaseColumn = CaseColumn.REPORTED
    descending: bool = True


@dataclass(frozen=True)
class _Stretch:
    """A part of the queue that one index gives in order: the cases with a value to sort by, or those without."""

    condition: ColumnElement[bool] | None
    keys: tuple[ColumnClause[Any], ...]
    descending: bool

    def ids(self, conditions: Sequence[ColumnElement[bool]], *, offset: int = 0, limit: int | None) -> Select[int]:
        order = [key.desc() if self.descending else key.asc() for key in self.keys]
        return self.where(select(CASE.c.id), conditions).order_by(*order).offset(offset or None).limit(limit)

    def where(self, query: Select[Any], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
        return query.where(*conditions, *(() if self.condition is None else (self.condition,)))

    def holds(self, row: CaseRow) -> bool:
        return self.condition is None or all(getattr(row, key.name) is not None for key in self.keys)

    def compared(self, row: CaseRow, *, later: bool) -> ColumnElement[bool]:
        """What holds of the cases that come later, or earlier, than `row`, which is one of this stretch."""
        theirs = tuple_(*self.keys)
        its = tuple_(*(literal(getattr(row, key.name)) for key in self.keys))
        return theirs > its if later != self.descending else theirs < its

    def reversed(self) -> _Stretch:
        return replace(self, descending=not self.descending)


def page(
    connection: Connection,
    wanted: CaseFilter,
    sort: CaseSort,
    *,
    offset: int = 0,
    after: CaseRow | None = None,
    limit: int = PAGE,
    total: int | None = None,
    now: datetime | None = None,
) -> list[CaseRow]:
    """One page of the queue.

    Args:
        connection: to the city; its login decides which cases it sees.
        wanted: which cases.
        sort: in what order.
        offset: how many cases to leave out from the beginning; not together with `after`.
        after: the last row of the page before.
        limit: rows at most.
        total: `count` of the same filter when it is known: the page is then reached from the nearer end.
        now: instant that decides lights; None is the database's clock.
    """
    return rows(
        connection,
        page_ids(connection, wanted, sort, offset=offset, after=after, limit=limit, total=total, now=now),
    )


def page_ids(
    connection: Connection,
    wanted: CaseFilter,
    sort: CaseSort,
    *,
    offset: int = 0,
    after: CaseRow | None = None,
    limit: int = PAGE,
    total: int | None = None,
    now: datetime | None = None,
) -> list[int]:
    """The ids of one page; arguments as for `page`."""
    conditions = wanted.conditions(now)
    stretches = _stretches(sort)
    if after is not None:
        return _ids_after(connection, conditions, stretches, after, limit)
    if total is None or offset <= total // 2:
        return _ids_from(connection, conditions, stretches, offset, limit)
    from_end = max(total - offset - limit, 0)
    backwards = [stretch.reversed() for stretch in reversed(stretches)]
    ids = _ids_from(connection, conditions, backwards, from_end, min(limit, max(total - offset, 0)))
    return ids[::-1]


def count(connection: Connection, wanted: CaseFilter, *, now: datetime | None = None) -> int:
    """How many cases there are in the queue."""
    return connection.scalar(select(func.count()).select_from(CASE).where(*wanted.conditions(now))) or 0


def preset_counts(connection: Connection, *, now: datetime | None = None) -> dict[Preset, int]:
    """How many cases wait in the queue of each desk; every preset but `Preset.ALL`."""
    presets = [preset for preset in Preset if preset is not Preset.ALL]
    counts = [func.count().filter(*preset_conditions(preset, now)).label(preset.value) for preset in presets]
    row = connection.execute(select(*counts).where(CASE.c.is_open)).one()
    return dict(zip(presets, row, strict=True))


def position_of(
    connection: Connection, case_id: int, wanted: CaseFilter, sort: CaseSort, *, now: datetime | None = None
) -> int | None:
    """How many cases come before this one in the queue; None when it is not in it."""
    conditions = wanted.conditions(now)
    if connection.scalar(select(CASE.c.id).where(CASE.c.id == case_id, *conditions)) is None:
        return None
    (row,) = rows(connection, [case_id])
    position = 0
    for stretch in _stretches(sort):
        counted = stretch.where(select(func.count()).select_from(CASE), conditions)
        if stretch.holds(row):
            return position + (connection.scalar(counted.where(stretch.compared(row, later=False))) or 0)
        position += connection.scalar(counted) or 0
    raise AssertionError("a case lies in one of the stretches")


def _stretches(sort: CaseSort) -> list[_Stretch]:
    first = CASE.c[sort.column.value]
    ties = (CASE.c.reported_at, CASE.c.id)
    if sort.column is CaseColumn.NUMBER:
        return [_Stretch(None, (first,), sort.descending)]
    if sort.column is CaseColumn.REPORTED:
        return [_Stretch(None, ties, sort.descending)]
    if sort.column not in _MAY_BE_EMPTY:
        return [_Stretch(None, (first, *ties), sort.descending)]
    return [
        _Stretch(first.is_not(None), (first, *ties), sort.descending),
        _Stretch(first.is_(None), ties, sort.descending),
    ]


def _ids_from(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    stretches: Sequence[_Stretch],
    offset: int,
    limit: int,
) -> list[int]:
    found: list[int] = []
    for number, stretch in enumerate(stretches):
        if len(found) >= limit:
            break
        here = connection.scalars(stretch.ids(conditions, offset=offset, limit=limit - len(found))).all()
        found.extend(here)
        if number + 1 == len(stretches):
            break
        if here or not offset:
            offset = 0
        else:  # the page begins beyond this stretch
            passed = connection.scalar(stretch.where(select(func.count()).select_from(CASE), conditions)) or 0
            offset -= passed
    return found


def _ids_after(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    stretches: Sequence[_Stretch],
    after: CaseRow,
    limit: int,
) -> list[int]:
    home = next(number for number, stretch in enumerate(stretches) if stretch.holds(after))
    first = stretches[home]
    ids = list(connection.scalars(first.ids([*conditions, first.compared(after, later=True)], limit=limit)))
    if len(ids) < limit and home + 1 < len(stretches):
        ids += _ids_from(connection, conditions, stretches[home + 1 :], 0, limit - len(ids))
    return ids
