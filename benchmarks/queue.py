"""The case queue over the whole history, asked by each role with its own login, under row-level security.

``python -m benchmarks.queue [N]`` prints the slowest of N random questions of each role with what was asked.
"""

from __future__ import annotations

import sys
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from benchmarks import Row
from benchmarks._city import city
from benchmarks._questions import Question, Workload
from console.database.connection import connect
from console.models.cases import CaseColumn, CaseFilter, CaseSort, Preset, count, page, preset_counts, presets_of
from console.models.demonstration import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

REPETITIONS, QUESTIONS, WARMING = 10, 60, 20
FLOOR_MS, AIM_MS = 100, 20
TEXT_FLOOR_MS, TEXT_AIM_MS = 200, 50
KINDS: dict[str, tuple[dict[str, bool], float, float]] = {
    "first page, any filter, any order": ({}, FLOOR_MS, AIM_MS),
    "page at any depth, any filter, any order": ({"deep": True}, FLOOR_MS, AIM_MS),
    "first page in a drawn area, any filter": ({"area": True}, FLOOR_MS, AIM_MS),
    "words of two characters and more": ({"words": True}, TEXT_FLOOR_MS, TEXT_AIM_MS),
}


def desks() -> dict[str, Engine]:
    """For each role that sees cases the login that sees most of them, as programs connect."""
    with city().connect() as owner:
        logins = owner.execute(
            text("""
                SELECT DISTINCT ON (s.role) s.role::text AS role, s.login FROM city.staff AS s
                LEFT JOIN city.team AS t ON t.id = s.team_id
                LEFT JOIN (SELECT responsible_id, count(*) AS cases FROM city.case_file GROUP BY 1) AS own
                    ON own.responsible_id = s.department_id
                LEFT JOIN (SELECT zone_id, count(*) AS cases FROM city.case_file GROUP BY 1) AS near
                    ON near.zone_id = t.zone_id
                WHERE s.active AND s.login IS NOT NULL AND s.role <> 'gateway'
                ORDER BY s.role, own.cases DESC NULLS LAST, near.cases DESC NULLS LAST, s.id
            """)
        ).all()
    url = city().url
    return {
        role: connect(url.set(username=login, password=DEMONSTRATION_PASSWORD).render_as_string(hide_password=False))
        for role, login in logins
    }


def rows() -> Iterator[Row]:
    """Each queue, and any question, of each role against the budget of the design."""
    engines = desks()
    try:
        with_presets = [(role, engine, preset) for role, engine in engines.items() for preset in presets_of(role)]
        for preset in Preset:
            asked = [(role, engine) for role, engine, one in with_presets if one is preset]
            samples = [ms for role, engine in asked for ms in _preset(engine, role, preset)]
            yield Row(f"queue {preset.value}: first page and number", FLOOR_MS, AIM_MS, "ms", tuple(samples))
        for role, engine in engines.items():
            yield from _of_role(role, engine)
    finally:
        for engine in engines.values():
            engine.dispose()


def _preset(engine: Engine, role: str, preset: Preset) -> Iterator[float]:
    """As the window opens it: the usual order, the number of cases and the first page."""
    wanted = CaseFilter(preset=preset, role=role)
    sort = CaseSort() if preset is Preset.ALL else CaseSort(CaseColumn.DUE, descending=False)
    with engine.connect() as connection:

        def ask() -> None:
            page(connection, wanted, sort, total=count(connection, wanted))

        yield from _times(ask)


def _of_role(role: str, engine: Engine) -> Iterator[Row]:
    with engine.connect() as connection:
        work = Workload(connection, role)
        counts = tuple(_times(partial(preset_counts, connection, role)))
        yield Row(f"{role}: counts of all queues", FLOOR_MS, AIM_MS, "ms", counts)
        for _ in range(WARMING):  # what a desk has open all day is in memory
            work.question().ask(connection)
        for kind, (options, floor, aim) in KINDS.items():
            samples = [work.question(**options).ask(connection) for _ in range(QUESTIONS)]
            yield Row(f"{role}: {kind}", floor, aim, "ms", tuple(samples))
        yield Row(f"{role}: next page while scrolling", FLOOR_MS, AIM_MS, "ms", tuple(_next_pages(connection, work)))


def _times(ask: Callable[[], object]) -> Iterator[float]:
    """Milliseconds of some repetitions; the first one reads what is not yet in memory, and is left out."""
    ask()
    for _ in range(REPETITIONS):
        began = perf_counter()
        ask()
        yield (perf_counter() - began) * 1e3


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
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for role, engine in desks().items():
        with engine.connect() as connection:
            work = Workload(connection, role, seed=2)
            for kind, (options, _, _) in KINDS.items():
                asked = [work.question(**options) for _ in range(questions)]
                timed = sorted(((question.ask(connection), question) for question in asked), key=lambda pair: -pair[0])
                print(f"{role}: {kind}")
                for ms, question in timed[:8]:
                    print(f"{ms:8.1f} ms  {_told(question)}")
        engine.dispose()


def _told(question: Question) -> str:
    given = {k: v for k, v in vars(question.wanted).items() if v not in (frozenset(), "", (), {}, None)}
    return f"{question.sort}  offset {question.offset} of {question.total}  {given}"


if __name__ == "__main__":
    main()
