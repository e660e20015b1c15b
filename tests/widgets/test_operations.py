"""Reads in a pool, writes in one lane, results on the GUI thread."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from sqlalchemy import Connection, text

from console.database.faults import Cancelled, DatabaseAway
from console.widgets.shared import precedence
from console.widgets.shared.operations import READERS, Failure, Operations, _Job, current_connection

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine


def scalar(sql: str) -> Any:
    return lambda connection: connection.execute(text(sql)).scalar()


def test_a_result_comes_back_on_the_gui_thread(qtbot: QtBot, operations: Operations) -> None:
    owner = QObject()
    got: list[Any] = []
    worker: list[object] = []

    def work(connection: Connection) -> int:
        worker.append(threading.current_thread())
        return int(connection.execute(text("SELECT 41 + 1")).scalar_one())

    operations.read(owner, work, lambda result: got.append((result, QThread.currentThread())))
    qtbot.waitUntil(lambda: bool(got))
    assert got == [(42, owner.thread())]
    assert worker[0] is not threading.main_thread()


def test_a_read_cannot_write(qtbot: QtBot, operations: Operations) -> None:
    owner = QObject()
    with qtbot.waitSignal(operations.failed) as caught:
        operations.read(owner, scalar("CREATE TABLE city.mistake (id int)"), print)
    assert "lets us read" in str(caught.args[0].error)


def test_a_write_is_committed_and_writes_keep_their_order(
    qtbot: QtBot, operations: Operations, empty_database: Engine
) -> None:
    owner = QObject()
    order: list[object] = []
    operations.write(owner, lambda c: c.execute(text("CREATE TABLE public.lane (n int)")), order.append)
    insert = text("INSERT INTO public.lane SELECT :n WHERE pg_sleep(0.001) IS NOT NULL")
    for n in range(20):
        operations.write(owner, partial(Connection.execute, statement=insert, parameters={"n": n}), order.append)
    qtbot.waitUntil(lambda: len(order) == 21)
    with empty_database.connect() as connection:
        found = connection.execute(text("SELECT n FROM public.lane ORDER BY ctid")).scalars().all()
    assert found == list(range(20))


def test_of_reads_with_one_key_only_the_latest_counts_and_the_earlier_is_cancelled(
    qtbot: QtBot, operations: Operations
) -> None:
    owner = QObject()
    got: list[Any] = []
    stopped, started = threading.Event(), threading.Event()

    def long(connection: Connection) -> None:
        started.set()
        try:
            connection.execute(text("SELECT pg_sleep(60)"))
        except Cancelled:
            stopped.set()
            raise

    operations.read(owner, long, got.append, key="figures")
    assert started.wait(10)
    failures: list[Failure] = []
    operations.failed.connect(failures.append)
    operations.read(owner, scalar("SELECT 'second'"), got.append, key="figures")
    operations.read(owner, scalar("SELECT 'third'"), got.append, key="figures")
    qtbot.waitUntil(lambda: bool(got) and operations.busy == 0)
    assert stopped.is_set()
    assert got == ["third"]
    assert failures == []


def test_the_same_key_of_another_owner_is_another_question(qtbot: QtBot, operations: Operations) -> None:
    one, other = QObject(), QObject()
    got: list[object] = []
    operations.read(one, scalar("SELECT 'one'"), got.append, key="k")
    operations.read(other, scalar("SELECT 'other'"), got.append, key="k")
    qtbot.waitUntil(lambda: len(got) == 2)
    assert set(got) == {"one", "other"}


def test_nothing_is_delivered_to_an_owner_that_is_gone(qtbot: QtBot, operations: Operations) -> None:
    parent = QObject()
    owner = QObject(parent)
    got: list[object] = []
    operations.read(owner, scalar("SELECT pg_sleep(0.05)"), got.append)
    del parent  # and with it the C++ side of `owner`
    qtbot.waitUntil(lambda: operations.busy == 0)
    assert got == []


def test_every_failure_is_told_once_and_says_whether_the_panel_shows_it(qtbot: QtBot, operations: Operations) -> None:
    owner = QObject()
    told: list[Failure] = []
    own: list[Exception] = []
    operations.failed.connect(told.append)
    operations.read(owner, scalar("SELECT 1 / 0"), print)
    operations.read(owner, scalar("SELECT 1 / 0"), print, own.append)
    operations.write(owner, scalar("SELECT 1 / 0"), print)
    qtbot.waitUntil(lambda: len(told) == 3)
    assert len(own) == 1
    assert sorted((f.is_write, f.handled) for f in told) == [(False, False), (False, True), (True, False)]


def test_asking_off_the_gui_thread_is_refused(operations: Operations) -> None:
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            operations.read(QObject(), scalar("SELECT 1"), print)
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert "GUI thread" in str(caught[0])


def test_reads_run_side_by_side(qtbot: QtBot, operations: Operations) -> None:
    owner = QObject()
    got: list[Any] = []
    meeting = threading.Barrier(READERS, timeout=30)
    for _ in range(READERS):
        operations.read(owner, lambda _connection: meeting.wait(), got.append)
    qtbot.waitUntil(lambda: len(got) == READERS, timeout=30_000)


def test_the_map_finds_its_connection(qtbot: QtBot, operations: Operations) -> None:
    got: list[object] = []
    operations.fetch("zones", lambda: current_connection().execute(text("SELECT 7")).scalar(), got.append, print)
    qtbot.waitUntil(lambda: got == [7])
    with pytest.raises(LookupError):
        current_connection()


def test_a_lost_database_is_told_as_such(qtbot: QtBot, operations: Operations) -> None:
    owner = QObject()
    with qtbot.waitSignal(operations.failed) as caught:
        operations.read(owner, scalar("SELECT pg_terminate_backend(pg_backend_pid())"), print)
    assert isinstance(caught.args[0].error, DatabaseAway)
    got: list[object] = []
    operations.read(owner, scalar("SELECT 1"), got.append)
    qtbot.waitUntil(lambda: got == [1])


def test_closing_cancels_reads_finishes_writes_and_ends_the_threads(
    qtbot: QtBot, operations: Operations, empty_database: Engine
) -> None:
    owner, started = QObject(), threading.Event()

    def long(connection: Connection) -> None:
        started.set()
        connection.execute(text("SELECT pg_sleep(60)"))

    operations.read(owner, long, print)
    operations.write(owner, lambda c: c.execute(text("CREATE TABLE public.kept AS SELECT pg_sleep(0.1)::text")))
    assert started.wait(10)
    operations.close()
    with empty_database.connect() as connection:
        assert connection.execute(text("SELECT to_regclass('public.kept') IS NOT NULL")).scalar()
    operations.read(owner, long, print)  # too late, but harmless


def test_between_two_answers_the_window_has_its_turn(qtbot: QtBot, operations: Operations) -> None:
    owner = QObject()
    order: list[str] = []

    def note(result: str) -> None:
        order.append(result)
        QTimer.singleShot(0, owner, lambda: order.append(f"after {result}"))

    for name in ("one", "other"):
        operations._arrived.append(_Job(owner, name, str, note, None, is_write=False, result=name))
    operations._deliveries.start()
    qtbot.waitUntil(lambda: len(order) == 4)
    assert order == ["one", "after one", "other", "after other"]


def test_a_read_waits_while_the_window_is_at_work(
    qtbot: QtBot, operations: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precedence, "MOST_S", 600.0)
    owner = QObject()
    asks = threading.Event()
    steps: list[object] = []

    def work(connection: Connection) -> None:
        asks.set()
        for number in range(3):
            connection.execute(text("SELECT 1"))
            steps.append(number)

    def busy() -> None:
        """At work, without a turn of the event loop."""
        begun = time.thread_time()
        while time.thread_time() - begun < 0.005:
            pass

    busy()
    operations.read(owner, work, lambda _none: steps.append("answered"))
    busy()
    assert not asks.is_set()
    qtbot.waitUntil(lambda: steps == [0, 1, 2, "answered"])


def test_nobody_waits_for_a_window_that_is_closing(operations: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "MOST_S", 600.0)
    got: list[object] = []
    operations.read(QObject(), scalar("SELECT 1"), got.append)
    operations.close()
