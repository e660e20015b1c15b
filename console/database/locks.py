"""Locks between processes that the kernel lets go when their holder dies, on every platform.

SQLite's file locks are used for that: Python has no shared file lock that also works on Windows, and these do.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class FileLock:
    """A lock on a file of its own; usable from any thread, by one at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._holder: sqlite3.Connection | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._holder is not None

    def share(self, wait_s: float) -> bool:
        """Take the lock together with others who share it; False when an exclusive holder outlasts `wait_s`."""
        return self._take(("BEGIN", "SELECT count(*) FROM sqlite_schema"), wait_s)

    def exclude(self, wait_s: float) -> bool:
        """Take the lock alone; False when somebody else holds it for longer than `wait_s`."""
        return self._take(("BEGIN EXCLUSIVE",), wait_s)

    def release(self) -> None:
        """Let the lock go, if it is held."""
        holder, self._holder = self._holder, None
        if holder is not None:
            holder.close()

    def _take(self, statements: tuple[str, ...], wait_s: float) -> bool:
        self.release()
        holder = sqlite3.connect(self._path, timeout=wait_s, isolation_level=None, check_same_thread=False)
        try:
            for statement in statements:
                holder.execute(statement).fetchall()
        except sqlite3.OperationalError as fault:
            holder.close()
            if fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return False
            raise OSError(f"{self._path}: {fault}") from fault
        self._holder = holder
        return True
