"""What would become of each line of a standard, and doing it: a plan that can be read, then the same in one go."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.calendar import LimitUnit
from console.models.configuration.draft import Change, ChangeKind, Row
from console.models.configuration.rows import read_rows, save_rows
from console.models.configuration.standard import read_conditions, save_conditions
from console.models.configuration.standard_import.columns import Part
from console.models.configuration.standard_import.limits import LimitFault, limit_text, parse_limit
from console.models.configuration.standard_import.verdicts import Outcome, Plan, Verdict
from console.models.configuration.subjects import CASE_CLASS, CODE_SYSTEMS, CONDITION, DEPARTMENT
from console.models.layer_import.verdicts import reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from console.models.configuration.standard_import.workbook import Line, StandardFile
    from console.models.layer_import.verdicts import Reason

SYSTEM = CODE_SYSTEMS[0]
_SEPARATORS = re.compile(r"[/、,，;；]|\s{1,}")
_NOISE = re.compile(r"[\s\W_]+")


def plan_standard(connection: Connection, file: StandardFile, *, end_missing: bool = False) -> Plan:
    """What importing `file` would do to the standard as it is now.

    Args:
        connection: to the database; only read.
        file: the standard.
        end_missing: whether conditions in force that the file does not have are to end.
    """
    return _Planner(connection, end_missing=end_missing).plan(file)


def apply_standard(
    connection: Connection, file: StandardFile, plan: Plan, from_day: date, *, end_missing: bool = False
) -> None:
    """Do what `plan` says, from `from_day` on, refused lines left out; all of it or, when this raises, nothing.

    Raises:
        ConsoleError: the standard is not any more as it was planned for, or a rule of the database refuses a change.
    """
    if plan_standard(connection, file, end_missing=end_missing) != plan:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "The standard was changed since the lines were checked. Nothing was imported; check them again.",
            )
        )
    save_rows(connection, CASE_CLASS, [replace(c, values=dict(c.values)) for c in plan.classes])
    made = text("SELECT kind::text || code, id FROM city.case_class WHERE code_system = :system")
    ids = {row[0]: row[1] for row in connection.execute(made, {"system": SYSTEM})}
    save_conditions(connection, [_with_class(change, ids) for change in plan.conditions], from_day)


def _with_class(change: Change, ids: Mapping[str, int]) -> Change:
    class_id = change.values.get("class_id")
    return replace(change, values={**change.values, "class_id": ids[class_id]}) if isinstance(class_id, str) else change


class _Planner:
    def __init__(self, connection: Connection, *, end_missing: bool) -> None:
        self._end_missing = end_missing
        self._departments = {row.key: row.values for row in read_rows(connection, DEPARTMENT)}
        self._unit_of: dict[str, int] = {}
        for name in ("code", "short_name", "name"):  # a full name wins over a short one of another unit
            self._unit_of |= {_plain(values[name]): values["id"] for values in self._departments.values()}
        self._class_of = {
            (row.values["kind"], row.values["code"]): row
            for row in read_rows(connection, CASE_CLASS)
            if row.values["code_system"] == SYSTEM
        }
        self._conditions: dict[Any, dict[str, Row]] = {}
        for row in read_conditions(connection):
            self._conditions.setdefault(row.values["class_id"], {})[row.values["code"]] = row
        self._codes: dict[Any, set[str]] = {}
        """Codes of a class that were ever used: a condition that has ended keeps its code."""
        for class_id, code in connection.execute(text("SELECT DISTINCT class_id, code FROM city.filing_condition")):
            self._codes.setdefault(class_id, set()).add(code)
        self._met: dict[tuple[Any, str], str] = {}
        """Place at which a condition of a class was given."""
        self._classes: dict[str, Change] = {}
        self._changes: list[Change] = []

    def plan(self, file: StandardFile) -> Plan:
        verdicts = [self._judge(line) for line in file.lines]
        covered = {class_id for class_id, _ in self._met}
        kinds = {line.kind for line in file.lines}
        for (kind, _), case_class in self._class_of.items():
            class_id = case_class.values["id"]
            for code, row in self._conditions.get(class_id, {}).items():
                if kind in kinds and (class_id, code) not in self._met:
                    verdicts.append(self._absent(case_class, row, is_class_covered=class_id in covered))
        return Plan(tuple(verdicts), tuple(self._classes.values()), tuple(self._changes))

    def _absent(self, case_class: Row, row: Row, *, is_class_covered: bool) -> Verdict:
        if self._end_missing:
            self._changes.append(Change(ChangeKind.REMOVE, row.key, row.stamp, row.values, {}))
        why = (
            QT_TRANSLATE_NOOP("errors", "The file has the class, but not this condition.")
            if is_class_covered
            else QT_TRANSLATE_NOOP("errors", "The file does not have this class.")
        )
        return Verdict(
            "",
            case_class.values["code"],
            case_class.values["name"],
            row.values["description"],
            Outcome.ENDED if self._end_missing else Outcome.KEPT,
            reasons=(reason(why),),
        )

    # One line

    def _judge(self, line: Line) -> Verdict:
        faults: list[Reason] = []
        notes: list[Reason] = []
        class_code = _class_code(line)
        words = line.text(Part.CONDITION)
        verdict = Verdict(
            f"{line.sheet} {line.row}", class_code or line.text(Part.CLASS_CODE), line.text(Part.CLASS_NAME), words,
            Outcome.REFUSED,
        )  # fmt: skip
        case_class = self._class_of.get((line.kind, class_code))
        self._check_class(line, class_code, case_class, faults)
        values = self._values(line, case_class, faults, notes)
        if faults:
            return replace(verdict, reasons=(*faults, *notes))
        class_id: Any = case_class.values["id"] if case_class else f"{line.kind}{class_code}"
        before = self._condition(line, class_id, words)
        code = before.values["code"] if before is not None else line.text(Part.CONDITION_CODE) or self._free(class_id)
        if not _is_code(code):
            why = QT_TRANSLATE_NOOP(
                "errors", "“{code}” is no code of a condition: two to ten capital letters and figures, a letter first."
            )
            return replace(verdict, reasons=(reason(why, code=code),))
        if (class_id, code) in self._met:
            why = QT_TRANSLATE_NOOP("errors", "The condition was given in {place} already.")
            return replace(verdict, reasons=(reason(why, place=self._met[class_id, code]),))
        self._met[class_id, code] = verdict.place
        self._codes.setdefault(class_id, set()).add(code)
        verdict = replace(verdict, class_name=verdict.class_name or (case_class.values["name"] if case_class else ""))
        class_changes = self._plan_class(line, class_code, case_class, notes)
        if before is None:
            self._changes.append(
                Change(ChangeKind.ADD, f"{class_id}/{code}", "", {}, {**values, "class_id": class_id, "code": code})
            )
            return replace(verdict, outcome=Outcome.NEW, changes=class_changes, reasons=tuple(notes))
        differing = {name: value for name, value in values.items() if value != before.values[name]}
        for name in ("description", "closing_condition"):
            if f"{name}_en" in differing and not differing[f"{name}_en"] and name not in differing:
                del differing[f"{name}_en"]  # an empty cell is no wish to forget the other language
        if differing:
            self._changes.append(Change(ChangeKind.ALTER, before.key, before.stamp, before.values, differing))
        changes = {**class_changes, **self._words(before.values, differing)}
        outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
        return replace(verdict, outcome=outcome, changes=changes, reasons=tuple(notes))

    def _check_class(self, line: Line, class_code: str, case_class: Row | None, faults: list[Reason]) -> None:
        if not line.kind:
            faults.append(
                reason(
                    QT_TRANSLATE_NOOP(
                        "errors",
                        "Neither a column nor the name of the sheet says whether this is a component or an event.",
                    )
                )
            )
        if not class_code:
            given = line.text(Part.CLASS_CODE)
            faults.append(
                reason(QT_TRANSLATE_NOOP("errors", "“{code}” is no class code of four digits."), code=given)
                if given
                else reason(QT_TRANSLATE_NOOP("errors", "The class code is missing."))
            )
        elif case_class is None and line.kind:
            for part, words in (
                (
                    Part.CLASS_NAME,
                    QT_TRANSLATE_NOOP("errors", "The class {code} is new here and has no name in the file."),
                ),
                (
                    Part.MAJOR_NAME,
                    QT_TRANSLATE_NOOP(
                        "errors", "The class {code} is new here and the file does not name its major class."
                    ),
                ),
            ):
                if not line.text(part) and not (part is Part.MAJOR_NAME and self._major(line.kind, class_code)):
                    faults.append(reason(words, code=class_code))

    def _values(self, line: Line, case_class: Row | None, faults: list[Reason], notes: list[Reason]) -> dict[str, Any]:
        """What the condition would hold."""
        values: dict[str, Any] = {}
        for part, name, words in (
            (Part.CONDITION, "description", QT_TRANSLATE_NOOP("errors", "The condition is missing.")),
            (Part.CLOSING, "closing_condition", QT_TRANSLATE_NOOP("errors", "The closing condition is missing.")),
        ):
            values[name] = line.text(part)
            if not values[name]:
                faults.append(reason(words))
        for part, name in ((Part.CONDITION_EN, "description_en"), (Part.CLOSING_EN, "closing_condition_en")):
            if part in line.cells:
                values[name] = line.text(part)
        limit = self._limit(line, faults)
        if limit is not None:
            values["limit_value"], values["limit_unit"] = limit[0], limit[1].value
        known = self._known(case_class)
        for part, name, words in (
            (Part.RESPONSIBLE, "responsible_id", QT_TRANSLATE_NOOP("errors", "The responsible unit is missing.")),
            (Part.COMPETENT, "competent_id", QT_TRANSLATE_NOOP("errors", "The competent unit is missing.")),
        ):
            given = line.text(part)
            unit = self._unit(given, faults, notes) if given else known.get(name)
            if unit is not None:
                values[name] = unit
            elif not given:
                faults.append(reason(words))
        return values

    def _known(self, case_class: Row | None) -> dict[str, int]:
        """Units that the class has now; they stand for an empty cell when all its conditions agree."""
        rows = self._conditions.get(case_class.values["id"], {}).values() if case_class else ()
        found: dict[str, int] = {}
        for name in ("responsible_id", "competent_id"):
            units = {row.values[name] for row in rows}
            if len(units) == 1:
                found[name] = units.pop()
        return found

    def _limit(self, line: Line, faults: list[Reason]) -> tuple[int, LimitUnit] | None:
        given, unit = line.text(Part.LIMIT), line.text(Part.UNIT)
        if not given:
            faults.append(reason(QT_TRANSLATE_NOOP("errors", "The limit is missing.")))
            return None
        try:
            return parse_limit(given, unit)
        except LimitFault as fault:
            template = {
                "unit": QT_TRANSLATE_NOOP(
                    "errors", "“{limit}” has no unit that we know; write 紧急工作时, 紧急工作日, 工作时 or 工作日."
                ),
                "number": QT_TRANSLATE_NOOP("errors", "“{limit}” is no whole number of hours or days from 1 to 999."),
                "both": QT_TRANSLATE_NOOP("errors", "“{limit}” cannot be read as a limit such as 4工作时 or 2工作日."),
            }[str(fault)]
            faults.append(reason(template, limit=" ".join(filter(None, (given, unit)))))
            return None

    def _unit(self, given: str, faults: list[Reason], notes: list[Reason]) -> int | None:
        unit = self._unit_of.get(_plain(given))
        if unit is not None:
            return unit
        names = [name for name in _SEPARATORS.split(given) if name]
        first = self._unit_of.get(_plain(names[0])) if len(names) > 1 else None
        if first is None:
            faults.append(
                reason(QT_TRANSLATE_NOOP("errors", "No department is called “{name}”; enter it first."), name=given)
            )
            return None
        notes.append(
            reason(
                QT_TRANSLATE_NOOP("errors", "Of “{names}” the first counts; the others can be chosen at dispatch."),
                names=given,
            )
        )
        return first

    def _condition(self, line: Line, class_id: Any, words: str) -> Row | None:
        """The condition of the class that the line is about: by its code, or else by its words."""
        rows = self._conditions.get(class_id, {})
        code = line.text(Part.CONDITION_CODE)
        if code:
            return rows.get(code)
        return next((row for row in rows.values() if _plain(row.values["description"]) == _plain(words)), None)

    def _free(self, class_id: Any) -> str:
        used = self._codes.get(class_id, set())
        return next(code for number in range(1, 1000) if (code := f"N{number}") not in used)

    def _major(self, kind: str, class_code: str) -> tuple[str, str] | None:
        """Name of the major class, in both languages, from another class of it."""
        for (other_kind, other_code), row in self._class_of.items():
            if other_kind == kind and other_code[:2] == class_code[:2]:
                return row.values["category"], row.values["category_en"]
        return None

    def _plan_class(
        self, line: Line, class_code: str, case_class: Row | None, notes: list[Reason]
    ) -> dict[str, tuple[str, str]]:
        """Let the class be made or renamed; says what changes, at the first of its lines only."""
        key = f"{line.kind}{class_code}"
        if key in self._classes:
            return {}
        if case_class is None:
            category, category_en = self._major(line.kind, class_code) or (line.text(Part.MAJOR_NAME), "")
            values = {
                "kind": line.kind, "code": class_code, "code_system": SYSTEM, "name_en": "",
                "name": line.text(Part.CLASS_NAME),
                "category": line.text(Part.MAJOR_NAME) or category, "category_en": category_en, "in_use": True,
            }  # fmt: skip
            self._classes[key] = Change(ChangeKind.ADD, key, "", {}, values)
            notes.append(reason(QT_TRANSLATE_NOOP("errors", "The class is new.")))
            return {}
        before = case_class.values
        altered: dict[str, Any] = {}
        if line.text(Part.CLASS_NAME) and line.text(Part.CLASS_NAME) != before["name"]:
            altered["name"] = line.text(Part.CLASS_NAME)
        if not before["in_use"]:
            altered["in_use"] = True
            notes.append(reason(QT_TRANSLATE_NOOP("errors", "The class comes into use.")))
        if not altered:
            return {}
        self._classes[key] = Change(ChangeKind.ALTER, case_class.key, case_class.stamp, before, altered)
        return {"name": (before["name"], str(altered["name"]))} if "name" in altered else {}

    def _words(self, before: Mapping[str, Any], differing: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """Values before and after as people read them."""
        after = {**before, **differing}
        found = {name: (str(before[name]), str(value)) for name, value in differing.items() if name not in _SPOKEN}
        if "limit_value" in differing or "limit_unit" in differing:
            found["limit"] = (_limit_words(before), _limit_words(after))
        for name in ("responsible_id", "competent_id"):
            if name in differing:
                found[name] = (self._short(before[name]), self._short(after[name]))
        return found

    def _short(self, department_id: int) -> str:
        return str(self._departments[str(department_id)]["short_name"])


_SPOKEN = frozenset({"limit_value", "limit_unit", "responsible_id", "competent_id"})


def _limit_words(values: Mapping[str, Any]) -> str:
    return limit_text(values["limit_value"], LimitUnit(values["limit_unit"]))


def _is_code(code: str) -> bool:
    pattern = CONDITION.by_name["code"].pattern
    return pattern is not None and pattern.fullmatch(code) is not None


def _class_code(line: Line) -> str:
    """Four digits; a spreadsheet may have eaten a zero, and some give major class and class apart."""
    given, major = _digits(line.text(Part.CLASS_CODE)), _digits(line.text(Part.MAJOR_CODE))
    if len(given) <= 2 and given and major and len(major) <= 2:
        return major.zfill(2) + given.zfill(2)
    return given.zfill(4) if len(given) in (3, 4) else ""


def _digits(text_: str) -> str:
    plain = unicodedata.normalize("NFKC", text_).strip()
    return plain if plain.isascii() and plain.isdigit() else ""


def _plain(words: str) -> str:
    """Words without what differs between two typings of them: width, blanks, punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", words)).casefold()
