"""Dispatch: the queue, one case in full, the figures of today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QCoreApplication

from console.widgets.cases.queue import QueuePanel
from console.widgets.flood.workspace import WaterChart
from console.widgets.shared.charts import ChartStrip
from console.widgets.shared.desk import Workspace
from console.widgets.shared.detail import DetailPanel

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from console.widgets.shared.desk import Desk

WATER_SPAN = timedelta(hours=6)


class DispatchWorkspace(Workspace):
    """Cases on list, map and in full."""

    key: ClassVar[str] = "dispatch"
    roles: ClassVar[frozenset[str]] = frozenset(
        {"acceptor", "dispatcher", "shift_leader", "department", "inspector", "supervisor", "administrator"}
    )

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(desk, parent)
        self.queue = QueuePanel(desk)
        self.detail = DetailPanel(desk, self.tr("Choose a case in the queue or anything on the map."))
        self.water = WaterChart(desk, WATER_SPAN)
        self.strip = ChartStrip([(self.water.panel, 3)])
        self.strip.setWindowTitle(self.tr("Today"))
        self.left, self.right, self.bottom = self.queue, self.detail, self.strip

    @property
    def title(self) -> str:
        """Name on its tab."""
        return QCoreApplication.translate("DispatchWorkspace", "Dispatch")

    def enter(self) -> None:
        """Fetch what is due."""
        self.queue.activate(active=True)
        self.detail.activate(active=True)
        self.water.refresh()

    def leave(self) -> None:
        """Rest."""
        self.queue.activate(active=False)
        self.detail.activate(active=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        self.queue.refresh()
        self.detail.refresh()
        self.water.refresh()

    def fold(self, *, folded: bool) -> None:
        """One line instead of the charts."""
        self.strip.fold(folded=folded)

    def keep(self) -> object:
        """The queue that is shown."""
        return self.queue.keep()

    def resume(self, kept: object) -> None:
        """Show that queue again."""
        if isinstance(kept, dict):
            self.queue.resume(kept)
