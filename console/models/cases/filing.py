"""Filing a case: the standard in force, searched by typing; the department that the place suggests; its deadline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.search_keys import SearchKey, best_first, search_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

FOUND = 50
"""So many lines a typed search gives at most."""
REMEMBERED = 200
"""So many earlier cases of a class tell which part of a department serves which place."""


@dataclass(frozen=True)
class Class:
    """A class in use.

    Attributes:
        id, code, name, name_en: as the catalogue has it.
        kind: ``component``, ``event`` or ``service``.
        category, category_en: the class above.
    """

    id: int
    code: str
    name: str
    name_en: str
    kind: str
    category: str
    category_en: str


@dataclass(frozen=True)
class Condition:
    """A filing condition in force: what must be the case, how long disposal may take, what must be true at the end.

    Attributes:
        id, code: of the condition; `of` its class.
        words, words_en: the condition itself.
        limit_value, limit_unit: disposal limit, in units of ``city.limit_unit``.
        closing, closing_en: closing condition.
        responsible_id: department that disposes by the standard.
    """

    id: int
    code: str
    of: Class
    words: str
    words_en: str
    limit_value: int
    limit_unit: str
    closing: str
    closing_en: str
    responsible_id: int


@dataclass(frozen=True)
class Unit:
    """A department that cases can be dispatched to; `parent_id` is the one above it."""

    id: int
    code: str
    short_name: str
    name: str
    name_en: str
    parent_id: int | None


@dataclass(frozen=True)
class Standard:
    """Everything that filing chooses from, with what it is found by. Made off the window's thread, searched on it."""

    classes: tuple[Class, ...]
    conditions: tuple[Condition, ...]
    units: tuple[Unit, ...]
    _class_keys: tuple[SearchKey, ...] = field(repr=False)
    _condition_keys: tuple[SearchKey, ...] = field(repr=False)
    _unit_keys: tuple[SearchKey, ...] = field(repr=False)

    def find_classes(self, typed: str) -> list[Class]:
        """Classes that fit what was typed (code, Chinese, pinyin, initials), the best first."""
        return [self.classes[n] for n in best_first(typed, self._class_keys)[:FOUND]]

    def find_conditions(self, typed: str, class_id: int | None = None) -> list[Condition]:
        """Conditions whose class or own words fit; those of the class `class_id` first, alone when nothing is typed."""
        if not typed.strip() and class_id is not None:
            return [row for row in self.conditions if row.of.id == class_id]
        found = [self.conditions[n] for n in best_first(typed, self._condition_keys)]
        return sorted(found, key=lambda row: row.of.id != class_id)[:FOUND]

    def find_units(self, typed: str) -> list[Unit]:
        """Departments that fit what was typed."""
        return [self.units[n] for n in best_first(typed, self._unit_keys)[:FOUND]]

    def class_of(self, class_id: int | None) -> Class | None:
        """The class of that id, if it is in use."""
        return next((row for row in self.classes if row.id == class_id), None)

    def condition(self, condition_id: int | None) -> Condition | None:
        """The condition of that id, if it is in force."""
        return next((row for row in self.conditions if row.id == condition_id), None)

    def unit(self, unit_id: int | None) -> Unit | None:
        """The department of that id, if cases can be dispatched to it."""
        return next((row for row in self.units if row.id == unit_id), None)


def standard(connection: Connection) -> Standard:
    """The classes in use, the conditions in force today, and the departments that dispose."""
    classes = {
        row.id: Class(*row)
        for row in connection.execute(
            text("""
                SELECT id, code, name, name_en, kind::text, category, category_en FROM city.case_class
                WHERE in_use ORDER BY kind, code
            """)
        )
    }
    conditions = tuple(
        Condition(row[0], row[1], classes[row[2]], *row[3:])
        for row in connection.execute(
            text("""
                SELECT f.id, f.code, f.class_id, f.description, f.description_en, f.limit_value, f.limit_unit::text,
                    f.closing_condition, f.closing_condition_en, f.responsible_id
                FROM city.filing_condition AS f JOIN city.case_class AS c ON c.id = f.class_id
                WHERE c.in_use AND f.valid_from <= (now() AT TIME ZONE 'Asia/Shanghai')::date
                    AND coalesce(f.valid_to, 'infinity') >= (now() AT TIME ZONE 'Asia/Shanghai')::date
                ORDER BY c.kind, c.code, f.id
            """)
        )
    )
    units = tuple(
        Unit(*row)
        for row in connection.execute(
            text("""
                SELECT d.id, d.code, d.short_name, d.name, d.name_en, d.parent_id FROM city.department AS d
                WHERE EXISTS (
                    SELECT FROM city.staff AS s WHERE s.department_id = d.id AND s.role = 'department' AND s.active
                ) OR EXISTS (
                    SELECT FROM city.filing_condition AS f WHERE f.responsible_id = d.id AND f.valid_to IS NULL
                )
                ORDER BY d.code
            """)
        )
    )
    return Standard(
        tuple(classes.values()),
        conditions,
        units,
        tuple(search_key(row.code, row.name, row.name_en) for row in classes.values()),
        tuple(search_key(row.of.code, row.of.name, row.words, row.of.name_en, row.words_en) for row in conditions),
        tuple(search_key(row.code, row.short_name, row.name, row.name_en) for row in units),
    )


