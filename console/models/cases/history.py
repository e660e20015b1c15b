"""The history of a case (流转记录): every move, who made it and for which unit, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class CaseEvent:
    """One move in the history of a case.

    Attributes:
        seq: its number, from 1.
        at: when.
        move: code of the type ``city.case_move``.
        from_state, to_state: codes of the type ``city.case_state``; a report comes from nowhere.
        staff, staff_en: title of who made it; empty when nobody of the city did.
        role: post of who made it, code of the type ``city.role``; empty when nobody did.
        unit, unit_en: short name of the department, or name of the team, of who made it; empty when the centre did.
        department, department_en: short name of the department that it went to; empty when none.
        asked, asked_en: title of who was asked: to verify, to check, to dispose; empty when nobody in person.
        other_case: number of the case that it was merged into; empty when none.
        used_s: seconds that the stage before it took.
        opinion: what was written.
        detail: further values of the move.
        disposal_minutes: of a disposal, minutes of the limit used up by it, in the clock of the limit's unit.
        limit_minutes, limit_unit: of a disposal, the limit that it had, extensions included; unit as in
            ``city.limit_unit``.
    """

    seq: int
    at: datetime
    move: str
    from_state: str | None
    to_state: str
    staff: str
    staff_en: str
    role: str
    unit: str
    unit_en: str
    department: str
    department_en: str
    asked: str
    asked_en: str
    other_case: str
    used_s: int
    opinion: str
    detail: dict[str, Any]
    disposal_minutes: float | None
    limit_minutes: int | None
    limit_unit: str

    @property
    def granted(self) -> bool | None:
        """How an appeal was answered; None for every other move."""
        return self.detail.get("granted")


def events(connection: Connection, case_id: int) -> list[CaseEvent]:
    """The history of one case, oldest first; empty for whoever does not see the case."""
    found = connection.execute(
        text("""
            SELECT e.seq, e.at, e.move::text AS move, e.from_state::text AS from_state, e.to_state::text AS to_state,
                coalesce(s.title, '') AS staff, coalesce(s.title_en, '') AS staff_en,
                coalesce(s.role::text, '') AS role,
                CASE s.role WHEN 'department' THEN coalesce(u.short_name, '') WHEN 'inspector' THEN coalesce(t.name, '')
                    ELSE '' END AS unit,
                CASE s.role WHEN 'department' THEN coalesce(u.name_en, '') WHEN 'inspector' THEN coalesce(z.name_en, '')
                    ELSE '' END AS unit_en,
                coalesce(d.short_name, '') AS department, coalesce(d.name_en, '') AS department_en,
                coalesce(a.title, '') AS asked, coalesce(a.title_en, '') AS asked_en,
                coalesce(o.case_no, '') AS other_case, e.used_s,
                coalesce(e.opinion, '') AS opinion,
                coalesce(e.detail, '{}') AS detail, c.used_minutes AS disposal_minutes, c.limit_minutes,
                coalesce(c.limit_unit::text, '') AS limit_unit
            FROM city.case_event AS e
            LEFT JOIN city.case_disposals(:id) AS c ON c.seq = e.seq
            LEFT JOIN city.staff AS s ON s.id = e.staff_id
            LEFT JOIN city.department AS u ON u.id = s.department_id
            LEFT JOIN city.team AS t ON t.id = s.team_id
            LEFT JOIN city.zone AS z ON z.id = t.zone_id
            LEFT JOIN city.department AS d ON d.id = e.department_id
                AND e.move IN ('dispatch', 'rework', 'assess', 'urge', 'supervise', 'overdue')
            LEFT JOIN city.staff AS a ON a.id = CAST(e.detail ->> 'staff_id' AS integer)
            LEFT JOIN city.case_file AS o ON o.id = CAST(e.detail ->> 'other_case_id' AS bigint)
            WHERE e.case_id = :id ORDER BY e.seq
        """),
        {"id": case_id},
    )
    return [CaseEvent(**event) for event in found.mappings()]
