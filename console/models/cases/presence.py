"""Who has which case open: said by each desk on its feed's line, heard by all others at once.

A desk says so with ``city.show_presence``, which gives it a lease and wakes all others up. They read what stands: any
login may notify anything, so a notification is believed nothing. A desk renews its lease three times before that ends.
Whoever leaves says so; whoever is cut off is swept out by the next desk that renews, and forgotten by every desk when
the lease is over.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - a class, misnamed by its library

CHANNEL = "city_presence"
RENEWALS = 3
"""So many times a lease is renewed before it ends, so that one that is late does no harm."""
FOR_EVER_S = 3600.0
log = logging.getLogger(__name__)

_STANDING = """
    SELECT p.session, p.case_id, s.login, s.title, s.title_en, extract(epoch FROM p.since)::double precision AS since,
        extract(epoch FROM p.until - clock_timestamp())::double precision AS left_s
    FROM city.case_presence AS p JOIN city.staff AS s ON s.id = p.staff_id
    WHERE p.until > clock_timestamp() AND p.session <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Viewer:
    """Somebody else's desk at which a case is open.

    Attributes:
        session: number of the desk's connection; one person may sit at two desks.
        case_id: the case.
        login: of the person; `title` the post, Chinese; `title_en` the same in English.
        since: when it was opened there, aware.
    """

    session: int
    case_id: int
    login: str
    title: str
    title_en: str
    since: datetime


class Presence:
    """What this desk has open and what the others have; a companion of `console.database.feed.ChangeFeed`.

    `show` and `others` may be called from any thread; the rest is the feed's.

    Args:
        on_changed: gets the ids of the cases whose viewers changed; runs in the feed's thread.
        clock: seconds that never go back.
    """

    channel = CHANNEL

    def __init__(
        self,
        on_changed: Callable[[frozenset[int]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_changed = on_changed
        self._clock = clock
        self._wanted: int | None = None
        self._said: int | None = None
        self._renew_at = 0.0
        self._is_refused = False
        self._is_stale = False
        self._session = ""
        self._known: dict[int, tuple[Viewer, float]] = {}
        self._by_case: Mapping[int, tuple[Viewer, ...]] = {}  # replaced whole, so that others can read it meanwhile

    def show(self, case_id: int | None) -> None:
        """This case is open here now, or none; told with the next `tend`."""
        self._wanted = case_id

    def others(self, case_id: int) -> tuple[Viewer, ...]:
        """Who else has the case open, the first who came first."""
        return self._by_case.get(case_id, ())

    def begin(self, connection: DriverConnection) -> None:
        """Learn who has what open; on a new line nothing has been said of us."""
        self._said, self._is_refused = None, False
        self._session = str(connection.info.backend_pid)
        self._read(connection)

    def hear(self, payloads: list[str]) -> None:
        """Something has changed, at another desk unless the payload is our own."""
        self._is_stale = self._is_stale or any(payload != self._session for payload in payloads)

    def tend(self, connection: DriverConnection) -> float:
        """Say what has changed here, renew the lease, read what has changed elsewhere, forget whose lease is over."""
        now = self._clock()
        if self._wanted != self._said or (self._said is not None and now >= self._renew_at):
            self._say(connection, self._wanted)
        if self._is_stale:
            self._read(connection)
        if any(until <= now for _, until in self._known.values()):
            self._replace({session: entry for session, entry in self._known.items() if entry[1] > now})
        moments = [until for _, until in self._known.values()]
        if self._said is not None:
            moments.append(self._renew_at)
        return max(0.0, min(moments, default=now + FOR_EVER_S) - self._clock())

    def end(self, connection: DriverConnection) -> None:
        """Leave in order."""
        if self._said is not None:
            with contextlib.suppress(psycopg2.Error):  # the line is gone: so are we
                self._say(connection, None)

    def lose(self) -> None:
        """Nobody knows who has what open until the line is back."""
        self._said = None
        self._replace({})

    def _say(self, connection: DriverConnection, case_id: int | None) -> None:
        self._said = case_id
        self._renew_at = self._clock() + FOR_EVER_S
        if self._is_refused:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT city.show_presence(%s)", (case_id,))
                (lease_s,) = cursor.fetchone() or (0,)
        except psycopg2.Error as fault:
            if connection.closed:
                raise
            # A server that only lets us read has no presence; everything else works.
            self._is_refused = True
            log.warning("presence is not told: %s", str(fault).strip())
            return
        if lease_s:
            self._renew_at = self._clock() + lease_s / RENEWALS

    def _read(self, connection: DriverConnection) -> None:
        self._is_stale = False
        with connection.cursor() as cursor:
            cursor.execute(_STANDING)
            rows = cursor.fetchall()
        now = self._clock()
        known: dict[int, tuple[Viewer, float]] = {}
        for session, case_id, login, title, title_en, since, left_s in rows:
            viewer = Viewer(session, case_id, login, title, title_en, datetime.fromtimestamp(since, UTC))
            known[session] = (viewer, now + left_s)
        self._replace(known)

    def _replace(self, known: dict[int, tuple[Viewer, float]]) -> None:
        found: defaultdict[int, list[Viewer]] = defaultdict(list)
        for viewer, _ in known.values():
            found[viewer.case_id].append(viewer)
        before, by_case = (
            self._by_case,
            {case_id: tuple(sorted(viewers, key=lambda v: (v.since, v.session))) for case_id, viewers in found.items()},
        )
        self._known, self._by_case = known, by_case
        changed = frozenset(c for c in before.keys() | by_case.keys() if before.get(c) != by_case.get(c))
        if changed:
            self._on_changed(changed)
