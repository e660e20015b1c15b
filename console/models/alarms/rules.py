"""Rules of alarms, each with cause, consequence and operator action (ISA-18.2 rationalisation)."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class AlarmRule:
    """One rule; a kind of alarm has one a grade, and the worst grade that holds is the alarm's.

    Attributes:
        id, version: in ``city.alarm_rule``; counts its changes.
        kind: what it watches, such as ``route_deviation``.
        grade: how bad, 1 the least.
        subject: ``vehicle`` or ``sensor``.
        urgency: code of the type ``city.urgency``; None while nobody has said.
        cause, consequence, action: why it happens, what follows, what the operator does; None while nobody has said.
        set_point, clear_point: value from which it holds, and to which it must come to be over, in `unit`.
        on_delay_s, on_count: seconds and positions or readings in a row for which it must hold, both.
        off_delay_s, off_count: the same until it is over.
        latches: whether its alarms stand until somebody resets them.
        scope: further figures of its kind.
        enabled: whether it is in force.
        assumed: whether its figures are the project's and still to be confirmed.
        source: where they come from.
    """

    id: int
    kind: str
    grade: int
    subject: str
    urgency: str | None
    cause: str | None
    consequence: str | None
    action: str | None
    set_point: float | None
    clear_point: float | None
    unit: str
    on_delay_s: int | None
    on_count: int
    off_delay_s: int | None
    off_count: int
    latches: bool
    scope: dict[str, Any]
    enabled: bool
    assumed: bool
    source: str
    version: int


@dataclass(frozen=True)
class RuleVersion:
    """A rule as it once was, or is.

    Attributes:
        version: its number.
        at, login, reason: when it was saved, by whom and why; None of the version that the city began with, and a
            reason that nobody gave is empty.
        rule: the rule itself.
    """

    version: int
    at: datetime | None
    login: str | None
    reason: str
    rule: AlarmRule


def rules(connection: Connection) -> list[AlarmRule]:
    """All rules by subject, kind and grade."""
    found = connection.execute(
        text("""
            SELECT id, kind, grade, subject::text AS subject, urgency::text AS urgency, cause, consequence, action,
                set_point, clear_point, unit, on_delay_s, on_count, off_delay_s, off_count, latches, scope, enabled,
                assumed, source, version
            FROM city.alarm_rule ORDER BY subject, kind, grade
        """)
    )
    return [AlarmRule(**row) for row in found.mappings()]


def save_rule(connection: Connection, rule_id: int, version: int, changes: Mapping[str, Any]) -> int:
    """Save parts of a rule, named as in `AlarmRule`; the others stay. Returns its new version.

    Raises:
        Refused: the post may not, the rule was changed since `version`, a part cannot be what it shall be, or a rule
            without cause, consequence, action, priority, points or delays is to be enabled.
    """
    saved = connection.execute(
        text("SELECT city.save_alarm_rule(:id, :version, CAST(:said AS jsonb))"),
        {"id": rule_id, "version": version, "said": json.dumps(dict(changes), ensure_ascii=False)},
    )
    return int(saved.scalar_one())


def versions(connection: Connection, rule_id: int) -> list[RuleVersion]:
    """All versions of a rule, the newest first; for those who may save rules."""
    found = connection.execute(
        text("SELECT version, at, login, reason, rule FROM city.alarm_rule_versions(:id)"), {"id": rule_id}
    )
    return [RuleVersion(row.version, row.at, row.login, row.reason or "", rule_of(row.rule)) for row in found]


def rule_of(values: Mapping[str, Any]) -> AlarmRule:
    """A rule from the columns of its row, or their JSON."""
    return AlarmRule(**{one.name: values[one.name] for one in fields(AlarmRule)})


def raised_counts(connection: Connection, since: datetime) -> dict[tuple[str, int], int]:
    """How many alarms of each (kind, grade) were raised since then."""
    found = connection.execute(
        text("SELECT kind, grade, count(*) AS n FROM city.alarm WHERE raised_at >= :since GROUP BY kind, grade"),
        {"since": since},
    )
    return {(row.kind, row.grade): row.n for row in found}
