"""Finds things of the city for the command field and goes there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.models import search
from console.widgets.shared.desk import Thing
from console.widgets.shared.words import SUBJECT, word
from console.widgets.shell.commands import CommandField, Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.search import Found
    from console.widgets.shared.desk import Desk

SYMBOLS = {
    "case": "mdi6.clipboard-text-outline",
    "vehicle": "mdi6.dump-truck",
    "flood_point": "mdi6.waves",
    "street": "mdi6.road-variant",
    "manhole": "mdi6.circle-outline",
    "pipe": "mdi6.pipe",
    "component": "mdi6.lamps-outline",
}


class Finder(QObject):
    """Answers the command field with what the city has under the typed text."""

    def __init__(self, desk: Desk, field: CommandField, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._field = desk, field
        field.wanted.connect(self._search)

    def _search(self, text: str) -> None:
        self._desk.operations.read(
            self,
            lambda connection: search.search_city(connection, text),
            partial(self._show, text),
            key="search",
        )

    def _show(self, text: str, found: Sequence[Found]) -> None:
        self._field.show_found(
            text,
            [
                Hit(
                    f.title,
                    word(SUBJECT, f.kind),
                    partial(self._go, f),
                    symbol=SYMBOLS.get(f.kind, "mdi6.map-marker-outline"),
                )
                for f in found
            ],
        )

    def _go(self, found: Found) -> None:
        if found.x is not None and found.y is not None:
            self._desk.show_place(found.x, found.y, nearer=True)
        self._desk.selection.select(Thing(found.kind, found.key))
