"""Gateways: which live, what waits in them, and what they have met that should not be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from console.errors import QT_TRANSLATE_NOOP
from console.models.gateways import GatewayRow, gateway_rows
from console.widgets.intake.page import IntakePage
from console.widgets.intake.words import CLOCK_OFF_S, counter_group, counter_words, is_wrong
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, label, line, margins, scrolled
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

ROWS_PX = 132
WAITING_ROWS = 40_000
"""Rows beyond which a gateway reads no further (page on the gateway)."""


@dataclass(frozen=True)
class CounterRow:
    """One counter: how often since the gateway was started, and how often a minute by its last two reports."""

    name: str
    total: int
    per_minute: float | None

    @property
    def is_wrong(self) -> bool:
        """Whether it tells of something that should not happen."""
        return is_wrong(self.name, self.total)


class GatewaysPage(IntakePage):
    """Gateways, and the counters of the one that is marked: what is wrong first."""

    key: ClassVar[str] = "gateways"
    title: ClassVar[str] = QT_TRANSLATE_NOOP("words", "Gateways")
    about: ClassVar[str] = QT_TRANSLATE_NOOP(
        "words", "What comes in from the field, and what has gone wrong since each gateway was started."
    )
    subjects: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._before: dict[str, tuple[datetime, dict[str, int]]] = {}
        self._rates: dict[str, dict[str, float]] = {}
        self.facts = Facts(118)
        self.panel = self._make_panel()

    def content(self) -> QWidget:
        """Gateways above, the counters of the marked one below."""
        counters: list[Column[CounterRow]] = [
            Column(self.tr("What"), _name, colour=_colour, rank=_rank),
            Column(self.tr("Protocol"), lambda c: counter_group(c.name), colour=lambda _c: "secondary", width_px=120),
            Column(self.tr("In a minute"), self._rate, lambda c: c.per_minute, colour=_fresh_colour, width_px=110),
            Column(self.tr("Since the start"), lambda c: f"{c.total:,}", lambda c: c.total, colour=_colour,
                   width_px=130),
        ]  # fmt: skip
        self.counters: RecordModel[CounterRow] = RecordModel(counters, lambda c: c.name, self)
        self.counter_table = RecordTable(self.counters)
        self.counter_table.setAccessibleName(self.tr("Counters of the gateway"))
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.table)
        split.addWidget(self.counter_table)
        split.setStretchFactor(1, 1)
        split.setSizes([ROWS_PX, 3 * ROWS_PX])
        split.setChildrenCollapsible(False)
        self.table.setMinimumHeight(80)
        return split

    @property
    def searched(self) -> RecordTable:
        """Of the two tables the one that is long."""
        return self.counter_table

    def _make_panel(self) -> QWidget:
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 10)
        box.addWidget(self.facts)
        box.addWidget(line())
        self.advice = label("", "", wraps=True)
        box.addWidget(self.advice)
        box.addStretch(1)
        made = QWidget()
        outer = QVBoxLayout(made)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(scrolled(inside, sideways=True))
        return made

    def columns(self) -> list[Column[GatewayRow]]:
        """What each gateway says of itself."""
        return [
            Column(self.tr("Gateway"), lambda g: g.name),
            Column(self.tr("State"), self._state, colour=_gateway_colour, width_px=150),
            Column(self.tr("Terminals"), lambda g: figures.count(g.terminals), lambda g: g.terminals, width_px=96),
            Column(self.tr("Lines"), lambda g: figures.count(g.connections), lambda g: g.connections, width_px=84,
                   spare=2),
            Column(self.tr("Waiting rows"), lambda g: figures.count(g.waiting_rows), lambda g: g.waiting_rows,
                   colour=lambda g: "high_text" if g.waiting_rows > WAITING_ROWS / 2 else "", width_px=110),
            Column(self.tr("On its disk"), lambda g: _size(g.spooled_bytes), lambda g: g.spooled_bytes,
                   colour=lambda g: "high_text" if g.spooled_bytes else "", width_px=110),
            Column(self.tr("Wrong"), lambda g: str(_wrong(g)), _wrong, width_px=80,
                   colour=lambda g: "medium_text" if _wrong(g) else ""),
            Column(self.tr("Started"), lambda g: figures.moment(g.started_at), colour=lambda _g: "secondary",
                   width_px=140, spare=1),
        ]  # fmt: skip

    def key_of(self, record: GatewayRow) -> str:
        """Its name."""
        return record.name

    def read(self, connection: Connection) -> list[GatewayRow]:
        """All gateways."""
        return gateway_rows(connection)

    def show_answer(self, answer: list[GatewayRow]) -> tuple[Sequence[GatewayRow], int]:
        """Note how fast counters count; a gateway that is marked stays so, else the first is."""
        for one in answer:
            before = self._before.get(one.name)
            if before is None or one.at < before[0] or one.started_at > before[0]:
                self._rates[one.name] = {}
            elif one.at > before[0]:
                minutes = (one.at - before[0]).total_seconds() / 60
                since = before[1]
                self._rates[one.name] = {n: (v - since.get(n, 0)) / minutes for n, v in one.counters.items()}
            self._before[one.name] = (one.at, one.counters)
        return answer, sum(not one.lives for one in answer)

    def show_record(self, record: GatewayRow | None) -> None:
        """Its counters, what is wrong first; and what that means."""
        if record is None and self.model.rowCount():
            record = self.model.record(0)
            self.table.mark(record.name)
        if record is None:
            self.counters.show([])
            return
        rates = self._rates.get(record.name, {})
        rows = [CounterRow(n, v, rates.get(n)) for n, v in record.counters.items() if v or n == "clock_off_s"]
        self.counters.show(rows)
        off = record.counters.get("clock_off_s", 0)
        self.facts.show_facts(
            [
                (self.tr("Gateway"), record.name, ""),
                (self.tr("State"), self._state(record), "" if record.lives else "critical"),
                (self.tr("Started"), figures.moment(record.started_at), ""),
                (self.tr("Terminals"), figures.count(record.terminals), ""),
                (self.tr("Lines"), figures.count(record.connections), ""),
                (self.tr("Waiting rows"), figures.count(record.waiting_rows), ""),
                (self.tr("On its disk"), _size(record.spooled_bytes), "high" if record.spooled_bytes else ""),
                (self.tr("Clock"), self._clock(off), "high" if abs(off) > CLOCK_OFF_S else ""),
            ]
        )
        self.advice.setText(self._advice(record))

    def waiting_words(self, count: int) -> str:
        """Of those that do not live."""
        return self.tr("{n} silent").format(n=count)

    def title_of(self, record: GatewayRow) -> tuple[str, str]:
        """Its name."""
        return record.name, ""

    def empty_words(self) -> str:
        """No gateway has ever told anything."""
        return self.tr("No gateway has reported yet: start one (python -m console.gateway).")

    def _state(self, gateway: GatewayRow) -> str:
        age = figures.age(self.desk.now() - gateway.at)
        if gateway.lives:
            return self.tr("runs, heard {age} ago").format(age=age)
        return f"{SYMBOL['critical']} " + self.tr("silent for {age}").format(age=age)

    def _clock(self, off_s: int) -> str:
        if abs(off_s) <= CLOCK_OFF_S:
            return self.tr("agrees with the database")
        return self.tr("{s} s off: it goes by the database's").format(s=off_s)

    def _advice(self, gateway: GatewayRow) -> str:
        """What to look at first."""
        counters = gateway.counters
        said = []
        if not gateway.lives:
            said.append(self.tr("It has stopped, or cannot reach the database: look at its service and its log."))
        if gateway.spooled_bytes:
            said.append(self.tr("Messages wait on its disk: the database was away, or is slow."))
        if counters.get("spool_full"):
            said.append(self.tr("Its disk was full: devices keep what they have until there is room."))
        if counters.get("register_no_such_terminal") or counters.get("authentication_failed"):
            said.append(self.tr("Terminals were refused: look at “GPS terminals”."))
        if (
            counters.get("sl651_closed_unknown")
            or counters.get("mqtt_unknown")
            or counters.get("http_refused_messages")
        ):
            said.append(self.tr("Devices of no sensor have called: look at “Sensors and stations”."))
        if any(name.startswith("flaw_") for name in counters):
            said.append(self.tr("Faulty frames came in: “GPS terminals” says whose, as far as the sender is known."))
        return "\n\n".join(said) or self.tr("Nothing is wrong with it.")

    def _rate(self, counter: CounterRow) -> str:
        if counter.per_minute is None or counter.name == "clock_off_s":
            return figures.NONE
        return figures.number(counter.per_minute, 0 if counter.per_minute >= 10 or not counter.per_minute else 1)


def _name(counter: CounterRow) -> str:
    words = counter_words(counter.name)
    return f"{SYMBOL['medium']} {words}" if counter.is_wrong else words


def _rank(counter: CounterRow) -> tuple[bool, str, str]:
    """What is wrong first."""
    return not counter.is_wrong, counter_group(counter.name), counter_words(counter.name)


def _colour(counter: CounterRow) -> str:
    return "medium_text" if counter.is_wrong else ""


def _fresh_colour(counter: CounterRow) -> str:
    return "medium_text" if counter.is_wrong and counter.per_minute else "secondary"


def _gateway_colour(gateway: GatewayRow) -> str:
    return "" if gateway.lives else "critical_text"


def _wrong(gateway: GatewayRow) -> int:
    return sum(is_wrong(name, value) for name, value in gateway.counters.items())


def _size(count: int) -> str:
    return figures.NONE if not count else f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
