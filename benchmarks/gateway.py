"""The gateway under load: terminals in a process of their own, over loopback, into a real database on the disk.

First as fast as it goes: positions acknowledged, which means stored, a second, and what they cost the processor,
terminals not counted. Then the city's own fleet, each truck sending every second: the wait for an acknowledgement. Then
the first load while the gateway is killed and started again: what was acknowledged must be there, and nothing twice.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from benchmarks import Row
from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.database.migrations import migrate
from console.gateway.listening import FILE_NAME, read_listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

TERMINALS, FIXES = 1_000, 300
FLEET, FLEET_FIXES = 173, 20
KILLED_FIRST, KILLED_FIXES, KILLED_AT = 3_000, 100, 0.2
FLOOR, AIM = 10_000, 25_000
PATIENCE_S = 30.0
SPAN_S = 5
"""Rates are taken over so many seconds: what is stored, is stored by thousands."""
_VEHICLES = """
    INSERT INTO city.company (name) VALUES ('运城渣土运输');
    INSERT INTO city.vehicle (plate, terminal_phone, company_id, box_m3)
        SELECT '晋M' || i, '0139' || lpad(i::text, 8, '0'), 1, 18 FROM generate_series(0, 4999) AS i;
"""


@dataclass
class GatewayProcess:
    """A gateway on a port of its own, writing to the database of `url`; port 0 takes a free one."""

    url: str
    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns once it listens."""
        told = self.folder / FILE_NAME
        told.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "console.gateway", "--database", self.url, "--data-dir", str(self.folder)),
                *("--jt808-port", str(self.port), "--sl651-port", "0", "--listen", "127.0.0.1"),
                *("--log-level", "WARNING"),
            ]
        )
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            listening = read_listening(told)
            if listening is not None:
                self.port = listening.jt808  # the same when it is started again
                return
            time.sleep(0.05)
        raise TimeoutError("the gateway does not listen")

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE_S)

    @property
    def most_mb(self) -> float:
        """The most memory that it has held, MB."""
        if self.process is None:
            return 0.0
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def rows() -> Iterator[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="yc-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the server's account must pass when we are root
        with PrivateCluster(folder / "data") as cluster:
            engine = connect(cluster.url(), statement_timeout_s=0)
            migrate(engine)
            with engine.begin() as connection:
                connection.execute(text(_VEHICLES))
            try:
                yield from _measure(engine, cluster.url(), folder)
            finally:
                engine.dispose()


def _measure(engine: Engine, url: str, folder: Path) -> Iterator[Row]:
    gateway = GatewayProcess(url, folder)
    gateway.start()
    port = gateway.port
    try:
        before = _processor_s(gateway, folder)
        whole = _load(folder, port, first=0, terminals=TERMINALS, fixes=FIXES)
        spent = (_processor_s(gateway, folder) - before) / whole["acked"] * 10_000
        rates = np.convolve(whole["a_second"], np.full(SPAN_S, 1 / SPAN_S), "valid")
        yield Row(f"{TERMINALS} terminals: fixes stored in a second", FLOOR, AIM, "fixes/s", tuple(rates), True)
        yield Row("10 000 fixes: processor time of gateway and database", 1.0, 0.4, "s", (spent,))
        yield Row(f"memory of the gateway with {TERMINALS} terminals", 300, 150, "MB", (gateway.most_mb,))
        paced = _load(folder, port, first=2000, terminals=FLEET, fixes=FLEET_FIXES, pace=1.0)
        yield Row(f"{FLEET} trucks, one fix a second: sent to stored", 1000, 200, "ms", tuple(paced["waits_ms"]))
        with _loading(folder, port, first=KILLED_FIRST, terminals=TERMINALS, fixes=KILLED_FIXES, window=20) as killed:
            _wait_for_load(engine)
            gateway.end(signal.SIGKILL)
            gateway.start()
        lost, twice = _compared(engine, killed, whole, paced)
        yield Row(f"killed under load ({killed['broken']} lines broken): fixes lost", 0, 0, "fixes", (lost,))
        yield Row("the same: fixes stored twice", 0, 0, "fixes", (twice,))
    finally:
        gateway.end()


def _wait_for_load(engine: Engine) -> None:
    """Wait until a part of what the load that will be broken sends is stored."""
    query = text("SELECT count(*) FROM city.vehicle_fix WHERE vehicle_id > :first")
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.execute(query, {"first": KILLED_FIRST}).scalar_one() > TERMINALS * KILLED_FIXES * KILLED_AT:
                return
        time.sleep(0.05)
    raise TimeoutError("nothing of the load is stored")


def _processor_s(gateway: GatewayProcess, folder: Path) -> float:
    """Seconds of processor time that the gateway and all processes of its database have used."""
    postmaster = next(folder.rglob("postmaster.pid")).read_text(encoding="utf-8").split()[0]
    wanted = {postmaster, "" if gateway.process is None else str(gateway.process.pid)}
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, _, rest = path.read_text(encoding="utf-8").partition(" ")
            fields = rest.rpartition(")")[2].split()
            if pid in wanted or fields[1] == postmaster:
                ticks += int(fields[11]) + int(fields[12])
                # A backend that has ended counts with the postmaster.
                ticks += int(fields[13]) + int(fields[14]) if pid == postmaster else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _compared(engine: Engine, *loads: dict[str, Any]) -> tuple[int, int]:
    """How many acknowledged fixes the database has not, and how many it has more than once."""
    with engine.connect() as connection:
        found = connection.execute(
            text("""
                SELECT v.terminal_phone, array_agg(extract(epoch FROM f.at)::bigint), count(*) - count(DISTINCT f.at)
                FROM city.vehicle_fix AS f JOIN city.vehicle AS v ON v.id = f.vehicle_id GROUP BY v.terminal_phone
            """)
        ).all()
    stored = {number: set(times) for number, times, _ in found}
    lost = 0
    for load in loads:
        start = datetime.fromisoformat(load["start"])
        for number, acked in load["acked_fixes"].items():
            expected = {int((start + timedelta(seconds=k)).timestamp()) for k in acked}
            lost += len(expected - stored.get(number, set()))
    return lost, sum(int(repeated) for *_, repeated in found)


@contextlib.contextmanager
def _loading(folder: Path, port: int, **options: float) -> Iterator[dict[str, Any]]:
    """Terminals at work for the time of the context; what they have seen is there when it ends."""
    out = folder / f"load{options['first']}.json"
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "benchmarks._terminals", "--port", str(port), "--out", str(out), *words]
    seen: dict[str, Any] = {}
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        yield seen
        if process.wait() != 0:
            raise RuntimeError("the terminals have failed")
        seen.update(json.loads(out.read_text(encoding="utf-8")))
    finally:
        process.kill()
        process.wait()


def _load(folder: Path, port: int, **options: float) -> dict[str, Any]:
    with _loading(folder, port, **options) as seen:
        pass
    return seen
