"""Whole numpy columns as the payloads that the ``recv`` functions of PostgreSQL's types take."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import time
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from console.database.copy_format import Cells, assemble, first_bytes, whole_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from console.database.copy_format import Bytes, Encoder, Flags, Lengths

SRID = 4546  # CGCS2000 / 3-degree Gauss-Krüger CM 111E
_EPOCH_US = np.datetime64("2000-01-01", "us").astype(np.int64)
_EPOCH_DAYS = np.datetime64("2000-01-01", "D").astype(np.int64)
_INTERVAL = np.dtype([("us", ">i8"), ("days", ">i4"), ("months", ">i4")])
_EWKB_POINT = np.frombuffer(b"\x01" + np.array([0x20000001, SRID], "<u4").tobytes(), np.uint8)


@dataclass(frozen=True)
class Coded:
    """A column that takes its values from a short list.

    Attributes:
        codes: positions in `words`; -1 (or masked) is NULL.
        words: the values, of any kind that a column of the target's type may have.
    """

    codes: NDArray[Any]
    words: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Joined:
    """A column of arrays, each the words of its parts one after the other.

    Attributes:
        parts: columns of one length, whose words are arrays of numbers; code -1 adds nothing.
    """

    parts: tuple[Coded, ...]

    def __len__(self) -> int:
        return len(self.parts[0])


@dataclass(frozen=True)
class Points:
    """Point geometries in EPSG:4546, metres; NaN is NULL."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Target:
    """What the catalogue says about a column.

    Attributes:
        name: of the column.
        kind: name of its type below any domain, such as ``int4``; of its elements if it is an array.
        modifier: the type's modifier, -1 for none.
        element: OID of the element type of an array, else 0.
        is_enum: whether the values are the labels of an enumeration.
    """

    name: str
    kind: str
    modifier: int = -1
    element: int = 0
    is_enum: bool = False


def encoder(target: Target, column: Any) -> Encoder:
    """The encoder for `column` into `target`.

    Raises:
        TypeError: this kind of column does not go into that type.
    """
    if isinstance(column, Coded):
        return _coded(target, column)
    if isinstance(column, Joined):
        return _joined(target, column)
    if isinstance(column, Points):
        if target.kind != "geometry":
            raise TypeError(f"points do not go into column {target.name} of type {target.kind}")
        return _points(column)
    values = column if isinstance(column, np.ndarray) else np.asarray(column, object)
    if values.dtype.kind in "UT":
        values = values.astype(object)
    if target.element:
        return _array(target, values)
    make: Callable[[Target, NDArray[Any]], Encoder] | None = _text if target.is_enum else _KINDS.get(target.kind)
    if make is None:
        raise TypeError(f"column {target.name} has the type {target.kind}, which bulk loading does not know")
    return make(target, values)


def _coded(target: Target, column: Coded) -> Encoder:
    words = np.empty(max(len(column.words), 1), object)
    words[: len(column.words)] = column.words
    cells = encoder(target, _narrow(words))(0, len(words))
    lengths = cells.lengths if cells.lengths is not None else np.full(len(words), cells.width)
    if cells.nulls is not None:
        lengths = np.where(cells.nulls, 0, lengths)
    matrix = cells.matrix
    if matrix is None:
        matrix = np.zeros((len(words), cells.width), np.uint8)
        start = cells.head.shape[1]
        matrix[:, :start] = cells.head
        if cells.flat is not None:
            matrix[:, start:][np.arange(start, cells.width) < lengths[:, None]] = cells.flat
    if np.size(column.codes) and int(np.max(column.codes)) >= len(column.words):
        raise ValueError(f"column {target.name} has a code beyond its {len(column.words)} words")
    codes, masked = _unmask(column.codes)
    whole = bool((lengths == cells.width).all())
    rows = whole_rows(matrix) if cells.width else matrix

    def cells_of(start: int, stop: int) -> Cells:
        part = codes[start:stop]
        nulls = part < 0
        if masked is not None:
            nulls = nulls | masked[start:stop]
        places = np.where(nulls, 0, part).astype(np.intp)
        if cells.nulls is not None:
            nulls |= cells.nulls[places]
        taken = lengths[places]
        # The table is only as wide as this chunk needs.
        width = cells.width if whole else int(taken.max(initial=0))
        return Cells(
            width,
            nulls=nulls if nulls.any() else None,
            lengths=None if whole else taken,
            matrix=rows[places].view(np.uint8).reshape(len(places), -1)[:, :width] if width else None,
        )

    return cells_of


