"""Reports: how a case begins, whoever brings it (``city.report_case``)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

SOURCES_BY_ROLE = {
    "acceptor": ("hotline_12345", "citizen", "leader", "department", "media", "video_operator"),
    "shift_leader": ("hotline_12345", "citizen", "leader", "department", "media", "video_operator"),
    "inspector": ("inspector",),
}
"""Who reports from a desk, and what he may say brought the matter to him; the usual one first."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report.

    Attributes:
        source: who brought it, code of ``city.case_source``.
        description: what is wrong.
        x, y: where, metres in EPSG:4546.
        class_id: of what class it is, if that is known yet.
        address, component_code: the place in words, and the component that it is about.
        level: code of ``city.case_level``.
        reported_at: when, at most 24 hours ago; None for now.
        caller_name, caller_phone: who called.
        wants_call_back: whether the caller is to hear what came of it.
        request_id: the same report handed in again is taken in once.
    """

    source: str
    description: str
    x: float
    y: float
    class_id: int | None = None
    address: str | None = None
    component_code: str | None = None
    level: str = "normal"
    reported_at: datetime | None = None
    caller_name: str | None = None
    caller_phone: str | None = None
    wants_call_back: bool = False
    request_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Reported:
    """The case that a report has become."""

    id: int
    case_no: str


_REPORT = text("""
    SELECT id, case_no FROM city.report_case(
        source => CAST(:source AS city.case_source), description => :description, x => :x, y => :y,
        class_id => CAST(:class_id AS smallint), address => :address, component_code => :component_code,
        level => CAST(:level AS city.case_level), reported_at => coalesce(CAST(:reported_at AS timestamptz), now()),
        caller_name => :caller_name, caller_phone => :caller_phone, wants_call_back => :wants_call_back,
        request_id => CAST(:request_id AS uuid)
    )
""")


def report_case(connection: Connection, report: Report) -> Reported:
    """Hand in one report; gives the same case when it is handed in again.

    Raises:
        Refused: a rule of the city does not take it: no description, outside the city, a date that cannot be.
        ConsoleError: the database is away, or the login may not.
    """
    row = connection.execute(_REPORT, vars(report) | {"request_id": str(report.request_id)}).one()
    return Reported(row.id, row.case_no)
