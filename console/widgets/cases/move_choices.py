"""What moves choose from, whichever case they are made in: the standard in force, and set phrases for opinions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.models.cases.filing import standard
from console.models.configuration.opinions import phrases
from console.widgets.cases.move_fields import phrase_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.cases.filing import Standard
    from console.models.configuration.opinions import Phrase
    from console.widgets.shared.desk import Desk

    Found = tuple[Standard, dict[str, tuple[Phrase, ...]]]

READ_AGAIN = frozenset({"filing_condition", "case_class", "department", "opinion_text"})


class MoveChoices(QObject):
    """Reads them when they are first wanted, and again when somebody changes them.

    Args:
        desk: whose role and language decide.
        parent: keeps it.
    """

    here = Signal()
    """They were read."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._phrases: dict[str, tuple[Phrase, ...]] = {}
        self.standard: Standard | None = None
        desk.changes.changed.connect(self._on_changes)

    def want(self) -> None:
        """See that they are read."""
        if self.standard is None:
            self._read()

    def phrases(self, name: str) -> list[str]:
        """Set phrases for the opinion of a move."""
        return phrase_words(self._phrases.get(name, ()), self._desk.language)

    def _read(self) -> None:
        role = self._desk.person.role

        def read(connection: Connection) -> Found:
            return standard(connection), phrases(connection, role)

        self._desk.operations.read(self, read, self._keep, key="standard")

    def _keep(self, found: Found) -> None:
        self.standard, self._phrases = found
        self.here.emit()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if self.standard is not None and any(c.subject in READ_AGAIN for c in changes):
            self._read()
