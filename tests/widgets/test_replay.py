"""The past on the map: as the database says it was, played and scrubbed, unmistakable, and left for the present."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QDateTime, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from console.database.faults import DatabaseAway
from console.models import field_intake, fleet, sensors
from console.widgets.replay import hours
from console.widgets.replay.replay import Replay
from console.widgets.replay.time_slider import EDGE_PX
from console.widgets.shared import detail
from console.widgets.shared.desk import Thing
from console.widgets.shared.figures import CITY_TIME
from tests.monitored import NIGHT, TRUCK, City
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.cases.workspace import DispatchWorkspace
    from console.widgets.fleet.workspace import FleetWorkspace
    from console.widgets.flood.workspace import FloodWorkspace

END = datetime(2026, 11, 1, 12, tzinfo=CITY_TIME)
"""When the history of the small city ends."""
START = END - timedelta(hours=6)


@pytest.fixture
def session(qtbot: QtBot, sit_down: Callable[[str], Session]) -> Session:
    """A shift leader before the trucks."""
    made = sit_down("shift_leader01")
    made.window.show_workspace("fleet")
    settle(made, qtbot)
    return made


def replay_of(session: Session) -> Replay:
    found = session.window.findChild(Replay)
    assert found is not None
    return found


def choose(session: Session, first: datetime, last: datetime) -> None:
    """Choose a period by hand."""
    period = replay_of(session).bar.period
    for field, at in ((period.first, first), (period.last, last)):
        field.setDateTime(QDateTime.fromString(at.strftime("%Y-%m-%dT%H:%M"), Qt.DateFormat.ISODate))
    period.kind.setCurrentIndex(period.kind.findData("span"))
    period.chosen.emit()


def go_back(session: Session, qtbot: QtBot, at: datetime) -> None:
    """Show an instant of the city's history, and wait until it is there."""
    if session.clock.is_live:
        session.window.desk.actions["replay.open"].trigger()
    choose(session, START, END)
    session.clock.show(at.timestamp())
    qtbot.waitUntil(lambda: session.hours.at(at.timestamp()) is not None, timeout=LONG_MS)


def on_map(session: Session) -> dict[str, list[object]]:
    """What the live layers of the map show."""
    found: dict[str, list[object]] = {}
    for layer in ("vehicle", "flood_point", "rain_gauge", "case", "alarm"):
        features = session.window.desk.canvas.live_features(layer)
        assert features is not None
        columns = [features.ids.tolist(), np.round(features.xy, 3).tolist()]
        columns += [features.attributes[name].tolist() for name in sorted(features.attributes)]
        found[layer] = [repr(row) for row in zip(*columns, strict=True)]
    return found


