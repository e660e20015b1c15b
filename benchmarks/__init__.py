"""What is measured: one module a subject, run with ``python -m benchmarks [module …]``.

A module gives `rows()`, an iterable of `Row`. Budgets are those of the design; nothing here is asserted by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

import console  # noqa: F401 - says how Qt is to be loaded, before any of this loads it


@dataclass(frozen=True)
class Row:
    """One budget and what was measured against it.

    Attributes:
        name: what was measured.
        floor: the value that must hold.
        aim: the value that is wanted.
        unit: of floor, aim and samples.
        samples: what was measured, one value a repetition.
        more_is_better: whether floor and aim are least values (throughput) instead of greatest (time).
    """

    name: str
    floor: float
    aim: float
    unit: str
    samples: tuple[float, ...]
    more_is_better: bool = False
