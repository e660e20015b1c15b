"""The commands that put a case on paper: its file as PDF, or on a printer; all work off the GUI thread."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from console.errors import ConsoleError
from console.map.excerpt import MapExcerpt
from console.models import cases
from console.models.cases import evidence
from console.models.cases.dossier import dossier
from console.reports.case_file import print_case_file, write_case_file
from console.widgets.cases.case_paper import case_paper, marks_of, photos_of
from console.widgets.shared.detail import DetailPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from PySide6.QtPrintSupport import QPrintDialog
    from sqlalchemy import Connection

    from console.models.cases import CaseRow
    from console.models.cases.dossier import Dossier
    from console.reports.case_file import CasePaper, Printed
    from console.widgets.shared.desk import Desk, Thing, Workspace

    Out = Callable[[CasePaper, Callable[[int], QImage | ConsoleError]], Printed]

PHOTO_PX = 1100
"""Longest side of a photo on paper: some 300 dots an inch of the place that it has there."""
MAP_PX = (672, 300)
LAYERS = ("unit_grid", "street", "component")


class CasePrint(QObject):
    """The commands; one case file at a time.

    Args:
        desk: whose selected case is printed.
        front: the workspace in front, if there is any; a case that it shows as it was once is printed so.
        window: on which dialogs open.
    """

    def __init__(self, desk: Desk, front: Callable[[], Workspace | None], window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._front = front
        self._window = window
        self._is_under_way = False
        self.dialog: QFileDialog | QPrintDialog | None = None
        self._buttons: list[QToolButton] = []
        desk.selection.changed.connect(self._on_selected)
        add, group = desk.actions.add, self.tr("Case file")
        self.pdf = add("case.pdf", self.tr("Case file as PDF"), self.ask_pdf, group=group, shortcut="Ctrl+Shift+P",
            symbol="mdi6.file-document-outline")  # fmt: skip
        self.paper = add("case.print", self.tr("Print the case file"), self.ask_print, group=group,
            shortcut="Ctrl+Alt+P", symbol="mdi6.printer-outline")  # fmt: skip

    @property
    def is_under_way(self) -> bool:
        """Whether a case file is being made."""
        return self._is_under_way

    def offer_on(self, panels: Iterable[DetailPanel]) -> None:
        """Put a button beside the title of these panels, there while a case is selected."""
        for panel in panels:
            button = QToolButton()
            button.setDefaultAction(self.pdf)
            button.hide()
            panel.heading.add_button(button)
            self._buttons.append(button)
        self._on_selected(self._desk.selection.thing)

    def _on_selected(self, thing: Thing | None) -> None:
        for button in self._buttons:
            button.setVisible(thing is not None and thing.subject == "case")

    def ask_pdf(self) -> None:
        """Ask where the file of the selected case is to be written."""
        case_id = self._case_id()
        if case_id is None:
            return
        at = self._as_of()
        self._desk.operations.read(
            self, lambda c: cases.rows(c, [case_id]), partial(self._ask_where, at), self._failed, key="case_no"
        )

    def _ask_where(self, at: datetime | None, found: list[CaseRow]) -> None:
        if not found:
            self._say_gone()
            return
        row = found[0]
        name = self.tr("Case file {number}").format(number=row.case_no) + ".pdf"
        dialog = QFileDialog(self._window, self.pdf.text(), str(Path.home() / name), "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(lambda chosen: self.write(row.id, at, Path(chosen)))
        self._open(dialog)

    def ask_print(self) -> None:
        """Ask on which printer the file of the selected case is to be printed."""
        case_id = self._case_id()
        if case_id is None:
            return
        # Only now: it takes a while to load, and few print.
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # noqa: PLC0415

        at, printer = self._as_of(), QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._window)
        dialog.setWindowTitle(self.paper.text())
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, on=False)  # a file is whole or no proof
        dialog.accepted.connect(
            lambda: self._begin(case_id, at, partial(print_case_file, printer), self.tr("the printer"))
        )
        self._open(dialog)

    def write(self, case_id: int, at: datetime | None, path: Path) -> None:
        """Write the file of a case, as it is or as it was at an instant, to `path`; the outcome is a notice."""
        self._begin(case_id, at, partial(write_case_file, path), str(path))

    def _open(self, dialog: QFileDialog | QPrintDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._forget_dialog)
        self.dialog = dialog
        dialog.setModal(True)
        dialog.show()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _case_id(self) -> int | None:
        thing, notices = self._desk.selection.thing, self._desk.notices
        if self._is_under_way:
            notices.post(self.tr("A case file is being made already: wait for it."))
        elif thing is None or thing.subject != "case":
            notices.post(self.tr("Choose a case first: its file is what is printed."))
        else:
            return int(thing.key)
        return None

    def _as_of(self) -> datetime | None:
        front = self._front()
        panel = None if front is None else front.right
        return panel.as_of if isinstance(panel, DetailPanel) else None

    def _say_gone(self) -> None:
        self._desk.notices.post(self.tr("The case is not there any more, or not yours to see."), "medium")

    def _begin(self, case_id: int, at: datetime | None, out: Out, goal: str) -> None:
        self._is_under_way = True
        self._desk.operations.read(
            self, lambda c: dossier(c, case_id, at), partial(self._show_place, out, goal), self._failed, key="case_file"
        )

    def _show_place(self, out: Out, goal: str, found: Dossier | None) -> None:
        if found is None:
            self._is_under_way = False
            self._say_gone()
            return
        row = found.detail.row
        excerpt = MapExcerpt(self._desk.canvas, LAYERS, (row.x, row.y), marks_of(found), *MAP_PX)
        excerpt.painted.connect(lambda image: self._put_out(out, goal, found, image, excerpt.scale))
        excerpt.failed.connect(self._failed)
        excerpt.start()

    def _put_out(self, out: Out, goal: str, found: Dossier, image: QImage, scale: int) -> None:
        paper = case_paper(found, self._desk, image, scale)
        names = {piece.id: piece.file_name for piece in photos_of(found)}

        def work(connection: Connection) -> Printed:
            return out(paper, lambda number: _picture(connection, number, names[number]))

        self._desk.operations.read(self, work, partial(self._done, paper, goal), self._failed, key="case_file")

    def _done(self, paper: CasePaper, goal: str, printed: Printed) -> None:
        self._is_under_way = False
        words = self.tr("The file of case {number} went to {goal}, pages: {n}.")
        self._desk.notices.post(words.format(number=paper.number, goal=goal, n=printed.pages))
        if printed.failed_photos:
            words = self.tr("Photos that could not be shown in the file of case {number}: {n}. It says there why.")
            self._desk.notices.post(words.format(number=paper.number, n=printed.failed_photos), "medium")

    def _failed(self, error: Exception) -> None:
        self._is_under_way = False
        self._desk.notices.post(self._desk.notices.words_for(error), "medium")


def _picture(connection: Connection, number: int, name: str) -> QImage | ConsoleError:
    """A photo, or why it cannot be shown; that the database is away is no matter of the photo."""
    try:
        content = evidence.content(connection, number)
    except (evidence.MissingEvidence, evidence.AlteredEvidence) as error:
        return error
    try:
        pixels = evidence.decode(name, content, PHOTO_PX)
    except ConsoleError as error:
        return error
    # A copy that owns its bytes.
    return QImage(pixels.data, pixels.width, pixels.height, 4 * pixels.width, QImage.Format.Format_RGB32).copy()
