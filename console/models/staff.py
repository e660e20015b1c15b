"""Who works with the console: the person behind a login, the role that decides the workspaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PERSON = """
    SELECT s.id, s.login, s.title, s.title_en, s.role::text AS role, d.name AS department, d.name_en AS department_en,
        s.department_id, t.zone_id
    FROM city.staff AS s
    JOIN city.department AS d ON d.id = s.department_id
    LEFT JOIN city.team AS t ON t.id = s.team_id
"""


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        id: in ``city.staff``.
        login: name of the database login.
        title: post, Chinese; `title_en` the same in English.
        role: database role, one of the type ``city.role``.
        department: where the person belongs, Chinese; `department_en` the same in English, `department_id` its id.
        zone_id: the zone that the person's team looks after; None for whom the whole city is.
    """

    id: int
    login: str
    title: str
    title_en: str
    role: str
    department: str
    department_en: str
    department_id: int | None = None
    zone_id: int | None = None


def signed_in(connection: Connection) -> Person:
    """The person whose login this connection uses.

    Raises:
        ConsoleError: the login belongs to nobody who is active.
    """
    row = connection.execute(text(_PERSON + "WHERE s.id = city.current_staff_id()")).mappings().one_or_none()
    if row is None:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "This login is not entered as a person of the city. Ask the administrator to add it."
            )
        )
    return Person(**row)


def people_with_login(connection: Connection) -> list[Person]:
    """Everybody at a desk who may sign in, one after the other in the order of the case's way through the house."""
    desks = "WHERE s.active AND s.login IS NOT NULL AND s.role NOT IN ('gateway', 'inspector') ORDER BY s.role, s.id"
    found = connection.execute(text(_PERSON + desks))
    return [Person(**row) for row in found.mappings()]
