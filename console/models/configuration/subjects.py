"""What can be edited as rows of a table, and what each field of it may hold.

The database has the last word (constraints and triggers); the same rules stand here so that a slip is shown while it is
typed. `reading` and saving go by these descriptions and know no table by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = (
    "acceptor",
    "dispatcher",
    "shift_leader",
    "department",
    "engineer",
    "supervisor",
    "inspector",
    "gateway",
    "administrator",
)
DEPARTMENT_KINDS = ("centre", "bureau", "enforcement", "sanitation", "park", "municipal", "subdistrict", "owner")
KINDS = ("component", "event", "service")
CODE_SYSTEMS = ("GB/T 30428.2-2013", "CJ/T 214-2007")
LIMIT_UNITS = ("UH", "UD", "WH", "WD")
# Moves at which a desk writes an opinion.
OPINION_MOVES = (
    "accept", "refuse", "merge", "file", "dispatch", "return", "department_accept", "dispose", "feed_back",
    "request_extension", "extend", "suspend", "resume", "rework", "close", "force_close", "cancel", "reopen", "urge",
    "supervise", "appeal", "decide_appeal",
)  # fmt: skip


class FieldKind(StrEnum):
    """What a field holds, which decides how it is edited."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    REFERENCE = "reference"
    DATE = "date"
    TIME = "time"
    SHAPE = "shape"
    """A line or polygon as WKT, metres in EPSG:4546."""


class Flaw(StrEnum):
    """Why a value cannot be kept."""

    MISSING = "missing"
    FORM = "form"
    RANGE = "range"
    TWICE = "twice"
    ORDER = "order"
    BAND = "band"


@dataclass(frozen=True)
class Field:
    """One column that is edited.

    Attributes:
        name: of the column.
        kind: what it holds.
        required: whether it must have a value.
        choices: codes that it may hold; the window shows words for them.
        refers_to: table that a reference points into.
        pattern: form of a text.
        least: smallest number.
        most: largest number.
        fixed: whether it never changes once the row is stored.
        default: value in a new row.
        long: whether a text has whole sentences.
        decimals: digits of a number after its point.
        unit: of a number; empty for a bare one.
    """

    name: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    choices: tuple[str, ...] = ()
    refers_to: str = ""
    pattern: re.Pattern[str] | None = None
    least: float | None = None
    most: float | None = None
    fixed: bool = False
    default: Any = None
    long: bool = False
    decimals: int = 0
    unit: str = ""


