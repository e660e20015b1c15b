"""One entry of the audit trail in full: who, when, from where, and old beside new values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from console.widgets.audit.days import BROKEN
from console.widgets.audit.words import TABLE, breach_words, told, what, where_from, who
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, Heading, Stateful, label, line, margins, scrolled
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.audit import Breach, Entry
    from console.widgets.configuration.words import References
    from console.widgets.shared.desk import Desk

NAME_WIDTH = 92
LINK_DIGITS = 16
COLUMNS = 3
BREAK = "\u200b"  # a place where a line may be broken, without width
LONG_WORD = re.compile(r"[!-~]{14}(?=[!-~])")


class Comparison(QWidget):
    """Fields with their old and new values in three columns."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        margins(self._grid, 0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        for column in (1, 2):
            self._grid.setColumnStretch(column, 1)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What is said, below the headings."""
        items = (self._grid.itemAt(place) for place in range(self._grid.count()))
        widgets = (item.widget() for item in items if item is not None)
        words = [str(widget.property("text")).replace(BREAK, "") for widget in widgets if widget is not None]
        return [tuple(words[start : start + COLUMNS]) for start in range(COLUMNS, len(words), COLUMNS)]

    def show_rows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show (field, before, after); a long word may be broken, so that both columns fit."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        titles = (self.tr("Field"), self.tr("Before"), self.tr("After"))
        for place, cells in enumerate([titles, *rows]):
            for column, words in enumerate(cells):
                role = "secondary" if place == 0 or column == 0 else ""
                cell = label(LONG_WORD.sub(rf"\g<0>{BREAK}", words), role, wraps=True, selectable=place > 0)
                self._grid.addWidget(cell, place, column, Qt.AlignmentFlag.AlignTop)


class AuditEntryPanel(QWidget):
    """The entry that is marked in the table."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Entry"))
        self._desk = desk
        self.heading = Heading(self.tr("Entry"))
        self.facts = Facts(NAME_WIDTH)
        self.comparison = Comparison()
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 12)
        box.addWidget(self.facts)
        box.addWidget(line())
        box.addWidget(self.comparison)
        box.addStretch(1)
        scroll = scrolled(inside)
        self.state = Stateful(scroll)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(self.heading)
        outer.addWidget(self.state, 1)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing is chosen."""
        self.heading.say(self.tr("Entry"))
        self.state.show_empty(self.tr("Choose an entry in the table."), "mdi6.cursor-default-click-outline")

    def show_entry(self, entry: Entry, references: References, breach: Breach | None) -> None:
        """Show an entry, and what is wrong with it."""
        self.heading.say(entry.name, word(TABLE, entry.subject))
        sealed = self.tr("not sealed yet")
        if entry.chain_day is not None and entry.place is not None and entry.link is not None:
            words = self.tr("place {n} of {day}, link {link}")
            sealed = words.format(
                n=figures.count(entry.place), day=entry.chain_day, link=entry.link.hex()[:LINK_DIGITS] + "…"
            )
        self.facts.show_facts(
            [
                (self.tr("When"), f"{entry.at.astimezone(figures.CITY_TIME):%Y-%m-%d %H:%M:%S.%f}", ""),
                (self.tr("Who"), who(entry, self._desk.language), ""),
                (self.tr("From"), where_from(entry), ""),
                (self.tr("What"), what(entry), ""),
                (self.tr("Key"), entry.key, ""),
                (self.tr("Reason"), entry.reason or figures.NONE, ""),
                (self.tr("Number"), str(entry.id), ""),
                (self.tr("Chain"), sealed, ""),
                *([(f"{BROKEN} " + self.tr("Breach"), breach_words(breach), "critical")] if breach else []),
            ]
        )
        self.comparison.show_rows(told(entry, references, self._desk.language))
        self.state.show_content()
