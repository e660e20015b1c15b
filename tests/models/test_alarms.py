"""The life of alarms at desks and monitors: graded, latched, set aside, held back; and the rules behind them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models import alarms, cases
from console.models.cases.reporting import Report
from console.models.demonstration import GATEWAY_LOGIN
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


class Watch(Desks):
    """Monitors and desks around the flooding alarm of the first sensor."""

    def rise(self, grade: int, minute: int = 0) -> int:
        """The water is in that grade."""
        with self.engine(GATEWAY_LOGIN).begin() as connection:
            query = text("""
                SELECT city.raise_alarm((SELECT id FROM city.alarm_rule WHERE kind = 'flooding' AND grade = :grade),
                    NULL, 1, :at, 12, 10)
            """)
            at = NOON + timedelta(minutes=minute)
            return int(connection.execute(query, {"grade": grade, "at": at}).scalar_one())

    def fall(self, minute: int = 10) -> None:
        """It is over."""
        with self.engine(GATEWAY_LOGIN).begin() as connection:
            at = NOON + timedelta(minutes=minute)
            connection.execute(text("SELECT city.return_alarm('flooding', NULL, 1, :at)"), {"at": at})

    def do(self, act: Any, *arguments: Any, role: str = "shift_leader", **named: Any) -> Any:
        """The shift leader does it with the alarm as it is."""
        with self.engine(self.login(role)).begin() as connection:
            alarm = self.standing
            return act(connection, alarm.id, alarm.version, *arguments, **named)

    @property
    def standing(self) -> Any:
        return self.all("SELECT * FROM city.alarm WHERE sensor_id = 1 ORDER BY id DESC LIMIT 1")[0]

    @property
    def acts(self) -> list[str]:
        with self.owner.connect() as connection:
            return [event.act for event in alarms.history(connection, self.standing.id)]


@pytest.fixture
def watch(database: Engine) -> Iterator[Watch]:
    with database.begin() as connection:
        connection.execute(text("TRUNCATE city.alarm, city.alarm_event"))
    made = Watch(database)
    yield made
    made.close()


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def test_saying_the_same_twice_changes_nothing(watch: Watch) -> None:
    first = watch.rise(2)
    assert watch.rise(2, minute=1) == first
    assert watch.acts == ["raise"]
    watch.fall()
    watch.fall(minute=11)
    assert watch.acts == ["raise", "return"]
    assert watch.standing.cleared_at == NOON + timedelta(minutes=10)


def test_what_gets_worse_is_acknowledged_again_and_what_gets_better_is_not(watch: Watch) -> None:
    watch.rise(2)
    watch.do(alarms.acknowledge)
    watch.rise(3, minute=5)
    worse = watch.standing
    assert (worse.state, worse.grade, worse.urgency) == ("unacknowledged", 3, "critical")
    watch.do(alarms.acknowledge)
    watch.rise(1, minute=20)
    better = watch.standing
    assert (better.state, better.grade, better.urgency) == ("acknowledged", 1, "medium")
    assert watch.acts == ["raise", "acknowledge", "step_up", "acknowledge", "step_down"]


def test_an_alarm_that_comes_again_before_anybody_saw_it_is_the_same(watch: Watch) -> None:
    first = watch.rise(2)
    watch.fall()
    assert watch.standing.state == "returned_unacknowledged"
    assert watch.rise(2, minute=12) == first
    assert (watch.standing.state, watch.standing.cleared_at) == ("unacknowledged", None)
    watch.fall(minute=20)
    watch.do(alarms.acknowledge)
    assert watch.standing.state == "normal"
    assert watch.rise(2, minute=40) != first


def test_what_once_latched_stays_until_somebody_resets_it(watch: Watch) -> None:
    watch.rise(4)
    watch.do(alarms.acknowledge)
    watch.fall()
    assert watch.standing.state == "latched"
    watch.rise(1, minute=15)
    watch.do(alarms.acknowledge)
    watch.fall(minute=20)
    assert watch.standing.state == "latched"
    watch.do(alarms.reset, role="dispatcher")
    assert watch.standing.state == "normal"


def test_what_one_desk_acknowledges_is_so_on_all(watch: Watch) -> None:
    watch.rise(2)
    seen = watch.standing
    watch.do(alarms.acknowledge, role="dispatcher")
    first = watch.standing
    with watch.engine(watch.login("acceptor")).begin() as connection:
        assert alarms.acknowledge(connection, seen.id, seen.version) == first.version
    assert watch.standing == first
    with watch.owner.connect() as connection:
        told = alarms.alarm(connection, seen.id)
    assert told is not None
    assert told.acknowledged_by


def test_a_desk_that_saw_an_older_version_is_told_so(watch: Watch) -> None:
    watch.rise(2)
    seen = watch.standing
    watch.rise(3, minute=2)
    with watch.engine(watch.login("dispatcher")).begin() as connection, refused("CT076") as caught:
        alarms.acknowledge(connection, seen.id, seen.version)
    assert "报警已被改动" in caught.value.text("zh_CN")
    with watch.engine(watch.login("dispatcher")).begin() as connection, refused("CT075"):
        alarms.acknowledge(connection, 10**9, 1)


def test_shelving_has_a_reason_and_an_end(watch: Watch) -> None:
    watch.rise(2)
    for reason, minutes in ((" ", 10), ("检修", 0), ("检修", 481)):
        with refused("CT078"):
            watch.do(alarms.shelve, reason, minutes)
    until = watch.do(alarms.shelve, "路面施工，探头离水")
    assert until - datetime.now(UTC) > timedelta(minutes=239)
    with watch.owner.connect() as connection:
        assert alarms.board(connection).alarms == []
        assert len(alarms.board(connection).quiet_points) == 1
        [hold] = alarms.holds(connection)
    assert (hold.kind, hold.sensor_id, hold.hold, hold.until) == ("flooding", 1, "shelved", until)
    with watch.engine(watch.login("dispatcher")).begin() as connection:
        assert alarms.keep(connection) == 0
    with watch.owner.begin() as connection:
        connection.execute(text("UPDATE city.alarm_hold SET until = now() - interval '1 second'"))
    with watch.engine(watch.login("dispatcher")).begin() as connection:
        assert alarms.keep(connection) == 1
    assert watch.standing.state == "unacknowledged"
    assert watch.acts == ["raise", "shelve", "unshelve"]


def test_what_was_over_while_it_was_set_aside_asks_nobody_any_more(watch: Watch) -> None:
    watch.rise(2)
    watch.do(alarms.shelve, "检修", 30)
    watch.fall()
    assert watch.standing.state == "shelved"
    watch.do(alarms.unshelve)
    assert watch.standing.state == "normal"


def test_a_worse_grade_comes_back_from_the_shelf(watch: Watch) -> None:
    watch.rise(1)
    watch.do(alarms.shelve, "路面施工", 60)
    watch.rise(3, minute=5)
    assert watch.standing.state == "unacknowledged"


def test_what_is_raised_at_a_point_out_of_service_waits_for_it(watch: Watch) -> None:
    with watch.engine(watch.login("engineer")).begin() as connection:
        alarms.take_out_of_service(connection, "flooding", "更换探头", sensor_id=1)
    watch.rise(3)
    assert watch.standing.state == "out_of_service"
    with watch.engine(watch.login("engineer")).begin() as connection:
        alarms.return_to_service(connection, "flooding", sensor_id=1)
    assert watch.standing.state == "unacknowledged"


def test_engineers_see_to_sensors_and_not_to_trucks(watch: Watch) -> None:
    with watch.engine(watch.login("engineer")).begin() as connection, refused("CT074"):
        alarms.take_out_of_service(connection, "terminal_silent", "检修", vehicle_id=1)
    for wrong in ({"vehicle_id": 1}, {"sensor_id": 999}):
        with watch.engine(watch.login("shift_leader")).begin() as connection, refused("CT075"):
            alarms.take_out_of_service(connection, "flooding", "检修", **wrong)


def test_every_rule_in_force_says_what_to_do(watch: Watch) -> None:
    with watch.owner.connect() as connection:
        every = alarms.rules(connection)
    assert len(every) > 20
    for rule in every:
        assert rule.enabled
        assert rule.cause
        assert rule.consequence
        assert rule.action
        assert rule.source


def test_a_rule_is_saved_as_a_new_version_and_told(watch: Watch) -> None:
    with watch.engine(watch.login("shift_leader")).begin() as connection:
        rule = next(r for r in alarms.rules(connection) if r.kind == "wrong_direction")
        assert rule.assumed
        changed = {"set_point": 250, "scope": rule.scope, "urgency": "high"}
        assert alarms.save_rule(connection, rule.id, rule.version, changed) == rule.version + 1
    with watch.owner.connect() as connection:
        after = next(r for r in alarms.rules(connection) if r.id == rule.id)
    assert (after.set_point, after.urgency, after.version, after.assumed) == (250, "high", rule.version + 1, False)
    assert after.action == rule.action
    assert watch.ask("SELECT count(*) FROM city.change_log WHERE subject = 'alarm_rule'") >= 1
    kept = watch.ask(
        "SELECT before ->> 'set_point' FROM city.audit_log WHERE subject = 'alarm_rule' AND kind = 'update'"
        " ORDER BY id DESC LIMIT 1"
    )
    assert float(kept) == rule.set_point
    with watch.engine(watch.login("shift_leader")).begin() as connection, refused("CT071"):
        alarms.save_rule(connection, rule.id, rule.version, {"set_point": 260})


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"action": " "}, "CT073", "处置措施"),
        ({"on_delay_s": None}, "CT073", "延时"),
        ({"clear_point": 1000}, "CT072", "解除值"),
        ({"set_point": "很高"}, "CT072", "数字"),
        ({"on_delay_s": 90000}, "CT072", "86400"),
        ({"on_count": 0}, "CT072", "数字"),
        ({"latches": None}, "CT072", "数字"),
        ({"kind": "x"}, "CT072", "kind"),
        ({"scope": {"load": 3}}, "CT072", "load"),
        ({"scope": {}}, "CT072", "load"),
        ({"scope": "full"}, "CT072", "load"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(watch: Watch, changes: dict[str, Any], code: str, says: str) -> None:
    with watch.engine(watch.login("administrator")).begin() as connection:
        rule = next(r for r in alarms.rules(connection) if r.kind == "route_deviation" and r.grade == 1)
        with refused(code) as caught:
            alarms.save_rule(connection, rule.id, rule.version, changes)
    assert says in caught.value.text("zh_CN")


def test_a_rule_out_of_force_may_lack_what_it_says(watch: Watch) -> None:
    with watch.engine(watch.login("administrator")).begin() as connection:
        rule = next(r for r in alarms.rules(connection) if r.kind == "rain_1h")
        alarms.save_rule(connection, rule.id, rule.version, {"enabled": False, "action": None})
    with watch.engine(GATEWAY_LOGIN).begin() as connection, refused("CT070"):
        connection.execute(text("SELECT city.raise_alarm(:id, NULL, 1, now())"), {"id": rule.id})


def made_case(watch: Watch, role: str = "shift_leader", **changed: Any) -> Any:
    """What comes of making a case of the alarm as it is."""
    x, y = watch.place
    given: dict[str, Any] = {"source": "sensor", "description": "水深 12 厘米", "x": x, "y": y} | changed
    return watch.do(alarms.to_case, Report(**given), role=role)


def test_an_alarm_becomes_one_case_and_both_tell_of_it(watch: Watch) -> None:
    watch.rise(2)
    request = uuid.uuid4()
    made = made_case(watch, role="acceptor", request_id=request)
    with watch.owner.connect() as connection:
        found = alarms.alarm(connection, watch.standing.id)
        told = cases.detail(connection, made.id)
    assert found is not None
    assert told is not None
    assert (found.case_id, found.case_no, found.state) == (made.id, made.case_no, "acknowledged")
    assert [(one.kind, one.state) for one in told.alarms] == [("flooding", "acknowledged")]
    assert (told.row.source, told.row.description) == ("sensor", "水深 12 厘米")
    assert watch.acts == ["raise", "make_case"]
    assert made_case(watch, role="acceptor", request_id=request).id == made.id  # the answer was lost: the same again
    with refused("CT090"):
        made_case(watch)
    assert watch.acts == ["raise", "make_case"]


def test_only_who_takes_cases_in_makes_one_of_an_alarm_that_stands(watch: Watch) -> None:
    watch.rise(2)
    with pytest.raises(ConsoleError):
        made_case(watch, role="dispatcher")
    with refused("CT004"):
        made_case(watch, x=1.0, y=1.0)
    assert watch.acts == ["raise"]
    watch.do(alarms.acknowledge)
    watch.fall()
    with refused("CT077"):
        made_case(watch)


@pytest.mark.parametrize(
    ("falls", "state"),
    [pytest.param(True, "normal", id="over"), pytest.param(False, "acknowledged", id="the water is still there")],
)
def test_the_end_of_a_case_is_told_to_its_alarm(watch: Watch, falls: bool, state: str) -> None:
    watch.rise(4)
    made = made_case(watch)
    if falls:
        watch.fall()
        assert watch.standing.state == "latched"
    watch.move(watch.login("acceptor"), made.id, "refuse", opinion="重复")
    assert watch.standing.state == state
    assert watch.acts[-1] == "end_case"
    with watch.owner.connect() as connection:
        last = alarms.history(connection, watch.standing.id)[-1]
    assert last.reason == made.case_no
