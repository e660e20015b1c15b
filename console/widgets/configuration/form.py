"""The form of an entry, made from the description of its subject: each field with what is wrong with it below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.models.configuration.subjects import FieldKind
from console.widgets.configuration.fields import FieldEdit, field_edit
from console.widgets.configuration.words import MEASURE, field_word, flaw_words
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from datetime import datetime

    from console.models.configuration.draft import Draft
    from console.models.configuration.subjects import Field
    from console.widgets.configuration.words import Edited, Keeper


class EntryForm(QWidget):
    """Edits one entry of a draft; every key stroke is kept there at once.

    Args:
        topic: what is edited.
        key: of the entry in the draft.
        register: names that it may refer to, and its draft.
    """

    edited = Signal()
    """The draft has changed."""

    def __init__(self, topic: Edited, key: str, register: Keeper) -> None:
        super().__init__()
        self.topic, self.key = topic, key
        self.register = register
        self._draft: Draft = register.drafts[topic.key]
        self._refusal: tuple[str, str] = ("", "")
        self._rival: tuple[str, datetime] | None = None
        self.rows: dict[str, FieldRow] = {}
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 8)
        self.problem = label("", "critical", wraps=True, selectable=True)
        box.addWidget(self.problem)
        for field in topic.subject.fields_of(self._draft.values(key)):
            row = self.rows[field.name] = FieldRow(self, field, may_edit=self._may_edit(field))
            box.addWidget(row)
        self.refresh()

    def focus_first(self, name: str = "") -> None:
        """Let the keyboard go to the field of that name, or to the first that can be edited."""
        edits = [row.edit for field, row in self.rows.items() if row.edit is not None and name in ("", field)]
        if edits:
            edits[0].setFocus()

    def refresh(self) -> None:
        """Show values, faults and what others saved meanwhile as they are now."""
        values, flaws = self._draft.values(self.key), self._draft.flaws(self.key)
        conflicts = self._draft.conflicts(self.key)
        stored = self._draft.stored(self.key)
        is_kept = not self._draft.is_removed(self.key)
        for name, row in self.rows.items():
            row.show_value(values.get(name), is_enabled=is_kept)
            refused = self._refusal[1] if self._refusal[0] == name else ""
            flaw = flaws.get(name)
            row.show_problem(refused or (flaw_words(flaw, row.field) if flaw is not None else ""))
            theirs = "" if stored is None else self.said(row.field, stored.values.get(name))
            row.show_conflict(self._conflict_words(theirs) if name in conflicts else "")
        whole = self._refusal[1] if self._refusal[0] not in self.rows else ""
        self.problem.setText(whole)
        self.problem.setVisible(bool(whole))

    def show_refusal(self, field: str, words: str) -> None:
        """The database does not take this entry; `field` is empty when it is the entry as a whole."""
        self._refusal = (field, words)
        self.refresh()
        self.focus_first(field if field in self.rows else "")

    def show_rival(self, login: str, at: datetime) -> None:
        """Who changed the entry last, and when: whoever typed here meanwhile wants to know."""
        self._rival = login, at
        self.refresh()

    def said(self, field: Field, value: object) -> str:
        """A value in words."""
        return self.register.said(self.topic, field, value) or figures.NONE

    def change(self, field: Field, value: object) -> None:
        """A field was changed by hand."""
        if self._refusal[0] in (field.name, ""):
            self._refusal = ("", "")
        self._draft.set(self.key, field.name, value)
        self.refresh()
        self.edited.emit()

    def decide(self, field: Field, *, mine: bool) -> None:
        """Of a field that two have changed, one change counts."""
        (self._draft.keep_mine if mine else self._draft.take_theirs)(self.key, field.name)
        self.refresh()
        self.edited.emit()

    def make_edit(self, field: Field, name: str) -> FieldEdit:
        """The widget for a field."""
        return field_edit(self.topic.subject, field, name, self.register)

    def _may_edit(self, field: Field) -> bool:
        return self._draft.is_added(self.key) or not field.fixed

    def _conflict_words(self, theirs: str) -> str:
        if self._rival is None:
            return self.tr("◆ Changed meanwhile to “{value}”.").format(value=theirs)
        login, at = self._rival
        return self.tr("◆ {login} changed this to “{value}” at {time}.").format(
            login=login, value=theirs, time=figures.moment(at)
        )


class FieldRow(QWidget):
    """Name, field, and below it what is wrong or to be decided."""

    def __init__(self, form: EntryForm, field: Field, *, may_edit: bool) -> None:
        super().__init__()
        self.field = field
        self._form = form
        self._may_edit = may_edit
        name = field_word(field.name)
        unit = f" ({word(MEASURE, field.unit)})" if field.unit else ""
        optional = self.tr("{field} (optional)").format(field=name)
        self.name = label(name + unit if field.required else optional, "secondary")
        self.edit: FieldEdit | None = None
        self.fixed = label("", wraps=True, selectable=True)
        self.problem = label("", "critical", wraps=True)
        self.conflict = label("", "high", wraps=True, selectable=True)
        self.mine = QPushButton(self.tr("Keep mine"))
        self.theirs = QPushButton(self.tr("Take theirs"))
        self.mine.clicked.connect(lambda *_: form.decide(field, mine=True))
        self.theirs.clicked.connect(lambda *_: form.decide(field, mine=False))
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 3)
        box.addWidget(self.name)
        self.name.setVisible(field.kind is not FieldKind.FLAG or not may_edit)  # a box to check says its name itself
        if may_edit:
            self.edit = form.make_edit(field, name)
            self.edit.edited.connect(lambda value: form.change(field, value))
            box.addWidget(self.edit)
        else:
            box.addWidget(self.fixed)
        box.addWidget(self.problem)
        box.addWidget(self.conflict)
        answers = QHBoxLayout()
        margins(answers, 0, 0, 0, 0, 6)
        answers.addWidget(self.mine)
        answers.addWidget(self.theirs)
        answers.addStretch(1)
        box.addLayout(answers)

    def show_value(self, value: object, *, is_enabled: bool) -> None:
        """Show a value where it differs from what is shown."""
        if self.edit is None:
            self.fixed.setText(self._form.said(self.field, value))
        else:
            self.edit.show_value(value)
            self.edit.setEnabled(is_enabled)

    def show_problem(self, words: str) -> None:
        """Say what is wrong; nothing takes it back."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def show_conflict(self, words: str) -> None:
        """Say what somebody else made of it, and offer both; nothing takes it back."""
        self.conflict.setText(words)
        for widget in (self.conflict, self.mine, self.theirs):
            widget.setVisible(bool(words))
