"""The window's only way to the database: reads in a small pool, writes in one serial lane, results on the GUI thread.

A widget hands over a function of a connection and what to do with its result. It never waits, never touches a
connection itself, and hears nothing more once it is gone.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, QTimer, Signal
from shiboken6 import isValid

from console.database.connection import Cancellation, url_of
from console.errors import ConsoleError
from console.widgets.shared.precedence import Precedence

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sqlalchemy import Connection, Engine

T = TypeVar("T")
READERS = 2
"""More of them would take the interpreter away from the window for too long at a time."""
SLOW_S = 0.2
log = logging.getLogger(__name__)
_current: contextvars.ContextVar[Connection] = contextvars.ContextVar("connection")
_precedence: contextvars.ContextVar[Precedence | None] = contextvars.ContextVar("precedence", default=None)


def current_connection() -> Connection:
    """The connection of the operation that runs on this thread; for layer sources, which are given none.

    Raises:
        LookupError: no operation runs here.
    """
    return _current.get()


def give_way() -> None:
    """Let the GUI thread go first; for reads that make much of what they have read. Statements do so by themselves."""
    if (precedence := _precedence.get()) is not None:
        precedence.give_way()


def _between_statements(stop: Cancellation) -> None:
    give_way()
    stop.check()


@dataclass(frozen=True)
class Failure:
    """An operation that did not succeed.

    Attributes:
        name: what was asked, for the log.
        error: what was raised.
        is_write: whether somebody's work may be lost by it.
        handled: whether the asking panel shows the failure itself.
    """

    name: str
    error: Exception
    is_write: bool
    handled: bool


@dataclass(eq=False)
class _Job:
    owner: QObject
    name: str
    work: Callable[[Connection], Any]
    done: Callable[[Any], object] | None
    failed: Callable[[Exception], object] | None
    is_write: bool
    lane: tuple[int, Hashable] | None = None
    cancelled: bool = False
    begun: bool = False
    ended: bool = False
    result: Any = None
    error: Exception | None = None
    stop: Cancellation = field(default_factory=Cancellation)


class Hold:
    """Reads wait while the window is at work itself: turning rows into arrays would take its turns away.

    Args:
        gate: open while reads may begin.
        holds: all that are not ended yet.
        most_ms: after so long it ends by itself.
    """

    def __init__(self, gate: threading.Event, holds: set[Hold], most_ms: int) -> None:
        self._gate, self._holds = gate, holds
        holds.add(self)
        gate.clear()
        QTimer.singleShot(most_ms, self.end)

    def end(self) -> None:
        """Let the reads begin that were asked for meanwhile, unless something else holds them. May be called twice."""
        self._holds.discard(self)
        if not self._holds:
            self._gate.set()


class Operations(QObject):
    """Runs database work for widgets.

    Args:
        engine: where to; its pool must allow at least ``READERS + 1`` connections.
    """

    failed = Signal(Failure)
    """Every failure, on the GUI thread; the one notification place listens."""
    succeeded = Signal()
    """Some operation has just come back from the database."""
    _finished = Signal(object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        # A cancel request is a round trip to the server, which the GUI thread must not wait for.
        self._canceller = ThreadPoolExecutor(1, thread_name_prefix="canceller")
        self._latest: dict[tuple[int, Hashable], _Job] = {}
        self._under_way: set[_Job] = set()
        # Reads that have not begun: those of the map first, as it is what people look at.
        self._waiting: tuple[deque[_Job], deque[_Job]] = (deque(), deque())
        self._turns = threading.Lock()
        self._closed = False
        self._holds: set[Hold] = set()
        self._may_read = threading.Event()
        self._may_read.set()
        self.precedence = Precedence()
        # One answer a turn of the event loop: each is shown before the next one takes its time.
        self._arrived: deque[_Job] = deque()
        self._deliveries = QTimer(self, interval=0, singleShot=True)
        self._deliveries.timeout.connect(self._deliver_next)
        self._finished.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def url(self) -> str:
        """Of the database, with what signs in there; for a process of its own that works for this desk."""
        return url_of(self._engine)

    @property
    def busy(self) -> int:
        """How many operations are under way or waiting."""
        return len(self._under_way)

    def read(
        self,
        owner: QObject,
        work: Callable[[Connection], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object] | None = None,
        key: Hashable | None = None,
        *,
        first: bool = False,
    ) -> None:
        """Run `work` in a read-only transaction and give its result to `done` on the GUI thread.

        Args:
            owner: for whom; when it is gone the result is dropped.
            work: runs on a thread of the pool; must touch nothing of Qt.
            done: gets the result.
            failed: gets the exception; without it the failure is only notified.
            key: of several reads with the same owner and key only the latest counts, an earlier one is cancelled.
            first: it is something that the map shows, and begins before whatever else waits.
        """
        lane = None if key is None else (id(owner), key)
        job = _Job(owner, _name(work), work, done, failed, is_write=False, lane=lane)
        self._require_main_thread()
        if lane is not None:
            if (earlier := self._latest.get(lane)) is not None:
                self._cancel(earlier)
            self._latest[lane] = job
        if self._take_on(job):
            with self._turns:
                self._waiting[0 if first else 1].append(job)
            self._readers.submit(self._run_next_read)

    def write(
        self,
        owner: QObject,
        work: Callable[[Connection], T],
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Run `work` in a transaction of its own, after all writes that were asked for before; commit on success.

        Arguments as in `read`. A write is never cancelled, not even when its owner goes.
        """
        self._require_main_thread()
        job = _Job(owner, _name(work), work, done, failed, is_write=True)
        if self._take_on(job):
            self._writer.submit(self._run, job)

    def cancel(self, owner: QObject, key: Hashable) -> None:
        """Forget the read of `owner` under `key`, if one is under way."""
        if (job := self._latest.pop((id(owner), key), None)) is not None:
            self._cancel(job)

    def is_reading(self, owner: QObject, key: Hashable) -> bool:
        """Whether a read of `owner` under `key` is under way.

        Whoever follows a clock that runs waits for it: on a slow line each question would cancel the one before, and
        none would ever be answered.
        """
        return (id(owner), key) in self._latest

    def fetch(
        self,
        key: str,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """A read whose work finds its connection by `current_connection`: what the map asks for (`map.Fetcher`)."""

        def with_connection(connection: Connection) -> T:
            token = _current.set(connection)
            try:
                return work()
            finally:
                _current.reset(token)

        with_connection.__qualname__ = f"layer {key}"
        # The layers' stores know by themselves whether an answer still counts.
        self.read(self, with_connection, done, failed, key=("layer", key), first=True)

    def hold_reads(self, most_ms: int) -> Hold:
        """Begin no read until the hold is ended, or `most_ms` have passed; of several holds the last one counts."""
        return Hold(self._may_read, self._holds, most_ms)

    def close(self) -> None:
        """Cancel all reads, finish all writes, end all threads. May be called twice."""
        if self._closed:
            return
        self._closed = True
        for job in list(self._under_way):
            if not job.is_write:
                self._cancel(job)
        self._may_read.set()
        self.precedence.end()
        for pool in (self._canceller, self._readers, self._writer):
            pool.shutdown(wait=True)

    def _require_main_thread(self) -> None:
        app = QCoreApplication.instance()
        if app is None or QThread.currentThread() is not app.thread():
            raise RuntimeError("Operations are asked for on the GUI thread only.")

    def _take_on(self, job: _Job) -> bool:
        if self._closed:
            log.debug("%s asked for after closing", job.name)
        else:
            self._under_way.add(job)
        return not self._closed

    def _cancel(self, job: _Job) -> None:
        with self._turns:
            job.cancelled = True
            has_begun = job.begun
        if not has_begun:
            self._under_way.discard(job)
        elif not job.ended:
            self._canceller.submit(job.stop.cancel)

    def _run_next_read(self) -> None:
        self._may_read.wait()
        _precedence.set(self.precedence)
        give_way()
        with self._turns:
            # As many turns come as reads were asked for.
            job = (self._waiting[0] or self._waiting[1]).popleft()
            job.begun = not job.cancelled
        if job.begun:
            self._run(job)

    def _run(self, job: _Job) -> None:
        began = time.perf_counter()
        try:
            with self._engine.connect() as connection:
                if not job.is_write:
                    at_statements = partial(_between_statements, job.stop)
                    connection.execution_options(postgresql_readonly=True, at_statements=at_statements)
                with connection.begin(), job.stop.over(connection):
                    job.result = job.work(connection)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is delivered to the GUI thread
            job.error = error
        job.ended = True
        took = time.perf_counter() - began
        log.log(logging.INFO if took > SLOW_S else logging.DEBUG, "%s took %.0f ms", job.name, took * 1000)
        if not self._closed:
            self._finished.emit(job)

    def _take(self, job: _Job) -> None:
        self._arrived.append(job)
        self._deliveries.start()

    def _deliver_next(self) -> None:
        try:
            self._deliver(self._arrived.popleft())
        finally:
            if self._arrived:
                self._deliveries.start()

    def _deliver(self, job: _Job) -> None:
        self._under_way.discard(job)
        if job.lane is not None and self._latest.get(job.lane) is job:
            del self._latest[job.lane]
        if job.error is None:
            self.succeeded.emit()
            if job.done is not None and not job.cancelled and isValid(job.owner):
                job.done(job.result)
        elif job.is_write or not job.cancelled:
            self._report(job, job.error)

    def _report(self, job: _Job, error: Exception) -> None:
        # A failure that a person can act on says all in its words; a database that is away fails many times a second.
        log.warning("%s failed: %s", job.name, error, exc_info=None if isinstance(error, ConsoleError) else error)
        handled = job.failed is not None and isValid(job.owner)
        self.failed.emit(Failure(job.name, error, job.is_write, handled))
        if job.failed is not None and isValid(job.owner):
            job.failed(error)


def _name(work: Callable[..., Any]) -> str:
    inner = getattr(work, "func", work)
    return str(getattr(inner, "__qualname__", type(inner).__qualname__))
