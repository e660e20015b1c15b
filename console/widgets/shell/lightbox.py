"""The evidence of the selected case in full, over the map or over the whole window; one key shows and hides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from console.widgets.shared.evidence.strip import EvidenceStrip
from console.widgets.shared.evidence.viewer import EvidenceViewer

if TYPE_CHECKING:
    from console.widgets.shared.desk import Desk, Thing, Workspace
    from console.widgets.shell.window import MainWindow

KEY = "case.photos"


class Lightbox(QObject):
    """Opens the viewer for the case that is selected, lets it follow the selection, and closes it.

    Args:
        desk: whose selection is followed.
        window: whose map it covers; its panels that show evidence ask for it.
    """

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self._before: QWidget | None = None
        self.is_large = False
        self.viewer = EvidenceViewer(desk)
        window.stage.set_viewer(self.viewer)
        self.viewer.closed.connect(self.close)
        self.viewer.large_wanted.connect(self._toggle_large)
        self.viewer.case_wanted.connect(self._go_on)
        self._action = desk.actions.add(
            KEY, self.tr("Photos and other evidence"), self.toggle, group=self.tr("Case"), shortcut="I",
            symbol="mdi6.image-multiple-outline",
        )  # fmt: skip
        desk.actions["escape"].triggered.connect(self.close)
        desk.selection.changed.connect(self._on_selected)
        window.workspace_changed.connect(self._on_workspace)
        for workspace in window.workspaces.values():
            self._attend(workspace)
        window.workspace_added.connect(self._attend)
        window.installEventFilter(self)
        self._on_selected(desk.selection.thing)

    def _attend(self, workspace: Workspace) -> None:
        workspace.right_wanted.connect(self._make_room)
        for strip in workspace.parts(EvidenceStrip):
            strip.wanted.connect(self.open)

    def open(self, wanted: int | None = None) -> None:
        """Show the evidence of the selected case, beginning with the piece `wanted` if there is one."""
        case_id = _case_of(self._desk.selection.thing)
        if case_id is None:
            return
        if not self.viewer.isVisible():
            self._before = QApplication.focusWidget()
        self.viewer.show_case(case_id, wanted)
        self.viewer.show()
        self._place()
        self.viewer.setFocus()

    def close(self) -> None:
        """Show the map again, and give the keyboard back."""
        if self.viewer.isHidden():
            return
        focus = QApplication.focusWidget()
        had_keys = focus is not None and (focus is self.viewer or self.viewer.isAncestorOf(focus))
        self._hide()
        before, self._before = self._before, None
        if not had_keys:
            return
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus()
        else:
            self._window.stage.keep_keyboard()

    def toggle(self) -> None:
        """Open or close it."""
        if self.viewer.isHidden():
            self.open()
        else:
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Over the whole window it is as large as that."""
        if event.type() == QEvent.Type.Resize and self.is_large:
            self._place()
        return super().eventFilter(watched, event)

    def _toggle_large(self) -> None:
        self.is_large = not self.is_large
        self._place()
        self.viewer.setFocus()

    def _make_room(self) -> None:
        """A form that was asked for is to be seen."""
        if self.viewer.isHidden():
            return
        if self.is_large:
            self.is_large = False
            self._place()
        if self._window.stage.is_detail_covered:
            self._hide()

    def _hide(self) -> None:
        self.viewer.hide()
        self.viewer.show_case(None)

    def _place(self) -> None:
        window, viewer = self._window, self.viewer
        host = window if self.is_large else window.stage
        if viewer.parentWidget() is not host:
            is_shown = not viewer.isHidden()
            viewer.setParent(host)
            viewer.setVisible(is_shown)
        if self.is_large:
            top = window.top.height()
            viewer.setContentsMargins(0, 0, 0, 0)
            viewer.setGeometry(QRect(0, top, window.width(), window.height() - top - window.status.height()))
            viewer.raise_()
        else:
            window.stage.place()

    def _on_selected(self, thing: Thing | None) -> None:
        case_id = _case_of(thing)
        self._action.setEnabled(case_id is not None)
        if self.viewer.isHidden():
            return
        if case_id is None:
            self.close()
        else:
            self.viewer.show_case(case_id)

    def _on_workspace(self, _key: str) -> None:
        self.close()

    def _go_on(self, cases: int) -> None:
        key = "queue.next" if cases > 0 else "queue.previous"
        current = self._window.current
        if current is not None and any(action.objectName() == key for action in self._desk.actions):
            self._desk.actions[key].trigger()


def _case_of(thing: Thing | None) -> int | None:
    return int(thing.key) if thing is not None and thing.subject == "case" else None
