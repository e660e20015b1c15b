"""The queues of a desk: one chip each with what waits there, and a key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from console.models.cases import Preset, Waiting, presets_of
from console.widgets.shared import figures
from console.widgets.shared.flow import FlowLayout
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.widgets.shared.desk import Desk

KEYS = 9
"""So many queues have a digit as their key."""


class DeskChips(QWidget):
    """The queues of a role in the order of its work; others are shown only while they are in front.

    Args:
        desk: whose role decides.
    """

    chosen = Signal()
    """The user has put another queue in front."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._waiting: dict[Preset, Waiting] = {}
        self.order = presets_of(desk.person.role)
        self.titles = self._words()
        self.buttons: dict[Preset, QPushButton] = {}
        self._group = QButtonGroup(self)
        flow = FlowLayout(self)
        flow.setContentsMargins(10, 8, 10, 4)
        for preset in (*self.order, *(other for other in Preset if other not in self.order)):
            chip = QPushButton(self.titles[preset])
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            self.buttons[preset] = chip
            self._group.addButton(chip)
            chip.clicked.connect(self.chosen)
            chip.toggled.connect(partial(self._show, preset))
            flow.addWidget(chip)
            self._show(preset)

    def _words(self) -> dict[Preset, str]:
        is_unit = self._desk.person.role == "department"
        return {
            Preset.TO_ACCEPT: self.tr("To accept"),
            Preset.TO_VERIFY: self.tr("To verify"),
            Preset.TO_FILE: self.tr("To file"),
            Preset.TO_DISPATCH: self.tr("To dispatch"),
            Preset.TO_TAKE_ON: self.tr("Inbox") if is_unit else self.tr("With the department"),
            Preset.HANDLING: self.tr("In hand") if is_unit else self.tr("In disposal"),
            Preset.TO_FEED_BACK: self.tr("To feed back"),
            Preset.TO_ORDER_CHECK: self.tr("To order a check"),
            Preset.CHECKING: self.tr("To check"),
            Preset.FAILED: self.tr("Check failed"),
            Preset.TO_CLOSE: self.tr("To close"),
            Preset.SUSPENDED: self.tr("Suspended"),
            Preset.MINE: self.tr("Mine"),
            Preset.POST: self.tr("My post's"),
            Preset.REQUESTS: self.tr("To endorse") if is_unit else self.tr("Requests"),
            Preset.REWORKED: self.tr("Sent back"),
            Preset.SUPERVISED: self.tr("Supervised"),
            Preset.REPORTED: self.tr("Reported by me"),
            Preset.DUE_SOON: self.tr("Due soon"),
            Preset.OVERDUE: self.tr("Overdue"),
            Preset.OPEN: self.tr("Open"),
            Preset.ALL: self.tr("All"),
        }

    def add_actions(self, group: str, scope: QWidget) -> None:
        """Register a command for each queue of the role; the first ones have a digit, which holds in `scope`."""
        for number, preset in enumerate(self.order, 1):
            title = self.tr("Queue: {name}").format(name=self.titles[preset])
            self._desk.actions.add(
                f"queue.show_{preset.value}",
                title,
                self.buttons[preset].click,
                group=group,
                shortcut=str(number) if number <= KEYS else "",
                scope=scope,
            )
            self._show(preset)

    @property
    def preset(self) -> Preset:
        """The queue in front."""
        return next(preset for preset, chip in self.buttons.items() if chip.isChecked())

    def put_in_front(self, preset: Preset) -> None:
        """Mark a queue as the one in front."""
        self.buttons[preset].setChecked(True)

    def show_counts(self, counts: Mapping[Preset, Waiting]) -> None:
        """Tell what waits."""
        self._waiting = dict(counts)
        for preset in self.buttons:
            self._show(preset)

    def _show(self, preset: Preset, _checked: bool = False) -> None:
        """Name, number and how many of them are past their time; an empty queue stays out of the way."""
        chip, found = self.buttons[preset], self._waiting.get(preset)
        words, lines = self.titles[preset], [self.titles[preset]]
        if found is not None:
            words += f" {figures.count(found.cases)}"
            tells_lights = preset not in {Preset.OVERDUE, Preset.DUE_SOON}
            if tells_lights and found.overdue:
                words += f"  {SYMBOL['critical']} {figures.count(found.overdue)}"
            elif tells_lights and found.soon:
                words += f"  {SYMBOL['medium']} {figures.count(found.soon)}"
            lines.append(
                self.tr("{overdue} overdue, {soon} due soon").format(
                    overdue=figures.count(found.overdue), soon=figures.count(found.soon)
                )
            )
        if preset in self.order[:KEYS]:
            lines[0] += f"  ({self.order.index(preset) + 1})"
        chip.setText(words)
        chip.setToolTip("\n".join(lines))
        is_ours = preset in self.order and (found is None or found.cases > 0)
        chip.setVisible(is_ours or chip.isChecked() or preset is self.order[0])
