"""What the file ``postmaster.pid`` of a data folder says, and whether it is still true."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PORT = 5432  # no port is opened; it is part of the socket's name
LONGEST_SOCKET_PATH = 107  # bytes, of a Unix socket address without its closing zero
_READY = "ready"
_STOPPING = "stopping"


@dataclass(frozen=True)
class Postmaster:
    """A server process that lives."""

    pgdata: Path
    pid: int
    socket_folder: Path
    status: str

    @classmethod
    def read(cls, pgdata: Path) -> Postmaster | None:
        """The living server of `pgdata`; None when there is none, also when its number was given to another process."""
        lines = _lines(pgdata)
        if len(lines) < 5 or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        if not _is_postmaster(pid, pgdata):
            return None
        status = lines[7].strip() if len(lines) > 7 else "starting"
        return cls(pgdata, pid, Path(lines[4].strip()), status)

    @classmethod
    def clear_stale(cls, pgdata: Path) -> None:
        """Remove the lock files of a dead server of which PostgreSQL itself would not be sure.

        PostgreSQL takes any living process of its account with the remembered number for a server and refuses to
        start; after a reboot that number often belongs to something else. The caller holds the start lock.
        """
        lines = _lines(pgdata)
        if cls.read(pgdata) is not None:
            return
        if len(lines) >= 5:
            (Path(lines[4].strip()) / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        (pgdata / "postmaster.pid").unlink(missing_ok=True)

    @property
    def is_ready(self) -> bool:
        """Whether the server takes connections."""
        return self.status == _READY

    @property
    def socket(self) -> Path:
        """The Unix socket."""
        return self.socket_folder / f".s.PGSQL.{PORT}"

    def wait_settled(self, timeout_s: float) -> Postmaster | None:
        """Wait while the server starts or stops; the ready server, or None when it has ended."""
        deadline = time.monotonic() + timeout_s
        current: Postmaster | None = self
        while current is not None and not current.is_ready and time.monotonic() < deadline:
            time.sleep(0.05)
            current = Postmaster.read(self.pgdata)
        return current


def _lines(pgdata: Path) -> list[str]:
    try:
        return (pgdata / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


def _is_postmaster(pid: int, pgdata: Path) -> bool:
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            # A server's working folder is its data folder.
            return Path(f"/proc/{pid}/cwd").samefile(pgdata) and not _is_zombie(pid)
        return False
    if sys.platform == "win32":
        listing = subprocess.run(
            [r"C:\Windows\System32\tasklist.exe", "/FI", f"PID eq {pid}"], capture_output=True, text=True, check=False
        )
        return "postgres" in listing.stdout
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    listing = subprocess.run(["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(pgdata) in listing.stdout


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] == "Z"