def test_the_map_shows_any_instant_as_the_database_has_it_and_the_same_when_it_comes_back(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    for minutes in (20, 95, 301):
        at = END - timedelta(minutes=minutes, seconds=17.25)
        go_back(session, qtbot, at)
        with database.connect() as connection:
            trucks, points = fleet.vehicle_states_at(connection, at), sensors.flood_points(connection, at=at)
        shown = session.window.desk.canvas.live_features("vehicle")
        assert shown is not None
        heard = shown.attributes["look"] != "silent"
        assert shown.ids[heard].tolist() == trucks.ids.tolist()
        assert shown.attributes["load"][heard].tolist() == trucks.attributes["load"].tolist()
        water = session.window.desk.canvas.live_features("flood_point")
        assert water is not None
        told = dict(zip(water.ids.tolist(), water.attributes["depth_cm"].tolist(), strict=True))
        for point in points:
            assert told[point.id] == pytest.approx(np.nan if point.depth_cm is None else point.depth_cm, nan_ok=True)
    # There and back.
    at = END - timedelta(minutes=42)
    go_back(session, qtbot, at)
    before = on_map(session)
    assert all(before[layer] for layer in ("vehicle", "flood_point", "rain_gauge", "case"))
    for minutes in (5, 350, 120, 43):
        session.clock.show((END - timedelta(minutes=minutes)).timestamp())
    qtbot.waitUntil(lambda: session.hours.at((END - timedelta(minutes=43)).timestamp()) is not None, timeout=LONG_MS)
    assert on_map(session)["vehicle"] != before["vehicle"]
    session.clock.show(at.timestamp())
    assert on_map(session) == before


def test_wherever_the_hand_lets_go_of_the_slider_the_map_shows_that_instant(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    go_back(session, qtbot, END - timedelta(minutes=200))
    slider, random = replay_of(session).bar.slider, np.random.default_rng(4)
    for _ in range(5):
        places = [QPoint(int(x), 20) for x in random.uniform(10, slider.width() - 10, 12)]
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            moved = QMouseEvent(
                QMouseEvent.Type.MouseMove, place.toPointF(), slider.mapToGlobal(place).toPointF(),
                Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
            )  # fmt: skip
            QApplication.sendEvent(slider, moved)
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=places[-1])
        share = (places[-1].x() - EDGE_PX) / (slider.width() - 2 * EDGE_PX)
        at = START + share * (END - START)
        assert session.clock.at == pytest.approx(at.timestamp(), abs=1e-3)
        qtbot.waitUntil(lambda: session.hours.at(session.clock.at) is not None, timeout=LONG_MS)
        shown = session.window.desk.canvas.live_features("vehicle")
        assert shown is not None
        with database.connect() as connection:
            past = session.clock.past
            assert past is not None
            trucks = fleet.vehicle_states_at(connection, past)
        heard = shown.attributes["look"] != "silent"
        assert shown.ids[heard].tolist() == trucks.ids.tolist()
        assert shown.attributes["load"][heard].tolist() == trucks.attributes["load"].tolist()
        # And it stays there.
        QTest.qWait(40)
        assert session.clock.at == pytest.approx(at.timestamp(), abs=1e-3)


def test_a_hand_that_never_rests_has_hours_read_all_the_same(qtbot: QtBot, session: Session) -> None:
    session.window.desk.actions["replay.open"].trigger()
    choose(session, END - timedelta(days=2), END)
    random = np.random.default_rng(6)

    def goes_on() -> bool:
        session.clock.show((END - timedelta(hours=float(random.uniform(0, 48)))).timestamp())
        return len(session.hours.spans) >= 3

    qtbot.waitUntil(goes_on, timeout=LONG_MS)


def test_the_past_cannot_be_taken_for_the_present_and_keys_hand_and_period_lead_through_it(
    qtbot: QtBot, session: Session
) -> None:
    at = END - timedelta(minutes=90)
    go_back(session, qtbot, at)
    for key in ("back", "back", "forward", "faster"):
        session.window.desk.actions[f"replay.{key}"].trigger()
    assert session.clock.at == (at - timedelta(minutes=1)).timestamp()
    assert session.clock.playing.speed == 120
    slider = replay_of(session).bar.slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert session.clock.at == (at - timedelta(hours=1)).timestamp()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert session.clock.at == START.timestamp()
    middle = slider.rect().center()
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=middle)
    assert session.clock.at == pytest.approx((END - timedelta(hours=3)).timestamp(), abs=60)
    # A period that is none is not taken.
    choose(session, END, START)
    bar = replay_of(session).bar
    assert "must be after" in bar.said.full_text
    assert session.clock.playing.start == START.timestamp()
    session.window.desk.actions["replay.open"].trigger()
    window, stage = session.window, session.window.stage
    room: FleetWorkspace = window.workspaces["fleet"]  # type: ignore[assignment]
    assert stage.past.isHidden()
    assert replay_of(session).bar.isHidden()
    go_back(session, qtbot, at)
    assert stage.past.isVisible()
    assert "2026-11-01 10:30" in stage.past_text.text()
    assert replay_of(session).bar.isVisible()
    assert stage.property("past")
    # The table follows the clock and says so; ages count from the instant.
    qtbot.waitUntil(lambda: room.trucks.model.rowCount() > 0, timeout=LONG_MS)
    ages = [room.trucks.model.index(row, 4).data() for row in range(room.trucks.model.rowCount())]
    assert any(age.endswith(" s") for age in ages)
    # Esc leads back to the present.
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert session.clock.is_live
    assert stage.past.isHidden()
    assert replay_of(session).bar.isHidden()
    assert not stage.property("past")
    assert session.window.desk.canvas.live_features("case") is None


