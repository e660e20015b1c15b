"""Audit: the days of the trail at the left, their entries in the middle, one of them in full at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from console.widgets.audit.days import DayList
from console.widgets.audit.entry_panel import AuditEntryPanel
from console.widgets.audit.page import AuditPage
from console.widgets.shared.desk import Workspace
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.models.audit import Entry
    from console.widgets.audit.days import DayRow

AGAIN_MS = 5000


class AuditWorkspace(Workspace):
    """Who did what when from which machine, for supervisors and administrators."""

    key: ClassVar[str] = "audit"
    shows_selection: ClassVar[bool] = False
    left_px: ClassVar[int] = 264

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        self.days = DayList(desk)
        yield
        self.page = AuditPage(desk)
        yield
        self.entry = AuditEntryPanel(desk)
        self.left, self.middle, self.right = self.days, self.page, self.entry
        self._is_front = False
        self._wants_first = False
        self.days.chosen.connect(self._show_day)
        self.days.updated.connect(self.page.show_day)
        self.page.chosen.connect(self._show_entry)
        self.page.checked.connect(self.days.note)
        self.page.model.modelReset.connect(self._show_first)
        self.refresh_soon = Throttle(AGAIN_MS, self._follow, self)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.refresh)
        self._keys = (
            desk.actions.add(
                "audit.search", self.tr("Search in the audit trail"), self.page.search, group=self.tr("Audit"),
                shortcut="Ctrl+F /", scope=self.page,
            ),
            desk.actions.add(
                "audit.check", self.tr("Check the chain of all days"), self.days.check_all, group=self.tr("Audit"),
            ),
            desk.actions.add(
                "audit.copy_head", self.tr("Copy the head of the day"), self.page.copy_head, group=self.tr("Audit"),
            ),
        )  # fmt: skip
        self._enable_keys(enabled=False)

    def enter(self) -> None:
        """Fetch what is due."""
        self._is_front = True
        self._enable_keys(enabled=True)
        self.refresh()

    def leave(self) -> None:
        """Rest."""
        self._is_front = False
        self._enable_keys(enabled=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        if self._is_front:
            self.days.refresh()
            self.page.refresh()

    def prepare_picture(self) -> None:
        """The newest entry in full."""
        self._wants_first = True

    def _on_changes(self, changes: list[object]) -> None:
        del changes
        self.refresh_soon()

    def _follow(self) -> None:
        """Something was done somewhere: show it, unless that would move what is being read."""
        is_growing = self.page.day in {None, self.desk.now().date()}
        if self._is_front and is_growing and self.page.is_at_top:
            self.page.refresh()

    def _show_day(self, row: DayRow) -> None:
        if self.page.row is None or row.day != self.page.row.day:
            self.entry.show_nothing()
        self.page.show_day(row)

    def _show_entry(self, entry: Entry) -> None:
        self.entry.show_entry(entry, self.page.references, self.page.breach_of(entry))

    def _show_first(self) -> None:
        if self._wants_first and self.page.model.rowCount():
            self._wants_first = False
            self.page.table.selectRow(0)

    def _enable_keys(self, *, enabled: bool) -> None:
        for action in self._keys:
            action.setEnabled(enabled)
