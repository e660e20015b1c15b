"""What would become of each line of a standard, as it is told and as it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.models.configuration.draft import Change
    from console.models.layer_import.verdicts import Reason


class Outcome(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    ENDED = "ended"
    """In force, but not in the file: it ends, if that is wanted."""
    KEPT = "kept"
    """In force, but not in the file: it stays."""


@dataclass(frozen=True)
class Verdict:
    """What becomes of one line.

    Attributes:
        place: sheet and row; empty for a condition that the file does not have.
        class_code: of its class, `class_name` its name.
        condition: the condition.
        outcome: what becomes of it.
        changes: value before and after of every field that changes, by field.
        reasons: why it is refused, or what is worth knowing.
    """

    place: str
    class_code: str
    class_name: str
    condition: str
    outcome: Outcome
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an import would do.

    Attributes:
        verdicts: one a line in the order of the file, then what the file does not have.
        classes: changes of classes; a new class has its kind and code as key.
        conditions: changes of conditions; those of a new class name it by that key.
    """

    verdicts: tuple[Verdict, ...]
    classes: tuple[Change, ...]
    conditions: tuple[Change, ...]

    def count(self, outcome: Outcome) -> int:
        """How many lines come to `outcome`."""
        return sum(verdict.outcome is outcome for verdict in self.verdicts)

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.classes or self.conditions)
