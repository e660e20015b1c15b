"""What a layer of the map is made of: the answer to “what lies in this extent at this scale”.

A layer query costs the same for a city a hundred times larger: it looks only where the map looks (spatial index),
leaves out what could not be told apart at the scale, and never answers with more than `LAYER_LIMIT` features. What is
left out depends on the features alone, so that a picture does not flicker while the map is moved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import DTypeLike, NDArray
    from sqlalchemy import Connection

LAYER_LIMIT = 20_000
"""Features in one answer at most: about as many as pixels let anyone tell apart on a large screen."""

PIECE = 1_000
"""Geometries that are decoded at a time: each such call keeps the interpreter, and the window with it, waiting."""

BETWEEN = "\x1f"
"""Parts the texts of a column; Unicode's unit separator, which is taken out of the texts themselves."""
PACKED = {
    "U": r"string_agg(translate(coalesce({}::text, ''), E'\x1f', ''), E'\x1f')",
    "i": "string_agg(int8send({}::bigint), '')",
    "f": "string_agg(float8send(coalesce({}::double precision, 'NaN')), '')",
    "b": "string_agg(boolsend({}), '')",
}
"""How a column of each kind of numpy type is packed, and how it arrives (`SENT`)."""
SENT = {"i": ">i8", "f": ">f8", "b": "?"}

SMALLEST_PIXELS = 2.0
"""A polygon whose extent is smaller than this on the screen is left out."""


class Extent(NamedTuple):
    """A rectangle in metres, EPSG:4546."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float


@dataclass(frozen=True, eq=False)
class LayerData:
    """Features of one layer.

    Attributes:
        ids: key of each feature, shape (n,): int64 or text, as in the table.
        geometries: shapely geometries in EPSG:4546, shape (n,).
        attributes: further values by name, shape (n,) each. Instants are seconds since 1970 (UTC); what is unknown is
            not a number, or an empty text.
    """

    ids: NDArray[Any]
    geometries: NDArray[Any]
    attributes: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


def read_layer(
    connection: Connection,
    query: str,
    parameters: Mapping[str, object],
    *,
    key: DTypeLike = np.str_,
    attributes: Mapping[str, DTypeLike] | None = None,
) -> LayerData:
    """Run `query` and take its columns as arrays.

    The server packs each column into one value: rows that become arrays one by one would keep the interpreter, and the
    window with it, waiting four times as long.

    Args:
        connection: to the city.
        query: selects the key, the geometry, then one column for each of `attributes`, in their order.
        parameters: bound values of the query.
        key: type of the ids.
        attributes: names and types of the further columns: text, whole numbers, numbers or truth values. Only texts,
            which become empty, and numbers, which become not a number, may be null.
    """
    attributes = attributes or {}
    kinds = [np.dtype(kind) for kind in (key, *attributes.values())]
    names, packed = _packing(kinds)
    first, *others = names
    asked = f"""
        SELECT count(*), string_agg(int4send(coalesce(octet_length(wkb), 0)), ''), string_agg(wkb, ''), {packed}
        FROM (
            SELECT public.ST_AsBinary(geom) AS wkb, {", ".join(names)}
            FROM ({query}) AS asked ({", ".join((first, "geom", *others))})
        ) AS found
    """  # noqa: S608 - made of names and types of our own; values are bound
    count, lengths, wkb, *columns = connection.execute(text(asked), dict(parameters)).one()
    if not count:
        return nothing(attributes, key)
    ids, *values = (_unpacked(column, kind, count) for column, kind in zip(columns, kinds, strict=True))
    geometries = _decoded(bytes(wkb or b""), np.frombuffer(lengths, ">i4"))
    return LayerData(ids, geometries, dict(zip(attributes, values, strict=True)))


def read_columns(
    connection: Connection, query: str, parameters: Mapping[str, object], columns: Mapping[str, DTypeLike]
) -> dict[str, NDArray[Any]]:
    """Run `query` and take its columns, in the order of `columns`, as arrays, packed by the server as those of a layer.

    Args:
        connection: to the city.
        query: selects one column for each of `columns`.
        parameters: bound values of the query.
        columns: names and types of the columns, as the attributes of a layer.
    """
    kinds = [np.dtype(kind) for kind in columns.values()]
    names, packed = _packing(kinds)
    asked = f"SELECT count(*), {packed} FROM ({query}) AS asked ({', '.join(names)})"  # noqa: S608 - as for a layer
    count, *found = connection.execute(text(asked), dict(parameters)).one()
    if not count:
        return {name: np.empty(0, kind) for name, kind in columns.items()}
    told = zip(columns, found, kinds, strict=True)
    return {name: _unpacked(column, kind, count) for name, column, kind in told}


def within(extent: Extent, **further: object) -> dict[str, object]:
    """Bound values ``xmin``, ``ymin``, ``xmax``, ``ymax`` and ``limit``, and `further` ones."""
    return {**dict(zip(Extent._fields, map(float, extent), strict=True)), "limit": LAYER_LIMIT, **further}


def nothing(attributes: Mapping[str, DTypeLike], key: DTypeLike = np.str_) -> LayerData:
    """The answer at a scale at which a layer is not seen."""
    return LayerData(
        np.empty(0, key), np.empty(0, object), {name: np.empty(0, kind) for name, kind in attributes.items()}
    )


def _packing(kinds: Sequence[np.dtype[Any]]) -> tuple[list[str], str]:
    """Names for columns of these kinds, and how the server packs them."""
    names = [f"c{place}" for place in range(len(kinds))]
    return names, ", ".join(PACKED[kind.kind].format(name) for name, kind in zip(names, kinds, strict=True))


def _unpacked(packed: Any, kind: np.dtype[Any], count: int) -> NDArray[Any]:
    found = np.array(packed.split(BETWEEN)) if kind.kind == "U" else np.frombuffer(packed, SENT[kind.kind])
    if len(found) != count:
        raise ValueError(f"{len(found)} values in a column of {count} rows: something is null that must not be")
    return found.astype(kind)


def _decoded(wkb: bytes, lengths: NDArray[np.int32]) -> NDArray[Any]:
    """Geometries that lie one behind the other in `wkb`; one without length is missing."""
    ends = accumulate(lengths.tolist(), initial=0)
    every = np.array([wkb[begin:end] or None for begin, end in pairwise(ends)], dtype=object)
    return np.concatenate([shapely.from_wkb(every[begin : begin + PIECE]) for begin in range(0, len(every), PIECE)])
