"""Files that somebody wants to attach: looked at off the GUI thread, kept by case until the database has them."""

from __future__ import annotations

import logging
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from console.database.faults import DatabaseAway
from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.cases import evidence
from console.models.cases.evidence import Parcel, Pixels, UnfitFile
from console.widgets.shared.background import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from console.database.feed import FeedState
    from console.models.cases.evidence import CaseEvidence, Examined
    from console.widgets.shared.desk import Changes
    from console.widgets.shared.operations import Operations

LOOKING, READY, SENDING, STRANDED, REFUSED = "looking", "ready", "sending", "stranded", "refused"
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Waiting:
    """One file that waits.

    Attributes:
        case_id: for which case; below 0 for a report that is not handed in yet.
        name: of the file.
        stage: what it shows; None for none of the stages.
        state: `LOOKING` at it; `READY` to be sent; `SENDING`; `STRANDED`: the database was away; `REFUSED`.
        error: why it was not attached.
        examined: the file; None while it is looked at, and of one that cannot be evidence.
        image: small picture of it.
        off_m: metres between where its camera was and the case.
        request_id: it is attached once, however often it is sent.
    """

    case_id: int
    name: str
    stage: str | None
    state: str = LOOKING
    error: Exception | None = None
    examined: Examined | None = None
    image: QImage | None = None
    off_m: float | None = None
    request_id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def can_be_sent(self) -> bool:
        """Whether it is whole and of a type that is evidence, and not on its way."""
        return self.examined is not None and self.state in {READY, STRANDED}

    @property
    def parcel(self) -> Parcel:
        """The file as it is sent.

        Raises:
            LookupError: it is none that can be sent.
        """
        if self.examined is None:
            raise LookupError(self.name)
        is_seen = self.examined.kind in {"photo", "video"}
        return Parcel(self.examined, self.stage if is_seen else None, self.request_id)


