"""Hydrological stations dial in: whose readings are kept in which unit, what each hears, what is refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.gateway.line import Limits
from console.gateway.sl651.framing import MARK, Control, Frame, Function, build, crc
from console.gateway.sl651.report import CITY_TIME, StationReport, build_report
from tests.gateway.terminals import minutes_ago, now

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway

    Serve = Callable[..., AbstractContextManager[Gateway]]

STATION, STRANGER = "0011223344", "0099887766"
LEVEL, GAUGE = 1, 2
PATIENCE_S = 10.0


def talk(conversation: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(conversation, 60))


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def connect_sensor(engine: Engine, **source: Any) -> None:
    names = ", ".join(f"{name} => :{name}" for name in source)
    with engine.begin() as connection:
        connection.execute(text(f"SELECT city.connect_sensor({names})"), source)


@pytest.fixture
def river(sensors: Engine) -> Engine:
    """The town with a station: its level is that of the flood point, its rain counter that of the gauge."""
    connect_sensor(sensors, way=2, address=STATION, field="39", sensor_id=LEVEL)
    connect_sensor(sensors, way=2, address=STATION, field="26", sensor_id=GAUGE)
    return sensors


def report(
    at: datetime, elements: list[tuple[int, str, int]], function: int = Function.TIMED, station: str = STATION
) -> Frame:
    said = StationReport(station, 7, at.astimezone(CITY_TIME), at.astimezone(CITY_TIME), 0x48)
    return Frame(5, station, b"\x03\xe8", function, build_report(said, elements))


def level(at: datetime, metres: str, **more: Any) -> Frame:
    return report(at, [(0x39, metres.replace(".", "").rjust(8, "0"), 3)], **more)


def rain(at: datetime, total: str) -> Frame:
    return report(at, [(0x26, total.replace(".", "").rjust(6, "0"), 1)])


def packets(frame: Frame, size: int) -> list[bytes]:
    """The report in packets of `size` bytes, as a station splits it."""
    pieces = [frame.body[start : start + size] for start in range(0, len(frame.body), size)]
    made = []
    for number, piece in enumerate(pieces, 1):
        whole = bytearray(build(Frame(frame.centre, frame.station, frame.password, frame.function, b"\0\0\0" + piece)))
        whole[13] = Control.SYN
        whole[14:17] = (len(pieces) << 12 | number).to_bytes(3, "big")
        whole[-3] = Control.ETX if number == len(pieces) else Control.ETB
        made.append(bytes(whole[:-2]) + crc(bytes(whole[:-2])).to_bytes(2, "big"))
    return made


class Line:
    """A station's line: says frames, hears answers."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Line:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, frame: Frame | bytes) -> int:
        """Say a report; the control character of the answer, which must be to this report."""
        data = frame if isinstance(frame, bytes) else build(frame)
        self.writer.write(data)
        answer = await asyncio.wait_for(self.reader.readexactly(25), PATIENCE_S)
        assert answer[:2] == MARK
        assert crc(answer[:-2]) == int.from_bytes(answer[-2:], "big")
        assert (answer[2:7], answer[10]) == (data[3:8], data[10])
        return answer[-3]

    async def hung_up(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), PATIENCE_S) == b""


def test_a_report_becomes_readings_in_the_sensors_units_and_is_answered_once_it_is_kept(
    river: Engine, serve: Serve
) -> None:
    at = minutes_ago(10).replace(second=0)

    async def conversation() -> None:
        async with Line(gateway.sl651_port) as station:
            assert await station.ask(level(at, "0.184")) == Control.EOT
            assert rows(river, "SELECT at, value, quality FROM city.sensor_reading") == [(at, pytest.approx(18.4), 0)]
            # The same again is answered again and stored once; an older one joins the history alone.
            assert await station.ask(level(at, "0.184")) == Control.EOT
            assert await station.ask(level(at - timedelta(minutes=5), "0.120")) == Control.EOT

    with serve(river) as gateway:
        talk(conversation())
    assert rows(river, "SELECT count(*) FROM city.sensor_reading") == [(2,)]
    assert rows(river, "SELECT at, value FROM city.sensor_state") == [(at, pytest.approx(18.4))]
    assert rows(river, "SELECT way, owner_id FROM city.raw_message") == [(2, LEVEL)] * 3


def test_a_rain_counter_tells_what_fell_since_it_was_read_before(river: Engine, serve: Serve) -> None:
    start = minutes_ago(50).replace(second=0)

    async def conversation() -> None:
        async with Line(gateway.sl651_port) as station:
            # From the second on; one that comes late, one said twice, and a counter that begins anew.
            for minutes, total in (
                (0, "100.0"),
                (10, "102.5"),
                (5, "101.0"),
                (10, "102.5"),
                (20, "104.0"),
                (30, "0.5"),
            ):
                assert await station.ask(rain(start + timedelta(minutes=minutes), total)) == Control.EOT
            assert await station.ask(rain(start + timedelta(minutes=40), "1.5")) == Control.EOT

    with serve(river) as gateway:
        talk(conversation())
    query = "SELECT value, quality FROM city.sensor_reading WHERE sensor_id = 2 ORDER BY at"
    assert rows(river, query) == [(2.5, 0), (1.5, 0), (0.5, 2), (1.0, 0)]


