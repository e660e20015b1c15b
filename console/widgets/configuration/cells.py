"""What the tables of the configuration say: a column for each field, or for what several fields say together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QLocale

from console.models.calendar import LimitUnit
from console.models.configuration.alarm_rules import GRADED
from console.models.configuration.draft import ChangeKind
from console.models.configuration.subjects import FieldKind
from console.widgets.configuration.words import (
    ACCOUNT,
    MARK,
    SETTING,
    choice_word,
    field_word,
    limit_words,
    name_of,
    plain,
)
from console.widgets.shared.table import Column
from console.widgets.shared.words import ALARM, KIND, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.models.configuration.draft import Draft
    from console.widgets.configuration.register import Register
    from console.widgets.configuration.topics import Topic

MARK_COLOUR = {"flaw": "critical_text", "conflict": "high_text"}
ACCOUNT_COLOUR = {"open": "text", "foreign": "medium_text", "unequal": "medium_text"}
MARK_WIDTH = 36


@dataclass(frozen=True)
class Item:
    """A row of a table: a stored row with what is drafted of it.

    Attributes:
        key: in the draft.
        values: with the changes.
        mark: a code of `MARK`, empty for a row as it is stored.
    """

    key: str
    values: Mapping[str, Any]
    mark: str


def items(draft: Draft) -> list[Item]:
    """All rows of a draft."""
    return [Item(key, draft.values(key), mark_of(draft, key)) for key in draft.keys]


def mark_of(draft: Draft, key: str) -> str:
    """What is to be known of a row at first sight."""
    if not draft.is_changed_row(key):
        return ""
    if draft.conflicts(key):
        return "conflict"
    if draft.is_removed(key):
        return ChangeKind.REMOVE
    if draft.flaws(key):
        return "flaw"
    if draft.is_added(key):
        return ChangeKind.ADD
    return ChangeKind.ALTER


def columns(topic: Topic, register: Register) -> list[Column[Item]]:
    """What the draft makes of a row, then the columns of the table of a topic."""
    mark: Column[Item] = Column(
        "", lambda item: MARK[item.mark][0] if item.mark else "", colour=_mark_colour, width_px=MARK_WIDTH
    )
    made = (_column(topic, register, name, width) for name, width in topic.columns)
    spare = {name: order for order, name in enumerate(topic.spare, 1)}
    named = zip(made, topic.columns, strict=True)
    return [mark, *(replace(column, spare=spare.get(name, 0)) for column, (name, _) in named)]


def title_of(topic: Topic, values: Mapping[str, Any], register: Register) -> str:
    """What a row is known by."""
    own = {"setting": setting_word, "alarm_rule": rule_word}.get(topic.subject.table)
    if own is not None:
        return own(values)
    if topic.key == "filing_condition":
        found = register.references.get("case_class", {}).get(values.get("class_id") or 0)
        name = "" if found is None else name_of(found, register.language)
        return " · ".join(filter(None, (name, values.get("code"))))
    if topic.key == "roster":
        post = register.references.get("staff", {}).get(values.get("staff_id") or 0)
        name = "" if post is None else name_of(post, register.language)
        return " · ".join(filter(None, (plain(values.get("day")), name)))
    if topic.key == "calendar_day":
        day = values["day"]
        weekday = QLocale(register.language).dayName(day.isoweekday())
        return " ".join(filter(None, (str(day), weekday, values.get("name"))))
    if topic.key == "working_hours":
        return " – ".join(plain(values.get(name)) for name in ("opens", "closes"))
    names = ("title", "name", "words")
    return next((str(in_language(values, name, register)) for name in names if values.get(name)), "")


def in_language(values: Mapping[str, Any], name: str, register: Register) -> Any:
    """A value, in English where the window is in English and there is one."""
    english = values.get(f"{name}_en") if register.language != "zh_CN" else None
    return english or values.get(name)


def setting_word(values: Mapping[str, Any]) -> str:
    """What a setting, or its part, is called."""
    return word(SETTING, f"{values['name']}.{values['field']}".rstrip("."))


def rule_word(values: Mapping[str, Any]) -> str:
    """What an alarm rule is called: its kind, and its grade where the kind has several."""
    kind = word(ALARM, values["kind"])
    if values["kind"] not in GRADED:
        return kind
    return QCoreApplication.translate("words", "{kind} · grade {n}").format(kind=kind, n=values["grade"])


def _mark_colour(item: Item) -> str:
    return MARK_COLOUR.get(item.mark, "secondary")


def _column(topic: Topic, register: Register, name: str, width: int) -> Column[Item]:
    def text(item: Item) -> str:
        field = next((one for one in topic.subject.fields_of(item.values) if one.name == name), None)
        value = in_language(item.values, name, register)
        return register.said(topic, field, value) if field is not None else plain(value) if value else ""

    special: dict[str, Column[Item]] = {
        "limit": Column(field_word(name), lambda item: limit_words(item.values), _minutes, width_px=width),
        "setting": Column(field_word(name), lambda item: setting_word(item.values), width_px=width),
        "class_kind": Column(field_word(name), lambda item: _class_kind(item, register), width_px=width),
        "account": Column(
            field_word(name),
            lambda item: word(ACCOUNT, item.values.get("account")),
            colour=lambda item: ACCOUNT_COLOUR.get(item.values.get("account") or "", "secondary"),
            width_px=width,
        ),
        "allowed": Column(field_word(name), lambda item: _allowed(topic, item), width_px=width),
    }
    if name in special:
        return special[name]
    field = topic.subject.by_name.get(name)
    is_number = field is not None and field.kind is FieldKind.NUMBER and topic.subject.table != "setting"
    order = (lambda item: _number(item.values.get(name))) if is_number else None
    colour = (lambda _item: "secondary") if name in {"source", "code_system", "valid_from"} else None
    return Column(field_word(name), text, order, colour, width)


def _class_kind(item: Item, register: Register) -> str:
    found = register.references.get("case_class", {}).get(item.values.get("class_id") or 0)
    return "" if found is None else word(KIND, found.kind)


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) else None


def _minutes(item: Item) -> float | None:
    value, unit = _number(item.values.get("limit_value")), item.values.get("limit_unit")
    return None if value is None or unit not in set(LimitUnit) else value * LimitUnit(unit).minutes


def _allowed(topic: Topic, item: Item) -> str:
    (field,) = topic.subject.fields_of(item.values)
    if field.choices:
        return " / ".join(choice_word("setting", "value", code) for code in field.choices)
    return f"{field.least:.12g} – {field.most:.12g} {field.unit}".rstrip()
