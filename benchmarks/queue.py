"""The case queue over the whole history: random filters, orders and depths, so that the worst is met, not the usual.

``python -m benchmarks.queue [N]`` prints the slowest of N random questions with what was asked.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from benchmarks import Row
from benchmarks._city import city
from console.models.cases import CaseColumn, CaseFilter, CaseSort, Period, Preset, TimeColumn, count, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

QUESTIONS = 200
FLOOR_MS, AIM_MS = 100, 20
TEXT_FLOOR_MS, TEXT_AIM_MS = 200, 50


@dataclass(frozen=True)
class Question:
    """One page that somebody may ask for."""

    wanted: CaseFilter
    sort: CaseSort
    offset: int = 0
    total: int | None = None

    def ask(self, connection: Connection) -> float:
        """Milliseconds until the page is there."""
        began = perf_counter()
        page(connection, self.wanted, self.sort, offset=self.offset, total=self.total)
        return (perf_counter() - began) * 1e3


class Workload:
    """Random questions, whose values are drawn from the city itself.

    Args:
        connection: to the city.
        seed: the same questions for the same seed.
    """

    def __init__(self, connection: Connection, seed: int = 1) -> None:
        self._connection = connection
        self._random = random.Random(seed)
        cases = connection.execute(
            text("SELECT * FROM city.case_file TABLESAMPLE BERNOULLI (0.2) REPEATABLE (1)")
        ).mappings()
        self._cases = list(cases)
        bounds = connection.execute(text("SELECT min(reported_at), max(reported_at) FROM city.case_file")).one()
        self._first, self._last = bounds
        self._codes: dict[str, list[str]] = {
            field: list(connection.scalars(text(query)))
            for field, query in {
                "states": "SELECT unnest(enum_range(NULL::city.case_state))::text",
                "modes": "SELECT unnest(enum_range(NULL::city.case_mode))::text",
                "sources": "SELECT unnest(enum_range(NULL::city.case_source))::text",
                "kinds": "SELECT unnest(enum_range(NULL::city.case_kind))::text",
                "levels": "SELECT unnest(enum_range(NULL::city.case_level))::text",
                "class_ids": "SELECT id FROM city.case_class",
                "categories": "SELECT DISTINCT category FROM city.case_class",
                "zone_ids": "SELECT id FROM city.zone",
                "department_ids": "SELECT id FROM city.department",
                "street_ids": "SELECT id FROM city.street",
            }.items()
        }

    def question(self, *, deep: bool = False, words: bool = False) -> Question:
        """Up to four filters, any order; `deep` anywhere in the queue, `words` with words of two characters."""
        wanted = CaseFilter()
        for part in self._random.sample(self._parts(), k=self._random.choice((0, 1, 1, 2, 2, 3, 4))):
            wanted = part(wanted)
        if words:
            wanted = replace(wanted, text=" ".join(self._word() for _ in range(self._random.choice((1, 1, 2)))))
        sort = CaseSort(self._random.choice(list(CaseColumn)), self._random.random() < 0.5)
        question = Question(wanted, sort)
        if not deep:
            return question
        total = count(self._connection, wanted)
        return replace(question, offset=self._random.randrange(max(total, 1)), total=total)

    def _parts(self) -> list[Callable[[CaseFilter], CaseFilter]]:
        return [
            *(self._code(field) for field in self._codes),
            self._one_preset,
            self._area,
            self._mark,
            self._period,
            self._period,
            self._polygon,
            self._component,
            self._number,
        ]

    def _code(self, field: str) -> Callable[[CaseFilter], CaseFilter]:
        def narrow(wanted: CaseFilter) -> CaseFilter:
            several = self._random.choice((1, 1, 1, 2, 5))
            values = frozenset(self._random.choice(self._codes[field]) for _ in range(several))
            return replace(wanted, **{field: values})  # type: ignore[arg-type]  # every field takes a frozenset

        return narrow

    def _one_preset(self, wanted: CaseFilter) -> CaseFilter:
        return replace(wanted, preset=self._random.choice(list(Preset)))

    def _area(self, wanted: CaseFilter) -> CaseFilter:
        return replace(wanted, area=self._random.choice(self._cases)["unit_grid"][: self._random.choice((9, 12, 15))])

    def _mark(self, wanted: CaseFilter) -> CaseFilter:
        return replace(wanted, **{self._random.choice(("overdue", "supervised")): self._random.random() < 0.5})  # type: ignore[arg-type]

    def _period(self, wanted: CaseFilter) -> CaseFilter:
        column = self._random.choice(list(TimeColumn))
        start = self._moment()
        length = timedelta(days=self._random.choice((1, 7, 30, 90, 365)))
        period = self._random.choice((Period(start, start + length), Period(start), Period(None, start)))
        return replace(wanted, periods={**wanted.periods, column: period})

    def _moment(self) -> datetime:
        moment: datetime = self._first + self._random.random() * (self._last - self._first)
        return moment

    def _polygon(self, wanted: CaseFilter) -> CaseFilter:
        x, y = self._connection.execute(
            text("SELECT public.ST_X(geom), public.ST_Y(geom) FROM city.case_file WHERE id = :id"),
            {"id": self._random.choice(self._cases)["id"]},
        ).one()
        half = self._random.choice((50, 200, 500, 1500, 3000))
        return replace(
            wanted,
            polygon=((x - half, y - half), (x + half, y - half / 2), (x + half / 2, y + half), (x - half, y + half)),
        )

    def _component(self, wanted: CaseFilter) -> CaseFilter:
        return replace(wanted, component=self._random.choice(self._cases)["component_code"] or "")

    def _number(self, wanted: CaseFilter) -> CaseFilter:
        return replace(
            wanted, number=self._random.choice(self._cases)["case_no"][: self._random.choice((6, 8, 10, 12))]
        )

    def _word(self) -> str:
        case = self._random.choice(self._cases)
        written = "".join(c for c in f"{case['address'] or ''}{case['description']}" if c.isalpha())
        if len(written) < 2:
            return "垃圾"
        begin = self._random.randrange(len(written) - 1)
        return written[begin : begin + 2]


def rows() -> Iterator[Row]:
    """Pages of the queue against the budget of the design."""
    with city().connect() as connection:
        work = Workload(connection)
        for _ in range(30):  # what a desk has open all day is in memory
            work.question().ask(connection)
        first = [work.question().ask(connection) for _ in range(QUESTIONS)]
        yield Row("queue: first page, any filter, any order", FLOOR_MS, AIM_MS, "ms", tuple(first))
        deep = [work.question(deep=True).ask(connection) for _ in range(QUESTIONS)]
        yield Row("queue: page at any depth, any filter, any order", FLOOR_MS, AIM_MS, "ms", tuple(deep))
        yield Row("queue: next page while scrolling", FLOOR_MS, AIM_MS, "ms", tuple(_next_pages(connection, work)))
        words = [work.question(words=True).ask(connection) for _ in range(QUESTIONS)]
        yield Row("queue: words of two characters, any filter", TEXT_FLOOR_MS, TEXT_AIM_MS, "ms", tuple(words))


def _next_pages(connection: Connection, work: Workload) -> Iterator[float]:
    for _ in range(QUESTIONS):
        question = work.question(deep=True)
        shown = page(connection, question.wanted, question.sort, offset=question.offset, total=question.total, limit=1)
        if shown:
            began = perf_counter()
            page(connection, question.wanted, question.sort, after=shown[0])
            yield (perf_counter() - began) * 1e3


def main() -> None:
    """Print the slowest of many random questions."""
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with city().connect() as connection:
        work = Workload(connection, seed=2)
        for kind in ({}, {"deep": True}, {"words": True}):
            asked = [work.question(**kind) for _ in range(questions)]
            timed = sorted(((question.ask(connection), question) for question in asked), key=lambda pair: -pair[0])
            print(kind or {"first": True})
            for ms, question in timed[:12]:
                given = {k: v for k, v in vars(question.wanted).items() if v not in (frozenset(), "", (), {}, None)}
                print(f"{ms:8.1f} ms  {question.sort}  offset {question.offset} of {question.total}  {given}")


if __name__ == "__main__":
    main()
