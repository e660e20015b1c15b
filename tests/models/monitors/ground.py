"""A route of two kilometres with a corner, its sites at both ends, streets and areas; trucks that drive there."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from console.models.alarms.rules import AlarmRule
from console.models.monitors.fixes import FULL, Fixes
from console.models.monitors.ground import Area, Ground, Permit, Permits
from console.models.monitors.routes import Routes
from console.models.monitors.trucks import Trucks

DAY = 20_000
"""A day: 2024-10-04."""
NINE = DAY * 86400.0 + 3600
"""Nine o'clock on it in Asia/Shanghai."""
ROUTE = shapely.LineString([(500000, 3870000), (501000, 3870000), (501000, 3871000)])
WORK = shapely.box(499900, 3869900, 500000, 3870100)
DUMP = shapely.box(500900, 3871000, 501100, 3871200)
STREETS = {"arterial": ROUTE, "branch": shapely.LineString([(500500, 3869000), (500500, 3869900)])}
SCHOOL = shapely.box(500400, 3870200, 500600, 3870400)
LOADED: dict[str, Any] = {"load": "full"}
OVERSPEED: dict[str, Any] = {"city": 60, "arterial": 60, "secondary": 50, "branch": 40, "near_m": 25}


def rule(kind: str, set_point: float, clear_point: float, grade: int = 1, **said: Any) -> AlarmRule:
    """A rule that holds at once unless it is said otherwise."""
    given: dict[str, Any] = {
        "id": 10 * sum(n * ord(c) for n, c in enumerate(kind, 1)) + grade, "kind": kind, "grade": grade,
        "subject": "vehicle", "urgency": "high", "cause": "c", "consequence": "c", "action": "a",
        "set_point": set_point,
        "clear_point": clear_point, "unit": "m", "on_delay_s": 0, "on_count": 1, "off_delay_s": 0, "off_count": 1,
        "latches": False, "scope": {}, "enabled": True, "assumed": False, "source": "test", "version": 1,
    }  # fmt: skip
    return AlarmRule(**{**given, **said})


DEVIATION = rule("route_deviation", 50, 30, on_delay_s=30, on_count=3, off_delay_s=60, off_count=3, scope=LOADED)


def ground(trucks: int = 1, **permit: Any) -> Ground:
    """The place; every truck has a permit for the route from 6 to 15 o'clock unless `permit` says otherwise."""
    given = {"first_day": DAY - 10, "last_day": DAY, "from_s": 6 * 3600.0, "to_s": 15 * 3600.0, **permit}
    permits = [Permit(n, f"P{n}", route=0, work_site=0, dump_site=0, **given) for n in range(1, trucks + 1)]
    areas = [Area("学校", 0.0, 7 * 3600.0, 19 * 3600.0, SCHOOL)]
    return Ground(
        Routes([ROUTE]),
        Permits(permits, np.arange(1, trucks + 1)),
        [WORK],
        [DUMP],
        list(STREETS.values()),
        list(STREETS),
        areas,
    )


def watch(*rules: AlarmRule, trucks: int = 1, place: Ground | None = None, **permit: Any) -> Trucks:
    """A judge with these rules."""
    return Trucks(rules, place or ground(trucks, **permit), np.arange(1, trucks + 1), NINE - 3600)


def fixes(
    at: Any, x: Any, y: Any, *, vehicle: Any = 1, speed: Any = 30.0, heading: Any = 90.0, load: Any = FULL,
    lid_closed: Any = True, ignition: Any = True, bits: Any = 0,
) -> Fixes:  # fmt: skip
    """Positions from figures or sequences of them; `at` in seconds after nine o'clock, places relative to the start."""
    at = np.atleast_1d(np.asarray(at, float)) + NINE

    def column(value: Any, kind: Any) -> Any:
        return np.broadcast_to(np.asarray(value), at.shape).astype(kind)

    return Fixes(
        column(vehicle, np.int64), at, column(x, float) + 500000, column(y, float) + 3870000, column(speed, float),
        column(heading, float), column(load, np.int8), column(lid_closed, bool), column(ignition, bool),
        column(bits, np.int64),
    )  # fmt: skip
