"""Alarms on the map: a ring around what each is about, by urgency and by whether somebody has taken it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from console.map.features import Features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.map.canvas import MapCanvas
    from console.widgets.alarms.lines import AlarmLine

NOWHERE = (np.nan, np.nan)


def show_alarms(canvas: MapCanvas, lines: Sequence[AlarmLine]) -> None:
    """Show alarms at their places, those of trucks where these are; what has no place is in the lists alone."""
    placed = [(line, line.place or NOWHERE) for line in lines if line.place or line.vehicle_id]
    looks = ["held" if one.is_held else f"{one.urgency}{'' if one.is_waiting else '_known'}" for one, _ in placed]
    canvas.set_live(
        "alarm",
        Features.from_xy(
            range(len(placed)),
            [x for _, (x, _) in placed],
            [y for _, (_, y) in placed],
            {
                "look": np.array(looks, dtype=np.str_),
                "label": np.array([f"{one.who} {one.what}" for one, _ in placed], dtype=np.str_),
                "vehicle_id": np.array([one.vehicle_id or 0 for one, _ in placed], dtype=np.int64),
            },
        ),
    )
    carry_alarms(canvas)


def carry_alarms(canvas: MapCanvas) -> None:
    """Let the rings of trucks go with them; one whose truck is nowhere stays where it was raised."""
    rings, trucks = canvas.live_features("alarm"), canvas.live_features("vehicle")
    if rings is None or trucks is None or not len(rings) or not len(trucks):
        return
    wanted = rings.attributes["vehicle_id"]
    order = np.argsort(trucks.ids)
    found = order[np.minimum(np.searchsorted(trucks.ids, wanted, sorter=order), len(order) - 1)]
    carried = trucks.ids[found] == wanted
    xy = np.where(carried[:, None], trucks.xy[found], rings.xy)
    if not np.array_equal(xy, rings.xy, equal_nan=True):
        canvas.set_live("alarm", Features.from_xy(rings.ids, xy[:, 0], xy[:, 1], rings.attributes))
