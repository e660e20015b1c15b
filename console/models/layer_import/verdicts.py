"""What is said about each row of a file, and about the file as a whole."""

from __future__ import annotations

import contextlib
import csv
import os
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from console.errors import QT_TRANSLATE_NOOP, ConsoleError, translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SHOWN = 20  # verdicts of one outcome on the terminal; the report has all
SHOWN_TEXT = 60  # characters of a value of the file that a verdict repeats
SHOWN_LIST = 1000  # characters of a list, such as all columns of a file


class Outcome(StrEnum):
    """What became of a row."""

    IMPORTED = "imported"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


_OUTCOME_WORDS = {
    Outcome.IMPORTED: QT_TRANSLATE_NOOP("errors", "imported"),
    Outcome.CHANGED: QT_TRANSLATE_NOOP("errors", "changed"),
    Outcome.UNCHANGED: QT_TRANSLATE_NOOP("errors", "unchanged"),
    Outcome.SKIPPED: QT_TRANSLATE_NOOP("errors", "skipped"),
}


@dataclass(frozen=True)
class Reason:
    """One sentence about a row or a file, with ``{name}`` fields, in English until it is shown."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence in `language`."""
        return translate(self.template, language).format(**self.values)


def reason(template: str, **values: object) -> Reason:
    """A `Reason`; values that come from the file are cut short, on one line and free of control characters."""
    return Reason(template, {k: excerpt(v) if isinstance(v, str) else v for k, v in values.items()})


def excerpt(value: str, most: int = SHOWN_TEXT) -> str:
    """`value` as it may be shown on a terminal: short, on one line, without control characters."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value[: most + 1])
    return clean if len(clean) <= most else clean[:most] + "…"


class Remarks:
    """Faults and notes that gather on the rows of a file; a row with a fault is not imported."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._faults: dict[int, list[Reason]] = defaultdict(list)
        self._notes: dict[int, list[Reason]] = defaultdict(list)

    def fault(self, rows: Iterable[int] | NDArray[np.intp], why: Reason) -> None:
        """Say of each of `rows` (positions from 0) why it cannot be imported."""
        for row in rows:
            self._faults[int(row)].append(why)

    def note(self, rows: Iterable[int] | NDArray[np.intp], what: Reason) -> None:
        """Say of each of `rows` what was done to it or is worth a look."""
        for row in rows:
            self._notes[int(row)].append(what)

    @property
    def sound(self) -> NDArray[np.bool_]:
        """Which rows have no fault."""
        mask = np.ones(self.rows, bool)
        mask[list(self._faults)] = False
        return mask

    def of(self, row: int) -> tuple[Reason, ...]:
        """Faults, then notes of a row."""
        return (*self._faults.get(row, ()), *self._notes.get(row, ()))


@dataclass(frozen=True)
class Verdict:
    """What became of one row.

    Attributes:
        place: line of a text file or number of the feature, from 1.
        code: key of the row, as read; empty when it has none.
        outcome: what became of it.
        reasons: why it was skipped, or what is worth knowing.
        changes: value before and after of every field that changed, as text; empty for no value.
    """

    place: int
    code: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def words(self, language: str) -> str:
        """Changes and reasons in one line."""
        changed = [f"{name} {excerpt(old) or '-'} → {excerpt(new) or '-'}" for name, (old, new) in self.changes.items()]
        return "; ".join([*changed, *(r.text(language) for r in self.reasons)])


