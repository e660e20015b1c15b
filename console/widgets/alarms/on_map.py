"""Alarms on the map: a ring where each was raised, by urgency and by whether somebody has taken it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from console.map.features import Features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.map.canvas import MapCanvas
    from console.widgets.alarms.lines import AlarmLine


def show_alarms(canvas: MapCanvas, lines: Sequence[AlarmLine]) -> None:
    """Show alarms at their places; those without a place are in the lists alone."""
    placed = [(line, line.place) for line in lines if line.place is not None]
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
            },
        ),
    )
