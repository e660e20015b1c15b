"""What rows of the configuration refer to: departments, posts, teams, shifts, zones and classes by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_READ = text("""
    SELECT 'department' AS refers_to, id, code, short_name AS name, name_en, name AS detail, kind, true AS in_use
        FROM city.department
    UNION ALL SELECT 'team', id, '', name, '', '', '', true FROM city.team
    UNION ALL SELECT 'staff', id, coalesce(login, ''), title, title_en, '', '', active FROM city.staff
    UNION ALL SELECT 'shift', id, '', name, name_en, to_char(starts, 'HH24:MI–') || to_char(ends, 'HH24:MI'), '', true
        FROM city.shift
    UNION ALL SELECT 'zone', id, code, name, name_en, '', '', true FROM city.zone
    UNION ALL SELECT 'case_class', id, code, name, name_en, category, kind::text, in_use FROM city.case_class
    ORDER BY refers_to, code, id
""")


@dataclass(frozen=True)
class Reference:
    """Something that a field can refer to.

    Attributes:
        id: its key.
        code: its code, empty when it has none.
        name: what it is called, in Chinese; `name_en` in English, empty when it has no English name.
        detail: its full name, or the group that it belongs to.
        kind: of a department or a class; empty for others.
        in_use: whether it can be chosen for something new.
    """

    id: int
    code: str
    name: str
    name_en: str
    detail: str
    kind: str
    in_use: bool


def read_references(connection: Connection) -> dict[str, dict[int, Reference]]:
    """All that can be referred to, by table and id, in the order of their codes."""
    found: dict[str, dict[int, Reference]] = {}
    for refers_to, *values in connection.execute(_READ):
        one = Reference(*values)
        found.setdefault(refers_to, {})[one.id] = one
    return found
