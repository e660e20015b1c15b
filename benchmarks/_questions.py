"""Random questions to the case queue: filters, orders and depths, so that the worst is met, not the usual."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from math import cos, sin, tau
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.cases import CaseColumn, CaseFilter, CaseSort, Period, TimeColumn, count, page, presets_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection


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
    """Random questions, whose values are drawn from the city itself, as far as whoever asks sees it.

    Args:
        connection: to the city.
        role: of whoever asks.
        seed: the same questions for the same seed.
    """

    def __init__(self, connection: Connection, role: str, seed: int = 1) -> None:
        self._connection = connection
        self._random = random.Random(seed)
        self._role = role
        cases = connection.execute(
            text(
                "SELECT id, case_no, unit_grid, component_code, address, description"
                " FROM city.case_file TABLESAMPLE BERNOULLI (1) REPEATABLE (1) LIMIT 2000"
            )
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

    def question(self, *, deep: bool = False, words: bool = False, area: bool = False) -> Question:
        """Up to four filters, any order.

        Args:
            deep: anywhere in the queue.
            words: with words of two characters and more.
            area: in a polygon.
        """
        wanted = CaseFilter(role=self._role)
        for part in self._random.sample(self._parts(), k=self._random.choice((0, 1, 1, 2, 2, 3, 4))):
            wanted = part(wanted)
        if words:
            wanted = replace(wanted, text=" ".join(self._word() for _ in range(self._random.choice((1, 1, 2)))))
        if area:
            wanted = self._polygon(wanted)
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
        return replace(wanted, preset=self._random.choice(presets_of(self._role)))

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
        half, corners = self._random.choice((50, 200, 500, 1500, 3000)), self._random.choice((3, 4, 5, 8, 12))
        turns = sorted(self._random.random() for _ in range(corners))
        reach = [half * self._random.uniform(0.6, 1.4) for _ in range(corners)]
        return replace(
            wanted,
            polygon=tuple(
                (x + r * cos(turn * tau), y + r * sin(turn * tau)) for r, turn in zip(reach, turns, strict=True)
            ),
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
        return written[begin : begin + self._random.choice((2, 2, 3, 4))]
