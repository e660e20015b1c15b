"""The administrator's desk for the field: terminals, sensors, tokens, gateways, raw frames, on a real city."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.gateway.devices.message import with_topic
from console.gateway.jt808 import messages as m
from console.gateway.jt808.framing import Header, Message, build
from console.gateway.jt808.position import Position, Status, build_position
from console.models import field_intake
from console.models.field_intake import Messages
from console.widgets.intake.frames import FramesWindow
from tests.widgets.configuration.acting import ask, do
from tests.widgets.desks import LONG_MS, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.configuration.workspace import ConfigurationWorkspace
    from console.widgets.intake.page import IntakePage

PHONE = "13900000777"


@pytest.fixture(autouse=True)
def nothing_stays(city: Engine) -> Iterator[None]:
    """The city is that of the whole room."""
    yield
    do(city, "UPDATE city.vehicle SET active = false, terminal_phone = NULL WHERE plate LIKE '晋M·X77%'")
    for table in ("terminal", "terminal_contact", "unknown_device", "sensor_source", "intake_token", "gateway_state",
                  "raw_message"):  # fmt: skip
        do(city, f"DELETE FROM city.{table}")


def knock(city: Engine, plate: str = "", phone: str = PHONE) -> None:
    """A terminal of no truck registers."""
    do(
        city,
        "SELECT city.register_terminal(:phone, false, 14, 802, 'CM', 'YC-1', '0000001', :plate, 2, '10.20.0.9')",
        phone=phone, plate=plate,
    )  # fmt: skip


def open_page(workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot, key: str) -> Any:
    workspace.topics.choose(key)
    settle(session, qtbot)
    page: IntakePage = workspace.intake.pages[key]
    qtbot.waitUntil(lambda: page.state.is_content or page.model.rowCount() == 0, timeout=LONG_MS)
    settle(session, qtbot)
    return page


def choose(page: Any, key: str, session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.model.row_of(key) is not None, timeout=LONG_MS)
    page.table.selectRow(page.model.row_of(key))
    settle(session, qtbot)


def first_truck(city: Engine) -> Any:
    return ask(city, "SELECT id, plate, terminal_phone FROM city.vehicle WHERE active ORDER BY plate LIMIT 1")


def test_a_terminal_that_asks_comes_in_with_one_key_for_the_truck_whose_plate_it_says(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    truck = first_truck(city)
    knock(city, truck.plate.replace("·", ""))
    page = open_page(workspace, session, qtbot, "terminals")
    qtbot.waitUntil(lambda: page.model.row_of(PHONE) == 0, timeout=LONG_MS)
    choose(page, PHONE, session, qtbot)
    panel = page.decision
    assert "10.20.0.9" in [one.text() for one in panel.facts.findChildren(QLabel)]
    assert panel.admit.text() == f"Let it in for {truck.plate}"
    assert panel.replaces.isVisible(), "that truck has another terminal, which is said before it is lost"
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: page.model.record(page.model.row_of(PHONE)).plate == truck.plate, timeout=LONG_MS)
    assert ask(city, "SELECT terminal_phone AS n FROM city.vehicle WHERE id = :id", id=truck.id).n.endswith(PHONE)
    do(city, "UPDATE city.vehicle SET terminal_phone = :n WHERE id = :id", n=truck.terminal_phone, id=truck.id)


def test_a_terminal_comes_in_with_a_new_truck_and_a_wrong_one_is_said(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    knock(city, "晋MX7701")
    page = open_page(workspace, session, qtbot, "terminals")
    choose(page, PHONE, session, qtbot)
    panel = page.decision
    panel.new.click()
    assert panel.plate.text() == "晋MX7701"
    panel.plate.setText(first_truck(city).plate)
    panel.company.setEditText("新运输公司")
    panel.add.click()
    settle(session, qtbot)
    assert "already" in session.notices.kept[-1].text
    assert panel.company.currentText() == "新运输公司", "what was typed stays"
    panel.plate.setText("晋M·X7701")
    panel.add.click()
    qtbot.waitUntil(lambda: page.model.record(page.model.row_of(PHONE)).plate == "晋M·X7701", timeout=LONG_MS)


def test_a_terminal_is_blocked_with_a_reason_unblocked_and_withdrawn(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    truck = first_truck(city)
    knock(city, phone=truck.terminal_phone)
    key = truck.terminal_phone.lstrip("0")
    page = open_page(workspace, session, qtbot, "terminals")
    choose(page, key, session, qtbot)
    panel = page.decision
    panel.block.click()
    settle(session, qtbot)
    assert "reason" in session.notices.kept[-1].text
    panel.reason.setText("停运")
    panel.block.click()
    qtbot.waitUntil(lambda: page.marked.state == "blocked", timeout=LONG_MS)
    assert ask(city, "SELECT count(*) AS n FROM city.known_terminals() WHERE phone = :n", n=key).n == 0
    page.unblock()
    qtbot.waitUntil(lambda: page.marked.state != "blocked", timeout=LONG_MS)
    panel.withdraw.click()
    assert ask(city, "SELECT terminal_phone AS n FROM city.vehicle WHERE id = :id", id=truck.id).n is not None
    panel.withdraw.click()
    qtbot.waitUntil(lambda: page.marked.state == "waiting", timeout=LONG_MS)
    do(city, "UPDATE city.vehicle SET terminal_phone = :n WHERE id = :id", n=truck.terminal_phone, id=truck.id)


def test_keys_that_have_nothing_to_decide_say_what_is_missing(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    knock(city)
    page = open_page(workspace, session, qtbot, "terminals")
    page.table.setFocus()
    keys = {Qt.Key.Key_A: "asks to come in", Qt.Key.Key_B: "not blocked", Qt.Key.Key_U: "is blocked",
            Qt.Key.Key_W: "built into a truck"}  # fmt: skip
    for key, said in keys.items():
        page.table.mark(None)
        page.show_record(None)
        QTest.keyClick(page.table, key)
        assert said in session.notices.kept[-1].text
    settle(session, qtbot)
    assert ask(city, "SELECT count(*) AS n FROM city.audit_log WHERE subject = 'terminal' AND key = :n", n=PHONE).n == 0


def test_what_is_typed_stays_while_the_field_goes_on(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    knock(city)
    page = open_page(workspace, session, qtbot, "terminals")
    choose(page, PHONE, session, qtbot)
    page.decision.reason.setText("停")
    page.decision.choice.setEditText(first_truck(city).plate)
    knock(city, phone="13900000778")
    qtbot.waitUntil(lambda: page.model.row_of("13900000778") is not None, timeout=LONG_MS)
    settle(session, qtbot)
    assert page.marked.phone == PHONE
    assert page.decision.reason.text() == "停"
    assert page.decision.truck.plate == first_truck(city).plate


def test_a_station_that_asks_is_connected_with_a_sensor_and_disconnected(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    sensor = ask(city, "SELECT id, code FROM city.sensor WHERE kind = 'water_level' ORDER BY code LIMIT 1")
    do(city, "SELECT city.note_device(2, '0011223344', '{38,39}', '10.20.0.7', '\\x7e7e05', 3)")
    page = open_page(workspace, session, qtbot, "sensors")
    choose(page, "2-0011223344", session, qtbot)
    panel = page.sensor
    assert panel.field.currentText().startswith("39")
    assert panel.sample.toPlainText() == "7E 7E 05"
    panel.button.click()
    assert panel.problem.text() == "Choose a sensor of the list."
    panel.sensor.setEditText(next(called for called in _offered(panel.sensor) if called.startswith(sensor.code)))
    panel.password.setText("xyz")
    panel.button.click()
    settle(session, qtbot)
    assert "hexadecimal" in session.notices.kept[-1].text
    panel.password.setText("03e8")
    panel.button.click()
    qtbot.waitUntil(lambda: page.model.row_of("2-0011223344") is None, timeout=LONG_MS)
    source = ask(city, "SELECT sensor_id, field, password FROM city.sensor_source")
    assert tuple(source) == (sensor.id, "39", "03E8")
    choose(page, f"sensor-{sensor.id}", session, qtbot)
    end = next(b for b in panel.findChildren(type(panel.button)) if b.text() == "Disconnect" and b.isVisible())
    end.click()
    end.click()
    qtbot.waitUntil(lambda: page.marked.sensor.sources == (), timeout=LONG_MS)


def _offered(choice: Any) -> list[str]:
    return [choice.itemText(at) for at in range(choice.count())]


def test_readings_that_were_refused_are_told_with_why(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    sensor = ask(city, "SELECT id FROM city.sensor WHERE kind = 'water_level' ORDER BY code DESC LIMIT 1").id
    do(
        city,
        "SELECT city.record_doubtful_readings(ARRAY[:s]::smallint[], ARRAY[now()], ARRAY[now() + interval '1 day'],"
        " '{2}', '{12}')", s=sensor,
    )  # fmt: skip
    page = open_page(workspace, session, qtbot, "sensors")
    choose(page, f"sensor-{sensor}", session, qtbot)
    qtbot.waitUntil(lambda: page.sensor.model.rowCount() > 0, timeout=LONG_MS)
    assert page.sensor.model.cells(0)[2] == "from the future"
    assert page.marked.sensor.untimely == 1


def test_a_token_is_shown_once_renewed_and_withdrawn(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    page = open_page(workspace, session, qtbot, "tokens")
    panel = page.tokens
    panel.make.click()
    settle(session, qtbot)
    assert "needs a name" in session.notices.kept[-1].text
    panel.name.setText("厂商甲")
    panel.ids.setText("WL-014，WL-015")
    panel.make.click()
    qtbot.waitUntil(panel.secret.isVisible, timeout=LONG_MS)
    first = panel.secret.text()
    valid = "SELECT count(*) AS n FROM city.intake_token WHERE hash = sha256(CAST(:t AS bytea))"
    assert ask(city, valid, t=first).n == 1
    panel.copy.click()
    assert QApplication.clipboard().text() == first
    settle(session, qtbot)
    assert page.marked.devices == ("WL-014", "WL-015")
    panel.renew.click()
    panel.renew.click()
    qtbot.waitUntil(lambda: panel.secret.text() not in {"", first}, timeout=LONG_MS)
    assert ask(city, valid, t=first).n == 0
    open_page(workspace, session, qtbot, "gateways")
    page = open_page(workspace, session, qtbot, "tokens")
    page.table.mark(None)
    page.show_record(None)
    assert not panel.secret.isVisible()
    assert panel.secret.text() == ""
    choose(page, "厂商甲", session, qtbot)
    panel.withdraw.click()
    panel.withdraw.click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 0, timeout=LONG_MS)
    assert not page.state.is_content


def test_what_is_wrong_with_a_gateway_comes_first_and_a_dead_one_is_seen(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    told = "SELECT city.report_gateway('gate', now() - interval '1 hour', 3, 4, 5, :spooled, CAST(:counters AS jsonb))"
    do(city, told, spooled=0, counters='{"stored": 100, "message_0200": 90, "flaw_bad_checksum": 2, "clock_off_s": 0}')
    page = open_page(workspace, session, qtbot, "gateways")
    qtbot.waitUntil(lambda: page.counters.rowCount() == 4, timeout=LONG_MS)
    assert str(page.counters.cells(0)[0]).endswith("Faulty frames: wrong checksum")
    assert "Faulty frames came in" in page.advice.text()
    do(city, told, spooled=2_000_000, counters='{"stored": 200, "clock_off_s": 300}')
    do(city, "UPDATE city.gateway_state SET at = now() - interval '5 min'")
    page.refresh()
    qtbot.waitUntil(lambda: not page.model.record(0).lives, timeout=LONG_MS)
    settle(session, qtbot)
    assert "2.0 MB" in str(page.model.cells(0))
    assert "It has stopped" in page.advice.text()


def frames_of(city: Engine, vehicle_id: int, at: datetime) -> None:
    """A position, a heartbeat and bytes that are none."""
    place = Position(at, 111.007, 35.0264, 368, 42.3, 92, status=Status.ACC | Status.FIXED | Status.FULL)
    raws = [
        build(Message(Header(m.MessageId.POSITION, "013935900001", 7), build_position(place)))[1:-1],
        build(Message(Header(m.MessageId.HEARTBEAT, "013935900001", 8), b""))[1:-1],
        b"\x02\x00rubbish",
    ]
    given = Messages([at + timedelta(seconds=n) for n in range(3)], [1] * 3, [vehicle_id] * 3, raws)
    with city.begin() as connection:
        field_intake.record_messages(connection, given)


def test_the_frames_of_a_truck_are_looked_up_decoded_lead_to_the_place_and_go_to_a_file(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    truck = first_truck(city)
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
    frames_of(city, truck.id, at)
    page = open_page(workspace, session, qtbot, "terminals")
    choose(page, truck.terminal_phone.lstrip("0"), session, qtbot)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_F)
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, FramesWindow))
    qtbot.waitUntil(lambda: window.model.rowCount() == 3, timeout=LONG_MS)
    cells = [window.model.cells(row) for row in range(3)]
    assert [row[1] for row in cells][:2] == ["0x0200 Position", "0x0002 Heartbeat"]
    assert str(cells[2][1]).startswith("unreadable")
    assert (cells[0][4], cells[0][5], cells[0][6]) == (111.007, 35.0264, 42.3)
    assert str(cells[0][-1]).startswith("0200")
    window.table.selectRow(0)
    assert "engine on" in window.detail.toPlainText()
    place = next(iter(window._found.places.values()))
    assert (round(place[0]), round(place[1])) == (500639, 3877522)  # domain.md: 35.0264 N 111.007 E
    path = tmp_path / "frames.csv"
    window.export.click()
    dialog = session.export.dialog
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(path.exists, timeout=LONG_MS)
    written = path.read_text(encoding="utf-8-sig").splitlines()
    assert len(written) == 4, "headings and three frames"
    assert "0x0200 Position" in written[1]
    window.end.setDateTime(window.start.dateTime())
    window.look.click()
    assert not window.state.is_content
    window.close()


def test_frames_of_devices_say_their_values(
    city: Engine, workspace: ConfigurationWorkspace, session: Session, qtbot: QtBot
) -> None:
    sensor = ask(city, "SELECT id FROM city.sensor WHERE kind = 'water_level' ORDER BY code LIMIT 1").id
    at = datetime.now(UTC) - timedelta(minutes=10)
    raw = with_topic("ycsm/level/WL-1/up", f'{{"ts": "{at.isoformat()}", "level_cm": 18.4}}'.encode())
    station = bytes.fromhex(  # domain.md, verified there
        "7E7E05001122334403E833002B020026170718102202F1F1001122334448F0F017071810222019000040261900004039230001049038"
        "12110203F511"
    )
    with city.begin() as connection:
        field_intake.record_messages(
            connection, Messages([at, at + timedelta(seconds=1)], [3, 2], [sensor] * 2, [raw, station])
        )
    page = open_page(workspace, session, qtbot, "sensors")
    choose(page, f"sensor-{sensor}", session, qtbot)
    workspace.intake.open_frames()
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, FramesWindow))
    qtbot.waitUntil(lambda: window.model.rowCount() == 5, timeout=LONG_MS)
    values = {str(row[4]).split()[0]: row[5] for row in (window.model.cells(n) for n in range(5))}
    assert values == {"level_cm": 18.4, "20": 4.0, "26": 4.0, "39": 10.49, "38": 11.02}
    window.close()
