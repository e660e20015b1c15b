"""The standard as a spreadsheet: written for people and other systems, read with a verdict on each line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from console.reports.standard import read_lines, write_standard
from console.widgets.shared import figures

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk

EXCEL = "Excel (*.xlsx)"


class StandardFiles(QObject):
    """The two commands, and the dialogs in which a file is named.

    Args:
        desk: database, language, time.
        window: over which the dialogs stand.
    """

    chosen = Signal(object)
    """Path of a standard that is to be read."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self.dialog: QFileDialog | None = None
        group = self.tr("Configuration")
        self.actions: tuple[QAction, QAction] = (
            desk.actions.add(
                "configuration.standard.write", self.tr("Write the standard to Excel"), self.ask_where, group=group,
                shortcut="Ctrl+Shift+E", symbol="mdi6.file-export-outline",
            ),
            desk.actions.add(
                "configuration.standard.read", self.tr("Read a standard from Excel"), self.ask_which, group=group,
                shortcut="Ctrl+O", symbol="mdi6.file-import-outline",
            ),
        )  # fmt: skip

    def ask_where(self) -> None:
        """Ask where to write the standard that is in force."""
        day = self._desk.now().astimezone(figures.CITY_TIME).date()
        name = self.tr("Filing standard {day}.xlsx").format(day=day)
        dialog = self._open(self.actions[0].text(), str(Path.home() / name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.fileSelected.connect(lambda path: self.write(Path(path)))
        dialog.open()

    def ask_which(self) -> None:
        """Ask which file to read."""
        dialog = self._open(self.actions[1].text(), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.chosen.emit(Path(path)))
        dialog.open()

    def write(self, path: Path) -> None:
        """Write the standard to `path`; the outcome is a notice."""
        day = self._desk.now().astimezone(figures.CITY_TIME).date()

        def work(connection: Connection) -> int:
            return write_standard(path, read_lines(connection), day)

        def done(count: int) -> None:
            told = self.tr("1 condition was written to {path}."), self.tr("{n} conditions were written to {path}.")
            self._desk.notices.post(figures.things(count, *told, path=path))

        self._desk.operations.read(self, work, done, key="standard")

    def _open(self, title: str, start: str) -> QFileDialog:
        dialog = self.dialog = QFileDialog(self._window, title, start, EXCEL)
        dialog.finished.connect(self._forget)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _forget(self) -> None:
        self.dialog = None
