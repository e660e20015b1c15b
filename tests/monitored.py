"""The small city under the eyes of monitors: trucks drive, water rises, the test turns the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import text

from console.gateway.monitors import Monitors
from console.models import field_intake, haulage
from console.models.demonstration import GATEWAY_LOGIN
from tests.desks import Desks

if TYPE_CHECKING:
    from sqlalchemy import Engine

NIGHT = datetime(2026, 11, 1, 16, tzinfo=UTC)
"""A midnight in Asia/Shanghai after the end of the city's history."""
TRUCK = 1


class City(Desks):
    """The small city, whose clock the test turns, and one gateway's monitors."""

    def __init__(self, owner: Engine) -> None:
        super().__init__(owner)
        with owner.begin() as connection:
            connection.execute(text("TRUNCATE city.alarm, city.alarm_event"))
            connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
            route = haulage.route_of(connection, TRUCK)
        assert route is not None
        xy = shapely.get_coordinates(route)
        longest = int(np.hypot(*np.diff(xy, axis=0).T).argmax())
        self.stretch = xy[longest], xy[longest + 1]
        self.now = NIGHT.timestamp()
        self.monitors = self.gateway()

    def gateway(self, name: str = "gateway-a") -> Monitors:
        return Monitors(self.engine(GATEWAY_LOGIN), name, lambda: self.now)

    def drive(self, seconds: list[float], away_m: float, *, vehicle: int = TRUCK, load: str = "full") -> None:
        """Positions so far to the left of the middle of the longest stretch of the route."""
        (x0, y0), (x1, y1) = self.stretch
        length = float(np.hypot(x1 - x0, y1 - y0))
        fixes = field_intake.Fixes()
        for second in seconds:
            fixes.vehicle_ids.append(vehicle)
            fixes.ats.append(NIGHT + timedelta(seconds=second))
            fixes.xs.append((x0 + x1) / 2 - away_m * (y1 - y0) / length)
            fixes.ys.append((y0 + y1) / 2 + away_m * (x1 - x0) / length)
            fixes.speeds_kmh.append(20.0)
            fixes.headings.append(90)
            fixes.loads.append(load)
            fixes.lids_closed.append(True)
            fixes.mileages_m.append(None)
            fixes.alarm_bits.append(0)
            fixes.ignitions.append(True)
        with self.engine(GATEWAY_LOGIN).begin() as connection:
            field_intake.record_fixes(connection, fixes)
        self.now = max(self.now, NIGHT.timestamp() + max(seconds))

    def read(self, sensor: int, *values: float, first: float = 0) -> None:
        """Readings of a sensor, one a minute."""
        readings = field_intake.Readings()
        for index, value in enumerate(values):
            readings.sensor_ids.append(sensor)
            readings.ats.append(NIGHT + timedelta(seconds=first + 60 * index))
            readings.readings.append(value)
            readings.qualities.append(0)
        with self.engine(GATEWAY_LOGIN).begin() as connection:
            field_intake.record_readings(connection, readings)
        self.now = max(self.now, NIGHT.timestamp() + first + 60 * len(values))

    def judge(self, monitors: Monitors | None = None) -> None:
        """Until nothing waits."""
        while (monitors or self.monitors).run():
            pass

    def kill(self) -> None:
        """The gateway dies, and another process of it begins."""
        self.monitors = self.gateway()

    def told(self, kind: str = "route_deviation") -> list[tuple[str, str]]:
        """(act, state) of every change of alarms of that kind."""
        rows = self.all(
            """
            SELECT e.act::text, e.to_state::text FROM city.alarm_event AS e JOIN city.alarm AS a ON a.id = e.alarm_id
            WHERE a.kind = :kind ORDER BY e.id
            """,
            kind=kind,
        )
        return [tuple(row) for row in rows]

    def of(self, kind: str) -> list[Any]:
        return self.all("SELECT * FROM city.alarm WHERE kind = :kind ORDER BY id", kind=kind)
