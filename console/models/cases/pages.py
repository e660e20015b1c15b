"""How the cases of a page are found: one filter in one order, forwards or backwards.

There are three ways, none of which can go astray. The planner believes that conditions are independent of each other
and of the order. Where they are not, it walks along the order for ever to find few cases. That is quick where the index
carries all that is asked (`_lead`). Elsewhere we walk ourselves, a short way (`_walk`); what is not found there is rare
enough to be gathered and sorted (`_gather`).

Who sees a part of the cases has all but words decided by the index of that part: it is passed through from end to end
sooner than anything is found beside it, but by times, where his cases are spread evenly.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Text, func, literal, select, true, union_all

from console.models.cases.filters import CASE
from console.models.cases.orders import CaseColumn, stretches
from console.models.cases.presets import Preset
from console.models.cases.seen import Seen, is_one_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, CompoundSelect, Connection, FromClause, Select

    from console.models.cases.filters import CaseFilter
    from console.models.cases.orders import CaseSort, Stretch
    from console.models.cases.records import CaseRow

WALKED = 4_000
"""Cases that are looked at one by one, in the order of the queue, before the matching ones are gathered."""
GATHERED = 30_000
"""Up to so many matching cases are gathered and sorted for a jump; through more of them an index leads."""
RARE = 2_000
"""Up to so many matching cases, where it is known, are gathered whatever the index in order carries."""
READ = 15_000
"""Of up to so many cases the texts are read for words; where there are more, the index of words is asked."""

_IN_HAND = Seen(0, 0)
"""Where it makes no difference who asks: what is in hand is found by small indexes of its own."""


class Pages:
    """One filter in one order.

    Args:
        connection: to the city; its login decides which cases it sees.
        wanted: which cases, `resolved`.
        sort: in what order.
        now: instant that decides lights; None is the database's clock.
        total: how many cases match, when that is known.
        backwards: from the other end.
    """

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
        self._stretches = stretches(sort.column, descending=sort.descending != backwards)
        if backwards:
            self._stretches.reverse()
        self._is_history = wanted.preset is Preset.ALL
        self._seen = Seen.by(connection) if self._is_history else _IN_HAND
        self._conditions = wanted.conditions(now)
        # Words are asked of rows; who sees all cases leaves it to the planner when.
        self._words = [] if self._seen.is_all else [one.clause for one in self._conditions if one.is_of_texts]
        self._clauses = [one.clause for one in self._conditions if self._seen.is_all or not one.is_of_texts]
        if wanted.polygon and not self._seen.is_all:
            # Said besides, the box around the area spares the exact question wherever no index of places may answer.
            self._clauses.append(CASE.c.geom.op("&&")(wanted.drawn()))

    def ids(self, offset: int, limit: int, first: int = 0) -> list[int]:
        """A page, `offset` cases after the beginning of the stretch number `first`."""
        lead = self._stretches[first]
        if not (self._is_history and (self._seen.is_all or self._is_led(lead, offset))):
            found = self._walk(lead, limit) if self._is_walked(lead, offset) else []
            return found if len(found) >= limit else self._gather(self._stretches[first:], offset, limit)
        found = []
        for number, stretch in enumerate(self._stretches[first:], first + 1):
            if offset and number < len(self._stretches):
                passed = self._length(stretch)
                if passed <= offset:
                    offset -= passed
                    continue
            found += self._ids(stretch, offset, limit - len(found))
            if len(found) >= limit:
                break
            offset = 0
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
                return passed + self.count([*stretch.clauses, stretch.compared(row, later=False)])
            passed += self.count(stretch.clauses)
        raise AssertionError("a case lies in one of the stretches")

    def count(self, bounds: Sequence[ColumnElement[bool]] = ()) -> int:
        """How many cases there are within `bounds`."""
        if not self._conditions and not bounds:
            return self._seen.seen
        if self._seen.is_all:
            query = select(func.count()).select_from(CASE).where(*self._clauses, *bounds)
        else:
            query = select(func.count()).select_from(self._every([], bounds))
        return self._connection.scalar(query) or 0

    def _length(self, stretch: Stretch) -> int:
        """How many cases of the queue a stretch holds; the indexes by moments know those that have one."""
        if stretch.is_empty and self._total is not None:
            return self._total - sum(self.count(other.clauses) for other in self._stretches if other is not stretch)
        return self.count(stretch.clauses)

    def _ids(self, stretch: Stretch, offset: int, limit: int, further: Sequence[ColumnElement[bool]] = ()) -> list[int]:
        """Cases of one stretch."""
        if self._is_history and self._is_led(stretch, offset):
            return self._lead(stretch, offset, limit, further)
        if self._is_walked(stretch, offset):
            found = self._walk(stretch, limit, further)
            if len(found) >= limit:
                return found
        return self._gather([stretch], offset, limit, further)

    def _is_led(self, stretch: Stretch, offset: int) -> bool:
        """Whether the index in the order of the stretch leads to the cases, of the whole history."""
        is_carried = all(condition.column in stretch.carried for condition in self._conditions)
        is_far = bool(offset) and (self._total is None or self._total > GATHERED)
        if self._total is not None and self._total <= RARE:
            return False
        return (is_carried or is_far) if self._seen.is_all else (is_carried and is_far)

    def _lead(self, stretch: Stretch, offset: int, limit: int, further: Sequence[ColumnElement[bool]]) -> list[int]:
        query = select(CASE.c.id).where(*self._clauses, *stretch.clauses, *further).order_by(*stretch.order(CASE))
        return list(self._connection.scalars(query.offset(offset or None).limit(limit)))

    def _is_walked(self, stretch: Stretch, offset: int) -> bool:
        if not self._is_history or offset:
            return False
        return self._seen.is_all or (self._seen.seen > WALKED and (stretch.is_by_time or bool(self._words)))

    def _walk(self, stretch: Stretch, limit: int, further: Sequence[ColumnElement[bool]] = ()) -> list[int]:
        """The matching ones among those that are seen of the first `WALKED` cases of a stretch."""
        reach = WALKED * self._seen.seen // self._seen.total
        guides = [*self._guides(stretch), *stretch.clauses, *further]
        if self._seen.is_all and not stretch.is_empty:
            near = select(*CASE.c).where(*guides).order_by(*stretch.order(CASE)).limit(reach).subquery("near")
            clauses = [condition.clause for condition in self._wanted.conditions(self._now, near)]
            walk = select(near.c.id).where(*clauses)
        else:
            # What they are passed over for is in the index: of those in reach alone the rows are read.
            keys = [CASE.c[key] for key in (*stretch.keys, *(() if "id" in stretch.keys else ("id",)))]
            near = select(*keys).where(*guides).order_by(*stretch.order(CASE)).limit(reach).subquery("near")
            walk = select(near.c.id).join(CASE, CASE.c.id == near.c.id).where(*self._clauses, *self._words)
        return list(self._connection.scalars(walk.order_by(*stretch.order(near)).limit(limit)))

    def _guides(self, stretch: Stretch) -> list[ColumnElement[bool]]:
        """The conditions that an index in the order of the stretch can follow, so that walking cannot be in vain."""
        first = stretch.keys[0]
        guides = [condition.clause for condition in self._conditions if condition.column == first]
        if first == CaseColumn.REPORTED:
            # There is an index by each of the columns of few values and then by time: one of them may lead.
            if self._seen.is_all and not stretch.is_empty:
                guides += [condition.clause for condition in self._conditions if condition.is_single][:1]
            elif len(self._seen.parts) == 1:
                guides += self._seen.parts
        return guides

    def _gather(
        self,
        parts: Sequence[Stretch],
        offset: int,
        limit: int,
        further: Sequence[ColumnElement[bool]] = (),
    ) -> list[int]:
        """A page out of all cases of one stretch, or of all stretches that there are."""
        keys = max((stretch.keys for stretch in parts), key=len)
        bounds = [*parts[0].clauses, *further] if len(parts) == 1 else further
        every = self._every([key for key in keys if key != "id"], bounds)
        order = parts[0].order(every)
        if len(parts) > 1:
            valued = next(stretch for stretch in parts if not stretch.is_empty)
            order = valued.order(every)
            order[0] = order[0].nulls_first() if parts[0].is_empty else order[0].nulls_last()
        if not offset:
            return list(self._connection.scalars(select(every.c.id).order_by(*order).limit(limit)))
        # Numbered, not skipped: keeping the first half of many in order costs more than sorting all of them.
        jump = select(every.c.id, func.row_number().over(order_by=order).label("number")).subquery("jump")
        here = jump.c.number.between(offset + 1, offset + limit)
        return list(self._connection.scalars(select(jump.c.id).where(here).order_by(jump.c.number)))

    def _every(self, keys: Sequence[str], bounds: Sequence[ColumnElement[bool]]) -> FromClause:
        """All cases within `bounds`, with what orders them."""
        columns = [CASE.c.id, *(CASE.c[key] for key in keys)]
        # An offset, though of nothing, is a wall for the planner: it must not see the order while it gathers.
        return _union([query.where(*bounds).offset(0) for query in self._all_of(columns)]).subquery("every")

    def _all_of(self, columns: Sequence[ColumnElement[Any]]) -> list[Select[Any]]:
        """Queries that together give the matching cases, each once."""
        if self._words and self._few is not None:
            return [select(*columns).where(is_one_of(self._few), *self._words)]
        words = self._words
        if words and self._wanted.words():
            found = select(func.city.own_cases_with(literal(self._wanted.words(), ARRAY(Text))))
            # Not joined, which might look them up anew for each case, but asked of all of them (a hashed subplan).
            words = [CASE.c.id.in_(found).is_(true()), *self._wanted.single_characters()]
        return [select(*columns).where(part, *self._clauses, *words) for part in self._seen.parts]

    @cached_property
    def _few(self) -> list[int] | None:
        """The cases that match but for words, when they are few enough for their texts to be read."""
        some = _union([select(CASE.c.id).where(part, *self._clauses) for part in self._seen.parts]).limit(READ + 1)
        found = list(self._connection.scalars(some))
        return found if len(found) <= READ else None


def _union(queries: list[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    return union_all(*queries) if len(queries) > 1 else queries[0]
