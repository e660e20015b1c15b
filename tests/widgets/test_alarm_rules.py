"""The editor of alarm rules: from the list to the form, the trial on the past on the map, saving, and two at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models import alarms
from console.models.configuration.alarm_rules import values_of
from console.models.configuration.rows import give_reason
from console.widgets.alarm_rules.trial import LAYER
from console.widgets.alarm_rules.words import lacks, sentence
from console.widgets.shared import language
from tests.monitored import TRUCK, City
from tests.widgets.desks import LONG_MS, settle
from tests.widgets.seat import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.models.alarms import AlarmRule
    from console.session import Session
    from console.widgets.alarm_rules.workspace import AlarmRulesWorkspace

CONTROL = Qt.KeyboardModifier.ControlModifier
ENTER = Qt.Key.Key_Return
TRIAL_MS = 120_000


@pytest.fixture
def city(database: Engine) -> Iterator[City]:
    """A truck has been 90 m off its route for a minute and a half, and 40 m off for ten minutes."""
    made = City(database)
    made.drive([0, 10, 20], 0)
    made.drive([30.0 + 10 * n for n in range(10)], 90)
    made.drive([130.0 + 10 * n for n in range(12)], 0)
    made.drive([600.0 + 10 * n for n in range(60)], 40)
    made.drive([1200.0 + 10 * n for n in range(12)], 0)
    yield made
    made.close()


@pytest.fixture
def session(city: City, sit_down: Callable[[str], Session], qtbot: QtBot) -> Session:
    """A shift leader at the rules."""
    del city
    made = sit_down("shift_leader01")
    made.window.show_workspace("alarm_rules")
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow, timeout=LONG_MS)
    settle(made, qtbot)
    return made


@pytest.fixture
def room(session: Session) -> AlarmRulesWorkspace:
    return session.window.workspaces["alarm_rules"]  # type: ignore[return-value]


def rule(city: City, kind: str, grade: int = 1) -> AlarmRule:
    with city.owner.connect() as connection:
        return next(one for one in alarms.rules(connection) if (one.kind, one.grade) == (kind, grade))


def open_rule(room: AlarmRulesWorkspace, session: Session, qtbot: QtBot, one: AlarmRule) -> None:
    """Choose a rule in the list and go into its form by Enter."""
    row = room.rules.model.row_of(str(one.id))
    assert row is not None
    room.rules.table.setFocus()
    room.rules.table.selectRow(row)
    QTest.keyClick(room.rules.table, ENTER)
    assert room.panel.key == str(one.id)
    settle(session, qtbot)


def type_in(room: AlarmRulesWorkspace, name: str, words: str) -> None:
    """Replace what a field of the form holds; Chinese as an input method gives it."""
    assert room.panel.form is not None
    edit = room.panel.form.rows[name].edit
    assert edit is not None
    edit.setFocus()
    inside = edit.focusProxy()
    inside.selectAll()  # type: ignore[union-attr]
    inside.insert(words) if hasattr(inside, "insert") else inside.insertPlainText(words)  # type: ignore[union-attr]


def choose_night(room: AlarmRulesWorkspace) -> None:
    """The day of the trial is that of the drive."""
    room.trial.period.setCurrentIndex(room.trial.period.findData("other"))
    for edit in room.trial.days:
        assert edit.isVisible()
        edit.setMaximumDate(QDate(2099, 1, 1))
        edit.setDate(QDate(2026, 11, 2))


def save(room: AlarmRulesWorkspace, session: Session, qtbot: QtBot, reason: str) -> None:
    keyboard = session.window.focusWidget()
    if keyboard is not None and room.panel.isAncestorOf(keyboard):
        QTest.keyClick(keyboard, Qt.Key.Key_S, CONTROL)
    else:
        click(room.panel.bar.save)
    assert room.panel.is_review
    assert room.panel.review.reason.hasFocus()
    room.panel.review.reason.insert(reason)
    QTest.keyClick(room.panel.review.reason, ENTER)
    settle(session, qtbot)


def column(room: AlarmRulesWorkspace, title: str, kind: str) -> list[str]:
    model = room.rules.model
    at = [one.title for one in model.columns].index(title)
    rows = [row for row in range(model.rowCount()) if model.record(row).values["kind"] == kind]
    return [str(model.index(row, at).data()) for row in rows]


def test_a_rule_is_tried_on_the_past_changed_and_saved_with_a_reason(
    qtbot: QtBot, city: City, session: Session, room: AlarmRulesWorkspace
) -> None:
    deviation = rule(city, "route_deviation")
    city.judge()
    settle(session, qtbot)
    open_rule(room, session, qtbot, deviation)
    assert room.panel.sentence.text() == (
        "Distance from the approved route: raised from 50 m, after 3 positions in a row and 30 s. "
        "Over at 30 m or less, after 3 positions in a row and 60 s."
    )
    type_in(room, "set_point", "35")
    type_in(room, "clear_point", "20")
    assert "raised from 35 m" in room.panel.sentence.text(), "the sentence follows what is typed"
    assert column(room, "Set point", "route_deviation") == ["35 m", "50 m"]
    choose_night(room)
    click(room.panel.attempt)
    assert room.trial.run.is_running
    assert not room.trial.stop.isHidden()
    qtbot.waitUntil(lambda: room.trial.found is not None, timeout=TRIAL_MS)
    told = room.trial.told.full_text
    assert told.startswith("Would have raised 2 from ")
    assert told.endswith("as it is 1: 1 added, 0 gone · really raised 1")
    assert [verdict.becomes for verdict in room.trial.verdicts] == ["same", "added"]
    on_map = session.window.desk.canvas.live_features(LAYER)
    assert on_map is not None
    assert on_map.attributes["becomes"].tolist() == ["same", "added"]
    assert on_map.attributes["label"][0] == city.ask("SELECT plate FROM city.vehicle WHERE id = :id", id=TRUCK)
    click(room.trial.chips["added"])
    shown = session.window.desk.canvas.live_features(LAYER)
    assert shown is not None
    assert shown.attributes["becomes"].tolist() == ["added"]
    room.trial.table.selectRow(0)
    thing = session.window.desk.selection.thing
    assert thing is not None
    assert thing.subject == LAYER
    assert session.window.desk.canvas.selected(LAYER).tolist() == [thing.key], "the map marks the one of the list"
    assert city.ask("SELECT set_point FROM city.alarm_rule WHERE id = :id", id=deviation.id) == 50, "not saved yet"
    save(room, session, qtbot, "走廊收窄试行")
    assert city.ask("SELECT (set_point, clear_point, version)::text FROM city.alarm_rule WHERE id = :id",
                    id=deviation.id) == "(35,20,2)"  # fmt: skip
    qtbot.waitUntil(lambda: room.panel.versions.model.rowCount() == 2, timeout=LONG_MS)
    newest = room.panel.versions.model.record(0)
    assert (newest.version, newest.login, newest.reason) == (2, "shift_leader01", "走廊收窄试行")
    session.window.show_workspace("dispatch")
    left = session.window.desk.canvas.live_features(LAYER)
    assert left is not None
    assert len(left) == 0, "elsewhere the map shows nothing of it"


def test_a_running_gateway_judges_by_the_new_figures(
    qtbot: QtBot, city: City, session: Session, room: AlarmRulesWorkspace
) -> None:
    deviation = rule(city, "route_deviation")
    city.judge()
    assert len(city.of("route_deviation")) == 1
    open_rule(room, session, qtbot, deviation)
    type_in(room, "set_point", "35")
    type_in(room, "clear_point", "20")
    save(room, session, qtbot, "试行")
    city.now += 6
    city.judge()
    city.drive([2000.0 + 10 * n for n in range(10)], 40)
    city.judge()
    [alarm] = city.of("route_deviation")
    assert (alarm.rule_version, alarm.limit_value, alarm.value) == (2, 35, 40)


def test_what_is_missing_is_told_before_it_is_enabled(
    qtbot: QtBot, city: City, session: Session, room: AlarmRulesWorkspace
) -> None:
    rain = rule(city, "rain_1h")
    open_rule(room, session, qtbot, rain)
    type_in(room, "action", "")
    assert room.panel.lacks.text() == "It cannot be enabled yet. Missing: What the operator does."
    form = room.panel.form
    assert form is not None
    assert form.rows["action"].problem.text() == "This is needed."
    type_in(room, "clear_point", "30")
    assert "not above the point that raises it" in form.rows["clear_point"].problem.text()
    QTest.keyClick(session.window, Qt.Key.Key_B, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert not room.trial.run.is_running
    type_in(room, "clear_point", "16")
    enabled = form.rows["enabled"].edit
    assert enabled is not None
    box = enabled.focusProxy()
    assert box is not None
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert form.rows["action"].problem.text() == "", "a rule that rests may lack it"
    assert column(room, "State", "rain_1h") == ["incomplete"]
    save(room, session, qtbot, "待定")
    assert city.ask("SELECT enabled FROM city.alarm_rule WHERE id = :id", id=rain.id) is False
    assert room.rules.heading.remark.text() == "28 of 29 in force"


def test_somebody_elses_change_meanwhile_is_told_and_nothing_typed_is_lost(
    qtbot: QtBot, city: City, session: Session, room: AlarmRulesWorkspace
) -> None:
    parked = rule(city, "park_overtime")
    open_rule(room, session, qtbot, parked)
    type_in(room, "set_point", "1500")
    type_in(room, "action", "到场查看")
    with city.engine("administrator01").begin() as connection:
        give_reason(connection, "先")
        alarms.save_rule(connection, parked.id, parked.version, {"set_point": 900})
    form = room.panel.form
    assert form is not None
    told = form.rows["set_point"].conflict
    qtbot.waitUntil(lambda: "administrator01 changed this to “900 s”" in told.text(), timeout=LONG_MS)
    assert room.panel.lacks.text() == ""
    draft = room.register.drafts["alarm_rule"]
    assert (draft.values(str(parked.id))["set_point"], draft.values(str(parked.id))["action"]) == (1500, "到场查看")
    save(room, session, qtbot, "后")
    assert not room.panel.is_review, "it leads back to what is to be decided"
    click(form.rows["set_point"].mine)
    save(room, session, qtbot, "后")
    assert city.ask("SELECT (set_point, action, version)::text FROM city.alarm_rule WHERE id = :id", id=parked.id) == (
        "(1500,到场查看,3)"
    )


def test_two_versions_are_compared_and_an_old_one_comes_back_into_the_form(
    qtbot: QtBot, city: City, session: Session, room: AlarmRulesWorkspace
) -> None:
    parked = rule(city, "park_overtime")
    with city.engine("administrator01").begin() as connection:
        give_reason(connection, "放宽")
        alarms.save_rule(connection, parked.id, 1, {"set_point": 1800, "scope": {**parked.scope, "near_m": 80}})
    settle(session, qtbot)
    open_rule(room, session, qtbot, parked)
    versions = room.panel.versions
    qtbot.waitUntil(lambda: versions.model.rowCount() == 2, timeout=LONG_MS)
    said = [one.text() for one in versions.facts.findChildren(type(versions.said)) if not one.isHidden()]
    assert "1200 s → 1800 s" in said
    assert "50 m → 80 m" in said
    versions.table.selectRow(1)
    assert versions.said.text() == "There is no version before it."
    click(versions.take)
    draft = room.register.drafts["alarm_rule"]
    assert (draft.values(str(parked.id))["set_point"], draft.values(str(parked.id))["scope.near_m"]) == (1200, 50)
    save(room, session, qtbot, "恢复")
    assert rule(city, "park_overtime").version == 3
    assert (rule(city, "park_overtime").set_point, rule(city, "park_overtime").scope["near_m"]) == (1200, 50)


def test_a_trial_is_stopped_and_says_why_when_it_fails(
    qtbot: QtBot, city: City, session: Session, room: AlarmRulesWorkspace
) -> None:
    open_rule(room, session, qtbot, rule(city, "terminal_silent"))
    room.trial.period.setCurrentIndex(room.trial.period.findData("month"))
    click(room.trial.attempt)
    assert room.trial.run.is_running
    click(room.trial.stop)
    assert not room.trial.attempt.isHidden()
    assert room.trial.found is None
    room.trial.run._url = "postgresql://nobody:nothing@127.0.0.1:9/nowhere"  # a server that is away
    room.trial.period.setCurrentIndex(room.trial.period.findData("day"))
    click(room.trial.attempt)
    qtbot.waitUntil(lambda: not room.trial.run.is_running, timeout=TRIAL_MS)
    assert "cannot be reached" in room.trial.state.message.text()
    assert not room.trial.attempt.isHidden()


def test_only_who_may_save_rules_has_the_workspace(sit_down: Callable[[str], Session]) -> None:
    assert "alarm_rules" not in sit_down("dispatcher01").window.workspaces
    assert "alarm_rules" in sit_down("administrator01").window.workspaces


def test_the_list_is_narrowed_down_and_counts_what_was_raised(
    qtbot: QtBot, city: City, session: Session, room: AlarmRulesWorkspace
) -> None:
    with city.owner.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO city.alarm (kind, urgency, vehicle_id, raised_at, geom)
                SELECT 'overspeed', 'medium', vehicle_id, :at, geom FROM city.vehicle_state LIMIT 1
            """),
            {"at": datetime.now(UTC)},
        )
    room.refresh()
    settle(session, qtbot)
    assert column(room, "30 days", "overspeed") == ["1", "0"]
    click(room.rules.chips["sensor"])
    assert {room.rules.model.record(row).values["subject"] for row in range(room.rules.model.rowCount())} == {"sensor"}
    room.rules.text.setText("rain of one")
    assert [room.rules.model.record(row).values["kind"] for row in range(room.rules.model.rowCount())] == ["rain_1h"]


def test_every_rule_of_the_city_is_a_sentence_in_both_languages(city: City, app: QApplication) -> None:
    with city.owner.connect() as connection:
        known = alarms.rules(connection)
    for code in ("en", "zh_CN"):
        language.install(app, code)
        said = [sentence(values_of(one)) for one in known]
        assert all("—" not in words and "{" not in words for words in said)
        assert lacks(values_of(known[0])) == ""
