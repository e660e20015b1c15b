"""PostgreSQL's binary COPY format out of columns of bytes, without a Python loop over rows.

A chunk of rows is laid out as a table of bytes in which every field has the width of its longest value, and a mask of
the same shape says which bytes count; taking those in order gives the stream. The format is that of the PostgreSQL
manual, “COPY, Binary Format”.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Flags = NDArray[np.bool_]
    Lengths = NDArray[np.int64]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"


_WIDEST_STAIRS = 1024  # bytes of a field; the masks of wider ones are computed each time


@dataclass(frozen=True)
class Cells:
    """The encoded values of one column for one chunk of `n` rows.

    Attributes:
        width: bytes of the longest payload.
        nulls: which rows are NULL; None when none is.
        lengths: bytes of each payload; None when all have `width`.
        matrix: payloads (n × width), padded; None when `flat` has them.
        keep: which bytes of `matrix` count (n × width); None when the first `lengths` do.
        head: bytes (n × h or 1 × h) that go before each payload of `flat`.
        flat: the payloads of all rows that are not NULL, one after the other.
    """

    width: int
    nulls: Flags | None = None
    lengths: Lengths | None = None
    matrix: Bytes | None = None
    keep: Flags | None = None
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
    table[:, : len(prefix)] = prefix
    at = len(prefix)
    sizes = np.full(rows, len(prefix) + 4 * len(cells), np.int64)
    keep: Flags | None = None
    for cell in cells:
        lengths = cell.lengths
        if cell.nulls is not None:
            lengths = np.where(cell.nulls, 0, cell.width if lengths is None else lengths)
        counts = _column(table, at, ">i4")
        at += 4
        if lengths is None:
            counts[:] = cell.width
            sizes += cell.width
            mask = None
        else:
            counts[:] = lengths if cell.nulls is None else np.where(cell.nulls, -1, lengths)
            sizes += lengths
            mask = cell.keep if cell.keep is not None else first_bytes(lengths, cell.width)
            if keep is None:
                keep = np.ones((rows, width), np.bool_)
            _put(keep, at, mask)
        if cell.matrix is not None:
            _put(table, at, cell.matrix)
        elif cell.flat is not None:
            _put(table, at, _padded(cell, cell.flat, mask, rows))
        at += cell.width
    return (table[keep] if keep is not None else table.reshape(-1)), sizes


def first_bytes(lengths: Lengths, width: int) -> Flags:
    """Flags (n × `width`) of the first so many bytes of each row."""
    if width > _WIDEST_STAIRS or width == 0:
        return np.arange(width) < lengths[:, None]
    taken: Flags = whole_rows(_stairs(width))[lengths].view(np.bool_).reshape(len(lengths), width)
    return taken


def whole_rows(matrix: NDArray[Any]) -> NDArray[Any]:
    """The rows of a matrix of bytes as one value each: to be taken and moved as such is several times faster."""
    return np.ascontiguousarray(matrix).view(f"V{matrix.shape[1]}").reshape(len(matrix))


@lru_cache(maxsize=256)
def _stairs(width: int) -> Flags:
    """Row n has its first n flags set."""
    return np.tri(width + 1, width, -1, dtype=np.bool_)


def _padded(cell: Cells, flat: Bytes, mask: Flags | None, rows: int) -> Bytes:
    """The payloads in `flat` with the heads of `cell` as a matrix."""
    matrix = np.empty((rows, cell.width), np.uint8)
    start = cell.head.shape[1]
    matrix[:, :start] = cell.head
    if mask is not None:
        matrix[:, start:][mask[:, start:]] = flat
    else:
        matrix[:, start:] = flat.reshape(rows, -1)
    return matrix


def _column(table: NDArray[Any], at: int, dtype: str) -> NDArray[Any]:
    """What stands at byte `at` of every row of `table`, as values of `dtype`."""
    return np.ndarray((len(table),), dtype, table, at, (table.shape[1],))


def _put(table: NDArray[Any], at: int, matrix: NDArray[Any]) -> None:
    """Write a matrix of bytes over the columns of `table` from `at` on."""
    if matrix.size:
        _column(table, at, f"V{matrix.shape[1]}")[:] = whole_rows(matrix)