def test_water_details_and_a_case_are_those_of_the_instant_and_nothing_is_done_in_the_past(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    at = END - timedelta(minutes=200)
    window, desk = session.window, session.window.desk
    go_back(session, qtbot, at)
    window.show_workspace("flood")
    flood: FloodWorkspace = window.workspaces["flood"]  # type: ignore[assignment]
    with database.connect() as connection:
        points = {str(p.id): p for p in sensors.flood_points(connection, at=at)}
        truck = fleet.vehicle_states_at(connection, at)
        case = connection.execute(
            text("SELECT case_id FROM city.case_event WHERE at <= :at GROUP BY 1 ORDER BY 1 DESC LIMIT 1"), {"at": at}
        ).scalar_one()
    qtbot.waitUntil(lambda: flood.points.model.rowCount() == len(points), timeout=LONG_MS)
    for row in range(flood.points.model.rowCount()):
        shown, said = flood.points.model.record(row), points[flood.points.model.key_at(row)]
        assert (shown.at, shown.depth_cm, shown.silent) == (said.at, said.depth_cm, said.silent)
    assert "present only" in flood.near.state.message.text()
    assert not desk.actions["flood.send"].isEnabled()
    # What is selected is told as it was.
    window.show_workspace("dispatch")
    room: DispatchWorkspace = window.workspaces["dispatch"]  # type: ignore[assignment]
    desk.selection.select(Thing("vehicle", str(truck.ids[0])))
    qtbot.waitUntil(lambda: room.detail.sheet is not None and room.detail.as_of is not None, timeout=LONG_MS)
    assert room.detail.as_of == session.clock.past
    assert "2026-11-01 08:40" in room.detail.as_of_line.text.full_text
    desk.selection.select(Thing("case", str(case)))
    qtbot.waitUntil(lambda: room.detail.sheet is not None and room.detail.as_of is not None, timeout=LONG_MS)
    settle(session, qtbot)
    assert not any(button.isVisible() for button in room.moves.buttons.values())
    # The line above it leads the whole window back.
    room.detail.as_of_line.back.click()
    assert session.clock.is_live
    assert room.detail.as_of is None


def test_details_come_while_the_past_is_played_over_a_line_that_is_slower_than_they_are_asked_for(
    qtbot: QtBot, session: Session, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = END - timedelta(minutes=200)
    go_back(session, qtbot, at)
    with database.connect() as connection:
        truck = str(fleet.vehicle_states_at(connection, at).ids[0])
    read = detail._read_past

    def slowly(*arguments: object) -> object:
        time.sleep(1.3 * detail.PAST_MS / 1000)
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(detail, "_read_past", slowly)
    room: FleetWorkspace = session.window.workspaces["fleet"]  # type: ignore[assignment]
    session.clock.run(running=True)
    session.window.desk.selection.select(Thing("vehicle", truck))
    qtbot.waitUntil(lambda: room.detail.sheet is not None, timeout=LONG_MS)
    first = room.detail.as_of
    qtbot.waitUntil(lambda: room.detail.as_of is not None and room.detail.as_of != first, timeout=LONG_MS)
    # Where it comes to rest the details do, too.
    session.clock.run(running=False)
    qtbot.waitUntil(lambda: room.detail.as_of == session.clock.past, timeout=LONG_MS)


def test_alarms_stand_on_the_map_and_in_the_list_as_they_stood_then(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    town = City(database)
    town.drive([10.0 * n for n in range(30)], 200.0)
    town.judge()
    town.drive([300.0 + 10 * n for n in range(40)], 0.0)
    town.judge()
    town.close()
    replay, canvas = replay_of(session), session.window.desk.canvas
    session.window.desk.actions["replay.open"].trigger()
    choose(session, NIGHT.astimezone(CITY_TIME) - timedelta(hours=1), NIGHT.astimezone(CITY_TIME) + timedelta(hours=1))
    session.clock.show(NIGHT.timestamp() + 1)
    qtbot.waitUntil(lambda: session.hours.at(session.clock.at) is not None, timeout=LONG_MS)
    assert not [line for line in replay.bar.alarms.lines if line.kind == "route_deviation"]
    # The key to the next alarm goes to its instant and its truck.
    qtbot.waitUntil(lambda: replay.bar.slider.marks is not None, timeout=LONG_MS)
    session.window.desk.actions["replay.next_alarm"].trigger()
    session.clock.step(1)
    stood = [line for line in replay.bar.alarms.lines if line.kind == "route_deviation"]
    assert [line.state for line in stood] == ["unacknowledged"]
    assert session.window.desk.selection.thing == Thing("vehicle", str(TRUCK))
    shown = canvas.live_features("alarm")
    assert shown is not None
    assert len(shown) >= 1
    # Its ring goes with the truck, which is on its way back to the route at the end.
    places = []
    for second in (250, 293, 297):
        session.clock.show(NIGHT.timestamp() + second)
        rings, trucks = canvas.live_features("alarm"), canvas.live_features("vehicle")
        assert rings is not None
        assert trucks is not None
        of_truck = rings.xy[rings.attributes["vehicle_id"] == TRUCK].tolist()
        assert of_truck
        assert all(place == trucks.with_ids([TRUCK]).xy[0].tolist() for place in of_truck)
        places.append(tuple(of_truck[0]))
    assert len(set(places)) == 3
    session.clock.show(NIGHT.timestamp() + 250)
    session.window.desk.actions["replay.alarms"].trigger()
    listed = replay.bar.alarms.list
    assert listed is not None
    assert listed.isVisible()
    assert listed.model.rowCount() == len(replay.bar.alarms.lines)
    # Esc closes the list, and nothing else.
    QTest.keyClick(listed.table, Qt.Key.Key_Escape)
    assert not listed.isVisible()
    assert not session.clock.is_live
    session.clock.show(NIGHT.timestamp() + 800)
    stood = [line for line in replay.bar.alarms.lines if line.kind == "route_deviation"]
    assert [line.state for line in stood] == ["returned_unacknowledged"]


def test_it_plays_to_the_end_and_without_the_database_what_is_read_plays_on_and_the_rest_says_why_it_is_missing(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_back(session, qtbot, END - timedelta(minutes=10))
    session.clock.change_speed(600)
    session.window.desk.actions["replay.play"].trigger()
    assert session.clock.playing.is_running
    qtbot.waitUntil(lambda: not session.clock.playing.is_running, timeout=LONG_MS)
    assert session.clock.at == END.timestamp()
    assert not session.window.desk.actions["replay.play"].isChecked()
    at = END - timedelta(minutes=90)
    go_back(session, qtbot, at)
    settle(session, qtbot)
    choose(session, END - timedelta(days=3), END)

    def away(*_arguments: object, **_named: object) -> object:
        raise DatabaseAway("The database does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(hours, "read_hour", away)
        session.clock.step(60)
        assert on_map(session)["vehicle"]
        session.clock.show((END - timedelta(days=3)).timestamp() + 60)
        bar = replay_of(session).bar
        qtbot.waitUntil(
            lambda: session.hours.failure is not None and "Reading" not in bar.said.full_text, timeout=LONG_MS
        )
        # Nothing is shown of an instant that is not known, rather than something of another one.
        assert on_map(session)["vehicle"] == []
        session.clock.run(running=True)
        QTest.qWait(200)
        assert session.clock.at == (END - timedelta(days=3)).timestamp() + 60
    # Back again it is read by itself, and goes on.
    qtbot.waitUntil(lambda: session.clock.at > (END - timedelta(days=3)).timestamp() + 61, timeout=LONG_MS)
    assert on_map(session)["vehicle"]


def test_the_present_shows_what_happened_while_the_past_was_looked_at_and_another_theme_keeps_the_instant(
    qtbot: QtBot, session: Session, database: Engine
) -> None:
    go_back(session, qtbot, END - timedelta(minutes=90))
    before = on_map(session)
    now = session.window.desk.now()
    fixes = field_intake.Fixes(
        [1], [now], [500_123.0], [3_877_456.0], [33.0], [90], ["full"], [True], [None], [0], [True]
    )
    with database.begin() as connection:
        field_intake.record_fixes(connection, fixes)
    session.changes.telemetry.emit()
    settle(session, qtbot)
    assert on_map(session) == before
    session.window.desk.actions["replay.open"].trigger()
    canvas = session.window.desk.canvas

    def is_there() -> bool:
        shown = canvas.live_features("vehicle")
        return shown is not None and [500_123.0, 3_877_456.0] in shown.xy.tolist()

    qtbot.waitUntil(is_there, timeout=LONG_MS)
    # The instant that was left is there again for the next time.
    session.window.desk.actions["replay.open"].trigger()
    assert not session.clock.is_live
    session.clock.run(running=False)
    at = END - timedelta(minutes=90)
    go_back(session, qtbot, at)
    old = session.window
    old.desk.actions["theme"].trigger()
    qtbot.waitUntil(lambda: session.window is not old and session.window.isVisible(), timeout=LONG_MS)
    assert session.clock.at == at.timestamp()
    assert session.window.stage.past.isVisible()
    assert session.window.stage.property("past")
    qtbot.waitUntil(lambda: len(on_map(session)["vehicle"]) > 0, timeout=LONG_MS)
