"""Where a case is: an address that is typed or a point that is picked on the map, each found by the other.

For a class of components the component is picked with the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from console.models.components import components_near
from console.models.geocoding import geocode, spot
from console.widgets.cases.move_fields import HIT, Hit, HitList
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins
from console.widgets.shared.style import icon
from console.widgets.shared.words import COMPONENT_STATE, word

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
    from sqlalchemy import Connection

    from console.models.components import NearComponent
    from console.models.geocoding import Place, Spot
    from console.widgets.shared.desk import Desk

TYPING_MS = 250
COMPONENT_WITHIN_M = 60.0
"""So far around the place components are offered."""
SNAP_M = 15.0
"""A component that near to where somebody pointed is the one that is meant."""


@dataclass(frozen=True)
class _Found:
    """What is known of a point: its words, and the components of the class around it."""

    spot: Spot | None
    near: list[NearComponent]


class PlaceField(QWidget):
    """Address, place and component of a case.

    Args:
        desk: map, database and language.
        address: as it is told now.
        place: metres, EPSG:4546, as it is now; None when a place has to be found first.
        component_code: of the component that it is about, if any.
        class_id: of the case; components of this class are offered.
    """

    changed = Signal()
    """Place or component is another one."""

    def __init__(
        self,
        desk: Desk,
        *,
        address: str = "",
        place: tuple[float, float] | None = None,
        component_code: str | None = None,
        class_id: int | None = None,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._was = (address.strip(), place, component_code)
        self._class_id = class_id
        self._spot: Spot | None = None
        self.place = place
        self.component_code = component_code
        self._others: tuple[tuple[float, float], ...] = ()
        # Words that somebody has typed are not replaced by those of a point, nor a place that somebody chose by words.
        self._is_typed = False
        self._is_pointed = place is not None
        self._is_picked = False
        self.address = QLineEdit(address)
        self.address.setPlaceholderText(self.tr("Address, crossing, component code or coordinates"))
        self.address.setAccessibleName(self.tr("Address"))
        self.address.textEdited.connect(self._on_typed)
        self.pick = QToolButton()
        self.pick.setCheckable(True)
        self.pick.setIcon(icon("mdi6.map-marker-plus-outline"))
        self.pick.setToolTip(self.tr("Pick the place on the map"))
        self.pick.setAccessibleName(self.pick.toolTip())
        self.pick.clicked.connect(self._on_pick)
        self.hits = HitList(self.tr("Places that the address may mean"))
        self.hits.itemClicked.connect(lambda item: self._choose(item.data(HIT).found))
        self.hits.hide()
        self.told = label("", "secondary", wraps=True)
        self.near_title = label(self.tr("Component"), "secondary")
        self.near = HitList(self.tr("Components of the class here"))
        self.near.itemClicked.connect(self._on_component)
        for widget in (self.near_title, self.near):
            widget.hide()
        self._lay_out()
        self.setFocusProxy(self.address)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._search)
        desk.canvas.place_picked.connect(self._on_picked)
        desk.canvas.tool_changed.connect(self._on_tool)
        self._tell()
        if place is not None:
            self._look(place, snaps=False)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        margins(row, 0, 0, 0, 0, 4)
        row.addWidget(self.address, 1)
        row.addWidget(self.pick)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 2)
        box.addLayout(row)
        for widget in (self.hits, self.told, self.near_title, self.near):
            box.addWidget(widget)

    # What is given

    def arguments(self) -> dict[str, Any]:
        """What differs from how it was, as arguments of a move or report."""
        address, place, component_code = self._was
        given: dict[str, Any] = {}
        if self.address.text().strip() != address:
            given["address"] = self.address.text().strip()
        if self.place is not None and self.place != place:
            given["x"], given["y"] = self.place
        if self.component_code != component_code:
            given["component_code"] = self.component_code or ""
        return given

    def point_at(self, place: tuple[float, float]) -> None:
        """Something else points at a place: its words and the component that it means are looked up."""
        self._look(place, snaps=True)

    def resume(self, place: tuple[float, float] | None, component_code: str | None) -> None:
        """Go on with a place and a component that were chosen in another window; the address stays as it is."""
        if place is not None:
            self._is_typed = self._is_pointed = True
            self.component_code = component_code
            self._set_place(place)
            self._look(place, snaps=False)

    def set_class(self, class_id: int | None) -> None:
        """The case is of this class now: other components are meant."""
        if class_id == self._class_id:
            return
        self._class_id = class_id
        self.component_code = None
        if self.place is not None:
            self._look(self.place, snaps=self._is_picked)

    # From words to a place

    def _on_typed(self, _words: str) -> None:
        self._is_typed = True
        self._typing.start()

    def _search(self) -> None:
        words = self.address.text().strip()
        if not words:
            self.hits.hide()
            return
        near = self.place or self._desk.canvas.view.extent.centre
        self._desk.operations.read(
            self, partial(_geocode, words, near), self._show_hits, lambda _error: None, key="geocode"
        )

    def _show_hits(self, found: list[Place]) -> None:
        self.hits.show_hits(
            [
                Hit(
                    place.address,
                    " · ".join(filter(None, (place.community, f"±{figures.distance(place.accuracy_m)}"))),
                    place,
                )
                for place in found
            ]
        )
        self.hits.setVisible(bool(found))
        if self._is_pointed:
            self.hits.setCurrentRow(-1)
        elif found:
            self._take(found[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose among the places that the address may mean."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self.hits.isVisible():
            super().keyPressEvent(event)
            return
        self.hits.step(step)
        self._choose(self.hits.currentItem().data(HIT).found, keeps_hits=True)

    def _choose(self, found: Place, *, keeps_hits: bool = False) -> None:
        """Somebody says that this is meant."""
        self._is_pointed, self._is_picked = True, False
        self.address.setText(found.address)
        self.hits.setVisible(keeps_hits)
        self._take(found)

    def _take(self, found: Place) -> None:
        self.component_code = found.component_code or None
        self._set_place((found.x, found.y))
        self._look((found.x, found.y), snaps=False)

    # From a place to words

    def _on_pick(self, checked: bool) -> None:
        self._desk.canvas.set_tool("pick_place" if checked else "navigate")
        if checked:
            self._desk.canvas.setFocus()

    def _on_tool(self, name: str) -> None:
        self.pick.setChecked(name == "pick_place" and self.isVisible())

    def _on_picked(self, x: float, y: float) -> None:
        if not self.isVisible():
            return
        self.address.setFocus()
        self.hits.hide()
        self._look((x, y), snaps=True)

    def _look(self, place: tuple[float, float], *, snaps: bool) -> None:
        """Learn the words and the components of a place; `snaps` when somebody pointed at it."""
        self._desk.operations.read(
            self,
            partial(_read_place, place, self._class_id),
            partial(self._show_place, place, snaps),
            lambda error: self._say(self._desk.notices.words_for(error), "critical"),
            key="place",
        )

    def _show_place(self, place: tuple[float, float], snaps: bool, found: _Found) -> None:
        if found.spot is None:
            self._say(self.tr("This place lies outside the city: pick another one."), "critical")
            return
        if snaps:
            self._is_pointed = self._is_picked = True
            meant = found.near[0] if found.near and found.near[0].distance_m <= SNAP_M else None
            self.component_code = None if meant is None else meant.code
            if meant is not None:
                place = (meant.x, meant.y)
            if not self._is_typed:
                self.address.setText(found.spot.address)
        self._spot = found.spot
        if place != self.place:
            self._set_place(place)
        self._tell()
        self._show_near(found.near)
        self._mark()

    def _show_near(self, near: list[NearComponent]) -> None:
        self._others = tuple((one.x, one.y) for one in near)
        hits: list[Hit[NearComponent | None]] = [
            Hit(
                f"{self._desk.name(one.name, one.name_en)} {one.code}",
                f"{figures.distance(one.distance_m)} · {word(COMPONENT_STATE, one.state)}",
                one,
            )
            for one in near
        ]
        hits.append(Hit(self.tr("No component"), self.tr("The case is about the place alone"), None))
        codes = [None if hit.found is None else hit.found.code for hit in hits]
        self.near.show_hits(hits, codes.index(self.component_code) if self.component_code in codes else len(hits) - 1)
        for widget in (self.near_title, self.near):
            widget.setVisible(bool(near))

    def _on_component(self, item: QListWidgetItem) -> None:
        chosen: NearComponent | None = item.data(HIT).found
        self.component_code = None if chosen is None else chosen.code
        if chosen is not None:
            self._set_place((chosen.x, chosen.y))
        self.changed.emit()

    # What is shown

    def _set_place(self, place: tuple[float, float]) -> None:
        self.place = place
        self._tell()
        self._mark()
        if self.isVisible():
            self._desk.show_place(*place)
        self.changed.emit()

    def _tell(self) -> None:
        """Where it is, and how far that is from where it was."""
        was = self._was[1]
        if self.place is None:
            self._say(self.tr("Type an address or pick the place on the map."))
            return
        words = []
        if self._spot is not None:
            words = [self._spot.community, self._spot.unit_grid]
            if self._spot.address != self.address.text().strip():
                words.insert(0, self._spot.address)
        if was is not None and was != self.place:
            moved = ((self.place[0] - was[0]) ** 2 + (self.place[1] - was[1]) ** 2) ** 0.5
            words.append(self.tr("{distance} from where it was").format(distance=figures.distance(moved)))
        self._say(" · ".join(words))

    def _say(self, words: str, role: str = "secondary") -> None:
        self.told.setProperty("role", role)
        self.told.style().unpolish(self.told)
        self.told.style().polish(self.told)
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def _mark(self) -> None:
        if self.isVisible():
            self._desk.canvas.mark_place(self.place, self._others)

    def showEvent(self, event: QShowEvent) -> None:
        """Mark the place on the map."""
        super().showEvent(event)
        self._mark()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the map as it was."""
        super().hideEvent(event)
        self._desk.canvas.mark_place(None)
        if self.pick.isChecked():
            self._desk.canvas.set_tool("navigate")


def _geocode(words: str, near: tuple[float, float], connection: Connection) -> list[Place]:
    return geocode(connection, words, near=near)


def _read_place(place: tuple[float, float], class_id: int | None, connection: Connection) -> _Found:
    near = [] if class_id is None else components_near(connection, class_id, *place, within_m=COMPONENT_WITHIN_M)
    return _Found(spot(connection, *place), near)
