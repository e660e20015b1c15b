"""Alarm rules as rows that are edited: every part of a rule is a field, and so is each further figure of its kind."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models import alarms
from console.models.configuration.draft import Row
from console.models.configuration.refusals import blame
from console.models.configuration.rows import ConflictError
from console.models.configuration.subjects import Field, FieldKind, Flaw, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.alarms import AlarmRule
    from console.models.configuration.draft import Change

PERIOD = timedelta(days=30)
"""So far back alarms are counted to show how often a rule speaks."""
SCOPE = "scope."
"""Before the name of a further figure of a kind."""
RATIONAL = (
    "urgency", "cause", "consequence", "action", "set_point", "clear_point", "on_delay_s", "off_delay_s",
)  # fmt: skip
"""Without these a rule cannot be enabled (ISA-18.2, IEC 62682: rationalisation)."""
GRADED = frozenset({"route_deviation", "overspeed", "flooding", "rain"})
"""Kinds that have a rule a grade; the others have one."""
POINTS = ("set_point", "clear_point")
_NUMBER, _CHOICE, _FLAG = FieldKind.NUMBER, FieldKind.CHOICE, FieldKind.FLAG
_NOW = text("""
    SELECT id::text AS key, version, coalesce(changed_by, '—') AS login,
        to_char(changed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') AS at
    FROM city.alarm_rule WHERE id = ANY (:ids)
""")


def _figure(name: str, most: float, unit: str = "", *, least: float = 0, decimals: int = 0) -> Field:
    return Field(SCOPE + name, _NUMBER, least=least, most=most, unit=unit, decimals=decimals)


@dataclass(frozen=True)
class AlarmRuleSubject(Subject):
    """Alarm rules; the fields of a row are those of its kind, its points in the unit of the rule."""

    def fields_of(self, values: Mapping[str, Any]) -> tuple[Field, ...]:
        """The parts of a rule, and the further figures that its kind has."""
        unit = values.get("unit", "")
        own = (one for one in self.fields if not one.name.startswith(SCOPE) or one.name in values)
        return tuple(replace(one, unit=unit) if one.name in POINTS else one for one in own)

    def flaws(self, values: Mapping[str, Any]) -> dict[str, Flaw]:
        """What is wrong with a rule; what is only missing is wrong when it is to be enabled."""
        found = super().flaws(values)
        if not values.get("enabled"):
            found = {k: flaw for k, flaw in found.items() if k not in RATIONAL or flaw is not Flaw.MISSING}
        raised, over = (values.get(name) for name in POINTS)
        if isinstance(raised, (int, float)) and isinstance(over, (int, float)) and over > raised:
            found.setdefault("clear_point", Flaw.BAND)
        return found


RULE = AlarmRuleSubject(
    "alarm_rule",
    ("id",),
    (
        Field("enabled", _FLAG),
        Field("urgency", _CHOICE, choices=("medium", "high", "critical")),
        Field("cause", long=True),
        Field("consequence", long=True),
        Field("action", long=True),
        Field("set_point", _NUMBER, least=0, most=1_000_000, decimals=1),
        Field("clear_point", _NUMBER, least=0, most=1_000_000, decimals=1),
        Field("on_count", _NUMBER, least=1, most=100),
        Field("on_delay_s", _NUMBER, least=0, most=86_400, unit="s"),
        Field("off_count", _NUMBER, least=1, most=100),
        Field("off_delay_s", _NUMBER, least=0, most=86_400, unit="s"),
        Field("latches", _FLAG),
        Field(f"{SCOPE}load", _CHOICE, choices=("full", "any")),
        Field(
            f"{SCOPE}of_point", _CHOICE, choices=("attention_cm", "flooding_cm", "closing_cm", "severe_cm"), fixed=True
        ),
        _figure("hours", 12, "h", least=1),
        _figure("minutes", 180, "min", least=1),
        _figure("from_cm", 100, "cm", decimals=1),
        _figure("within_s", 3600, "s", least=1),
        _figure("near_m", 500, "m", decimals=1),
        _figure("still_kmh", 20, "km/h", decimals=1),
        _figure("engine_off_s", 86_400, "s"),
        _figure("of", 100, least=2),
        _figure("jumps", 100, least=1),
        _figure("rain_mm", 500, "mm", decimals=1),
        _figure("city", 120, "km/h"),
        _figure("arterial", 120, "km/h"),
        _figure("secondary", 120, "km/h"),
        _figure("branch", 120, "km/h"),
        Field("source", long=True),
    ),
    shown=("id", "kind", "grade", "subject", "unit", "version", "assumed"),
)


def read_rule_rows(connection: Connection, now: datetime) -> list[Row]:
    """Every rule as a row of `RULE`, with ``raised``: how many alarms it raised in the last `PERIOD`."""
    raised = alarms.raised_counts(connection, now - PERIOD)
    return [row_of(rule, raised.get((rule.kind, rule.grade), 0)) for rule in alarms.rules(connection)]


def row_of(rule: AlarmRule, raised: int = 0) -> Row:
    """A rule as a row."""
    return Row(str(rule.id), str(rule.version), {**values_of(rule), "raised": raised})


def values_of(rule: AlarmRule) -> dict[str, Any]:
    """The parts of a rule by their fields."""
    scope = {SCOPE + name: value for name, value in rule.scope.items()}
    return {**{one.name: getattr(rule, one.name) for one in fields(rule) if one.name != "scope"}, **scope}


def rule_from(values: Mapping[str, Any]) -> AlarmRule:
    """The rule that a row holds."""
    return alarms.rule_of({**values, "scope": _scope(values)})


def missing(values: Mapping[str, Any]) -> list[str]:
    """Fields that a rule lacks before it can be enabled."""
    return [name for name in RATIONAL if values.get(name) is None or not str(values[name]).strip()]


def save_rule_rows(connection: Connection, changes: Sequence[Change]) -> None:
    """Save altered rows of `RULE`; all of them or, when this raises, none.

    Raises:
        ConflictError: somebody else has changed one of them meanwhile.
        RefusedEntryError: the database does not take a rule.
    """
    now = {row.key: row for row in connection.execute(_NOW, {"ids": [int(one.key) for one in changes]})}
    stale = [one.key for one in changes if one.key not in now or str(now[one.key].version) != one.stamp]
    if stale:
        last = now.get(stale[0])
        raise ConflictError(stale, last.login if last else "—", last.at if last else "—")
    for change in changes:
        said = {name: value for name, value in change.values.items() if not name.startswith(SCOPE)}
        if len(said) < len(change.values):
            said["scope"] = _scope({**change.base, **change.values})
        with blame(RULE, change):
            alarms.save_rule(connection, int(change.key), int(change.stamp), said)


def _scope(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(SCOPE): value for name, value in values.items() if name.startswith(SCOPE)}
