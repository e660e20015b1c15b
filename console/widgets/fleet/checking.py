"""Checks permits, stored and drafted, and proposes their routes; what belongs to a permit beside its fields."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, TypeVar

import shapely
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.map.view import Extent
from console.models.haulage import permit_desk, records
from console.widgets.fleet.book import PERMITS
from console.widgets.fleet.shapes import corners_of, drawn_wkt
from console.widgets.fleet.verdicts import VerdictList, show_findings
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins
from console.widgets.shared.throttle import Debounce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.haulage.checks import Verdict
    from console.models.haulage.network import Network, Way
    from console.models.haulage.permit_desk import Ground
    from console.widgets.fleet.book import Book
    from console.widgets.fleet.entry import EntryPanel
    from console.widgets.shared.desk import Desk

T = TypeVar("T")
JUDGED_BY = frozenset({"route_permit", "traffic_area", "work_site", "dump_site", "street", "vehicle"})
"""Tables whose rows change verdicts."""
ALL_MS, ONE_MS = 600, 200


class Checker(QObject):
    """Knows the verdicts on all stored permits while they are looked at, and asks for those on drafts.

    Args:
        desk: the database and its changes.
        book: keeps the verdicts beside the permits.
    """

    judged = Signal()
    """The verdicts of the book are new."""

    def __init__(self, desk: Desk, book: Book, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._book = desk, book
        self._network: Network | None = None
        self._is_front = False
        self._again = Debounce(ALL_MS, self.refresh, self)
        desk.changes.changed.connect(self._on_changes)

    def activate(self, *, active: bool) -> None:
        """Judge while somebody looks."""
        self._is_front = active
        self.refresh()

    def refresh(self) -> None:
        """Judge all permits anew."""
        if self._is_front:
            self._ask(permit_desk.verdicts, self._show, "all")

    def judge(
        self, permit_id: int | None, values: Mapping[str, object], done: Callable[[Sequence[Verdict]], object]
    ) -> None:
        """The verdicts on a permit as it is drafted."""
        self._ask(lambda place: permit_desk.verdicts_on(place, permit_id, values), done, "one")

    def propose(
        self, values: Mapping[str, object], vias: Sequence[tuple[float, float]], done: Callable[[Way], object]
    ) -> None:
        """The quickest way between the sites of a draft."""
        work, dump = values.get("work_site_id"), values.get("dump_site_id")
        since, until = values.get("hours_from"), values.get("hours_to")
        hours = (since, until) if isinstance(since, time) and isinstance(until, time) else None
        if isinstance(work, int) and isinstance(dump, int):
            self._ask(lambda place: permit_desk.propose(place, work, dump, vias, hours), done, "way")

    def _ask(self, work: Callable[[Ground], T], done: Callable[[T], object], key: str) -> None:
        known, today = self._network, self._desk.now().astimezone(figures.CITY_TIME).date()

        def ask(connection: Connection) -> tuple[Network, T]:
            place = permit_desk.ground(connection, today, known)
            return place.network, work(place)

        def answer(found: tuple[Network, T]) -> None:
            self._network = found[0]
            done(found[1])

        self._desk.operations.read(self, ask, answer, key=key)

    def _show(self, verdicts: Mapping[str, Sequence[Verdict]]) -> None:
        self._book.verdicts = verdicts
        self.judged.emit()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        tables = {change.subject for change in changes}
        if "street" in tables:
            self._network = None
        if tables & JUDGED_BY:
            self._again()


class RouteTools(QWidget):
    """Below the form of a permit: what helps to make its route, and the verdicts on it, also on the map.

    Args:
        desk: the map.
        book: drafts.
        entry: the form.
        checker: judges and proposes.
    """

    def __init__(self, desk: Desk, book: Book, entry: EntryPanel, checker: Checker) -> None:
        super().__init__()
        self._desk, self._book, self._entry, self._checker = desk, book, entry, checker
        self._vias: list[tuple[float, float]] = []
        self._of: str | None = None
        self._wants_via = False
        self.propose = QPushButton(self.tr("Propose a route"))
        self.propose.setToolTip(self.tr("The quickest way from the work site to the dump site, around forbidden areas"))
        self.propose.clicked.connect(lambda *_: self.ask_way())
        self.via = QPushButton(self.tr("Via …"))
        self.via.setToolTip(self.tr("Click a place on the map that the route shall pass"))
        self.via.clicked.connect(lambda *_: self.pick_via())
        self.turn = QPushButton(self.tr("Turn round"))
        self.turn.clicked.connect(lambda *_: self.turn_round())
        self.said = label("", "secondary", wraps=True)
        self.back = QPushButton(self.tr("Back to the route before"))
        self.back.clicked.connect(lambda *_: self.take_back())
        self.back.hide()
        self._before: object = None
        self.title = label(self.tr("Check"), "secondary")
        self.list = VerdictList()
        self.list.pointed.connect(self._show_place)
        buttons = QHBoxLayout()
        margins(buttons, 0, 0, 0, 0, 6)
        for button in (self.propose, self.via, self.turn):
            buttons.addWidget(button)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        box.addLayout(buttons)
        box.addWidget(self.said)
        box.addWidget(self.back)
        box.addWidget(self.title)
        box.addWidget(self.list)
        self._judge_soon = Debounce(ONE_MS, self._judge, self)
        book.changed.connect(self._on_changed)
        entry.shape_changed.connect(self._on_shown)
        entry.closed.connect(self._on_closed)
        checker.judged.connect(self._judge_soon)
        desk.canvas.place_picked.connect(self._on_picked)
        self.hide()

    def ask_way(self) -> None:
        """Propose the quickest way through the places that were picked."""
        values = self._entry.values
        if not isinstance(values.get("work_site_id"), int) or not isinstance(values.get("dump_site_id"), int):
            self.said.setText(self.tr("Choose the work site and the dump site first."))
            self.said.show()
            return
        key = self._entry.key
        self._checker.propose(values, self._vias, lambda way: self._take(key, way))

    def pick_via(self) -> None:
        """The next click on the map is a place that the route shall pass; without one at hand all are forgotten."""
        self._wants_via = True
        self._desk.canvas.set_tool("pick_place")
        self._desk.canvas.setFocus()

    def forget_vias(self) -> None:
        """The route need pass no place."""
        self._vias.clear()
        self._desk.canvas.mark_place(None)

    def turn_round(self) -> None:
        """Let the route lead the other way."""
        points = corners_of(self._entry.values.get("shape"))
        if len(points) > 1:
            self._entry.set_value("shape", drawn_wkt(PERMITS, points[::-1], None))

    def take_back(self) -> None:
        """The route as it was before the last proposal: what was drawn by hand is not lost by asking."""
        if self._before is not None:
            self._entry.set_value("shape", self._before)
        self._drop_before()

    def _drop_before(self) -> None:
        self._before = None
        self.back.hide()

    def _take(self, key: str | None, way: Way) -> None:
        if key is None or key != self._entry.key or not self._entry.may_edit:
            return
        self._before = self._entry.values.get("shape") or self._before
        self._entry.set_value("shape", records.wkt(way.line))
        self.back.setVisible(self._before is not None)
        words = []
        if self._vias:
            words.append(self.tr("Through {n} chosen places.").format(n=len(self._vias)))
        if way.passes_forbidden:
            words.append(self.tr("No way leads around the forbidden areas."))
        if way.gaps:
            words.append(self.tr("No street leads on at {n} places: it is straight there.").format(n=len(way.gaps)))
        self.said.setText(" ".join(words))
        self.said.setVisible(bool(words))

    def _on_picked(self, x: float, y: float) -> None:
        if self._wants_via and self._entry.kind is PERMITS:
            self._vias.append((x, y))
            self._desk.canvas.mark_place(None, tuple(self._vias))
            self.ask_way()
        self._wants_via = False

    def _on_shown(self) -> None:
        """Another row, or another shape of it, is looked at."""
        if self._entry.key != self._of or self._entry.kind is not PERMITS:
            self._of = self._entry.key if self._entry.kind is PERMITS else None
            self.forget_vias()
            self._drop_before()
            self.said.hide()
            self.list.show_verdicts(())
        self._on_changed(PERMITS.key)

    def _on_changed(self, kind: str) -> None:
        is_permit = self._entry.kind is PERMITS and self._entry.key is not None
        self.setVisible(is_permit)
        if not is_permit or kind != PERMITS.key:
            return
        for button in (self.propose, self.via, self.turn):
            button.setVisible(self._entry.may_edit)
        self.turn.setEnabled(bool(self._entry.values.get("shape")))
        self._judge_soon()

    def _on_closed(self) -> None:
        self._of = None
        self.hide()
        self.forget_vias()
        show_findings(self._desk.canvas, ())

    def _judge(self) -> None:
        key = self._entry.key
        if key is None or self._entry.kind is not PERMITS or key not in self._book.drafts[PERMITS.key].keys:
            return
        number = int(key) if key.isdigit() else None
        self._checker.judge(number, self._entry.values, lambda found: self._show(key, found))

    def _show(self, key: str, verdicts: Sequence[Verdict]) -> None:
        if key == self._entry.key:
            self.list.show_verdicts(verdicts)
            show_findings(self._desk.canvas, verdicts)

    def _show_place(self, where: shapely.Geometry) -> None:
        self._desk.canvas.zoom_to(Extent(*shapely.bounds(where).tolist()), margin_px=120, nearest=1.0)
