"""A hydrological station of SL 651-2014 with one sensor: reports, and says again what nobody has confirmed."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.gateway.sl651.framing import Control, Frame, Function, build, cut_answers
from console.gateway.sl651.report import StationReport, build_report
from console.simulation.field.dialling import ANSWER_S, MOST_KEPT, Dialler

if TYPE_CHECKING:
    from console.models.field_intake import SensorSource
    from console.simulation.field.dialling import Reach

CENTRE = 1
STATION_CLASS = 0x48  # of a river station: it reports a level
HEARTBEAT_S = 120.0
MOST_REFUSALS = 5
"""A report that the centre refuses so often is given up."""
ELEMENTS = {"22": (3, 1)} | dict.fromkeys(("39", "3C", "3D", "3E", "3F", "40", "41", "42", "43"), (4, 3))
"""Elements of one value that a station can report, rain of five minutes and levels: bytes in BCD, and decimals."""


@dataclass(slots=True)
class _Report:
    """One observation: when, to the minute, and how much in the element's unit."""

    at: datetime
    value: float
    refusals: int = 0


class Station(Dialler):
    """One station. It says one report at a time and waits for the answer, as the standard has it.

    Args:
        source: which element of which station is the sensor's; one of `ELEMENTS`.
        reach: as of `Dialler`.
    """

    def __init__(self, source: SensorSource, reach: Reach) -> None:
        super().__init__(reach)
        self._source = source
        self._unsent: deque[_Report] = deque()
        self._is_asking = False
        self._asked_at = 0.0
        self._serial = 0
        self._rest = b""

    @property
    def waiting(self) -> int:
        """Reports that nobody has confirmed."""
        return len(self._unsent)

    def measure(self, at: datetime, value: float) -> None:
        """Report a reading in the sensor's unit; the protocol knows no seconds, and a minute has one observation."""
        at = at.replace(second=0, microsecond=0)
        if self._unsent and self._unsent[-1].at == at:
            self.tally.refused += 1
            return
        self._unsent.append(_Report(at, max((value - self._source.shift) / self._source.factor, 0.0)))
        if len(self._unsent) > MOST_KEPT:
            self._unsent.popleft()
            self.tally.lost += 1
        self._ask()

    def look_after(self, now: float) -> None:
        """Say that it lives when it has said nothing for long; give up a line on which nothing is answered."""
        if self._transport is None:
            return
        if self._is_asking and now - self._asked_at > ANSWER_S:
            self.hang_up()
        elif not self._is_asking and now - self._said_at > HEARTBEAT_S:
            self._say(Function.HEARTBEAT, None)

    def data_received(self, data: bytes) -> None:
        """The centre has answered."""
        answers, self._rest = cut_answers(self._rest + data)
        for answer in answers:
            if not self._is_asking or int.from_bytes(answer.serial, "big") != self._serial:
                continue
            self._is_asking = False
            if answer.control in {Control.EOT, Control.ACK}:
                self._let_in()
                self._unsent.popleft()
                self.tally.kept += 1
                self._ask()
                continue
            # Not known, or not understood: the centre may know better on another line.
            self._unsent[0].refusals += 1
            if self._unsent[0].refusals >= MOST_REFUSALS:
                self._unsent.popleft()
                self.tally.refused += 1
            self.hang_up()

    def _begin(self) -> None:
        self._rest = b""
        self.is_in = True
        # Whoever has nothing to report says at least that it is there, before the centre loses patience.
        if self._unsent:
            self._ask()
        else:
            self._say(Function.HEARTBEAT, None)

    def _end(self) -> None:
        self._is_asking = False

    def _ask(self) -> None:
        if self.is_in and self._unsent and not self._is_asking:
            self._is_asking = True
            self._asked_at = asyncio.get_running_loop().time()
            self._say(Function.TIMED, self._unsent[0])

    def _say(self, function: Function, one: _Report | None) -> None:
        self._serial = self._serial % 0xFFFF + 1
        now = datetime.now(UTC)
        elements = []
        if one is not None:
            size, decimals = ELEMENTS[self._source.field]
            digits = f"{round(one.value * 10**decimals):0{2 * size}d}"
            elements = [(int(self._source.field, 16), digits, decimals)]
        said = StationReport(
            self._source.address, self._serial, now, now if one is None else one.at,
            None if one is None else STATION_CLASS,
        )  # fmt: skip
        password = bytes.fromhex(self._source.password or "0000")
        self._write(build(Frame(CENTRE, self._source.address, password, function, build_report(said, elements))))
