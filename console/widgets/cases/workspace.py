"""Dispatch: the queue, one case in full, the figures of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QToolButton

from console.models.cases import presets_of
from console.widgets.cases.batch_bar import BatchBar
from console.widgets.cases.filter_bar import FilterBar
from console.widgets.cases.move_bar import MoveBar
from console.widgets.cases.queue import QueuePanel
from console.widgets.cases.report_desk import ReportDesk
from console.widgets.shared.charts import ChartStrip
from console.widgets.shared.desk import Workspace
from console.widgets.shared.detail import DetailPanel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.widgets.cases.day_charts import DayCharts
    from console.widgets.cases.report_form import Prefill


class DispatchWorkspace(Workspace):
    """Cases on list, map and in full."""

    key: ClassVar[str] = "dispatch"
    completed_by: ClassVar[tuple[str, ...]] = ("console.widgets.cases.day_charts",)

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        filters = FilterBar(desk)
        yield
        self.queue = QueuePanel(desk, presets_of(desk.person.role)[0], filters)
        yield
        self.moves = MoveBar(desk)
        yield
        self.batch = BatchBar(desk, self.queue.marks, self.moves.choices)
        self.queue.model.own = lambda: self.moves.under_way | self.batch.under_way
        self.reports = ReportDesk(desk, self.moves.choices, self)
        self.reports.opened.connect(self.queue.show_form)
        self.reports.reported.connect(lambda _id: self._on_reported())
        yield
        hint = self.tr("Choose a case in the queue or anything on the map.")
        self.detail = DetailPanel(desk, hint, self.moves, self.batch)
        self._is_past = False
        self.detail.past_shown.connect(self._hold_moves)
        self.queue.marks.changed.connect(lambda: self._hold_moves(self._is_past))
        for bar in (self.moves, self.batch):
            self.queue.form_shown.connect(bar.stand_back)
            bar.opened.connect(self.right_wanted)
            bar.closed.connect(self._take_keyboard_back)
        yield
        self.moves.sending.connect(self.queue.note_next)
        self.moves.moved.connect(self._on_moved)
        self.batch.sending.connect(self._note_next)
        self.batch.moved.connect(self._on_many_moved)
        self.strip = ChartStrip()
        self.charts: DayCharts | None = None
        self._is_active = False
        self.strip.setWindowTitle(self.tr("Today"))
        self.left, self.right, self.bottom = self.queue, self.detail, self.strip
        yield
        self._add_actions()

    def complete(self) -> Iterator[None]:
        """Draw the charts."""
        from console.widgets.cases.day_charts import DayCharts  # noqa: PLC0415 - one of `completed_by`

        charts = DayCharts(self.desk, self.strip, self.queue)
        yield from charts.build()
        self.charts = charts
        if self._is_active:
            charts.activate(active=True)

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
        rows, marks, marking = queue.list, queue.marks, self.tr("Several cases")
        add(
            "marks.toggle", self.tr("Mark this case"), marks.toggle_current, group=marking, shortcut="Space", scope=rows
        )
        add("marks.next", self.tr("Mark the next case too"), lambda: marks.extend(1), group=marking,
            shortcut="Shift+J Shift+Down", scope=rows)  # fmt: skip
        add("marks.previous", self.tr("Mark the case before too"), lambda: marks.extend(-1), group=marking,
            shortcut="Shift+K Shift+Up", scope=rows)  # fmt: skip
        add("marks.all", self.tr("Mark the whole queue"), marks.mark_all, group=marking, shortcut="Ctrl+A", scope=rows)
        add("marks.clear", self.tr("Take all marks off"), marks.clear, group=marking)
        self.batch.add_actions(marking)
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
        queue.shift.add_actions(self.tr("Shift"))
        self.reports.add_actions(self.tr("Case"))
        if self.reports.sources:
            button = QToolButton()
            button.setDefaultAction(self.desk.actions["case.report"])
            queue.filters.row.addWidget(button)
        self.moves.add_actions(self.tr("Case"))
        add("queue.reload", self.tr("Refresh the queue"), queue.reload, group=group, shortcut="R F5", scope=queue)

    def enter(self) -> None:
        """Fetch what is due."""
        self._enable_keys(enabled=True)
        self.queue.activate(active=True)
        self.detail.activate(active=True)
        self.moves.activate(active=True)
        self.batch.activate(active=True)
        self._activate_charts(active=True)

    def leave(self) -> None:
        """Rest."""
        self._enable_keys(enabled=False)
        self.queue.activate(active=False)
        self.detail.activate(active=False)
        self.moves.activate(active=False)
        self.batch.activate(active=False)
        self._activate_charts(active=False)

    def _activate_charts(self, *, active: bool) -> None:
        self._is_active = active
        if self.charts is not None:
            self.charts.activate(active=active)

    def _enable_keys(self, *, enabled: bool) -> None:
        """What is done to the queue is done where it is seen."""
        for key in ("queue.filters", "queue.area", "queue.save", *(("case.report",) if self.reports.sources else ())):
            self.desk.actions[key].setEnabled(enabled)

    def report(self, filled: Prefill) -> bool:
        """Begin a report that something else brings; whether the post reports at all."""
        if self.reports.sources and self.desk.person.role != "inspector":
            self.reports.begin_with(filled)
            return True
        return False

    def refresh(self) -> None:
        """Fetch everything anew."""
        self.queue.refresh()
        self.detail.refresh()
        self.moves.refresh()
        if self.charts is not None:
            self.charts.refresh()

    def fold(self, *, folded: bool) -> None:
        """One line instead of the charts."""
        self.strip.fold(folded=folded)

    def _take_keyboard_back(self) -> None:
        """The keys of queue and case hold again."""
        (self.queue.list if self.queue.list.isVisible() else self.desk.canvas).setFocus()

    def _on_reported(self) -> None:
        self.queue.reload()
        # A list that gets the keyboard takes its first row for chosen; the new case stays the one in front.
        self.desk.canvas.setFocus()

    def _on_moved(self, case_id: int, has_left: bool) -> None:
        """On to the next case, if this one has left the state that it was in; else it is shown as it is now.

        It may have left the queue all the same, as what was asked for and is answered does.
        """
        if has_left:
            self.queue.go_on(case_id)
        else:
            self.queue.reload()
        self.detail.refresh()

    def _hold_moves(self, is_past: bool) -> None:
        """The case in front is not moved while it is shown as it was once, or while several are marked."""
        self._is_past = is_past
        self.moves.hold(is_past or bool(self.queue.marks))

    def _open_case(self) -> int | None:
        thing = self.desk.selection.thing
        return int(thing.key) if thing is not None and thing.subject == "case" else None

    def _note_next(self, leaving: tuple[int, ...]) -> None:
        case_id = self._open_case()
        if case_id in leaving:
            self.queue.note_next(case_id, leaving)

    def _on_many_moved(self, moved: tuple[int, ...]) -> None:
        """Show the queue as it is now; if the case in front has gone with the others, the next one comes."""
        case_id = self._open_case()
        if case_id in moved:
            self.queue.go_on(case_id)
        else:
            self.queue.reload()
        self.detail.refresh()

    def prepare_picture(self) -> None:
        """The first case of the queue, when it has come."""
        self.queue.select_first()

    def keep(self) -> object:
        """The queue that is shown, and all that is written and not sent."""
        return {
            "queue": self.queue.keep(),
            "opinions": self.moves.keep(),
            "notes": self.queue.shift.form.notes.toPlainText(),
            "reports": self.reports.keep(),
        }

    def resume(self, kept: object) -> None:
        """Show that queue again, and go on with what was written."""
        if isinstance(kept, dict):
            self.queue.resume(kept["queue"])
            self.moves.resume(kept["opinions"])
            self.queue.shift.form.notes.setPlainText(kept["notes"])
            self.reports.resume(kept["reports"])
