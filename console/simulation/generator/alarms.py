"""The alarms of the demonstration city's past: floods of its storms, and terminals and sensors that fell silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from console.database.bulk import Points
from console.simulation.generator.tables import Table, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.fleet import Fleet
    from console.simulation.generator.sensors import Water

# Kinds of alarm; the limits are those of the flood point, and of silence the project's (domain: to be confirmed).
FLOODING, TERMINAL_SILENT, SENSOR_SILENT = "flooding", "terminal_silent", "sensor_silent"
TERMINAL_SILENT_S = 1800.0
SENSOR_SILENT_S = 900.0
ANSWER_S = (20.0, 240.0)  # from raising to acknowledgement


def make_alarms(
    fleet: Fleet, water: Water, flood_point: Table, staff_ids: NDArray[np.integer], rng: np.random.Generator
) -> Table:
    """Rows of ``city.alarm`` in the order of their raising; a few still wait for somebody.

    Args:
        fleet: the trucks that fell silent.
        water: the floods, and the sensors that fell silent.
        flood_point: the flood points with the depths at which their roads are closed.
        staff_ids: who acknowledges.
        rng: source of chance.
    """
    trucks, sensors = fleet.tables["vehicle_state"]["geom"], water.tables["sensor"]["geom"]
    nat = np.datetime64("NaT", "s")
    closing = dict(zip(flood_point["id"].tolist(), flood_point["closing_cm"].tolist(), strict=True))
    point_of = water.tables["sensor"]["flood_point_id"]
    rows: list[tuple[object, ...]] = []
    for sensor, limit, raised, _peak_at, peak, cleared in water.floods:
        urgency = "critical" if peak >= closing[int(point_of[sensor - 1])] else "high"
        place = sensors.x[sensor - 1], sensors.y[sensor - 1]
        rows.append((FLOODING, urgency, None, sensor, raised, cleared, peak, limit, *place))
    for vehicle, last in fleet.silent:
        place = trucks.x[vehicle - 1], trucks.y[vehicle - 1]
        since = last + np.timedelta64(int(TERMINAL_SILENT_S), "s")
        rows.append((TERMINAL_SILENT, "medium", vehicle, None, since, nat, None, TERMINAL_SILENT_S, *place))
    for sensor, last in water.silent:
        place = sensors.x[sensor - 1], sensors.y[sensor - 1]
        since = last + np.timedelta64(int(SENSOR_SILENT_S), "s")
        rows.append((SENSOR_SILENT, "medium", None, sensor, since, nat, None, SENSOR_SILENT_S, *place))
    rows.sort(key=lambda row: row[4])  # type: ignore[arg-type,return-value]  # a time
    kinds, urgencies, vehicles, sensor_ids, raised_at, cleared_at, values, limits, xs, ys = (
        list(column) for column in (zip(*rows, strict=True) if rows else [()] * 10)
    )
    over = ~np.isnat(np.array(cleared_at, "M8[s]"))
    # What has cleared was answered; of what stands, the two latest still wait.
    waiting = ~over & (np.cumsum(~over[::-1])[::-1] <= 2)
    answered = np.array(raised_at, "M8[s]") + rng.uniform(*ANSWER_S, len(rows)).astype("m8[s]")
    state = np.where(over, "normal", np.where(waiting, "unacknowledged", "acknowledged"))
    who = np.ma.masked_array(rng.choice(staff_ids, len(rows)), mask=waiting)
    return {
        "kind": text(kinds),
        "urgency": text(urgencies),
        "state": state.astype(object),
        "vehicle_id": np.array(vehicles, object),
        "sensor_id": np.array(sensor_ids, object),
        "raised_at": np.array(raised_at, "M8[s]"),
        "acknowledged_at": np.where(waiting, nat, answered),
        "acknowledged_by": who,
        "cleared_at": np.array(cleared_at, "M8[s]"),
        "value": np.array(values, object),
        "limit_value": np.array(limits, object),
        "geom": Points(np.array(xs, float), np.array(ys, float)),
    }
