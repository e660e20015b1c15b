"""What the detail panel says of a case: where and what, its clock, what is asked for, its history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.widgets.shared import figures
from console.widgets.shared.sheets import Section, Sheet, given
from console.widgets.shared.timeline import entries
from console.widgets.shared.words import (
    ALARM,
    ALARM_STATE,
    LEVEL,
    MODE,
    REQUEST,
    ROLE,
    SOURCE,
    STATE,
    SYMBOL,
    limit_of,
    word,
)

if TYPE_CHECKING:
    from datetime import datetime

    from console.models.cases import CaseDetail, CaseRow
    from console.models.cases.alarms import CaseAlarm
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate


def case_sheet(found: CaseDetail, desk: Desk) -> Sheet:
    """A case: where and what, its clock, its history."""
    row, now, name = found.row, found.as_of or desk.now(), desk.name
    level = case_urgency(row, now)
    time_left = figures.NONE
    if row.is_open and row.due_at is not None:
        span = row.due_at - now
        left = translate("sheets", "{time} left") if span >= timedelta(0) else "{time}"
        time_left = (f"{SYMBOL[level]} " if level else "") + left.format(time=figures.hours(span))
    limit = limit_of(found.limit_value, found.limit_unit) if found.limit_value else ""
    component = " ".join(filter(None, (name(found.component, found.component_en), row.component_code)))
    facts = given(
        (translate("sheets", "Stage"), " · ".join((word(STATE, row.state), *_marks(row)))),
        (translate("sheets", "Time left"), time_left, level),
        (translate("sheets", "Asked for"), _request(found)),
        (translate("sheets", "Suspended until"), "" if row.state != "suspended" else str(found.suspended_until)),
        (translate("sheets", "Place"), row.address or row.street),
        (translate("sheets", "Unit grid"), f"{row.unit_grid} · {name(row.zone, row.zone_en)}"),
        (translate("sheets", "Community"), f"{found.subdistrict} · {found.community}"),
        (translate("sheets", "Component"), component),
        (translate("sheets", "Description"), row.description),
        (translate("sheets", "Condition"), name(found.condition, found.condition_en)),
        (translate("sheets", "Limit"), limit),
        (translate("sheets", "Deadline"), figures.moment(row.deadline)),
        (translate("sheets", "Responsible"), name(found.responsible, row.responsible_en)),
        (translate("sheets", "Competent"), "" if found.responsible else name(found.competent, found.competent_en)),
    )
    more = given(
        (
            translate("sheets", "Kind"),
            " · ".join(filter(None, (name(found.category, found.category_en), word(LEVEL, row.level)))),
        ),
        (translate("sheets", "Mode"), word(MODE, row.mode)),
        (translate("sheets", "Source"), word(SOURCE, row.source)),
        (translate("sheets", "Alarm"), "\n".join(_alarm(one, now) for one in found.alarms)),
        (translate("sheets", "Reporter"), name(found.reporter, found.reporter_en)),
        (translate("sheets", "Caller"), " ".join(filter(None, (found.caller_name, found.caller_phone)))),
        (translate("sheets", "Extensions"), str(row.extensions) if row.extensions else ""),
        (translate("sheets", "Reworks"), str(row.reworks) if row.reworks else ""),
        (translate("sheets", "Merged into"), found.merged_into),
        (translate("sheets", "Closing condition"), name(found.closing_condition, found.closing_condition_en)),
    )
    return Sheet(
        name(row.class_name, row.class_name_en) or translate("sheets", "Case without a class"),
        row.case_no,
        (
            Section("", facts),
            Section("", (), is_evidence=True),
            Section("", (), timeline=entries(found.events, desk)),
            Section(translate("sheets", "File"), more),
        ),
        (row.x, row.y),
    )


def _marks(row: CaseRow) -> list[str]:
    """What a case carries for good, whatever stage it is in."""
    marks = []
    if row.is_overdue:
        marks.append(f"{SYMBOL['critical']} " + translate("sheets", "Overdue"))
    if row.is_supervised:
        marks.append(f"{SYMBOL['high']} " + translate("sheets", "Supervised"))
    return marks


def _request(found: CaseDetail) -> str:
    """What the department asks for, and who has to answer."""
    if not found.request:
        return ""
    what = word(REQUEST, found.request)
    if found.request_until is not None:
        what = translate("sheets", "{what} until {day}").format(what=what, day=found.request_until)
    if found.request_to == "department":
        return translate("sheets", "{what} · waits for the head of the unit").format(what=what)
    return translate("sheets", "{what} · waits for: {who}").format(what=what, who=word(ROLE, found.request_to))


def _alarm(alarm: CaseAlarm, now: datetime) -> str:
    when = figures.short_moment(alarm.raised_at, now)
    what = f"{SYMBOL[alarm.urgency]} {word(ALARM, alarm.kind)} · {alarm.who}"
    return f"{what} · {when} · {word(ALARM_STATE, alarm.state)}"


def case_urgency(row: CaseRow, now: datetime) -> str:
    """``critical`` past the limit of what a case waits for, ``medium`` from 80 % of it on, else empty."""
    if not row.is_open or row.due_at is None:
        return ""
    if now >= row.due_at:
        return "critical"
    return "medium" if row.warn_at is not None and now >= row.warn_at else ""