@dataclass(frozen=True)
class Proposal:
    """The department that is likely right, and why.

    Attributes:
        department_id: which one.
        reason: ``component`` (it keeps the component up), ``place`` (it bears the name of the subdistrict or zone),
            ``history`` (earlier cases of the class and place went there), ``standard`` (the condition names it) or
            ``acceptor`` (whoever accepted the case proposed it).
        deadline: when disposal would have to be done if it were dispatched now; None when nothing computes it.
    """

    department_id: int | None
    reason: str
    deadline: datetime | None


def propose(
    connection: Connection, condition_id: int, x: float, y: float, component_code: str | None = None
) -> Proposal:
    """Who should dispose of a case of this condition at this place (EPSG:4546, m), and until when.

    A department that is divided by place (``街办`` by subdistrict, sanitation by zone) gives way to the part that
    serves the place.
    """
    row = connection.execute(
        text("""
            WITH place AS (
                SELECT g.code, replace(replace(s.name, '街道', ''), '办事处', '') AS subdistrict, z.name AS zone
                FROM city.unit_grid AS g
                JOIN city.subdistrict AS s ON s.code = left(g.code, 9)
                JOIN city.zone AS z ON z.id = g.zone_id
                WHERE public.ST_Covers(g.geom, public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546))
                ORDER BY g.code LIMIT 1
            ), asked AS (
                SELECT f.class_id, f.responsible_id, coalesce(c.maintainer_id, f.responsible_id) AS whole_id,
                    f.limit_value * city.unit_minutes(f.limit_unit) AS minutes, f.limit_unit
                FROM city.filing_condition AS f LEFT JOIN city.component AS c ON c.code = :component
                WHERE f.id = :condition
            ), manned AS (
                SELECT d.id, d.name, d.parent_id FROM city.department AS d
                WHERE EXISTS (
                    SELECT FROM city.staff AS s WHERE s.department_id = d.id AND s.role = 'department' AND s.active)
            ), part AS (
                SELECT m.id, m.name FROM manned AS m JOIN asked ON m.parent_id = asked.whole_id
            ), earlier AS (
                SELECT f.responsible_id, f.unit_grid FROM asked, city.case_file AS f
                WHERE f.class_id = asked.class_id AND f.responsible_id IS NOT NULL
                ORDER BY f.reported_at DESC LIMIT :remembered
            )
            SELECT asked.responsible_id,
                (SELECT m.id FROM manned AS m WHERE m.id = asked.whole_id AND :component IS NOT NULL
                    AND m.id <> asked.responsible_id) AS of_component,
                (SELECT p.id FROM part AS p, place
                    WHERE p.name LIKE '%' || place.subdistrict || '%' OR p.name LIKE '%' || place.zone || '%'
                    ORDER BY p.id LIMIT 1) AS of_place,
                (SELECT p.id FROM place, part AS p JOIN earlier AS e ON e.responsible_id = p.id
                    GROUP BY p.id ORDER BY count(*) FILTER (WHERE e.unit_grid = place.code) DESC,
                        count(*) FILTER (WHERE left(e.unit_grid, 12) = left(place.code, 12)) DESC, count(*) DESC, p.id
                    LIMIT 1) AS of_history,
                city.limit_end(clock_timestamp(), asked.minutes, asked.limit_unit) AS deadline
            FROM asked
        """),
        {"condition": condition_id, "x": x, "y": y, "component": component_code, "remembered": REMEMBERED},
    ).one_or_none()
    if row is None:
        return Proposal(None, "standard", None)
    for reason, found in (("component", row.of_component), ("place", row.of_place), ("history", row.of_history)):
        if found is not None:
            return Proposal(found, reason, row.deadline)
    return Proposal(row.responsible_id, "standard", row.deadline)


@dataclass(frozen=True)
class Colleague:
    """Somebody who can be asked: an inspector, or a member of a department."""

    id: int
    title: str
    title_en: str


def inspectors(connection: Connection, zone_id: int) -> list[Colleague]:
    """The active inspectors of the team of a zone."""
    rows = connection.execute(
        text("""
            SELECT s.id, s.title, s.title_en FROM city.staff AS s JOIN city.team AS t ON t.id = s.team_id
            WHERE s.active AND s.role = 'inspector' AND t.zone_id = :zone ORDER BY s.id
        """),
        {"zone": zone_id},
    )
    return [Colleague(*row) for row in rows]


def members(connection: Connection, department_id: int) -> list[Colleague]:
    """The active members of a department."""
    rows = connection.execute(
        text("""
            SELECT s.id, s.title, s.title_en FROM city.staff AS s
            WHERE s.active AND s.role = 'department' AND s.department_id = :department ORDER BY s.id
        """),
        {"department": department_id},
    )
    return [Colleague(*row) for row in rows]
