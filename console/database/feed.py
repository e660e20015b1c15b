"""The feed of changes: tells consumers what others did, once each, whatever happens to the line.

Every change that a desk must see is a row of ``city.change_log``, written in the transaction of the change. NOTIFY only
wakes the feed up. What it has read is remembered as a snapshot of the server, not as a number: the rows that come
next are those of transactions that this snapshot did not see. So a transaction that took its row number early and
commits late is not missed, and a long one holds nobody up.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import psycopg2

from console.database.connection import connect_listener, normalise, server_name
from console.database.faults import DatabaseAway, explain
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - a class, misnamed by its library

HEARTBEAT_S = 10.0  # a line that is dead at the other end tells nothing by itself
FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 2.0
MOST_CHANGES = 20_000  # more than that is faster loaded anew than told one by one
CHANGE_CHANNEL = "city_change"
TELEMETRY_CHANNEL = "city_telemetry"
_log = logging.getLogger(__name__)

_START = """
    SELECT pg_current_snapshot()::text, (SELECT coalesce(max(id), 0) FROM city.change_log)
"""
# One statement, so one snapshot: what it does not see now is exactly what the next reading asks for.
_READ = """
    WITH now AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
    fresh AS MATERIALIZED (
        SELECT id, at, subject, key, kind, detail FROM city.change_log
        WHERE xid >= pg_snapshot_xmin(%(cursor)s::pg_snapshot)
          AND NOT pg_visible_in_snapshot(xid, %(cursor)s::pg_snapshot)
        ORDER BY xid LIMIT %(most)s  -- by the index on xid, whatever the statistics say
    )
    SELECT now.snapshot::text,
           pg_snapshot_xmax(now.snapshot) < pg_snapshot_xmax(%(cursor)s::pg_snapshot) AS is_other_server,
           fresh.*
    FROM now LEFT JOIN fresh ON true ORDER BY fresh.id
