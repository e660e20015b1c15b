"""All alarm rules: what each watches, its priority and set point, how often it spoke lately, whether it is in force."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.errors import QT_TRANSLATE_NOOP
from console.models.configuration.alarm_rules import GRADED, RULE, read_rule_rows, save_rule_rows
from console.widgets.alarm_rules.words import point_word, state_word
from console.widgets.configuration.cells import Item, items
from console.widgets.configuration.topics import Topic
from console.widgets.configuration.words import MARK
from console.widgets.shared import figures
from console.widgets.shared.panel import Heading, Stateful, margins
from console.widgets.shared.searched_table import SearchField
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import ALARM, SYMBOL, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from console.models.configuration.draft import Change, Row
    from console.widgets.configuration.register import Register

SUBJECTS = (None, "vehicle", "sensor")
STATE_COLOUR = {True: "", False: "disabled"}


def _read(connection: Connection) -> list[Row]:
    return read_rule_rows(connection, datetime.now(UTC))


def _save(connection: Connection, changes: Sequence[Change], _day: date) -> None:
    save_rule_rows(connection, changes)


RULES = Topic(
    "alarm_rule",
    QT_TRANSLATE_NOOP("words", "Alarm rules"),
    "",
    "",
    RULE,
    (),
    _read,
    _save,
    effect=QT_TRANSLATE_NOOP(
        "words", "The gateway judges by it within seconds. Alarms that no rule in force holds any more are over."
    ),
    grows=False,
)
"""How rules are read and saved; nobody adds one, as each kind is a way of judging."""


class RuleList(QWidget):
    """The table of rules, narrowed down to trucks or to water and rain, and by typing.

    Args:
        register: the rules and what is drafted of them.
    """

    chosen = Signal(str)
    """Key of the rule that is to be looked at."""
    opened = Signal(str)
    """Key of the rule that is to be edited."""

    def __init__(self, register: Register) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Alarm rules"))
        self._register = register
        self._draft = register.drafts[RULES.key]
        self.heading = Heading(self.tr("Alarm rules"))
        self.text = SearchField(self.tr("Search …"))
        self.text.setFixedWidth(150)
        columns: list[Column[Item]] = [
            Column("", lambda i: MARK[i.mark][0] if i.mark else "", colour=_mark_colour, width_px=28),
            Column(self.tr("Rule"), lambda i: word(ALARM, i.values["kind"]), colour=_state_colour),
            Column(self.tr("Grade"), _grade, colour=_state_colour, width_px=52),
            Column("", _symbol, colour=_urgency_colour, width_px=28),
            Column(self.tr("Set point"), lambda i: point_word(i.values), colour=_state_colour, width_px=96),
            Column(
                self.tr("30 days"),
                lambda i: figures.count(i.values["raised"]),
                lambda i: i.values["raised"],
                colour=lambda i: "" if i.values["raised"] else "disabled",
                width_px=64,
            ),
            Column(self.tr("State"), lambda i: state_word(i.values), colour=_state_colour, width_px=70),
        ]
        self.model: RecordModel[Item] = RecordModel(columns, lambda item: item.key, self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Alarm rules"))
        self.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self.state = Stateful(self.table, lambda: register.read(RULES))
        self.chips: dict[str | None, QPushButton] = {}
        self._lay_out()
        self.setFocusProxy(self.table)
        self.state.show_loading()
        self.text.textChanged.connect(self.table.narrow)
        self.text.left.connect(self.table.setFocus)
        self.table.chosen.connect(lambda item: self.chosen.emit(item.key))
        self.table.opened.connect(lambda item: self.opened.emit(item.key))
        register.changed.connect(lambda _key: self.refresh())
        register.failed.connect(self._on_failed)

    def _lay_out(self) -> None:
        words = {None: self.tr("All"), "vehicle": self.tr("Trucks"), "sensor": self.tr("Water and rain")}
        above = QHBoxLayout()
        margins(above, 10, 8, 10, 8, 6)
        group = QButtonGroup(self)
        for subject in SUBJECTS:
            chip = self.chips[subject] = QPushButton(words[subject])
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.clicked.connect(lambda _on: self.refresh())
            group.addButton(chip)
            above.addWidget(chip)
        self.chips[None].setChecked(True)
        above.addStretch(1)
        above.addWidget(self.text)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addLayout(above)
        box.addWidget(self.state, 1)

    def mark(self, key: str) -> None:
        """Mark a rule that was chosen elsewhere, also when the chips or the search leave it out."""
        if self.model.row_of(key) is None:
            self.chips[None].setChecked(True)
            self.text.clear()
            self.refresh()
        self.table.mark(key)

    def search(self) -> None:
        """Let the keyboard go to the search field."""
        self.text.setFocus()
        self.text.selectAll()

    def refresh(self) -> None:
        """Show the rules as they are, with what is drafted of them."""
        wanted = next(subject for subject, chip in self.chips.items() if chip.isChecked())
        rules = items(self._draft)
        self.model.show([one for one in rules if wanted in (None, one.values["subject"])])
        in_force = sum(bool(one.values["enabled"]) for one in rules)
        self.heading.say(
            self.tr("Alarm rules"),
            self.tr("{n} of {all} in force").format(n=figures.count(in_force), all=figures.count(len(rules))),
        )
        if rules:
            self.state.show_content()

    def _on_failed(self, _key: str, words: str) -> None:
        if self.model.rowCount() == 0:
            self.state.show_failed(words)


def _grade(item: Item) -> str:
    """The grade, where the kind has several."""
    return str(item.values["grade"]) if item.values["kind"] in GRADED else ""


def _symbol(item: Item) -> str:
    urgency = item.values.get("urgency")
    return SYMBOL.get(urgency or "", figures.NONE)


def _urgency_colour(item: Item) -> str:
    urgency = item.values.get("urgency")
    return f"{urgency}_text" if urgency in SYMBOL and item.values.get("enabled") else "disabled"


def _state_colour(item: Item) -> str:
    return STATE_COLOUR[bool(item.values.get("enabled"))]


def _mark_colour(item: Item) -> str:
    return {"flaw": "critical_text", "conflict": "high_text"}.get(item.mark, "secondary")
