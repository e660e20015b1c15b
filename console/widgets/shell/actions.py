"""Every command of the window, registered once: palette, keys, menus, buttons and tests share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from console.widgets.shared.style import icon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget


class Actions:
    """The commands of one window, which takes them over by `hold_in`."""

    def __init__(self) -> None:
        self._window: QWidget | None = None
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, str] = {}
        self._scopes: dict[str, QWidget] = {}

    def hold_in(self, window: QWidget) -> None:
        """Let the shortcuts hold in `window`, and the commands live as long as it does."""
        self._window = window

    def add(
        self,
        key: str,
        title: str,
        work: Callable[[], object],
        *,
        group: str,
        shortcut: str = "",
        symbol: str = "",
        checkable: bool = False,
        scope: QWidget | None = None,
    ) -> QAction:
        """Register a command.

        Args:
            key: name in code and tests, e.g. ``map.back``; registering it again is a fault of ours.
            title: what people read.
            work: what it does.
            group: heading in the overview of keys, translated.
            shortcut: portable key sequences, separated by spaces.
            symbol: name of a bundled icon.
            checkable: whether it switches something on and off.
            scope: the panel inside which a single-letter shortcut holds; without it the whole window.
        """
        if key in self._actions:
            raise ValueError(f"The command {key} is registered twice.")
        if self._window is None:
            raise RuntimeError("commands need the window that holds them")
        action = QAction(title, self._window)
        action.setObjectName(key)
        action.setCheckable(checkable)
        if shortcut:
            sequences = [QKeySequence(s) for s in shortcut.split()]
            action.setShortcuts(sequences)
            keys = sequences[0].toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{title}  ({keys})")
        if symbol:
            action.setIcon(icon(symbol))
        if scope is not None:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda *_: work())
        (scope or self._window).addAction(action)
        self._actions[key] = action
        self._groups[key] = group
        self._scopes[key] = scope or self._window
        return action

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def group(self, action: QAction) -> str:
        """The heading under which `action` stands."""
        return self._groups[action.objectName()]

    def scope(self, action: QAction) -> QWidget:
        """Inside of what the keys of `action` hold: a panel or the whole window."""
        return self._scopes[action.objectName()]

    def available(self) -> list[QAction]:
        """The commands that can be run now, in the order in which they were registered."""
        return [a for a in self._actions.values() if a.isEnabled() and a.isVisible()]
