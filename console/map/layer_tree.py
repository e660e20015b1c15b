"""The list of layers: what is turned on, what its symbols mean, and how its data are."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.map.legend import Swatch
from console.map.style import legend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.map.canvas import MapCanvas
    from console.map.layer import Layer
    from console.map.style import LegendEntry
    from console.map.view import Extent
    from console.theme import Theme

ROW_PX = 24
WIDTH_PX = 252
SAMPLES = 3
"""So many samples stand beside a name; all of them, with their words, are in the legend below."""
STALE_LIVE_S = 30
"""A live layer that got nothing for so long says how old it is."""
AGE_EVERY_MS = 5_000
PIXELS_PER_METRE = 96 / 0.0254
"""Of a screen as scales 1:n take it: 96 dots an inch."""


def scale_text(metres_per_pixel: float) -> str:
    """A scale as 1:n, rounded to two figures."""
    number = metres_per_pixel * PIXELS_PER_METRE
    return f"1:{float(f'{number:.2g}'):,.0f}"


def age_text(seconds: float) -> str:
    """An age in its largest unit."""
    if seconds < 60:
        return QCoreApplication.translate("LayerTree", "{n} s").format(n=int(seconds))
    if seconds < 3600:
        return QCoreApplication.translate("LayerTree", "{n} min").format(n=int(seconds // 60))
    return QCoreApplication.translate("LayerTree", "{n} h").format(n=int(seconds // 3600))


class LayerTree(QFrame):
    """A narrow panel with one row a layer, upper layers first, under the headings of their groups.

    A group in which nothing is turned on is folded to its heading. It is empty until it was taken through `build`.
    """

    switched = Signal(str, bool)
    """A person turned the layer of that key on or off."""
    faded = Signal(str, float)
    """A person gave the layer of that key another opacity, 0 to 1."""

    def __init__(self, canvas: MapCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._rows: list[_LayerRow] = []
        self._groups: list[_Group] = []
        self.setProperty("surface", "float")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list = QWidget()
        self._list.setProperty("surface", "panel")
        self._list.installEventFilter(self)
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(10, 4, 6, 8)
        self._column.setSpacing(0)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(self._list)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self._scroll)
        self._ages = QTimer(self)
        self._ages.setInterval(AGE_EVERY_MS)
        self._ages.timeout.connect(self._refresh)
        canvas.layers_changed.connect(self._rebuild)
        canvas.view_changed.connect(self._view_changed)
        canvas.theme_changed.connect(self._theme_changed)

    def row(self, key: str) -> QWidget:
        """The row of a layer.

        Raises:
            KeyError: there is no such layer.
        """
        for row in self._rows:
            if row.layer.key == key:
                return row
        raise KeyError(key)

    def sizeHint(self) -> QSize:
        """As high as its rows; always of the same width, so that the map below keeps its place."""
        self._column.activate()
        return QSize(WIDTH_PX, self._column.totalSizeHint().height() + 2)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Rows that unfold change the height."""
        if watched is self._list and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def fold_groups(self) -> None:
        """Fold the groups in which nothing is turned on, and unfold the others."""
        for group in self._groups:
            group.fold(folded=not any(row.layer.visible for row in group.rows))

    def _fit(self) -> None:
        parent = self.parentWidget()
        room = self.sizeHint().height() if parent is None else parent.height() - 80
        self.resize(WIDTH_PX, min(self.sizeHint().height(), max(room, ROW_PX)))

    def showEvent(self, event: QShowEvent) -> None:
        """Keep ages up to date while they are seen."""
        del event
        self._refresh()
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        del event
        self._ages.stop()

    def _rebuild(self) -> None:
        for _ in self.build():
            pass

    def build(self) -> Iterator[None]:
        """Make the rows of the layers that there are, a group a turn."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                # Out of sight at once; it is deleted only when the event loop comes to it.
                widget.hide()
                widget.deleteLater()
        title = QLabel(self.tr("Layers"))
        title.setProperty("role", "title")
        title.setMinimumHeight(ROW_PX)
        self._column.addWidget(title)
        self._rows, self._groups = [], []
        groups: dict[str, list[Layer]] = {}
        for layer in reversed(self._canvas.layers):
            groups.setdefault(layer.group, []).append(layer)
        for name, layers in groups.items():
            rows = [_LayerRow(layer, self._canvas, self) for layer in layers]
            self._rows.extend(rows)
            if name:
                group = _Group(name, rows)
                self._groups.append(group)
                self._column.addWidget(group.heading)
            for row in rows:
                self._column.addWidget(row)
            yield
        self._column.addStretch(1)
        self.fold_groups()
        self.updateGeometry()

    def _refresh(self) -> None:
        for row in self._rows:
            row.refresh()

    def _view_changed(self, extent: Extent, metres_per_pixel: float) -> None:
        del extent
        for row in self._rows:
            row.scale_changed(metres_per_pixel)

    def _theme_changed(self, theme: Theme) -> None:
        for row in self._rows:
            row.set_theme(theme)


class _Group(QObject):
    """The heading of some rows; a click folds and unfolds them."""

    def __init__(self, name: str, rows: list[_LayerRow]) -> None:
        self.rows = rows
        self.heading = QToolButton()
        super().__init__(self.heading)
        self.heading.setText(name)
        self.heading.setCheckable(True)
        self.heading.setProperty("heading", True)
        self.heading.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setIconSize(QSize(8, 8))
        self.heading.setFixedHeight(ROW_PX)
        self.heading.clicked.connect(lambda open_: self.fold(folded=not open_))

    def fold(self, *, folded: bool) -> None:
        """Show the heading alone, or its rows as well."""
        self.heading.setChecked(not folded)
        self.heading.setArrowType(Qt.ArrowType.RightArrow if folded else Qt.ArrowType.DownArrow)
        for row in self.rows:
            row.fold(folded=folded)


class _LayerRow(QWidget):
    """One layer: its switch, samples, number and state; below, on demand, its legend, opacity and labels."""

    def __init__(self, layer: Layer, canvas: MapCanvas, parent: LayerTree) -> None:
        super().__init__(parent)
        self.layer = layer
        self._canvas = canvas
        self._parent = parent
        self._in_scale = True
        self._folded = False
        self._swatches: list[Swatch] = []
        self.switch = QCheckBox(layer.title)
        self.switch.setChecked(layer.visible)
        self.switch.toggled.connect(self._switched)
        self.switch.clicked.connect(lambda on: parent.switched.emit(layer.key, on))
        self.figure = QLabel()
        self.figure.setProperty("role", "secondary")
        self.more = QToolButton()
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.setIconSize(QSize(8, 8))
        self.more.setAccessibleName(self.tr("Legend and opacity of {layer}").format(layer=layer.title))
        self.more.toggled.connect(self._unfold)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(6)
        head.addWidget(self.switch)
        # A live layer has its remark beside its number.
        head.addWidget(self._swatch(legend(layer.style)[: 1 if layer.is_live else SAMPLES]))
        head.addWidget(self.figure)
        head.addStretch(1)
        head.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._head = QWidget()
        self._head.setFixedHeight(ROW_PX)
        self._head.setLayout(head)
        column.addWidget(self._head)
        self._details: QWidget | None = None
        self._slider: QSlider | None = None
        layer.looks_changed.connect(self._looks_changed)
        layer.state_changed.connect(self.refresh)
        self.scale_changed(canvas.view.metres_per_pixel)
        self.refresh()

    def refresh(self) -> None:
        """Show number, note, age and failure."""
        state = self.layer.state
        words = [] if state.count is None else [f"{state.count:,}"]
        if self.layer.note:
            words.append(f"({self.layer.note})")
        age = state.age_s
        if age is not None and self.layer.is_live and age > STALE_LIVE_S:
            words.append(age_text(age))
        if state.failure:
            words = [self.tr("failed")]
        self._show(" ".join(words), "critical" if state.failure else "secondary")
        self._explain()
        self._appear()

    def fold(self, *, folded: bool) -> None:
        """Let the heading of its group stand for it, or show it."""
        self._folded = folded
        self._appear()

    def _appear(self) -> None:
        nothing = self.layer.passing and not self.layer.state.count
        self.setHidden(self._folded or nothing)

    def scale_changed(self, metres_per_pixel: float) -> None:
        """Grey out when the scale is none at which the layer is seen."""
        in_scale = self.layer.in_scale(metres_per_pixel)
        if in_scale != self._in_scale:
            self._in_scale = in_scale
            self.set_theme(self._canvas.theme)
            self._explain()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        palette = QPalette(self.switch.palette())
        palette.setColor(QPalette.ColorRole.WindowText, QColor(theme.text if self._in_scale else theme.disabled))
        self.switch.setPalette(palette)
        for swatch in self._swatches:
            swatch.set_theme(theme)
            swatch.setEnabled(self._in_scale)

    def _swatch(self, entries: list[LegendEntry]) -> Swatch:
        swatch = Swatch(entries, self._canvas.theme)
        self._swatches.append(swatch)
        return swatch

    def _show(self, words: str, role: str) -> None:
        self.figure.setText(words)
        if self.figure.property("role") != role:
            self.figure.setProperty("role", role)
            self.figure.style().unpolish(self.figure)
            self.figure.style().polish(self.figure)

    def _explain(self) -> None:
        words = [self._limits()] if not self._in_scale or self._details is not None else []
        state = self.layer.state
        if state.failure:
            words.append(state.failure)
        if state.count is not None and not self.layer.is_live:
            words.append(self.tr("{count} in and around the view").format(count=f"{state.count:,}"))
        if state.age_s is not None:
            words.append(self.tr("Data from {age} ago").format(age=age_text(state.age_s)))
        self._head.setToolTip("\n".join(word for word in words if word))

    def _limits(self) -> str:
        near, far = self.layer.min_metres_per_pixel, self.layer.max_metres_per_pixel
        if near > 0 and far < inf:
            return self.tr("Seen from {near} to {far}").format(near=scale_text(near), far=scale_text(far))
        if far < inf:
            return self.tr("Seen from {far} on, zoom in").format(far=scale_text(far))
        if near > 0:
            return self.tr("Seen up to {near}, zoom out").format(near=scale_text(near))
        return ""

    def _switched(self, on: bool) -> None:
        self.layer.visible = on

    def _looks_changed(self) -> None:
        self.switch.setChecked(self.layer.visible)
        if self._slider is not None and round(100 * self.layer.opacity) != self._slider.value():
            self._slider.setValue(round(100 * self.layer.opacity))

    def _unfold(self, open_: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        if self._details is None:
            self._details = self._make_details()
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self._details)
        self._details.setVisible(open_)
        self.updateGeometry()

    def _make_details(self) -> QWidget:
        details = QWidget()
        grid = QGridLayout(details)
        grid.setContentsMargins(24, 0, 0, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        entries = [entry for entry in legend(self.layer.style) if entry.title]
        for entry in entries:
            words = QLabel(entry.title)
            words.setProperty("role", "secondary")
            grid.addWidget(self._swatch([entry]), grid.rowCount(), 0)
            grid.addWidget(words, grid.rowCount() - 1, 1)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 100)
        slider.setValue(round(100 * self.layer.opacity))
        slider.setAccessibleName(self.tr("Opacity"))
        slider.setToolTip(self.tr("Opacity"))
        slider.valueChanged.connect(self._opacity_changed)
        self._slider = slider
        grid.addWidget(slider, grid.rowCount(), 0, 1, 2)
        if self.layer.style.label is not None and self.layer.style.label.on_demand:
            labels = QCheckBox(self.tr("Labels"))
            labels.setChecked(self.layer.labels)
            labels.toggled.connect(self._labels_switched)
            grid.addWidget(labels, grid.rowCount(), 0, 1, 2)
        if self._limits():
            limits = QLabel(self._limits())
            limits.setProperty("role", "secondary")
            grid.addWidget(limits, grid.rowCount(), 0, 1, 2)
        return details

    def _opacity_changed(self, percent: int) -> None:
        if percent != round(100 * self.layer.opacity):
            self.layer.opacity = percent / 100
            self._parent.faded.emit(self.layer.key, self.layer.opacity)

    def _labels_switched(self, on: bool) -> None:
        self.layer.labels = on
