"""What lies below the layers of the map: chosen in the window, or given for the whole place by ``--base-map``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from console.errors import ConsoleError
from console.map.basemap import BaseMap, open_base_map
from console.map.fetcher import ThreadFetcher
from console.widgets.shared.panel import ENTER, keeps_key, label, margins
from console.widgets.shell.stage import EDGE_PX

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from console.widgets.shared.desk import Desk
    from console.widgets.shell.window import MainWindow

WIDTH_PX = 420
USUAL_OPACITY = 0.6
FILE, SERVICE, TIANDITU = "file", "service", "tianditu"


@dataclass(frozen=True)
class Choice:
    """A base map as it is chosen and remembered.

    Attributes:
        location: as `open_base_map` takes it; empty for none.
        key: of a service that wants one.
        gcj02: whether its tiles are shifted.
        opacity: 0 to 1.
    """

    location: str = ""
    key: str = ""
    gcj02: bool = False
    opacity: float = USUAL_OPACITY

    @property
    def kind(self) -> str:
        """``file``, ``service``, a layer of Tianditu such as ``tianditu:vec``, or empty for none."""
        if not self.location or self.location.startswith(TIANDITU):
            return self.location
        return SERVICE if "{z}" in self.location else FILE


class BaseMaps(QObject):
    """Lays the base map that was chosen below the map, and lets a person choose another one.

    Args:
        desk: whose map; what was chosen is remembered for the person.
        window: where the form floats.
        usual: for a person who has chosen nothing.
    """

    def __init__(self, desk: Desk, window: MainWindow, usual: Choice) -> None:
        super().__init__(window)
        self._desk, self._stage = desk, window.stage
        self._usual = usual
        # A file is read even while the database is away.
        self._fetcher = ThreadFetcher(1, self)
        self._shown: BaseMap | None = None
        self.form = BaseMapForm()
        self.form.setParent(window.stage)
        self.form.hide()
        self.form.wanted.connect(self._on_wanted)
        self.form.faded.connect(self._fade)
        translate = QCoreApplication.translate
        desk.actions.add(
            "map.base",
            translate("BaseMaps", "Base map"),
            self.open_form,
            group=translate("mapping", "Map"),
            shortcut="Ctrl+Shift+B",
            symbol="mdi6.map-outline",
        )
        self.choice = self._remembered()
        try:
            self._lay(self.choice)
        except ConsoleError as error:
            desk.notices.post(desk.notices.words_for(error), "medium")

    def open_form(self) -> None:
        """Show what is chosen; asked again it goes."""
        if self.form.isVisible():
            self.form.close_form()
            return
        self.form.show_choice(self.choice)
        self.form.setFixedWidth(min(WIDTH_PX, self._stage.width() - 2 * EDGE_PX))
        self.form.adjustSize()
        self.form.move(self._stage.free_corner)
        self.form.show()
        self.form.raise_()
        self.form.kind.setFocus()

    def close(self) -> None:
        """Let go of files and connections."""
        if self._shown is not None:
            self._shown.close()
        self._fetcher.close()

    def _remembered(self) -> Choice:
        memory, usual = self._desk.memory, self._usual
        return Choice(
            str(memory.value("base_map/location", usual.location)),
            str(memory.value("base_map/key", usual.key)),
            bool(memory.value("base_map/gcj02", usual.gcj02, type=bool)),
            float(str(memory.value("base_map/opacity", usual.opacity))),
        )

    def _on_wanted(self, choice: Choice) -> None:
        try:
            self._lay(choice)
        except ConsoleError as error:
            self.form.fail(self._desk.notices.words_for(error))
            return
        self._remember(choice)
        self.form.close_form()

    def _lay(self, choice: Choice) -> None:
        cache = Path(self._desk.memory.fileName()).parent / "tiles"
        base = open_base_map(choice.location, self._fetcher, cache, key=choice.key, gcj02=choice.gcj02)
        if base is not None:
            base.opacity = choice.opacity
            base.changed.connect(self._desk.canvas.backdrop_changed)
        before, self._shown = self._shown, base
        self._desk.canvas.set_backdrop(base)
        if before is not None:
            before.close()
            before.deleteLater()
        self.choice = choice

    def _fade(self, opacity: float) -> None:
        if self._shown is not None:
            self._shown.opacity = opacity
            self._desk.canvas.backdrop_changed()
            self._remember(replace(self.choice, opacity=opacity))

    def _remember(self, choice: Choice) -> None:
        self.choice = choice
        for name, value in vars(choice).items():
            self._desk.memory.setValue(f"base_map/{name}", value)


class BaseMapForm(QFrame):
    """Kind and place of the base map; floats over the map."""

    wanted = Signal(Choice)
    faded = Signal(float)
    """The opacity was changed, 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "float")
        self.kind = QComboBox()
        for value, words in (
            ("", self.tr("None")),
            (FILE, self.tr("Local file (MBTiles)")),
            (SERVICE, self.tr("Tile service (XYZ or WMTS)")),
            ("tianditu:vec", self.tr("Tianditu, streets")),
            ("tianditu:img", self.tr("Tianditu, aerial pictures")),
            ("tianditu:ter", self.tr("Tianditu, terrain")),
        ):
            self.kind.addItem(words, value)
        self.kind.setAccessibleName(self.tr("Base map"))
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.location = QLineEdit()
        self.location.returnPressed.connect(self._ask)
        self.browse = QPushButton(self.tr("Choose …"))
        self.browse.clicked.connect(self._browse)
        self.key = QLineEdit(placeholderText=self.tr("Key of the service"))
        self.key.setAccessibleName(self.tr("Key of the service"))
        self.key.returnPressed.connect(self._ask)
        self.gcj02 = QCheckBox(self.tr("Its tiles are shifted (GCJ-02)"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(10, 100)
        self.opacity.setAccessibleName(self.tr("Opacity"))
        self.opacity.valueChanged.connect(lambda percent: self.faded.emit(percent / 100))
        self.problem = label("", "critical", wraps=True)
        self.use = QPushButton(self.tr("Use  Enter"))
        self.use.setDefault(True)
        self.use.clicked.connect(self._ask)
        cancel = QPushButton(self.tr("Close  Esc"))
        cancel.clicked.connect(self.close_form)
        self._names = {
            name: label(words, "secondary")
            for name, words in (("place", self.tr("Where")), ("key", self.tr("Key")), ("opacity", self.tr("Opacity")))
        }
        buttons = QHBoxLayout()
        margins(buttons, 0, 0, 0, 0, 8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.use)
        box = QVBoxLayout(self)
        margins(box, 16, 12, 16, 12, 10)
        box.addWidget(label(self.tr("Base map"), "title"))
        box.addLayout(self._fields())
        box.addWidget(self.problem)
        box.addLayout(buttons)

    def _fields(self) -> QGridLayout:
        place = QHBoxLayout()
        margins(place, 0, 0, 0, 0, 6)
        place.addWidget(self.location, 1)
        place.addWidget(self.browse)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.kind, 0, 0, 1, 2)
        grid.addWidget(self._names["place"], 1, 0)
        grid.addLayout(place, 1, 1)
        grid.addWidget(self._names["key"], 2, 0)
        grid.addWidget(self.key, 2, 1)
        grid.addWidget(self.gcj02, 3, 1)
        grid.addWidget(self._names["opacity"], 4, 0)
        grid.addWidget(self.opacity, 4, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def show_choice(self, choice: Choice) -> None:
        """Show what is chosen now."""
        self.problem.hide()
        self.kind.setCurrentIndex(max(0, self.kind.findData(choice.kind)))
        self.location.setText("" if choice.kind.startswith(TIANDITU) else choice.location)
        self.key.setText(choice.key)
        self.gcj02.setChecked(choice.gcj02)
        self.opacity.blockSignals(True)  # shown, not changed
        self.opacity.setValue(round(100 * choice.opacity))
        self.opacity.blockSignals(False)
        self._on_kind()

    def fail(self, reason: str) -> None:
        """Say why it cannot be used; what was typed stays."""
        self.problem.setText(reason)
        self.problem.show()
        self.adjustSize()

    def close_form(self) -> None:
        """Done, or given up; the keyboard goes back to the map."""
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()

    def event(self, event: QEvent) -> bool:
        """Esc belongs to the form while it has the keyboard."""
        return keeps_key(event, lambda pressed: pressed.key() == Qt.Key.Key_Escape) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up, Enter uses."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_form()
        elif event.key() in ENTER:
            self._ask()
        else:
            super().keyPressEvent(event)

    def _on_kind(self) -> None:
        kind = str(self.kind.currentData())
        has_place, has_key = kind in {FILE, SERVICE}, kind not in {"", FILE}
        self.location.setPlaceholderText(self.tr("Path of the file") if kind == FILE else "https://…/{z}/{x}/{y}.png")
        self.location.setAccessibleName(self.tr("Where"))
        seen: dict[QWidget, bool] = {
            self._names["place"]: has_place,
            self.location: has_place,
            self.browse: kind == FILE,
            self._names["key"]: has_key,
            self.key: has_key,
            self.gcj02: has_place,
            self._names["opacity"]: bool(kind),
            self.opacity: bool(kind),
        }
        for widget, is_seen in seen.items():
            widget.setVisible(is_seen)
        self.problem.hide()
        self.adjustSize()

    def _browse(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Base map"), self.location.text(), "MBTiles (*.mbtiles)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.location.setText)
        dialog.open()

    def _ask(self) -> None:
        kind = str(self.kind.currentData())
        location = self.location.text().strip() if kind in {FILE, SERVICE} else kind
        if kind and not location:
            self.fail(self.tr("Say where it is."))
            self.location.setFocus()
            return
        key = "" if kind in {"", FILE} else self.key.text().strip()
        shifted = self.gcj02.isChecked() and kind in {FILE, SERVICE}
        self.wanted.emit(Choice(location, key, shifted, self.opacity.value() / 100))
