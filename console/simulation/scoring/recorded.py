"""A day that went through the wire, scored: the file of the truth against the alarms that stand in the database.

The player writes what it does; terminals, gateway, database and monitors make alarms of it. Times are those at which a
condition was decided by positions and readings; where trucks truly were is what their positions say, whose noise is a
few metres.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.alarms import rules
from console.models.monitors import source
from console.models.monitors.episodes import Episode
from console.models.monitors.statements import Statement
from console.simulation.scoring import score

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection

ANSWERS = ("route_deviation", "flooding", "terminal_silent", "terminals_silent", "rain", "rain_1h", "level_rise")
_UNTIL = text("SELECT max(at) FROM city.vehicle_state")
_FIXES = text("""
    SELECT extract(epoch FROM at)::double precision, vehicle_id, public.ST_X(geom), public.ST_Y(geom)
    FROM city.vehicle_fix WHERE vehicle_id = :vehicle AND at BETWEEN :begin AND :end ORDER BY at
""")
# Of water, alarms that reached the flooding limit; the grade below it is a warning.
_ALARMS = text("""
    SELECT a.kind, coalesce(a.vehicle_id, a.sensor_id) AS subject_id, a.raised_at, a.cleared_at,
        CASE WHEN a.sensor_id IS NULL THEN 'vehicle' ELSE 'sensor' END AS subject
    FROM city.alarm AS a
    LEFT JOIN city.sensor AS s ON s.id = a.sensor_id LEFT JOIN city.flood_point AS f ON f.id = s.flood_point_id
    WHERE a.rule_id IS NOT NULL AND a.raised_at <= :until AND coalesce(a.cleared_at, :until) >= :begin AND (
        a.kind <> 'flooding'
        OR f.flooding_cm <= (SELECT max(e.value) FROM city.alarm_event AS e WHERE e.alarm_id = a.id)
    )
    ORDER BY a.raised_at
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
    flooded = [_true(row, "sensor_id", until) for row in rows if row["kind"] == "flooding"]
    silent = [_true(row, "vehicle_id", until) for row in rows if row["kind"] == "silent"]
    silent_before = [_true(row, "vehicle_id", until) for row in earlier if row["kind"] == "silent"]
    too_short = [one for one in silent if one.end - one.begin <= silent_s + score.SUSTAINED_S]
    seen = [_episode(row) for row in connection.execute(_ALARMS, {"begin": begin, "until": until}).mappings()]
    by_kind = {
        "off their routes": ("route_deviation", astray, [], interval_s),
        "roads flooded": ("flooding", flooded, [], 60.0),
        # Silence is told of when it lasts; what lasts less long, or began in an earlier play, may be told of.
        "terminals silent": (
            "terminal_silent",
            [one for one in silent if one not in too_short],
            too_short + silent_before,
            silent_s,
        ),
    }
    lines = [f"played from {begin.isoformat(timespec='seconds')} to {until.isoformat(timespec='seconds')}, by the wire"]
    missed = wrong = 0
    for words, (kind, true, excused, every_s) in by_kind.items():
        told = [episode for episode in seen if episode.worst.kind == kind]
        one = score.scored(true, told)
        lines += score.told(words, one, every_s)
        missed += len(one.missed)
        # What stood before may answer for what goes on, but is no fault of this play.
        false_ones = [
            episode for episode in score.scored([*true, *excused], told).false if episode.raised >= begin.timestamp()
        ]
        lines += [f"  false: {episode.worst.subject_id} at {score.iso(episode.raised)}" for episode in false_ones]
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


def _episode(row: Any) -> Episode:
    raised = row["raised_at"].timestamp()
    cleared = None if row["cleared_at"] is None else row["cleared_at"].timestamp()
    return Episode(
        Statement(row["kind"], row["subject_id"], None, raised, raised, subject=row["subject"]), raised, cleared
    )


def _moment(words: str) -> datetime:
    return datetime.fromisoformat(words).astimezone(UTC)
