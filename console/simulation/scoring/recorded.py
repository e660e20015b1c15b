"""A day that went through the wire, scored: the file of the truth against the alarms that stand in the database.

The player writes what it does; terminals, gateway, database and monitors make alarms of it. Times are those at which a
condition was decided by positions and readings; where trucks truly were is what their positions say, whose noise is a
few metres.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.alarms import rules
from console.models.monitors import source
from console.models.monitors.episodes import Episode
from console.models.monitors.statements import Statement
from console.simulation.scoring import score, water
from console.simulation.scoring.report import OFF_ROUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.models.alarms import AlarmRule
    from console.models.monitors.gauges import Gauge

ANSWERS = (
    "route_deviation",
    "flooding",
    "terminal_silent",
    "terminals_silent",
    "rain",
    "rain_1h",
    "level_rise",
)
URGENCIES = ("medium", "high", "critical")
"""Of ``city.urgency``, the least first."""
TOO_LATE_S = 180.0
"""What began so shortly before the end of the play need not have been told."""
_UNTIL = text("SELECT max(at) FROM city.vehicle_state")
_FIXES = text("""
    SELECT extract(epoch FROM at)::double precision, vehicle_id, public.ST_X(geom), public.ST_Y(geom)
    FROM city.vehicle_fix WHERE vehicle_id = :vehicle AND at BETWEEN :begin AND :end ORDER BY at
""")
_EVENTS = text("""
    SELECT a.id, a.kind, coalesce(a.vehicle_id, a.sensor_id) AS subject_id, e.at, e.act = 'return' AS is_over, e.value,
        e.urgency::text AS urgency, CASE WHEN a.sensor_id IS NULL THEN 'vehicle' ELSE 'sensor' END AS subject
    FROM city.alarm AS a JOIN city.alarm_event AS e ON e.alarm_id = a.id
    WHERE a.rule_id IS NOT NULL AND a.raised_at <= :until AND coalesce(a.cleared_at, :until) >= :begin
        AND e.at <= :until AND e.act IN ('raise', 'step_up', 'step_down', 'return')
    ORDER BY e.at, e.id
