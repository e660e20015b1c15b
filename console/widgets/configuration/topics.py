"""What can be edited: each topic with its rows, how they are read and saved, and which columns its table has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP
from console.models.configuration.accounts import read_posts
from console.models.configuration.rosters import read_rosters
from console.models.configuration.rows import read_rows, save_rows
from console.models.configuration.settings import SETTING, read_setting_rows, save_setting_rows
from console.models.configuration.standard import read_conditions, save_conditions
from console.models.configuration.subjects import (
    CALENDAR_DAY,
    CASE_CLASS,
    CONDITION,
    DEPARTMENT,
    DRIVER_PHRASE,
    DUTY_ITEM,
    OPINION,
    POST,
    ROSTER,
    SHIFT,
    TEAM,
    WORKING_HOURS,
)
from console.models.configuration.working_time import save_days, save_hours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from console.models.configuration.draft import Change, Row
    from console.models.configuration.subjects import Subject

STAGE_SETTINGS = frozenset({"stage_limit", "disposal_limit_without_standard", "warning_share"})
RECORD = "record"
CALENDAR = "calendar_day"
ROSTERS = "roster"


@dataclass(frozen=True)
class Topic:
    """Rows that are edited together.

    Attributes:
        key: name in code.
        title: what it is called, to be translated; `group` the heading that it stands under.
        about: one sentence on what the rows decide.
        subject: describes the rows.
        columns: (field, width in pixels, 0 for what is left) of its table.
        read: all its rows.
        save: keeps changes; the day counts only where `has_day`.
        spare: columns that give way in a narrow window, in that order.
        effect: what saving does beyond the rows themselves, to be translated; empty for nothing.
        has_day: whether changes come into force on a day that is chosen.
        grows: whether rows are added and removed.
    """

    key: str
    title: str
    group: str
    about: str
    subject: Subject
    columns: tuple[tuple[str, int], ...]
    read: Callable[[Connection], list[Row]]
    save: Callable[[Connection, Sequence[Change], date], None]
    spare: tuple[str, ...] = ()
    effect: str = ""
    has_day: bool = False
    grows: bool = True


def _saves(subject: Subject) -> Callable[[Connection, Sequence[Change], date], None]:
    def save(connection: Connection, changes: Sequence[Change], _day: date) -> None:
        save_rows(connection, subject, changes)

    return save


def _save_settings(connection: Connection, changes: Sequence[Change], _day: date) -> None:
    save_setting_rows(connection, changes)


def _save_days(connection: Connection, changes: Sequence[Change], _day: date) -> None:
    save_days(connection, changes)


def _save_hours(connection: Connection, changes: Sequence[Change], _day: date) -> None:
    save_hours(connection, changes)


def _settings(connection: Connection, *, of_stages: bool) -> list[Row]:
    return [row for row in read_setting_rows(connection) if (row.values["name"] in STAGE_SETTINGS) is of_stages]


STANDARD = QT_TRANSLATE_NOOP("words", "Standard")
ORGANISATION = QT_TRANSLATE_NOOP("words", "Organisation")
TIME = QT_TRANSLATE_NOOP("words", "Time")
DESK = QT_TRANSLATE_NOOP("words", "At the desk")
CLOCKS = QT_TRANSLATE_NOOP("words", "Deadlines and lights of cases in hand follow as soon as it is saved.")
TRACE = QT_TRANSLATE_NOOP("words", "Record")
FIELD = QT_TRANSLATE_NOOP("words", "In the field")

TOPICS = (
    Topic(
        "case_class", QT_TRANSLATE_NOOP("words", "Classes"), STANDARD,
        QT_TRANSLATE_NOOP("words", "Classes of components and events that cases are reported in."),
        CASE_CLASS, (("kind", 96), ("code", 64), ("name", 0), ("category", 150), ("code_system", 150), ("in_use", 64)),
        partial(read_rows, subject=CASE_CLASS), _saves(CASE_CLASS), spare=("code_system", "in_use"),
    ),
    Topic(
        "filing_condition", QT_TRANSLATE_NOOP("words", "Filing conditions and limits"), STANDARD,
        QT_TRANSLATE_NOOP(
            "words", "A change is a new version from a day on; cases keep the version that they were filed under."
        ),
        CONDITION,
        (
            ("class_kind", 96), ("class_id", 160), ("code", 80), ("description", 0), ("limit", 120),
            ("closing_condition", 0), ("responsible_id", 150), ("valid_from", 92),
        ),
        read_conditions, save_conditions, spare=("valid_from", "class_kind", "responsible_id"), has_day=True,
        effect=QT_TRANSLATE_NOOP("words", "Cases that are filed already keep the words and limits of their version."),
    ),
    Topic(
        "department", QT_TRANSLATE_NOOP("words", "Departments"), ORGANISATION,
        QT_TRANSLATE_NOOP("words", "Units that cases are dispatched to."),
        DEPARTMENT, (("code", 88), ("name", 0), ("short_name", 130), ("kind", 130), ("parent_id", 170)),
        partial(read_rows, subject=DEPARTMENT), _saves(DEPARTMENT), spare=("parent_id", "kind"),
    ),
    Topic(
        "staff", QT_TRANSLATE_NOOP("words", "Users and posts"), ORGANISATION,
        QT_TRANSLATE_NOOP("words", "A login has the rights of its post, and loses them with it."),
        POST,
        (
            ("login", 130), ("title", 0), ("role", 110), ("department_id", 160), ("is_lead", 76), ("active", 60),
            ("account", 96),
        ),
        read_posts, _saves(POST), spare=("is_lead", "active"),
        effect=QT_TRANSLATE_NOOP("words", "The rights of logins follow their posts at once."),
    ),
    Topic(
        "team", QT_TRANSLATE_NOOP("words", "Patrol teams"), ORGANISATION,
        QT_TRANSLATE_NOOP("words", "Each zone has one team of inspectors."),
        TEAM, (("name", 0), ("zone_id", 220)), partial(read_rows, subject=TEAM), _saves(TEAM),
    ),
    Topic(
        "shift", QT_TRANSLATE_NOOP("words", "Shifts"), ORGANISATION,
        QT_TRANSLATE_NOOP("words", "When the desks of the centre are taken over."),
        SHIFT, (("name", 0), ("starts", 110), ("ends", 110)), partial(read_rows, subject=SHIFT), _saves(SHIFT),
    ),
    Topic(
        ROSTERS, QT_TRANSLATE_NOOP("words", "Duty rosters"), ORGANISATION,
        QT_TRANSLATE_NOOP("words", "Who works which shift, from yesterday on; hand-overs go by it."),
        ROSTER, (("day", 110), ("staff_id", 0), ("shift_id", 160)), read_rosters, _saves(ROSTER),
        effect=QT_TRANSLATE_NOOP("words", "Hand-overs and “who is near” follow at once."),
    ),
    Topic(
        CALENDAR, QT_TRANSLATE_NOOP("words", "Working calendar"), TIME,
        QT_TRANSLATE_NOOP("words", "On which days limits in working hours and days run."),
        CALENDAR_DAY, (("day", 110), ("is_working", 90), ("name", 0), ("assumed", 90)),
        partial(read_rows, subject=CALENDAR_DAY), _save_days, effect=CLOCKS, grows=False,
    ),
    Topic(
        "working_hours", QT_TRANSLATE_NOOP("words", "Working hours"), TIME,
        QT_TRANSLATE_NOOP("words", "Limits in working hours and days run only within these hours, by season."),
        WORKING_HOURS, (("valid_from", 0), ("valid_to", 0), ("opens", 110), ("closes", 110)),
        partial(read_rows, subject=WORKING_HOURS), _save_hours, effect=CLOCKS,
    ),
    Topic(
        "stage_limit", QT_TRANSLATE_NOOP("words", "Stage limits"), TIME,
        QT_TRANSLATE_NOOP("words", "How long a stage at the centre may take, and when its light turns yellow."),
        SETTING, (("setting", 0), ("value", 116), ("allowed", 150), ("source", 190)),
        partial(_settings, of_stages=True), _save_settings, spare=("source",), effect=CLOCKS, grows=False,
    ),
    Topic(
        "opinion_text", QT_TRANSLATE_NOOP("words", "Opinion texts"), DESK,
        QT_TRANSLATE_NOOP("words", "Phrases that a desk writes as its opinion with one key."),
        OPINION, (("move", 150), ("role", 110), ("place", 64), ("words", 0), ("in_use", 64)),
        partial(read_rows, subject=OPINION), _saves(OPINION),
    ),
    Topic(
        "duty_item", QT_TRANSLATE_NOOP("words", "Flood duty"), DESK,
        QT_TRANSLATE_NOOP("words", "What is to be done from each colour of a rainstorm warning on."),
        DUTY_ITEM, (("colour", 90), ("place", 64), ("words", 0), ("in_use", 64), ("assumed", 90)),
        partial(read_rows, subject=DUTY_ITEM), _saves(DUTY_ITEM),
    ),
    Topic(
        "driver_phrase", QT_TRANSLATE_NOOP("words", "Phrases for drivers"), DESK,
        QT_TRANSLATE_NOOP("words", "What desks say to the drivers of muck trucks again and again."),
        DRIVER_PHRASE, (("place", 64), ("words", 0), ("in_use", 64), ("assumed", 90)),
        partial(read_rows, subject=DRIVER_PHRASE), _saves(DRIVER_PHRASE),
    ),
    Topic(
        "setting", QT_TRANSLATE_NOOP("words", "Other settings"), DESK,
        QT_TRANSLATE_NOOP("words", "Figures that rules and checks go by."),
        SETTING, (("setting", 0), ("value", 116), ("allowed", 150), ("source", 190)),
        partial(_settings, of_stages=False), _save_settings, spare=("source",), grows=False,
    ),
)  # fmt: skip
BY_KEY = {topic.key: topic for topic in TOPICS}
