"""One connection of a hydrological station: what it reports, and what it hears (SL 651-2014)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from console.gateway.arrivals import Arrival, Way
from console.gateway.line import Line, Lines
from console.gateway.sl651.decoding import WITH_ELEMENTS, measured
from console.gateway.sl651.framing import Control, Flaw, FrameError, Framer, Function, build_answer
from console.gateway.sl651.parts import Assembler
from console.gateway.sl651.report import answer_body, parse_report

if TYPE_CHECKING:
    from console.gateway.devices.known import Device, KnownSensors
    from console.gateway.sl651.framing import Frame
    from console.gateway.sl651.report import StationReport


@dataclass(kw_only=True)
class Stations(Lines):
    """What all connections of stations share.

    Attributes:
        sensors: which stations the city knows.
    """

    sensors: KnownSensors
    prefix: str = "sl651_"


class Session(Line):
    """One connection; several stations may speak through it. A flaw costs its own frame alone.

    A report is answered once it is kept: that ends the exchange (EOT), or lets the next packet come (ACK). What is
    refused is answered by NAK.
    """

    def __init__(self, shared: Stations) -> None:
        super().__init__(shared)
        self._shared = shared
        self._framer = Framer()
        self._assembler = Assembler()
        self._is_known_station = False

    @property
    def _is_known(self) -> bool:
        return self._is_known_station

    def _receive(self, data: bytes, now: float) -> None:
        frames = self._framer.feed(data)
        for flaw in self._framer.flaws:
            self._count_flaw(flaw)
        self._framer.flaws.clear()
        self._note_progress(now, whole=bool(frames), between=self._framer.is_between)
        for frame in frames:
            if self._transport.is_closing():
                return
            self._heard = now
            whole = self._together(frame, now)
            if whole is not None:
                self._understand(whole)

    def _together(self, frame: Frame, now: float) -> Frame | None:
        """The whole report that `frame` is or completes."""
        if frame.parts == 1:
            return frame
        dropped = self._assembler.dropped
        whole = self._assembler.add(frame, now)
        self._shared.count("parts_dropped", self._assembler.dropped - dropped)
        if whole is None:
            # The next packet may come; behind the last one, what is missing is asked for again.
            self._answer(frame, Control.ACK if frame.more else Control.NAK)
        return whole

    def _understand(self, frame: Frame) -> None:
        self._shared.count(f"function_{frame.function:02x}")
        if frame.function != Function.HEARTBEAT and frame.function not in WITH_ELEMENTS:
            self._shared.count("unsupported")
            self._answer(frame, Control.NAK)
            return
        try:
            report = parse_report(frame)
        except FrameError as refused:
            self._count_flaw(refused.flaw)
            self._answer(frame, Control.NAK)
            return
        if report.cut_short:
            self._shared.count(f"flaw_{Flaw.BAD_BODY}")  # what came before the cut counts
        self._flaws_in_a_row = 0
        device = self._shared.sensors.find(Way.SL651, report.station)
        if device is None:
            self._refuse(frame, report)
        elif device.password is not None and device.password != frame.password.hex().upper():
            self._answer(frame, Control.NAK)
            self.close("wrong_password")
        else:
            self._is_known_station = True
            if frame.function != Function.HEARTBEAT:  # which the standard leaves unanswered
                self._keep(device, frame, report)

    def _refuse(self, frame: Frame, report: StationReport) -> None:
        fields = {f"{one.element:02X}" for one in report.values}
        self._shared.sensors.note(Way.SL651, report.station, fields, self._address, frame.raw)
        self._answer(frame, Control.NAK)
        self.close("unknown")

    def _keep(self, device: Device, frame: Frame, report: StationReport) -> None:
        received_at = self._stamps.next()
        readings = device.readings(measured(frame, report), received_at)
        self._shared.count("unmeasured", sum(reading.value is None for reading in readings))
        self._shared.count("doubtful", sum(bool(reading.doubt) for reading in readings))
        done = partial(self._on_kept, frame)
        self._shared.intake.put(Arrival(received_at, Way.SL651, device.owner_id, frame.raw, (), readings, done))

    def _on_kept(self, frame: Frame, kept: bool) -> None:
        if kept:
            self._answer(frame, Control.ACK if frame.more else Control.EOT)

    def _answer(self, frame: Frame, control: Control) -> None:
        if not self._transport.is_closing():
            self._say(build_answer(frame, answer_body(frame.body[:2], self._shared.now()), control))
