"""The queue: pages of cases in any order, at any depth, over the whole history.

The ids of a page are found first, by indexes that hold every column that is asked for often; then the rows of these ids
are read. A page is reached in one of two ways: after the last row of the page before (`after`: the same cost at any
depth) or by its distance from the beginning (`offset`: for jumps of the scroll bar; what is skipped are entries of an
index, from the nearer end when the total is known).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, text, tuple_

from console.models.cases.filters import CASE, CaseFilter
from console.models.cases.presets import Preset
from console.models.cases.records import CaseRow, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause

PAGE = 100
"""Rows of a page unless another number is asked for."""

BLOCK = 2_000
"""Rows that are read at once where all are wanted."""

WALKED = 4_000
"""Cases that are looked at one by one, in the order of the queue, before the matching ones are gathered."""
GATHERED = 30_000
"""Up to so many matching cases are gathered and sorted for a jump; through more of them an index leads."""


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

_TIMES = frozenset(
    {
        CaseColumn.NUMBER,
        CaseColumn.REPORTED,
        CaseColumn.FILED,
        CaseColumn.DISPATCHED,
        CaseColumn.DISPOSED,
        CaseColumn.CLOSED,
        CaseColumn.DEADLINE,
        CaseColumn.DUE,
    }
)
"""Orders that follow time, as numbers do."""

CARRIED = frozenset(
    {
        "state",
        "mode",
        "source",
        "kind",
        "level",
        "zone_id",
        "class_id",
        "responsible_id",
        "is_overdue",
        "is_supervised",
        "reported_at",
    }
)
"""Columns that every index of the queue carries, whatever its order (``10_cases.sql``)."""
CARRIED_BY_TIME = frozenset(
    {
        "street_id",
        "unit_grid",
        "case_no",
        "accepted_at",
        "filed_at",
        "dispatched_at",
        "disposed_at",
        "closed_at",
        "deadline",
        "due_at",
    }
)
"""Further ones, which only the index by time of report carries."""


@dataclass(frozen=True)
class CaseSort:
    """An order; equals come by time of report, then by id, in the same direction, and cases without a value last."""

    column: CaseColumn = CaseColumn.REPORTED
    descending: bool = True


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
    wanted = wanted.resolved(connection)
    if total is not None and after is None and offset > total // 2:
        shown = min(limit, max(total - offset, 0))
        backwards = _Queue(connection, wanted, sort, now, total, backwards=True)
        return backwards.ids(max(total - offset - shown, 0), shown)[::-1]
    queue = _Queue(connection, wanted, sort, now, total)
    return queue.ids(offset, limit) if after is None else queue.ids_after(after, limit)


def stream(
    connection: Connection, wanted: CaseFilter, sort: CaseSort, *, now: datetime | None = None
) -> Iterator[CaseRow]:
    """All cases of the queue in its order, read in blocks; those that cease to be seen meanwhile are left out."""
    ids = page_ids(connection, wanted, sort, limit=count(connection, wanted, now=now), now=now)
    for start in range(0, len(ids), BLOCK):
        yield from rows(connection, ids[start : start + BLOCK])


def count(connection: Connection, wanted: CaseFilter, *, now: datetime | None = None) -> int:
    """How many cases there are in the queue."""
    clauses = [condition.clause for condition in wanted.resolved(connection).conditions(now)]
    if not clauses:
        return _seen(connection)[0]
    return connection.scalar(select(func.count()).select_from(CASE).where(*clauses)) or 0


def _seen(connection: Connection) -> tuple[int, int]:
    """How many cases whoever asks sees, and how many there are."""
    row = connection.execute(text("SELECT seen, total FROM city.seen_cases()")).one()
    return row.seen, row.total


def position_of(
    connection: Connection, case_id: int, wanted: CaseFilter, sort: CaseSort, *, now: datetime | None = None
) -> int | None:
    """How many cases come before this one in the queue; None when it is not in it."""
    wanted = wanted.resolved(connection)
    clauses = [condition.clause for condition in wanted.conditions(now)]
    if connection.scalar(select(CASE.c.id).where(CASE.c.id == case_id, *clauses)) is None:
        return None
    (row,) = rows(connection, [case_id])
    return _Queue(connection, wanted, sort, now, None).before(row)


@dataclass(frozen=True)
class _Stretch:
    """A part of the queue that one index gives in order: the cases with a value to sort by, or those without.

    Attributes:
        first: the column of the order; `is_empty` whether it is empty all over the stretch, None when it never is.
        keys: columns by which the stretch is in order.
    """

    first: str
    is_empty: bool | None
    keys: tuple[str, ...]
    descending: bool

    @property
    def is_by_time(self) -> bool:
        """Whether it holds, by some time, all cases that have one."""
        return self.keys[0] in _TIMES and not self.is_empty

    @property
    def carried(self) -> frozenset[str]:
        """The columns of the index that gives the order (``10_cases.sql``)."""
        return CARRIED | {self.first} | (CARRIED_BY_TIME if self.keys[0] == CaseColumn.REPORTED else frozenset())

    def clauses(self, case: FromClause = CASE) -> list[ColumnElement[bool]]:
        if self.is_empty is None:
            return []
        return [case.c[self.first].is_(None) if self.is_empty else case.c[self.first].is_not(None)]

    def order(self, case: FromClause) -> list[ColumnElement[Any]]:
        return [case.c[key].desc() if self.descending else case.c[key].asc() for key in self.keys]

    def holds(self, row: CaseRow) -> bool:
        return self.is_empty is None or (getattr(row, self.first) is None) == self.is_empty

    def compared(self, row: CaseRow, *, later: bool) -> ColumnElement[bool]:
        """What holds of the cases that come later, or earlier, than `row`, which is one of this stretch."""
        theirs = tuple_(*(CASE.c[key] for key in self.keys))
        its = tuple_(*(literal(getattr(row, key)) for key in self.keys))
        return theirs > its if later != self.descending else theirs < its


class _Queue:
    """One filter in one order, forwards or backwards."""

    def __init__(
        self,
        connection: Connection,
        wanted: CaseFilter,
        sort: CaseSort,
        now: datetime | None,
        total: int | None,
        *,
        backwards: bool = False,
    ) -> None:
        self._connection = connection
        self._wanted = wanted
        self._now = now
        self._total = total
        self._stretches = _stretches(sort.column, descending=sort.descending != backwards)
        if backwards:
            self._stretches.reverse()
        self._seen, self._cases = _seen(connection) if wanted.preset is Preset.ALL else (0, 0)
        self._conditions = wanted.conditions(now)
        self._clauses = [condition.clause for condition in self._conditions]

    def ids(self, offset: int, limit: int, first: int = 0) -> list[int]:
        """A page, `offset` cases after the beginning of the stretch number `first`."""
        found: list[int] = []
        for number, stretch in enumerate(self._stretches[first:], first):
            here = self._ids(stretch, offset, limit - len(found))
            found += here
            if len(found) >= limit or number + 1 == len(self._stretches):
                break
            # A page that begins beyond this stretch: how much of the way was that?
            offset = 0 if here or not offset else offset - self._count(stretch)
        return found

    def ids_after(self, row: CaseRow, limit: int) -> list[int]:
        """The page after `row`."""
        home = next(number for number, stretch in enumerate(self._stretches) if stretch.holds(row))
        found = self._ids(self._stretches[home], 0, limit, [self._stretches[home].compared(row, later=True)])
        if len(found) < limit and home + 1 < len(self._stretches):
            found += self.ids(0, limit - len(found), home + 1)
        return found

    def before(self, row: CaseRow) -> int:
        """How many cases come before `row`."""
        passed = 0
        for stretch in self._stretches:
            if stretch.holds(row):
                return passed + self._count(stretch, [stretch.compared(row, later=False)])
            passed += self._count(stretch)
        raise AssertionError("a case lies in one of the stretches")

    def _count(self, stretch: _Stretch, further: Sequence[ColumnElement[bool]] = ()) -> int:
        query = select(func.count()).select_from(CASE).where(*self._clauses, *stretch.clauses(), *further)
        return self._connection.scalar(query) or 0

    def _ids(
        self, stretch: _Stretch, offset: int, limit: int, further: Sequence[ColumnElement[bool]] = ()
    ) -> list[int]:
        """Cases of one stretch, found in one of three ways, none of which can go astray.

        The planner believes that conditions are independent of each other and of the order. Where they are not, it
        walks along the order for ever to find few cases. That is quick where the index carries all that is asked.
        Elsewhere we walk ourselves, a short way; what is not found there is rare enough to be gathered and sorted.

        Who sees only some of the cases has one more condition, which no index carries and which goes together with
        zones, classes and states: he walks along times alone, where his cases are spread evenly, and gathers else.
        """
        bounds = [*stretch.clauses(), *further]
        if self._wanted.preset is Preset.ALL:
            is_whole = self._seen == self._cases
            if is_whole and (
                all(condition.column in stretch.carried for condition in self._conditions)
                or (offset and (self._total is None or self._total > GATHERED))
            ):
                query = select(CASE.c.id).where(*self._clauses, *bounds).order_by(*stretch.order(CASE))
                return list(self._connection.scalars(query.offset(offset or None).limit(limit)))
            if not offset and (is_whole or (stretch.is_by_time and self._seen > WALKED)):
                found = self._walk(stretch, limit, bounds)
                if len(found) >= limit:
                    return found
        columns = [CASE.c[key] for key in stretch.keys if key != "id"]
        # An offset, though of nothing, is a wall for the planner: it must not see the order while it gathers.
        every = select(CASE.c.id, *columns).where(*self._clauses, *bounds).offset(0).subquery("every")
        if not offset:
            first = select(every.c.id).order_by(*stretch.order(every)).limit(limit)
            return list(self._connection.scalars(first))
        # Numbered, not skipped: keeping the first half of many in order costs more than sorting all of them.
        number = func.row_number().over(order_by=stretch.order(every)).label("number")
        jump = select(every.c.id, number).subquery("jump")
        here = jump.c.number.between(offset + 1, offset + limit)
        return list(self._connection.scalars(select(jump.c.id).where(here).order_by(jump.c.number)))

    def _walk(self, stretch: _Stretch, limit: int, bounds: Sequence[ColumnElement[bool]]) -> list[int]:
        """The matching ones among those that are seen of the first `WALKED` cases of a stretch."""
        reach = WALKED * self._seen // self._cases
        order = stretch.order(CASE)
        near = select(*CASE.c).where(*self._guides(stretch), *bounds).order_by(*order).limit(reach).subquery("near")
        clauses = [condition.clause for condition in self._wanted.conditions(self._now, near)]
        walk = select(near.c.id).where(*clauses).order_by(*stretch.order(near)).limit(limit)
        return list(self._connection.scalars(walk))

    def _guides(self, stretch: _Stretch) -> list[ColumnElement[bool]]:
        """The conditions that an index in the order of the stretch can follow, so that walking cannot be in vain."""
        first = stretch.keys[0]
        guides = [condition.clause for condition in self._conditions if condition.column == first]
        if first == CaseColumn.REPORTED and self._seen == self._cases:
            # There is an index by each of the columns of few values and then by time: one of them may lead.
            guides += [condition.clause for condition in self._conditions if condition.is_single][:1]
        return guides


def _stretches(column: CaseColumn, *, descending: bool) -> list[_Stretch]:
    ties = ("reported_at", "id")
    if column is CaseColumn.NUMBER:
        return [_Stretch(column, None, (column.value,), descending)]
    if column is CaseColumn.REPORTED:
        return [_Stretch(column, None, ties, descending)]
    if column not in _MAY_BE_EMPTY:
        return [_Stretch(column, None, (column.value, *ties), descending)]
    return [
        _Stretch(column, is_empty=False, keys=(column.value, *ties), descending=descending),
        _Stretch(column, is_empty=True, keys=ties, descending=descending),
    ]
