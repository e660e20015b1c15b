"""Everything enters through the intake functions, once, in any order, from any number of desks."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from console.database.faults import Refused
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

REPORT = text("""
    SELECT id, case_no FROM city.report_case(
        'inspector', :description, :x, :y, request_id => :request_id, reported_at => coalesce(:at, now()))
""")
NOON = datetime(2026, 10, 1, 4, tzinfo=UTC)  # noon in Yuncheng
# The recipe of docs/database.md: lists bind as arrays once they are cast.
FIXES = text("""
    SELECT city.record_fixes(
        CAST(:vehicles AS integer[]), CAST(:ats AS timestamptz[]), CAST(:xs AS double precision[]),
        CAST(:ys AS double precision[]), CAST(:speeds AS real[]), CAST(:headings AS smallint[]),
        CAST(:loads AS city.load_state[]), CAST(:lids AS boolean[]), CAST(:mileages AS integer[]),
        CAST(:bits AS integer[]))
""")
READINGS = text("""
    SELECT city.record_readings(
        CAST(:sensors AS smallint[]), CAST(:ats AS timestamptz[]), CAST(:readings AS real[]),
        CAST(:qualities AS smallint[]))
""")


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(
            text("""
            INSERT INTO city.company (name) VALUES ('第一运输公司');
            INSERT INTO city.vehicle (id, plate, terminal_phone, company_id, box_m3)
                SELECT i, '晋M' || i, lpad(i::text, 12, '0'), 1, 20 FROM generate_series(1, 3) AS i;
            INSERT INTO city.sensor (id, code, name, kind, unit, interval_s, geom)
                VALUES (1, 'R1', '一号雨量站', 'rain', 'mm', 300, ST_SetSRID(ST_Point(500100, 3875000), 4546));
            """)
        )
    return empty_database


def report(
    connection: Connection, *, x: float = 500100, y: float = 3875010, description: str = "井盖缺失",
    request_id: uuid.UUID | None = None, at: datetime | None = None,
) -> Any:  # fmt: skip
    values = {"description": description, "x": x, "y": y, "request_id": request_id, "at": at}
    return connection.execute(REPORT, values).one()


def test_the_place_decides_grid_zone_and_street(town: Engine) -> None:
    with town.connect() as connection:
        report(connection, at=NOON)
        row = (
            connection.execute(
                text("SELECT f.*, s.name AS street FROM city.case_file f LEFT JOIN city.street s ON s.id = f.street_id")
            )
            .mappings()
            .one()
        )
        assert (row["unit_grid"], row["zone_id"], row["street"]) == ("140802001001001", 1, "红旗街")
        assert (row["state"], row["case_no"]) == ("reported", "YC202610010001")
        assert row["due_at"] - row["reported_at"] == timedelta(minutes=15)
        assert row["warn_at"] - row["reported_at"] == timedelta(minutes=12)
        event = connection.execute(
            text("SELECT seq, move::text, from_state, to_state::text, at FROM city.case_event")
        ).one()
        assert tuple(event) == (1, "report", None, "reported", row["reported_at"])
        report(connection, y=3879000)
        assert connection.scalar(text("SELECT street_id FROM city.case_file ORDER BY id DESC LIMIT 1")) is None


def test_a_repeated_request_makes_one_case(town: Engine) -> None:
    request = uuid.uuid4()
    with town.begin() as connection:
        first = report(connection, request_id=request)
    with town.begin() as connection:
        assert tuple(report(connection, request_id=request, description="anders")) == tuple(first)
        assert connection.scalar(text("SELECT count(*) FROM city.case_file")) == 1


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"x": 400_000.0}, "CT004", "lies in no unit grid"),
        ({"x": 111.0, "y": 35.0}, "CT004", "lies in no unit grid"),
        ({"x": float("nan")}, "CT004", "lies in no unit grid"),
        ({"at": datetime.now(UTC) + timedelta(hours=1)}, "CT003", "in the future"),
        ({"description": "  "}, "CT002", "needs a description"),
    ],
)
def test_reports_that_are_refused(town: Engine, values: dict[str, Any], code: str, words: str) -> None:
    with town.connect() as connection, pytest.raises(Refused, match=words) as refused:
        report(connection, **values)
    assert refused.value.code == code


def test_numbers_have_no_gap_though_many_desks_report_at_once(town: Engine) -> None:
    desks, each = 4, 15
    start = threading.Barrier(desks)

    def desk(number: int) -> None:
        start.wait()
        for i in range(each):
            with town.connect() as connection, connection.begin() as transaction:
                report(connection, at=NOON)
                if (i + number) % 5 == 0:
                    transaction.rollback()

    threads = [threading.Thread(target=desk, args=(n,)) for n in range(desks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with town.connect() as connection:
        numbers = connection.scalars(text("SELECT case_no FROM city.case_file ORDER BY case_no")).all()
        last = connection.scalar(text("SELECT last FROM city.case_number"))
    assert numbers == [f"YC20261001{i:04}" for i in range(1, desks * (each - 3) + 1)]
    assert last == len(numbers)


def test_the_same_request_from_two_desks_at_once(town: Engine) -> None:
    request, start = uuid.uuid4(), threading.Barrier(2)
    found: list[object] = []

    def desk() -> None:
        start.wait()
        try:
            with town.begin() as connection:
                found.append(tuple(report(connection, request_id=request)))
        except Exception as fault:  # noqa: BLE001 - a loser that must repeat is right, too
            found.append(type(fault).__name__)

    threads = [threading.Thread(target=desk) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with town.begin() as connection:
        known = tuple(report(connection, request_id=request))
        assert connection.scalar(text("SELECT count(*) FROM city.case_file")) == 1
    assert known in found


def test_days_are_those_of_yuncheng(town: Engine) -> None:
    with town.connect() as connection:
        assert report(connection, at=datetime(2026, 9, 30, 15, 59, tzinfo=UTC)).case_no == "YC202609300001"
        assert report(connection, at=datetime(2026, 9, 30, 16, 1, tzinfo=UTC)).case_no == "YC202610010001"


def test_search_words_follow_the_text(town: Engine) -> None:
    with town.connect() as connection:
        report(connection, description="道路积水")
        query = text("SELECT count(*) FROM city.case_file WHERE search @> city.bigram_codes(:words)")
        assert connection.scalar(query, {"words": "积水"}) == 1
        connection.execute(text("UPDATE city.case_file SET description = '井盖缺失'"))
        assert connection.scalar(query, {"words": "积水"}) == 0
        assert connection.scalar(query, {"words": "井盖"}) == 1


@given(body=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_found_by_its_parts(town: Engine, body: str) -> None:
    with town.connect() as connection:
        codes = connection.scalar(text("SELECT city.bigram_codes(:body)"), {"body": body})
        assert len(codes) == max(0, len(body) - 1)
        for i in range(len(body) - 1):
            part = connection.scalar(text("SELECT city.bigram_codes(:part)"), {"part": body[i : i + 2]})
            assert part == [codes[i]]


# Telemetry


def fixes(connection: Connection, rows: Sequence[tuple[int, datetime, float]]) -> int:
    count = len(rows)
    values = {
        "vehicles": [r[0] for r in rows], "ats": [r[1] for r in rows], "xs": [500100.0] * count,
        "ys": [3875000.0] * count,
        "speeds": [r[2] for r in rows], "headings": [90] * count, "loads": ["full"] * count, "lids": [True] * count,
        "mileages": [None] * count, "bits": [0] * count,
    }  # fmt: skip
    return int(connection.execute(FIXES, values).scalar_one())


def test_fixes_make_their_partition_and_are_taken_once(town: Engine) -> None:
    rows = [(1, NOON, 30.0), (1, NOON + timedelta(seconds=30), 31.0), (2, NOON + timedelta(hours=13), 5.0)]
    with town.connect() as connection:
        assert fixes(connection, rows) == 3
        assert fixes(connection, rows) == 0
        tables = connection.scalars(text("SELECT tableoid::regclass::text FROM city.vehicle_fix ORDER BY at")).all()
        assert tables == ["city.vehicle_fix_20261001"] * 2 + ["city.vehicle_fix_20261002"]
        assert fixes(connection, []) == 0


def test_late_fixes_join_the_history_and_leave_the_latest_alone(town: Engine) -> None:
    with town.connect() as connection:
        fixes(connection, [(1, NOON + timedelta(minutes=5), 50.0)])
        assert fixes(connection, [(1, NOON, 20.0), (1, NOON + timedelta(minutes=1), 25.0)]) == 2
        state = connection.execute(text("SELECT at, speed_kmh FROM city.vehicle_state")).one()
        assert tuple(state) == (NOON + timedelta(minutes=5), 50.0)
        fixes(connection, [(1, NOON + timedelta(minutes=9), 60.0), (1, NOON + timedelta(minutes=7), 55.0)])
        assert connection.scalar(text("SELECT speed_kmh FROM city.vehicle_state")) == 60.0


def test_the_same_fix_twice_in_one_batch(town: Engine) -> None:
    with town.connect() as connection:
        assert fixes(connection, [(1, NOON, 20.0), (1, NOON, 20.0)]) == 1


def test_a_batch_with_a_fault_leaves_nothing(town: Engine) -> None:
    with town.connect() as connection:
        with pytest.raises(Exception, match="foreign key"):
            fixes(connection, [(1, NOON, 20.0), (99, NOON, 20.0)])
        connection.rollback()
        assert connection.scalar(text("SELECT count(*) FROM city.vehicle_fix")) == 0


def test_two_gateways_make_the_same_partition_at_once(town: Engine) -> None:
    start, faults = threading.Barrier(2), []

    def gateway(vehicle: int) -> None:
        start.wait()
        try:
            with town.begin() as connection:
                fixes(connection, [(vehicle, NOON + timedelta(days=9), 1.0)])
        except Exception as fault:  # noqa: BLE001 - looked at below
            faults.append(fault)

    threads = [threading.Thread(target=gateway, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with town.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.vehicle_fix")) == 2


def test_readings(town: Engine) -> None:
    def read(connection: Connection, *minutes: int) -> int:
        ats = [NOON + timedelta(minutes=m) for m in minutes]
        values = {
            "sensors": [1] * len(ats),
            "ats": ats,
            "readings": [0.2 * m for m in minutes],
            "qualities": [0] * len(ats),
        }
        return int(connection.execute(READINGS, values).scalar_one())

    with town.connect() as connection:
        assert read(connection, 5, 10) == 2
        assert read(connection, 0, 5) == 1
        assert tuple(connection.execute(text("SELECT at, value FROM city.sensor_state")).one()) == (
            NOON + timedelta(minutes=10), 2.0,
        )  # fmt: skip
        assert (
            connection.scalar(text("SELECT min(tableoid::regclass::text) FROM city.sensor_reading"))
            == "city.sensor_reading_202610"
        )
