"""GPS terminals as a process of their own: ``python -m benchmarks._terminals --port P ...`` loads a gateway.

Every terminal signs in and sends its positions one message each, some of them ahead of their acknowledgements; when the
line breaks it dials in again and sends anew what was not acknowledged. What it has seen is written as one JSON
document.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.gateway.jt808 import messages as m
from console.gateway.jt808.framing import MARK, Header, Message, build, parse
from console.gateway.jt808.position import Position, Status, build_position, items_of
from console.simulation.field.terminal import Identity, Terminal

AGAIN_S = 0.2
FIRST_SERIAL = 16
_ACK_HEAD = m.MessageId.PLATFORM_ACK.to_bytes(2, "big")


def phone(number: int) -> str:
    """The number of a terminal."""
    return f"0139{number:08d}"


def frames(number: int, start: datetime, count: int) -> list[bytes]:
    """The positions of a truck that drives, one a second, as a terminal of 2013 sends them."""
    made = []
    for k in range(count):
        status = Status.ACC | Status.FIXED | (Status.FULL if k // 600 % 2 else 0)
        position = Position(
            start + timedelta(seconds=k),
            110.95 + number % 40 * 0.0015 + k * 5e-5,
            35.02 + number // 40 * 0.0004,
            368,
            36.0,
            90,
            status=status,
            items=items_of(mileage_m=k * 100, satellites=12),
        )
        header = Header(m.MessageId.POSITION, phone(number), (FIRST_SERIAL + k) % 0x10000)
        made.append(build(Message(header, build_position(position))))
    return made


@dataclass
class Report:
    """What all terminals together have seen."""

    acked: int = 0
    by_second: dict[int, int] = field(default_factory=dict)
    waits_ms: list[float] = field(default_factory=list)
    broken: int = 0


class LoadTerminal(Terminal):
    """A terminal under load: keeps at most `window` positions unacknowledged, or sends one every ``1 / pace`` seconds.

    What it says is built beforehand and what it hears is looked at as bytes, so that the gateway is what is measured.
    """

    def __init__(self, port: int, number: int, to_send: list[bytes], window: int, pace: float, report: Report) -> None:
        identity = Identity(phone(number), None, f"晋M{number:05d}")
        super().__init__(identity, lambda: ("127.0.0.1", port), (AGAIN_S, AGAIN_S))
        self.done = asyncio.Event()
        self._frames, self._window, self._pace, self._report = to_send, window, pace, report
        self._next = 0
        self._waiting: dict[int, float] = {}
        self.acked: set[int] = set()
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The line broke: what nobody has acknowledged is said anew on the next one."""
        if self._timer is not None:
            self._timer.cancel()
        self._report.broken += not self.done.is_set()
        self._rest = b""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answers have come."""
        pieces = (self._rest + data).split(MARK)
        self._rest = pieces.pop()
        acked = 0
        now = time.perf_counter()
        for piece in pieces:
            if not piece:
                continue
            if piece.startswith(_ACK_HEAD) and self.is_in:
                message = parse(piece) if b"\x7d" in piece else None
                body = message.body if message is not None else piece[12:17]
                k = int.from_bytes(body[:2], "big") - FIRST_SERIAL
                sent = self._waiting.pop(k, None)
                if sent is not None and body[4] == 0:
                    self.acked.add(k)
                    self._report.waits_ms.append((now - sent) * 1e3)
                    acked += 1
            else:
                self._hear(parse(piece))
        if acked:
            self._report.acked += acked
            second = int(now)
            self._report.by_second[second] = self._report.by_second.get(second, 0) + acked
            if len(self.acked) == len(self._frames):
                self.done.set()
                self.go_out_of_reach()  # for good
            elif not self._pace:
                self._fill()

    def _let_in(self) -> None:
        super()._let_in()
        now = time.perf_counter()
        for k in self._waiting:
            self._waiting[k] = now
        self._write(b"".join([self._frames[k] for k in self._waiting]))
        if self._pace:
            self._tick()
        else:
            self._fill()

    def _fill(self) -> None:
        stop = min(self._next + self._window - len(self._waiting), len(self._frames))
        if stop > self._next:
            now = time.perf_counter()
            self._waiting.update(dict.fromkeys(range(self._next, stop), now))
            self._write(b"".join(self._frames[self._next : stop]))
            self._next = stop

    def _tick(self) -> None:
        if self._next < len(self._frames):
            self._waiting[self._next] = time.perf_counter()
            self._write(self._frames[self._next])
            self._next += 1
            self._timer = asyncio.get_running_loop().call_later(1 / self._pace, self._tick)


async def _run(options: argparse.Namespace) -> None:
    report = Report()
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=options.age)
    terminals = [
        LoadTerminal(
            options.port,
            options.first + number,
            frames(options.first + number, start, options.fixes),
            options.window,
            options.pace,
            report,
        )
        for number in range(options.terminals)
    ]
    began = time.perf_counter()
    lines = [asyncio.create_task(terminal.run()) for terminal in terminals]
    try:
        await asyncio.wait_for(asyncio.gather(*(terminal.done.wait() for terminal in terminals)), options.most_seconds)
    except TimeoutError:
        for terminal in terminals:
            terminal.done.set()
    for line in lines:
        line.cancel()
    await asyncio.gather(*lines, return_exceptions=True)
    seconds = sorted(report.by_second)
    document = {
        "seconds": time.perf_counter() - began,
        "acked": report.acked,
        "sent": options.terminals * options.fixes,
        "a_second": [report.by_second.get(second, 0) for second in range(seconds[0] + 1, seconds[-1])],
        "waits_ms": report.waits_ms,
        "broken": report.broken,
        "start": start.isoformat(),
        "acked_fixes": {terminal.identity.phone: sorted(terminal.acked) for terminal in terminals},
    }
    await asyncio.to_thread(Path(options.out).write_text, json.dumps(document))


def main() -> None:
    """Load the gateway."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks._terminals", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="TCP port of the gateway on this machine")
    parser.add_argument("--first", type=int, default=0, help="number of the first terminal")
    parser.add_argument("--terminals", type=int, default=1000, help="how many")
    parser.add_argument("--fixes", type=int, default=300, help="positions of each, a second of driving apart")
    parser.add_argument("--window", type=int, default=20, help="positions that a terminal sends ahead")
    parser.add_argument(
        "--pace", type=float, default=0.0, help="positions a second of each instead; 0 as fast as it goes"
    )
    parser.add_argument("--age", type=int, default=7200, help="how long ago the first position was, s")
    parser.add_argument("--most-seconds", type=float, default=60.0, help="end after so long, s")
    parser.add_argument("--out", required=True, help="file for what was seen")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
