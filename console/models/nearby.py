"""Who is near a flood point: inspectors, trucks and the crews of its department; and asking one of them to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.cases.moves import Move, move
from console.models.cases.reporting import report_case
from console.models.fleet import SILENT_AFTER_OFF_S, SILENT_AFTER_S
from console.models.terminal_commands import send_text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.cases.reporting import Report, Reported

TRUCKS_MOST = 20
SEEN_WITHIN_H = 12
"""Where an inspector verified or checked a case longer ago says nothing of where he is."""


@dataclass(frozen=True)
class Helper:
    """Somebody who could come.

    Attributes:
        kind: ``inspector``, ``truck`` or ``crew`` (a member of the department that looks after the point).
        id: in ``city.staff``, of a truck in ``city.vehicle``.
        name, name_en: post, or number plate.
        known_by: how the place is known: ``position`` (GPS), ``case`` (where the inspector verified or checked one) or
            ``home`` (the zone of the team); ``none`` for crews, whose home is the whole city.
        at: of the position or case.
        silent: whether that was too long ago for where a truck is.
        on_duty: whether on the roster of today; None when the roster does not tell.
        home, home_en: zone of the team, empty without one.
        distance_m: from the point to the position, or to the zone (0 inside); None when nothing is known.
        x, y: the position, or a place in the zone; metres, EPSG:4546.
    """

    kind: str
    id: int
    name: str
    name_en: str
    known_by: str
    at: datetime | None
    silent: bool
    on_duty: bool | None
    home: str
    home_en: str
    distance_m: float | None
    x: float | None
    y: float | None

    @property
    def key(self) -> str:
        """Tells it from all others."""
        return f"{self.kind}-{self.id}"


_HELPERS = text("""
    WITH here AS (
        SELECT p.geom, p.department_id FROM city.flood_point AS p WHERE p.id = :id
    ), moment AS (
        SELECT coalesce(CAST(:now AS timestamptz), now()) AS at
    ), roster AS (
        SELECT r.staff_id FROM city.roster AS r, moment WHERE r.day = (moment.at AT TIME ZONE 'Asia/Shanghai')::date
    ), seen AS (
        SELECT DISTINCT ON (e.staff_id) e.staff_id, e.at, f.geom
        FROM moment, city.case_event AS e JOIN city.case_file AS f ON f.id = e.case_id
        WHERE e.at > moment.at - make_interval(hours => :seen_h) AND e.at <= moment.at AND e.move IN ('verify', 'check')
        ORDER BY e.staff_id, e.at DESC
    ), people AS (
        SELECT CASE s.role WHEN 'inspector' THEN 'inspector' ELSE 'crew' END AS kind, s.id, s.title, s.title_en,
            CASE WHEN seen.at IS NOT NULL THEN 'case' WHEN z.id IS NOT NULL THEN 'home' ELSE 'none' END AS known_by,
            seen.at, false AS silent,
            CASE WHEN EXISTS (SELECT FROM roster) THEN EXISTS (SELECT FROM roster WHERE staff_id = s.id) END AS on_duty,
            coalesce(z.name, '') AS home, coalesce(z.name_en, '') AS home_en,
            public.ST_Distance(coalesce(seen.geom, z.geom), here.geom) AS distance_m,
            coalesce(seen.geom, public.ST_PointOnSurface(z.geom)) AS place
        FROM here, city.staff AS s
        LEFT JOIN city.team AS t ON t.id = s.team_id
        LEFT JOIN city.zone AS z ON z.id = t.zone_id
        LEFT JOIN seen ON seen.staff_id = s.id AND s.role = 'inspector'
        WHERE s.active AND (s.role = 'inspector' OR (s.role = 'department' AND s.department_id = here.department_id))
    ), trucks AS (
        SELECT 'truck' AS kind, v.id, v.plate AS title, v.plate AS title_en, 'position' AS known_by, s.at,
            moment.at - s.at > make_interval(secs => CASE WHEN s.ignition THEN :silent_on_s ELSE :silent_off_s END),
            NULL::boolean, '' AS home, '' AS home_en, public.ST_Distance(s.geom, here.geom) AS distance_m,
            s.geom AS place
        FROM here, moment, city.vehicle_state AS s JOIN city.vehicle AS v ON v.id = s.vehicle_id
        WHERE v.active ORDER BY s.geom <-> here.geom LIMIT :trucks
    )
    SELECT kind, id, title, title_en, known_by, at, silent, on_duty, home, home_en, distance_m,
        public.ST_X(place), public.ST_Y(place)
    FROM (SELECT * FROM people UNION ALL SELECT * FROM trucks) AS found
    ORDER BY silent, distance_m NULLS LAST, kind, id
""")


def helpers(connection: Connection, point_id: int, *, now: datetime | None = None) -> list[Helper]:
    """Inspectors, the nearest trucks and the crews of the department of a flood point; the nearest first, silent last.

    Positions beat cases, cases beat home areas. `now` decides how old is too old.
    """
    found = connection.execute(
        _HELPERS,
        {
            "id": point_id,
            "now": now,
            "seen_h": SEEN_WITHIN_H,
            "silent_on_s": SILENT_AFTER_S,
            "silent_off_s": SILENT_AFTER_OFF_S,
            "trucks": TRUCKS_MOST,
        },
    )
    return [Helper(*row) for row in found]


def send(connection: Connection, report: Report, point_id: int, helper: Helper | None, *, words: str = "") -> Reported:
    """Hand a report in and ask somebody to come, both or neither.

    An inspector is asked to verify the case; for a crew the case is accepted for its department; a driver is told
    `words`. Without a helper the case is only reported.

    Raises:
        Refused: a rule of the city does not take it; nothing was done.
        ConsoleError: the report has no class, which whoever is asked needs.
    """
    known = connection.execute(
        text("SELECT FROM city.case_file WHERE request_id = CAST(:id AS uuid)"), {"id": str(report.request_id)}
    ).one_or_none()
    made = report_case(connection, report)
    if helper is None or known is not None:
        # What was handed in before, and only its answer was lost, has asked already.
        return made
    if helper.kind == "truck":
        send_text(connection, [helper.id], words, urgent=True)
        return made
    if report.class_id is None:
        raise ConsoleError(QT_TRANSLATE_NOOP("errors", "Choose the class first: nobody can be asked without it."))
    version = connection.execute(
        text("SELECT version FROM city.case_file WHERE id = :id"), {"id": made.id}
    ).scalar_one()
    if helper.kind == "inspector":
        move(connection, Move(case_id=made.id, move="order_verify", version=version, staff_id=helper.id))
    else:
        department_id = _department(connection, point_id)
        move(connection, Move(case_id=made.id, move="accept", version=version, department_id=department_id))
    return made


def _department(connection: Connection, point_id: int) -> int:
    found = connection.execute(text("SELECT department_id FROM city.flood_point WHERE id = :id"), {"id": point_id})
    return int(found.scalar_one())