def _narrow(words: NDArray[Any]) -> NDArray[Any]:
    """Words of one numpy kind as an array of that kind, so that numbers need no path of their own."""
    if all(isinstance(word, (np.datetime64, np.timedelta64)) for word in words):
        return np.array(list(words))
    return words


def _unmask(values: NDArray[Any]) -> tuple[NDArray[Any], Flags | None]:
    if isinstance(values, np.ma.MaskedArray):
        return values.data, np.ma.getmaskarray(values)
    return values, None


def _split_nulls(values: NDArray[Any]) -> tuple[NDArray[Any], Flags | None]:
    """The plain values and which of them are NULL: masked, None, NaN or NaT."""
    plain, nulls = _unmask(values)
    missing: Flags | None = None
    if plain.dtype.kind == "O":
        missing = np.asarray(plain == np.array(None, object), np.bool_)
    elif plain.dtype.kind in "mM":
        missing = np.isnat(plain)
    elif plain.dtype.kind == "f":
        missing = np.isnan(plain)
    if missing is not None and missing.any():
        nulls = missing if nulls is None else nulls | missing
    return plain, nulls if nulls is not None and nulls.any() else None


def _filled(values: NDArray[Any]) -> tuple[NDArray[Any], Flags | None]:
    """As `_split_nulls`, with zeros where a NULL would be in the way of arithmetic."""
    plain, nulls = _split_nulls(values)
    if nulls is not None and plain.dtype.kind in "fO":
        plain = np.where(nulls, np.array(0, plain.dtype), plain)
    return plain, nulls


def _fixed(dtype: Any, convert: Callable[[Target, NDArray[Any]], NDArray[Any]]) -> Any:
    """An encoder of values that all take the same number of bytes."""

    def make(target: Target, values: NDArray[Any]) -> Encoder:
        def cells_of(start: int, stop: int) -> Cells:
            plain, nulls = _filled(values[start:stop])
            packed = np.ascontiguousarray(convert(target, plain).astype(dtype))
            width = packed.dtype.itemsize
            return Cells(width, nulls=nulls, matrix=packed.view(np.uint8).reshape(len(packed), width))

        return cells_of

    return make


def _numbers(target: Target, values: NDArray[Any]) -> NDArray[Any]:
    """Objects as the numbers that they are."""
    if values.dtype.kind == "O":
        values = np.array(values.tolist()) if len(values) else values.astype(np.int64)
    if values.dtype.kind not in "iufb":
        raise TypeError(f"{values.dtype} does not go into column {target.name} of type {target.kind}")
    return values


def _whole(bits: int) -> Callable[[Target, NDArray[Any]], NDArray[Any]]:
    def convert(target: Target, values: NDArray[Any]) -> NDArray[Any]:
        numbers = _numbers(target, values)
        if numbers.dtype.kind == "f" and not np.array_equal(numbers, np.rint(numbers)):
            raise ValueError(f"column {target.name} is of whole numbers and was given fractions")
        limit = 1 << (bits - 1)
        if numbers.size and not -limit <= int(numbers.min()) <= int(numbers.max()) < limit:
            raise ValueError(f"column {target.name} was given a number outside the range of {target.kind}")
        return numbers

    return convert


