"""Geometry of a file in EPSG:4546: parsed, transformed, of the right type, and where the city is.

The transformation is PROJ's, axes always east first. Datums on the ellipsoid of WGS 84, GRS 80 and CGCS2000 are
geocentric and count as equal (decimetres apart, two metres between continents). From any other, such as Beijing 1954 or
a city's own, PROJ must know a transformation; else the file is refused, since a guess would be a hundred metres off.
GCJ-02 coordinates cannot be told from good ones by looking at them: they lie 500 m off, inside the city.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError, ProjError

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.layer_import.verdicts import Reason, Remarks, reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from console.models.layer_import.files import Source

CITY_CRS = "EPSG:4546"
# Area of use of EPSG:4546 in metres, as city.is_placed has it: 109.5–112.5° E, mainland China.
EAST, NORTH = (330_000.0, 670_000.0), (2_400_000.0, 5_100_000.0)
_PREFIXED_3 = {zone: 4513 + zone - 25 for zone in range(25, 46)}  # EPSG codes of CGCS2000 3-degree zones with prefix
_PREFIXED_6 = {zone: 4491 + zone - 13 for zone in range(13, 24)}
_FLATTENING = 298.2572  # of WGS 84, GRS 80 and CGCS2000 alike, to four digits
_COMPONENT = frozenset({"POINT", "LINESTRING", "POLYGON", "MULTILINESTRING", "MULTIPOLYGON"})

Geometries = np.ndarray[Any, np.dtype[np.object_]]


def place(
    source: Source,
    coordinates: Mapping[str, str],
    *,
    geometry_type: str,
    crs: str | None,
    swap_axes: bool,
    remarks: Remarks,
    facts: list[Reason],
) -> Geometries:
    """The geometry of every row in EPSG:4546; rows whose geometry cannot be used get a fault and None.

    Args:
        source: the file.
        coordinates: columns of the geometry, for text files.
        geometry_type: what the table takes, such as ``POINT``; ``GEOMETRY`` for any of a component.
        crs: as the user says it; wins over what the file declares.
        swap_axes: the file has north before east.
        remarks: takes the faults and notes of rows.
        facts: takes how the coordinates were understood.

    Raises:
        ConsoleError: the CRS is unknown or cannot be transformed, or most of the layer lies elsewhere.
    """
    declared = _crs(source, crs)
    raw = source.geometry if source.geometry is not None else _parse(source, coordinates, remarks)
    raw = _drop_unusable(raw, remarks)
    if swap_axes:
        raw = _swapped(raw)
    transformer = _transformer(declared)
    placed = _transform(raw, transformer)
    facts.append(
        reason(QT_TRANSLATE_NOOP("errors", "coordinates: {crs} → {city}"), crs=_crs_name(declared), city=CITY_CRS)
    )
    _refuse_elsewhere(raw, placed, declared, transformer)
    bad = np.array([g is not None and not np.isfinite(shapely.bounds(g)).all() for g in placed])
    remarks.fault(np.flatnonzero(bad), reason(QT_TRANSLATE_NOOP("errors", "coordinates that cannot be transformed")))
    placed[bad] = None
    return _typed(placed, geometry_type, remarks)


def _crs(source: Source, crs: str | None) -> pyproj.CRS:
    if crs is None and source.crs is None:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "{path} does not say its coordinate system. Say it with --crs, for example --crs EPSG:4490 for degrees "
                "of CGCS2000 or --crs EPSG:4546 for metres.",
            ),
            path=source.path,
        )
    try:
        return pyproj.CRS.from_user_input(crs or source.crs)
    except CRSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "There is no coordinate system “{crs}”; write for example EPSG:4546."), crs=crs
        ) from fault


def _crs_name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.name


def _transformer(crs: pyproj.CRS) -> pyproj.Transformer:
    geodetic = crs.geodetic_crs
    ellipsoid = geodetic.ellipsoid if geodetic is not None else None
    geocentric = (
        ellipsoid is not None
        and abs(ellipsoid.semi_major_metre - 6_378_137) < 0.01
        and abs(ellipsoid.inverse_flattening - _FLATTENING) < 1e-4
    )
    try:
        return pyproj.Transformer.from_crs(crs, CITY_CRS, always_xy=True, allow_ballpark=geocentric)
    except ProjError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "From {crs} to {city} no exact transformation is known. Let the survey office convert the file to "
                "CGCS2000.",
            ),
            crs=_crs_name(crs),
            city=CITY_CRS,
        ) from fault


def _transform(
    geometries: Geometries,
    transformer: pyproj.Transformer,
    direction: TransformDirection = TransformDirection.FORWARD,
) -> Geometries:
    def convert(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = transformer.transform(xy[:, 0], xy[:, 1], direction=direction)
        return np.column_stack([x, y])

    # Geometries whose coordinates turn infinite are kept, so that their rows can be named.
    placed: Geometries = shapely.transform(geometries, convert)
    return placed


def _swapped(geometries: Geometries) -> Geometries:
    swapped: Geometries = shapely.transform(geometries, lambda xy: xy[:, ::-1])
    return swapped


# Parsing text


def _parse(source: Source, coordinates: Mapping[str, str], remarks: Remarks) -> Geometries:
    if "wkt" in coordinates:
        words = source.columns[coordinates["wkt"]]
        geometries = shapely.from_wkt([_without_srid(w) for w in words], on_invalid="ignore")
        wrong = np.array([w is not None for w in words]) & shapely.is_missing(geometries)
        remarks.fault(
            np.flatnonzero(wrong), reason(QT_TRANSLATE_NOOP("errors", "the geometry is no well-known text (WKT)"))
        )
        return np.asarray(geometries, dtype=object)
    numbers = {part: _coordinate(source.columns[name], name, remarks) for part, name in coordinates.items()}
    parsed: Geometries = np.full(len(source), None, dtype=object)
    known = np.logical_and.reduce([np.isfinite(values) for values in numbers.values()])
    if "x1" in numbers:
        ends = np.stack([numbers["x1"], numbers["y1"], numbers["x2"], numbers["y2"]], axis=1).reshape(-1, 2, 2)
        parsed[known] = shapely.linestrings(ends[known])
    else:
        parsed[known] = shapely.points(numbers["x"][known], numbers["y"][known])
    return parsed


def _without_srid(words: object) -> str | None:
    """Well-known text as some databases write it, ``SRID=4546;POINT (…)``."""
    return None if words is None else str(words).split(";", 1)[-1].strip()


def _coordinate(column: NDArray[np.object_], name: str, remarks: Remarks) -> NDArray[np.float64]:
    numbers = np.full(len(column), np.nan)
    for row, value in enumerate(column):
        if value is None:
            continue
        try:
            numbers[row] = float(str(value).strip())
        except ValueError:
            remarks.fault(
                [row],
                reason(QT_TRANSLATE_NOOP("errors", "{column}: “{value}” is no number"), column=name, value=str(value)),
            )
            continue
        if not math.isfinite(numbers[row]):
            remarks.fault(
                [row],
                reason(QT_TRANSLATE_NOOP("errors", "{column}: “{value}” is not finite"), column=name, value=str(value)),
            )
    return numbers


def _drop_unusable(geometries: Geometries, remarks: Remarks) -> Geometries:
    """Without what has no coordinates or not finite ones; flat, since heights lie in fields of their own."""
    flat: Geometries = np.array(shapely.force_2d(geometries), dtype=object)
    missing = shapely.is_missing(flat) & remarks.sound
    remarks.fault(
        np.flatnonzero(missing),
        reason(QT_TRANSLATE_NOOP("errors", "no geometry, or one that cannot be read")),
    )
    empty = shapely.is_empty(flat) & ~shapely.is_missing(flat)
    remarks.fault(np.flatnonzero(empty), reason(QT_TRANSLATE_NOOP("errors", "the geometry is empty")))
    coordinates, owner = shapely.get_coordinates(flat, return_index=True)
    infinite = np.zeros(len(flat), bool)
    infinite[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    remarks.fault(np.flatnonzero(infinite), reason(QT_TRANSLATE_NOOP("errors", "coordinates that are not finite")))
    flat[empty | infinite] = None
    return flat


# Is it here at all?


def _inside(geometries: Geometries) -> NDArray[np.bool_]:
    bounds = shapely.bounds(geometries)
    with np.errstate(invalid="ignore"):
        inside: NDArray[np.bool_] = (
            (bounds[:, 0] >= EAST[0])
            & (bounds[:, 2] <= EAST[1])
            & (bounds[:, 1] >= NORTH[0])
            & (bounds[:, 3] <= NORTH[1])
        )
    return inside


def _refuse_elsewhere(raw: Geometries, placed: Geometries, crs: pyproj.CRS, transformer: pyproj.Transformer) -> None:
    """When most of a layer lies outside the area of use, its CRS is wrong, not its rows."""
    there = ~shapely.is_missing(raw)
    if not there.any() or _inside(placed[there]).mean() >= 0.5:
        return
    x, y = np.median(np.asarray(shapely.bounds(raw[there])), axis=0)[:2]
    hint = _hint(raw[there], float(x), float(y), crs, transformer)
    raise ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "The layer does not lie where the city is (109.5–112.5° E): read as {crs}, its coordinates near {x:.10g}, "
            "{y:.10g} {hint} Nothing was imported.",
        ),
        crs=_crs_name(crs),
        x=x,
        y=y,
        hint=hint,
    )


def _hint(raw: Geometries, x: float, y: float, crs: pyproj.CRS, transformer: pyproj.Transformer) -> str:
    """What is probably wrong, as the rest of the sentence."""
    if _inside(_transform(_swapped(raw), transformer)).mean() >= 0.5:
        return QT_TRANSLATE_NOOP(
            "errors", "fit once the axes are swapped: north or latitude seems to come first. Say --swap-axes."
        )
    degrees = abs(x) <= 180 and abs(y) <= 180
    if degrees and not crs.is_geographic:
        return QT_TRANSLATE_NOOP("errors", "look like degrees. Say --crs EPSG:4490, or which degrees they are.")
    for east, north, swap in ((x, y, ""), (y, x, " --swap-axes")):
        code = _PREFIXED_3.get(int(east // 1e6)) or _PREFIXED_6.get(int(east // 1e6))
        if code and 1e6 <= north < 1e7 and east >= 1e7:
            template = QT_TRANSLATE_NOOP(
                "errors", "carry the zone number {zone} in front (Gauss-Krüger). Say --crs EPSG:{code}{swap}."
            )
            return template.format(zone=int(east // 1e6), code=code, swap=swap)
    if crs.is_geographic and not degrees:
        return QT_TRANSLATE_NOOP("errors", "look like metres, not degrees. Say which with --crs.")
    try:
        geographic = pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
        lon, lat = geographic.transform(x, y)
    except ProjError:
        lon = lat = math.inf
    if math.isfinite(lon) and math.isfinite(lat):
        template = QT_TRANSLATE_NOOP(
            "errors", "lie at {lon:.2f}° E, {lat:.2f}° N. Say the right system with --crs, or take the right file."
        )
        return template.format(lon=lon, lat=lat)
    return QT_TRANSLATE_NOOP("errors", "fit nowhere. Say the right system with --crs.")


# Types


def _typed(geometries: Geometries, wanted: str, remarks: Remarks) -> Geometries:
    """Each geometry as the table takes it: a single part instead of a collection of one, or the other way round."""
    kinds = np.array(["" if g is None else g.geom_type.upper() for g in geometries])
    typed = geometries.copy()
    for row in np.flatnonzero(kinds != ""):
        shape, why = _as_type(geometries[row], kinds[row], wanted)
        typed[row] = shape
        if why is not None:
            remarks.fault([int(row)], why)
    valid = shapely.is_valid(typed) | shapely.is_missing(typed)
    for row in np.flatnonzero(~valid):
        why = reason(
            QT_TRANSLATE_NOOP("errors", "invalid geometry: {fault}"), fault=shapely.is_valid_reason(geometries[row])
        )
        remarks.fault([int(row)], why)
        typed[row] = None
    return typed


def _as_type(shape: Any, kind: str, wanted: str) -> tuple[Any, Reason | None]:
    if kind == wanted or (wanted == "GEOMETRY" and kind in _COMPONENT):
        return shape, None
    if wanted == "MULTIPOLYGON" and kind == "POLYGON":
        return shapely.multipolygons([shape]), None
    if kind.startswith("MULTI") and kind.removeprefix("MULTI") == (wanted if wanted != "GEOMETRY" else "POINT"):
        parts = shapely.get_num_geometries(shape)
        if parts == 1:
            return shapely.get_geometry(shape, 0), None
        merged = shapely.line_merge(shape) if kind == "MULTILINESTRING" else shape
        if merged.geom_type == "LineString":
            return merged, None
        return None, reason(
            QT_TRANSLATE_NOOP("errors", "{count} parts where one {wanted} is needed"), count=int(parts), wanted=wanted
        )
    return None, reason(QT_TRANSLATE_NOOP("errors", "a {kind} where a {wanted} is needed"), kind=kind, wanted=wanted)
