"""Runs a layer's questions on threads of its own, for a map that stands outside the window: benchmarks and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class _Call(QRunnable):
    def __init__(self, owner: ThreadFetcher, key: str, number: int, work: Callable[[], Any]) -> None:
        super().__init__()
        self._owner, self._key, self._number, self._work = owner, key, number, work

    def run(self) -> None:
        try:
            result = self._work()
        except Exception as fault:  # noqa: BLE001 - handed to the caller's `failed`, whatever it is
            self._owner.finished.emit(self._key, self._number, None, fault)
        else:
            self._owner.finished.emit(self._key, self._number, result, None)


class ThreadFetcher(QObject):
    """A `Fetcher` on a small thread pool. `close` waits for what still runs."""

    finished = Signal(str, int, object, object)

    def __init__(self, threads: int = 2, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(threads)
        self._number = 0
        self._calls: dict[str, tuple[int, Callable[[Any], None], Callable[[Exception], None]]] = {}
        self.finished.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    def __call__(
        self, key: str, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run `work`; an earlier call with the same key is no longer answered."""
        self._number += 1
        self._calls[key] = self._number, done, failed
        self._pool.start(_Call(self, key, self._number, work))

    @Slot(str, int, object, object)
    def _finish(self, key: str, number: int, result: object, fault: Exception | None) -> None:
        call = self._calls.get(key)
        if call is None or call[0] != number:
            return
        del self._calls[key]
        _, done, failed = call
        if fault is None:
            done(result)
        else:
            failed(fault)

    def close(self) -> None:
        """Answer nothing more and wait for the threads."""
        self._calls.clear()
        self._pool.clear()
        self._pool.waitForDone()
