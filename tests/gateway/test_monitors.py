"""What comes in is judged, whoever brought it: alarms are raised once and returned, over kills, restarts and gaps."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from sqlalchemy import text

from console.models import alarms
from console.models.haulage import records
from console.models.haulage.records import AREA, PERMIT
from tests.monitored import NIGHT, TRUCK, City

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from console.models.configuration.draft import Row
    from console.models.configuration.subjects import Subject


@pytest.fixture
def city(database: Engine) -> Iterator[City]:
    made = City(database)
    made.judge()
    yield made
    made.close()


def test_a_truck_leaves_its_route_and_comes_back(city: City) -> None:
    city.drive([0, 5, 10], 0)
    city.judge()
    city.drive([20, 30, 40, 50], 90)
    city.judge()
    [alarm] = city.of("route_deviation")
    assert (alarm.vehicle_id, alarm.state, alarm.urgency, alarm.grade) == (TRUCK, "unacknowledged", "high", 1)
    assert (alarm.raised_at - NIGHT).total_seconds() == 50
    assert (alarm.value, alarm.limit_value) == (90, 50)
    assert alarm.detail["offset_m"] == 90
    assert alarm.rule_version == 1
    city.drive([60, 80, 100, 130], 0)
    city.judge()
    assert city.told() == [("raise", "unacknowledged"), ("return", "returned_unacknowledged")]
    assert city.ask("SELECT count(*) FROM city.fix_inbox") == 0


def test_a_kill_between_any_two_moments_tells_nothing_twice_and_loses_nothing(city: City) -> None:
    for index in range(30):
        city.drive([10.0 * index], 90 if 5 <= index < 15 else 0)
        city.judge()
        city.kill()
    assert city.told() == [("raise", "unacknowledged"), ("return", "returned_unacknowledged")]


def test_who_dies_before_writing_has_it_judged_by_the_next_one(city: City) -> None:
    """Also when an alarm was raised, answered and over in what nobody had written down."""
    city.drive([0, 10, 20, 30, 40, 50], 90)
    city.judge()
    with city.engine(city.login("dispatcher")).begin() as connection:
        [alarm] = city.of("route_deviation")
        alarms.acknowledge(connection, alarm.id, alarm.version)
    city.drive([55], 0)
    city.judge()  # nothing to tell: it stays in the inbox
    assert city.ask("SELECT count(*) FROM city.fix_inbox") == 1
    city.kill()
    city.judge()
    city.drive([80, 100, 130], 0)
    city.judge()
    assert [act for act, _ in city.told()] == ["raise", "acknowledge", "return"]
    city.kill()
    city.judge()
    assert len(city.of("route_deviation")) == 1


def test_only_one_of_two_gateways_judges_and_the_other_takes_over(city: City) -> None:
    other = city.gateway("gateway-b")
    city.drive([0, 10, 20, 30], 90)
    city.judge()
    city.judge(other)
    assert (city.monitors.is_judging, other.is_judging) == (True, False)
    with city.owner.begin() as connection:
        connection.execute(text("UPDATE city.monitor_state SET at = now() - interval '31 seconds'"))
    city.drive([40, 50], 90)
    city.judge(other)
    city.judge()  # the first one wakes up again and finds that its turn is over
    assert (city.monitors.is_judging, other.is_judging) == (False, True)
    assert city.told() == [("raise", "unacknowledged")]
    other.close()
    city.judge()
    assert city.monitors.is_judging


def test_two_gateways_of_one_name_do_not_take_it_from_each_other_for_ever(city: City) -> None:
    other = city.gateway()
    city.judge(other)
    for second in range(0, 100, 10):
        city.drive([float(second)], 90)
        city.judge()
        city.judge(other)
    assert (city.monitors.is_judging, other.is_judging) == (False, True)
    assert city.told() == [("raise", "unacknowledged")]
    assert city.ask("SELECT turn FROM city.monitor_state") == 2


def test_what_a_truck_did_without_a_signal_is_told_when_it_is_known(city: City) -> None:
    city.drive([0, 5, 10], 0)
    city.judge()
    city.drive([900, 905], 0)
    city.judge()
    assert city.told() == []
    city.drive([200.0 + 10 * n for n in range(20)], 120)
    city.drive([410, 440, 470, 500], 0)
    city.now += 20
    city.judge()
    city.judge()
    assert city.told() == [("raise", "unacknowledged"), ("return", "returned_unacknowledged")]
    [alarm] = city.of("route_deviation")
    assert 230 <= (alarm.raised_at - NIGHT).total_seconds() <= 240
    assert (alarm.cleared_at - NIGHT).total_seconds() == 470
    # The same once more, sent again or late again, is nothing new.
    city.drive([205.0 + 10 * n for n in range(20)], 120)
    city.now += 20
    city.judge()
    city.judge()
    assert len(city.of("route_deviation")) == 1


def test_what_no_rule_in_force_holds_is_over(city: City) -> None:
    city.drive([0, 10, 20, 30, 40, 50], 90)
    city.judge()
    with city.engine(city.login("shift_leader")).begin() as connection:
        for rule in alarms.rules(connection):
            if rule.kind == "route_deviation":
                alarms.save_rule(connection, rule.id, rule.version, {"enabled": False})
    city.now += 6
    city.judge()
    city.judge()
    assert city.told()[-1] == ("return", "returned_unacknowledged")
    city.drive([100, 110, 120, 130, 140], 90)
    city.judge()
    assert len(city.told()) == 2


def test_a_rule_that_is_put_out_of_force_while_nobody_judges(city: City) -> None:
    city.drive([0, 10, 20, 30, 40, 50], 90)
    city.judge()
    city.monitors.close()
    with city.engine(city.login("shift_leader")).begin() as connection:
        for rule in alarms.rules(connection):
            if rule.kind == "route_deviation":
                alarms.save_rule(connection, rule.id, rule.version, {"set_point": 200, "enabled": False})
    city.kill()
    city.judge()
    city.judge()
    assert city.told()[-1] == ("return", "returned_unacknowledged")


def test_water_rises_through_the_grades(city: City) -> None:
    sensor = city.ask("SELECT min(id) FROM city.sensor WHERE kind = 'water_level'")
    city.read(sensor, 0, 6, 7, 16, 17, 28, 29)
    city.judge()
    [alarm] = city.of("flooding")
    assert (alarm.sensor_id, alarm.grade, alarm.urgency) == (sensor, 3, "critical")
    assert [act for act, _ in city.told("flooding")] == ["raise", "step_up", "step_up"]
    city.read(sensor, *[1.0] * 6, first=600)
    city.judge()
    assert city.told("flooding")[-1] == ("return", "returned_unacknowledged")


def test_a_gateway_link_that_fails_is_one_alarm(city: City) -> None:
    trucks = [row.id for row in city.all("SELECT id FROM city.vehicle ORDER BY id LIMIT 10")]
    with city.owner.begin() as connection:
        connection.execute(
            text("UPDATE city.alarm_rule SET set_point = 3, clear_point = 1 WHERE kind = 'terminals_silent'")
        )
    city.kill()
    city.judge()
    for vehicle in trucks:
        city.drive([vehicle], 0, vehicle=vehicle, load="empty")
    city.judge()
    city.now += 330
    city.judge()
    city.judge()
    city.now += 2
    city.judge()
    [group] = city.of("terminals_silent")
    assert (group.state, group.vehicle_id, group.value) == ("unacknowledged", trucks[0], len(trucks))
    assert {alarm.state for alarm in city.of("terminal_silent")} == {"suppressed"}
    with city.owner.connect() as connection:
        assert [alarm.kind for alarm in alarms.board(connection).alarms] == ["terminals_silent"]
        assert len(alarms.holds(connection)) == len(trucks)
    for vehicle in trucks:
        city.drive([400], 0, vehicle=vehicle, load="empty")
    city.judge()
    city.now += 2
    city.judge()
    assert city.told("terminals_silent")[-1] == ("return", "returned_unacknowledged")
    assert {alarm.state for alarm in city.of("terminal_silent")} == {"normal"}


def test_a_truck_and_a_sensor_that_are_new_are_judged_at_once(city: City) -> None:
    with city.owner.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO city.vehicle (id, plate, terminal_phone, company_id, box_m3)
                SELECT 9001, '晋M·X9001', '013935909001', company_id, 18 FROM city.vehicle WHERE id = 1
            """)
        )
        connection.execute(
            text("""
                INSERT INTO city.sensor (id, code, name, kind, flood_point_id, unit, interval_s, geom)
                SELECT 901, 'N1', 'N1', kind, flood_point_id, unit, interval_s, geom FROM city.sensor
                WHERE kind = 'water_level' ORDER BY id LIMIT 1
            """)
        )
    city.drive([0, 20, 40], 0, vehicle=9001)
    city.read(901, 50, 50, 50)
    city.judge()
    assert [alarm.vehicle_id for alarm in city.of("no_permit")] == [9001]
    assert [alarm.sensor_id for alarm in city.of("flooding")] == [901]


