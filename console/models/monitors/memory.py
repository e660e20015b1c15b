"""What monitors remember between two runs, as bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def pack(states: Mapping[str, Mapping[str, NDArray[Any]]]) -> bytes:
    """The states of several judges by their names."""
    buffer = io.BytesIO()
    arrays = {f"{name}.{key}": array for name, state in states.items() for key, array in state.items()}
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(packed: bytes) -> dict[str, dict[str, NDArray[Any]]]:
    """The states again."""
    states: dict[str, dict[str, NDArray[Any]]] = {}
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        for name in arrays.files:
            judge, key = name.split(".", 1)
            states.setdefault(judge, {})[key] = arrays[name]
    return states
