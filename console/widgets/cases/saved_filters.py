"""Saved filters: what is set in the filter bar gets a name and a key, for oneself or for the whole department."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from console.models.cases import saved
from console.models.cases.saved import SLOTS, SavedFilter
from console.widgets.shared.panel import keeps_key, label, margins
from console.widgets.shared.style import icon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QAction, QKeyEvent

    from console.database.feed import Change
    from console.widgets.shared.desk import Desk

OWN_KEY, SHARED_KEY = "Alt+{n}", "Alt+Shift+{n}"


def key_of(found: SavedFilter) -> str:
    """The key of a saved filter as people read it; empty when it has none."""
    if found.slot is None:
        return ""
    sequence = QKeySequence((SHARED_KEY if found.is_shared else OWN_KEY).format(n=found.slot))
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)


class SavedFilters(QObject):
    """Keeps the saved filters of this person and his department; `button` opens them, `form` saves one.

    Args:
        desk: whose person they belong to.
        wanted: gives what is set now, as it is saved.
        parent: keeps it alive.
    """

    chosen = Signal(object)
    """The `SavedFilter` that is wanted."""

    def __init__(self, desk: Desk, wanted: Callable[[], dict[str, object]], parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._wanted = wanted
        self._is_active = False
        self.filters: list[SavedFilter] = []
        self._actions: dict[tuple[int, bool], QAction] = {}
        self.button = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setIcon(icon("mdi6.bookmark-outline"))
        self.button.setToolTip(self.tr("Saved filters"))
        self.menu = QMenu(self.button)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.button.setMenu(self.menu)
        self.form = SavingForm()
        self.form.wanted.connect(self._save)
        desk.changes.changed.connect(self._on_changes)

    def add_actions(self, group: str) -> None:
        """Register a command for each key; it is there while a filter has that key, under the filter's name."""
        for slot in SLOTS:
            for is_shared in (False, True):
                action = self._desk.actions.add(
                    f"queue.saved_{'shared' if is_shared else 'own'}_{slot}",
                    self.tr("Saved filter {n}").format(n=slot),
                    partial(self.use, slot, is_shared=is_shared),
                    group=group,
                    shortcut=(SHARED_KEY if is_shared else OWN_KEY).format(n=slot),
                )
                action.setVisible(False)
                self._actions[slot, is_shared] = action

    def activate(self, *, active: bool) -> None:
        """Follow changes from now on, or rest."""
        self._is_active = active
        for action in self._actions.values():
            action.setEnabled(active)
        if active:
            self.refresh()

    def refresh(self) -> None:
        """Read them anew."""
        self._desk.operations.read(self, saved.saved_filters, self._show, lambda _error: None, key="saved")

    def use(self, slot: int, *, is_shared: bool) -> None:
        """Set the filter that has this key, if one has."""
        for found in self.filters:
            if (found.slot, found.is_shared) == (slot, is_shared):
                self.chosen.emit(found)
                return

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if self._is_active and any(change.subject == "saved_filter" for change in changes):
            self.refresh()

    def _show(self, found: list[SavedFilter]) -> None:
        self.filters = found
        self.button.setIcon(icon("mdi6.bookmark-multiple-outline" if found else "mdi6.bookmark-outline"))
        names = {(f.slot, f.is_shared): f.name for f in found}
        for key, action in self._actions.items():
            name = names.get(key)
            action.setVisible(name is not None)
            if name is not None:
                action.setText(name)

    def _fill_menu(self) -> None:
        self.menu.clear()
        for is_shared in (False, True):
            group = [found for found in self.filters if found.is_shared == is_shared]
            if group:
                self.menu.addSection(self.tr("Department") if is_shared else self.tr("My own"))
            for found in group:
                entry = self.menu.addAction(f"{found.name}\t{key_of(found)}")
                entry.triggered.connect(partial(self.chosen.emit, found))
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Save what is set …")).triggered.connect(self.form.open)
        removable = [f for f in self.filters if f.is_own or self._desk.person.role in {"shift_leader", "administrator"}]
        if removable:
            menu = self.menu.addMenu(self.tr("Forget"))
            for found in removable:
                menu.addAction(found.name).triggered.connect(partial(self._drop, found.id))

    def _save(self, name: str, slot: int | None, is_shared: bool) -> None:
        wanted = self._wanted()
        self._desk.operations.write(
            self,
            lambda connection: saved.save_filter(connection, name, wanted, slot, is_shared=is_shared),
            lambda _id: self._on_saved(name),
            lambda error: self.form.fail(self._desk.notices.words_for(error)),
        )

    def _on_saved(self, name: str) -> None:
        self.form.close_form()
        self._desk.notices.post(self.tr("The filter “{name}” is saved.").format(name=name))
        self.refresh()

    def _drop(self, filter_id: int) -> None:
        self._desk.operations.write(
            self, lambda connection: saved.drop_filter(connection, filter_id), lambda _none: self.refresh()
        )