@dataclass(frozen=True)
class Subject:
    """A table that is edited.

    Attributes:
        table: in schema city.
        keys: its primary key.
        fields: what is edited, in the order of the columns shown.
        unique: groups of fields that no two rows share.
        numbered: whether a new row takes the next free number, as the table gives none itself.
        shown: further columns that are read but not edited.
    """

    table: str
    keys: tuple[str, ...]
    fields: tuple[Field, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    numbered: bool = False
    shown: tuple[str, ...] = ()
    by_name: dict[str, Field] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_name.update({one.name: one for one in self.fields})

    def new_values(self) -> dict[str, Any]:
        """What a new row holds at first."""
        return {one.name: one.default for one in self.fields}

    def fields_of(self, values: Mapping[str, Any]) -> tuple[Field, ...]:
        """The fields of the row with these values; the same for all rows of most subjects."""
        del values
        return self.fields

    def flaws(self, values: Mapping[str, Any]) -> dict[str, Flaw]:
        """What is wrong with a row by itself, by field."""
        fields = self.fields_of(values)
        found = {one.name: flaw for one in fields if (flaw := _flaw(one, values.get(one.name))) is not None}
        for first, last in (("valid_from", "valid_to"), ("opens", "closes")):
            early, late = values.get(first), values.get(last)
            if type(early) is type(late) and early is not None and last in self.by_name and not isinstance(late, str):
                wrong = late < early if first == "valid_from" else late <= early
                if wrong:
                    found.setdefault(last, Flaw.ORDER)
        return found


def _flaw(one: Field, value: Any) -> Flaw | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return Flaw.MISSING if one.required else None
    wrong_form = one.pattern is not None and not one.pattern.fullmatch(str(value))
    if wrong_form or (one.choices and value not in one.choices) or not _has_type(one, value):
        return Flaw.FORM
    if one.kind is FieldKind.NUMBER:
        below = one.least is not None and value < one.least
        above = one.most is not None and value > one.most
        return Flaw.RANGE if below or above else None
    return None


def _has_type(one: Field, value: Any) -> bool:
    """Whether a value is what the field holds; what was typed and cannot be read stays a text."""
    if one.kind is FieldKind.NUMBER:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (one.decimals > 0 and isinstance(value, float))
    if one.kind is FieldKind.SHAPE:
        return isinstance(value, str) and is_shape(value)
    types = {FieldKind.DATE: date, FieldKind.TIME: time, FieldKind.FLAG: bool, FieldKind.REFERENCE: int}
    return isinstance(value, types.get(one.kind, object))


def is_shape(wkt: str) -> bool:
    """Whether a text is a shape that the database keeps: valid, and larger than a metre."""
    found = shapely.from_wkt(wkt, on_invalid="ignore")
    if found is None or not found.is_valid:
        return False
    return bool(found.area >= 1 if isinstance(found, shapely.Polygon) else found.length >= 1)


DEPARTMENT = Subject(
    "department",
    ("id",),
    (
        Field("code", pattern=re.compile(r"[0-9A-Za-z]{1,12}")),
        Field("name"),
        Field("short_name"),
        Field("name_en", required=False, default=""),
        Field("kind", FieldKind.CHOICE, choices=DEPARTMENT_KINDS, default="owner"),
        Field("parent_id", FieldKind.REFERENCE, required=False, refers_to="department"),
    ),
    unique=(("code",), ("name",)),
)
CASE_CLASS = Subject(
    "case_class",
    ("id",),
    (
        Field("kind", FieldKind.CHOICE, choices=KINDS, fixed=True, default="event"),
        Field("code", pattern=re.compile(r"\d{4}"), fixed=True),
        Field("name"),
        Field("name_en", required=False, default=""),
        Field("category"),
        Field("category_en", required=False, default=""),
        Field("in_use", FieldKind.FLAG, default=True),
        Field("code_system", FieldKind.CHOICE, choices=CODE_SYSTEMS, fixed=True, default=CODE_SYSTEMS[0]),
    ),
    unique=(("code_system", "kind", "code"),),
)
POST = Subject(
    "staff",
    ("id",),
    (
        Field("login", required=False, pattern=re.compile(r"[a-z][a-z0-9_]{0,62}")),
        Field("title"),
        Field("title_en", required=False, default=""),
        Field("role", FieldKind.CHOICE, choices=ROLES, default="acceptor"),
        Field("department_id", FieldKind.REFERENCE, refers_to="department"),
        Field("team_id", FieldKind.REFERENCE, required=False, refers_to="team"),
        Field("is_lead", FieldKind.FLAG, default=False),
        Field("active", FieldKind.FLAG, default=True),
    ),
    unique=(("login",),),
)
SHIFT = Subject(
    "shift",
    ("id",),
    (
        Field("name"),
        Field("name_en", required=False, default=""),
        Field("starts", FieldKind.TIME),
        Field("ends", FieldKind.TIME),
    ),
    unique=(("name",),),
    numbered=True,
)
ROSTER = Subject(
    "roster",
    ("staff_id", "day"),
    (
        Field("day", FieldKind.DATE, fixed=True),
        Field("staff_id", FieldKind.REFERENCE, refers_to="staff"),
        Field("shift_id", FieldKind.REFERENCE, refers_to="shift"),
    ),
    unique=(("day", "staff_id"),),
)
WORKING_HOURS = Subject(
    "working_hours",
    ("valid_from", "opens"),
    (
        Field("valid_from", FieldKind.DATE),
        Field("valid_to", FieldKind.DATE),
        Field("opens", FieldKind.TIME),
        Field("closes", FieldKind.TIME),
    ),
    unique=(("valid_from", "opens"),),
)
OPINION = Subject(
    "opinion_text",
    ("id",),
    (
        Field("move", FieldKind.CHOICE, choices=OPINION_MOVES, default="refuse"),
        Field("role", FieldKind.CHOICE, required=False, choices=ROLES),
        Field("place", FieldKind.NUMBER, least=1, most=99, default=1),
        Field("words", long=True),
        Field("words_en", required=False, default="", long=True),
        Field("in_use", FieldKind.FLAG, default=True),
    ),
)
DUTY_ITEM = Subject(
    "duty_item",
    ("id",),
    (
        Field("colour", FieldKind.CHOICE, choices=("blue", "yellow", "orange", "red"), default="blue"),
        Field("place", FieldKind.NUMBER, least=1, most=99, default=1),
        Field("words", long=True),
        Field("words_en", required=False, default="", long=True),
        Field("in_use", FieldKind.FLAG, default=True),
        Field("assumed", FieldKind.FLAG, default=False),
    ),
)
DRIVER_PHRASE = Subject(
    "driver_phrase",
    ("id",),
    (
        Field("place", FieldKind.NUMBER, least=1, most=99, default=1),
        Field("words", long=True),
        Field("in_use", FieldKind.FLAG, default=True),
        Field("assumed", FieldKind.FLAG, default=False),
    ),
)
CONDITION = Subject(
    "filing_condition",
    ("class_id", "code"),
    (
        Field("class_id", FieldKind.REFERENCE, refers_to="case_class", fixed=True),
        Field("code", pattern=re.compile(r"[A-Z][A-Z0-9]{1,9}"), fixed=True),
        Field("description", long=True),
        Field("limit_value", FieldKind.NUMBER, least=1, most=999),
        Field("limit_unit", FieldKind.CHOICE, choices=LIMIT_UNITS, default="WD"),
        Field("closing_condition", long=True),
        Field("responsible_id", FieldKind.REFERENCE, refers_to="department"),
        Field("competent_id", FieldKind.REFERENCE, refers_to="department"),
        Field("description_en", required=False, default="", long=True),
        Field("closing_condition_en", required=False, default="", long=True),
    ),
    unique=(("class_id", "code"),),
    shown=("version", "valid_from", "valid_to"),
)
TEAM = Subject(
    "team",
    ("id",),
    (Field("name"), Field("zone_id", FieldKind.REFERENCE, refers_to="zone")),
    unique=(("name",), ("zone_id",)),
    numbered=True,
)
CALENDAR_DAY = Subject(
    "calendar_day",
    ("day",),
    (
        Field("day", FieldKind.DATE, fixed=True),
        Field("is_working", FieldKind.FLAG, default=True),
        Field("name", required=False),
        Field("assumed", FieldKind.FLAG, default=False),
    ),
    unique=(("day",),),
)
