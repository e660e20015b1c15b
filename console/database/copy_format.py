"""PostgreSQL's binary COPY format out of columns of bytes, without a Python loop over rows.

A chunk of rows is laid out as a table of bytes in which every field has the width of its longest value, and a mask of
the same shape says which bytes count; taking those in order gives the stream. The format is that of the PostgreSQL
manual, “COPY, Binary Format”.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Flags = NDArray[np.bool_]
    Lengths = NDArray[np.int64]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"


@dataclass(frozen=True)
class Cells:
    """The encoded values of one column for one chunk of `n` rows.

    Attributes:
        width: bytes of the longest payload.
        nulls: which rows are NULL; None when none is.
        lengths: bytes of each payload; None when all have `width`.
        matrix: payloads (n × width), padded; None when `flat` has them.
        head: bytes (n × h or 1 × h) that go before each payload of `flat`.
        flat: the payloads of all rows that are not NULL, one after the other.
    """

    width: int
    nulls: Flags | None = None
    lengths: Lengths | None = None
    matrix: Bytes | None = None
    head: Bytes = field(default_factory=lambda: np.empty((1, 0), np.uint8))
    flat: Bytes | None = None


class Encoder(Protocol):
    """Encodes a stretch of a column."""

    def __call__(self, start: int, stop: int) -> Cells:
        """The cells of rows `start` to `stop`."""


def assemble(cells: Sequence[Cells], rows: int, prefix: Bytes) -> tuple[Bytes, Lengths]:
    """Lay the cells of `rows` rows side by side; returns the bytes and how many each row has."""
    width = len(prefix) + sum(4 + cell.width for cell in cells)
    table = np.empty((rows, width), np.uint8)
    keep = np.ones((rows, width), np.bool_)
    table[:, : len(prefix)] = prefix
    at = len(prefix)
    sizes = np.full(rows, len(prefix) + 4 * len(cells), np.int64)
    ragged = False
    for cell in cells:
        lengths = cell.lengths
        if cell.nulls is not None:
            lengths = np.where(cell.nulls, 0, cell.width if lengths is None else lengths)
        if lengths is None:
            table[:, at : at + 4] = np.array([cell.width], ">i4").view(np.uint8)
            sizes += cell.width
        else:
            ragged = True
            written = lengths if cell.nulls is None else np.where(cell.nulls, -1, lengths)
            table[:, at : at + 4] = written.astype(">i4").view(np.uint8).reshape(rows, 4)
            keep[:, at + 4 : at + 4 + cell.width] = np.arange(cell.width) < lengths[:, None]
            sizes += lengths
        at += 4
        body = table[:, at : at + cell.width]
        if cell.matrix is not None:
            body[:] = cell.matrix
        elif cell.flat is not None:
            start = cell.head.shape[1]
            body[:, :start] = cell.head
            body[:, start:][keep[:, at + start : at + cell.width]] = cell.flat
        at += cell.width
    return (table[keep] if ragged else table.reshape(-1)), sizes
