"""Which cases a queue shows, and in what order.

Filters and orders are composed from an allow-list of columns with SQLAlchemy Core; every value is bound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import shapely
from sqlalchemy import and_, column, func, or_, select, table

from console.models.cases.presets import Preset, preset_conditions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause

CASE = table(
    "case_file",
    *map(
        column,
        (
            "id", "case_no", "version", "mode", "source", "kind", "class_id", "condition_id", "level", "state",
            "is_open",
            "is_overdue", "is_supervised", "zone_id", "unit_grid", "street_id", "component_code", "responsible_id",
            "reporter_id", "merged_into", "reported_at", "accepted_at", "filed_at", "dispatched_at", "disposed_at",
            "closed_at", "deadline", "warn_at", "due_at", "limit_minutes", "consumed_minutes", "running_since",
            "suspended_until", "extensions", "reworks", "appeal", "request_to", "wants_call_back", "address",
            "description", "search",
            "geom",
        ),
    ),
    schema="city",
)  # fmt: skip
CLASS = table("case_class", *map(column, ("id", "code", "name", "name_en", "category", "category_en")), schema="city")


class TimeColumn(StrEnum):
    """The moments of a case that a period can be asked of."""

    REPORTED = "reported_at"
    ACCEPTED = "accepted_at"
    FILED = "filed_at"
    DISPATCHED = "dispatched_at"
    DISPOSED = "disposed_at"
    CLOSED = "closed_at"
    DEADLINE = "deadline"
    DUE = "due_at"


@dataclass(frozen=True)
class Period:
    """From `start` on, before `end`; None is open on that side. Aware instants."""

    start: datetime | None = None
    end: datetime | None = None

    def bounds(self, moment: ColumnElement[datetime]) -> list[ColumnElement[bool]]:
        """What must hold of `moment`."""
        found: list[ColumnElement[bool]] = []
        if self.start is not None:
            found.append(moment >= self.start)
        if self.end is not None:
            found.append(moment < self.end)
        return found


NO_CLASS = frozenset({-1})
"""Stands for classes of which there are none: an empty set would ask nothing."""


class Condition(NamedTuple):
    """One condition of a filter.

    Attributes:
        clause: what must hold.
        column: the column that it asks of, when it asks of one alone.
        is_single: whether it leaves one value of that column.
        is_of_texts: whether the texts of a case must be read to decide it, if the index of words is not asked.
    """

    clause: ColumnElement[bool]
    column: str = ""
    is_single: bool = False
    is_of_texts: bool = False


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """What a case must be to be shown; fields are joined by “and”, the values of one field by “or”. Empty asks nothing.

    Attributes:
        preset: one of the desks' queues; `role` the database role whose post is meant by “my post's” and “requests”.
        states, modes, sources, kinds, levels: codes of the types of the same names in schema ``city``.
        class_ids: subclasses; `categories` their classes, by Chinese name.
        zone_ids, department_ids, street_ids: ids; the department is the one responsible.
        area: the beginning of a unit grid's code: 9 digits a subdistrict, 12 a community, 15 the grid.
        overdue, supervised: marked so, or not so.
        periods: of any of the case's moments.
        component: code of the component that the case is about.
        number: the beginning of a case number.
        polygon: vertices (x, y) of an area drawn on the map, metres, EPSG:4546; at least three.
        text: words, all of which must occur in the address, the description or the name of the class; one that begins
            like a case number (YC2026…) is taken for `number`.
    """

    preset: Preset = Preset.ALL
    role: str = ""
    states: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    class_ids: frozenset[int] = frozenset()
    categories: frozenset[str] = frozenset()
    zone_ids: frozenset[int] = frozenset()
    department_ids: frozenset[int] = frozenset()
    street_ids: frozenset[int] = frozenset()
    area: str = ""
    overdue: bool | None = None
    supervised: bool | None = None
    periods: Mapping[TimeColumn, Period] = field(default_factory=dict)
    component: str = ""
    number: str = ""
    polygon: tuple[tuple[float, float], ...] = ()
    text: str = ""

    def resolved(self, connection: Connection) -> CaseFilter:
        """The same filter with categories as their classes, of which the planner knows how many cases they have."""
        if not self.categories:
            return self
        query = select(CLASS.c.id).where(CLASS.c.category.in_(sorted(self.categories)))
        classes = frozenset(connection.scalars(query))
        if self.class_ids:
            classes &= self.class_ids
        return replace(self, categories=frozenset(), class_ids=classes or NO_CLASS)

    def conditions(self, now: datetime | None = None, case: FromClause = CASE) -> list[Condition]:
        """What must hold of a row of `case`, of a filter that is `resolved`.

        `now` decides lights; None is the database's clock.
        """
        moments = [
            (at.value, bound) for at, period in self.periods.items() for bound in period.bounds(case.c[at.value])
        ]
        return [
            *map(Condition, preset_conditions(self.preset, self.role, now, case)),
            *self._of_codes(case),
            *(Condition(bound, name) for name, bound in moments),
            *self._of_places(case),
            *(_of_word(word, case) for word in self.text.split()),
        ]

    def drawn(self) -> ColumnElement[Any]:
        """The area of the polygon; a border that crosses itself is taken as the areas that it encloses."""
        return func.public.ST_GeomFromText(shapely.make_valid(shapely.Polygon(self.polygon)).wkt, 4546)

    def words(self) -> list[str]:
        """The words of two characters and more, which the index of words knows."""
        return [word for word in self.text.split() if len(word) > 1 and not _NUMBER.fullmatch(word)]

    def single_characters(self) -> list[ColumnElement[bool]]:
        """The conditions of the words of one character, which no index knows."""
        return [_of_word(word, CASE).clause for word in self.text.split() if len(word) == 1]

    def _of_codes(self, case: FromClause) -> list[Condition]:
        wanted: dict[str, frozenset[Any]] = {
            "street_id": self.street_ids,
            "class_id": self.class_ids,
            "responsible_id": self.department_ids,
            "state": self.states,
            "level": self.levels,
            "source": self.sources,
            "mode": self.modes,
            "zone_id": self.zone_ids,
            "kind": self.kinds,
        }
        found = [
            Condition(case.c[name] == next(iter(values)), name, is_single=True)
            if len(values) == 1
            else Condition(case.c[name].in_(sorted(values)), name)
            for name, values in wanted.items()
            if values
        ]
        for name, mark in (("is_overdue", self.overdue), ("is_supervised", self.supervised)):
            if mark is not None:
                found.append(Condition(case.c[name] if mark else ~case.c[name], name))
        return found

    def _of_places(self, case: FromClause) -> list[Condition]:
        found: list[Condition] = []
        if self.area:
            found.append(Condition(case.c.unit_grid.startswith(self.area, autoescape=True), "unit_grid"))
        if self.component:
            found.append(Condition(case.c.component_code == self.component, "component_code"))
        if self.number:
            found.append(Condition(case.c.case_no.startswith(self.number.upper(), autoescape=True), "case_no"))
        if self.polygon:
            found.append(Condition(func.public.ST_Intersects(case.c.geom, self.drawn()), "geom"))
        return found


_NUMBER = re.compile(r"YC\d+", re.IGNORECASE)


def _of_word(word: str, case: FromClause) -> Condition:
    """Words of two characters are found by the index alone; longer ones are checked; one character has no index."""
    if _NUMBER.fullmatch(word):
        return Condition(case.c.case_no.startswith(word.upper(), autoescape=True), "case_no")
    occurs = or_(
        case.c.address.contains(word, autoescape=True),
        case.c.description.contains(word, autoescape=True),
        case.c.class_id.in_(select(CLASS.c.id).where(CLASS.c.name.contains(word, autoescape=True))),
    )
    if len(word) == 1:
        return Condition(occurs, is_of_texts=True)
    indexed = case.c.search.op("@>")(func.city.bigram_codes(word))
    # The index keeps 16 bits of a character: rare ones beyond the basic plane need the check too.
    clause = indexed if len(word) == 2 and max(word) <= "\uffff" else and_(indexed, occurs)
    return Condition(clause, "search", is_of_texts=True)
