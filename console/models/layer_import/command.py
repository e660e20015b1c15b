"""``import-layer``: own data from a file, on the command line."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from console.models.layer_import.fields import TABLES
from console.models.layer_import.verdicts import Outcome

if TYPE_CHECKING:
    from sqlalchemy import Engine


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give `parser` the options of the command."""
    parser.add_argument("table", choices=TABLES, metavar="TABLE", help=f"what the rows are: {', '.join(TABLES)}")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="GeoPackage, Shapefile, GeoJSON, or CSV with coordinates or WKT"
    )
    parser.add_argument(
        "--map",
        nargs="+",
        action="extend",
        default=[],
        metavar="FIELD=COLUMN",
        help="which column fills a field, where names do not tell; FIELD=COLUMN*25.4 turns inches into mm, "
        "FIELD=- fills nothing; x, y, x1, y1, x2, y2 and wkt name columns of the geometry",
    )
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="FIELD=VALUE", help="one value for every row"
    )
    parser.add_argument("--layer", help="layer of a GeoPackage that has several")
    parser.add_argument(
        "--crs", help="coordinate system, such as EPSG:4546, where the file declares none or a wrong one"
    )
    parser.add_argument("--encoding", help="encoding of text, such as GB18030, where the file does not tell")
    parser.add_argument(
        "--swap-axes", action="store_true", help="the file has north (latitude) before east (longitude)"
    )
    parser.add_argument(
        "--snap",
        type=_metres,
        metavar="METRES",
        help="find the manholes at the ends of pipes by place, at most so many metres away, and move the ends there",
    )
    parser.add_argument("--apply", action="store_true", help="write the rows; without it nothing is kept (dry run)")
    parser.add_argument("--skip-invalid", action="store_true", help="write the sound rows although others have faults")
    parser.add_argument("--report", type=Path, metavar="FILE.csv", help="write the verdict on every row to this file")


def run(engine: Engine, arguments: argparse.Namespace, language: str) -> tuple[list[str], int]:
    """Import as `arguments` say.

    Returns:
        Lines for the terminal, and the exit code: 0 when every row is sound, 1 when rows were skipped or all refused.

    Raises:
        ConsoleError: the file as a whole cannot be used.
    """
    # Reading layers takes half a second to import: not for commands that only show their help.
    from console.models.layer_import.importing import ImportOptions, import_layer  # noqa: PLC0415

    result = import_layer(
        engine,
        ImportOptions(
            table=arguments.table,
            path=arguments.file,
            maps=tuple(arguments.map),
            constants=tuple(arguments.set),
            layer=arguments.layer,
            crs=arguments.crs,
            encoding=arguments.encoding,
            swap_axes=arguments.swap_axes,
            snap_m=arguments.snap,
            apply=arguments.apply,
            skip_invalid=arguments.skip_invalid,
            report=arguments.report,
            language=language,
        ),
    )
    return result.lines(language), 1 if result.refused or result.count(Outcome.SKIPPED) else 0


def _metres(typed: str) -> float:
    metres = float(typed)
    if not math.isfinite(metres) or metres <= 0:
        raise argparse.ArgumentTypeError(f"{typed} is no length in metres")
    return metres
