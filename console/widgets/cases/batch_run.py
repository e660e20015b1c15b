"""Many moves, one after the other, each in a transaction of its own; it can be stopped and gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.models.cases.moves import attempt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from console.models.cases.moves import Move, Verdict
    from console.widgets.shared.desk import Desk


class BatchRun(QObject):
    """Runs moves; what was made is made, whatever becomes of the others.

    Args:
        desk: whose lane of writes they go through.
        wanted: the moves; a move whose answer was lost is sent again with its own request id and made once.
        trial: only ask the database what would become of each.
        parent: keeps it.
    """

    judged = Signal(object)
    """The `Verdict` of one move."""
    ended = Signal(str)
    """Nothing is under way any more; why not all moves were tried, empty when they were or it was stopped."""

    def __init__(self, desk: Desk, wanted: Sequence[Move], *, trial: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._wanted = desk, wanted
        self._is_under_way = self._is_stopping = False
        self.trial = trial
        self.verdicts: list[Verdict] = []

    @property
    def is_under_way(self) -> bool:
        """Whether a move is being made."""
        return self._is_under_way

    @property
    def case_ids(self) -> frozenset[int]:
        """The cases that are moved."""
        return frozenset(one.case_id for one in self._wanted)

    @property
    def left(self) -> int:
        """How many moves were not tried yet."""
        return len(self._wanted) - len(self.verdicts)

    def go_on(self) -> None:
        """Begin, or go on after it was stopped or the database was away."""
        if not self._is_under_way:
            self._is_stopping = False
            self._step()

    def stop(self) -> None:
        """Try no further move; the one that is under way is finished."""
        self._is_stopping = True

    def _step(self) -> None:
        self._is_under_way = bool(self.left) and not self._is_stopping
        if not self._is_under_way:
            self.ended.emit("")
            return
        one, trial = self._wanted[len(self.verdicts)], self.trial

        def work(connection: Connection) -> Verdict:
            return attempt(connection, one, trial=trial)

        self._desk.operations.write(self, work, self._on_verdict, self._on_failed)

    def _on_verdict(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        self.judged.emit(verdict)
        self._step()

    def _on_failed(self, error: Exception) -> None:
        self._is_under_way = False
        self.ended.emit(self._desk.notices.words_for(error))
