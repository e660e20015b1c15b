"""What every part of the generator hands on: tables as mappings of column name to array, and small array helpers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import shapely

from console.errors import RESOURCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

Table: TypeAlias = dict[str, Any]
"""Column name of the database -> numpy array or `console.database.bulk.Coded`, all of one length."""


def read_resource(name: str) -> list[dict[str, str]]:
    """Rows of ``resources/areas/<name>``, a CSV file with comment lines in front."""
    with (RESOURCES / "areas" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def text(words: list[str]) -> NDArray[np.object_]:
    """An array of Python strings."""
    return np.array(words, dtype=object)


def numbered(prefix: str, numbers: NDArray[np.integer[Any]], digits: int) -> NDArray[np.object_]:
    """Codes: `prefix` and each number with leading zeros."""
    return np.array([f"{prefix}{number:0{digits}d}" for number in numbers.tolist()], dtype=object)


def stretches(counts: NDArray[np.integer[Any]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Unroll ragged rows: for row i `counts[i]` entries; returns (row, position in it) of each."""
    row = np.repeat(np.arange(len(counts)), counts)
    start = np.cumsum(counts) - counts
    return row, np.arange(len(row)) - start[row]


def points(xy: NDArray[np.float64]) -> NDArray[np.object_]:
    """Points of coordinates (n, 2)."""
    return np.asarray(shapely.points(xy), dtype=object)


def lines(coords: NDArray[np.float64], indices: NDArray[np.intp] | None = None) -> NDArray[np.object_]:
    """LineStrings of coordinates (n, vertices, 2), or of (n, 2) with the line of each vertex in `indices`."""
    return np.asarray(shapely.linestrings(coords, indices=indices), dtype=object)


def nearest(tree: shapely.STRtree, shapes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Index of the member of `tree` that is nearest to each shape."""
    return np.asarray(tree.nearest(shapes), dtype=np.intp)


def multi(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons as multipolygons."""
    result = np.empty(len(polygons), dtype=object)
    for index, shape in enumerate(polygons):
        result[index] = shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])
    return result
