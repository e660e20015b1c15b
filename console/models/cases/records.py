"""One case: as a row of a list, and as the file with its whole history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from console.models.cases.alarms import CaseAlarm, alarms_of
from console.models.cases.history import CaseEvent, events
from console.models.layers import Extent, LayerData, read_layer, within

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a list shows it; names in Chinese, and in English where the city has them.

    Attributes:
        id, case_no, version: identity; the version goes up by one with each change.
        state, mode, source, kind, level: codes of the types ``city.case_…``.
        class_id, class_name, class_name_en: subclass; None and empty before somebody has chosen one.
        zone_id, zone, zone_en: where it lies.
        street_id, street: street nearby; None and empty when there is none.
        unit_grid: code, 15 digits.
        component_code: of the component that it is about.
        responsible_id, responsible, responsible_en: department in charge, short name; None and empty before dispatch.
        reported_at … closed_at: moments of the way, None when not reached.
        deadline: end of the disposal limit.
        warn_at, due_at: when the light of what it waits for now turns yellow and red; None once it is
            closed or on account.
        is_open: whether it is still in hand.
        is_overdue: mark of a disposal that took too long.
        extensions, reworks: how often.
        x, y: metres, EPSG:4546.
    """

    id: int
    case_no: str
    version: int
    state: str
    mode: str
    source: str
    kind: str
    level: str
    class_id: int | None
    class_name: str
    class_name_en: str
    zone_id: int
    zone: str
    zone_en: str
    street_id: int | None
    street: str
    unit_grid: str
    component_code: str | None
    responsible_id: int | None
    responsible: str
    responsible_en: str
    reported_at: datetime
    accepted_at: datetime | None
    filed_at: datetime | None
    dispatched_at: datetime | None
    disposed_at: datetime | None
    closed_at: datetime | None
    deadline: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    is_open: bool
    is_overdue: bool
    is_supervised: bool
    extensions: int
    reworks: int
    address: str
    description: str
    x: float
    y: float


@dataclass(frozen=True)
class CaseDetail:
    """The file of a case.

    Attributes:
        row: what lists show of it.
        category, category_en: class above the subclass.
        subdistrict, community: names of where it lies.
        condition_code, condition, condition_en: condition under which it was filed; empty before.
        closing_condition, closing_condition_en: what must hold for it to be closed.
        limit_value, limit_unit: disposal limit of the condition; units as in ``city.limit_unit``.
        limit_minutes, consumed_minutes, running_since: the disposal clock: what it has, what is used, since when
            it runs.
        competent, competent_en: name of the department competent for the class; empty before filing.
        responsible: full name of the department that has it; empty before dispatch.
        component, component_en: name of the component that it is about; empty when there is none.
        reporter, reporter_en: title of who reported it; empty when it came from outside.
        merged_into: number of the case that it was merged into; empty when it was not.
        suspended_until: last day on account.
        request: what the department asks for and nobody has answered yet: ``extension``, ``suspension``, ``appeal``;
            empty for nothing.
        request_to: role that must answer it, ``department`` for the head of the unit; empty for nothing.
        request_until: last day on account that is asked for.
        appeal: code of the type ``city.appeal_state``.
        caller_name, caller_phone: who called; empty also for those who have no right to see it.
        wants_call_back: whether the caller wants to hear the outcome.
        events: its whole history, oldest first.
        as_of: when it was so; None for how it is now.
        alarms: that have become this case, as they are now, oldest first.
    """

    row: CaseRow
    category: str
    category_en: str
    subdistrict: str
    community: str
    condition_code: str
    condition: str
    condition_en: str
    closing_condition: str
    closing_condition_en: str
    limit_value: int | None
    limit_unit: str
    limit_minutes: int | None
    consumed_minutes: float
    running_since: datetime | None
    competent: str
    competent_en: str
    responsible: str
    component: str
    component_en: str
    reporter: str
    reporter_en: str
    merged_into: str
    suspended_until: date | None
    request: str
    request_to: str
    request_until: date | None
    appeal: str
    caller_name: str
    caller_phone: str
    wants_call_back: bool
    events: tuple[CaseEvent, ...]
    as_of: datetime | None = None
    alarms: tuple[CaseAlarm, ...] = ()


