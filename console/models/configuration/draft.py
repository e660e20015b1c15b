"""Rows as they are stored, and what one person has changed of them but not saved yet.

Somebody else may save the same rows meanwhile. A draft then takes the new rows in below the changes: what both changed
differently is a conflict, which stays until it is decided; nothing that was typed is lost, nothing of the other's
overwritten unseen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from console.models.configuration.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from console.models.configuration.subjects import Subject


@dataclass(frozen=True)
class Row:
    """A stored row.

    Attributes:
        key: its primary key as text.
        stamp: changes whenever the row does.
        values: by column.
    """

    key: str
    stamp: str
    values: Mapping[str, Any]


class ChangeKind(StrEnum):
    """What becomes of a row."""

    ADD = "add"
    ALTER = "alter"
    REMOVE = "remove"


@dataclass(frozen=True)
class Change:
    """What is to be saved of one row.

    Attributes:
        kind: what becomes of it.
        key: of the row; of a new one a name within the draft.
        stamp: of the row that was seen; empty for a new one.
        base: stored values that were seen.
        values: all values of a new row, only the changed ones of another.
    """

    kind: ChangeKind
    key: str
    stamp: str
    base: Mapping[str, Any]
    values: Mapping[str, Any]


class Draft:
    """What one person is changing of the rows of a subject."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._stored: dict[str, Row] = {}
        self._edits: dict[str, dict[str, Any]] = {}
        self._added: dict[str, dict[str, Any]] = {}
        self._removed: set[str] = set()
        self._seen: dict[tuple[str, str], Any] = {}
        """For each edited field the value that it was edited from."""
        self._conflicts: set[tuple[str, str]] = set()
        self._next = 1
        self._counted: Counter[tuple[tuple[str, ...], tuple[Any, ...]]] | None = None
        self._flaws: dict[str, dict[str, Flaw]] = {}
        """What was found wrong since the last change, by row."""
        self._waiting: Mapping[str, Any] = {}
        """State of an earlier draft, which needs the stored rows before it can be gone on with."""

    def state(self) -> dict[str, Any]:
        """What was typed: new rows, and for each edited field its value and the one it was edited from.

        Rows to be removed are not among it: whoever removes must have seen the row as it is.
        """
        if self._waiting:
            return dict(self._waiting)
        edits = {
            key: {name: [value, self._seen[key, name]] for name, value in edits.items()}
            for key, edits in self._edits.items()
        }
        return {"edits": edits, "added": list(reversed(self._added.values()))}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on with an earlier draft's `state` as soon as the stored rows are taken in."""
        self._waiting = state

    def _take_up(self) -> None:
        state, self._waiting = self._waiting, {}
        known = self.subject.by_name.keys()
        for values in state.get("added", []):
            self.add({name: value for name, value in values.items() if name in known})
        for key, edits in state.get("edits", {}).items():
            for name, (value, seen) in edits.items():
                if name in known and key in self._stored:
                    self._edits.setdefault(key, {})[name] = value
                    self._seen[key, name] = seen

    def go_on_from(self, other: Draft) -> None:
        """Take over all that is stored and changed in another draft of the same subject."""
        self._stored, self._edits, self._added = other._stored, other._edits, other._added
        self._removed, self._seen, self._conflicts = other._removed, other._seen, other._conflicts
        self._next, self._waiting = other._next, other._waiting
        self._forget_counts()

    # What there is

    @property
    def keys(self) -> list[str]:
        """Of all rows: new ones first, then as they are stored."""
        return [*self._added, *self._stored]

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return bool(self._edits or self._added or self._removed)

    @property
    def count(self) -> int:
        """How many rows differ from what is stored."""
        return len(self._edits.keys() | self._added.keys() | self._removed)

    def stored(self, key: str) -> Row | None:
        """The row as it is stored; None for a new one."""
        return self._stored.get(key)

    def values(self, key: str) -> Mapping[str, Any]:
        """Values of a row with the changes; to be read only."""
        if key in self._added:
            return self._added[key]
        stored, edits = self._stored[key].values, self._edits.get(key)
        return {**stored, **edits} if edits else stored

    def is_edited(self, key: str, name: str) -> bool:
        """Whether this field differs from what is stored."""
        return name in self._edits.get(key, {}) or key in self._added

    def is_changed_row(self, key: str) -> bool:
        """Whether the row differs from what is stored."""
        return key in self._edits or key in self._added or key in self._removed

    def is_added(self, key: str) -> bool:
        """Whether the row is new."""
        return key in self._added

    def is_removed(self, key: str) -> bool:
        """Whether the row is to be removed."""
        return key in self._removed

    def conflicts(self, key: str) -> tuple[str, ...]:
        """Fields of a row that somebody else changed meanwhile, differently."""
        return tuple(name for name in self.subject.by_name if (key, name) in self._conflicts)

    @property
    def conflict_count(self) -> int:
        """How many rows have a conflict that is not decided."""
        return len({key for key, _ in self._conflicts})

    def flaws(self, key: str) -> dict[str, Flaw]:
        """What is wrong with a row that is new or changed; of the others the database thought well."""
        if key in self._removed or not (key in self._added or key in self._edits):
            return {}
        if key not in self._flaws:
            self._flaws[key] = self._find_flaws(key)
        return self._flaws[key]

    def _find_flaws(self, key: str) -> dict[str, Flaw]:
        values = self.values(key)
        found = self.subject.flaws(values)
        for group in self.subject.unique:
            own = tuple(values.get(name) for name in group)
            if None not in own and self._held[group, own] > 1:
                found.setdefault(group[-1], Flaw.TWICE)
        return found

    @property
    def _held(self) -> Counter[tuple[tuple[str, ...], tuple[Any, ...]]]:
        """How many rows hold the same of what no two rows share; counted once between two changes."""
        if self._counted is None:
            rows = [self.values(key) for key in self.keys if key not in self._removed]
            self._counted = Counter(
                (group, tuple(row.get(name) for name in group)) for group in self.subject.unique for row in rows
            )
        return self._counted

    def _forget_counts(self) -> None:
        """Something is changed: what was counted and found wrong before is not known any more."""
        self._counted = None
        self._flaws = {}

    def flawed(self) -> list[str]:
        """Rows that cannot be saved as they are."""
        return [key for key in (*self._added, *self._edits) if self.flaws(key)]

    # Changing

    def set(self, key: str, name: str, value: Any) -> None:
        """Change a field; setting what is stored takes the change back."""
        self._forget_counts()
        if key in self._added:
            self._added[key][name] = value
            return
        row = self._stored[key]
        edits = self._edits.setdefault(key, {})
        if value == row.values.get(name):
            edits.pop(name, None)
            self._seen.pop((key, name), None)
        else:
            edits[name] = value
            self._seen.setdefault((key, name), row.values.get(name))
        self._conflicts.discard((key, name))
        if not edits:
            del self._edits[key]

    def may_set(self, key: str, name: str) -> bool:
        """Whether a field of this row can be changed."""
        one = self.subject.by_name.get(name)
        return one is not None and key not in self._removed and (key in self._added or not one.fixed)

    def add(self, values: Mapping[str, Any]) -> str:
        """A new row with these values beside the usual ones; returns its key in this draft."""
        self._forget_counts()
        key = f"+{self._next}"
        self._next += 1
        self._added = {key: {**self.subject.new_values(), **values}, **self._added}
        return key

    def add_all(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Many new rows at once, but for those that share with another what no two rows may; returns how many came."""
        fresh: dict[str, dict[str, Any]] = {}
        held = set(self._held)
        for values in rows:
            row = {**self.subject.new_values(), **values}
            own = {(group, tuple(row.get(name) for name in group)) for group in self.subject.unique}
            if not own & held:
                held |= own
                fresh[f"+{self._next}"] = row
                self._next += 1
        self._added = {**fresh, **self._added}
        self._forget_counts()
        return len(fresh)

    def remove(self, key: str) -> None:
        """Mark a row for removal; a new one simply goes."""
        self._forget_counts()
        if self._added.pop(key, None) is None:
            self._forget(key)
            self._removed.add(key)

    def twin(self, key: str) -> str:
        """A new row that holds what this one holds, but for what no two rows share."""
        single = {group[-1] for group in self.subject.unique}
        names = self.subject.by_name.keys() - single
        return self.add({name: value for name, value in self.values(key).items() if name in names})

    def key_of(self, values: Mapping[str, Any]) -> str | None:
        """Key of the stored row that holds these values."""
        for key, row in self._stored.items():
            if all(row.values.get(name) == value for name, value in values.items() if value is not None):
                return key
        return None

    def restore(self, key: str) -> None:
        """Take back all that was changed of a row."""
        self._forget_counts()
        self._added.pop(key, None)
        self._removed.discard(key)
        self._forget(key)

    def discard(self) -> None:
        """Take back everything."""
        self._forget_counts()
        self._edits.clear()
        self._added.clear()
        self._removed.clear()
        self._seen.clear()
        self._conflicts.clear()

    def keep_mine(self, key: str, name: str) -> None:
        """Decide a conflict: what was typed here counts."""
        self._seen[key, name] = self._stored[key].values.get(name)
        self._conflicts.discard((key, name))

    def take_theirs(self, key: str, name: str) -> None:
        """Decide a conflict: what the other one saved counts."""
        self.set(key, name, self._stored[key].values.get(name))

    def _forget(self, key: str) -> None:
        self._edits.pop(key, None)
        for held in [pair for pair in self._seen if pair[0] == key]:
            del self._seen[held]
        self._conflicts = {pair for pair in self._conflicts if pair[0] != key}

    # Meeting what is stored

    def take_in(self, rows: Iterable[Row]) -> None:
        """Put what is stored now below the changes."""
        self._forget_counts()
        before, self._stored = self._stored, {row.key: row for row in rows}
        for key in [*self._edits, *self._removed]:
            if key not in self._stored and key in before:
                # Removed elsewhere: what was typed is kept as a new row, a removal is done.
                if key in self._edits:
                    self._added[f"+{self._next}"] = {**before[key].values, **self._edits[key]}
                    self._next += 1
                self._forget(key)
                self._removed.discard(key)
        if self._waiting:
            self._take_up()
        for key, edits in list(self._edits.items()):
            for name, mine in list(edits.items()):
                now = self._stored[key].values.get(name)
                if now == mine:
                    self.set(key, name, now)
                elif now != self._seen[key, name]:
                    self._conflicts.add((key, name))
                else:
                    self._conflicts.discard((key, name))
        for key in list(self._removed):
            if before.get(key) is not None and self._stored[key].values != before[key].values:
                self._removed.discard(key)  # what is removed must have been seen

    def saved(self) -> None:
        """What was changed is stored now."""
        self.discard()

    def changes(self) -> tuple[Change, ...]:
        """All there is to save: removals first, so that what they leave free can be taken."""
        removed = (self._change(ChangeKind.REMOVE, key, {}) for key in sorted(self._removed))
        altered = (self._change(ChangeKind.ALTER, key, edits) for key, edits in self._edits.items())
        added = (Change(ChangeKind.ADD, key, "", {}, dict(values)) for key, values in reversed(self._added.items()))
        return (*removed, *altered, *added)

    def _change(self, kind: ChangeKind, key: str, values: Mapping[str, Any]) -> Change:
        row = self._stored[key]
        return Change(kind, key, row.stamp, row.values, dict(values))