def _truth(target: Target, values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind not in "bO":
        raise TypeError(f"{values.dtype} does not go into column {target.name} of type bool")
    return values.astype(np.bool_)


def _instant(target: Target, values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind != "M":
        raise TypeError(f"column {target.name} takes datetime64 in UTC, not {values.dtype}")
    instants: NDArray[Any] = values.astype("M8[us]").astype(np.int64) - _EPOCH_US
    return instants


def _day(target: Target, values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype != np.dtype("M8[D]"):
        raise TypeError(f"column {target.name} is a date and takes datetime64[D], not {values.dtype}")
    days: NDArray[Any] = values.astype(np.int64) - _EPOCH_DAYS
    return days


def _of_day(target: Target, values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "O":
        values = np.array([_microseconds(value) for value in values], "m8[us]")
    if values.dtype.kind != "m":
        raise TypeError(f"column {target.name} takes timedelta64 since midnight, not {values.dtype}")
    return values.astype("m8[us]").astype(np.int64)


def _microseconds(value: time | int) -> int:
    """Of a time of day; a number is the zero that stands for NULL."""
    if not isinstance(value, time):
        return value
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def _duration(target: Target, values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind != "m":
        raise TypeError(f"column {target.name} takes timedelta64, not {values.dtype}")
    packed = np.zeros(len(values), _INTERVAL)
    packed["us"] = values.astype("m8[us]").astype(np.int64)
    return packed


def _bytes_cells(payloads: list[bytes], nulls: Flags | None, head: bytes = b"") -> Cells:
    """Cells of ready payloads, an empty one where NULL."""
    lengths = np.fromiter(map(len, payloads), np.int64, len(payloads)) + len(head)
    return Cells(
        int(lengths.max(initial=0)),
        nulls=nulls,
        lengths=lengths,
        head=np.frombuffer(head, np.uint8)[None, :],
        flat=np.frombuffer(b"".join(payloads), np.uint8),
    )


def _text(target: Target, values: NDArray[Any], head: bytes = b"") -> Encoder:
    if values.dtype.kind != "O":
        raise TypeError(f"column {target.name} takes texts, not {values.dtype}")

    def cells_of(start: int, stop: int) -> Cells:
        plain, nulls = _split_nulls(values[start:stop])
        texts = plain if nulls is None else np.where(nulls, "", plain)
        whole = "".join(texts).encode()
        flat = np.frombuffer(whole, np.uint8)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        if len(whole) != int(lengths.sum()):
            # Characters to bytes: a byte that is no continuation starts a character.
            starts = np.append(np.flatnonzero((flat & 0xC0) != 0x80), len(flat))
            lengths = np.diff(starts[np.append(0, np.cumsum(lengths))])
        lengths += len(head)
        return Cells(
            int(lengths.max(initial=0)),
            nulls=nulls,
            lengths=lengths,
            head=np.frombuffer(head, np.uint8)[None, :],
            flat=flat,
        )

    return cells_of


def _json(target: Target, values: NDArray[Any]) -> Encoder:
    """Texts are taken as JSON, other values are written as JSON."""
    texts = np.empty(len(values), object)
    texts[:] = [
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values
    ]
    return _text(target, texts, b"\x01" if target.kind == "jsonb" else b"")


def _binary(_target: Target, values: NDArray[Any]) -> Encoder:
    def cells_of(start: int, stop: int) -> Cells:
        plain, nulls = _split_nulls(values[start:stop])
        return _bytes_cells([value or b"" for value in plain], nulls)

    return cells_of


def _uuid(_target: Target, values: NDArray[Any]) -> Encoder:
    """UUIDs or their texts, or an array (n × 16) of bytes."""
    if values.dtype == np.uint8 and values.ndim == 2:
        return lambda start, stop: Cells(16, matrix=values[start:stop])

    def cells_of(start: int, stop: int) -> Cells:
        plain, nulls = _split_nulls(values[start:stop])
        none = uuid.UUID(int=0)
        packed = b"".join(
            (value if isinstance(value, uuid.UUID) else uuid.UUID(value or none.hex)).bytes for value in plain
        )
        return Cells(16, nulls=nulls, matrix=np.frombuffer(packed, np.uint8).reshape(-1, 16))

    return cells_of


def _geometry(_target: Target, values: NDArray[Any]) -> Encoder:
    def cells_of(start: int, stop: int) -> Cells:
        plain, nulls = _split_nulls(values[start:stop])
        payloads = shapely.to_wkb(shapely.set_srid(plain, SRID), include_srid=True, byte_order=1)
        return _bytes_cells([payload or b"" for payload in payloads], nulls)

    return cells_of


def _points(column: Points) -> Encoder:
    def cells_of(start: int, stop: int) -> Cells:
        x, y = column.x[start:stop], column.y[start:stop]
        nulls = np.isnan(x) | np.isnan(y)
        matrix = np.empty((len(x), 25), np.uint8)
        matrix[:, :9] = _EWKB_POINT
        matrix[:, 9:17] = np.ascontiguousarray(x, "<f8").view(np.uint8).reshape(-1, 8)
        matrix[:, 17:] = np.ascontiguousarray(y, "<f8").view(np.uint8).reshape(-1, 8)
        return Cells(25, nulls=nulls if nulls.any() else None, matrix=matrix)

    return cells_of


def _array(target: Target, values: NDArray[Any]) -> Encoder:
    """One-dimensional arrays out of sequences."""
    single = Target(target.name, target.kind, target.modifier, 0, target.is_enum)

    def cells_of(start: int, stop: int) -> Cells:
        plain, nulls = _split_nulls(values[start:stop])
        lists = plain if nulls is None else [value if value is not None else () for value in plain]
        counts = np.fromiter(map(len, lists), np.int64, len(lists))
        elements = np.empty(int(counts.sum()), object)
        elements[:] = list(chain.from_iterable(lists))
        flat, sizes = assemble([encoder(single, elements)(0, len(elements))], len(elements), np.empty(0, np.uint8))
        ends = np.append(0, np.cumsum(sizes))[np.append(0, np.cumsum(counts))]
        return _array_cells(target, counts, flat, np.diff(ends), nulls)

    return cells_of


def _array_cells(target: Target, counts: Lengths, flat: Bytes, sizes: Lengths, nulls: Flags | None = None) -> Cells:
    """Cells of arrays of `counts` elements, which follow each other in `flat`; each array takes `sizes` bytes of it."""
    lengths = sizes + 20
    return Cells(
        int(lengths.max(initial=20)), nulls=nulls, lengths=lengths, head=_array_heads(target, counts), flat=flat
    )


def _array_heads(target: Target, counts: Lengths) -> Bytes:
    """What goes before the elements of arrays of `counts` elements (n × 20)."""
    head = np.zeros((len(counts), 5), ">i4")  # dimensions, flags, element type, length, lower bound
    head[:, 0] = 1
    head[:, 2] = target.element
    head[:, 3] = counts
    head[:, 4] = 1
    return head.view(np.uint8).reshape(len(counts), 20)


def _joined(target: Target, column: Joined) -> Encoder:
    if not target.element:
        raise TypeError(f"joined arrays do not go into column {target.name} of type {target.kind}")
    single = Target(target.name, target.kind, target.modifier, 0, target.is_enum)
    parts: list[tuple[NDArray[Any], Lengths, NDArray[Any], int]] = []
    for part in column.parts:
        values = np.concatenate([np.empty(0, np.int64), *part.words])
        flat, sizes = assemble([encoder(single, values)(0, len(values))], len(values), np.empty(0, np.uint8))
        if (sizes != sizes[:1]).any():
            raise TypeError(f"column {target.name} joins arrays, which only numbers can be elements of")
        size = int(sizes[0]) if len(sizes) else 0
        # An empty word at the end, which code -1 finds.
        counts = np.fromiter(map(len, [*part.words, ()]), np.int64, len(part.words) + 1)
        words = np.zeros((len(counts), max(int(counts.max()) * size, 1)), np.uint8)
        words[first_bytes(counts * size, words.shape[1])] = flat
        parts.append((part.codes, counts, words, size))

    def cells_of(start: int, stop: int) -> Cells:
        codes = [part_codes[start:stop] for part_codes, *_ in parts]
        taken = [counts[code] for code, (_, counts, _, _) in zip(codes, parts, strict=True)]
        head = _array_heads(target, np.sum(taken, axis=0))
        payload, keep = [head], [np.ones(head.shape, np.bool_)]
        for code, count, (_, _, words, size) in zip(codes, taken, parts, strict=True):
            # The table is only as wide as this chunk needs.
            width = int(count.max(initial=0)) * size
            payload.append(whole_rows(words)[code].view(np.uint8).reshape(len(code), -1)[:, :width])
            keep.append(first_bytes(count * size, width))
        matrix, flags = np.concatenate(payload, axis=1), np.concatenate(keep, axis=1)
        return Cells(matrix.shape[1], lengths=flags.sum(axis=1), matrix=matrix, keep=flags)

    return cells_of


def _numeric(target: Target, values: NDArray[Any]) -> Encoder:
    """Numbers of a declared scale as digits to the base 10 000; the server strips the zeros on both sides."""
    if target.modifier < 0:
        raise TypeError(f"column {target.name} is numeric without a scale; give it one or use float8")
    scale = (target.modifier - 4) & 0xFFFF
    groups = -(-scale // 4)

    def cells_of(start: int, stop: int) -> Cells:
        plain, nulls = _filled(values[start:stop])
        numbers = _numbers(target, plain)
        scaled = np.rint(numbers * 10.0**scale) if numbers.dtype.kind == "f" else numbers.astype(np.int64) * 10**scale
        if scaled.size and np.abs(scaled).max() >= 2**62:
            raise ValueError(f"column {target.name} was given a number of too many digits")
        units = scaled.astype(np.int64)
        rest = np.abs(units)
        digits = np.zeros((len(units), 5 + groups), ">i2")
        whole, fraction = np.divmod(rest, 10**scale)
        fraction *= 10 ** (groups * 4 - scale)
        for place in range(groups):
            digits[:, 4 + groups - place] = fraction % 10_000
            fraction //= 10_000
        for place in range(5):
            digits[:, 4 - place] = whole % 10_000
            whole //= 10_000
        packed = np.empty((len(units), 9 + groups), ">i2")  # digits, weight, sign, scale, then the digits
        packed[:, 0] = 5 + groups
        packed[:, 1] = 4
        packed[:, 2] = np.where(units < 0, 0x4000, 0)
        packed[:, 3] = scale
        packed[:, 4:] = digits
        width = packed.shape[1] * 2
        return Cells(width, nulls=nulls, matrix=packed.view(np.uint8).reshape(len(units), width))

    return cells_of


_KINDS: dict[str, Callable[[Target, NDArray[Any]], Encoder]] = {
    "int2": _fixed(">i2", _whole(16)),
    "int4": _fixed(">i4", _whole(32)),
    "int8": _fixed(">i8", _whole(64)),
    "float4": _fixed(">f4", _numbers),
    "float8": _fixed(">f8", _numbers),
    "bool": _fixed("u1", _truth),
    "timestamptz": _fixed(">i8", _instant),
    "timestamp": _fixed(">i8", _instant),
    "date": _fixed(">i4", _day),
    "time": _fixed(">i8", _of_day),
    "interval": _fixed(_INTERVAL, _duration),
    "numeric": _numeric,
    "text": _text,
    "varchar": _text,
    "bpchar": _text,
    "name": _text,
    "json": _json,
    "jsonb": _json,
    "bytea": _binary,
    "uuid": _uuid,
    "geometry": _geometry,
}
