"""Alarm rules: the rules at the left, one of them in full at the right, its trial on the past on the map and below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from console.models.configuration.refusals import RefusedEntryError
from console.models.configuration.rows import ConflictError
from console.widgets.alarm_rules.rule_list import RULES, RuleList
from console.widgets.alarm_rules.rule_panel import RulePanel
from console.widgets.alarm_rules.trial import TrialPanel
from console.widgets.configuration.cells import rule_word
from console.widgets.configuration.register import Register
from console.widgets.shared.desk import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date


class AlarmRulesWorkspace(Workspace):
    """What alarms are raised by, for those who may save rules."""

    key: ClassVar[str] = "alarm_rules"
    shows_selection: ClassVar[bool] = False
    left_px: ClassVar[int] = 540

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        self.register = Register(desk, self, (RULES,), "alarm_rules/drafts")
        self._draft = self.register.drafts[RULES.key]
        self.rules = RuleList(self.register)
        yield
        self.panel = RulePanel(desk, self.register)
        yield
        self.trial = TrialPanel(desk)
        self.left, self.right, self.bottom = self.rules, self.panel, self.trial
        self._is_front = False
        self._wants_first = False
        self.rules.chosen.connect(self._show)
        self.rules.opened.connect(self._edit)
        self.panel.tried.connect(self.try_rule)
        self.trial.wanted.connect(self.try_rule)
        self.panel.review.wanted.connect(self._save)
        self.panel.review.opened.connect(self._edit)
        self.register.changed.connect(lambda _key: self._show_first())
        self._add_actions()
        self._enable_keys(enabled=False)

    def _add_actions(self) -> None:
        add, group = self.desk.actions.add, self.tr("Alarm rules")
        self._keys = (
            add("alarm_rules.search", self.tr("Search in the rules"), self.rules.search, group=group,
                shortcut="Ctrl+F /", scope=self.rules),
            add("alarm_rules.try", self.tr("Try the rule on the past"), self.try_rule, group=group,
                shortcut="Ctrl+Alt+B"),
            add("alarm_rules.stop", self.tr("Stop the trial"), self.trial.cancel, group=group),
            add("alarm_rules.show_all", self.tr("All alarms of the trial on the map"), self.trial.show_all,
                group=group, shortcut="Ctrl+Shift+M", symbol="mdi6.map-search-outline"),
            add("alarm_rules.save", self.tr("Look through the changed rules and save them"), self.panel.begin_review,
                group=group, shortcut="Ctrl+S", scope=self.panel),
        )  # fmt: skip
        self.trial.all.setDefaultAction(self.desk.actions["alarm_rules.show_all"])

    def enter(self) -> None:
        """Fetch what is due, and how often rules have spoken."""
        self._is_front = True
        self._enable_keys(enabled=True)
        self.trial.activate(active=True)
        self.register.activate(active=True)
        self.register.read(RULES)

    def leave(self) -> None:
        """Rest; drafts stay, and a trial goes on."""
        self._is_front = False
        self._enable_keys(enabled=False)
        self.trial.activate(active=False)
        self.register.activate(active=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        self.register.reload()

    def fold(self, *, folded: bool) -> None:
        """There is little height: the trial takes one line until there is one."""
        self.trial.fold(folded=folded)

    def prepare_picture(self) -> None:
        """A rule in full."""
        self._wants_first = True
        self._show_first()

    def keep(self) -> object:
        """The rule that is shown, and all that is typed and not saved."""
        return self.panel.key, self.register.drafts

    def resume(self, kept: object) -> None:
        """Show that rule again, and go on with what was typed."""
        if isinstance(kept, tuple):
            key, drafts = kept
            self.register.go_on_from(drafts)
            if key is not None:
                self.rules.mark(key)
                self.panel.show_rule(key)

    def try_rule(self) -> None:
        """Try the rule that is shown, as its form says, on the past."""
        rule = self.panel.rule
        if rule is None:
            self.desk.notices.post(self.panel.obstacle)
        else:
            self.trial.begin(rule, rule_word({"kind": rule.kind, "grade": rule.grade}))

    def _show(self, key: str) -> None:
        self.panel.show_rule(key)
        self.right_wanted.emit()

    def _edit(self, key: str) -> None:
        self.rules.mark(key)
        self.panel.edit(key)
        self.right_wanted.emit()

    def _show_first(self) -> None:
        if self._wants_first and self.rules.model.rowCount():
            self._wants_first = False
            self.rules.table.selectRow(0)

    def _save(self, reason: str, day: date) -> None:
        count = self._draft.count

        def done() -> None:
            self.panel.review.saved()
            self.desk.notices.post(self.tr("{n} rules are saved.").format(n=count))
            self.panel.leave_review()
            self.rules.setFocus()

        self.register.save(RULES, reason, day, done, self._explain)
        self.panel.review.refresh()

    def _explain(self, error: Exception) -> None:
        """Say at the rule and field that it concerns why nothing was saved; what was typed stays."""
        words = self.desk.notices.words_for(error)
        key = error.keys[0] if isinstance(error, ConflictError) else ""
        field = ""
        if isinstance(error, RefusedEntryError):
            key, field = error.key, error.field
        if key in self._draft.keys:
            self.rules.mark(key)
            self.panel.show_refusal(key, field, words)
        else:
            self.panel.review.say(words)

    def _enable_keys(self, *, enabled: bool) -> None:
        for action in self._keys:
            action.setEnabled(enabled)