def test_an_unknown_station_is_refused_listed_and_heard_once_it_is_connected(river: Engine, serve: Serve) -> None:
    at = minutes_ago(3).replace(second=0)

    async def refused() -> None:
        async with Line(gateway.sl651_port) as station:
            assert await station.ask(level(at, "0.100", station=STRANGER)) == Control.NAK
            assert await station.hung_up()

    async def welcome() -> None:
        async with Line(gateway.sl651_port) as station:
            assert await station.ask(level(at, "0.100", station=STRANGER)) == Control.EOT

    with serve(river) as gateway:
        talk(refused())
        gateway.reload()
        query = "SELECT way, address, fields, attempts FROM city.unknown_device"
        assert rows(river, query) == [(2, STRANGER, ["39"], 1)]
        connect_sensor(river, way=2, address=STRANGER, field="39", sensor_id=LEVEL, shift=-5.0)
        assert rows(river, "SELECT count(*) FROM city.unknown_device") == [(0,)]
        gateway.reload()
        talk(welcome())
        assert gateway.counters["sl651_closed_unknown"] == 1
    assert rows(river, "SELECT value FROM city.sensor_reading") == [(5.0,)]


def test_a_station_with_a_wrong_password_is_refused(sensors: Engine, serve: Serve) -> None:
    connect_sensor(sensors, way=2, address=STATION, field="39", sensor_id=LEVEL, password="1234")

    async def conversation() -> None:
        async with Line(gateway.sl651_port) as station:
            assert await station.ask(level(now(), "0.100")) == Control.NAK
            assert await station.hung_up()

    with serve(sensors) as gateway:
        talk(conversation())
        assert gateway.counters["sl651_closed_wrong_password"] == 1
    assert rows(sensors, "SELECT count(*) FROM city.raw_message") == [(0,)]


def test_what_cannot_be_is_kept_as_bad_and_what_is_unlikely_as_suspect(river: Engine, serve: Serve) -> None:
    start = minutes_ago(50).replace(second=0)

    async def conversation() -> None:
        async with Line(gateway.sl651_port) as station:
            for minutes, metres in ((0, "0.100"), (1, "0.800"), (2, "4.500"), (3, "0.110"), (30, "0.900")):
                assert await station.ask(level(start + timedelta(minutes=minutes), metres)) == Control.EOT
            # Not measured at all: the message is kept, and no value made up.
            frame = report(start + timedelta(minutes=40), [(0x39, "AAAAAAAA", 3)])
            assert await station.ask(frame) == Control.EOT
            # By hand, and a test in which water is poured.
            assert await station.ask(level(start + timedelta(minutes=41), "0.100", function=Function.MANUAL)) == 4
            assert await station.ask(level(start + timedelta(minutes=42), "0.100", function=Function.TEST)) == 4

    with serve(river) as gateway:
        talk(conversation())
        assert gateway.counters["sl651_unmeasured"] == 1
    found = rows(river, "SELECT round(value::numeric, 1)::float, quality FROM city.sensor_reading ORDER BY at")
    assert found == [(10.0, 0), (80.0, 1), (450.0, 2), (11.0, 0), (90.0, 0), (10.0, 3)]
    assert rows(river, "SELECT count(*) FROM city.raw_message") == [(8,)]


def test_a_clock_that_cannot_be_right_costs_the_reading_and_no_partitions(river: Engine, serve: Serve) -> None:
    partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'city.vehicle_fix'::regclass"
    future = (now() + timedelta(minutes=30)).replace(second=0)

    async def conversation() -> None:
        async with Line(gateway.sl651_port) as station:
            assert await station.ask(level(now() - timedelta(days=9000), "0.100")) == Control.EOT
            assert await station.ask(level(future, "0.100")) == Control.EOT

    with serve(river) as gateway:
        before = rows(river, partitions)
        talk(conversation())
        assert gateway.counters["sl651_doubtful"] == 2
    assert rows(river, "SELECT doubt FROM city.doubtful_reading ORDER BY at") == [(32,), (2,)]
    assert rows(river, "SELECT count(*) FROM city.sensor_reading") == [(0,)]
    assert rows(river, partitions) == before


