"""The queue panel: presets with their counts, filters, the list."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from console.models import cases
from console.models.cases import CaseRow, Preset, Waiting
from console.models.cases.choices import Choices, choices
from console.widgets.cases.desk_chips import DeskChips
from console.widgets.cases.handover import ShiftDesk
from console.widgets.cases.marking import Marking
from console.widgets.cases.queue_list import QueueDelegate, QueueList
from console.widgets.cases.queue_listing import queue_listing
from console.widgets.cases.queue_model import ROW, QueueModel
from console.widgets.cases.saved_filters import SavedFilters
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.panel import ElidedLabel, Heading, Stateful, line, margins
from console.widgets.shared.presence import names_of
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from PySide6.QtGui import QResizeEvent

    from console.database.feed import Change
    from console.widgets.cases.filter_bar import FilterBar
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.listing import Listing

log = logging.getLogger(__name__)
COUNTS_MS = 500
QUIET_RELOAD_MS = 300
ROOM_PX = 840
"""A panel that is lower has no room for a form, chips and filters at once."""


class QueuePanel(QWidget):
    """All cases, one queue at a time.

    Args:
        desk: whose selection it follows and sets.
        preset: the queue that is shown first; None is the whole history.
        filters: what narrows it down.
    """

    counted = Signal(dict)
    """What waits in each queue, a `Waiting` by preset."""
    form_shown = Signal(bool)
    """A form of the desk has come above the queue, or the last one has gone."""

    def __init__(self, desk: Desk, preset: Preset | None, filters: FilterBar) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Case queue"))
        self._desk = desk
        self._is_active = False
        self._is_following = False
        self._next: int | None = None
        self.heading = Heading(self.tr("Case queue"))
        self.desks = DeskChips(desk)
        self.presets = self.desks.buttons
        self.filters = filters
        self.saved = SavedFilters(desk, self.keep, self)
        self.filters.row.addWidget(self.saved.button)
        self.model = QueueModel(desk.operations, self)
        self.list = QueueList()
        self.list.setModel(self.model)
        self.marks = Marking(desk, self.list, self.model)
        self.shift = ShiftDesk(desk, self.marks, self)
        chinese = desk.language == "zh_CN"
        self.list.setItemDelegate(QueueDelegate(desk.now, self._viewers, self.marks.__contains__, chinese=chinese))
        self.state = Stateful(self.list, self.reload)
        self.newer = QPushButton(self.tr("The queue has changed · R shows it"))
        self.newer.clicked.connect(self.reload)
        self.hint = ElidedLabel(self.tr("J/K next · Enter go there · Space mark · / search"), "secondary")
        self.hint.setContentsMargins(12, 6, 12, 6)
        # In the place of the hint: above the list it would push the rows away from under the hand.
        self.told = QStackedWidget()
        self.told.addWidget(self.hint)
        self.told.addWidget(self.newer)
        self.told.setFixedHeight(self.newer.sizeHint().height())
        self._lay_out()
        self.desks.chosen.connect(self._show)
        self.filters.changed.connect(self._show)
        self.saved.chosen.connect(lambda found: self.resume(found.wanted))
        self.model.loaded.connect(self._on_loaded)
        self.model.failed.connect(self._on_failed)
        self.model.stale.connect(self._on_stale)
        self.marks.changed.connect(self._tell_marks)
        self.list.opened.connect(self._open)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.clicked.connect(lambda index: self._on_current(index, index))
        desk.selection.changed.connect(self._follow)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.refresh)
        desk.changes.presence_changed.connect(self._on_presence)
        self._count = Throttle(COUNTS_MS, self._ask_counts, self)
        self._reload_quietly = Throttle(QUIET_RELOAD_MS, self.model.reload, self)
        self.desks.put_in_front(preset or Preset.ALL)
        self._forms: set[QObject] = set()
        self.shift.form.installEventFilter(self)
        self.saved.form.installEventFilter(self)

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.heading)
        box.addWidget(self.shift.strip)
        box.addWidget(self.shift.form)
        box.addWidget(self.desks)
        box.addWidget(self.filters)
        box.addWidget(self.saved.form)
        box.addWidget(line())
        box.addWidget(self.state, 1)
        self._foot = line()
        box.addWidget(self._foot)
        box.addWidget(self.told)

    @property
    def preset(self) -> Preset:
        """The queue that is shown."""
        return self.desks.preset

    def show_form(self, form: QWidget) -> None:
        """Give a form its place above the queue."""
        box = self.layout()
        if isinstance(box, QVBoxLayout):
            box.insertWidget(1, form)
        form.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A form comes or goes."""
        if event.type() in {QEvent.Type.ShowToParent, QEvent.Type.HideToParent}:
            (self._forms.add if event.type() == QEvent.Type.ShowToParent else self._forms.discard)(watched)
            self._make_room()
            self.form_shown.emit(bool(self._forms))
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for all again."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """In a low window a form stands in the place of what narrows the queue down; its keys go on to hold."""
        # What is saved as a filter stays to be seen while its name is typed.
        is_cramped = bool(self._forms - {self.saved.form}) and self.height() < ROOM_PX
        for part in (self.desks, self.filters, self._foot, self.told):
            part.setVisible(not is_cramped)

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes."""
        first = active and not self._is_active and self.model.rowCount() == 0
        self._is_active = active
        self.filters.activate(active=active)
        self.saved.activate(active=active)
        self.shift.activate(active=active)
        if first:
            self.state.show_loading()
            self._desk.operations.read(self, choices, self._show_choices, lambda _error: None, key="choices")
            self._show()
        if active:
            self._count()

    def show_cases(self, wanted: Mapping[str, object], preset: Preset = Preset.ALL) -> None:
        """Show the cases behind a number: set the fields of `wanted` and nothing else."""
        self.filters.clear()
        for key, value in wanted.items():
            self.filters.set_field(key, value)
        self.desks.put_in_front(preset)
        self._show()

    def listing(self) -> Listing:
        """Every case of the queue in front, not only those that were fetched."""
        title = f"{self.tr('Case queue')} {self.desks.titles[self.preset]}"
        chinese = self._desk.language == "zh_CN"
        return queue_listing(title, self.model.filter, self.model.order, self.model.rowCount(), chinese=chinese)

    def words(self) -> str:
        """Which cases are listed: the queue, and what it is narrowed down to."""
        return " · ".join([self.desks.titles[self.preset], *self.filters.words()])

    def take_keyboard(self) -> None:
        """Let the user type what to search for."""
        self.filters.text.setFocus()
        self.filters.text.selectAll()

    def select_first(self) -> None:
        """Select the first case, now or when it has come; a queue with nothing in it gives way to all open cases."""
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))
        else:
            self.desks.put_in_front(Preset.OPEN)
            self.model.loaded.connect(
                lambda: self.list.setCurrentIndex(self.model.index(0)), Qt.ConnectionType.SingleShotConnection
            )
            self._show()

    def note_next(self, case_id: int, leaving: Collection[int] = ()) -> None:
        """Remember which case comes after this one, before the queue changes with it and with those that leave it."""
        row = self.model.row_of(case_id)
        self._next = None
        if row is None:
            return
        reach = len(leaving) + 1
        for place in (*range(row + 1, row + reach + 1), *range(row - 1, row - reach - 1, -1)):
            found = self.model.index(place).data(ROW) if 0 <= place < self.model.rowCount() else None
            if isinstance(found, CaseRow) and found.id not in leaving:
                self._next = found.id
                return

    def go_on(self, case_id: int) -> None:
        """Select the case that came after this one, and show the queue as it is now."""
        if self._next is not None and self._desk.selection.thing == Thing("case", str(case_id)):
            self._desk.selection.select(Thing("case", str(self._next)))
        self.reload()

    def reload(self) -> None:
        """Fetch the queue anew, keeping the selected row where it is on the screen."""
        self.told.setCurrentWidget(self.hint)
        self.model.reload()

    def refresh(self) -> None:
        """The database is back or changes were missed."""
        if self._is_active:
            self.reload()
            self._count()

    def keep(self) -> dict[str, object]:
        """What is set, in the form in which filters are saved."""
        return {"preset": self.preset.value, **self.filters.keep()}

    def resume(self, kept: Mapping[str, object]) -> None:
        """Set what `keep` gave and nothing else."""
        known = {preset.value: preset for preset in self.presets}
        self.desks.put_in_front(known.get(str(kept.get("preset")), Preset.ALL))
        self.filters.resume(kept)
        self._show()

    def _show_choices(self, found: Choices) -> None:
        self.filters.show_choices(found)

    def _show(self) -> None:
        self.told.setCurrentWidget(self.hint)
        self.list.scrollToTop()
        self.model.show(self.filters.wanted(self.preset), self.filters.wanted_order(self.preset))

    def _on_loaded(self) -> None:
        total = self.model.rowCount()
        log.info("queue %s shows %d cases", self.preset, total)
        if total:
            self.state.show_content()
            self._follow(self._desk.selection.thing)
        elif self.filters.is_set:
            words = self.tr("No case fits these filters.")
            if self.preset is not Preset.ALL:
                words = self.tr("No case of this queue fits these filters. “{all}” looks through the whole history.")
                words = words.format(all=self.desks.titles[Preset.ALL])
            self.state.show_empty(words, "mdi6.filter-off-outline")
        else:
            self.state.show_empty(self.tr("Nothing waits here."), "mdi6.check-circle-outline")
        self._tell(total)

    def _tell(self, total: int) -> None:
        remark = figures.things(total, self.tr("1 case"), self.tr("{n} cases"))
        if self.marks:
            remark = self.tr("{n} marked · {cases}").format(n=len(self.marks), cases=remark)
        self.heading.say(self.tr("Case queue"), remark)

    def _tell_marks(self) -> None:
        self.list.has_marks = bool(self.marks)
        self._tell(self.model.rowCount())

    def _on_failed(self, error: Exception) -> None:
        if self.model.rowCount() == 0:
            self.state.show_failed(self._desk.notices.words_for(error))

    def _on_changes(self, changes: Sequence[Change]) -> None:
        ids = [int(c.key) for c in changes if c.subject == "case_file"]
        if ids and self._is_active:
            self.model.note_changes(ids)
            self._count()

    def _viewers(self, case_id: int) -> str:
        return names_of(self._desk.changes.presence.others(case_id), self._desk)

    def _on_presence(self, case_ids: frozenset[int]) -> None:
        for case_id in case_ids:
            row = self.model.row_of(case_id)
            if row is not None:
                self.list.update(self.model.index(row))

    def _on_stale(self) -> None:
        """Rows may have come or gone: show it by itself only where nobody's hand is."""
        at_top = self.list.verticalScrollBar().value() == 0
        if at_top and not self.list.is_in_hand and not self.filters.text.hasFocus():
            self._reload_quietly()
        else:
            self.told.setCurrentWidget(self.newer)

    def _ask_counts(self) -> None:
        if self._is_active:
            count = partial(cases.preset_counts, role=self._desk.person.role)
            self._desk.operations.read(self, count, self._show_counts, lambda _error: None, key="counts")

    def _show_counts(self, counts: dict[Preset, Waiting]) -> None:
        self.desks.show_counts(counts)
        self.counted.emit(counts)

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = current.data(ROW)
        if isinstance(row, CaseRow) and not self._is_following:
            self._desk.selection.select(Thing("case", str(row.id)))

    def _follow(self, thing: Thing | None) -> None:
        """Another panel or the map selected something: mark it here if it is on a page that is known."""
        if not self._is_active:
            return
        row = self.model.row_of(int(thing.key)) if thing is not None and thing.subject == "case" else None
        self._is_following = True
        if row is None:
            self.list.selectionModel().clear()
        else:
            index = self.model.index(row)
            # Rows that have just come count before it scrolls: else it would stop short of the last of them.
            self.list.doItemsLayout()
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(index, flags)
        self._is_following = False

    def _open(self, row: CaseRow) -> None:
        self._desk.selection.select(Thing("case", str(row.id)))
        self._desk.show_place(row.x, row.y, nearer=True)
