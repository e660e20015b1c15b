"""The list of layers, worked with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider, QToolButton

from console.map import (
    Features,
    GeometryKind,
    LabelRule,
    Layer,
    LayerTree,
    LineStyle,
    MapCanvas,
    PointStyle,
    Stroke,
    Symbol,
)
from console.map.layer_tree import age_text, scale_text
from console.map.store import ArraySource
from tests.map.conftest import lines

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Settle = Any


@pytest.fixture
def tree(qtbot: QtBot, canvas: MapCanvas) -> LayerTree:
    made = LayerTree(canvas, canvas)
    list(made.build())
    made.resize(made.sizeHint())
    made.show()
    return made


def words(tree: LayerTree, key: str) -> list[str]:
    return [label.text() for label in tree.row(key).findChildren(QLabel)]


def test_upper_layers_come_first_under_their_groups(canvas: MapCanvas, tree: LayerTree) -> None:
    canvas.add_layer(Layer("truck", "Trucks", PointStyle(Symbol("arrow")), group="Fleet"))
    shown = [box.text() for box in tree.findChildren(QCheckBox) if box.parent() is not None]
    assert [t for t in shown if t in ("Trucks", "Point", "Line", "Area")][-4:] == ["Trucks", "Point", "Line", "Area"]
    assert "Fleet" in [button.text() for button in tree.findChildren(QToolButton)]


def test_a_click_turns_a_layer_off_and_on(canvas: MapCanvas, tree: LayerTree) -> None:
    box = tree.row("point").findChildren(QCheckBox)[0]
    box.click()
    assert not canvas.layer("point").visible
    canvas.layer("point").visible = True
    assert box.isChecked()


def test_number_note_and_failure_are_told(canvas: MapCanvas, tree: LayerTree, settle: Settle) -> None:
    assert "9" in words(tree, "point")
    canvas.layer("point").note = "2 silent"
    assert "9 (2 silent)" in words(tree, "point")

    class Broken:
        def fetch(self, extent: object, metres_per_pixel: float) -> Features:
            raise OSError("no way to the database")

    canvas.add_layer(Layer("broken", "Broken", PointStyle(Symbol("dot")), source=Broken()))
    settle(canvas)
    assert "failed" in words(tree, "broken")


def test_a_layer_out_of_scale_is_grey_and_says_from_where_it_is_seen(
    canvas: MapCanvas, tree: LayerTree, settle: Settle
) -> None:
    canvas.add_layer(
        Layer("near", "Near", LineStyle(Stroke("storm")), source=ArraySource(lines()), max_metres_per_pixel=0.5)
    )
    row = tree.row("near")
    box = row.findChildren(QCheckBox)[0]
    assert box.palette().windowText().color().name() == canvas.theme.disabled
    tips = [w.toolTip() for w in (row, *row.findChildren(QCheckBox), *row.findChildren(type(row).__bases__[0]))]
    assert any(scale_text(0.5) in tip for tip in tips)
    canvas.centre_on(500_500, 3_877_300, 0.3)
    assert box.palette().windowText().color().name() == canvas.theme.text


def test_unfolding_shows_legend_opacity_and_labels(canvas: MapCanvas, tree: LayerTree) -> None:
    style = LineStyle(
        Stroke("storm"),
        attribute="name",
        strokes={"红旗街": Stroke("storm", title="East"), "解放路": Stroke("sanitary", title="North")},
        label=LabelRule("name", "along", on_demand=True),
    )
    canvas.add_layer(Layer("pipe", "Pipes", style, source=ArraySource(lines())))
    row = tree.row("pipe")
    QTest.mouseClick(row.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert {"East", "North"} <= set(words(tree, "pipe"))
    row.findChildren(QSlider)[0].setValue(40)
    assert canvas.layer("pipe").opacity == pytest.approx(0.4)
    row.findChildren(QCheckBox)[1].click()
    assert canvas.layer("pipe").labels


def test_scales_and_ages_read_well() -> None:
    assert scale_text(0.5) == "1:1,900"
    assert scale_text(4) == "1:15,000"
    assert [age_text(s) for s in (3.9, 61, 7_300)] == ["3 s", "1 min", "2 h"]


def test_a_group_with_nothing_turned_on_is_folded_until_its_heading_is_clicked(
    canvas: MapCanvas, tree: LayerTree
) -> None:
    canvas.add_layer(Layer("truck", "Trucks", PointStyle(Symbol("arrow")), group="Fleet", visible=False))
    assert tree.row("truck").isHidden()
    heading = next(button for button in tree.findChildren(QToolButton) if button.text() == "Fleet")
    QTest.mouseClick(heading, Qt.MouseButton.LeftButton)
    assert not tree.row("truck").isHidden()


def test_what_is_looked_at_for_a_while_is_listed_while_there_is_some(canvas: MapCanvas, tree: LayerTree) -> None:
    style = PointStyle(Symbol("dot"))
    canvas.add_layer(Layer("truck", "Trucks", style, group="Fleet"))
    canvas.add_layer(Layer("stop", "Stops", style, group="Fleet", passing=True))
    assert not tree.row("truck").isHidden()
    assert tree.row("stop").isHidden()
    canvas.set_live("stop", Features.from_xy([1], [0.0], [0.0]))
    assert not tree.row("stop").isHidden()
    tree.fold_groups()
    assert not tree.row("stop").isHidden()
    canvas.set_live("stop", Features.empty(GeometryKind.POINT))
    assert tree.row("stop").isHidden()
