"""Coordinates end in EPSG:4546 or in a sentence that says what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.models.layer_import.files import Source
from console.models.layer_import.placement import place
from console.models.layer_import.verdicts import Reason, Remarks

if TYPE_CHECKING:
    from collections.abc import Sequence

# domain: computed control point.
LON, LAT, EAST, NORTH = 111.007, 35.0264, 500638.812, 3877521.762


def placed(
    shapes: Sequence[Any], crs: str | None, wanted: str = "POINT", **options: Any
) -> tuple[np.ndarray[Any, Any], Remarks, list[Reason]]:
    source = Source(
        path=Path("layer.gpkg"),
        columns={},
        geometry=np.array([*shapes, None], dtype=object)[:-1],
        crs=options.pop("declared", crs),
        places=np.arange(1, len(shapes) + 1),
        place_word="feature",
        facts=[],
    )
    remarks, facts = Remarks(len(shapes)), list[Reason]()
    found = place(
        source,
        {},
        geometry_type=wanted,
        crs=options.pop("override", None),
        swap_axes=options.pop("swap_axes", False),
        remarks=remarks,
        facts=facts,
    )
    return found, remarks, facts


def said(remarks: Remarks, row: int = 0) -> str:
    return "; ".join(r.text("en") for r in remarks.of(row))


@pytest.mark.parametrize(
    "crs", ["EPSG:4326", "EPSG:4490", "EPSG:4525", "EPSG:32649", "EPSG:3857", "EPSG:4508", "OGC:CRS84"]
)
def test_every_system_ends_at_the_control_point(crs: str) -> None:
    there = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(LON, LAT)
    found, remarks, _facts = placed([shapely.Point(there)], crs)
    assert remarks.sound.all()
    assert found[0].distance(shapely.Point(EAST, NORTH)) < 0.002


def test_what_the_user_says_wins() -> None:
    found, _remarks, facts = placed([shapely.Point(LON, LAT)], None, declared="EPSG:3857", override="EPSG:4490")
    assert found[0].distance(shapely.Point(EAST, NORTH)) < 0.002
    assert facts[0].text("en") == "coordinates: EPSG:4490 → EPSG:4546"


@pytest.mark.parametrize(
    ("x", "y", "crs", "hint"),
    [
        (LAT, LON, "EPSG:4490", "axes are swapped.*--swap-axes"),
        (NORTH, EAST, "EPSG:4546", "axes are swapped.*--swap-axes"),
        (37e6 + EAST, NORTH, "EPSG:4546", "zone number 37 in front.*--crs EPSG:4525"),
        (NORTH, 37e6 + EAST, "EPSG:4546", "zone number 37 in front.*--crs EPSG:4525 --swap-axes"),
        (19e6 + EAST, NORTH, "EPSG:4546", "zone number 19 in front.*--crs EPSG:4497"),
        (LON, LAT, "EPSG:4546", "look like degrees.*--crs EPSG:4490"),
        (EAST, NORTH, "EPSG:4490", "look like metres"),
        (-80.99, 46.49, "EPSG:4326", "lie at -80.99° E, 46.49° N"),
        (500000, 5150000, "EPSG:26917", "lie at -81.00° E"),
    ],
)
def test_a_wrong_system_is_named(x: float, y: float, crs: str, hint: str) -> None:
    shapes = [shapely.Point(x + i * 1e-4, y) for i in range(5)]
    with pytest.raises(ConsoleError, match=f"does not lie where the city is.*{hint}.*Nothing was imported"):
        placed(shapes, crs)


def test_swapped_axes_are_put_right_on_request() -> None:
    found, _remarks, _facts = placed([shapely.Point(LAT, LON)], "EPSG:4490", swap_axes=True)
    assert found[0].distance(shapely.Point(EAST, NORTH)) < 0.002


@pytest.mark.parametrize("crs", ["EPSG:4214", "EPSG:2383"])
def test_datums_without_known_parameters_are_refused(crs: str) -> None:
    with pytest.raises(ConsoleError, match="no exact transformation"):
        placed([shapely.Point(LON, LAT)], crs)


def test_no_system_and_unknown_system() -> None:
    with pytest.raises(ConsoleError, match="does not say its coordinate system"):
        placed([shapely.Point(LON, LAT)], None)
    with pytest.raises(ConsoleError, match="no coordinate system “EPSG:1”"):
        placed([shapely.Point(LON, LAT)], None, override="EPSG:1")


GOOD = shapely.Point(EAST, NORTH)
LINE = shapely.LineString([(EAST, NORTH), (EAST + 10, NORTH)])
BOX = shapely.box(EAST, NORTH, EAST + 10, NORTH + 10)
BOW = shapely.Polygon([(EAST, NORTH), (EAST + 10, NORTH + 10), (EAST + 10, NORTH), (EAST, NORTH + 10)])


@pytest.mark.parametrize(
    ("shape", "wanted", "words"),
    [
        (None, "POINT", "no geometry"),
        (shapely.Point(), "POINT", "is empty"),
        (shapely.Point(np.nan, NORTH), "POINT", "empty|not finite"),
        (shapely.Point(np.inf, NORTH), "POINT", "not finite"),
        (LINE, "POINT", "a LINESTRING where a POINT is needed"),
        (GOOD, "LINESTRING", "a POINT where a LINESTRING is needed"),
        (shapely.MultiPoint([GOOD, shapely.Point(EAST, NORTH + 1)]), "POINT", "2 parts where one POINT is needed"),
        (BOW, "POLYGON", "invalid geometry: Self-intersection"),
        (shapely.LineString([(EAST, NORTH), (EAST, NORTH)]), "LINESTRING", "invalid geometry: Too few points"),
        (shapely.GeometryCollection([GOOD]), "GEOMETRY", "a GEOMETRYCOLLECTION"),
    ],
)
def test_unusable_geometry(shape: Any, wanted: str, words: str) -> None:
    import re  # noqa: PLC0415

    found, remarks, _facts = placed([shape, *[GOOD if wanted == "POINT" else LINE] * 3], "EPSG:4546", wanted)
    assert found[0] is None
    assert not remarks.sound[0]
    assert re.search(words, said(remarks))


@pytest.mark.parametrize(
    ("shape", "wanted", "kind"),
    [
        (shapely.MultiPoint([GOOD]), "POINT", "Point"),
        (shapely.Point(EAST, NORTH, 360.0), "POINT", "Point"),
        (shapely.MultiLineString([LINE]), "LINESTRING", "LineString"),
        (
            shapely.MultiLineString([LINE, shapely.LineString([(EAST + 10, NORTH), (EAST + 20, NORTH)])]),
            "LINESTRING",
            "LineString",
        ),
        (BOX, "MULTIPOLYGON", "MultiPolygon"),
        (shapely.MultiPolygon([BOX]), "POLYGON", "Polygon"),
        (shapely.MultiPolygon([BOX]), "GEOMETRY", "MultiPolygon"),
        (shapely.MultiPoint([GOOD]), "GEOMETRY", "Point"),
    ],
)
def test_parts_become_what_the_table_takes(shape: Any, wanted: str, kind: str) -> None:
    found, remarks, _facts = placed([shape], "EPSG:4546", wanted)
    assert remarks.sound.all()
    assert found[0].geom_type == kind
    assert not found[0].has_z


@given(east=st.floats(allow_nan=True, allow_infinity=True), north=st.floats(allow_nan=True, allow_infinity=True))
def test_any_coordinates_are_placed_or_named(east: float, north: float) -> None:
    found, remarks, _facts = placed([GOOD, GOOD, shapely.Point(east, north)], "EPSG:4546")
    assert (found[2] is None) == (not remarks.sound[2])
