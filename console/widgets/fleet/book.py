"""What is edited for haulage, with the drafts of it: whatever is typed stays, whatever others save comes in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import shapely
from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.errors import QT_TRANSLATE_NOOP
from console.map.tools.measure import area_text, length_text
from console.models.configuration.draft import Draft
from console.models.configuration.kept import keep, take_up
from console.models.configuration.subjects import FieldKind
from console.models.haulage import records
from console.models.haulage.records import AREA, DUMP_SITE, PERMIT, WORK_SITE
from console.widgets.configuration.words import say
from console.widgets.shared.throttle import Debounce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.configuration.draft import Row
    from console.models.configuration.subjects import Field, Subject
    from console.models.haulage.checks import Verdict
    from console.widgets.configuration.words import Edited, References
    from console.widgets.shared.desk import Desk

EDITORS = frozenset({"shift_leader", "administrator"})
"""Posts that change permits, areas and sites; the database has the last word."""
REFERRED = frozenset({"vehicle", "company", "work_site", "dump_site"})
"""Tables whose rows give others their names."""
KEPT = "haulage/drafts"
KEEP_MS = 1_000


@dataclass(frozen=True)
class Kind:
    """Rows that are edited in one list.

    Attributes:
        key: name in code; the table.
        subject: describes the rows.
        title: what the list is called, `new` what makes a row; both to be translated.
        empty: what an empty list says, to be translated.
        symbol: name of a bundled icon.
        shape: what is drawn.
        snaps_to: layers that the hand is drawn to.
    """

    key: str
    subject: Subject
    title: str
    new: str
    empty: str
    symbol: str
    shape: Literal["line", "area"]
    snaps_to: tuple[str, ...]


PERMITS = Kind(
    "route_permit", PERMIT, QT_TRANSLATE_NOOP("words", "Permits"), QT_TRANSLATE_NOOP("words", "New permit"),
    QT_TRANSLATE_NOOP("words", "No permit has been given yet."), "mdi6.file-certificate-outline", "line",
    ("street", "site"),
)  # fmt: skip
AREAS = Kind(
    "traffic_area", AREA, QT_TRANSLATE_NOOP("words", "Traffic areas"), QT_TRANSLATE_NOOP("words", "New traffic area"),
    QT_TRANSLATE_NOOP("words", "No area forbids trucks or slows them down yet."), "mdi6.sign-caution", "area",
    ("street", "traffic_area"),
)  # fmt: skip
WORK_SITES = Kind(
    "work_site", WORK_SITE, QT_TRANSLATE_NOOP("words", "Work sites"), QT_TRANSLATE_NOOP("words", "New work site"),
    QT_TRANSLATE_NOOP("words", "No work site is registered."), "mdi6.excavator", "area", ("street", "site"),
)  # fmt: skip
DUMP_SITES = Kind(
    "dump_site", DUMP_SITE, QT_TRANSLATE_NOOP("words", "Dump sites"), QT_TRANSLATE_NOOP("words", "New dump site"),
    QT_TRANSLATE_NOOP("words", "No dump site is registered."), "mdi6.landslide-outline", "area", ("street", "site"),
)  # fmt: skip
KINDS = (PERMITS, AREAS, WORK_SITES, DUMP_SITES)


class Book(QObject):
    """Rows and drafts of all kinds.

    Args:
        desk: whose database it is.
    """

    changed = Signal(str)
    """Rows or draft of the kind of this key are not what they were."""
    failed = Signal(str, str)
    """The rows of a kind could not be read; why."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.language = desk.language
        self.drafts = {kind.key: Draft(kind.subject) for kind in KINDS}
        self.references: References = {}
        self.verdicts: Mapping[str, Sequence[Verdict]] = {}
        """What the check says of each stored permit."""
        self._begun: dict[tuple[str, str], Row] = {}
        """Each row that is being changed, as it was when that began."""
        self._stale = {kind.key for kind in KINDS}
        self._is_front = False
        take_up(self.drafts, str(desk.memory.value(KEPT, "")))
        self._keep_soon = Debounce(KEEP_MS, self._keep, self)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self.reload)
        desk.clock.turned.connect(self._on_turned)

    @property
    def is_editor(self) -> bool:
        """Whether the post of this person changes permits, areas and sites at all."""
        return self._desk.person.role in EDITORS

    @property
    def may_edit(self) -> bool:
        """Whether this person may change something now: in the past nothing is done."""
        return self.is_editor and self._desk.clock.is_live

    def activate(self, *, active: bool) -> None:
        """Follow the database while it is looked at; on coming back, make up for what was missed."""
        self._is_front = active
        if active:
            self._read_stale()
        else:
            self._keep_soon.flush()

    def reload(self) -> None:
        """Read everything anew."""
        self._stale = {kind.key for kind in KINDS}
        self._read_stale()

    def touched(self, kind: Kind, key: str) -> None:
        """A row was changed here."""
        row = self.drafts[kind.key].stored(key)
        if row is not None and self.drafts[kind.key].is_changed_row(key):
            self._begun.setdefault((kind.key, key), row)
        self._changed(kind)

    def said(self, topic: Edited, field: Field, value: object) -> str:
        """A value as it is read in this window."""
        if field.kind is FieldKind.SHAPE:
            return shape_words(value)
        return say(topic.subject, field, value, self.references, self.language)

    def meanwhile(self, kind: Kind, key: str) -> tuple[Row, tuple[Field, ...]] | None:
        """What somebody else has changed of a row since it began to be changed here: the row now, and the fields."""
        begun, now = self._begun.get((kind.key, key)), self.drafts[kind.key].stored(key)
        if begun is None or now is None or begun.stamp == now.stamp:
            return None
        fields = kind.subject.fields
        return now, tuple(f for f in fields if begun.values.get(f.name) != now.values.get(f.name))

    def discard(self, kind: Kind, key: str) -> None:
        """Take back all that was changed of a row; a new one goes."""
        self._forget(kind, key)
        self._changed(kind)

    def save(self, kind: Kind, key: str, done: Callable[[str], object], failed: Callable[[Exception], object]) -> None:
        """Save one row; `done` gets its key. Whoever is refused has what the other one saved below his draft then."""
        draft = self.drafts[kind.key]
        row, values = draft.stored(key), dict(draft.values(key))

        def saved(found: tuple[str, References, list[Row]]) -> None:
            number, self.references, rows = found
            self._forget(kind, key)
            draft.take_in(rows)
            done(number)  # before the others hear that a new row has another key now
            self._changed(kind)

        def work(connection: Connection) -> tuple[str, References, list[Row]]:
            number = records.save(connection, kind.subject, row, values)
            return number, records.references(connection), records.read(connection, kind.subject)

        self._desk.operations.write(self, work, saved, partial(self._refused, kind, failed))

    def end(
        self, kind: Kind, key: str, reason: str, done: Callable[[], object], failed: Callable[[Exception], object]
    ) -> None:
        """Revoke a permit for a reason, or take an area or site away."""
        row = self.drafts[kind.key].stored(key)
        if row is None:
            return

        def work(connection: Connection) -> list[Row]:
            if kind is PERMITS:
                records.revoke(connection, row, reason)
            else:
                records.remove(connection, kind.subject, row)
            return records.read(connection, kind.subject)

        def ended(rows: list[Row]) -> None:
            self._forget(kind, key)
            self.drafts[kind.key].take_in(rows)
            self._changed(kind)
            done()

        self._desk.operations.write(self, work, ended, partial(self._refused, kind, failed))

    def read(self, kind: Kind) -> None:
        """Read the rows of a kind, and the names that they refer to, anew."""

        def work(connection: Connection) -> tuple[References, list[Row]]:
            return records.references(connection), records.read(connection, kind.subject)

        def done(found: tuple[References, list[Row]]) -> None:
            self.references, rows = found
            self.drafts[kind.key].take_in(rows)
            self._changed(kind)

        def fail(error: Exception) -> None:
            self._stale.add(kind.key)
            self.failed.emit(kind.key, self._desk.notices.words_for(error))

        self._desk.operations.read(self, work, done, fail, key=kind.key)

    def _on_turned(self) -> None:
        for kind in KINDS:
            self.changed.emit(kind.key)

    def _refused(self, kind: Kind, failed: Callable[[Exception], object], error: Exception) -> None:
        failed(error)
        self.read(kind)

    def _forget(self, kind: Kind, key: str) -> None:
        self.drafts[kind.key].restore(key)
        self._begun.pop((kind.key, key), None)

    def _changed(self, kind: Kind) -> None:
        self._keep_soon()
        self.changed.emit(kind.key)

    def _keep(self) -> None:
        """Write down what is typed and not saved, for the next window of this person here."""
        self._desk.memory.setValue(KEPT, keep(self.drafts))

    def _on_changes(self, changes: Sequence[Change]) -> None:
        tables = {change.subject for change in changes}
        stale = {kind.key for kind in KINDS if kind.key in tables}
        if tables & REFERRED:
            stale.add(PERMITS.key)
        if stale:
            self._stale |= stale
            self._read_stale()

    def _read_stale(self) -> None:
        if not self._is_front:
            return
        wanted, self._stale = [kind for kind in KINDS if kind.key in self._stale], set()
        for kind in wanted:
            self.read(kind)


def shape_of(value: object) -> shapely.Geometry | None:
    """The shape that a draft holds; None without one."""
    return shapely.from_wkt(value) if isinstance(value, str) and value else None


def shape_words(value: object) -> str:
    """A shape in words: its size and its corners."""
    shape = shape_of(value)
    if shape is None:
        return ""
    corners = len(shapely.get_coordinates(shape)) - (1 if isinstance(shape, shapely.Polygon) else 0)
    size = area_text(shape.area) if isinstance(shape, shapely.Polygon) else length_text(float(shapely.length(shape)))
    return QCoreApplication.translate("shapes", "{size} · {n} corners").format(size=size, n=corners)
