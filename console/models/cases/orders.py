"""What the case queue can be ordered by, and which indexes give each order (``10_cases.sql``)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, tuple_

from console.models.cases.filters import CASE

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from console.models.cases.records import CaseRow


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
"""Further ones, which only the index by time of report carries, and those of whoever sees a part of the cases."""
CARRIED_BY_PART = CARRIED | CARRIED_BY_TIME | {"geom"}
"""What the indexes by zone and by department carry, so that all but words is decided in them."""


@dataclass(frozen=True)
class CaseSort:
    """An order; equals come by time of report, then by id, in the same direction, and cases without a value last."""

    column: CaseColumn = CaseColumn.REPORTED
    descending: bool = True


@dataclass(frozen=True)
class Stretch:
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

    @property
    def clauses(self) -> list[ColumnElement[bool]]:
        """What holds of its cases."""
        if self.is_empty is None:
            return []
        return [CASE.c[self.first].is_(None) if self.is_empty else CASE.c[self.first].is_not(None)]

    def order(self, case: FromClause) -> list[ColumnElement[Any]]:
        """The order of rows of `case`."""
        return [case.c[key].desc() if self.descending else case.c[key].asc() for key in self.keys]

    def holds(self, row: CaseRow) -> bool:
        """Whether it holds a case."""
        return self.is_empty is None or (getattr(row, self.first) is None) == self.is_empty

    def compared(self, row: CaseRow, *, later: bool) -> ColumnElement[bool]:
        """What holds of the cases that come later, or earlier, than `row`, which is one of this stretch."""
        theirs = tuple_(*(CASE.c[key] for key in self.keys))
        its = tuple_(*(literal(getattr(row, key)) for key in self.keys))
        return theirs > its if later != self.descending else theirs < its


def stretches(column: CaseColumn, *, descending: bool) -> list[Stretch]:
    """The parts of a queue in its order."""
    ties = ("reported_at", "id")
    if column is CaseColumn.NUMBER:
        return [Stretch(column, None, (column.value,), descending)]
    if column is CaseColumn.REPORTED:
        return [Stretch(column, None, ties, descending)]
    if column not in _MAY_BE_EMPTY:
        return [Stretch(column, None, (column.value, *ties), descending)]
    return [
        Stretch(column, is_empty=False, keys=(column.value, *ties), descending=descending),
        Stretch(column, is_empty=True, keys=ties, descending=descending),
    ]
