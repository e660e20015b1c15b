"""Indicators over the whole history, one sample a question, asked several times."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from benchmarks import Row
from benchmarks._city import city
from console.models import statistics
from console.models.statistics import Dimension, Part, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FLOOR_MS, AIM_MS = 200, 20
REPETITIONS = 15


def rows() -> Iterator[Row]:
    """Every indicator by every period and every dimension against the budget of the design."""
    with city().connect() as connection:
        bounds = text("SELECT min(day), max(day) FROM city.case_count WHERE dimension = 'all'")
        first, last = connection.execute(bounds).one()
        questions: dict[str, list[Callable[[], object]]] = {
            "of the whole history": [lambda: statistics.total(connection)],
            "by day, week and month": [partial(statistics.by_period, connection, first, last, step) for step in Step],
            "by zone, department, class, source, mode and hour": [
                partial(statistics.by, connection, dimension) for dimension in Dimension
            ],
            "of one zone by month": [
                lambda: statistics.by_period(connection, first, last, Step.MONTH, dimension=Dimension.ZONE, key=1)
            ],
            "of today, with a usual day": [lambda: statistics.today(connection, last)],
            "of today, one department": [
                lambda: statistics.today(connection, last, part=Part(Dimension.DEPARTMENT, 1))
            ],
            "cases an hour, today and usually": [lambda: statistics.hours(connection, last)],
            "cases an hour, one zone": [lambda: statistics.hours(connection, last, part=Part(Dimension.ZONE, 1))],
        }
        for name, asked in questions.items():
            samples = [_ms(question) for question in asked for _ in range(REPETITIONS)]
            yield Row(f"indicators {name}", FLOOR_MS, AIM_MS, "ms", tuple(samples))


def _ms(question: Callable[[], object]) -> float:
    began = perf_counter()
    question()
    return (perf_counter() - began) * 1e3
