"""Real municipal networks, with the field names and faults that their cities gave them, moved to where the city is.

The files lie beside the repository (``../shared/data``); where they are not, these tests have nothing to say.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas
import pandas as pd
import pytest

from console.errors import ConsoleError
from console.models.layer_import.verdicts import Outcome

from .conftest import count, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from console.models.layer_import.verdicts import Result

    Run = Callable[..., Result]

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the municipal networks of ../shared/data are not here")
SUDBURY = DATA / "municipal" / "sudbury.gpkg"
PORT_COQUITLAM = DATA / "municipal" / "portcoquitlam_csv"
MIDDLE = (505_000, 3_875_000)


def moved(layer: str, crs: int, target: Path) -> Path:
    """A layer of Sudbury in metres, its middle moved into the town."""
    frame = geopandas.read_file(SUDBURY, layer=layer).to_crs(crs)
    everything = geopandas.read_file(SUDBURY, layer="mains").to_crs(crs)
    west, south, east, north = everything.total_bounds
    frame.geometry = frame.geometry.translate(MIDDLE[0] - (west + east) / 2, MIDDLE[1] - (south + north) / 2)
    frame.set_crs(4546, allow_override=True).to_file(target)
    return target


@pytest.mark.parametrize(
    ("name", "layer"), [("sudbury.gpkg", "mains"), ("sudbury_shp/sudbury_mains.shp", None)], ids=["gpkg", "shp"]
)
def test_a_network_of_another_continent_is_refused(run: Run, name: str, layer: str | None) -> None:
    with pytest.raises(ConsoleError, match=r"lie at -8\d.*° E, 46"):
        run("pipe", DATA / "municipal" / name, layer=layer, constants=("system=storm",), snap_m=1)


def test_a_text_file_needs_its_system(run: Run) -> None:
    path = PORT_COQUITLAM / "portcoquitlam_manholes.csv"
    with pytest.raises(ConsoleError, match="does not say its coordinate system"):
        run("manhole", path, constants=("system=storm",))


def test_sudbury_moved_to_the_city(run: Run, town: Engine, tmp_path: Path) -> None:
    nodes = moved("manholes", 26917, tmp_path / "manholes.gpkg")
    result = run("manhole", nodes, "owner_id=-", constants=("system=storm",), apply=True, skip_invalid=True)
    assert result.written
    assert result.count(Outcome.IMPORTED) > 600
    lines = moved("mains", 26917, tmp_path / "mains.gpkg")
    result = run(
        "pipe", lines, "diameter_mm=WIDTH", "owner_id=-", "width_mm=-", "height_mm=-", "shape=-",
        constants=("system=storm",), snap_m=0.5, apply=True, skip_invalid=True,
    )  # fmt: skip
    imported = result.count(Outcome.IMPORTED)
    assert imported == count(town, "pipe") > 50
    assert result.count(Outcome.SKIPPED) == len(result.verdicts) - imported
    assert all(v.reasons for v in result.verdicts if v.outcome is Outcome.SKIPPED)
    said = words(result)
    assert "is missing and cannot be found out" in said  # ends that touch no manhole
    assert "reverse slope" in said
    again = run(
        "pipe", lines, "diameter_mm=WIDTH", "owner_id=-", "width_mm=-", "height_mm=-", "shape=-",
        constants=("system=storm",), snap_m=0.5, apply=True, skip_invalid=True,
    )  # fmt: skip
    assert again.count(Outcome.UNCHANGED) == imported
    assert again.count(Outcome.CHANGED) == 0


def test_port_coquitlam_moved_to_the_city(run: Run, town: Engine, tmp_path: Path) -> None:
    nodes = pd.read_csv(PORT_COQUITLAM / "portcoquitlam_manholes.csv", dtype=str)
    lines = pd.read_csv(PORT_COQUITLAM / "portcoquitlam_mains.csv", dtype=str)
    for frame in (nodes, lines):
        for column in frame.columns:
            if column[0] in "XY" and len(column) <= 2:
                shift = MIDDLE[0] - 516_000 if column[0] == "X" else MIDDLE[1] - 5_456_500
                frame[column] = (frame[column].astype(float) + shift).map("{:.3f}".format)
    node_file, line_file = tmp_path / "nodes.csv", tmp_path / "lines.csv"
    nodes.to_csv(node_file, index=False)
    lines.to_csv(line_file, index=False, sep=";", encoding="gb18030")
    options = {"crs": "EPSG:4546", "constants": ("system=storm",), "apply": True, "skip_invalid": True}
    result = run("manhole", node_file, "owner_id=-", **options)
    assert result.count(Outcome.IMPORTED) > 100
    assert "is a sign for “unknown”" in words(result)
    result = run("pipe", line_file, "owner_id=-", snap_m=1, **options)
    assert result.count(Outcome.IMPORTED) == count(town, "pipe") > 20
    facts = [fact.text("en") for fact in result.facts]
    assert "in_elevation_m ← From_Elev_m (m)" in facts
    assert "diameter_mm ← Diameter_mm (mm)" in facts


def test_the_district_in_degrees(run: Run, town: Engine) -> None:
    path = DATA / "boundary" / "yanhu_140802_EPSG4490.geojson"
    result = run("subdistrict", path, "code=adcode", "name=name")
    assert "subdistrict_code_check" in words(result)  # six digits, where nine are needed
    assert run("zone", path, "code=adcode", apply=True).written
    assert count(town, "zone") == 2
