"""Who is near the chosen flood point, in a list and on the map, and one key that sends somebody there."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from console.map.features import Features
from console.models import nearby
from console.models.terminal_commands import SPEAKERS
from console.widgets.cases.report_form import Prefill
from console.widgets.shared import figures
from console.widgets.shared.panel import ElidedLabel, Stateful, margins
from console.widgets.shared.table import Column, RecordModel, RecordTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from console.models.cases.reporting import Report, Reported
    from console.models.nearby import Helper
    from console.models.sensors import FloodPoint
    from console.widgets.shared.desk import Desk

ROAD_FLOODING = "0506"
"""Class of the event 道路积水."""
NAMED = 8
"""So many of the nearest are named on the map: fifty names would cover it."""
BELOW_NAME_M = 250.0
"""The sign for whoever is at home in a zone stands so far south of its middle, where the zone's name is."""


class NearPanel(QWidget):
    """Inspectors, trucks and crews by distance, with the age of what is known of them."""

    wanted = Signal(object)
    """A report to be begun, a `Prefill`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._point: FloodPoint | None = None
        self._is_active = False
        self._helpers: Sequence[Helper] = ()
        columns: list[Column[Helper]] = [
            Column(self.tr("Who"), lambda h: desk.name(h.name, h.name_en), colour=_colour),
            Column(self.tr("Known by"), self._known_by, colour=_colour, width_px=118, spare=1),
            Column(self.tr("Distance"), self._distance, _order, colour=_colour, width_px=72),
            Column(self.tr("Age"), self._age, lambda h: -h.at.timestamp() if h.at else None, colour=_colour,
                   width_px=62),
        ]  # fmt: skip
        self.model: RecordModel[Helper] = RecordModel(columns, lambda h: h.key, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Who is near"))
        self.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        self.table.opened.connect(self._go)
        self.state = Stateful(self.table, self.refresh)
        self.title = ElidedLabel(self.tr("Who is near"), "secondary")
        self.button = QToolButton()
        self.button.hide()
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0, 8)
        head.addWidget(self.title, 1)
        head.addWidget(self.button)
        box = QVBoxLayout(self)
        margins(box, 14, 8, 14, 8, 4)
        box.addLayout(head)
        box.addWidget(self.state, 1)
        self.state.show_empty(self.tr("Choose a flood point to see who is near."), "mdi6.account-search-outline")
        desk.clock.turned.connect(self._on_turned)

    @property
    def helper(self) -> Helper | None:
        """Who is marked in the list."""
        return next((h for h in self._helpers if h.key == self.table.marked), None)

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes: elsewhere the map shows nobody."""
        self._is_active = active
        self._draw(self._helpers if active else ())

    def show_point(self, point: FloodPoint) -> None:
        """Whose surroundings are looked at; the same point again only brings what is known of it up to date."""
        is_new = self._point is None or self._point.id != point.id
        self._point = point
        if is_new:
            self.title.setText(self.tr("Who is near {place}").format(place=point.name))
            self.table.mark(None)
            self.state.show_loading()
            self.refresh()

    def refresh(self) -> None:
        """Look anew."""
        if not self._desk.clock.is_live:
            self._show_nobody()
        elif self._point is not None and self._is_active:
            ask = partial(nearby.helpers, point_id=self._point.id)
            self._desk.operations.read(self, ask, self._show, self._fail, key="helpers")

    def _on_turned(self) -> None:
        if self._desk.clock.is_live and self._point is not None:
            self.state.show_loading()
        self.refresh()

    def _show_nobody(self) -> None:
        """Who could come is a question of now, and only now anybody can be sent."""
        self._desk.operations.cancel(self, "helpers")
        self._helpers = ()
        self.model.show([])
        self._draw(())
        self.state.show_empty(self.tr("Who is near is known of the present only."), "mdi6.history")

    def send(self) -> None:
        """Begin the report by which whoever is marked is asked to come; without anybody it is only reported."""
        point, helper = self._point, self.helper
        if point is None:
            self._desk.notices.post(self.tr("Choose a flood point first."))
            return
        depth = figures.number(point.depth_cm, 0, "cm") if point.believed else self.tr("unknown")
        who = "" if helper is None else self._desk.name(helper.name, helper.name_en)
        if helper is not None and helper.kind == "truck" and self._desk.person.role not in SPEAKERS:
            title = self.tr("Reported only: a dispatcher or shift leader speaks to drivers.")
            helper = None
        elif helper is None:
            title = self.tr("Reported only: nobody is marked in the list.")
        else:
            title = {
                "inspector": self.tr("{who} is asked to go and verify it."),
                "truck": self.tr("The driver of {who} is told to come."),
                "crew": self.tr("It is accepted for the department of {who}."),
            }[helper.kind].format(who=who)
        words = self.tr("Flood point {place}: please come and wait for orders there.").format(place=point.name)
        self.wanted.emit(
            Prefill(
                key=f"flood-{point.id}-{'' if helper is None else helper.key}",
                title=title,
                description=self.tr("Water on the road at {place}, depth {depth}.").format(
                    place=point.name, depth=depth
                ),
                place=(point.x, point.y),
                class_code=ROAD_FLOODING,
                hand_in=partial(_hand_in, point.id, helper, words),
            )
        )

    def _show(self, found: Sequence[Helper]) -> None:
        self._helpers = found
        self.model.show(found)
        if found:
            self.state.show_content()
        else:
            self.state.show_empty(self.tr("Nobody is known near this flood point."), "mdi6.account-off-outline")
        self._draw(found if self._is_active else ())

    def _fail(self, error: Exception) -> None:
        self.state.show_failed(self._desk.notices.words_for(error))

    def _draw(self, found: Sequence[Helper]) -> None:
        """Whoever was seen where he was, the nearest by name; those of whom only the home is known, one sign a zone."""
        places: list[tuple[float, float, str, str]] = []
        homes: dict[tuple[float, float], list[Helper]] = defaultdict(list)
        for helper in sorted(found, key=lambda helper: helper.distance_m if helper.distance_m is not None else inf):
            if helper.x is None or helper.y is None:
                continue
            if helper.known_by == "home":
                homes[helper.x, helper.y].append(helper)
            else:
                name = self._desk.name(helper.name, helper.name_en) if len(places) < NAMED else ""
                places.append((helper.x, helper.y, "silent" if helper.silent else "here", name))
        for (x, y), people in homes.items():
            places.append((x, y - BELOW_NAME_M, "home", self.tr("{n} of the zone").format(n=len(people))))
        self._desk.canvas.set_live(
            "helper",
            Features.from_xy(
                range(len(places)),
                [x for x, _, _, _ in places],
                [y for _, y, _, _ in places],
                {
                    "look": np.array([look for _, _, look, _ in places], dtype="U8"),
                    "label": np.array([words for _, _, _, words in places], dtype="U64"),
                },
            ),
        )

    def _known_by(self, helper: Helper) -> str:
        words = {
            "position": self.tr("position"),
            "case": self.tr("last case"),
            "home": self.tr("home: {zone}").format(zone=self._desk.name(helper.home, helper.home_en)),
        }.get(helper.known_by, self.tr("whole city"))
        if helper.silent:
            words = self.tr("silent since")
        return self.tr("{words} · off duty").format(words=words) if helper.on_duty is False else words

    def _distance(self, helper: Helper) -> str:
        if helper.known_by == "home" and helper.distance_m == 0:
            return self.tr("in it")
        return figures.distance(helper.distance_m)

    def _age(self, helper: Helper) -> str:
        return figures.NONE if helper.at is None else figures.age(self._desk.now() - helper.at)

    def _go(self, helper: Helper) -> None:
        if helper.x is not None and helper.y is not None:
            self._desk.canvas.centre_on(helper.x, helper.y)


def _order(helper: Helper) -> tuple[float, bool, bool] | None:
    """By distance; of those equally far whoever can come stands before those who cannot."""
    return None if helper.distance_m is None else (helper.distance_m, helper.on_duty is False, helper.silent)


def _colour(helper: Helper) -> str:
    return "disabled" if helper.silent or helper.on_duty is False else ""


def _hand_in(point_id: int, helper: Helper | None, words: str, connection: Connection, report: Report) -> Reported:
    return nearby.send(connection, report, point_id, helper, words=words)