""")


def run(connection: Connection, truth: Path) -> tuple[list[str], bool]:
    """Score the last play of that file; (lines of the report, whether the monitors are good enough).

    Raises:
        ConsoleError: the file tells of no play.
    """
    play, rows, earlier = _read(truth)
    begin, interval_s = _moment(play["begin"]), float(play["interval_s"])
    until = connection.execute(_UNTIL).scalar_one().astimezone(UTC)
    in_force = [rule for rule in rules(connection) if rule.enabled]
    limit = min(rule.set_point or 0.0 for rule in in_force if rule.kind == "route_deviation")
    silent_s = min(rule.set_point or 0.0 for rule in in_force if rule.kind == "terminal_silent")
    ground = source.ground(connection, source.vehicle_ids(connection))
    paths = _paths(connection, [row for row in rows if row["kind"] == "left_route"], until)
    astray = score.true_deviations(ground, source.vehicle_ids(connection), paths, limit, 2 * interval_s + 5)
    silent = [_true(row, "vehicle_id", until) for row in rows if row["kind"] == "silent"]
    silent_before = [_true(row, "vehicle_id", until) for row in earlier if row["kind"] == "silent"]
    too_short = [one for one in silent if one.end - one.begin <= silent_s + score.SUSTAINED_S]
    events = [dict(row) for row in connection.execute(_EVENTS, {"begin": begin, "until": until}).mappings()]
    seen = _episodes(events, begin)
    by_kind = {
        OFF_ROUTE: (_of(seen, "route_deviation"), astray, [], interval_s),
        # Silence is told of when it lasts; what lasts less long, or began in an earlier play, may be told of.
        "terminals silent": (
            _of(seen, "terminal_silent"),
            [one for one in silent if one not in too_short],
            too_short + silent_before,
            silent_s,
        ),
    }
    gauges = {gauge.id: gauge for gauge in source.gauges(connection)}
    for rule in _told_apart(in_force):
        graded = _of(_episodes(events, begin, partial(_reaches, rule, gauges)), rule.kind)
        if rule.kind == "flooding":
            wanted = str(rule.scope.get("of_point"))
            named = [row for row in rows if row["kind"] == "flooding" and row.get("limit") == wanted]
            true = [_true(row, "sensor_id", until) for row in named]
        else:
            true = _rained(rows, rule, begin, until)
        by_kind[water.words(rule)] = graded, true, [], water.INTERVAL_S
    lines = [f"played from {begin.isoformat(timespec='seconds')} to {until.isoformat(timespec='seconds')}, by the wire"]
    missed = wrong = 0
    for words, (told, every, excused, every_s) in by_kind.items():
        true = [one for one in every if one.begin < until.timestamp() - TOO_LATE_S]
        one = score.scored(true, told)
        missed += len(one.missed)
        # What stood before may answer for what goes on, but is no fault of this play.
        false_ones = [
            episode for episode in score.scored(every, told, excused).false if episode.raised >= begin.timestamp()
        ]
        lines += score.told(words, replace(one, false=tuple(false_ones), interval_s=every_s))
        wrong += len(false_ones)
    false, uncounted = score.others([one for one in seen if one.raised >= begin.timestamp()], ANSWERS)
    wrong += false.total()
    days = (until - begin).total_seconds() / 86_400
    lines.append(f"false alarms: {wrong} in {days:.2f} days; of other kinds {dict(false) or 'none'}")
    lines.append(f"of what terminals say of lid and speed: {dict(uncounted) or 'none'}")
    good = not missed and wrong <= max(days, 1)
    return [*lines, "good enough" if good else "NOT good enough"], good


def _read(truth: Path) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """The last play, the events of it, and those of earlier ones."""
    try:
        rows = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The file {path} cannot be read: {reason}."), path=truth, reason=str(fault)
        ) from fault
    plays = [place for place, row in enumerate(rows) if row["kind"] == "play"]
    if not plays:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The file {path} tells of no play: let the player write it with --truth."),
            path=truth,
        )
    return rows[plays[-1]], rows[plays[-1] + 1 :], rows[: plays[-1]]


def _paths(connection: Connection, rows: list[dict[str, Any]], until: datetime) -> NDArray[np.float64]:
    """Where trucks that left their routes were: seconds since 1970, vehicle, x, y."""
    found = [
        tuple(fix)
        for row in rows
        for fix in connection.execute(
            _FIXES,
            {
                "vehicle": row["vehicle_id"],
                "begin": _moment(row["begin"]),
                "end": min(_moment(row["end"]), until),
            },
        )
    ]
    return np.array(found, float).reshape(-1, 4)


def _true(row: dict[str, Any], subject: str, until: datetime) -> score.True_:
    end = min(_moment(row["end"]), until)
    return score.True_(int(row[subject]), _moment(row["begin"]).timestamp(), end.timestamp())


def _episodes(
    events: Sequence[Mapping[str, Any]],
    begin: datetime,
    reaches: Callable[[Mapping[str, Any]], bool] = lambda _event: True,
) -> list[Episode]:
    """What the history of alarms tells: each time that one stood and had reached what is asked for."""
    found: list[Episode] = []
    standing: dict[int, int] = {}
    for event in events:
        stands = not event["is_over"] and reaches(event)
        at = event["at"].timestamp()
        if stands and event["id"] not in standing:
            standing[event["id"]] = len(found)
            said = Statement(event["kind"], event["subject_id"], None, at, at, subject=event["subject"])
            found.append(Episode(said, at))
        elif not stands and event["id"] in standing:
            place = standing.pop(event["id"])
            found[place] = replace(found[place], ended=at)
    return [one for one in found if one.ended is None or one.ended >= begin.timestamp()]


def _of(seen: Sequence[Episode], kind: str) -> list[Episode]:
    return [episode for episode in seen if episode.worst.kind == kind]


def _told_apart(in_force: Sequence[AlarmRule]) -> list[AlarmRule]:
    """The rules about water and rain whose grades the history tells: floods by the level, rain by the urgency."""
    kept: dict[tuple[str, str | None], AlarmRule] = {}
    for rule in sorted(in_force, key=lambda one: (one.kind, one.grade)):
        if rule.kind == "flooding":
            kept[rule.kind, str(rule.grade)] = rule
        elif rule.kind in ("rain", "rain_1h"):
            kept.setdefault((rule.kind, rule.urgency), rule)
    return list(kept.values())


def _reaches(rule: AlarmRule, gauges: Mapping[int, Gauge], event: Mapping[str, Any]) -> bool:
    """Whether an alarm is as bad as a rule says after an event of its history."""
    if event["kind"] != rule.kind:
        return False
    if rule.kind == "flooding":
        return bool((event["value"] or 0.0) >= water.limit(rule, gauges[event["subject_id"]]))
    return URGENCIES.index(event["urgency"]) >= URGENCIES.index(rule.urgency or URGENCIES[0])


def _rained(rows: Sequence[Mapping[str, Any]], rule: AlarmRule, begin: datetime, until: datetime) -> list[score.True_]:
    """When it had rained as much as a rule says."""
    at = np.arange(begin.timestamp(), until.timestamp(), water.INTERVAL_S)
    fell: dict[int, list[tuple[float, float]]] = {}
    for row in rows:
        if row["kind"] == "rain":
            fell.setdefault(int(row["sensor_id"]), []).append((_moment(row["end"]).timestamp(), float(row["mm"])))
    found = []
    for sensor, rain in fell.items():
        ends, mm = np.array(rain).T
        fallen = np.concatenate(([0.0], np.cumsum(mm)))[np.searchsorted(ends, at, side="right")]
        holds = water.rain_mm(at, fallen, float(rule.scope["hours"])) >= float(rule.set_point or 0.0)
        found += score.times(sensor, at, holds, 2 * water.INTERVAL_S)
    return found


def _moment(words: str) -> datetime:
    return datetime.fromisoformat(words).astimezone(UTC)
