"""The evidence of a route deviation as PDF: of the alarm in front, else of the selected truck's last deviation."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from console.errors import ConsoleError
from console.map.excerpt import WaysExcerpt
from console.models import deviations
from console.reports.case_file import write_case_file
from console.widgets.fleet.deviation_paper import Proven, deviation_paper, extent_of, marks_of, ways_of

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from sqlalchemy import Connection

    from console.reports.case_file import CasePaper, Printed
    from console.widgets.alarms.board import AlarmBoard
    from console.widgets.shared.desk import Desk

MAP_PX = (672, 420)
LAYERS = ("street", "zone", "site")


class DeviationPrint(QObject):
    """The command; one sheet at a time.

    Args:
        desk: map, selection and database.
        board: the list of alarms, which says what is in front while it is open.
        window: on which the dialog opens.
    """

    def __init__(self, desk: Desk, board: AlarmBoard, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._board, self._window = desk, board, window
        self._is_under_way = False
        self.dialog: QFileDialog | None = None
        self.action = desk.actions.add(
            "deviation.pdf",
            self.tr("Evidence of the route deviation as PDF"),
            self.ask,
            group=self.tr("Muck trucks"),
            shortcut="Ctrl+Shift+V",
            symbol="mdi6.file-document-outline",
        )

    @property
    def is_under_way(self) -> bool:
        """Whether a sheet is being made."""
        return self._is_under_way

    def ask(self) -> None:
        """Read what proves the deviation that is looked at, then ask where the sheet is to be written."""
        if self._is_under_way:
            self._desk.notices.post(self.tr("A sheet is being made already: wait for it."))
            return
        line = self._board.current if self._board.isVisible() else None
        thing = self._desk.selection.thing
        if line is not None and line.kind == deviations.KIND and line.alarm_id is not None:
            self._read(line.alarm_id, None)
        elif line is None and thing is not None and thing.subject == "vehicle":
            self._read(None, int(thing.key))
        else:
            self._desk.notices.post(self.tr("Choose a truck, or the alarm of a truck that left its route, first."))

    def _read(self, alarm_id: int | None, vehicle_id: int | None) -> None:
        self._is_under_way = True
        ask = partial(_prove, alarm_id=alarm_id, vehicle_id=vehicle_id)
        self._desk.operations.read(self, ask, self._ask_where, self._failed, key="deviation")

    def _ask_where(self, found: Proven | None) -> None:
        self._is_under_way = False
        if found is None:
            self._desk.notices.post(self.tr("No deviation of this truck from its route is known."))
            return
        alarm = found.evidence.alarm.alarm
        name = self.tr("Route deviation {plate} {id}").format(plate=alarm.plate, id=alarm.id) + ".pdf"
        dialog = QFileDialog(self._window, self.action.text(), str(Path.home() / name), "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.write(found, Path(chosen)))
        dialog.finished.connect(self._forget_dialog)
        self.dialog = dialog
        dialog.setModal(True)
        dialog.show()

    def write(self, found: Proven, path: Path) -> None:
        """Write the sheet to `path`; the outcome is a notice."""
        self._is_under_way = True
        told = found.evidence
        excerpt = WaysExcerpt(self._desk.canvas, LAYERS, extent_of(told), ways_of(told), marks_of(told), *MAP_PX)
        excerpt.painted.connect(lambda image: self._put_out(found, path, image, excerpt.scale))
        excerpt.failed.connect(self._failed)
        excerpt.start()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _put_out(self, found: Proven, path: Path, image: QImage, scale: int) -> None:
        paper = deviation_paper(found, self._desk, image, scale)
        work = partial(_write, paper=paper, path=path)
        self._desk.operations.read(self, work, partial(self._done, paper, path), self._failed, key="deviation")

    def _done(self, paper: CasePaper, path: Path, printed: Printed) -> None:
        self._is_under_way = False
        words = self.tr("The evidence of {number} went to {path}, pages: {n}.")
        self._desk.notices.post(words.format(number=paper.number, path=path, n=printed.pages))

    def _failed(self, error: Exception) -> None:
        self._is_under_way = False
        self._desk.notices.post(self._desk.notices.words_for(error), "medium")


def _prove(connection: Connection, alarm_id: int | None, vehicle_id: int | None) -> Proven | None:
    if alarm_id is None and vehicle_id is not None:
        alarm_id = deviations.latest(connection, vehicle_id)
    found = None if alarm_id is None else deviations.evidence(connection, alarm_id)
    return None if found is None else Proven.of(found)


def _write(_connection: Connection, paper: CasePaper, path: Path) -> Printed:
    return write_case_file(path, paper, lambda _photo: ConsoleError("there are no photos"))
