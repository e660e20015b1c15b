"""What the flood charts say of measured and of missing water."""

from __future__ import annotations

import numpy as np

from console.widgets.flood.workspace import _is_dry


def test_only_what_was_measured_is_called_dry() -> None:
    assert _is_dry(np.array([0.2, 1.9]))
    assert not _is_dry(np.array([0.2, 2.1]))
    assert not _is_dry(np.array([]))
    assert not _is_dry(np.array([0.1, np.nan]))
    assert not _is_dry(np.array([0.0, 0.2]), 0.0)