@dataclass(frozen=True)
class Result:
    """What an import did, or would do.

    Attributes:
        table: name of the table in schema city.
        path: the file.
        facts: how the file was read, one sentence each: format, encoding, CRS, fields.
        verdicts: one a row, in the order of the file.
        place_word: ``line`` or ``feature``: what `Verdict.place` counts.
        written: whether the rows are in the database now.
        refused: whether an import was asked for and refused because of its faults.
    """

    table: str
    path: Path
    facts: Sequence[Reason]
    verdicts: Sequence[Verdict]
    place_word: str
    written: bool
    refused: bool

    def count(self, outcome: Outcome) -> int:
        """How many rows came to `outcome`."""
        return sum(v.outcome is outcome for v in self.verdicts)

    def lines(self, language: str) -> list[str]:
        """The verdict for a terminal: how the file was read, row by row what matters, totals, what comes next."""
        shown = [fact.text(language) for fact in self.facts]
        width = max((len(excerpt(v.code)) for v in self.verdicts), default=0)
        place_word = translate(_PLACE_WORDS[self.place_word], language)
        for outcome in (Outcome.IMPORTED, Outcome.CHANGED, Outcome.SKIPPED):
            those = [v for v in self.verdicts if v.outcome is outcome]
            if outcome is Outcome.IMPORTED and len(those) > SHOWN:
                those.sort(key=lambda v: not v.reasons)  # what is plain need not be read
            word = translate(_OUTCOME_WORDS[outcome], language)
            shown += [
                f"{place_word} {v.place:>6}  {excerpt(v.code):<{width}}  {word}  {v.words(language)}".rstrip()
                for v in those[:SHOWN]
            ]
            if len(those) > SHOWN:
                shown.append(_more(outcome, len(those) - SHOWN).text(language))
        totals = ", ".join(f"{translate(_OUTCOME_WORDS[o], language)} {self.count(o):,}" for o in Outcome)
        return [*shown, f"{self.table}: {totals}", self._ending().text(language)]

    def _ending(self) -> Reason:
        if self.written:
            return reason(QT_TRANSLATE_NOOP("errors", "Written in one transaction."))
        if self.refused:
            return reason(
                QT_TRANSLATE_NOOP(
                    "errors",
                    "Refused, nothing was written. Rows with faults: {count}. Mend them, or import the others with "
                    "--skip-invalid.",
                ),
                count=self.count(Outcome.SKIPPED),
            )
        return reason(QT_TRANSLATE_NOOP("errors", "Dry run: nothing was written. Repeat with --apply to import."))

    def write_report(self, path: Path, language: str) -> None:
        """Every verdict as a CSV file (UTF-8 with mark, for spreadsheets); whole or not at all.

        Raises:
            ConsoleError: the disk is full or the place cannot be written.
        """
        part = path.with_name(path.name + ".part")
        try:
            with part.open("w", encoding="utf-8-sig", newline="") as file:
                table = csv.writer(file)
                table.writerow([self.place_word, "code", "outcome", "field", "before", "after", "reason"])
                for v in self.verdicts:
                    start = [v.place, _cell(v.code), v.outcome.value]
                    why = "; ".join(r.text(language) for r in v.reasons)
                    for name, (old, new) in v.changes.items():
                        table.writerow([*start, name, _cell(old), _cell(new), why])
                    if not v.changes:
                        table.writerow([*start, "", "", "", why])
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as fault:
            with contextlib.suppress(OSError):
                part.unlink()
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The report {path} cannot be written: {fault}. Nothing was imported."),
                path=path,
                fault=fault.strerror or fault,
            ) from fault


_PLACE_WORDS = {
    "line": QT_TRANSLATE_NOOP("errors", "line"),
    "feature": QT_TRANSLATE_NOOP("errors", "feature"),
}


def _more(outcome: Outcome, count: int) -> Reason:
    templates = {
        Outcome.IMPORTED: QT_TRANSLATE_NOOP("errors", "… and {count} more that are new; --report FILE.csv lists all"),
        Outcome.CHANGED: QT_TRANSLATE_NOOP("errors", "… and {count} more that change; --report FILE.csv lists all"),
        Outcome.SKIPPED: QT_TRANSLATE_NOOP("errors", "… and {count} more with faults; --report FILE.csv lists all"),
    }
    return reason(templates[outcome], count=count)


def _cell(value: str) -> str:
    """A text of the file that no spreadsheet takes for a formula."""
    return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