"""
_TRIMMED = "SELECT coalesce(min(id), 0) FROM city.change_log"


@dataclass(frozen=True)
class Change:
    """One row of ``city.change_log``.

    Attributes:
        id: number of the row; orders the changes of one reading.
        at: when it was made, aware.
        subject: name of the table.
        key: of the row that changed.
        kind: ``insert``, ``update`` or ``delete``.
        detail: columns that the change carries, or None.
    """

    id: int
    at: datetime
    subject: str
    key: str
    kind: str
    detail: dict[str, Any] | None


@dataclass(frozen=True)
class FeedState:
    """Whether the feed hears the database.

    Attributes:
        connected: whether it does.
        since: when that began, aware.
        reason: why it does not; None when it does.
    """

    connected: bool
    since: datetime
    reason: ConsoleError | None = None


class Companion(Protocol):
    """Something else that lives on the feed's line: hears a channel of its own and may say something now and then.

    Everything runs in the feed's thread on its autocommit connection; a fault of the line ends both.
    """

    channel: str

    def begin(self, connection: DriverConnection) -> None:
        """The line is up, and the channel is listened to."""

    def hear(self, payloads: list[str]) -> None:
        """What was notified, oldest first."""

    def tend(self, connection: DriverConnection) -> float:
        """Do what is due; returns the seconds until something will be. `ChangeFeed.ring` brings that forward."""

    def end(self, connection: DriverConnection) -> None:
        """The feed closes in order."""

    def lose(self) -> None:
        """The line is down."""


def _nothing(*_anything: object) -> None:
    pass


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class ChangeFeed:
    """A thread that listens and calls back. The callbacks run in that thread and must be short.

    Args:
        url: of the database.
        on_changes: gets every change that is committed after `on_state` first said connected, in batches.
        on_telemetry: there are new positions or readings; at most once a wake-up.
        on_state: the line came up or went down; also called for the first attempt.
        on_gap: changes may have been missed (the log was trimmed, the server is another one or there are too many):
            load everything anew.
        companion: shares the line.
        heartbeat_s: seconds of silence after which the line is tried.
        clock: tells the time for `FeedState.since`.
    """

    url: str
    on_changes: Callable[[list[Change]], object] = _nothing
    on_telemetry: Callable[[], object] = _nothing
    on_state: Callable[[FeedState], object] = _nothing
    on_gap: Callable[[], object] = _nothing
    companion: Companion | None = None
    heartbeat_s: float = HEARTBEAT_S
    clock: Callable[[], datetime] = _now
    _thread: threading.Thread | None = field(default=None, init=False, repr=False)
    _closing: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _connection: DriverConnection | None = field(default=None, init=False, repr=False)
    _cursor: str | None = field(default=None, init=False, repr=False)  # a pg_snapshot
    _last_id: int = field(default=0, init=False, repr=False)
    _state: FeedState | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Begin to listen; comes back at once.

        Raises:
            ConsoleError: the URL is none.
        """
        if self._thread is not None:
            raise RuntimeError("the feed was started already")
        self._server = server_name(normalise(self.url))
        # A pair of sockets, since Windows waits for nothing else.
        self._bell, self._button = socket.socketpair()
        self._button.setblocking(False)  # bells that nobody has heard yet need no further ones
        self._thread = threading.Thread(target=self._run, name="change-feed", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and wait for the thread; nothing is called back afterwards.

        It takes no time unless a connection is just being tried; then the connect time-out at most.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._closing.set()
        self._press()
        if thread is not threading.current_thread():
            thread.join()
        self._bell.close()
        self._button.close()

    def ring(self) -> None:
        """Let the companion do now what it wants to do; from any thread, while the feed runs."""
        if self._thread is not None:
            self._press()

    def _press(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._button.send(b"x")

    def _run(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        while not self._closing.is_set():
            try:
                self._connect()
                backoff_s = FIRST_BACKOFF_S
                self._listen()
            except ConsoleError as fault:
                self._lose(fault)
            except psycopg2.Error as fault:
                # Whatever the server holds against the listener, trying again is all that can be done here.
                if explain(fault, self._server) is None:
                    _log.exception("the change feed was refused")
                self._lose(explain(fault, self._server) or _refused(self._server, fault))
            finally:
                self._disconnect()
            self._closing.wait(backoff_s)
            backoff_s = min(backoff_s * 2, LONGEST_BACKOFF_S)

    def _connect(self) -> None:
        self._connection = connect_listener(self.url)
        with self._connection.cursor() as cursor:
            # First listen, then read: what is committed in between rings.
            cursor.execute(f"LISTEN {CHANGE_CHANNEL}; LISTEN {TELEMETRY_CHANNEL}")
            if self.companion is not None:
                cursor.execute(f"LISTEN {self.companion.channel}")
        if self._cursor is None:
            self._remember()
        elif self._was_trimmed():
            self._skip()
        else:
            self._read()
        self._tell(FeedState(connected=True, since=self.clock()))
        self._call(self.on_telemetry)
        if self.companion is not None:
            self.companion.begin(self._connection)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if self.companion is not None:
                self.companion.lose()
            with contextlib.suppress(psycopg2.Error):
                connection.close()

    def _listen(self) -> None:
        """Wait for bells until the feed closes; raises when the line breaks."""
        connection = self._connection
        if connection is None:
            raise RuntimeError("the feed listens only when connected")
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._bell, selectors.EVENT_READ)
            heard_at = time.monotonic()
            while not self._closing.is_set():
                wait_s = heard_at + self.heartbeat_s - time.monotonic()
                if self.companion is not None:
                    wait_s = min(wait_s, self.companion.tend(connection))
                # Bells that arrived together with the answer to a query wake nobody up.
                if not connection.notifies:
                    ready = [key.fileobj for key, _events in selector.select(max(wait_s, 0.0))]
                    if self._bell in ready:
                        self._bell.recv(4096)
                    if connection in ready:
                        connection.poll()
                        if connection.closed:
                            raise DatabaseAway(_AWAY, server=self._server)
                    elif time.monotonic() >= heard_at + self.heartbeat_s:
                        self._read()  # the heartbeat asks what a lost bell would have told
                        heard_at = time.monotonic()
                if connection.notifies:
                    heard_at = time.monotonic()
                    self._tell_heard(connection)
            if self.companion is not None:
                self.companion.end(connection)

    def _tell_heard(self, connection: DriverConnection) -> None:
        notices, connection.notifies[:] = list(connection.notifies), []
        channels = {notice.channel for notice in notices}
        if CHANGE_CHANNEL in channels:
            self._read()
        if TELEMETRY_CHANNEL in channels:
            self._call(self.on_telemetry)
        if self.companion is not None and self.companion.channel in channels:
            self.companion.hear([notice.payload for notice in notices if notice.channel == self.companion.channel])

    def _query(self, statement: str, values: dict[str, object] | None = None) -> list[tuple[Any, ...]]:
        if self._connection is None:
            raise RuntimeError("the feed reads only when connected")
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def _remember(self) -> None:
        self._cursor, self._last_id = self._query(_START)[0]

    def _read(self) -> None:
        rows = self._query(_READ, {"cursor": self._cursor, "most": MOST_CHANGES + 1})
        changes = [Change(*row[2:]) for row in rows if row[2] is not None]
        if rows[0][1] or len(changes) > MOST_CHANGES:
            self._skip()
            return
        self._cursor = rows[0][0]
        if changes:
            self._last_id = max(self._last_id, changes[-1].id)
            self._call(self.on_changes, changes)

    def _skip(self) -> None:
        """Go on from now, and have everything loaded anew."""
        self._remember()
        self._call(self.on_gap)

    def _was_trimmed(self) -> bool:
        """Whether rows that follow the last one we know may have been deleted while we were away."""
        oldest = self._query(_TRIMMED)[0][0]
        return bool(oldest == 0 and self._last_id > 0) or oldest > self._last_id + 1

    def _lose(self, reason: ConsoleError) -> None:
        if self._state is None or self._state.connected:
            _log.warning("the change feed lost the database: %s", reason)
            self._tell(FeedState(connected=False, since=self.clock(), reason=reason))

    def _tell(self, state: FeedState) -> None:
        self._state = state
        self._call(self.on_state, state)

    def _call(self, callback: Callable[..., object], *values: object) -> None:
        try:
            callback(*values)
        except Exception:  # noqa: BLE001 - a consumer's fault must not silence the feed for the others
            _log.exception("a consumer of the change feed failed")


_AWAY = QT_TRANSLATE_NOOP("errors", "The database at {server} closed the connection.")


def _refused(server: str, fault: psycopg2.Error) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "The database at {server} does not tell us of changes: {reason}."),
        server=server,
        reason=str(fault).strip().splitlines()[0],
    )
