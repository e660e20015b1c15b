"""The pages of the field at the administrator's desk, and their commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from console.widgets.intake.frames import FramesWindow, Owner
from console.widgets.intake.gateways import GatewaysPage
from console.widgets.intake.sensors import SensorsPage
from console.widgets.intake.terminals import TerminalsPage
from console.widgets.intake.tokens import TokensPage
from console.widgets.shared.table import RecordTable

if TYPE_CHECKING:
    from console.widgets.intake.page import IntakePage
    from console.widgets.shared.desk import Desk


KINDS: tuple[type[IntakePage], ...] = (TerminalsPage, SensorsPage, TokensPage, GatewaysPage)
TITLES = {kind.key: kind.title for kind in KINDS}
"""What the pages are called, by their keys."""


class IntakeDesk(QObject):
    """Terminals, sensors, tokens and gateways; built when the workspace is first looked at.

    Args:
        desk: database, notices and commands.
    """

    built = Signal(object)
    """A page is there now, an `IntakePage`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.canvas)
        self._desk = desk
        self.pages: dict[str, IntakePage] = {}
        self.terminals: TerminalsPage
        self.sensors: SensorsPage

    def page(self, key: str) -> IntakePage | None:
        """The page of that key; None for a key of none."""
        if key in TITLES:
            self.build()
        return self.pages.get(key)

    def build(self) -> None:
        """Make the pages and their commands, unless they are there."""
        if self.pages:
            return
        desk = self._desk
        self.terminals, self.sensors = TerminalsPage(desk), SensorsPage(desk)
        self.pages = {page.key: page for page in (self.terminals, self.sensors, TokensPage(desk), GatewaysPage(desk))}
        for page in self.pages.values():
            self.built.emit(page)
        self._add_actions()
        # What is built with the window is offered it by the window.
        export = [action for action in desk.actions if action.objectName() == "list.export"]
        for page in self.pages.values():
            for table in page.findChildren(RecordTable):
                table.addActions(export)
                table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _add_actions(self) -> None:
        add, group, terminals = self._desk.actions.add, self.tr("In the field"), self.terminals
        commands = (
            ("terminal.admit", self.tr("Let the marked terminal in"), terminals.admit, "A"),
            ("terminal.block", self.tr("Block the marked terminal"), terminals.begin_block, "B"),
            ("terminal.unblock", self.tr("Unblock the marked terminal"), terminals.unblock, "U"),
            ("terminal.withdraw", self.tr("Take the marked terminal out of its truck"),
             terminals.begin_withdraw, "W"),
            ("terminal.frames", self.tr("Raw frames of the marked terminal"), self.open_frames, "F"),
        )  # fmt: skip
        terminals.table.addActions(
            [add(key, title, work, group=group, shortcut=keys, scope=terminals) for key, title, work, keys in commands]
        )
        title = self.tr("Raw frames of the marked sensor")
        self.sensors.table.addAction(
            add("sensor.frames", title, self.open_frames, group=group, shortcut="F", scope=self.sensors)
        )

    def count(self) -> None:
        """Read each page once, so that the list of topics says what waits."""
        for page in self.pages.values():
            page.count()

    def show(self, key: str) -> None:
        """Follow the page of that key; none while it is empty."""
        for name, page in self.pages.items():
            page.activate(active=name == key)

    def open_frames(self) -> None:
        """Look up the frames of what is marked on the page in front."""
        owner = None
        if self.terminals.isVisible():
            terminal = self.terminals.marked
            if terminal is not None and terminal.vehicle_id is not None:
                owner = Owner("vehicle", terminal.vehicle_id, f"{terminal.plate} · {terminal.phone}")
        elif self.sensors.isVisible():
            row = self.sensors.marked
            if row is not None and row.sensor is not None:
                owner = Owner("sensor", row.sensor.id, row.sensor.code)
        if owner is None:
            self._desk.notices.post(self.tr("Choose a terminal of a truck, or a sensor, first."))
            return
        FramesWindow(self._desk, owner, parent=self.terminals.window()).show()
