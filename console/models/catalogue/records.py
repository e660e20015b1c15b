"""Typed records of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.models.calendar import LimitUnit

# The numbering that Yuncheng's table uses, with local additions from 99 downward.
CODE_SYSTEM = "GB/T 30428.2-2013"
# The numbering before it. The two clash from 0113 on, so a code is never read without its system.
OLD_CODE_SYSTEM = "CJ/T 214-2007"


class Kind(StrEnum):
    """What a class is a class of."""

    COMPONENT = "component"
    EVENT = "event"


class Confidence(StrEnum):
    """How well a statement is evidenced."""

    SURE = "sure"
    PROBABLE = "probable"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Department:
    """A unit that competes for, disposes of or oversees cases.

    `parent` is the code of the unit above; `serves` is the nine-digit code of a subdistrict, or the name of a
    zone, that the unit is responsible for (empty: the whole city).
    """

    code: str
    short_name: str
    name: str
    name_en: str
    kind: str
    parent: str
    serves: str


@dataclass(frozen=True, slots=True)
class CaseClass:
    """A class (小类): four digits, of which two are the major class (大类).

    `responsible` usually disposes, `others` may do so instead, `competent` oversees them (department codes; none for a
    class that is not in use). `evidence` says what a photo must show.
    """

    code_system: str
    kind: Kind
    code: str
    name: str
    name_en: str
    major: str
    major_en: str
    in_use: bool
    local: bool
    responsible: str
    others: tuple[str, ...]
    competent: str
    evidence: str
    confidence: Confidence

    @property
    def key(self) -> tuple[str, Kind, str]:
        """Code system, kind and code: what identifies a class."""
        return self.code_system, self.kind, self.code


@dataclass(frozen=True, slots=True)
class FilingCondition:
    """A condition under which a case is filed, the limit of its disposal, and what must be true when it is closed.

    `code` is unique within the class; a class with one condition that needs no name has ``ANY``.
    """

    class_key: tuple[str, Kind, str]
    code: str
    description: str
    description_en: str
    limit_value: int
    limit_unit: LimitUnit
    closing: str
    closing_en: str
    remark: str
    confidence: Confidence

    @property
    def limit_minutes(self) -> int:
        """The limit in minutes of its unit's clock."""
        return self.limit_value * self.limit_unit.minutes


@dataclass(frozen=True)
class Catalogue:
    """Departments, classes and conditions, each in the order of its file."""

    departments: tuple[Department, ...]
    classes: tuple[CaseClass, ...]
    conditions: tuple[FilingCondition, ...]

    @cached_property
    def by_key(self) -> dict[tuple[str, Kind, str], CaseClass]:
        """Classes by code system, kind and code."""
        return {row.key: row for row in self.classes}

    @cached_property
    def department(self) -> dict[str, Department]:
        """Departments by code."""
        return {row.code: row for row in self.departments}

    @cached_property
    def conditions_of(self) -> dict[tuple[str, Kind, str], tuple[FilingCondition, ...]]:
        """The conditions of each class that has any."""
        found: dict[tuple[str, Kind, str], list[FilingCondition]] = {}
        for row in self.conditions:
            found.setdefault(row.class_key, []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    def find(self, kind: Kind, code: str) -> CaseClass:
        """The class that Yuncheng uses under this code.

        Raises:
            KeyError: there is none.
        """
        return self.by_key[CODE_SYSTEM, kind, code]
