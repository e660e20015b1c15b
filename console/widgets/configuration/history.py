"""How an entry came to be as it is: its versions, and who changed what of it, when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from console.widgets.configuration.told import Lines
from console.widgets.configuration.topics import TOPICS
from console.widgets.configuration.words import DONE, SETTING, field_word, plain
from console.widgets.shared import figures
from console.widgets.shared.words import limit_of, word

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


class History(QLabel):
    """Versions first, then the record, newest first."""

    def __init__(self, register: Register) -> None:
        super().__init__()
        self._register = register
        self._lines = Lines()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    @property
    def texts(self) -> list[str]:
        """All that is said, from the top."""
        return self._lines.texts if self.text() else []

    def show_history(self, versions: Iterable[Version], entries: Iterable[Entry]) -> None:
        """Show these, and say so when there is nothing."""
        self._lines = Lines()
        versions, entries = list(versions), list(entries)
        if versions:
            self._lines.add_title(self.tr("Versions"))
            for version in versions:
                self._add_version(version)
        self._lines.add_title(self.tr("Changes"))
        if not entries:
            self._lines.add(self.tr("Unchanged since it was set up."), is_quiet=True)
        for entry in entries:
            self._add_entry(entry)
        self.setText(self._lines.html)

    def _add_version(self, version: Version) -> None:
        until = self.tr("on") if version.valid_to is None else self.tr("to {day}").format(day=version.valid_to)
        told = self.tr("{n} · from {day} {until}").format(n=version.version, day=version.valid_from, until=until)
        cases = figures.things(version.cases, self.tr("1 case"), self.tr("{n} cases"))
        self._lines.add(f"{told} · {cases}")
        limit = limit_of(version.limit_value, version.limit_unit)
        english = "" if self._register.language == "zh_CN" else version.description_en
        unit = self._register.said(*FIELDS["filing_condition", "responsible_id"], version.responsible_id)
        self._lines.add(" · ".join((english or version.description, limit, unit)), is_quiet=True)

    def _add_entry(self, entry: Entry) -> None:
        parts = (figures.moment(entry.at), entry.login, word(DONE, entry.kind), entry.client or "")
        self._lines.add(" · ".join(filter(None, parts)))
        if entry.reason:
            self._lines.add(self.tr("Reason: {words}").format(words=entry.reason), is_quiet=True)
        for words in change_lines(entry, self._register):
            self._lines.add(words, is_quiet=True)
