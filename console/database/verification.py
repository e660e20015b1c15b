"""Proof that a database holds what it promises: one SQL file a fact, one figure with its bounds a line.

The facts lie in ``console/database/checks``. The first line of a file says the fact, the second its scope: ``any``
database, a ``demonstration`` city of any size, or only the ``full`` one; what kind of city it is stands in the setting
``demonstration``. The query gives rows of (figure, value, least, most, unit, example): a value outside its bounds is a
breach, bounds that are NULL do not bind, a figure without any bound is for information.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

CHECKS = Path(__file__).parent / "checks"
SCOPES = ("any", "demonstration", "full")
_SCOPE_MARK = "-- scope: "


@dataclass(frozen=True)
class Check:
    """One fact: the name of its file, what it says, where it holds, and the query that proves it."""

    name: str
    fact: str
    scope: str
    query: str


@dataclass(frozen=True)
class Finding:
    """One figure of one fact.

    Attributes:
        check: name of the fact's file, without ending.
        fact: the fact in words.
        figure: what was measured or counted.
        value: in `unit`; None when there was nothing to measure.
        low: least value allowed; None when there is none.
        high: greatest value allowed; None when there is none.
        unit: of the three; empty for a count.
        example: one row that breaks the fact, or what the figure is made of.
        seconds: how long the query of the fact took.
    """

    check: str
    fact: str
    figure: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    example: str | None
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the figure lies within its bounds."""
        if self.low is None and self.high is None:
            return True
        return self.value is not None and (
            (self.low is None or self.value >= self.low) and (self.high is None or self.value <= self.high)
        )

    def line(self) -> str:
        """The figure with its bounds and the verdict, for a terminal."""
        bounds = f"[{_number(self.low, '-∞')} … {_number(self.high, '∞')}]"
        if self.low is None and self.high is None:
            bounds = ""
        elif self.low == self.high:
            bounds = f"[= {_number(self.low, '')}]"
        verdict = "ok" if self.holds else "BREACH"
        measured = f"{_number(self.value, 'nothing')} {self.unit}".rstrip()
        line = f"{verdict:<7}{self.figure:<56}{measured:>16}  {bounds}"
        if not self.holds:
            line += f"  {self.check}: {self.fact}" + (f" For example {self.example}." if self.example else "")
        return line.rstrip()


@cache
def checks() -> tuple[Check, ...]:
    """Every fact, in the order of their files."""
    return tuple(_read(path) for path in sorted(CHECKS.glob("*.sql")))


def verify(connection: Connection) -> list[Finding]:
    """Prove every fact that applies to this database; nothing is changed.

    All facts are proven on one snapshot, so that a city that lives on meanwhile does not break them.

    Raises:
        ConsoleError: the database is away or our role may not read something.
    """
    return list(findings(connection))


def findings(connection: Connection) -> Iterator[Finding]:
    """As `verify`, one finding at a time, for whoever shows progress."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    connection.execute(text("SELECT set_config('statement_timeout', '0', true), set_config('work_mem', '128MB', true)"))
    scopes = _scopes(connection)
    for check in checks():
        if check.scope not in scopes:
            continue
        begin = time.perf_counter()
        rows = connection.exec_driver_sql(check.query, execution_options={"no_parameters": True}).all()
        seconds = time.perf_counter() - begin
        for figure, value, low, high, unit, example in rows:
            yield Finding(
                check.name, check.fact, figure, _float(value), _float(low), _float(high), unit, example, seconds
            )


def summary(found: Sequence[Finding]) -> str:
    """One line: how many figures hold and how long it took."""
    broken = [f for f in found if not f.holds]
    seconds = sum({f.check: f.seconds for f in found}.values())
    verdict = f"{len(broken)} BREACHES" if broken else "every figure holds"
    return f"{len(found)} figures of {len({f.check for f in found})} facts in {seconds:.1f} s: {verdict}."


def _scopes(connection: Connection) -> set[str]:
    city = connection.execute(
        text(
            "SELECT value ->> 'scale' FROM city.setting WHERE name = 'demonstration' AND value ->> 'state' = 'complete'"
        )
    ).scalar()
    return {"any"} | ({"demonstration"} if city else set()) | ({"full"} if city == "full" else set())


def _read(path: Path) -> Check:
    fact, scope, query = path.read_text(encoding="utf-8").split("\n", 2)
    check = Check(path.stem, fact.removeprefix("-- "), scope.removeprefix(_SCOPE_MARK), query)
    if check.scope not in SCOPES:
        raise ValueError(f"{path.name}: the second line must be “{_SCOPE_MARK}” and one of {', '.join(SCOPES)}")
    return check


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))


def _number(value: float | None, nothing: str) -> str:
    return nothing if value is None else f"{value:,.2f}".removesuffix(".00")
