"""A person lays a base map below the city: chosen by keys and clicks, kept over another look, or told why not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from console.map.tiles import TileFrame
from console.map.view import Extent
from tests.widgets.desks import LONG_MS, leave, show, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session
    from console.widgets.shell.base_map import BaseMapForm

CITY = Extent(488_000.0, 3_865_000.0, 512_000.0, 3_890_000.0)
LEVEL = 12
TINT = "#40c0a0"


@pytest.fixture
def session(qtbot: QtBot, qapp: object, database: Engine, tmp_path: Path) -> Iterator[Session]:
    """A dispatcher at the window."""
    made = sign_in(database, "dispatcher01", tmp_path, qapp)
    show(made, qtbot)
    yield made
    leave(made)


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    """An MBTiles file of the city in one colour."""
    image = QImage(256, 256, QImage.Format.Format_RGB32)
    image.fill(QColor(TINT))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload] # takes the name as it is
    path = tmp_path / "city.mbtiles"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        file.execute("INSERT INTO metadata VALUES ('attribution', '审图号 TEST')")
        file.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        picture = bytes(buffer.data().data())
        file.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)",
            [(t.level, t.column, 2**t.level - 1 - t.row, picture) for t in TileFrame().tiles(CITY, LEVEL)],
        )
    return path


def opened(session: Session) -> BaseMapForm:
    session.window.desk.actions["map.base"].trigger()
    form = session.base_maps.form
    assert form.isVisible()
    return form


def is_tinted(session: Session) -> bool:
    """Whether most of the map has the colour of the tiles shining through."""
    image = session.window.desk.canvas.grab().toImage()
    spots = [image.pixelColor(x, y) for x in range(0, image.width(), 40) for y in range(0, image.height(), 40)]
    return sum(c.green() > c.red() + 30 for c in spots) > len(spots) / 2


def test_a_local_file_is_laid_below_the_map_and_stays_over_another_look(
    qtbot: QtBot, session: Session, tiles: Path
) -> None:
    form = opened(session)
    assert not is_tinted(session)
    form.kind.setCurrentIndex(form.kind.findData("file"))
    form.location.setText(str(tiles))
    QTest.keyClick(form.location, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_tinted(session), timeout=LONG_MS)
    assert not form.isVisible()
    before = session.window
    before.desk.actions["theme"].trigger()
    qtbot.waitUntil(lambda: session.window is not before and session.window.isVisible(), timeout=LONG_MS)
    qtbot.waitUntil(lambda: is_tinted(session), timeout=LONG_MS)
    form = opened(session)
    assert form.location.text() == str(tiles)
    form.kind.setCurrentIndex(form.kind.findData(""))
    QTest.mouseClick(form.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not is_tinted(session), timeout=LONG_MS)


def test_what_cannot_be_used_is_refused_with_the_reason_and_nothing_typed_is_lost(
    session: Session, tmp_path: Path
) -> None:
    form = opened(session)
    broken = tmp_path / "broken.mbtiles"
    broken.write_bytes(b"no tiles at all")
    form.kind.setCurrentIndex(form.kind.findData("file"))
    QTest.mouseClick(form.use, Qt.MouseButton.LeftButton)
    assert form.problem.text() == "Say where it is."
    form.location.setText(str(broken))
    QTest.mouseClick(form.use, Qt.MouseButton.LeftButton)
    assert "no readable MBTiles file" in form.problem.text()
    assert form.location.text() == str(broken)
    form.kind.setCurrentIndex(form.kind.findData("service"))
    form.location.setText("https://tiles.example/without/places.png")
    QTest.mouseClick(form.use, Qt.MouseButton.LeftButton)
    assert "neither an .mbtiles file nor an address" in form.problem.text()
    form.kind.setCurrentIndex(form.kind.findData("tianditu:img"))
    QTest.mouseClick(form.use, Qt.MouseButton.LeftButton)
    assert "needs a key" in form.problem.text()
    QTest.keyClick(form.kind, Qt.Key.Key_Escape)
    assert not form.isVisible()
