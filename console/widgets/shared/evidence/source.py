"""The evidence of one case as the database has it: read off the GUI thread, kept live, with its small pictures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from console.models.cases import evidence
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from console.database.feed import Change, FeedState
    from console.models.cases.evidence import CaseEvidence, Pixels
    from console.widgets.shared.desk import Desk

AGAIN_MS = 200
SUBJECT = "case_attachment"


def image_of(pixels: Pixels) -> QImage:
    """A decoded picture for painting; it has its own copy of the bytes."""
    return QImage(pixels.data, pixels.width, pixels.height, 4 * pixels.width, QImage.Format.Format_RGB32).copy()


class EvidenceSource(QObject):
    """Follows the evidence of one case.

    Args:
        desk: the way to the database and what it tells.
        is_seen: whether anybody sees it; news that nobody sees is read by `catch_up`.
        parent: keeps it alive.
        with_pictures: whether small pictures are wanted.
    """

    changed = Signal()
    """`found` is another, or not known at the moment."""
    pictures_came = Signal()
    """`images` has more."""
    failed = Signal(str)
    """It cannot be read for the first time, and why."""

    def __init__(self, desk: Desk, is_seen: Callable[[], bool], parent: QObject, *, with_pictures: bool = True) -> None:
        super().__init__(parent)
        self._desk, self._is_seen, self._with_pictures = desk, is_seen, with_pictures
        self.case_id: int | None = None
        self._as_of: datetime | None = None
        self._is_due = self._has_failed = False
        self.found: CaseEvidence | None = None
        self.images: dict[int, QImage] = {}
        self._refresh_soon = Throttle(AGAIN_MS, self.refresh, self)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self._note)
        desk.changes.state_changed.connect(self._on_state)

    def follow(self, case_id: int | None, as_of: datetime | None = None) -> None:
        """Follow another case, or the same one as it was once; None follows none."""
        if (case_id, as_of) == (self.case_id, self._as_of):
            return
        if case_id != self.case_id:
            self.images = {}
        self.case_id, self._as_of, self.found = case_id, as_of, None
        self._has_failed = False
        self.changed.emit()
        self.refresh()

    def refresh(self) -> None:
        """Read it anew."""
        self._is_due = False
        if self.case_id is None:
            self._desk.operations.cancel(self, "evidence")
            return
        self._desk.operations.read(
            self, partial(_read, self.case_id), partial(self._take, self.case_id), self._fail, key="evidence"
        )

    def catch_up(self) -> None:
        """Read what has become due while nobody saw it."""
        if self._is_due:
            self._refresh_soon()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        # Where the case lies tells how far away a photo was taken: the case itself counts, too.
        for change in changes:
            of_case = (change.detail or {}).get("case_id") if change.subject == SUBJECT else change.key
            if change.subject in {SUBJECT, "case_file"} and str(of_case) == str(self.case_id):
                self._note()
                return

    def _on_state(self, state: FeedState) -> None:
        if state.connected and self._has_failed:
            self._note()

    def _note(self) -> None:
        self._is_due = True
        if self._is_seen():
            self._refresh_soon()

    def _take(self, case_id: int, found: CaseEvidence | None) -> None:
        if case_id != self.case_id:
            return
        self._has_failed = False
        if found is not None and self._as_of is not None:
            found = found.as_of(self._as_of)
        if found != self.found or found is None:
            self.found = found
            self.changed.emit()
        items = () if found is None or not self._with_pictures else found.items
        missing = [item.id for item in items if item.is_picture and item.id not in self.images]
        if missing:
            read = partial(_read_previews, missing)
            self._desk.operations.read(self, read, self._take_images, lambda _error: None, key="previews")

    def _take_images(self, pictures: dict[int, Pixels]) -> None:
        self.images.update({number: image_of(pixels) for number, pixels in pictures.items()})
        self.pictures_came.emit()

    def _fail(self, error: Exception) -> None:
        self._has_failed = True
        if self.found is None:
            self.failed.emit(self._desk.notices.words_for(error))


class ReportSource(QObject):
    """Stands for the evidence of a report that is not handed in yet: what its files are to be like.

    Args:
        desk: the way to the database and the files that wait.
        parent: keeps it alive.
        number: under which its files wait already; None for a new report.
    """

    changed = Signal()
    """`found` is known."""

    def __init__(self, desk: Desk, parent: QObject, number: int | None = None) -> None:
        super().__init__(parent)
        self.case_id = desk.unsent.new_report() if number is None else number
        self.found: CaseEvidence | None = None
        read = partial(evidence.of_report, number=self.case_id)
        desk.operations.read(self, read, self._take, lambda _error: None, key="report")

    def _take(self, found: CaseEvidence) -> None:
        self.found = found
        self.changed.emit()


def _read(case_id: int, connection: Connection) -> CaseEvidence | None:
    return evidence.of_case(connection, case_id)


def _read_previews(ids: Sequence[int], connection: Connection) -> dict[int, Pixels]:
    return evidence.previews(connection, ids)
