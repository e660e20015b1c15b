"""Presence on the line: told at once, renewed, swept out after a crash, forgotten when a lease is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from sqlalchemy import text

from console.database.connection import connect_listener
from console.database.feed import ChangeFeed
from console.models.cases.presence import RENEWALS, Presence
from console.simulation.generator import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

PATIENCE_S = 10.0


def until(found: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def address(database: Engine, login: str) -> str:
    url = database.url.set(username=login, password=DEMONSTRATION_PASSWORD)
    return url.render_as_string(hide_password=False)


class Clock:
    """Seconds that run when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Line:
    """A desk whose line is tended by hand."""

    def __init__(self, database: Engine, login: str, clock: Clock) -> None:
        self.changed: list[frozenset[int]] = []
        self.heard = 0
        self.presence = Presence(self.changed.append, clock)
        self.connection = connect_listener(address(database, login))
        with self.connection.cursor() as cursor:
            cursor.execute(f"LISTEN {self.presence.channel}")
        self.presence.begin(self.connection)

    def tend(self) -> float:
        self.connection.poll()
        payloads = [notice.payload for notice in self.connection.notifies]
        self.connection.notifies.clear()
        self.heard += len(payloads)
        self.presence.hear(payloads)
        return self.presence.tend(self.connection)

    def hears_more_than(self, heard: int) -> None:
        """Wait until another notification has come."""

        def found() -> bool:
            self.tend()
            return self.heard > heard

        until(found)

    def sees(self, case_id: int, *logins: str) -> None:
        """Wait until exactly these have the case open."""

        def found() -> bool:
            self.tend()
            return [viewer.login for viewer in self.presence.others(case_id)] == list(logins)

        until(found)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two(database: Engine, clock: Clock) -> Iterator[tuple[Line, Line]]:
    desks = Line(database, "acceptor01", clock), Line(database, "dispatcher01", clock)
    yield desks
    for desk in desks:
        desk.connection.close()


def test_a_lease_is_renewed_in_time_and_keeps_its_beginning(two: tuple[Line, Line], clock: Clock) -> None:
    one, other = two
    one.presence.show(17)
    wait_s = one.tend()
    other.sees(17, "acceptor01")
    (first,) = other.presence.others(17)
    other.changed.clear()
    for _ in range(3 * RENEWALS):
        clock.now += wait_s
        heard = other.heard
        assert one.tend() == pytest.approx(wait_s)
        other.hears_more_than(heard)
        other.sees(17, "acceptor01")
    assert other.presence.others(17) == (first,)
    assert other.changed == [], "a renewal changes nothing that is seen"


def test_a_lease_that_nobody_renews_is_over(two: tuple[Line, Line], clock: Clock) -> None:
    one, other = two
    one.presence.show(17)
    wait_s = one.tend()
    other.sees(17, "acceptor01")
    clock.now += (RENEWALS + 0.1) * wait_s
    other.sees(17)
    assert other.changed[-1] == {17}


def test_a_desk_that_is_cut_off_is_swept_out_by_the_next_one(
    two: tuple[Line, Line], database: Engine, clock: Clock
) -> None:
    one, other = two
    third = Line(database, "shift_leader01", clock)
    one.presence.show(17)
    one.tend()
    other.sees(17, "acceptor01")
    third.sees(17, "acceptor01")
    one.connection.close()  # without a word, as after a crash
    gone = text("SELECT count(*) FROM pg_stat_activity WHERE usename = 'acceptor01'")
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        until(lambda: connection.scalar(gone) == 0)
    third.presence.show(18)
    third.tend()
    other.sees(17)
    other.sees(18, "shift_leader01")
    third.connection.close()


def test_one_person_at_two_desks_is_seen_at_both(database: Engine, clock: Clock) -> None:
    one, other = Line(database, "acceptor01", clock), Line(database, "acceptor01", clock)
    one.presence.show(17)
    one.tend()
    other.presence.show(17)
    other.tend()
    one.sees(17, "acceptor01")
    other.sees(17, "acceptor01")
    one.connection.close()
    other.connection.close()


def test_the_table_is_nobodys_to_write_and_strangers_are_not_told(database: Engine, two: tuple[Line, Line]) -> None:
    one, other = two
    with one.connection.cursor() as cursor:
        for statement in ("DELETE FROM city.case_presence", "UPDATE city.case_presence SET case_id = 1"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
    with database.begin() as connection:  # the owner is no member of staff
        assert connection.scalar(text("SELECT city.show_presence(17)")) == 0
    one.presence.show(18)
    one.tend()
    other.sees(18, "acceptor01")
    other.sees(17)


def test_on_the_feed_it_takes_a_moment_and_no_question(database: Engine) -> None:
    heard: list[frozenset[int]] = []
    states: list[Any] = []
    ours, theirs = Presence(heard.append), Presence(lambda _ids: None)
    feeds = [
        ChangeFeed(address(database, "acceptor01"), companion=ours, on_state=states.append),
        ChangeFeed(address(database, "dispatcher01"), companion=theirs, on_state=states.append),
    ]
    for feed in feeds:
        feed.start()
    try:
        until(lambda: len(states) == len(feeds))
        theirs.show(17)
        feeds[1].ring()
        until(lambda: [v.title for v in ours.others(17)])
        theirs.show(None)
        feeds[1].ring()
        until(lambda: not ours.others(17))
        assert heard == [frozenset({17}), frozenset({17})]
    finally:
        for feed in feeds:
            feed.close()
