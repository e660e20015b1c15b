"""What narrows the queue down: an area drawn with the mouse, filters saved under a key and shared with colleagues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from console.models.cases import Preset
from console.widgets.shared.panel import ElidedLabel
from tests.widgets.desks import LONG_MS, leave, settle, show, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.cases.queue import QueuePanel
    from tests.desks import Desks

INSIDE = text("""
    SELECT count(*) FROM city.case_file
    WHERE public.ST_Intersects(geom, public.ST_SetSRID(public.ST_GeomFromText(:wkt), 4546))
""")
ALT = Qt.KeyboardModifier.AltModifier


def queue_of(session: Session) -> QueuePanel:
    session.window.show_workspace("dispatch")
    return session.window.workspaces["dispatch"].queue  # type: ignore[attr-defined,no-any-return]


def draw(session: Session, places: list[QPoint]) -> list[tuple[float, float]]:
    """Click the corners, the last one twice; returns them in metres."""
    canvas = session.window.desk.canvas
    for place in places:
        QTest.mouseMove(canvas, place)
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=places[-1])
    return [canvas.view.to_world(place.x(), place.y()) for place in places]


def test_an_area_drawn_with_the_mouse_narrows_the_whole_history_down(
    qtbot: QtBot, acceptor: Session, database: Engine
) -> None:
    queue, canvas = queue_of(acceptor), acceptor.window.desk.canvas
    queue.presets[Preset.ALL].click()
    qtbot.waitUntil(lambda: queue.model.rowCount() > 1000, timeout=LONG_MS)
    everything = queue.model.rowCount()
    canvas.zoom_home()
    settle(acceptor, qtbot)
    QTest.mouseClick(queue.filters.draw, Qt.MouseButton.LeftButton)
    assert queue.filters.draw.isChecked()
    middle, reach = canvas.rect().center(), canvas.height() // 5
    corners = draw(acceptor, [middle + QPoint(*at) for at in ((-reach, -reach), (reach, -reach // 2), (0, reach))])
    assert not queue.filters.draw.isChecked(), "the tool has done its work"
    border = ", ".join(f"{x!r} {y!r}" for x, y in [*corners, corners[0]])
    with database.connect() as connection:
        inside = connection.scalar(INSIDE, {"wkt": f"POLYGON(({border}))"})
    assert inside is not None
    assert 0 < inside < everything
    qtbot.waitUntil(lambda: queue.model.rowCount() == inside, timeout=LONG_MS)
    assert canvas.area == tuple(corners)

    # The area stands on the map of its queue, and nowhere else.
    acceptor.window.show_workspace("fleet")
    assert canvas.area == ()
    acceptor.window.show_workspace("dispatch")
    assert canvas.area == tuple(corners)
    queue.filters.clear()
    qtbot.waitUntil(lambda: queue.model.rowCount() == everything, timeout=LONG_MS)
    assert canvas.area == ()


def test_who_finds_a_case_in_no_queue_is_shown_where_all_are(qtbot: QtBot, acceptor: Session, database: Engine) -> None:
    queue = queue_of(acceptor)
    with database.connect() as connection:
        closed = connection.scalar(text("SELECT case_no FROM city.case_file WHERE state = 'closed' LIMIT 1"))
    queue.presets[Preset.TO_ACCEPT].click()
    queue.filters.text.setText(str(closed))
    qtbot.waitUntil(lambda: "“All”" in queue.state.message.text(), timeout=LONG_MS)
    queue.presets[Preset.ALL].click()
    qtbot.waitUntil(lambda: queue.model.rowCount() == 1 and queue.state.is_content, timeout=LONG_MS)
    queue.filters.text.setText("YC000000000000")
    qtbot.waitUntil(lambda: not queue.state.is_content, timeout=LONG_MS)
    assert queue.state.message.text() == "No case fits these filters."


def test_a_border_that_crosses_itself_asks_for_what_it_encloses(qtbot: QtBot, acceptor: Session) -> None:
    queue, canvas = queue_of(acceptor), acceptor.window.desk.canvas
    queue.presets[Preset.ALL].click()
    qtbot.waitUntil(lambda: queue.model.rowCount() > 1000, timeout=LONG_MS)
    everything = queue.model.rowCount()
    canvas.zoom_home()
    queue.filters.start_drawing()
    middle, reach = canvas.rect().center(), canvas.height() // 5
    draw(
        acceptor, [middle + QPoint(*at) for at in ((-reach, -reach), (reach, reach), (reach, -reach), (-reach, reach))]
    )
    qtbot.waitUntil(lambda: 0 < queue.model.rowCount() < everything, timeout=LONG_MS)


def test_drawing_can_be_given_up(acceptor: Session, qtbot: QtBot) -> None:
    queue, canvas = queue_of(acceptor), acceptor.window.desk.canvas
    queue.filters.start_drawing()
    hint = [one for one in queue.filters.findChildren(ElidedLabel) if "corners" in one.full_text]
    assert [one.isVisible() for one in hint] == [True], "how to draw is said while it is drawn"
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert queue.filters.draw.isChecked(), "one corner is no area"
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not queue.filters.draw.isChecked()
    assert not queue.filters.is_set
    assert not hint[0].isVisible()


def test_an_area_narrows_the_inbox_of_a_desk_live_and_is_moved_as_a_whole(
    qtbot: QtBot, acceptor: Session, desks: Desks
) -> None:
    condition = desks.condition("UH")
    here, beyond = desks.report(condition), desks.report(condition, 300.0)
    queue, canvas = queue_of(acceptor), acceptor.window.desk.canvas
    queue.presets[Preset.TO_ACCEPT].click()
    acceptor.window.desk.show_place(*desks.place, nearer=True)
    settle(acceptor, qtbot)
    x, y = canvas.view.to_screen(*desks.place)
    spot = QPoint(round(x), round(y))
    queue.filters.start_drawing()
    far = round(60 / canvas.view.metres_per_pixel)
    corners = [spot + QPoint(*at) for at in ((-far, -far), (far, -far), (far, far), (-far, far))]
    for corner in (*corners[:3], spot + QPoint(far * 4, far), corners[3]):
        QTest.mouseMove(canvas, corner)
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=corner)
        if corner not in corners:
            QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert not queue.filters.draw.isChecked()
    assert canvas.area == tuple(canvas.view.to_world(one.x(), one.y()) for one in corners)
    settle(acceptor, qtbot)
    assert queue.model.row_of(here) is not None
    assert queue.model.row_of(beyond) is None
    # What is reported while the area stands comes if it lies in it.
    later, elsewhere = desks.report(condition, 20.0), desks.report(condition, 320.0)
    qtbot.waitUntil(lambda: queue.model.row_of(later) is not None, timeout=LONG_MS)
    assert queue.model.row_of(elsewhere) is None
    acceptor.window.activateWindow()
    queue.list.setFocus()
    QTest.keyClick(queue.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(queue.marks) == queue.model.rowCount(), timeout=LONG_MS)
    assert {here, later} <= set(queue.marks.ids)
    assert not {beyond, elsewhere} & set(queue.marks.ids)


def test_a_department_finds_in_an_area_its_own_cases_alone(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path, desks: Desks
) -> None:
    condition = desks.condition("UH")
    ours = desks.bring_to("handling", condition)
    theirs = desks.ask(
        "SELECT id FROM city.case_file WHERE is_open AND responsible_id <> :unit ORDER BY id LIMIT 1",
        unit=condition.competent_id,
    )
    desk = sign_in(database, desks.login("department", department_id=condition.competent_id), tmp_path, qapp)
    show(desk, qtbot)
    queue, canvas = queue_of(desk), desk.window.desk.canvas
    queue.presets[Preset.ALL].click()
    canvas.zoom_home()
    settle(desk, qtbot)
    queue.filters.start_drawing()
    middle, wide, high = canvas.rect().center(), canvas.width() // 2 - 4, canvas.height() // 2 - 4
    corners = draw(desk, [middle + QPoint(*at) for at in ((-wide, -high), (wide, -high), (wide, high), (-wide, high))])
    border = ", ".join(f"{x!r} {y!r}" for x, y in [*corners, corners[0]])
    inside = desks.ask(
        f"{INSIDE.text} AND responsible_id = :unit", wkt=f"POLYGON(({border}))", unit=condition.competent_id
    )
    qtbot.waitUntil(lambda: queue.model.rowCount() == inside, timeout=LONG_MS)
    settle(desk, qtbot)
    assert theirs is not None
    assert queue.model.row_of(theirs) is None
    queue.presets[Preset.HANDLING].click()
    qtbot.waitUntil(lambda: queue.model.row_of(ours) is not None, timeout=LONG_MS)
    leave(desk)


def save(queue: QueuePanel, name: str, slot: int, *, is_shared: bool = False) -> None:
    form = queue.saved.form
    form.open()
    form.shared.setChecked(is_shared)
    form.slot.setCurrentIndex(form.slot.findData(slot))
    QTest.keyClicks(form.name, name)
    QTest.keyClick(form.name, Qt.Key.Key_Return)


def test_a_filter_is_saved_and_comes_back_by_its_key(qtbot: QtBot, acceptor: Session) -> None:
    queue, window = queue_of(acceptor), acceptor.window
    settle(acceptor, qtbot)
    queue.presets[Preset.OPEN].click()
    queue.filters.set_field("levels", "normal")
    queue.filters.set_field("zone_ids", 2)
    queue.filters.set_field("period", 30)
    queue.filters.text.insert("垃圾")
    queue.filters.order.setCurrentIndex(3)
    queue.filters.downwards.setChecked(True)
    kept = queue.keep()
    save(queue, "my streets", 4)
    qtbot.waitUntil(lambda: bool(queue.saved.filters), timeout=LONG_MS)
    assert queue.saved.form.isHidden()

    queue.filters.clear()
    queue.presets[Preset.ALL].click()
    assert queue.keep() == {"preset": "all", "fields": {}}
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_4, ALT)
    assert queue.keep() == kept
    assert window.desk.actions["queue.saved_own_4"].text() == "my streets"
    assert not window.desk.actions["queue.saved_own_5"].isVisible()


def test_a_shared_filter_is_there_for_a_colleague_at_once(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path, acceptor: Session
) -> None:
    leader = sign_in(database, "shift_leader01", tmp_path, qapp)
    show(leader, qtbot)
    theirs, ours = queue_of(leader), queue_of(acceptor)
    settle(acceptor, qtbot)
    ours.presets[Preset.OVERDUE].click()
    ours.filters.set_field("sources", "inspector")
    save(ours, "late patrols", 1, is_shared=True)
    qtbot.waitUntil(lambda: [f.name for f in theirs.saved.filters] == ["late patrols"], timeout=LONG_MS)
    theirs.saved.use(1, is_shared=True)
    assert theirs.keep() == ours.keep()
    leave(leader)


def test_a_refused_name_keeps_what_was_typed(
    qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path, acceptor: Session
) -> None:
    colleague = sign_in(database, "acceptor02", tmp_path, qapp)
    show(colleague, qtbot)
    save(queue_of(colleague), "late", 1, is_shared=True)
    settle(colleague, qtbot)
    queue = queue_of(acceptor)
    save(queue, "late", 1, is_shared=True)
    form = queue.saved.form
    qtbot.waitUntil(lambda: "choose another name" in form.problem.text(), timeout=LONG_MS)
    assert form.isVisible()
    assert form.name.text() == "late"
    leave(colleague)


def test_a_queue_kept_over_another_look_keeps_its_zone_and_area(qtbot: QtBot, acceptor: Session) -> None:
    queue = queue_of(acceptor)
    settle(acceptor, qtbot)
    queue.filters.set_field("zone_ids", 2)
    corners = [[500000.0, 3877000.0], [501000.0, 3877000.0], [500000.0, 3878000.0]]
    queue.resume({**queue.keep(), "area": corners})
    kept = queue.keep()
    window = acceptor.window
    window.desk.actions["theme"].trigger()
    qtbot.waitUntil(lambda: acceptor.window is not window and acceptor.window.isVisible(), timeout=LONG_MS)
    again = queue_of(acceptor)
    assert again is not queue
    settle(acceptor, qtbot)
    assert again.keep() == kept
    assert again.filters.wanted(Preset.ALL).zone_ids == {2}
