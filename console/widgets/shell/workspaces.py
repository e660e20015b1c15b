"""The workspaces there are, in the order of their tabs, and who works in each: the one place where they are listed.

Their modules are loaded when they are needed: a window has the one in front at once and the others soon after.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication

from console.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.widgets.shared.desk import Workspace


@dataclass(frozen=True)
class Room:
    """A workspace that need not be loaded yet.

    Attributes:
        key: by which it is known in code, memory and tests.
        name: on its tab, in English.
        roles: database roles whose people work in it.
        made_by: its class, as ``module:class``.
    """

    key: str
    name: str
    roles: frozenset[str]
    made_by: str

    @property
    def title(self) -> str:
        """Name on its tab, in the language of the window."""
        return QCoreApplication.translate("workspaces", self.name)

    def load(self) -> type[Workspace]:
        """Its class; the first time that takes up to a tenth of a second, on any thread."""
        module, _, name = self.made_by.partition(":")
        return cast("type[Workspace]", getattr(import_module(module), name))

    def load_all(self) -> None:
        """Load its class and what completes it."""
        for module in self.load().completed_by:
            import_module(module)


WORKSPACES = (
    Room(
        "dispatch",
        QT_TRANSLATE_NOOP("workspaces", "Dispatch"),
        frozenset({"acceptor", "dispatcher", "shift_leader", "department", "inspector", "supervisor", "administrator"}),
        "console.widgets.cases.workspace:DispatchWorkspace",
    ),
    Room(
        "drainage",
        QT_TRANSLATE_NOOP("workspaces", "Drainage"),
        frozenset({"engineer", "dispatcher", "shift_leader", "department", "supervisor", "administrator"}),
        "console.widgets.drainage.workspace:DrainageWorkspace",
    ),
    Room(
        "fleet",
        QT_TRANSLATE_NOOP("workspaces", "Trucks"),
        frozenset({"acceptor", "dispatcher", "shift_leader", "supervisor", "administrator"}),
        "console.widgets.fleet.workspace:FleetWorkspace",
    ),
    Room(
        "flood",
        QT_TRANSLATE_NOOP("workspaces", "Flood"),
        frozenset({"acceptor", "dispatcher", "shift_leader", "engineer", "supervisor", "administrator"}),
        "console.widgets.flood.workspace:FloodWorkspace",
    ),
    Room(
        "supervision",
        QT_TRANSLATE_NOOP("workspaces", "Supervision"),
        frozenset({"dispatcher", "shift_leader", "supervisor", "administrator"}),
        "console.widgets.supervision.workspace:SupervisionWorkspace",
    ),
    Room(
        "alarm_rules",
        QT_TRANSLATE_NOOP("workspaces", "Alarm rules"),
        frozenset({"shift_leader", "administrator"}),
        "console.widgets.alarm_rules.workspace:AlarmRulesWorkspace",
    ),
    Room(
        "audit",
        QT_TRANSLATE_NOOP("workspaces", "Audit"),
        frozenset({"supervisor", "administrator"}),
        "console.widgets.audit.workspace:AuditWorkspace",
    ),
    Room(
        "configuration",
        QT_TRANSLATE_NOOP("workspaces", "Configuration"),
        frozenset({"administrator"}),
        "console.widgets.configuration.workspace:ConfigurationWorkspace",
    ),
)


def rooms_of(role: str) -> tuple[Room, ...]:
    """The workspaces of whoever has `role`; none for a role that does not work in the console."""
    return tuple(room for room in WORKSPACES if role in room.roles)


def front(rooms: Sequence[Room], remembered: str) -> Room:
    """The one that comes to the front: the one that was there last time, else the first."""
    return next((room for room in rooms if room.key == remembered), rooms[0])