_ROW = """
    SELECT f.id, f.case_no, f.version, f.state::text AS state, f.mode::text AS mode, f.source::text AS source,
        f.kind::text AS kind, f.level::text AS level, f.class_id, coalesce(c.name, '') AS class_name,
        coalesce(c.name_en, '') AS class_name_en, f.zone_id, z.name AS zone, z.name_en AS zone_en, f.street_id,
        coalesce(s.name, '') AS street, f.unit_grid, f.component_code, f.responsible_id,
        coalesce(d.short_name, '') AS responsible, coalesce(d.name_en, '') AS responsible_en, f.reported_at,
        f.accepted_at, f.filed_at, f.dispatched_at,
        f.disposed_at, f.closed_at, f.deadline, f.warn_at, f.due_at, f.is_open, f.is_overdue, f.is_supervised,
        f.extensions, f.reworks, coalesce(f.address, '') AS address, f.description,
        public.ST_X(f.geom) AS x, public.ST_Y(f.geom) AS y
"""
_NAMES = """
    JOIN city.zone AS z ON z.id = f.zone_id
    LEFT JOIN city.case_class AS c ON c.id = f.class_id
    LEFT JOIN city.street AS s ON s.id = f.street_id
    LEFT JOIN city.department AS d ON d.id = f.responsible_id
"""
_NOW = """
    FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS wanted (id, place)
    JOIN city.case_file AS f ON f.id = wanted.id
"""
_THEN = """
    FROM city.case_as_of(:id, :at) AS f
"""
_IN_ORDER = "ORDER BY wanted.place"
_FILE = """
    SELECT coalesce(c.category, '') AS category, coalesce(c.category_en, '') AS category_en,
        s.name AS subdistrict, m.name AS community, coalesce(k.code, '') AS condition_code,
        coalesce(k.description, '') AS condition, coalesce(k.description_en, '') AS condition_en,
        coalesce(k.closing_condition, '') AS closing_condition,
        coalesce(k.closing_condition_en, '') AS closing_condition_en, k.limit_value,
        coalesce(k.limit_unit::text, '') AS limit_unit, f.limit_minutes, f.consumed_minutes, f.running_since,
        coalesce(d.name, '') AS competent, coalesce(d.name_en, '') AS competent_en,
        coalesce(u.name, '') AS responsible, coalesce(p.name, '') AS component,
        CASE WHEN p.name = e.name THEN e.name_en ELSE '' END AS component_en, coalesce(r.title, '') AS reporter,
        coalesce(r.title_en, '') AS reporter_en, coalesce(o.case_no, '') AS merged_into, f.suspended_until,
        coalesce(f.request::text, '') AS request, coalesce(f.request_to::text, '') AS request_to, f.request_until,
        coalesce(f.appeal::text, '') AS appeal, f.wants_call_back
"""
_FILE_NAMES = """
    JOIN city.unit_grid AS g ON g.code = f.unit_grid
    JOIN city.community AS m ON m.code = g.community_code
    JOIN city.subdistrict AS s ON s.code = m.subdistrict_code
    LEFT JOIN city.case_class AS c ON c.id = f.class_id
    LEFT JOIN city.filing_condition AS k ON k.id = f.condition_id
    LEFT JOIN city.department AS d ON d.id = k.competent_id
    LEFT JOIN city.department AS u ON u.id = f.responsible_id
    LEFT JOIN city.component AS p ON p.code = f.component_code
    LEFT JOIN city.case_class AS e ON e.id = p.class_id
    LEFT JOIN city.staff AS r ON r.id = f.reporter_id
    LEFT JOIN city.case_file AS o ON o.id = f.merged_into
    WHERE f.id = :id
"""
_ONE = """
    FROM city.case_file AS f
"""


def rows(connection: Connection, ids: Sequence[int]) -> list[CaseRow]:
    """The cases of these ids, in the order of the ids; those that do not exist (any more) are left out."""
    if not ids:
        return []
    found = connection.execute(text(_ROW + _NOW + _NAMES + _IN_ORDER), {"ids": list(ids)})
    return [CaseRow(*row) for row in found]


def detail(connection: Connection, case_id: int, at: datetime | None = None) -> CaseDetail | None:
    """The file of one case, as it is or as it was at an instant; None when there is, or was, none of that id.

    Its history is always the whole one. Names of what it refers to are those of now.
    """
    if at is None:
        row = next(iter(rows(connection, [case_id])), None)
    else:
        was = connection.execute(text(_ROW + _THEN + _NAMES), {"id": case_id, "at": at}).first()
        row = None if was is None else CaseRow(*was)
    if row is None:
        return None
    source = _ONE if at is None else _THEN
    more = connection.execute(text(_FILE + source + _FILE_NAMES), {"id": case_id, "at": at}).mappings().one()
    name, phone = _caller(connection, case_id)
    return CaseDetail(
        row=row,
        **more,
        caller_name=name,
        caller_phone=phone,
        events=tuple(events(connection, case_id)),
        as_of=at,
        alarms=alarms_of(connection, case_id),
    )


def id_of(connection: Connection, case_no: str) -> int | None:
    """The id of the case with this number; None when there is none."""
    found: int | None = connection.scalar(
        text("SELECT id FROM city.case_file WHERE case_no = :case_no"), {"case_no": case_no}
    )
    return found


def open_cases(connection: Connection) -> LayerData:
    """Every case in hand, as `open_case_layer` gives those of an extent."""
    return open_case_layer(connection, Extent(-1e7, -1e7, 1e7, 1e7), 0.0)


def open_case_layer(connection: Connection, extent: Extent, metres_per_pixel: float) -> LayerData:
    """Cases in hand, the most urgent first.

    Attributes ``case_no``, ``state``, ``level``, ``class_name``, ``class_name_en``, ``supervised``, ``warn_at``,
    ``due_at`` (not a number while on account): against the clock of the window they give the light.
    """
    del metres_per_pixel  # the map clusters them, and clusters need all
    return read_layer(
        connection,
        """
            SELECT f.id, f.geom, f.case_no, f.state::text, f.level::text, c.name, c.name_en, f.is_supervised,
                extract(epoch FROM f.warn_at)::double precision, extract(epoch FROM f.due_at)::double precision
            FROM city.case_file AS f LEFT JOIN city.case_class AS c ON c.id = f.class_id
            WHERE f.is_open AND f.geom && public.ST_MakeEnvelope(:xmin, :ymin, :xmax, :ymax, 4546)
            ORDER BY f.due_at, f.id LIMIT :limit
        """,
        within(extent),
        key=np.int64,
        attributes={
            "case_no": np.str_,
            "state": np.str_,
            "level": np.str_,
            "class_name": np.str_,
            "class_name_en": np.str_,
            "supervised": np.bool_,
            "warn_at": np.float64,
            "due_at": np.float64,
        },
    )


def _caller(connection: Connection, case_id: int) -> tuple[str, str]:
    may = connection.scalar(text("SELECT has_column_privilege('city.case_file', 'caller_phone', 'SELECT')"))
    if not may:
        return "", ""
    row = connection.execute(
        text("SELECT coalesce(caller_name, ''), coalesce(caller_phone, '') FROM city.case_file WHERE id = :id"),
        {"id": case_id},
    ).one()
    return row[0], row[1]