def _save(city: City, subject: Subject, row: Row | None, **values: Any) -> Row:
    with city.engine(city.login("shift_leader")).begin() as connection:
        key = records.save(connection, subject, row, values)
        return next(one for one in records.read(connection, subject) if one.key == key)


def test_an_area_that_a_desk_draws_is_judged_by_at_once_and_no_more_when_it_is_taken_away(city: City) -> None:
    (x0, y0), (x1, y1) = city.stretch
    around = shapely.Point((x0 + x1) / 2, (y0 + y1) / 2).buffer(150)
    hours = {"hours_from": time(0), "hours_to": time(0)}
    area = _save(city, AREA, None, name="学校", kind="no_entry", shape=records.wkt(around), **hours)
    city.now += 6
    city.judge()
    city.drive([20, 30, 40, 50], 0, load="empty")
    city.judge()
    assert city.told("forbidden_area") == [("raise", "unacknowledged")]
    with city.engine(city.login("shift_leader")).begin() as connection:
        records.remove(connection, AREA, area)
    city.now += 6
    city.judge()
    city.drive([60, 80, 100, 130], 0, load="empty")
    city.judge()
    assert city.told("forbidden_area")[-1] == ("return", "returned_unacknowledged")


def test_a_permit_that_a_desk_revokes_or_gives_counts_without_a_restart(city: City) -> None:
    city.drive([0, 5, 10], 0)
    city.judge()
    assert city.told("no_permit") == []
    with city.engine(city.login("shift_leader")).begin() as connection:
        permit = next(row for row in records.read(connection, PERMIT) if row.values["vehicle_id"] == TRUCK)
        records.revoke(connection, permit, "违规")
    with city.owner.begin() as connection:  # the city lives at another time than the server
        connection.execute(
            text("UPDATE city.route_permit SET revoked_at = :now WHERE revoked_at > :now"), {"now": NIGHT}
        )
    city.now += 6
    city.judge()
    city.drive([20, 30, 40, 60, 80], 0)
    city.judge()
    assert city.told("no_permit") == [("raise", "unacknowledged")]
    days = {"valid_from": NIGHT.date(), "valid_to": NIGHT.date() + timedelta(days=9)}
    _save(city, PERMIT, None, **{**permit.values, "permit_no": "N-1", **days})
    city.now += 6
    city.judge()
    city.drive([100 + 30 * n for n in range(15)], 0)
    city.judge()
    assert city.told("no_permit")[-1] == ("return", "returned_unacknowledged")