class SavingForm(QFrame):
    """Name, key and for whom; stands in the panel, not over it."""

    wanted = Signal(str, object, bool)
    """Name, digit of the key or None, whether the department shares it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "raised")
        self.name = QLineEdit(placeholderText=self.tr("Name of the filter"), maxLength=40)
        self.name.setAccessibleName(self.tr("Name of the filter"))
        self.name.returnPressed.connect(self._ask)
        self.slot = QComboBox()
        self.slot.setAccessibleName(self.tr("Key"))
        self.shared = QCheckBox(self.tr("For the whole department"))
        self.shared.toggled.connect(lambda _on: self._fill_slots())
        self.problem = label("", "critical", wraps=True)
        self.problem.hide()
        self.save = QPushButton(self.tr("Save  Enter"))
        self.save.setDefault(True)
        self.save.clicked.connect(self._ask)
        cancel = QPushButton(self.tr("Cancel  Esc"))
        cancel.clicked.connect(self.close_form)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            margins(row, 0, 0, 0, 0, 6)
        first.addWidget(self.name, 1)
        first.addWidget(self.slot)
        second.addWidget(self.shared, 1)
        second.addWidget(cancel)
        second.addWidget(self.save)
        box = QVBoxLayout(self)
        margins(box, 10, 8, 10, 8, 6)
        box.addLayout(first)
        box.addLayout(second)
        box.addWidget(self.problem)
        self._fill_slots()
        self.hide()

    def open(self) -> None:
        """Ask for the name."""
        self.problem.hide()
        self.save.setEnabled(True)
        self.show()
        self.name.setFocus()
        self.name.selectAll()

    def close_form(self) -> None:
        """Done, or given up."""
        self.hide()
        self.name.clear()
        self.slot.setCurrentIndex(0)

    def fail(self, reason: str) -> None:
        """Say why it was not saved; what was typed stays."""
        self.problem.setText(reason)
        self.problem.show()
        self.save.setEnabled(True)

    def event(self, event: QEvent) -> bool:
        """Esc belongs to the form while it has the keyboard."""
        return keeps_key(event, lambda pressed: pressed.key() == Qt.Key.Key_Escape) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_form()
        else:
            super().keyPressEvent(event)

    def _fill_slots(self) -> None:
        chosen = self.slot.currentData()
        self.slot.clear()
        self.slot.addItem(self.tr("no key"), None)
        pattern = SHARED_KEY if self.shared.isChecked() else OWN_KEY
        for slot in SLOTS:
            keys = QKeySequence(pattern.format(n=slot)).toString(QKeySequence.SequenceFormat.NativeText)
            self.slot.addItem(keys, slot)
        self.slot.setCurrentIndex(max(0, self.slot.findData(chosen)))

    def _ask(self) -> None:
        if not self.name.text().strip():
            self.name.setFocus()
            return
        self.save.setEnabled(False)
        self.wanted.emit(self.name.text().strip(), self.slot.currentData(), self.shared.isChecked())
