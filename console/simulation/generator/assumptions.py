"""What the demonstration city assumes where no source was found: rows of ``city.setting`` that say so."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

from console.simulation.generator.tables import Table, text


class Assumption(NamedTuple):
    """A value that is assumed until somebody confirms it.

    Attributes:
        name: of the setting.
        value: anything that JSON can hold.
        source: where it comes from.
        unit: of the value; None when it has none.
    """

    name: str
    value: Any
    source: str
    unit: str | None = None


def setting_table(assumptions: list[Assumption]) -> Table:
    """Rows of ``city.setting``, each marked as assumed."""
    return {
        "name": text([item.name for item in assumptions]),
        "value": text([json.dumps(item.value, ensure_ascii=False) for item in assumptions]),
        "unit": np.array([item.unit for item in assumptions], dtype=object),
        "assumed": np.ones(len(assumptions), bool),
        "source": text([item.source for item in assumptions]),
    }
