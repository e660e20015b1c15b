"""Permits, traffic areas and sites in the fleet: lists, the row that is looked at, the map, and their commands."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.models.haulage.records import next_number
from console.widgets.fleet.book import AREAS, DUMP_SITES, KINDS, PERMITS, WORK_SITES, Book, Kind
from console.widgets.fleet.checking import Checker, RouteTools
from console.widgets.fleet.entry import EntryPanel
from console.widgets.fleet.lists import TRUCKS, FleetLists, RowList
from console.widgets.fleet.shapes import extent_of
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from console.widgets.shared.desk import Desk
    from console.widgets.shared.detail import DetailPanel

BY_KEY = {kind.key: kind for kind in KINDS}
VALID_DAYS = 30
"""For so long a new permit is valid, until somebody says otherwise."""


class HaulageDesk(QObject):
    """Keeps list, form and map together.

    Args:
        desk: what the workspaces share.
        trucks: the list of trucks, beside which the others stand.
        detail: whose place the form of a row takes while one is looked at.
        workspace: key of the workspace that all this is in.
    """

    wanted = Signal()
    """The form has something to show: the right panel is to be seen."""

    def __init__(self, desk: Desk, trucks: QWidget, detail: DetailPanel, workspace: str) -> None:
        super().__init__(detail)
        self._desk, self._detail, self._workspace = desk, detail, workspace
        self._is_front = False
        self._trucks = trucks
        self.book = Book(desk, self)

    def build(self) -> Iterator[None]:
        """Make lists and form, a step a turn."""
        desk = self._desk
        lists = {}
        for kind in KINDS:
            lists[kind.key] = RowList(desk, self.book, kind)
            yield
        self.lists = FleetLists(self._trucks, lists)
        yield
        self.entry = EntryPanel(desk, self.book)
        self.entry.setParent(self._detail)
        self.entry.hide()
        yield
        self.checker = Checker(desk, self.book, self)
        self.tools = RouteTools(desk, self.book, self.entry, self.checker)
        self.entry.add_below(self.tools)
        self.checker.judged.connect(self.lists.rows[PERMITS.key].refresh)
        for key, rows in self.lists.rows.items():
            kind = BY_KEY[key]
            rows.chosen.connect(partial(self.choose, kind))
            rows.opened.connect(partial(self._open, kind))
            rows.wanted.connect(partial(self.begin, kind))
        self.entry.told.connect(self._tell)
        self.entry.closed.connect(self._closed)
        self.entry.made.connect(self._made)
        self.entry.saved.connect(self._saved)
        self.lists.shown.connect(self._on_list)
        desk.clock.turned.connect(self._on_turned)
        desk.selection.changed.connect(self._on_selected)
        self._add_actions()

    def _add_actions(self) -> None:
        add, group = self._desk.actions.add, self.tr("Permits and areas")
        lists = {
            TRUCKS: self.tr("List of trucks"),
            PERMITS.key: self.tr("List of permits"),
            AREAS.key: self.tr("List of traffic areas"),
            WORK_SITES.key: self.tr("List of work sites"),
            DUMP_SITES.key: self.tr("List of dump sites"),
        }
        for place, (key, title) in enumerate(lists.items(), 1):
            add(f"haulage.list.{key}", title, partial(self.show_list, key), group=group, shortcut=f"Ctrl+Alt+{place}")
        self._keys = []
        if self.book.is_editor:
            for kind in KINDS:
                title = QCoreApplication.translate("words", kind.new)
                add(f"haulage.new.{kind.key}", title, partial(self._go_and_begin, kind), group=group)
            self._keys = [
                add("haulage.new", self.tr("New in the list in front"), self._begin_here, group=group,
                    shortcut="Ctrl+Alt+N"),
                add("haulage.save", self.tr("Save what is looked at"), self.entry.store, group=group,
                    shortcut="Ctrl+S"),
                add("haulage.copy", self.tr("New like what is looked at"), self.entry.twin, group=group,
                    shortcut="Ctrl+Alt+C"),
                add("haulage.renew", self.tr("Renew the permit that is looked at"), self.entry.prolong, group=group,
                    shortcut="Ctrl+Alt+R"),
                add("haulage.draw", self.tr("Draw what is looked at, or change it on the map"), self.draw, group=group,
                    shortcut="Ctrl+Alt+D"),
                add("haulage.propose", self.tr("Propose the route of the permit"), self.tools.ask_way, group=group,
                    shortcut="Ctrl+Alt+W"),
                add("haulage.via", self.tr("Let the route pass a place on the map"), self.tools.pick_via, group=group,
                    shortcut="Ctrl+Alt+V"),
                add("haulage.turn", self.tr("Turn the route round"), self.tools.turn_round, group=group),
                add("haulage.end", self.tr("Revoke the permit, or take the area or site away"), self.entry.take_away,
                    group=group),
            ]  # fmt: skip
            self._enable_keys(enabled=False)

    def activate(self, *, active: bool) -> None:
        """The workspace comes to the front, or goes: then nothing of this is left on the map."""
        self._is_front = active
        self.book.activate(active=active)
        self.checker.activate(active=active)
        self._enable_keys(enabled=active)
        if not active:
            self.entry.close_entry()

    def show_list(self, key: str) -> None:
        """Bring a list to the front, from wherever one is."""
        self._come_to_front()
        self.lists.show_list(key)

    def choose(self, kind: Kind, key: str) -> None:
        """Look at a row."""
        draft = self.book.drafts[kind.key]
        if key not in draft.keys:
            return
        self._desk.selection.select(None if draft.is_added(key) else self._thing(kind, key))
        self._show(kind, key)
        extent = extent_of(draft.values(key).get("shape"))
        if extent is not None:
            self._desk.show_place(*extent.centre)

    def begin(self, kind: Kind) -> None:
        """A new row."""
        values: dict[str, object] = {}
        if kind is PERMITS:
            today = self._desk.now().astimezone(figures.CITY_TIME).date()
            values = {"valid_from": today, "valid_to": today + timedelta(days=VALID_DAYS), **self._number()}
        key = self.book.drafts[kind.key].add(values)
        self.book.touched(kind, key)
        self.choose(kind, key)
        if self.entry.form is not None:
            self.entry.form.focus_first()

    def draw(self) -> None:
        """Draw the shape of the row that is looked at, or end that."""
        if self.entry.form is not None and self.entry.form.shape is not None and self.entry.may_edit:
            self.entry.form.shape.draw()

    def _number(self) -> dict[str, object]:
        draft = self.book.drafts[PERMITS.key]
        numbers = [str(draft.values(key).get("permit_no") or "") for key in draft.keys]
        number = next_number(numbers, self._desk.now().astimezone(figures.CITY_TIME).year)
        return {"permit_no": number} if number else {}

    def _begin_here(self) -> None:
        if self.lists.current in BY_KEY:
            self.begin(BY_KEY[self.lists.current])

    def _go_and_begin(self, kind: Kind) -> None:
        self.show_list(kind.key)
        if self.book.may_edit:
            self.begin(kind)

    def _come_to_front(self) -> None:
        if not self._is_front:
            self._desk.actions[f"workspace.{self._workspace}"].trigger()

    def _enable_keys(self, *, enabled: bool) -> None:
        for action in self._keys:
            action.setEnabled(enabled and self.book.may_edit)

    def _on_turned(self) -> None:
        self._enable_keys(enabled=self._is_front)

    def _thing(self, kind: Kind, key: str) -> Thing:
        """What is selected with a row; a site is known to the rest of the window by its code."""
        if kind in {WORK_SITES, DUMP_SITES}:
            row = self.book.drafts[kind.key].stored(key)
            return Thing("site", str(row.values["code"]) if row is not None else key)
        return Thing(kind.key, key)

    def _show(self, kind: Kind, key: str) -> None:
        self.lists.rows[kind.key].table.mark(key)
        if self.lists.current != kind.key:
            self.lists.show_list(kind.key)
        self.entry.open(kind, key)
        self._detail.show_errand(self.entry)
        self.wanted.emit()

    def _open(self, kind: Kind, key: str) -> None:
        self.choose(kind, key)
        extent = extent_of(self.book.drafts[kind.key].values(key).get("shape"))
        if extent is not None:
            self._desk.canvas.zoom_to(extent, margin_px=80)

    def _made(self, key: str) -> None:
        kind = self.entry.kind
        if kind is None:
            return
        if kind is PERMITS:
            for name, value in self._number().items():
                self.book.drafts[kind.key].set(key, name, value)
        self.book.touched(kind, key)
        self.choose(kind, key)

    def _saved(self, key: str) -> None:
        if self.entry.kind is not None:
            self.choose(self.entry.kind, key)

    def _closed(self) -> None:
        self._detail.show_errand(None)

    def _tell(self, title: str, remark: str) -> None:
        self._detail.heading.say(title, remark)

    def _on_list(self, key: str) -> None:
        """Another list is in front: what was looked at in the one before is put away."""
        if self.entry.kind is not None and self.entry.kind.key != key:
            self.entry.close_entry()

    def _on_selected(self, thing: Thing | None) -> None:
        """Somebody selects something on the map or elsewhere."""
        if not self._is_front:
            return
        kind, key = self.entry.kind, self.entry.key
        if thing is not None and thing.subject in BY_KEY:
            if (kind, key) != (BY_KEY[thing.subject], thing.key):
                self.choose(BY_KEY[thing.subject], thing.key)
        elif kind is not None and key is not None and thing is not None and thing != self._thing(kind, key):
            self.entry.close_entry()
