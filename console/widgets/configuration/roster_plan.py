"""Rosters go on as they did: one command drafts the days after the last one that is planned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from console.models.configuration.rosters import Duty, continued
from console.widgets.configuration.topics import ROSTERS
from console.widgets.shared import figures

if TYPE_CHECKING:
    from console.widgets.configuration.register import Register
    from console.widgets.shared.desk import Desk

DAYS = 14


class RosterPlan(QObject):
    """The command; what it drafts is looked through and saved like anything else.

    Args:
        desk: database and commands.
        register: the draft of the rosters.
        parent: keeps it.
    """

    wanted = Signal()
    """The rosters are to be shown."""

    def __init__(self, desk: Desk, register: Register, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._register = desk, register
        self.action = desk.actions.add(
            "configuration.rosters", self.tr("Continue the rosters for two weeks"), self.draft,
            group=self.tr("Configuration"), shortcut="Ctrl+Alt+R", symbol="mdi6.calendar-arrow-right",
        )  # fmt: skip

    def draft(self) -> None:
        """Work out how the rosters go on, and draft it."""
        self.wanted.emit()
        self._desk.operations.read(self, partial(continued, days=DAYS), self._take, key="continued")

    def _take(self, found: list[Duty]) -> None:
        draft = self._register.drafts[ROSTERS]
        if self._register.is_saving:
            return
        count = draft.add_all(duty._asdict() for duty in found)
        if not count:
            self._desk.notices.post(self.tr("There is no roster that could go on, or it is drafted already."))
            return
        # Shown with the next turn: a thousand shifts take one to draft and one to show.
        QTimer.singleShot(0, self, lambda: self._register.touched(ROSTERS))
        days = [duty.day for duty in found]
        told = (
            self.tr("1 shift from {first} to {last} is drafted: look at it, then save."),
            self.tr("{n} shifts from {first} to {last} are drafted: look through them, then save."),
        )
        self._desk.notices.post(figures.things(count, *told, first=min(days), last=max(days)))
