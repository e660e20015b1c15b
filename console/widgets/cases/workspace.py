"""Dispatch: the queue, one case in full, the figures of today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QCoreApplication

from console.models.cases import Preset, presets_of
from console.widgets.cases.move_bar import MoveBar
from console.widgets.cases.queue import QueuePanel
from console.widgets.cases.today import TodayCharts
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
        self.queue = QueuePanel(desk, presets_of(desk.person.role)[0])
        self.moves = MoveBar(desk)
        hint = self.tr("Choose a case in the queue or anything on the map.")
        self.detail = DetailPanel(desk, hint, self.moves)
        self.detail.past_shown.connect(self.moves.hold)
        self.moves.opened.connect(self.right_wanted)
        self.moves.closed.connect(self._take_keyboard_back)
        self.moves.sending.connect(self.queue.note_next)
        self.moves.moved.connect(self._on_moved)
        self.water = WaterChart(desk, WATER_SPAN)
        self.today = TodayCharts(desk)
        board, hours, zones = self.today.panels
        self.strip = ChartStrip([(board, 4), (hours, 5), (self.water.panel, 5), (zones, 4)])
        self.today.shown.connect(lambda found: self.strip.folded_line.setText(self.today.line_of(found)))
        self.today.zones.clicked.connect(self._show_zone)
        self.today.figures.clicked.connect(self._show_figure)
        self.strip.setWindowTitle(self.tr("Today"))
        self.left, self.right, self.bottom = self.queue, self.detail, self.strip
        self._add_actions()

    def _add_actions(self) -> None:
        add, group, queue = self.desk.actions.add, self.tr("Queue"), self.queue
        add("queue.next", self.tr("Next case"), lambda: queue.list.step(1), group=group, shortcut="J", scope=queue)
        add(
            "queue.previous",
            self.tr("Case before"),
            lambda: queue.list.step(-1),
            group=group,
            shortcut="K",
            scope=queue,
        )
        queue.desks.add_actions(group, queue)
        add("queue.search", self.tr("Search in the queue"), queue.take_keyboard, group=group, shortcut="/", scope=queue)
        add("queue.filters", self.tr("More filters"), queue.filters.more.toggle, group=group, shortcut="Ctrl+F")
        add(
            "queue.area",
            self.tr("Only cases in an area drawn on the map"),
            queue.filters.start_drawing,
            group=group,
            shortcut="Ctrl+Shift+F",
        )
        add("queue.save", self.tr("Save this filter"), queue.saved.form.open, group=group, shortcut="Ctrl+D")
        queue.saved.add_actions(group)
        self.moves.add_actions(self.tr("Case"))
        add("queue.reload", self.tr("Refresh the queue"), queue.reload, group=group, shortcut="R F5", scope=queue)

    @property
    def title(self) -> str:
        """Name on its tab."""
        return QCoreApplication.translate("DispatchWorkspace", "Dispatch")

    def enter(self) -> None:
        """Fetch what is due."""
        self._enable_keys(enabled=True)
        self.queue.activate(active=True)
        self.detail.activate(active=True)
        self.moves.activate(active=True)
        self.today.activate(active=True)
        self.water.refresh()

    def leave(self) -> None:
        """Rest."""
        self._enable_keys(enabled=False)
        self.queue.activate(active=False)
        self.detail.activate(active=False)
        self.moves.activate(active=False)
        self.today.activate(active=False)

    def _enable_keys(self, *, enabled: bool) -> None:
        """What is done to the queue is done where it is seen."""
        for key in ("queue.filters", "queue.area", "queue.save"):
            self.desk.actions[key].setEnabled(enabled)

    def refresh(self) -> None:
        """Fetch everything anew."""
        self.queue.refresh()
        self.detail.refresh()
        self.moves.refresh()
        self.today.refresh()
        self.water.refresh()

    def fold(self, *, folded: bool) -> None:
        """One line instead of the charts."""
        self.strip.fold(folded=folded)

    def _take_keyboard_back(self) -> None:
        """The keys of queue and case hold again."""
        (self.queue.list if self.queue.list.isVisible() else self.desk.canvas).setFocus()

    def _on_moved(self, case_id: int, has_left: bool) -> None:
        """On to the next case, if this one has left the state that it was in; else it is shown as it is now."""
        if has_left:
            self.queue.go_on(case_id)
        self.detail.refresh()

    def _show_zone(self, place: int) -> None:
        """The open cases of the zone whose bar was clicked."""
        self.queue.show_cases({"zone_ids": self.today.zone_ids[place]}, Preset.OPEN)

    def _show_figure(self, place: int) -> None:
        """The cases behind a figure of today."""
        behind: list[tuple[dict[str, object], Preset]] = [
            ({"period": 1}, Preset.ALL),
            ({"states": "closed", "period": 1}, Preset.ALL),
            ({}, Preset.ALL),
            ({}, Preset.OVERDUE),
        ]
        self.queue.show_cases(*behind[place])

    def prepare_picture(self) -> None:
        """The first case of the queue, when it has come."""
        self.queue.select_first()

    def keep(self) -> object:
        """The queue that is shown."""
        return self.queue.keep()

    def resume(self, kept: object) -> None:
        """Show that queue again."""
        if isinstance(kept, dict):
            self.queue.resume(kept)