def test_a_report_in_packets_is_put_together(river: Engine, serve: Serve) -> None:
    at = minutes_ago(5).replace(second=0)
    levels = "".join(f"{centimetres:04X}" for centimetres in (*range(10, 21), 0xFFFF))
    said = report(at, [(0xF5, levels, 0)], Function.HOURLY)

    async def conversation() -> None:
        first, second, third = packets(said, 20)
        async with Line(gateway.sl651_port) as station:
            assert await station.ask(first) == Control.ACK
            # The last one comes without the one before: that is asked for again.
            assert await station.ask(third) == Control.NAK
            assert await station.ask(second) == Control.ACK

    connect_sensor(river, way=2, address=STATION, field="F5", sensor_id=LEVEL)
    with serve(river) as gateway:
        talk(conversation())
    found = rows(river, "SELECT value FROM city.sensor_reading ORDER BY at")
    assert found == [(float(value),) for value in range(10, 21)]


def test_damage_costs_only_itself(river: Engine, serve: Serve) -> None:
    at = minutes_ago(5).replace(second=0)

    async def conversation() -> None:
        spoilt = bytearray(build(level(at, "0.100")))
        spoilt[30] ^= 0xFF
        async with Line(gateway.sl651_port) as station:
            station.writer.write(b"garbage" + bytes(spoilt))
            assert await station.ask(report(at, [], Function.PICTURE)) == Control.NAK
            frame = Frame(5, STATION, b"\x03\xe8", Function.TIMED, b"\x00\x01too short")
            assert await station.ask(frame) == Control.NAK
            # Glued to a heartbeat, which has no answer.
            heartbeat = build(Frame(5, STATION, b"\x03\xe8", Function.HEARTBEAT, level(at, "0").body[:8]))
            station.writer.write(heartbeat)
            assert await station.ask(level(at, "0.100")) == Control.EOT

    with serve(river) as gateway:
        talk(conversation())
        assert gateway.counters["sl651_flaw_bad_crc"] >= 1
        assert gateway.counters["sl651_flaw_bad_body"] == 1
        assert gateway.counters["sl651_unsupported"] == 1
        assert gateway.counters["sl651_function_2f"] == 1
    assert rows(river, "SELECT count(*) FROM city.sensor_reading") == [(1,)]


def test_nothing_but_beginnings_of_frames_closes_the_line(river: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Line(gateway.sl651_port) as bad:
            head = MARK + bytes.fromhex("05001122334403E833002B02")
            bad.writer.write(head * 400)
            assert await bad.hung_up()

    with serve(river) as gateway:
        talk(conversation())
        assert gateway.counters["sl651_closed_flawed"] == 1


def test_who_may_not_connect_is_not_heard(river: Engine, serve: Serve) -> None:
    async def conversation() -> None:
        async with Line(gateway.sl651_port) as station:
            assert await station.hung_up()

    with serve(river, Limits(allowed=(ip_network("10.20.0.0/16"),))) as gateway:
        talk(conversation())
        assert gateway.counters["sl651_closed_not_allowed"] == 1


def test_a_database_that_goes_away_costs_no_reading(river: Engine, administration: Engine, serve: Serve) -> None:
    start = minutes_ago(30).replace(second=0)

    def allow(allowed: bool) -> None:
        with administration.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {river.url.database} ALLOW_CONNECTIONS {allowed}"))
            if not allowed:
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                connection.execute(text(query), {"name": river.url.database})

    async def conversation() -> None:
        async with Line(gateway.sl651_port) as station:
            for minutes in range(20):
                if minutes in (5, 15):
                    await asyncio.to_thread(allow, minutes == 15)
                assert await station.ask(level(start + timedelta(minutes=minutes), "0.150")) == Control.EOT
            for _ in range(400):
                if await asyncio.to_thread(rows, river, "SELECT count(*) FROM city.sensor_reading") == [(20,)]:
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("what was spooled has not come")

    with serve(river) as gateway:
        talk(conversation())
        assert gateway.intake.counters["spooled"] > 0


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({"way": 2, "address": STATION, "field": "39", "sensor_id": 99}, "CT082"),
        ({"way": 2, "address": STATION, "field": "26", "sensor_id": LEVEL}, "CT083"),
        ({"way": 2, "address": STATION, "field": "38", "sensor_id": LEVEL}, "CT083"),
        ({"way": 3, "address": "ycsm/level/1/up", "field": "depth", "sensor_id": LEVEL}, "CT084"),
        ({"way": 3, "address": "ycsm/rain/1/up", "field": "rain_mm", "sensor_id": GAUGE}, "CT085"),
    ],
)
def test_what_does_not_fit_a_sensor_is_not_connected_with_it(river: Engine, source: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        connect_sensor(river, **source)
    assert refused.value.code == code


def test_who_connects_a_sensor_is_on_record(river: Engine) -> None:
    with river.begin() as connection:
        connection.execute(text("SELECT city.disconnect_sensor(2, '0011223344', '39')"))
    query = """
        SELECT kind, coalesce(after, before) ->> 'field' FROM city.audit_log WHERE subject = 'sensor_source' ORDER BY id
    """
    assert rows(river, query) == [("insert", "39"), ("insert", "26"), ("delete", "39")]
