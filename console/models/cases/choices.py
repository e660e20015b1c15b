"""What a queue can be narrowed down to: the values that filters offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Choice:
    """One value of a filter: its id, its name and its name in English."""

    id: int
    name: str
    name_en: str


@dataclass(frozen=True)
class Choices:
    """The values that come from tables; those of enumerated types are known to the program."""

    zones: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    classes: tuple[Choice, ...]


def choices(connection: Connection) -> Choices:
    """Zones, departments that are given cases, and classes in use, each in the order of its catalogue."""

    def read(query: str) -> tuple[Choice, ...]:
        return tuple(Choice(*row) for row in connection.execute(text(query)))

    return Choices(
        zones=read("SELECT id, name, name_en FROM city.zone ORDER BY id"),
        departments=read("""
            SELECT id, short_name, name_en FROM city.department AS d
            WHERE EXISTS (SELECT FROM city.filing_condition AS c WHERE c.competent_id = d.id) ORDER BY code
        """),
        classes=read("SELECT id, code || ' ' || name, code || ' ' || name_en FROM city.case_class ORDER BY kind, code"),
    )
