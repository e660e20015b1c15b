"""One rule in full: what it does in a sentence, its form, its versions; and what is to be saved, with the reason."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from console.models import alarms
from console.models.configuration.alarm_rules import rule_from
from console.widgets.alarm_rules.rule_list import RULES
from console.widgets.alarm_rules.versions import RuleVersions
from console.widgets.alarm_rules.words import lacks, sentence
from console.widgets.configuration.cells import rule_word
from console.widgets.configuration.form import EntryForm
from console.widgets.configuration.page import DraftBar
from console.widgets.configuration.review import Review
from console.widgets.shared.panel import Heading, Stateful, label, margins, scrolled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from console.models.alarms import AlarmRule, RuleVersion
    from console.widgets.configuration.register import Register
    from console.widgets.shared.desk import Desk


class RulePanel(QWidget):
    """The rule that is marked in the list.

    Args:
        desk: language and database.
        register: the rules and what is drafted of them.
    """

    tried = Signal()
    """The rule, as the form says, is to be tried on the past."""

    def __init__(self, desk: Desk, register: Register) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Rule"))
        self._desk, self._register = desk, register
        self._draft = register.drafts[RULES.key]
        self._key: str | None = None
        self._stamp = ""
        self.form: EntryForm | None = None
        self.heading = Heading(self.tr("Rule"))
        self.sentence = label("", wraps=True, selectable=True)
        self.lacks = label("", "medium", wraps=True)
        self.assumed = label(
            self.tr("Its figures are assumed: nobody has confirmed them by saving the rule yet."),
            "secondary",
            wraps=True,
        )
        self.back = QPushButton(self.tr("Undo my changes"))
        self.back.clicked.connect(self._restore)
        self.attempt = QPushButton(self.tr("Try it on the past"))
        self.attempt.clicked.connect(self.tried)
        self.versions = RuleVersions(register)
        self.versions.taken.connect(self._take)
        self.review = Review(desk, register)
        self.bar = DraftBar()
        self._place = QVBoxLayout()
        self.state = Stateful(self._lay_out())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.state)
        self.stack.addWidget(self.review)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(self.heading)
        outer.addWidget(self.stack, 1)
        outer.addWidget(self.bar)
        self.bar.discarded.connect(self._discard)
        self.bar.wanted.connect(self.begin_review)
        self.review.given_up.connect(self.leave_review)
        self.state.show_empty(self.tr("Choose a rule in the list."), "mdi6.bell-cog-outline")
        register.changed.connect(lambda _key: self.refresh())

    def _lay_out(self) -> QScrollArea:
        buttons = QHBoxLayout()
        margins(buttons, 0, 0, 0, 0, 6)
        for button in (self.attempt, self.back):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inside = QWidget()
        inside.setProperty("surface", "panel")
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 10)
        for words in (self.sentence, self.lacks, self.assumed):
            box.addWidget(words)
        box.addLayout(buttons)
        box.addLayout(self._place)
        box.addWidget(self.versions)
        box.addStretch(1)
        return scrolled(inside)

    @property
    def key(self) -> str | None:
        """Key of the rule that is shown."""
        return self._key

    @property
    def rule(self) -> AlarmRule | None:
        """The rule as the form says it; None when none is shown or something in it cannot be read."""
        return None if self.obstacle else rule_from(self._draft.values(self._key or ""))

    @property
    def obstacle(self) -> str:
        """Why the rule cannot be tried; empty when it can."""
        if self._key is None:
            return self.tr("Choose a rule in the list.")
        values = self._draft.values(self._key)
        if self._draft.flaws(self._key) or any(values[name] is None for name in ("set_point", "clear_point")):
            return self.tr("To be tried, a rule needs its points, and figures that can be read; see what is marked.")
        return ""

    @property
    def is_review(self) -> bool:
        """Whether changes are looked through."""
        return self.stack.currentWidget() is self.review

    def show_rule(self, key: str) -> None:
        """Show a rule in its form."""
        if key != self._key or self.form is None:
            if self.form is not None:
                self._place.removeWidget(self.form)
                self.form.hide()
                self.form.deleteLater()
            self._key = key
            self.form = EntryForm(RULES, key, self._register)
            self.form.edited.connect(lambda: self._register.touched(RULES.key))
            self._place.addWidget(self.form)
            self.versions.show_versions(())
            self._ask_versions()
        self.stack.setCurrentWidget(self.state)
        self.state.show_content()
        self.refresh()

    def edit(self, key: str, field: str = "") -> None:
        """Show a rule with the keyboard in its form."""
        self.show_rule(key)
        if self.form is not None:
            self.form.focus_first(field)

    def show_refusal(self, key: str, field: str, words: str) -> None:
        """Show the rule that the database does not take, and why at the field."""
        self.show_rule(key)
        if self.form is not None:
            self.form.show_refusal(field, words)

    def begin_review(self) -> None:
        """Show what would be saved."""
        if not self._draft.is_changed:
            self._desk.notices.post(self.tr("Nothing is changed here."))
            return
        self.heading.say(self.tr("What will be saved"))
        self.stack.setCurrentWidget(self.review)
        self.review.begin(RULES)
        self._show_bar()

    def leave_review(self) -> None:
        """Go back to the form."""
        self.stack.setCurrentWidget(self.state)
        self.refresh()

    def refresh(self) -> None:
        """Show the rule as it is now, with what is drafted of it."""
        self._show_bar()
        if self.is_review:
            self.review.refresh()
        key, form = self._key, self.form
        if key is None or form is None or key not in self._draft.keys:
            return
        values, stored = self._draft.values(key), self._draft.stored(key)
        if not self.is_review:
            self.heading.say(rule_word(values), self.tr("version {n}").format(n=values["version"]))
        form.refresh()
        self.sentence.setText(sentence(values))
        missing = lacks(values)
        self.lacks.setText(missing)
        self.lacks.setVisible(bool(missing))
        self.assumed.setVisible(bool(values["assumed"]))
        self.back.setVisible(self._draft.is_changed_row(key))
        self.versions.show_form(values)
        if stored is not None and stored.stamp != self._stamp:
            self._ask_versions()

    def _show_bar(self) -> None:
        self.bar.show_count(0 if self.is_review else self._draft.count)

    def _ask_versions(self) -> None:
        key = self._key
        stored = None if key is None else self._draft.stored(key)
        if key is None or stored is None:
            return
        self._stamp = stored.stamp

        def done(found: Sequence[RuleVersion]) -> None:
            if key == self._key:
                self.versions.show_versions(found)
                if self.form is not None and found and found[0].at is not None:
                    self.form.show_rival(found[0].login or "", found[0].at)

        self._desk.operations.read(self, partial(_versions, int(key)), done, key="versions")

    def _take(self, values: Mapping[str, Any]) -> None:
        """Put the values of a version into the form; nothing is saved by it."""
        key = self._key
        if key is not None:
            for name in RULES.subject.by_name:
                if name in values and name in self._draft.values(key):
                    self._draft.set(key, name, values[name])
            self._register.touched(RULES.key)

    def _restore(self) -> None:
        if self._key is not None:
            self._draft.restore(self._key)
            self._register.touched(RULES.key)

    def _discard(self) -> None:
        self._draft.discard()
        self._register.touched(RULES.key)


def _versions(rule_id: int, connection: Connection) -> list[RuleVersion]:
    return alarms.versions(connection, rule_id)
