"""Settings: figures that rules use, each with what it may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models.configuration.draft import Change, ChangeKind, Row
from console.models.configuration.refusals import RefusedEntryError, blame
from console.models.configuration.rows import conflict
from console.models.configuration.subjects import Field, FieldKind, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

_READ = text("""
    SELECT s.name, s.value, s.unit, s.assumed, s.source, s.xmin::text AS stamp, f.field, f.kind,
        f.least::float8 AS least, f.most::float8 AS most, f.choices, f.unit AS field_unit
    FROM city.setting s LEFT JOIN city.setting_field f ON f.setting = s.name
    WHERE s.name <> 'demonstration'
    ORDER BY f.setting IS NULL, s.name, f.place
""")
_SAVE = text("UPDATE city.setting SET value = CAST(:value AS jsonb) WHERE name = :name AND xmin::text = :stamp")


@dataclass(frozen=True)
class Part:
    """What a setting, or one part of it, may be.

    Attributes:
        field: key of the part; empty when the setting is one value.
        kind: ``integer``, ``number`` or ``choice``.
        least: smallest figure allowed; `most` the largest.
        choices: words allowed.
        unit: of the figure; empty for a bare number.
    """

    field: str
    kind: str
    least: float
    most: float
    choices: tuple[str, ...]
    unit: str

    def accepts(self, value: object) -> bool:
        """Whether the database would take `value`."""
        if self.kind == "choice":
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return self.least <= value <= self.most and (self.kind == "number" or value == int(value))


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: of the setting.
        value: as JSON holds it.
        unit: of the whole value, None when it has none.
        assumed: whether it is only assumed.
        source: where it comes from.
        stamp: changes whenever it does.
        parts: what it may be; none for one that is only shown.
    """

    name: str
    value: Any
    unit: str | None
    assumed: bool
    source: str
    stamp: str
    parts: tuple[Part, ...]

    def part(self, field: str) -> Any:
        """Value of a part."""
        return self.value[field] if field else self.value

    def altered(self, values: Mapping[str, Any]) -> Change:
        """What is to be saved when parts get other values."""
        value = values[""] if set(values) == {""} else {**self.value, **values}
        return Change(ChangeKind.ALTER, self.name, self.stamp, {"value": self.value}, {"value": value})


@dataclass(frozen=True)
class SettingSubject(Subject):
    """Settings as rows, one a part: what the value of each may be stands in its row."""

    def fields_of(self, values: Mapping[str, Any]) -> tuple[Field, ...]:
        """The one field `value`, as its part allows it."""
        part: Part | None = values.get("part")
        if part is None:
            return self.fields
        if part.kind == "choice":
            return (Field("value", FieldKind.CHOICE, choices=part.choices),)
        decimals = 2 if part.kind == "number" else 0
        return (Field("value", FieldKind.NUMBER, least=part.least, most=part.most, decimals=decimals, unit=part.unit),)


SETTING = SettingSubject(
    "setting",
    ("name", "field"),
    (Field("value", FieldKind.NUMBER),),
    shown=("name", "field", "part", "source", "assumed"),
)


def read_setting_rows(connection: Connection) -> list[Row]:
    """Each part of the settings that can be edited as a row of `SETTING`."""
    return [
        Row(
            f"{one.name}.{part.field}".rstrip("."),
            one.stamp,
            {
                "value": one.part(part.field),
                "name": one.name,
                "field": part.field,
                "part": part,
                "source": one.source,
                "assumed": one.assumed,
            },
        )
        for one in read_settings(connection)
        for part in one.parts
    ]


def save_setting_rows(connection: Connection, changes: Sequence[Change]) -> None:
    """Save altered rows of `SETTING`; all of them or, when this raises, none.

    Raises:
        ConflictError: somebody else has changed a setting meanwhile.
        RefusedEntryError: the database does not take a value.
    """
    known = {one.name: one for one in read_settings(connection)}
    stale = [change for change in changes if known[change.base["name"]].stamp != change.stamp]
    if stale:
        raise conflict(connection, "setting", stale, [change.base["name"] for change in stale])
    altered: dict[str, dict[str, Any]] = {}
    for change in changes:
        altered.setdefault(change.base["name"], {})[change.base["field"]] = change.values["value"]
    try:
        save_settings(connection, [known[name].altered(parts) for name, parts in altered.items()])
    except RefusedEntryError as fault:
        guilty = next(change for change in changes if change.base["name"] == fault.key)
        raise RefusedEntryError(fault.cause, guilty.key, fault.field) from fault


def read_settings(connection: Connection) -> list[Setting]:
    """All settings: those that can be edited first, by name."""
    found: dict[str, Setting] = {}
    for row in connection.execute(_READ):
        parts = found[row.name].parts if row.name in found else ()
        if row.kind is not None:
            choices = tuple(row.choices or ())
            parts = (*parts, Part(row.field, row.kind, row.least or 0, row.most or 0, choices, row.field_unit or ""))
        found[row.name] = Setting(row.name, row.value, row.unit, row.assumed, row.source, row.stamp, parts)
    return list(found.values())


def save_settings(connection: Connection, changes: Sequence[Change]) -> None:
    """Save altered settings; all of them or, when this raises, none.

    Raises:
        ConflictError: somebody else has changed one of them meanwhile.
        RefusedEntryError: the database does not take a value.
    """
    stale = []
    for change in changes:
        value = json.dumps(change.values["value"], ensure_ascii=False)
        with blame(SETTING, change):
            given = {"name": change.key, "stamp": change.stamp, "value": value}
            if connection.execute(_SAVE, given).rowcount == 0:
                stale.append(change)
    if stale:
        raise conflict(connection, "setting", stale)
