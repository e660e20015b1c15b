"""A small town to import into, and files to import."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import geopandas
import pytest
from sqlalchemy import text

from console.models.layer_import.importing import ImportOptions, import_layer
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from console.models.layer_import.verdicts import Outcome, Result


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
    return empty_database


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    def write(
        rows: Iterable[Sequence[object]], name: str = "layer.csv", encoding: str = "utf-8", delimiter: str = ","
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
        return path

    return write


@pytest.fixture
def write_layer(tmp_path: Path) -> Callable[..., Path]:
    def write(
        columns: Mapping[str, Sequence[object]],
        geometry: Sequence[Any],
        name: str = "layer.gpkg",
        crs: str | None = "EPSG:4546",
        **options: Any,
    ) -> Path:
        path = tmp_path / name
        geopandas.GeoDataFrame(dict(columns), geometry=list(geometry), crs=crs).to_file(path, **options)
        return path

    return write


@pytest.fixture
def run(town: Engine) -> Callable[..., Result]:
    """Imports into the town; ``run("pipe", path, "diameter_mm=D", apply=True)``."""

    def imported(table: str, path: Path, *maps: str, **options: Any) -> Result:
        return import_layer(town, ImportOptions(table=table, path=path, maps=maps, **options))

    return imported


@pytest.fixture
def manholes(run: Callable[..., Result], write_csv: Callable[..., Path]) -> None:
    """Manholes A to E, 100 m apart from west to east along the street."""
    rows = [(code, 500100 + 100 * i, 3875000) for i, code in enumerate("ABCDE")]
    path = write_csv([("code", "x", "y"), *rows], name="manholes.csv")
    assert run("manhole", path, constants=("system=storm",), crs="EPSG:4546", apply=True).written


def outcomes(result: Result) -> dict[str, Outcome]:
    return {v.code: v.outcome for v in result.verdicts}


def words(result: Result) -> str:
    return "\n".join(v.words("en") for v in result.verdicts)


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM city.{table}")).scalar_one())
