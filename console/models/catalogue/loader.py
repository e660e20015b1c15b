"""Reads the catalogue from CSV files and refuses one that contradicts itself."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from console.errors import QT_TRANSLATE_NOOP, RESOURCES, ConsoleError
from console.models.calendar import LimitUnit
from console.models.catalogue.records import (
    CODE_SYSTEM,
    OLD_CODE_SYSTEM,
    CaseClass,
    Catalogue,
    Confidence,
    Department,
    FilingCondition,
    Kind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

CLASSES = Path("standards", "classes.csv")
CONDITIONS = Path("standards", "conditions.csv")
MAJOR_CLASSES = Path("standards", "major_classes.csv")
DEPARTMENTS = Path("organisation", "departments.csv")

DEPARTMENT_KINDS = ("centre", "bureau", "enforcement", "sanitation", "park", "municipal", "subdistrict", "owner")
CLASS_CODE = re.compile(r"\d{4}")
CONDITION_CODE = re.compile(r"[A-Z][A-Z0-9]{1,9}")
DEPARTMENT_CODE = re.compile(r"\d{4}")


def load_catalogue(folder: Path = RESOURCES) -> Catalogue:
    """Read and check the whole catalogue.

    Args:
        folder: holds ``standards/`` and ``organisation/``.

    Raises:
        ConsoleError: a file is missing or unreadable, a value is out of format, a code is given twice or refers to
            nothing; the message names file and line.
    """
    departments = tuple(_departments(folder / DEPARTMENTS))
    known = {row.code for row in departments}
    majors = dict(_majors(folder / MAJOR_CLASSES))
    classes = tuple(_classes(folder / CLASSES, known, majors))
    conditions = tuple(_conditions(folder / CONDITIONS, {row.key: row for row in classes}))
    bare = {row.key for row in classes if row.in_use} - {row.class_key for row in conditions}
    if bare:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{file}: class {code} is in use but has no filing condition."),
            file=CONDITIONS.name,
            code=" ".join(min(bare)),
        )
    return Catalogue(departments, classes, conditions)


class _Row:
    """One line of a file, whose values are asked for by column and checked."""

    def __init__(self, file: Path, line: int, values: dict[str, str]) -> None:
        self._file, self._line, self._values = file, line, values

    def fault(self, column: str) -> ConsoleError:
        return ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{file}, line {line}: “{value}” is not a valid {column}."),
            file=self._file.name,
            line=self._line,
            value=self._values[column],
            column=column,
        )

    def text(self, column: str) -> str:
        if not self._values[column]:
            raise self.fault(column)
        return self._values[column]

    def optional(self, column: str) -> str:
        return self._values[column]

    def matching(self, column: str, pattern: re.Pattern[str]) -> str:
        if not pattern.fullmatch(self._values[column]):
            raise self.fault(column)
        return self._values[column]

    def one_of(self, column: str, allowed: Callable[[str], T]) -> T:
        try:
            return allowed(self._values[column])
        except (ValueError, KeyError) as fault:
            raise self.fault(column) from fault

    def flag(self, column: str) -> bool:
        return self.one_of(column, {"yes": True, "no": False}.__getitem__)

    def once(self, column: str, key: object, seen: set[object]) -> None:
        """Refuse a key that an earlier line had."""
        if key in seen:
            raise self.fault(column)
        seen.add(key)


def _read(path: Path) -> Iterator[_Row]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The catalogue {file} cannot be read: {fault}"), file=path, fault=fault
        ) from fault
    for number, values in enumerate(lines, 2):  # the first line holds the names of the columns
        if None in values or None in values.values():
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "{file}, line {line}: wrong number of columns."),
                file=path.name,
                line=number,
            )
        yield _Row(path, number, values)


def _departments(path: Path) -> Iterator[Department]:
    seen: set[object] = {""}
    names: set[object] = set()
    for row in _read(path):
        parent = row.optional("parent")
        if parent not in seen:  # a unit stands below the unit that it belongs to
            raise row.fault("parent")
        department = Department(
            code=row.matching("code", DEPARTMENT_CODE),
            short_name=row.text("short_name"),
            name=row.text("name"),
            name_en=row.text("name_en"),
            kind=row.one_of("kind", _choice(DEPARTMENT_KINDS)),
            parent=parent,
            serves=row.optional("serves"),
        )
        row.once("code", department.code, seen)
        row.once("name", department.name, names)
        yield department


def _majors(path: Path) -> Iterator[tuple[tuple[str, Kind, str], tuple[str, str]]]:
    for row in _read(path):
        key = (_code_system(row), row.one_of("kind", Kind), row.matching("major_code", re.compile(r"\d\d")))
        yield key, (row.text("name"), row.text("name_en"))


def _code_system(row: _Row) -> str:
    return row.one_of("code_system", _choice((CODE_SYSTEM, OLD_CODE_SYSTEM)))


def _classes(
    path: Path, departments: set[str], majors: dict[tuple[str, Kind, str], tuple[str, str]]
) -> Iterator[CaseClass]:
    seen: set[object] = set()
    for row in _read(path):
        system, kind = _code_system(row), row.one_of("kind", Kind)
        code = row.matching("class_code", CLASS_CODE)
        in_use = row.flag("in_use")
        if code[:2] != row.optional("major_code") or (system, kind, code[:2]) not in majors:
            raise row.fault("major_code")
        major, major_en = majors[system, kind, code[:2]]
        others = tuple(row.optional("other_units").split())
        if not departments.issuperset(others):
            raise row.fault("other_units")
        for column in ("responsible_unit", "competent_unit"):
            if (row.optional(column) not in departments) if in_use else row.optional(column):
                raise row.fault(column)
        case_class = CaseClass(
            code_system=system,
            kind=kind,
            code=code,
            name=row.text("name"),
            name_en=row.text("name_en"),
            major=major,
            major_en=major_en,
            in_use=in_use,
            local=row.flag("local"),
            responsible=row.optional("responsible_unit"),
            others=others,
            competent=row.optional("competent_unit"),
            evidence=row.optional("evidence"),
            confidence=row.one_of("confidence", Confidence),
        )
        row.once("class_code", case_class.key, seen)
        yield case_class


def _conditions(path: Path, classes: dict[tuple[str, Kind, str], CaseClass]) -> Iterator[FilingCondition]:
    seen: set[object] = set()
    for row in _read(path):
        key = (_code_system(row), row.one_of("kind", Kind), row.matching("class_code", CLASS_CODE))
        if key not in classes or not classes[key].in_use:
            raise row.fault("class_code")
        condition = FilingCondition(
            class_key=key,
            code=row.matching("condition_code", CONDITION_CODE),
            description=row.text("condition"),
            description_en=row.text("condition_en"),
            limit_value=row.one_of("limit_value", _positive),
            limit_unit=row.one_of("limit_unit", LimitUnit),
            closing=row.text("closing"),
            closing_en=row.text("closing_en"),
            remark=row.optional("remark"),
            confidence=row.one_of("confidence", Confidence),
        )
        row.once("condition_code", (key, condition.code), seen)
        yield condition


def _choice(allowed: tuple[str, ...]) -> Callable[[str], str]:
    return {value: value for value in allowed}.__getitem__


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value
