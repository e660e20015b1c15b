"""The map and the rest of the window: selecting on one selects on the other; the map's commands."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QToolButton, QWidget

from console.errors import ConsoleError
from console.map.printing import MapPrint, PrintOptions
from console.widgets.shared.desk import Thing
from console.widgets.shared.panel import line, margins, surface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.map.identify import Hit
    from console.widgets.shared.desk import Desk
    from console.widgets.shell.window import MainWindow

NUMBERED = frozenset({"case", "vehicle", "flood_point", "rain_gauge", "route_permit", "street", "traffic_area", "zone"})
"""Layers whose features are known by a number; the others by a code."""
SUBJECTS = {"trunk": "pipe"}
"""Subject of the layers that show a choice of the things of another one."""


STRIP = (
    "panel.layers", "map.base", "", "map.navigate", "map.select", "map.measure_length", "map.measure_area", "",
    "map.home", "map.selected", "map.back", "map.forward", "map.print", "", "replay.open", "",
    "panel.right",
)  # fmt: skip
"""Commands on the strip over the map, in groups."""


class MapLink(QObject):
    """Keeps the selection of the map and of the window the same, in both directions."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._from_map = False
        desk.canvas.identified.connect(self._on_identified)
        desk.selection.changed.connect(self._on_selected)

    def _on_identified(self, hits: Sequence[Hit]) -> None:
        if not hits:
            return  # a click beside everything keeps what one is working on
        self._from_map = True
        layer = hits[0].layer_key
        self._desk.selection.select(Thing(SUBJECTS.get(layer, layer), str(hits[0].id)))
        self._from_map = False

    def _on_selected(self, thing: Thing | None) -> None:
        canvas = self._desk.canvas
        if self._from_map:
            return
        canvas.clear_selection()
        if thing is None:
            return
        key: int | str = int(thing.key) if thing.subject in NUMBERED else thing.key
        for layer in canvas.layers:
            if SUBJECTS.get(layer.key, layer.key) == thing.subject:
                canvas.select(layer.key, [key])


def add_map_actions(desk: Desk, window: MainWindow) -> None:
    """Register the commands of the map."""
    canvas, add, translate = desk.canvas, desk.actions.add, QCoreApplication.translate
    group = translate("mapping", "Map")
    add("map.home", translate("mapping", "Whole city"), canvas.zoom_home, group=group, shortcut="Ctrl+Home",
        symbol="mdi6.home-outline")  # fmt: skip
    add("map.back", translate("mapping", "View before"), canvas.back, group=group, shortcut="Alt+Left",
        symbol="mdi6.arrow-left")  # fmt: skip
    add("map.forward", translate("mapping", "View after"), canvas.forward, group=group, shortcut="Alt+Right",
        symbol="mdi6.arrow-right")  # fmt: skip
    add("map.in", translate("mapping", "Zoom in"), lambda: canvas.zoom(2.0), group=group, shortcut="Ctrl++ Ctrl+=",
        symbol="mdi6.magnify-plus-outline")  # fmt: skip
    add("map.out", translate("mapping", "Zoom out"), lambda: canvas.zoom(0.5), group=group, shortcut="Ctrl+-",
        symbol="mdi6.magnify-minus-outline")  # fmt: skip
    add("map.selected", translate("mapping", "Zoom to what is selected"), canvas.zoom_to_selection, group=group,
        shortcut="Ctrl+G", symbol="mdi6.target")  # fmt: skip
    add("map.print", translate("mapping", "Print the map to PDF or PNG"), partial(_ask_print, desk, window),
        group=group, shortcut="Ctrl+P", symbol="mdi6.printer-outline")  # fmt: skip
    tools = {
        "navigate": (translate("mapping", "Move the map"), "mdi6.hand-back-right-outline", "Ctrl+Shift+N"),
        "select": (translate("mapping", "Select in a rectangle"), "mdi6.select-drag", "Ctrl+Shift+R"),
        "measure_length": (translate("mapping", "Measure a length"), "mdi6.ruler", "Ctrl+Shift+L"),
        "measure_area": (translate("mapping", "Measure an area"), "mdi6.vector-square", "Ctrl+Shift+A"),
    }
    for name, (title, symbol, keys) in tools.items():
        add(f"map.{name}", title, partial(_take_tool, desk, name), group=group, shortcut=keys, symbol=symbol,
            checkable=True)  # fmt: skip

    drawing = canvas.drawing
    steps = {
        "undo": (translate("mapping", "Drawing: one step back"), drawing.undo, "Ctrl+Z"),
        "redo": (translate("mapping", "Drawing: the step again"), drawing.redo, "Ctrl+Shift+Z Ctrl+Y"),
        "finish": (translate("mapping", "Drawing: done"), drawing.finish, ""),
        "give_up": (translate("mapping", "Drawing: give it up"), drawing.give_up, ""),
    }
    for name, (title, work, keys) in steps.items():
        add(f"draw.{name}", title, work, group=group, shortcut=keys)

    def show_tool(active: str) -> None:
        for name in tools:
            desk.actions[f"map.{name}"].setChecked(name == active)
        for name in steps:
            desk.actions[f"draw.{name}"].setEnabled(active == "draw_shape")

    canvas.tool_changed.connect(show_tool)
    show_tool("navigate")


def _ask_print(desk: Desk, window: MainWindow) -> None:
    """Ask where to, without stopping anything else, then print the view."""
    translate = QCoreApplication.translate
    title = translate("mapping", "Print the map to PDF or PNG")
    name = translate("mapping", "map") + f" {desk.clock.now():%Y-%m-%d %H%M}.pdf"
    dialog = QFileDialog(window, title, str(Path.home() / name), "PDF (*.pdf);;PNG (*.png)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("pdf")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda chosen: print_map(desk, Path(chosen)))
    dialog.open()


def print_map(desk: Desk, path: Path) -> None:
    """Print what the map shows to `path`, a PDF or PNG; the outcome is a notice."""
    translate, notices = QCoreApplication.translate, desk.notices
    options = PrintOptions(
        title=translate("mapping", "Map of Yuncheng")
        if desk.clock.is_live
        else translate("mapping", "Map of Yuncheng as it was"),
        at=desk.clock.now(),
        note=desk.name(desk.person.title, desk.person.title_en),
    )
    try:
        job = MapPrint(desk.canvas, path, options)
    except ConsoleError as error:
        notices.post(notices.words_for(error), "medium")
        return
    job.finished.connect(
        lambda written: notices.post(translate("mapping", "The map was printed to {path}.").format(path=written))
    )
    job.failed.connect(lambda error: notices.post(notices.words_for(error), "medium"))
    job.start()


def _take_tool(desk: Desk, name: str) -> None:
    desk.canvas.set_tool(name)  # type: ignore[arg-type]  # one of the names above
    desk.canvas.tool_changed.emit(name)  # also when it was active already: its button stays pressed
    desk.canvas.setFocus()


def tool_strip(desk: Desk) -> QWidget:
    """The commands of the map as a strip of buttons."""
    strip = surface("float", row := QHBoxLayout())
    margins(row, 3, 3, 3, 3, 2)
    for key in STRIP:
        if not key:
            row.addWidget(line(vertical=True))
            continue
        button = QToolButton()
        button.setDefaultAction(desk.actions[key])
        button.setFixedSize(28, 26)
        row.addWidget(button)
    return strip
