"""Terminals of the play at a real gateway: what they report is stored once, whatever becomes of the line."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database.faults import DatabaseAway
from console.gateway.listening import Listening, read_listening, write_listening
from console.models.field_intake import Fixes
from console.models.terminal_commands import ask_positions, commands, send_text
from console.simulation.field.field import Devices, Field, identities
from console.simulation.field.terminal import BATCH_2019
from tests.serving import serving
from tests.town import FLEET, TOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway

    Serve = Callable[..., AbstractContextManager[Gateway]]

PATIENCE_S = 60


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    """Three trucks: 1 has a terminal of 2013, 2 of 2019, 3 of 2019 by its long number."""
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(text(FLEET))
    return empty_database


@pytest.fixture
def serve(town: Engine, tmp_path: Path) -> Serve:
    """Lets a gateway run on ports of its own and says where, as the console does."""

    @contextmanager
    def serve(spool: str = "spool", spool_bytes: int = 1 << 20) -> Iterator[Gateway]:
        with serving(tmp_path / spool, town, spool_bytes=spool_bytes) as gateway:
            write_listening(tmp_path / "gateway.json", gateway.listening)
            yield gateway

    return serve


@pytest.fixture
def field(town: Engine, tmp_path: Path) -> Iterator[Field]:
    with town.connect() as connection:
        known = identities(connection, [1, 2, 3])
    made = Field(Devices(known), tmp_path / "gateway.json")
    made.start()
    yield made
    made.close(0)


def fixes(start: datetime, seconds: int, vehicles: tuple[int, ...] = (1, 2, 3)) -> Fixes:
    told = Fixes()
    for second in range(seconds):
        for vehicle in vehicles:
            told.vehicle_ids.append(vehicle)
            told.ats.append(start + timedelta(seconds=second))
            told.xs.append(500_000.0 + 10 * second)
            told.ys.append(3_875_000.0 + 100 * vehicle)
            told.speeds_kmh.append(36.0)
            told.headings.append(90)
            told.loads.append(("empty", "half", "full")[vehicle % 3])
            told.lids_closed.append(vehicle != 2)
            told.mileages_m.append(1_000 + 10 * second)
            told.alarm_bits.append(0)
            told.ignitions.append(True)
    return told


def settle(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start_time() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)


def stored(town: Engine, start: datetime) -> list[int]:
    """Of each truck, how many positions since `start` the city has."""
    with town.connect() as connection:
        query = text("SELECT count(*) FROM city.vehicle_fix WHERE at >= :start GROUP BY vehicle_id ORDER BY vehicle_id")
        return list(connection.scalars(query, {"start": start}))


def test_terminals_of_both_editions_report_what_the_truck_does(town: Engine, serve: Serve, field: Field) -> None:
    start = start_time()
    with serve() as gateway:
        field.report(fixes(start, 1))
        settle(lambda: not field.waiting)
        assert gateway.counters["authentication_failed"] == 0
    with town.connect() as connection:
        rows = connection.execute(
            text("""
                SELECT vehicle_id, public.ST_X(geom) AS x, public.ST_Y(geom) AS y, speed_kmh, heading,
                    load::text AS load, lid_closed, mileage_m FROM city.vehicle_fix ORDER BY vehicle_id
            """)
        ).all()
        editions = list(connection.scalars(text("SELECT is_2019 FROM city.terminal ORDER BY phone")))
    assert [row.load for row in rows] == ["half", "full", "empty"]
    assert [row.lid_closed for row in rows] == [True, False, True]
    for row in rows:
        assert (row.x, row.y) == pytest.approx((500_000, 3_875_000 + 100 * row.vehicle_id), abs=0.2)
        assert (row.speed_kmh, row.heading, row.mileage_m) == (36.0, 90, 1_000)
    assert editions == [False, True, True]


def test_a_gateway_that_ends_and_comes_back_elsewhere_gets_everything_once(
    town: Engine, serve: Serve, field: Field
) -> None:
    start = start_time()
    with serve():
        field.report(fixes(start, 5))
        settle(lambda: not field.waiting)
    later = start + timedelta(seconds=5)
    field.report(fixes(later, BATCH_2019 + 30))
    assert field.waiting
    with serve() as gateway:
        settle(lambda: not field.waiting)
        assert gateway.counters["message_0704"] >= 3
        assert gateway.counters["parts_dropped"] == 0
    assert stored(town, start) == [BATCH_2019 + 35] * 3
    assert field.counters["lost"] == field.counters["refused"] == 0


def test_what_was_not_acknowledged_is_said_again(
    town: Engine, serve: Serve, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = start_time()
    with monkeypatch.context() as broken:
        broken.setattr("console.gateway.store.record_fixes", _refuse)
        with serve("full", spool_bytes=0) as gateway:  # nothing can be kept, so nothing is acknowledged
            field.report(fixes(start, 3))
            settle(lambda: gateway.intake.counters["spool_full"] >= 3)
        assert field.waiting == 9
    with serve():
        settle(lambda: not field.waiting)
    assert stored(town, start) == [3, 3, 3]


def _refuse(*_: object) -> int:
    raise DatabaseAway("away")


def test_out_of_reach_of_the_network_positions_are_kept_and_sent_as_a_batch(
    town: Engine, serve: Serve, field: Field
) -> None:
    start = start_time()
    with serve() as gateway:
        settle(lambda: field.counters["in"] == 3)
        field.out_of_reach({1})
        settle(lambda: field.counters["in"] == 2)
        field.report(fixes(start, 12))
        settle(lambda: field.waiting == 12)
        assert stored(town, start) == [12, 12]
        before = gateway.counters["message_0704"]
        field.out_of_reach(())
        settle(lambda: not field.waiting)
        assert gateway.counters["message_0704"] > before
    assert stored(town, start) == [12, 12, 12]


def test_terminals_do_what_desks_tell_them(town: Engine, serve: Serve, field: Field) -> None:
    start = start_time()
    with serve():
        settle(lambda: field.counters["in"] == 3)
        with town.begin() as connection:
            send_text(connection, [1, 2], "前方积水，请绕行")
            connection.execute(
                text("SELECT city.set_parameters(ARRAY[1], CAST(:told AS jsonb))"),
                {"told": '{"report_s": 7, "speed_limit_kmh": 30}'},
            )
            ask_positions(connection, [2])
        settle(lambda: field.asked() == {2} and field.counters["texts"] == 2 and 1 in field.wishes())
        assert field.wishes()[1].report_s == 7
        field.report(fixes(start, 1))

        def states() -> list[str]:
            with town.connect() as connection:
                return [one.state for vehicle in (1, 2) for one in commands(connection, vehicle)]

        settle(lambda: states() == ["done"] * 4)
        settle(lambda: not field.waiting)
        assert not field.asked()
    with town.connect() as connection:
        query = text("SELECT alarm_bits & 2 > 0 FROM city.vehicle_fix ORDER BY vehicle_id")
        assert list(connection.scalars(query)) == [True, False, False]


def test_a_terminal_that_is_refused_keeps_its_positions_until_it_is_let_in(
    town: Engine, serve: Serve, field: Field
) -> None:
    start = start_time()
    with town.begin() as connection:
        connection.execute(text("UPDATE city.vehicle SET active = false WHERE id = 3"))
    with serve():
        field.report(fixes(start, 2))
        settle(lambda: field.waiting == 2)
        with town.begin() as connection:
            connection.execute(text("UPDATE city.vehicle SET active = true WHERE id = 3"))
        settle(lambda: not field.waiting)
    assert stored(town, start) == [2, 2, 2]


def test_where_a_gateway_listens_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "gateway.json"
    read = partial(read_listening, path)
    assert read() is None
    write_listening(path, Listening("::", 8080, 8651))
    assert read() == Listening("::1", 8080, 8651, 0)
    for words in ("", "[]", "{}", '{"host": "a", "jt808": "x"}', "\x00"):
        path.write_text(words, encoding="utf-8")
        assert read() is None
