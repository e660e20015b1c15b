"""Records, layers, trucks, water and search, asked of the small demonstration city and compared with its tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from console.models import alarms, areas, components, drainage, fleet, haulage, layers, search, sensors, staff
from console.models.layers import Extent, LayerData
from tests.conftest import _clone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

    Source = Callable[[Connection, Extent, float], LayerData]

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
EVERYWHERE = Extent(330_000, 2_400_000, 670_000, 5_100_000)
NEAR, FAR = 0.25, 64.0
SHANGHAI = ZoneInfo("Asia/Shanghai")
SOURCES: dict[str, tuple[Source, str]] = {
    "zone": (areas.zone_layer, "SELECT id FROM city.zone"),
    "subdistrict": (areas.subdistrict_layer, "SELECT code FROM city.subdistrict"),
    "community": (areas.community_layer, "SELECT code FROM city.community"),
    "unit_grid": (areas.unit_grid_layer, "SELECT code FROM city.unit_grid"),
    "street": (areas.street_layer, "SELECT id FROM city.street"),
    "component": (components.component_layer, "SELECT code FROM city.component"),
    "pipe": (drainage.pipe_layer, "SELECT code FROM city.pipe"),
    "manhole": (drainage.manhole_layer, "SELECT code FROM city.manhole"),
    "gully": (drainage.gully_layer, "SELECT code FROM city.gully"),
    "outfall": (drainage.outfall_layer, "SELECT code FROM city.outfall"),
    "pump_station": (drainage.pump_station_layer, "SELECT code FROM city.pump_station"),
    "flood_point": (sensors.flood_point_layer, "SELECT id FROM city.flood_point"),
    "site": (haulage.site_layer, "SELECT code FROM city.work_site UNION ALL SELECT code FROM city.dump_site"),
}


@pytest.fixture(scope="module")
def city(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Engine]:
    """One city for all tests: none of them commits."""
    yield from _clone(cluster, administration, city_template)


@pytest.fixture
def connection(city: Engine) -> Iterator[Connection]:
    with city.connect() as connection:
        yield connection


def one(connection: Connection, query: str, **values: object) -> Any:
    return connection.execute(text(query), values).one()


@pytest.mark.parametrize("name", SOURCES)
def test_a_layer_shows_all_that_is_there_when_near(
    connection: Connection, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, query = SOURCES[name]
    monkeypatch.setattr(layers, "LAYER_LIMIT", 10**9)
    expected = set(connection.scalars(text(query)))
    shown = source(connection, EVERYWHERE, NEAR)
    assert expected
    assert set(shown.ids.tolist()) == expected
    assert len(shown) == len(expected)
    assert not shapely.is_missing(shown.geometries).any()
    assert all(len(values) == len(shown) for values in shown.attributes.values())


@pytest.mark.parametrize("name", SOURCES)
def test_a_layer_gives_only_what_touches_the_extent(connection: Connection, name: str) -> None:
    source, _ = SOURCES[name]
    some = source(connection, EVERYWHERE, NEAR)
    x, y = shapely.get_coordinates(shapely.centroid(some.geometries[len(some) // 2]))[0]
    extent = Extent(x - 150, y - 150, x + 150, y + 150)
    shown = source(connection, extent, NEAR)
    bounds = shapely.bounds(shown.geometries)
    assert len(shown)
    # A component that is an area is shown by a point on it, which may lie beside the extent.
    slack = 200 if name == "component" else 0
    assert (bounds[:, 0] <= extent.xmax + slack).all()
    assert (bounds[:, 2] >= extent.xmin - slack).all()
    assert (bounds[:, 1] <= extent.ymax + slack).all()
    assert (bounds[:, 3] >= extent.ymin - slack).all()
    assert len(source(connection, Extent(330_001, 2_400_001, 330_002, 2_400_002), NEAR)) == 0


@pytest.mark.parametrize("name", SOURCES)
def test_a_layer_never_answers_with_more_than_its_limit(
    connection: Connection, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = SOURCES[name]
    monkeypatch.setattr(layers, "LAYER_LIMIT", 2)
    first = source(connection, EVERYWHERE, NEAR)
    assert len(first) <= 2
    assert source(connection, EVERYWHERE, NEAR).ids.tolist() == first.ids.tolist()


@pytest.mark.parametrize("name", ["unit_grid", "component", "manhole", "gully"])
def test_what_is_small_is_not_seen_from_afar(connection: Connection, name: str) -> None:
    source, _ = SOURCES[name]
    shown = source(connection, EVERYWHERE, FAR)
    assert len(shown) == 0
    assert shown.attributes.keys() == source(connection, EVERYWHERE, NEAR).attributes.keys()


def test_from_afar_a_network_is_its_trunk_sewers(connection: Connection) -> None:
    shown = drainage.pipe_layer(connection, EVERYWHERE, FAR)
    trunks = connection.scalars(text("SELECT code FROM city.pipe WHERE coalesce(diameter_mm, height_mm) >= 800"))
    assert set(shown.ids.tolist()) == set(trunks)
    assert shown.attributes["diameter_mm"].min() >= 800
    assert set(areas.street_layer(connection, EVERYWHERE, FAR).attributes["class"].tolist()) <= {
        "arterial",
        "secondary",
    }


def test_trunk_sewers_alone_at_every_scale(connection: Connection) -> None:
    far = drainage.pipe_layer(connection, EVERYWHERE, FAR)
    for scale in (NEAR, FAR):
        assert drainage.trunk_layer(connection, EVERYWHERE, scale).ids.tolist() == far.ids.tolist()


def test_sites_and_routes_tell_who_may_haul_there_today(connection: Connection) -> None:
    permit = one(connection, """
        SELECT p.id, p.vehicle_id, p.geom, w.code AS work, d.code AS dump FROM city.route_permit AS p
        JOIN city.work_site AS w ON w.id = p.work_site_id JOIN city.dump_site AS d ON d.id = p.dump_site_id
        ORDER BY p.id LIMIT 1
    """)  # fmt: skip
    connection.execute(text("UPDATE city.route_permit SET valid_from = '2026-01-01', valid_to = '2026-01-02'"))
    assert len(haulage.route_layer(connection, EVERYWHERE, NEAR)) == 0
    assert haulage.route_of(connection, permit.vehicle_id) is None
    idle = haulage.site(connection, permit.work)
    assert idle is not None
    assert (idle.kind, idle.trucks) == ("work_site", 0)
    connection.execute(
        text("UPDATE city.route_permit SET valid_to = current_date + 2 WHERE id = :id"), {"id": permit.id}
    )
    connection.execute(
        text("""
            INSERT INTO city.trip (vehicle_id, loaded_at, dumped_at, permit_id, distance_m, volume_m3)
            VALUES (:truck, now(), now() + interval '1 second', :id, 9000, 16)
        """),
        {"truck": permit.vehicle_id, "id": permit.id},
    )
    routes = haulage.route_layer(connection, EVERYWHERE, NEAR)
    assert routes.ids.tolist() == [permit.id]
    assert routes.attributes["width_m"].tolist() == [100.0]
    assert len(haulage.route_layer(connection, EVERYWHERE, FAR)) == 0
    assert haulage.route_of(connection, permit.vehicle_id) == routes.geometries[0]
    for code, kind in ((permit.work, "work_site"), (permit.dump, "dump_site")):
        site = haulage.site(connection, code)
        assert site is not None
        assert (site.kind, site.trucks) == (kind, 1)
        assert site.trips >= 1
        assert site.volume_m3 >= 16
        assert (site.capacity_m3 is None) == (kind == "work_site")
    assert haulage.site(connection, "none") is None


def test_records_of_areas(connection: Connection) -> None:
    for zone_id, name, name_en in areas.zone_names(connection):
        zone = areas.zone(connection, zone_id)
        assert zone is not None
        assert (zone.name, zone.name_en) == (name, name_en)
        assert (
            zone.unit_grids == one(connection, "SELECT count(*) FROM city.unit_grid WHERE zone_id = :id", id=zone_id)[0]
        )
    code = connection.scalar(text("SELECT unit_grid FROM city.case_file ORDER BY id LIMIT 1"))
    grid = areas.unit_grid(connection, str(code))
    assert grid is not None
    assert grid.cases == one(connection, "SELECT count(*) FROM city.case_file WHERE unit_grid = :code", code=code)[0]
    assert (grid.code[:12], grid.community) in areas.area_names(connection)
    row = one(
        connection, "SELECT street_id, count(*) AS n FROM city.pipe WHERE street_id IS NOT NULL GROUP BY 1 LIMIT 1"
    )
    street = areas.street(connection, row.street_id)
    assert street is not None
    assert (street.id, street.pipes) == (row.street_id, row.n)
    assert areas.zone(connection, 99) is None
    assert areas.unit_grid(connection, "0") is None
    assert areas.street(connection, -1) is None


def test_records_of_the_network_fit_together(connection: Connection) -> None:
    code = connection.scalar(text("SELECT code FROM city.pipe ORDER BY code LIMIT 1 OFFSET 5"))
    pipe = drainage.pipe(connection, str(code))
    assert pipe is not None
    upper, lower = drainage.manhole(connection, pipe.from_manhole), drainage.manhole(connection, pipe.to_manhole)
    assert upper is not None
    assert lower is not None
    assert pipe.code in upper.downstream
    assert pipe.code in lower.upstream
    assert pipe.slope is not None
    assert pipe.in_elevation_m is not None
    assert pipe.out_elevation_m is not None
    assert pipe.slope * pipe.length_m == pytest.approx(pipe.in_elevation_m - pipe.out_elevation_m, abs=1e-4)
    assert drainage.pipe(connection, "none") is None
    assert drainage.manhole(connection, "none") is None
    code = connection.scalar(text("SELECT code FROM city.component ORDER BY code LIMIT 1"))
    component = components.component(connection, str(code))
    assert component is not None
    assert component.class_code == component.code[6:10]
    assert components.component(connection, "none") is None


def test_trucks(connection: Connection) -> None:
    states = fleet.vehicle_states(connection)
    listed = fleet.vehicles(connection, now=NOW)
    assert {row.id for row in listed if row.at is not None} == set(states.ids.tolist())
    counts = fleet.counts(connection, now=NOW)
    assert counts.active == len(listed)
    assert counts.online == sum(row.online for row in listed)
    ignition = dict(zip(states.ids.tolist(), states.attributes["ignition"].tolist(), strict=True))
    assert set(ignition.values()) == {True, False}
    for row in listed:
        limit = timedelta(minutes=5 if ignition[row.id] else 30)
        assert row.at is not None
        assert row.online == (NOW - row.at <= limit)
        assert row.online != fleet.is_silent(states, NOW)[states.ids.tolist().index(row.id)]
    assert fleet.counts(connection, now=NOW + timedelta(days=9)).online == 0

    latest = one(connection, "SELECT vehicle_id, max(at) AS at, count(*) AS n FROM city.vehicle_fix GROUP BY 1 LIMIT 1")
    track = fleet.track(connection, latest.vehicle_id, NOW - timedelta(days=30), NOW + timedelta(days=1))
    assert len(track) == latest.n
    assert (np.diff(track.at) > 0).all()
    assert track.at[-1] == latest.at.timestamp()
    assert len(fleet.track(connection, latest.vehicle_id, NOW, NOW)) == 0
    then = fleet.vehicle_states_at(connection, latest.at)
    index = then.ids.tolist().index(latest.vehicle_id)
    assert shapely.get_x(then.geometries[index]) == track.x[-1]
    assert then.attributes["at"].max() <= latest.at.timestamp()


def test_one_truck_with_its_permit_and_the_work_of_its_day(connection: Connection) -> None:
    trip = one(connection, """
        SELECT t.vehicle_id, t.loaded_at, p.permit_no
        FROM city.trip AS t JOIN city.route_permit AS p ON p.id = t.permit_id
        WHERE (t.loaded_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.valid_from AND p.valid_to
        ORDER BY 2 DESC LIMIT 1
    """)  # fmt: skip
    truck = fleet.vehicle(connection, trip.vehicle_id, now=trip.loaded_at)
    assert truck is not None
    assert trip.loaded_at in [done.loaded_at for done in truck.trips]
    assert truck.permit is not None
    assert truck.permit.route.length > 0
    day = trip.loaded_at.astimezone(SHANGHAI).date()
    days = fleet.duty_by_day(connection, day - timedelta(days=2), day)
    assert [row.day for row in days] == [day - timedelta(days=2), day - timedelta(days=1), day]
    query = "SELECT sum(distance_m), sum(trips) FROM city.vehicle_day WHERE day = :day"
    worked = one(connection, query, day=day)
    assert days[-1].distance_m == pytest.approx(worked[0])
    assert days[-1].trips == worked[1]
    assert fleet.vehicle(connection, -1) is None


def test_trucks_on_duty_by_hour(connection: Connection) -> None:
    last = one(connection, "SELECT max(at) AS at FROM city.vehicle_fix WHERE speed_kmh > 5").at
    start = last - timedelta(hours=6)
    hours = fleet.duty_by_hour(connection, start, last + timedelta(seconds=1))
    assert len(hours) == 7
    for hour in hours:
        begin, end = hour.hour, min(hour.hour + timedelta(hours=1), last + timedelta(seconds=1))
        query = "SELECT count(DISTINCT vehicle_id) FROM city.vehicle_fix WHERE at >= :a AND at < :b AND speed_kmh > 5"
        assert hour.trucks == one(connection, query, a=begin, b=end)[0]
    assert any(hour.trucks for hour in hours)


def test_flood_points_tell_depth_trend_and_silence(connection: Connection) -> None:
    points = sensors.flood_points(connection, now=NOW)
    assert len(points) == one(connection, "SELECT count(*) FROM city.flood_point")[0]
    point = next(point for point in points if point.at is not None)
    assert point.at is not None
    assert point.sensor_id is not None
    assert point.interval_s is not None
    assert sensors.flood_point(connection, point.id, now=NOW) == point
    assert sensors.flood_point(connection, -1) is None
    silent_at = point.at + timedelta(seconds=sensors.MISSED_READINGS * point.interval_s + 1)
    assert [sensors.flood_point(connection, point.id, now=at).silent for at in (point.at, silent_at)] == [False, True]  # type: ignore[union-attr]

    at = point.at + timedelta(minutes=10)
    connection.execute(
        text("""
            SELECT city.record_readings(CAST(:sensors AS smallint[]), CAST(:ats AS timestamptz[]),
                CAST(:depths AS real[]), CAST(:qualities AS smallint[]))
        """),
        {
            "sensors": [point.sensor_id] * 2,
            "ats": [at, at + timedelta(minutes=10)],
            "depths": [10, 16],
            "qualities": [0, 0],
        },
    )
    risen = sensors.flood_point(connection, point.id, now=at + timedelta(minutes=10))
    assert risen is not None
    assert risen.depth_cm == 16
    assert risen.rate_cm == pytest.approx(6)
    assert risen.grade is sensors.grade_of(16, risen.attention_cm, risen.flooding_cm, risen.closing_cm, risen.severe_cm)


def test_rain(connection: Connection) -> None:
    wettest = one(connection, """
        SELECT r.sensor_id, r.at FROM city.sensor_reading AS r JOIN city.sensor AS s ON s.id = r.sensor_id
        WHERE s.kind = 'rain' AND r.quality < 2 ORDER BY r.value DESC, 1, 2 LIMIT 1
    """)  # fmt: skip
    gauge = next(gauge for gauge in sensors.rain_gauges(connection, now=wettest.at) if gauge.id == wettest.sensor_id)
    start, end = wettest.at - timedelta(days=1), wettest.at + timedelta(microseconds=1)
    day = sensors.rain_series(connection, gauge.id, start + timedelta(microseconds=1), end)
    assert gauge.day_mm == pytest.approx(day.values.sum())
    assert 0 < gauge.hour_mm <= gauge.day_mm
    long = sensors.rain_series(connection, gauge.id, start - timedelta(days=20), end, limit=10**6)
    for limit in (1, 7, 100):
        short = sensors.rain_series(connection, gauge.id, start - timedelta(days=20), end, limit=limit)
        assert len(short) <= limit
        assert short.values.sum() == pytest.approx(long.values.sum())
        assert (np.diff(short.at) > 0).all()


def test_search_finds_things_by_name_and_code(connection: Connection) -> None:
    queries = {
        "case": "SELECT case_no, id::text FROM city.case_file ORDER BY id DESC LIMIT 1",
        "vehicle": "SELECT plate, id::text FROM city.vehicle ORDER BY id LIMIT 1",
        "flood_point": "SELECT name, id::text FROM city.flood_point ORDER BY id LIMIT 1",
        "community": "SELECT name, code FROM city.community ORDER BY code LIMIT 1",
        "manhole": "SELECT code, code FROM city.manhole ORDER BY code LIMIT 1",
        "pipe": "SELECT code, code FROM city.pipe ORDER BY code LIMIT 1",
        "component": "SELECT code, code FROM city.component ORDER BY code LIMIT 1",
        "unit_grid": "SELECT code, code FROM city.unit_grid ORDER BY code LIMIT 1",
    }
    for kind, query in queries.items():
        thing = one(connection, query)
        found = search.search_city(connection, f" {thing[0].lower()} ", limit=50)
        assert (kind, thing[1]) in [(other.kind, other.key) for other in found]
    name = one(connection, "SELECT name FROM city.street ORDER BY name LIMIT 1")[0]
    titles = [thing.title for thing in search.search_city(connection, name) if thing.kind == "street"]
    assert titles.count(name) == 1
    assert search.search_city(connection, "  ") == []
    assert search.search_city(connection, "%") == []
    assert len(search.search_city(connection, "1", limit=7)) <= 7


def test_alarms_stand_by_urgency_those_that_wait_first_and_the_newest_of_them(connection: Connection) -> None:
    vehicle = one(connection, "SELECT id, plate FROM city.vehicle ORDER BY id LIMIT 1")
    before = alarms.board(connection)
    raised = [("medium", 9, "unacknowledged"), ("critical", 1, "acknowledged"), ("medium", 30, "normal"),
              ("critical", 5, "unacknowledged"), ("high", 1, "returned_unacknowledged"), ("high", 2, "shelved"),
              ("high", 7, "latched"), ("critical", 4, "unacknowledged")]  # fmt: skip
    for urgency, hours, state in raised:
        connection.execute(
            text("""
                INSERT INTO city.alarm (kind, urgency, state, vehicle_id, raised_at) VALUES ('overspeed',
                    CAST(:urgency AS city.urgency), CAST(:state AS city.alarm_state), :vehicle, :raised_at)
            """),
            {"urgency": urgency, "state": state, "vehicle": vehicle.id, "raised_at": NOW - timedelta(hours=hours)},
        )
    board = alarms.board(connection)
    mine = [alarm for alarm in board.alarms if alarm.vehicle_id == vehicle.id and alarm.kind == "overspeed"]
    ages = [(alarm.urgency, (NOW - alarm.raised_at) // timedelta(hours=1)) for alarm in mine]
    assert ages == [("critical", 4), ("critical", 5), ("critical", 1), ("high", 1), ("high", 7), ("medium", 9)]
    assert {alarm.plate for alarm in mine} == {vehicle.plate}
    more = {u: n - before.standing.get(u, 0) for u, n in board.standing.items()}
    assert more == {"critical": 3, "high": 2, "medium": 1}
    waiting = {u: n - before.waiting.get(u, 0) for u, n in board.waiting.items()}
    assert waiting == {"critical": 2, "high": 1, "medium": 1}
    assert alarms.alarm(connection, mine[0].id) == mine[0]
    assert alarms.alarm(connection, -1) is None


def test_people_who_may_sign_in(connection: Connection) -> None:
    people = staff.people_with_login(connection)
    assert {"acceptor", "dispatcher", "shift_leader", "engineer", "supervisor"} <= {person.role for person in people}
    assert all(person.login for person in people)


def test_duty_days_without_work_count_zero(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        days = fleet.duty_by_day(connection, date(2026, 1, 1), date(2026, 1, 3))
    assert [(day.trucks, day.trips, day.distance_m) for day in days] == [(0, 0, 0)] * 3
