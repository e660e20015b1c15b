"""The queue as a list model over half a million cases: it knows how many there are and fetches what is painted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from console.models import cases
from console.models.cases import PAGE, CaseColumn, CaseFilter, CaseRow, CaseSort

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import Connection

    from console.widgets.shared.operations import Operations

KEPT_PAGES = 40
"""Pages kept in memory: 8 000 rows; those farthest from the one asked for last go first."""
ROW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class _Look(NamedTuple):
    """What was found of cases that changed: which are in the queue, rows that were fetched before, how many it has."""

    asked: frozenset[int]
    inside: frozenset[int]
    rows: list[CaseRow]
    number: int | None


class QueueModel(QAbstractListModel):
    """Cases of one filter in one order; a row that is not here yet is fetched with its page.

    What was fetched stays where it is until `reload`: a change of a case only changes what its row says.

    Attributes:
        own: gives the cases that this desk moves at the moment, after which it reloads: they are no news.
    """

    loaded = Signal()
    """The first page and the number of rows are here."""
    failed = Signal(object)
    stale = Signal()
    """Cases have come into the queue, left it or changed their place: `reload` would show it."""

    def __init__(self, operations: Operations, parent: QObject) -> None:
        super().__init__(parent)
        self._operations = operations
        self.own: Callable[[], Collection[int]] = tuple
        self.filter = CaseFilter()
        self.order = CaseSort()
        self._count = 0
        self._generation = 0
        self._pages: dict[int, list[CaseRow]] = {}
        self._asked: set[int] = set()
        self._changed: set[int] = set()
        self._is_loading = False
        self._rows_by_id: dict[int, int] = {}

    def rowCount(self, parent: Index | None = None) -> int:
        """How many cases the filter has."""
        return 0 if parent is not None and parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The `CaseRow` under `ROW`; None while it is being fetched."""
        if not index.isValid() or not 0 <= index.row() < self._count:
            return None
        row = self._row(index.row())
        if role == ROW:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} and row is not None:
            return f"{row.case_no} {row.class_name} {row.address}"
        return None

    def show(self, wanted: CaseFilter, order: CaseSort) -> None:
        """Show other cases, or the same in another order."""
        self.filter, self.order = wanted, order
        self.reload()

    def reload(self) -> None:
        """Fetch number and first page anew; until they are here the old ones stay."""
        self._generation += 1
        self._is_loading = True

        def ask(connection: Connection) -> tuple[int, list[CaseRow]]:
            count = cases.count(connection, wanted)
            return count, cases.page(connection, wanted, order, limit=PAGE, total=count)

        wanted, order = self.filter, self.order
        self._operations.read(self, ask, self._replace, self._fail, key="queue")

    def row_of(self, case_id: int) -> int | None:
        """Where a case that has been fetched stands."""
        return self._rows_by_id.get(case_id)

    def note_changes(self, ids: Collection[int]) -> None:
        """Cases changed: what their rows say is fetched again; `stale` follows if the queue is another one by that."""
        self._changed |= set(ids)
        asked, known = frozenset(self._changed), self._rows_by_id.keys() & self._changed
        wanted = self.filter

        def ask(connection: Connection) -> _Look:
            inside = cases.among(connection, wanted, asked)
            # A case that was not fetched may have been in the queue before: then there are not more of them now.
            number = cases.count(connection, wanted) if inside - known else None
            return _Look(asked, inside, cases.rows(connection, sorted(known)), number)

        self._operations.read(self, ask, partial(self._compare, self._generation), lambda _error: None, key="changed")

    def _compare(self, generation: int, look: _Look) -> None:
        """Take in what was found of cases that changed, and tell if the queue has changed with them."""
        if self._is_loading:
            return  # looked at again when the queue has come
        self._changed -= look.asked
        if generation != self._generation:
            return
        foreign = look.asked - set(self.own())
        were_inside = self._rows_by_id.keys() & foreign
        is_stale = bool(were_inside - look.inside) or (look.number is not None and look.number != self._count)
        for row in look.rows:
            before = self._here(row.id)
            has_moved = before is not None and before.due_at != row.due_at and self.order.column is CaseColumn.DUE
            is_stale = is_stale or (has_moved and row.id in foreign)
        self._update(look.rows)
        if is_stale:
            self.stale.emit()

    def _row(self, row: int) -> CaseRow | None:
        number, place = divmod(row, PAGE)
        page = self._pages.get(number)
        if page is not None:
            return page[place] if place < len(page) else None
        self._ask(number)
        return None

    def _ask(self, number: int) -> None:
        if number in self._asked:
            return
        self._asked.add(number)
        wanted, order, count = self.filter, self.order, self._count

        def ask(connection: Connection) -> list[CaseRow]:
            return cases.page(connection, wanted, order, offset=number * PAGE, limit=PAGE, total=count)

        # Two pages can be on the screen at once; a third one asked for meanwhile was only scrolled past.
        self._operations.read(
            self,
            ask,
            partial(self._insert, self._generation, number),
            partial(self._give_up, number),
            key=("page", number % 2),
        )
        for earlier in [n for n in self._asked if n != number and n % 2 == number % 2]:
            self._asked.discard(earlier)

    def _give_up(self, number: int, error: Exception) -> None:
        self._asked.discard(number)
        self.failed.emit(error)

    def _fail(self, error: Exception) -> None:
        self._is_loading = False
        self.failed.emit(error)

    def _replace(self, answer: tuple[int, list[CaseRow]]) -> None:
        count, first = answer
        self._is_loading = False
        self.beginResetModel()
        self._count = count
        self._pages = {0: first}
        self._asked.clear()
        self._index()
        self.endResetModel()
        self.loaded.emit()
        if self._changed:
            self.note_changes(())

    def _insert(self, generation: int, number: int, page: list[CaseRow]) -> None:
        self._asked.discard(number)
        if generation != self._generation:
            return
        self._pages[number] = page
        for farthest in sorted(self._pages, key=lambda n: abs(n - number), reverse=True)[: -KEPT_PAGES or None]:
            if len(self._pages) > KEPT_PAGES:
                del self._pages[farthest]
        self._index()
        first = number * PAGE
        self.dataChanged.emit(self.index(first), self.index(min(first + PAGE, self._count) - 1))

    def _here(self, case_id: int) -> CaseRow | None:
        place = self._rows_by_id.get(case_id)
        return None if place is None else self._pages[place // PAGE][place % PAGE]

    def _update(self, rows: Sequence[CaseRow]) -> None:
        for row in rows:
            place = self._rows_by_id.get(row.id)
            if place is None:
                continue
            number, within = divmod(place, PAGE)
            self._pages[number][within] = row
            self.dataChanged.emit(self.index(place), self.index(place))

    def _index(self) -> None:
        self._rows_by_id = {
            row.id: number * PAGE + place for number, page in self._pages.items() for place, row in enumerate(page)
        }