class Unsent(QObject):
    """The files that wait at this desk, of all its cases; they outlive forms and windows.

    Args:
        operations: the way to the database.
        changes: tells when it is back.
    """

    changed = Signal(int)
    """Something about the files of this case is different."""

    def __init__(self, operations: Operations, changes: Changes, parent: QObject) -> None:
        super().__init__(parent)
        self._operations = operations
        self._files: dict[int, list[Waiting]] = {}
        self._to_look_at: deque[tuple[Waiting, Callable[[], Examined]]] = deque()
        self._looking: Task | None = None
        self._has_told = False
        self._going: Counter[int] = Counter()
        self._places: dict[int, tuple[float, float] | None] = {}
        self.changed.connect(self._forget_told)
        changes.state_changed.connect(self._on_state)

    def files(self, case_id: int | None) -> tuple[Waiting, ...]:
        """What waits for a case, in the order in which it came."""
        return tuple(self._files.get(case_id, ())) if case_id is not None else ()

    def left_behind(self) -> tuple[Waiting, ...]:
        """What is lost when the person leaves now; nothing when that was told already and is still the same."""
        lost = tuple(file for files in self._files.values() for file in files if file.examined is not None)
        if self._has_told:
            return ()
        self._has_told = bool(lost)
        return lost

    def _forget_told(self, _case_id: int) -> None:
        self._has_told = False

    def new_report(self) -> int:
        """A number for a report that is not handed in yet, below 0, under which its files wait."""
        number = -1 - len(self._places)
        self._places[number] = None
        return number

    def place_report(self, number: int, place: tuple[float, float] | None) -> None:
        """What is reported is there, metres in EPSG:4546: photos that were taken elsewhere are told from now on."""
        if self._places.get(number) != place:
            self._places[number] = place
            for file in self.files(number):
                self._look_where(file)

    # What comes

    def add_files(self, found: CaseEvidence, paths: Iterable[Path]) -> None:
        """Take files of this computer for a case; each is looked at, and may be none that can be evidence."""
        most_mb = found.rules.file_mb
        for path in paths:
            self._add(found, evidence.plain_name(path.name), partial(_read, path, most_mb))

    def add_image(self, found: CaseEvidence, image: QImage, name: str) -> None:
        """Take a picture that is no file, such as one of the clipboard."""
        flat = image.convertToFormat(QImage.Format.Format_RGB32)
        pixels = Pixels(flat.width(), flat.height(), bytes(flat.constBits()))
        self._add(found, name, partial(_encode, pixels, name, found.rules.file_mb))

    def add_address(self, found: CaseEvidence, address: str) -> None:
        """Say of an address that nothing is fetched from there."""
        sentence = QT_TRANSLATE_NOOP("errors", "It is not on this computer: save it first, then add the file.")
        refused = Waiting(found.case_id, address, None, REFUSED, UnfitFile(sentence))
        self._files.setdefault(found.case_id, []).append(refused)
        self.changed.emit(found.case_id)

    def _add(self, found: CaseEvidence, name: str, look: Callable[[], Examined]) -> None:
        file = Waiting(found.case_id, name, found.usual_stage)
        self._files.setdefault(found.case_id, []).append(file)
        self._to_look_at.append((file, look))
        self.changed.emit(found.case_id)
        self._look_on()

    def _look_on(self) -> None:
        """Look at the next file, one after the other: each may be large."""
        if self._looking is not None or not self._to_look_at:
            return
        file, look = self._to_look_at.popleft()
        self._looking = Task(lambda _progress: look(), self)
        self._looking.done.connect(partial(self._on_looked_at, file))
        self._looking.failed.connect(partial(self._on_unfit, file))
        self._looking.start()

    def _on_looked_at(self, file: Waiting, examined: Examined) -> None:
        others = (other for other in self.files(file.case_id) if other.examined is not None)
        if any(other.examined is not None and other.examined.sha256 == examined.sha256 for other in others):
            self._on_unfit(file, UnfitFile(QT_TRANSLATE_NOOP("errors", "{name} waits here already."), name=file.name))
            return
        file.examined, file.name, file.state = examined, examined.name, READY
        if examined.preview is not None:
            file.image = QImage.fromData(examined.preview)
        self._look_where(file)
        self._go_on(file)

    def _look_where(self, file: Waiting) -> None:
        """How far from the case, or from the place of the report, its camera was."""
        taken = None if file.examined is None else file.examined.taken
        if taken is None or taken.longitude is None or taken.latitude is None:
            return
        place = self._places.get(file.case_id)
        if file.case_id > 0:
            work = partial(_distance, file.case_id, taken.longitude, taken.latitude)
        elif place is not None:
            work = partial(_distance_from, place, taken.longitude, taken.latitude)
        else:
            file.off_m = None
            return
        self._operations.read(self, work, partial(self._on_distance, file), lambda _error: None)

    def _on_unfit(self, file: Waiting, error: Exception) -> None:
        if not isinstance(error, ConsoleError):
            log.error("%s could not be looked at", file.name, exc_info=error)
        file.state, file.error = REFUSED, error
        self._go_on(file)

    def _go_on(self, file: Waiting) -> None:
        self._looking = None
        self.changed.emit(file.case_id)
        self._look_on()

    def _on_distance(self, file: Waiting, off_m: float | None) -> None:
        file.off_m = off_m
        self.changed.emit(file.case_id)

    # What is chosen

    def set_stage(self, file: Waiting, stage: str | None) -> None:
        """Say what a picture shows."""
        file.stage = stage
        self.changed.emit(file.case_id)

    def remove(self, files: Iterable[Waiting]) -> None:
        """Give files up, but for those on their way."""
        for file in files:
            if file.state != SENDING and file in self._files.get(file.case_id, ()):
                self._files[file.case_id].remove(file)
                self.changed.emit(file.case_id)

    # What goes

    def goes_along(self, case_id: int | None) -> bool:
        """Whether the files of a case go with a move or a report whose form is open, not by themselves."""
        return self._going[case_id] > 0 if case_id is not None else False

    def hold(self, case_id: int, held: int) -> None:
        """A form that the files of a case go with has come into sight (1), or gone (-1)."""
        self._going[case_id] += held
        self.changed.emit(case_id)

    def take(self, case_id: int) -> tuple[Waiting, ...]:
        """The files that are ready, to be sent by the caller: `sent` or `put_back` says what came of it."""
        return self._take(file for file in self.files(case_id) if file.can_be_sent)

    def _take(self, files: Iterable[Waiting]) -> tuple[Waiting, ...]:
        taken = tuple(files)
        for file in taken:
            file.state, file.error = SENDING, None
            self.changed.emit(file.case_id)
        return taken

    def forget(self, number: int) -> None:
        """The report is handed in, or given up: nothing waits for it any more."""
        self.remove(self.files(number))

    def sent(self, files: Iterable[Waiting]) -> None:
        """They are in the database."""
        for file in files:
            file.state = READY
        self.remove(files)

    def put_back(self, files: Iterable[Waiting], state: str = READY, error: Exception | None = None) -> None:
        """They are not: they wait as before."""
        for file in files:
            file.state, file.error = state, error
            self.changed.emit(file.case_id)

    def send(self, files: Iterable[Waiting]) -> None:
        """Attach them, each by itself: one that is refused holds no other up."""
        for file in self._take(file for file in files if file.examined is not None and file.state != SENDING):
            self._operations.write(
                self,
                partial(_attach, file.case_id, file.parcel),
                partial(self._on_sent, file),
                partial(self._on_failed, file),
            )

    def _on_sent(self, file: Waiting, _nothing: object) -> None:
        self.sent([file])

    def _on_failed(self, file: Waiting, error: Exception) -> None:
        self.put_back([file], STRANDED if isinstance(error, DatabaseAway) else REFUSED, error)

    def _on_state(self, state: FeedState) -> None:
        """The database is back: what was stranded goes, as was wanted; however often it is sent, it is there once."""
        if state.connected:
            self.send([file for files in self._files.values() for file in files if file.state == STRANDED])


def _read(path: Path, most_mb: float) -> Examined:
    return evidence.examine(path.name, evidence.read_file(path, most_mb), most_mb)


def _encode(pixels: Pixels, name: str, most_mb: float) -> Examined:
    return evidence.examine(name, evidence.encode_pixels(pixels), most_mb)


def _attach(case_id: int, parcel: Parcel, connection: Connection) -> None:
    evidence.attach_all(connection, case_id, [parcel])


def _distance(case_id: int, longitude: float, latitude: float, connection: Connection) -> float | None:
    return evidence.distance_from_case(connection, case_id, longitude, latitude)


def _distance_from(
    place: tuple[float, float], longitude: float, latitude: float, connection: Connection
) -> float | None:
    return evidence.distance_from_place(connection, place, longitude, latitude)
