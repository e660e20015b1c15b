"""Any list, written to a file: by one command, off the GUI thread, with progress and a way to stop."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QProgressBar, QSizePolicy, QToolButton, QWidget

from console.reports.lists import write_list
from console.widgets.shared import figures
from console.widgets.shared.panel import label, margins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from console.reports.lists import Cell
    from console.widgets.shared.desk import Desk, Workspace

PROGRESS_MS = 200
BAR_WIDTH = 160
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
"""Letters that names of files must not have on Windows."""


@dataclass(frozen=True)
class Listing:
    """A list as it can be written to a file.

    Attributes:
        title: what it is a list of; the file is named after it.
        headings: of the columns, in the language of the window.
        rows: all its rows; runs off the GUI thread and must touch nothing of Qt.
        total: how many rows there are, as far as that is known.
    """

    title: str
    headings: Sequence[str]
    rows: Callable[[Connection], Iterable[Sequence[Cell]]]
    total: int


@runtime_checkable
class Listed(Protocol):
    """A widget that shows a list."""

    def listing(self) -> Listing:
        """The list as it is now, in the order and narrowed down as it is shown."""


class _StoppedError(Exception):
    """The user does not want it any more."""


class _Progress:
    """What the writing thread and the window tell each other."""

    def __init__(self) -> None:
        self.count = 0
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def advance(self, count: int) -> None:
        self.count = count
        if self._stop.is_set():
            raise _StoppedError


class ListExport(QWidget):
    """The command that writes the list at hand to a file; while it writes, a strip of the status bar.

    Args:
        desk: whose lists are written.
        front: the workspace in front, if there is any.
    """

    def __init__(self, desk: Desk, front: Callable[[], Workspace | None]) -> None:
        super().__init__()
        self._desk = desk
        self._front = front
        self._progress: _Progress | None = None
        self._total = 0
        self._path = Path()
        self.dialog: QFileDialog | None = None
        self.words = label("", "secondary")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedSize(BAR_WIDTH, 6)
        self.stop_button = QToolButton()
        self.stop_button.setText(self.tr("Stop"))
        self.stop_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.stop_button.clicked.connect(self.stop)
        row = QHBoxLayout(self)
        margins(row, 8, 0, 8, 0, 8)
        row.addWidget(self.words)
        row.addWidget(self.bar)
        row.addWidget(self.stop_button)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self, interval=PROGRESS_MS)
        self._timer.timeout.connect(self._tell)
        self.hide()
        self.action = desk.actions.add(
            "list.export", self.tr("Write this list to Excel or CSV"), self.ask, group=self.tr("Lists"),
            shortcut="Ctrl+E", symbol="mdi6.table-arrow-down",
        )  # fmt: skip

    @property
    def is_under_way(self) -> bool:
        """Whether a list is being written."""
        return self._progress is not None

    def offer_on(self, widgets: Iterable[QWidget]) -> None:
        """Offer the command in the context menu of lists."""
        for widget in widgets:
            widget.addAction(self.action)
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def ask(self) -> None:
        """Ask where to write the list at hand: the one with the keyboard, else that of the workspace in front."""
        notices = self._desk.notices
        found = self._list_at_hand()
        if self.is_under_way:
            notices.post(self.tr("A list is being written already: wait for it, or stop it in the status bar."))
            return
        listing = None if found is None else found.listing()
        if listing is None or listing.total == 0:
            notices.post(self.tr("There is no list here that has anything to write."))
            return
        name = FORBIDDEN.sub("_", listing.title) + f" {self._desk.now():%Y-%m-%d %H%M}.xlsx"
        dialog = QFileDialog(self.window(), self.action.text(), str(Path.home() / name), "Excel (*.xlsx);;CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "xlsx"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.write(listing, Path(chosen)))
        dialog.finished.connect(self._forget_dialog)
        self.dialog = dialog
        dialog.open()

    def write(self, listing: Listing, path: Path) -> None:
        """Write `listing` to `path`, a ``.xlsx`` or ``.csv``; the outcome is a notice."""
        progress = self._progress = _Progress()
        self._total, self._path = listing.total, path

        def work(connection: Connection) -> int:
            return write_list(path, listing.headings, listing.rows(connection), progress.advance)

        self.bar.setRange(0, listing.total)
        self._tell()
        self.show()
        self._timer.start()
        self._desk.operations.read(self, work, self._done, self._failed, key="list")

    def stop(self) -> None:
        """Give it up; what was written is removed."""
        if self._progress is not None:
            self._progress.stop()
            self._desk.operations.cancel(self, "list")
            self._end()
            self._desk.notices.post(self.tr("The list was not written: it was stopped."))

    def _list_at_hand(self) -> Listed | None:
        focus = QApplication.focusWidget()
        while focus is not None:
            if isinstance(focus, Listed):
                return focus
            focus = focus.parentWidget()
        workspace = self._front()
        panels = () if workspace is None else (workspace.left, workspace.right)
        for panel in panels:
            for widget in () if panel is None else (panel, *panel.findChildren(QWidget)):
                if isinstance(widget, Listed):
                    return widget
        return None

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _tell(self) -> None:
        if self._progress is not None:
            words = self.tr("Writing row {n} of {total}")
            count = self._progress.count
            self.words.setText(words.format(n=figures.count(count), total=figures.count(max(count, self._total))))
            self.bar.setValue(min(count, self._total))

    def _end(self) -> None:
        self._progress = None
        self._timer.stop()
        self.hide()

    def _done(self, count: int) -> None:
        self._end()
        one, many = self.tr("1 row was written to {path}."), self.tr("{n} rows were written to {path}.")
        self._desk.notices.post(figures.things(count, one, many, path=self._path))

    def _failed(self, error: Exception) -> None:
        self._end()
        self._desk.notices.post(self._desk.notices.words_for(error), "medium")
