"""Nothing that was acknowledged is lost, nothing is stored twice: batches, the spool, and a database that goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.database.faults import DatabaseAway, Refused
from console.gateway.arrivals import Arrival, Reading, Way
from console.gateway.intake import Intake
from console.gateway.spool import SEGMENT_BYTES, Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

START = datetime(2026, 7, 15, 1, 30, tzinfo=UTC)


def arrival(number: int, raw: bytes = b"raw", done: Callable[[bool], None] | None = None) -> Arrival:
    return Arrival(START + timedelta(seconds=number), Way.JT808, number, raw, done=done)


class Database:
    """Stands for the table: keeps what it is given once; away or strict when told."""

    def __init__(self) -> None:
        self.stored: dict[int, bytes] = {}
        self.away = False
        self.impossible: set[int] = set()

    def store(self, batch: Sequence[Arrival]) -> None:
        if self.away:
            raise DatabaseAway("away")
        if any(one.owner_id in self.impossible and one.readings for one in batch):
            raise Refused("impossible", code="CT999")
        for one in batch:
            self.stored.setdefault(one.owner_id, one.raw)


@pytest.fixture
def database() -> Database:
    return Database()


def intake_on(database: Database, spool: Spool) -> Intake:
    intake = Intake(database.store, lambda one: one, spool, lambda call: call())
    intake.start()
    return intake


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def test_what_comes_in_is_stored_and_acknowledged(database: Database, tmp_path: Path) -> None:
    told: list[bool] = []
    intake = intake_on(database, Spool(tmp_path, 1 << 20))
    for number in range(100):
        intake.put(arrival(number, done=told.append))
    intake.close()
    assert sorted(database.stored) == list(range(100))
    assert told == [True] * 100


def test_while_the_database_is_away_messages_wait_on_the_disk_and_are_acknowledged(
    database: Database, tmp_path: Path
) -> None:
    told: list[bool] = []
    spool = Spool(tmp_path, 1 << 20)
    intake = intake_on(database, spool)
    database.away = True
    for number in range(50):
        intake.put(arrival(number, done=told.append))
    wait_for(lambda: len(told) == 50)
    assert all(told)
    assert intake.is_away
    assert spool.size > 0
    database.away = False
    wait_for(lambda: len(database.stored) == 50)
    wait_for(lambda: spool.is_empty)
    intake.close()


def test_beyond_its_bound_the_spool_takes_nothing_and_nothing_is_acknowledged(
    database: Database, tmp_path: Path
) -> None:
    told: list[bool] = []
    intake = intake_on(database, Spool(tmp_path, 200))
    database.away = True
    intake.put(arrival(1, b"x" * 100, told.append))
    wait_for(lambda: len(told) == 1)
    intake.put(arrival(2, b"x" * 100, told.append))
    wait_for(lambda: len(told) == 2)
    assert told == [True, False]
    database.away = False
    intake.close()
    assert intake.counters["spool_full"] == 1


def test_what_waits_on_the_disk_outlives_the_process(database: Database, tmp_path: Path) -> None:
    Spool(tmp_path, 1 << 20).append([arrival(number, bytes([number])) for number in range(10)])
    intake = intake_on(database, Spool(tmp_path, 1 << 20))
    wait_for(lambda: len(database.stored) == 10)
    intake.close()
    assert database.stored == {number: bytes([number]) for number in range(10)}
    assert list(tmp_path.iterdir()) == []


def test_an_impossible_message_keeps_no_other_out_and_its_raw_form_is_kept(database: Database, tmp_path: Path) -> None:
    told: list[bool] = []
    database.impossible = {7}
    intake = intake_on(database, Spool(tmp_path, 1 << 20))
    for number in range(20):
        intake.put(replace(arrival(number, done=told.append), readings=(Reading(number, START, 1.0, 0),)))
    intake.close()
    assert told == [True] * 20
    assert sorted(database.stored) == list(range(20))
    assert intake.counters["impossible"] == 1


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20), st.integers(0, 40))
def test_a_torn_segment_gives_back_what_is_whole(
    tmp_path_factory: pytest.TempPathFactory, raws: list[bytes], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    Spool(folder, 1 << 20).append([arrival(number, raw) for number, raw in enumerate(raws)])
    (path,) = folder.iterdir()
    os.truncate(path, max(path.stat().st_size - cut, 0))
    spool = Spool(folder, 1 << 20)
    found = [one.raw for one in spool.oldest()]
    assert found == raws[: len(found)]
    assert len(found) >= len(raws) - 1 - cut // 17
    if cut == 0:
        assert found == raws
    # What comes after goes into a segment of its own.
    spool.append([arrival(99, b"after")])
    assert len(list(folder.iterdir())) == 2


def test_segments_stay_small(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 100 << 20)
    for number in range(3):
        spool.append([arrival(number, bytes(SEGMENT_BYTES // 2))])
    assert len(list(tmp_path.iterdir())) == 3
    again = Spool(tmp_path, 100 << 20)
    for number in range(3):
        assert [one.owner_id for one in again.oldest()] == [number]
        again.drop_oldest()
    assert again.is_empty


def test_times_survive_to_the_microsecond(tmp_path: Path) -> None:
    at = START + timedelta(microseconds=123457)
    spool = Spool(tmp_path, 1 << 20)
    spool.append([Arrival(at, Way.MQTT, 5, b"x")])
    assert [one.received_at for one in spool.oldest()] == [at]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from console.gateway.arrivals import Arrival, Reading, Way
from console.gateway.spool import Spool
spool = Spool(Path(sys.argv[1]), 1 << 26)
number = 0
while True:
    number += 1
    if spool.append([Arrival(datetime.now(UTC), Way.JT808, number, b"x" * 50)]):
        print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
    process.wait()
    process.stdout.close()
    spool = Spool(tmp_path, 1 << 26)
    found: list[int] = []
    while not spool.is_empty:
        found += [one.owner_id for one in spool.oldest()]
        spool.drop_oldest()
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))
