"""From arrivals to rows: batched, exactly once in the table, spooled while the database is away.

One thread writes. A batch is one transaction; only when it is committed, or lies on the disk, are its messages
acknowledged, so that whatever was acknowledged is kept, and what was not is sent again and recognised by its key.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from console.database.faults import Refused
from console.errors import ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from console.gateway.arrivals import Arrival
    from console.gateway.spool import Spool

BATCH_ROWS = 4_000
GATHER_S = 0.05
"""How long a batch gathers once its first message is there: acknowledgements wait no longer for company."""
WAITING_ROWS = 40_000
"""Rows beyond which senders are no longer read: the line holds them back instead of our memory."""
RETRY_S = 2.0
# What is the message's own fault; everything else is the database's and will pass.
_IMPOSSIBLE = (Refused, DataError, IntegrityError)
log = logging.getLogger(__name__)


class Intake:
    """The lane of writes of a gateway.

    Args:
        store: writes a batch in one transaction, or nothing of it.
        decode: fills in fixes and readings of an arrival that comes from the spool.
        spool: where batches wait while the database is away.
        deliver: calls a function on the event loop.
    """

    def __init__(
        self,
        store: Callable[[Sequence[Arrival]], None],
        decode: Callable[[Arrival], Arrival],
        spool: Spool,
        deliver: Callable[[Callable[[], None]], object],
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._store = store
        self._decode = decode
        self._spool = spool
        self._deliver = deliver
        self._waiting: deque[Arrival] = deque()
        self._rows = 0
        self._news = threading.Condition()
        self._closing = False
        self._away_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="intake")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join()

    def put(self, arrival: Arrival) -> None:
        """Take `arrival` in; its `done` is told when it is kept."""
        with self._news:
            self._waiting.append(arrival)
            self._rows += arrival.rows
            if len(self._waiting) == 1 or self._rows >= BATCH_ROWS:
                self._news.notify()

    @property
    def is_full(self) -> bool:
        """Whether senders should wait."""
        return self._rows > WAITING_ROWS

    @property
    def waiting_rows(self) -> int:
        """Rows that wait in memory."""
        return self._rows

    @property
    def is_away(self) -> bool:
        """Whether the database is away."""
        return self._away_since is not None

    def _run(self) -> None:
        while True:
            batch = self._take()
            if batch:
                self._keep(batch)
            elif self._closing:
                return
            self._replay()

    def _take(self) -> list[Arrival]:
        with self._news:
            if not self._waiting and not self._closing:
                self._news.wait(None if self._spool.is_empty else RETRY_S)
            if self._waiting and self._rows < BATCH_ROWS and not self._closing:
                self._news.wait_for(lambda: self._rows >= BATCH_ROWS or self._closing, GATHER_S)
            batch: list[Arrival] = []
            rows = 0
            while self._waiting and rows < BATCH_ROWS:
                arrival = self._waiting.popleft()
                rows += arrival.rows
                batch.append(arrival)
            self._rows -= rows
            return batch

    def _keep(self, batch: Sequence[Arrival]) -> None:
        """Store a batch, or spool it, and say so."""
        kept = not self._resting() and self._tried(batch)
        if not kept:
            kept = self._spool.append(batch)
            self.counters["spooled" if kept else "spool_full"] += len(batch)
        told = [arrival.done for arrival in batch if arrival.done is not None]

        def tell() -> None:
            for done in told:
                done(kept)

        if told:
            self._deliver(tell)

    def _tried(self, batch: Sequence[Arrival]) -> bool:
        """Store a batch; False when the database is away, or refuses for a reason that will pass."""
        try:
            self._write(batch)
        except (ConsoleError, SQLAlchemyError) as fault:
            if self._away_since is None:
                log.warning("Nothing can be stored, messages are spooled: %s", fault)
            self._away_since = time.monotonic()
            return False
        if self._away_since is not None:
            log.info("Messages are stored again")
        self._away_since = None
        return True

    def _write(self, batch: Sequence[Arrival]) -> None:
        try:
            self._store(batch)
        except _IMPOSSIBLE as fault:
            # One impossible row must not keep the others out: halve until it stands alone, then keep its raw message.
            if len(batch) > 1:
                middle = len(batch) // 2
                self._write(batch[:middle])
                self._write(batch[middle:])
                return
            log.warning("A message of %s %d says what cannot be: %s", batch[0].way.name, batch[0].owner_id, fault)
            self._store([replace(batch[0], fixes=(), readings=())])
            self.counters["impossible"] += 1
            return
        self.counters["stored"] += len(batch)

    def _resting(self) -> bool:
        """Whether the last try is too fresh for another one."""
        return self._away_since is not None and time.monotonic() - self._away_since < RETRY_S

    def _replay(self) -> None:
        """Bring one segment of the spool into the database, if it is there."""
        if self._spool.is_empty or self._resting():
            return
        arrivals = [self._decode(arrival) for arrival in self._spool.oldest()]
        for start in range(0, len(arrivals), BATCH_ROWS):
            if not self._tried(arrivals[start : start + BATCH_ROWS]):
                return
        self._spool.drop_oldest()
        self.counters["replayed"] += len(arrivals)
