"""How an entry came to be as it is: its versions, and who changed what of it, when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.widgets.configuration.topics import TOPICS
from console.widgets.configuration.words import DONE, SETTING, field_word, plain
from console.widgets.shared import figures
from console.widgets.shared.panel import label, line, margins
from console.widgets.shared.words import LIMIT_UNIT, word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.models.configuration.record import Entry
    from console.models.configuration.standard import Version
    from console.widgets.configuration.register import Register

SILENT = frozenset({"id", "confidence", "version"})
"""Columns that say nothing to people."""
FIELDS = {(topic.subject.table, one.name): (topic, one) for topic in TOPICS for one in topic.subject.fields}


def told_changes(entry: Entry, register: Register) -> list[tuple[str, str]]:
    """What was changed: (field, before → after), of what was added only the after."""
    told = []
    for name, (before, after) in entry.changes.items():
        if entry.subject == "setting" and name == "value":
            told += _told_parts(entry.key, before, after)
        elif name not in SILENT:
            words = _said(entry, name, after, register)
            if entry.kind != "insert":
                words = f"{_said(entry, name, before, register)} → {words}"
            told.append((field_word(name), words))
    return told


def change_lines(entry: Entry, register: Register) -> list[str]:
    """The same, a line a field."""
    return [f"{name}: {words}" for name, words in told_changes(entry, register)]


def _told_parts(setting: str, before: Any, after: Any) -> list[tuple[str, str]]:
    """Of a setting the parts that differ, each by its own name."""
    old = before if isinstance(before, dict) else {"": before}
    new = after if isinstance(after, dict) else {"": after}
    told = []
    for part, value in new.items():
        if value != old.get(part):
            name = word(SETTING, f"{setting}.{part}".rstrip("."))
            told.append((name, plain(value) if old.get(part) is None else f"{plain(old[part])} → {plain(value)}"))
    return told


def _said(entry: Entry, name: str, value: Any, register: Register) -> str:
    known = FIELDS.get((entry.subject, name))
    if known is None or entry.subject == "setting":
        return plain(value)
    topic, field = known
    return register.said(topic, field, value) or figures.NONE


class History(QWidget):
    """Versions first, then the record, newest first."""

    def __init__(self, register: Register) -> None:
        super().__init__()
        self._register = register
        self._box = QVBoxLayout(self)
        margins(self._box, 0, 0, 0, 0, 4)

    @property
    def texts(self) -> list[str]:
        """All that is said, from the top."""
        items = (self._box.itemAt(place) for place in range(self._box.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget.property("text") for widget in widgets if widget is not None and widget.property("text")]

    def clear(self) -> None:
        """Show nothing."""
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def show_history(self, versions: Iterable[Version], entries: Iterable[Entry]) -> None:
        """Show these, and say so when there is nothing."""
        self.clear()
        versions, entries = list(versions), list(entries)
        if versions:
            self._title(self.tr("Versions"))
            for version in versions:
                self._add_version(version)
        self._title(self.tr("Changes"))
        if not entries:
            self._say(self.tr("Unchanged since it was set up."), "secondary")
        for entry in entries:
            self._add_entry(entry)

    def _add_version(self, version: Version) -> None:
        until = self.tr("on") if version.valid_to is None else self.tr("to {day}").format(day=version.valid_to)
        told = self.tr("{n} · from {day} {until}").format(n=version.version, day=version.valid_from, until=until)
        cases = figures.things(version.cases, self.tr("1 case"), self.tr("{n} cases"))
        self._say(f"{told} · {cases}")
        limit = f"{version.limit_value} {word(LIMIT_UNIT, version.limit_unit)}"
        self._say(" · ".join((version.description, limit, version.responsible)), "secondary")

    def _add_entry(self, entry: Entry) -> None:
        parts = (figures.moment(entry.at), entry.login, word(DONE, entry.kind), entry.client or "")
        self._say(" · ".join(filter(None, parts)))
        if entry.reason:
            self._say(self.tr("Reason: {words}").format(words=entry.reason), "secondary")
        for words in change_lines(entry, self._register):
            self._say(words, "secondary")

    def _title(self, words: str) -> None:
        if self._box.count():
            self._box.addSpacing(6)
        self._box.addWidget(line())
        self._say(words, "title")

    def _say(self, words: str, role: str = "") -> None:
        self._box.addWidget(label(words, role, wraps=True, selectable=True))
