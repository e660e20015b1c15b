"""Cells of tables: their colours stay in a selected row, and words never run into the next column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from console.widgets.shared.style import Look
from console.widgets.shared.table import Column, RecordModel, RecordTable

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def table(qtbot: QtBot) -> RecordTable:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    Look.apply(app, "dark")
    columns: list[Column[str]] = [
        Column("Name", lambda one: one, colour=lambda _one: "critical", width_px=80),
        Column("Empty", lambda _one: "", width_px=80),
        Column("Figure", lambda one: str(len(one)), len, width_px=60),
    ]
    model: RecordModel[str] = RecordModel(columns, lambda one: one, app)
    made = RecordTable(model)
    Look.dress(made)
    model.show(["short", "a name that is far too long for its column"])
    made.resize(240, 120)
    made.show()
    qtbot.addWidget(made)
    qtbot.waitExposed(made)
    return made


def colours(table: RecordTable, row: int, column: int) -> set[str]:
    """Colours of the pixels of a cell."""
    image = table.viewport().grab().toImage()
    area = table.visualRect(table.model().index(row, column))
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(area.left(), area.right())
        for y in range(area.top(), area.bottom())
    }


def test_the_colour_of_a_cell_stays_when_its_row_is_selected(table: RecordTable) -> None:
    look = Look.current()
    before = colours(table, 1, 0)
    assert QColor(look.critical).name() in before
    assert QColor(look.accent_ground).name() not in before
    table.mark("short")
    selected = colours(table, 1, 0)
    assert {QColor(look.critical).name(), QColor(look.accent_ground).name()} <= selected


def test_words_that_are_too_long_end_within_their_column(table: RecordTable) -> None:
    assert len(colours(table, 0, 0)) > 2
    assert len(colours(table, 0, 1)) == 1
    assert len(colours(table, 0, 2)) > 2
