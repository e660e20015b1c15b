"""The queue: pages of cases in any order, at any depth, over the whole history.

The ids of a page are found first, by indexes that hold every column that is asked for often; then the rows of these ids
are read. A page is reached in one of two ways: after the last row of the page before (`after`: the same cost at any
depth) or by its distance from the beginning (`offset`: for jumps of the scroll bar; what is skipped are entries of an
index, from the nearer end when the total is known).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from console.models.cases.filters import CASE
from console.models.cases.orders import CaseSort
from console.models.cases.pages import Pages
from console.models.cases.records import CaseRow, rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.cases.filters import CaseFilter

PAGE = 100
"""Rows of a page unless another number is asked for."""

BLOCK = 2_000
"""Rows that are read at once where all are wanted."""


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
    if total is not None and after is None and offset >= total // 2:
        shown = min(limit, max(total - offset, 0))
        if not shown:
            return []
        backwards = Pages(connection, wanted, sort, now, total, backwards=True)
        return backwards.ids(max(total - offset - shown, 0), shown)[::-1]
    queue = Pages(connection, wanted, sort, now, total)
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
    return Pages(connection, wanted.resolved(connection), CaseSort(), now, None).count()


def among(
    connection: Connection, wanted: CaseFilter, ids: Collection[int], *, now: datetime | None = None
) -> frozenset[int]:
    """Which of these cases are in the queue."""
    clauses = [condition.clause for condition in wanted.resolved(connection).conditions(now)]
    return frozenset(connection.scalars(select(CASE.c.id).where(CASE.c.id.in_(sorted(ids)), *clauses)))


def position_of(
    connection: Connection, case_id: int, wanted: CaseFilter, sort: CaseSort, *, now: datetime | None = None
) -> int | None:
    """How many cases come before this one in the queue; None when it is not in it."""
    wanted = wanted.resolved(connection)
    clauses = [condition.clause for condition in wanted.conditions(now)]
    if connection.scalar(select(CASE.c.id).where(CASE.c.id == case_id, *clauses)) is None:
        return None
    (row,) = rows(connection, [case_id])
    return Pages(connection, wanted, sort, now, None).before(row)
