"""What the form of a move tells: what others said before it, and why it was not made, if it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from console.database.vocabulary import FIELD
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins
from console.widgets.shared.words import ACT, LEVEL, STATE, move_words, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.cases import CaseEvent
    from console.models.cases.workbench import Said
    from console.widgets.shared.desk import Desk


QUOTED = 140
"""So many letters of what somebody wrote are told in a form; all of it is in its tip."""


def quoted(said: Said, desk: Desk) -> QLabel:
    """What was asked, found or objected to: whoever answers need not look for it."""
    at = figures.short_moment(said.at, desk.now())
    move = move_words(said.move, granted=said.granted)
    who = " · ".join(filter(None, (move, desk.name(said.staff, said.staff_en), at)))
    words = said.opinion if len(said.opinion) <= QUOTED else f"{said.opinion[:QUOTED].rstrip()}…"
    told = QCoreApplication.translate("MoveForm", "{who}: “{words}”").format(who=who, words=words) if words else who
    made = label(told, "secondary", wraps=True)
    made.setToolTip(said.opinion if words != said.opinion else "")
    return made


class MoveTrouble(QFrame):
    """A refusal, a field that is still empty, what others did meanwhile; hidden until there is something to tell.

    Args:
        desk: language and time.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.asked_for = ""
        self.setProperty("surface", "critical")
        self.problem = label("", "critical", wraps=True, selectable=True)
        self.changes = label("", "", wraps=True, selectable=True)
        box = QVBoxLayout(self)
        margins(box, 10, 8, 10, 8, 4)
        box.addWidget(self.problem)
        box.addWidget(self.changes)
        self.hide()

    def complain(self, words: str) -> None:
        """Say why it was not done."""
        self.asked_for = ""
        self.problem.setText(words)
        self.changes.hide()
        self.show()

    def ask_for(self, field: str, name: str) -> None:
        """Say which field is still empty, by the name that it has in the form."""
        self.complain(self.tr("Still to be filled in: {field}").format(field=name))
        self.asked_for = field

    def is_given(self, missing: str) -> None:
        """Take it back once something else is missing, or nothing."""
        if self.asked_for and missing != self.asked_for:
            self.asked_for = ""
            self.hide()

    def tell_changes(self, words: str, events: Sequence[CaseEvent], move: str, *, is_possible: bool) -> None:
        """Say what was done with the case meanwhile, and whether the move can be made all the same."""
        hint = self.tr("Enter sends yours for the case as it is now.")
        if not is_possible:
            hint = self.tr("“{move}” is not possible any more; your words stay here.").format(move=word(ACT, move))
        self.complain(words)
        self.changes.setText("\n".join([*map(self._told, events), hint]))
        self.changes.show()

    def _told(self, event: CaseEvent) -> str:
        parts = (
            figures.short_moment(event.at, self._desk.now()),
            move_words(event.move, granted=event.granted),
            self._desk.name(event.staff, event.staff_en),
            event.opinion,
            *_amended(event),
            word(STATE, event.to_state) if event.to_state != event.from_state else "",
        )
        return " · ".join(filter(None, parts))


def _amended(event: CaseEvent) -> list[str]:
    """What is told of the case since an event, as far as it is words."""
    after = event.detail.get("after", {})
    told = [f"{word(FIELD, name)}: {after[name]}" for name in ("address", "description") if after.get(name)]
    return told + ([f"{word(FIELD, 'level')}: {word(LEVEL, after['level'])}"] if "level" in after else [])
