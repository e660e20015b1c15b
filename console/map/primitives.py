"""Arrays handed to Qt whole: paths and stamps of thousands of points without a call for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPainter, QPainterPath
from shiboken6 import wrapInstance

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A `QPainterPath` as a `QDataStream` writes it: how many elements; of each its kind, 0 to move and 1 to draw a line,
# and its place; then where the last ring begins and the fill rule. All of it is big-endian.
_COUNT = np.dtype(">i4")
_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_END = bytes(2 * _COUNT.itemsize)
FRAGMENT_NUMBERS = 10
"""Of a `QPainter.PixmapFragment`: x, y, source left, top, width and height, scale x and y, degrees, opacity."""


def path_of(x: NDArray[np.float64], y: NDArray[np.float64], connect: NDArray[np.uint8]) -> QPainterPath:
    """The path through (x, y) that draws a line from each vertex to the next where `connect` of it is 1, else moves."""
    path = QPainterPath()
    if not len(x):
        return path
    elements = np.empty(len(x), _ELEMENT)
    elements["kind"][0] = 0
    elements["kind"][1:] = connect[:-1]
    elements["x"], elements["y"] = x, y
    stream = QDataStream(QByteArray(np.array(len(x), _COUNT).tobytes() + elements.tobytes() + _END))
    stream >> path
    return path


def first_fragment(fragments: NDArray[np.float64]) -> QPainter.PixmapFragment:
    """What `QPainter.drawPixmapFragments` takes for an array of fragments: the first of them, where it lies.

    Args:
        fragments: (n, 10) contiguous, at least one row: the numbers of a `QPainter.PixmapFragment` each. It must live
            for as long as what is returned is drawn with.
    """
    first: Any = wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
    return first  # type: ignore[no-any-return]
