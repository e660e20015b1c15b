"""What a layer of the map is made of: the answer to “what lies in this extent at this scale”.

A layer query costs the same for a city a hundred times larger: it looks only where the map looks (spatial index),
leaves out what could not be told apart at the scale, and never answers with more than `LAYER_LIMIT` features. What is
left out depends on the features alone, so that a picture does not flicker while the map is moved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import DTypeLike, NDArray
    from sqlalchemy import Connection

LAYER_LIMIT = 20_000
"""Features in one answer at most: about as many as pixels let anyone tell apart on a large screen."""

PIECE = 400
"""Rows that are turned into arrays at a time: each such call keeps the interpreter, and the window with it, waiting."""

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

    Args:
        connection: to the city.
        query: selects the key, the geometry, then one column for each of `attributes`, in their order.
        parameters: bound values of the query.
        key: type of the ids.
        attributes: names and types of the further columns.
    """
    attributes = attributes or {}
    # Past SQLAlchemy's rows, which cost more than the query itself.
    cursor = connection.execute(text(query), dict(parameters)).cursor
    found = nothing(attributes, key)
    pieces = [[column] for column in (found.ids, found.geometries, *found.attributes.values())]
    while cursor is not None and (rows := cursor.fetchmany(PIECE)):
        columns = list(zip(*rows, strict=True))
        pieces[0].append(_array(columns[0], key))
        pieces[1].append(shapely.from_wkb(np.array(columns[1], dtype=object)))
        for place, kind in enumerate(attributes.values(), 2):
            pieces[place].append(_array(columns[place], kind))
    ids, geometries, *values = map(np.concatenate, pieces)
    return LayerData(ids, geometries, dict(zip(attributes, values, strict=True)))


def within(extent: Extent, **further: object) -> dict[str, object]:
    """Bound values ``xmin``, ``ymin``, ``xmax``, ``ymax`` and ``limit``, and `further` ones."""
    return {**dict(zip(Extent._fields, map(float, extent), strict=True)), "limit": LAYER_LIMIT, **further}


def nothing(attributes: Mapping[str, DTypeLike], key: DTypeLike = np.str_) -> LayerData:
    """The answer at a scale at which a layer is not seen."""
    return LayerData(
        np.empty(0, key), np.empty(0, object), {name: np.empty(0, kind) for name, kind in attributes.items()}
    )


def _array(values: tuple[Any, ...], kind: DTypeLike) -> NDArray[Any]:
    kind = np.dtype(kind)
    if kind.kind == "U":
        return np.array(["" if value is None else value for value in values], dtype=np.str_)
    return np.array(values, dtype=kind)
