"""Cases of the queue that are marked to be moved together: by mouse, by key, kept while the queue is fetched anew."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.models import cases
from console.models.cases import CaseRow
from console.models.cases.batch import MOST
from console.widgets.cases.queue_model import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.widgets.cases.queue_list import QueueList
    from console.widgets.cases.queue_model import QueueModel
    from console.widgets.shared.desk import Desk


class Marking(QObject):
    """The marks of one queue. They belong to cases, not to rows, and go only when somebody takes them off.

    Args:
        desk: to ask the database and to tell what does not fit.
        rows: the list that shows the cases; its gestures mark them.
        model: the cases themselves.
    """

    changed = Signal()
    """Other cases are marked now."""

    def __init__(self, desk: Desk, rows: QueueList, model: QueueModel) -> None:
        super().__init__(rows)
        self._desk, self._list, self._model = desk, rows, model
        self._marked: dict[int, None] = {}
        rows.picked.connect(self.pick)
        rows.range_wanted.connect(self.mark_range)
        rows.clear_wanted.connect(self.clear)

    @property
    def ids(self) -> tuple[int, ...]:
        """The cases that are marked, in the order in which they were."""
        return tuple(self._marked)

    def __contains__(self, case_id: int) -> bool:
        return case_id in self._marked

    def __len__(self) -> int:
        return len(self._marked)

    def toggle(self, place: int) -> None:
        """Mark the case of a row, or take its mark off."""
        found = self._row(place)
        if found is not None and found.id in self._marked:
            self.take_off([found.id])
        elif found is not None:
            self._mark([found.id])

    def toggle_current(self) -> None:
        """The same for the current row."""
        self.toggle(self._list.currentIndex().row())

    def pick(self, place: int) -> None:
        """The same for a row that was clicked; the first click marks the current row as well, as lists do."""
        current = self._row(self._list.currentIndex().row())
        if current is not None and not self._marked and place != self._list.currentIndex().row():
            self._mark([current.id])
        self.toggle(place)

    def mark_range(self, first: int, last: int) -> None:
        """Mark the cases of all rows between two, both included."""
        first, last = min(first, last), max(first, last)
        found = [self._row(place) for place in range(first, min(last, first + MOST) + 1)]
        ids = [row.id for row in found if row is not None]
        if len(ids) == len(found):
            self._mark(ids)
        else:
            self._ask(first, last - first + 1)

    def extend(self, step: int) -> None:
        """Mark the current row and go on to the next one, or the one before, and mark it too."""
        here = self._list.currentIndex().row()
        self._list.step(step)
        self.mark_range(max(here, 0), self._list.currentIndex().row())

    def mark_all(self) -> None:
        """Mark every case of the queue."""
        self._ask(0, self._model.rowCount())

    def take_off(self, ids: Iterable[int]) -> None:
        """Take marks off."""
        left = set(ids) & self._marked.keys()
        for case_id in left:
            del self._marked[case_id]
        if left:
            self._tell()

    def clear(self) -> None:
        """Take all marks off."""
        self.take_off(self.ids)

    def _ask(self, offset: int, count: int) -> None:
        """Mark rows some of which were not fetched."""
        model = self._model
        ask = partial(
            cases.page_ids,
            wanted=model.filter,
            sort=model.order,
            offset=offset,
            limit=min(count, MOST + 1),
            total=model.rowCount(),
        )
        self._desk.operations.read(self, ask, self._mark, key="marks")

    def _mark(self, ids: list[int]) -> None:
        fresh = [case_id for case_id in ids if case_id not in self._marked]
        room = MOST - len(self._marked)
        if len(fresh) > room:
            words = self.tr("No more than {n} cases are moved at once: the first {n} are marked.")
            self._desk.notices.post(words.format(n=MOST))
        self._marked |= dict.fromkeys(fresh[:room])
        if fresh[:room]:
            self._tell()

    def _tell(self) -> None:
        self._list.viewport().update()
        self.changed.emit()

    def _row(self, place: int) -> CaseRow | None:
        found = self._model.index(place).data(ROW) if 0 <= place < self._model.rowCount() else None
        return found if isinstance(found, CaseRow) else None
