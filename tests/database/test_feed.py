"""The feed tells each committed change once, in spite of late commits, broken lines and restarts."""

from __future__ import annotations

import contextlib
import random
import threading
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.database import feed as feed_module
from console.database.cluster import PrivateCluster
from console.database.connection import connect, url_of
from console.database.feed import HEARTBEAT_S, Change, ChangeFeed, FeedState
from console.database.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest
    from sqlalchemy import Connection, Engine

PATIENCE_S = 60


class Listener:
    """Collects what a feed tells and lets a test wait for it."""

    def __init__(self, url: str, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.changes: list[Change] = []
        self.states: list[FeedState] = []
        self.gaps = 0
        self.telemetry = 0
        self._news = threading.Condition()
        self.feed = ChangeFeed(
            url,
            on_changes=lambda changes: self._note(lambda: self.changes.extend(changes)),
            on_telemetry=lambda: self._note(self._count_telemetry),
            on_state=lambda state: self._note(lambda: self.states.append(state)),
            on_gap=lambda: self._note(self._count_gap),
            heartbeat_s=heartbeat_s,
        )

    def _count_telemetry(self) -> None:
        self.telemetry += 1

    def _count_gap(self) -> None:
        self.gaps += 1

    def _note(self, action: Callable[[], object]) -> None:
        with self._news:
            action()
            self._news.notify_all()

    def wait(self, what: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(what, PATIENCE_S), f"{self.states} {self.keys}"

    @property
    def keys(self) -> list[str]:
        return [change.key for change in self.changes]

    @property
    def connected(self) -> bool:
        return bool(self.states) and self.states[-1].connected


@contextlib.contextmanager
def listening(url: str, heartbeat_s: float = HEARTBEAT_S) -> Iterator[Listener]:
    listener = Listener(url, heartbeat_s=heartbeat_s)
    listener.feed.start()
    try:
        listener.wait(lambda: bool(listener.states))
        yield listener
    finally:
        listener.feed.close()


def write(connection: Connection, key: str) -> None:
    statement = "INSERT INTO city.change_log (subject, key, kind, detail) VALUES ('case_file', :key, 'insert', :detail)"
    connection.execute(text(statement), {"key": key, "detail": '{"a": 1}'})
    connection.execute(text("NOTIFY city_change"))


def commit(engine: Engine, *keys: str) -> None:
    for key in keys:
        with engine.begin() as connection:
            write(connection, key)


def break_lines(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'console feed' AND datname = current_database()"
            )
        )


def test_change_arrives_with_its_columns(empty_database: Engine) -> None:
    with listening(url_of(empty_database)) as listener:
        commit(empty_database, "A1")
        listener.wait(lambda: len(listener.changes) == 1)
    change = listener.changes[0]
    assert (change.subject, change.key, change.kind, change.detail) == ("case_file", "A1", "insert", {"a": 1})
    assert change.at.tzinfo is not None


def test_only_what_comes_after_the_start_is_told(empty_database: Engine) -> None:
    commit(empty_database, "old")
    with listening(url_of(empty_database)) as listener:
        commit(empty_database, "new")
        listener.wait(lambda: bool(listener.changes))
    assert listener.keys == ["new"]


def test_rolled_back_change_is_never_told(empty_database: Engine) -> None:
    with listening(url_of(empty_database)) as listener:
        with empty_database.connect() as connection:
            write(connection, "undone")
            connection.rollback()
        commit(empty_database, "done")
        listener.wait(lambda: bool(listener.changes))
    assert listener.keys == ["done"]


def test_late_commit_is_told_and_holds_nobody_up(empty_database: Engine) -> None:
    with listening(url_of(empty_database)) as listener, empty_database.connect() as late:
        write(late, "early number, late commit")
        commit(empty_database, "quick")
        listener.wait(lambda: listener.keys == ["quick"])
        late.commit()
        listener.wait(lambda: len(listener.changes) == 2)
    assert listener.keys == ["quick", "early number, late commit"]
    assert listener.changes[0].id > listener.changes[1].id


def test_transaction_open_since_before_the_start_is_told(empty_database: Engine) -> None:
    with empty_database.connect() as late:
        write(late, "open before")
        with listening(url_of(empty_database)) as listener:
            late.commit()
            listener.wait(lambda: listener.keys == ["open before"])


def test_many_writers_with_broken_lines_are_told_once_each(empty_database: Engine) -> None:
    writers, rounds = 6, 25
    expected = {f"{writer}-{turn}" for writer in range(writers) for turn in range(rounds) if turn % 5}

    def work(writer: int) -> None:
        chance = random.Random(writer)
        for turn in range(rounds):
            with empty_database.connect() as connection:
                write(connection, f"{writer}-{turn}")
                connection.execute(text("SELECT pg_sleep(:pause)"), {"pause": chance.random() / 50})
                if turn % 5:
                    connection.commit()
                else:
                    connection.rollback()
            if turn == writer * 4:
                break_lines(empty_database)

    with listening(url_of(empty_database)) as listener:
        threads = [threading.Thread(target=work, args=(writer,)) for writer in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        listener.wait(lambda: len(listener.changes) >= len(expected))
    assert sorted(listener.keys) == sorted(expected)
    assert listener.gaps == 0


def test_gap_is_read_after_a_broken_line(empty_database: Engine) -> None:
    with listening(url_of(empty_database)) as listener:
        commit(empty_database, "before")
        listener.wait(lambda: listener.keys == ["before"])
        break_lines(empty_database)
        commit(empty_database, "during")
        listener.wait(lambda: listener.keys == ["before", "during"] and listener.connected)
    assert [state.connected for state in listener.states] == [True, False, True]
    assert "cannot be reached" in str(listener.states[1].reason) or "closed" in str(listener.states[1].reason)


def test_heartbeat_reads_what_no_bell_told(empty_database: Engine) -> None:
    with listening(url_of(empty_database), heartbeat_s=0.05) as listener:
        with empty_database.begin() as connection:
            connection.execute(
                text("INSERT INTO city.change_log (subject, key, kind) VALUES ('zone', 'silent', 'update')")
            )
        listener.wait(lambda: listener.keys == ["silent"])


def test_telemetry_only_wakes(empty_database: Engine) -> None:
    with listening(url_of(empty_database)) as listener:
        listener.wait(lambda: listener.telemetry == 1)  # on connecting
        with empty_database.begin() as connection:
            connection.execute(text("NOTIFY city_telemetry, 'vehicle_state'"))
        listener.wait(lambda: listener.telemetry == 2)
    assert listener.changes == []


def test_trimmed_log_asks_for_a_reload(empty_database: Engine) -> None:
    with listening(url_of(empty_database)) as listener:
        commit(empty_database, "known")
        listener.wait(lambda: listener.keys == ["known"])
        with empty_database.begin() as connection:
            # The lock keeps the feed from reading before all of this is committed.
            connection.execute(text("LOCK TABLE city.change_log IN ACCESS EXCLUSIVE MODE"))
            write(connection, "lost")
            write(connection, "kept")
            connection.execute(text("DELETE FROM city.change_log WHERE key <> 'kept'"))
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'console feed'")
            )
        listener.wait(lambda: listener.gaps == 1 and listener.connected)
        commit(empty_database, "after")
        listener.wait(lambda: "after" in listener.keys)


def test_flood_asks_for_a_reload(empty_database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MOST_CHANGES", 10)
    with listening(url_of(empty_database)) as listener:
        with empty_database.begin() as connection:
            for number in range(11):
                write(connection, str(number))
        listener.wait(lambda: listener.gaps == 1)
        commit(empty_database, "after")
        listener.wait(lambda: listener.keys == ["after"])


def test_other_server_asks_for_a_reload(empty_database: Engine) -> None:
    with listening(url_of(empty_database)) as listener:
        listener.wait(lambda: listener.connected)
        listener.feed._cursor = "9000000000:9000000000:"  # of a server that has seen far more
        commit(empty_database, "x")
        listener.wait(lambda: listener.gaps == 1)
        commit(empty_database, "y")
        listener.wait(lambda: "y" in listener.keys)


def test_failing_consumer_does_not_silence_the_feed(empty_database: Engine, caplog: pytest.LogCaptureFixture) -> None:
    seen = threading.Event()

    def consume(changes: list[Change]) -> None:
        if changes[0].key == "bad":
            raise ValueError("consumer's fault")
        seen.set()

    ready = threading.Event()
    feed = ChangeFeed(url_of(empty_database), on_changes=consume, on_state=lambda _state: ready.set())
    feed.start()
    try:
        assert ready.wait(PATIENCE_S)
        commit(empty_database, "bad", "good")
        # Both may come in one batch, which fails as a whole; the next one is told all the same.
        commit(empty_database, "later")
        assert seen.wait(PATIENCE_S)
    finally:
        feed.close()
    assert "a consumer of the change feed failed" in caplog.text


def test_unreachable_server_is_told_and_close_does_not_hang(tmp_path: Path) -> None:
    with listening(f"postgresql://nobody@/city?host={tmp_path}") as listener:
        listener.wait(lambda: bool(listener.states))
    assert not listener.connected
    assert "cannot be reached" in str(listener.states[0].reason)
    listener.feed.close()


def test_restart_of_the_server_loses_nothing(short_folder: Path) -> None:
    cluster = PrivateCluster(short_folder, durable=False, memory=32 << 20)
    url = cluster.start()
    engine = connect(url)
    try:
        migrate(engine)
        with listening(url) as listener:
            commit(engine, "before")
            listener.wait(lambda: listener.keys == ["before"])
            cluster.stop()
            listener.wait(lambda: not listener.connected)
            assert cluster.start() == url
            commit(engine, "after")
            listener.wait(lambda: listener.keys == ["before", "after"] and listener.connected)
    finally:
        engine.dispose()
        cluster.stop()
    assert listener.gaps == 0
