"""Copies of evidence outside the console: saved where the user wants it, or opened with another program."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from console.files import whole_file
from console.models.cases import evidence
from console.widgets.shared.evidence.terms import named
from console.widgets.shared.listing import FORBIDDEN

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.models.cases.evidence import Attachment
    from console.widgets.shared.desk import Desk


class Copies(QObject):
    """Writes copies off the GUI thread; the outcome is a notice.

    Args:
        desk: the way to the database.
        parent: over which the dialog stands.
    """

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._over = desk, parent
        self.dialog: QFileDialog | None = None
        # Of what other programs have opened; gone with the window.
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def ask(self, item: Attachment, case_no: str) -> None:
        """Ask where to save a piece."""
        name = FORBIDDEN.sub("_", f"{case_no} {named(item)} {item.file_name}")
        title = self.tr("Save a copy of the evidence")
        dialog = QFileDialog(self._over.window(), title, str(Path.home() / name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda chosen: self.save(item, Path(chosen)))
        dialog.finished.connect(self._forget_dialog)
        self.dialog = dialog
        dialog.open()

    def save(self, item: Attachment, path: Path) -> None:
        """Save a piece to `path`, with an ending that fits what it is."""
        path = path.with_name(evidence.fitting_name(path.name, item.media_type))
        done = self.tr("Saved to {path}.").format(path=path)
        self._write(item, path, partial(self._desk.notices.post, done))

    def open(self, item: Attachment | None) -> None:
        """Open a piece with the program that the system has for its type."""
        if item is None:
            return
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="evidence-", ignore_cleanup_errors=True)
            self.destroyed.connect(self._folder.cleanup)
        name = FORBIDDEN.sub("_", evidence.fitting_name(item.file_name, item.media_type))
        path = Path(self._folder.name) / f"{item.id} {name}"
        self._write(item, path, partial(self._hand_over, path))

    def _hand_over(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            words = self.tr("No program on this computer opens {name}. Save it and open it elsewhere.")
            self._desk.notices.post(words.format(name=path.name), "medium")

    def _write(self, item: Attachment, path: Path, done: partial[None]) -> None:
        self._desk.operations.read(self, partial(_write, item.id, path), lambda _nothing: done(), self._fail)

    def _fail(self, error: Exception) -> None:
        self._desk.notices.post(self._desk.notices.words_for(error), "medium")

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None


def _write(number: int, path: Path, connection: Connection) -> None:
    content = evidence.content(connection, number)
    with whole_file(path) as part:
        part.write_bytes(content)
