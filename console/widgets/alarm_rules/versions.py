"""The versions of a rule: who saved each, when and why, and in what two of them differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.models.configuration.alarm_rules import RULE, values_of
from console.widgets.alarm_rules.rule_list import RULES
from console.widgets.configuration.words import field_word
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, label, line, margins
from console.widgets.shared.table import Column, RecordModel, RecordTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.models.alarms import RuleVersion
    from console.widgets.configuration.register import Register

TABLE_HEIGHT = 122
BEFORE, FORM = "before", "form"
NAME_WIDTH = 130


class RuleVersions(QWidget):
    """The versions of the rule that is shown, the newest first; the marked one is compared with another.

    Args:
        register: says values in words.
    """

    taken = Signal(object)
    """Values of a version that are to be put into the form."""

    def __init__(self, register: Register) -> None:
        super().__init__()
        self._register = register
        self._versions: Sequence[RuleVersion] = ()
        self._form: Mapping[str, Any] = {}
        columns: list[Column[RuleVersion]] = [
            Column(self.tr("Version"), lambda v: str(v.version), lambda v: -v.version, width_px=72),
            Column(self.tr("When"), lambda v: figures.moment(v.at) if v.at else self.tr("from the start"),
                   width_px=126),
            Column(self.tr("Who"), lambda v: v.login or figures.NONE, width_px=100),
            Column(self.tr("Why"), lambda v: v.reason or figures.NONE),
        ]  # fmt: skip
        self.model: RecordModel[RuleVersion] = RecordModel(columns, lambda v: str(v.version), self)
        self.table = RecordTable(self.model)
        self.table.setAccessibleName(self.tr("Versions of the rule"))
        self.table.setFixedHeight(TABLE_HEIGHT)
        self.against = QComboBox()
        self.against.setAccessibleName(self.tr("Compare with"))
        self.against.currentIndexChanged.connect(lambda _place: self._compare())
        self.take = QPushButton(self.tr("Put it into the form"))
        self.take.clicked.connect(self._take)
        self.said = label("", "secondary", wraps=True)
        self.facts = Facts(NAME_WIDTH)
        row = QHBoxLayout()
        margins(row, 0, 0, 0, 0, 6)
        row.addWidget(label(self.tr("Compared with"), "secondary"))
        row.addWidget(self.against, 1)
        row.addWidget(self.take)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        box.addWidget(line())
        box.addWidget(label(self.tr("Versions"), "title"))
        box.addWidget(self.table)
        box.addLayout(row)
        box.addWidget(self.said)
        box.addWidget(self.facts)
        self.table.chosen.connect(lambda _version: self._compare())

    def show_versions(self, versions: Sequence[RuleVersion]) -> None:
        """Show the versions of another rule, or of the same one after it was saved."""
        self._versions = versions
        self.model.show(versions)
        self.against.blockSignals(True)
        self.against.clear()
        self.against.addItem(self.tr("the version before"), BEFORE)
        self.against.addItem(self.tr("what the form says"), FORM)
        for version in versions:
            self.against.addItem(self.tr("version {n}").format(n=version.version), version.version)
        self.against.blockSignals(False)
        if versions:
            self.table.mark(str(versions[0].version))
        self._compare()

    def show_form(self, values: Mapping[str, Any]) -> None:
        """The form says something else now."""
        self._form = values
        if self.against.currentData() == FORM:
            self._compare()

    @property
    def marked(self) -> RuleVersion | None:
        """The version that is compared."""
        return next((one for one in self._versions if str(one.version) == self.table.marked), None)

    def _other(self, marked: RuleVersion) -> Mapping[str, Any] | None:
        wanted = self.against.currentData()
        if wanted == FORM:
            return self._form
        number = marked.version - 1 if wanted == BEFORE else wanted
        return next((values_of(one.rule) for one in self._versions if one.version == number), None)

    def _compare(self) -> None:
        marked = self.marked
        other = None if marked is None else self._other(marked)
        mine = {} if marked is None else values_of(marked.rule)
        # The older one first, so that an arrow reads as what was made of it.
        before, after = (mine, other) if self.against.currentData() == FORM else (other, mine)
        rows = [] if before is None or after is None else self._differences(before, after)
        if marked is None:
            said = ""
        elif other is None:
            said = self.tr("There is no version before it.")
        else:
            said = "" if rows else self.tr("They do not differ.")
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.facts.show_facts(rows)
        self.take.setEnabled(marked is not None and bool(self._differences(mine, self._form)))

    def _differences(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        return [
            (
                field_word(field.name),
                " → ".join(
                    self._register.said(RULES, field, values.get(field.name)) or figures.NONE
                    for values in (before, after)
                ),
                "",
            )
            for field in RULE.fields_of(before)
            if before.get(field.name) != after.get(field.name)
        ]

    def _take(self) -> None:
        marked = self.marked
        if marked is not None:
            self.taken.emit(values_of(marked.rule))
