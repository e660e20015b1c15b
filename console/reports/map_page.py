"""Thematic maps that leave the console: one HTML file each that opens without internet."""

from __future__ import annotations

import json
import subprocess
import sys
from bisect import bisect_right
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from console.errors import QT_TRANSLATE_NOOP, RESOURCES, ConsoleError
from console.files import whole_file
from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from console.models.thematic import Ground, Heat

CLASSES = 5
LEAST_CLASSES = 3
HOTTEST_SHARE = 0.98
"""Squares with at least as many cases as this share of all squares are as hot as can be: no odd one hides the rest."""
MADE_WITHIN_S = 120


@dataclass(frozen=True)
class PageWords:
    """What stands around a map.

    Attributes:
        title: what is shown.
        period: of which time, of which cases.
        source: whose figures, when, printed by whom.
        legend: above the colours.
        nothing: beside the colour of areas without a value.
        language: of the page, as in ``lang``.
    """

    title: str
    period: str
    source: str
    legend: str
    nothing: str
    language: str


@dataclass(frozen=True)
class ShadedArea:
    """One area of a page.

    Attributes:
        geometry: GeoJSON, degrees.
        value: by which it is shaded; None when there is nothing to divide by.
        facts: what is told of it, in the order of the columns of the page.
    """

    geometry: str
    value: float | None
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Shading:
    """How values become colours.

    Attributes:
        token: colour of the theme.
        strongest_low: whether the lowest values are the strongest.
        percent: whether they are shares of one; else they are counts.
    """

    token: str
    strongest_low: bool
    percent: bool

    def rounded(self, value: float) -> float:
        """As exact as it is read, so that what reads the same is of one colour."""
        return round(value, 3) if self.percent else float(round(value))

    def words(self, value: float) -> str:
        """A value as it is read."""
        return f"{value:.1%}" if self.percent else f"{value:,.0f}"


def write_area_page(
    path: Path, words: PageWords, columns: Sequence[str], areas: Sequence[ShadedArea], shading: Shading, ground: Ground
) -> None:
    """Write a map of areas shaded by a value to `path`, which is replaced once all of it is written.

    Args:
        path: ends in ``.html``.
        words: around the map.
        columns: names of the facts of the areas.
        areas: all of them.
        shading: of their values.
        ground: what lies below.

    Raises:
        ConsoleError: another ending, no room on the disk, or a folder or file that may not be written.
    """
    _require_html(path)
    edges = class_edges([shading.rounded(area.value) for area in areas if area.value is not None])
    members: list[list[ShadedArea]] = [[] for _ in edges]
    for area in areas:
        members[-1 if area.value is None else _class_of(shading.rounded(area.value), edges)].append(area)
    legend = [*(_range(edges, place, shading) for place in range(len(edges) - 1)), words.nothing]
    _write(
        path,
        {
            **_around(words, ground),
            "columns": list(columns),
            "classes": [
                {"colour": colour, "words": said, "areas": [asdict(area) for area in some]}
                for colour, said, some in zip([*_colours(shading, len(edges) - 1), ""], legend, members, strict=True)
                if some
            ],
        },
    )


def write_heat_page(path: Path, words: PageWords, few: str, many: str, heat: Heat, ground: Ground) -> None:
    """Write a map of where cases are to `path`; arguments and errors as for `write_area_page`.

    Args:
        path: ends in ``.html``.
        words: around the map.
        few: at the pale end of the legend.
        many: at its strong end, with ``{n}`` for the cases of a square.
        heat: where cases are.
        ground: what lies below.
    """
    _require_html(path)
    look = theme("light")
    hottest = float(np.quantile(heat.cells[:, 2], HOTTEST_SHARE)) if len(heat.cells) else 1.0
    weights = np.minimum(heat.cells[:, 2] / hottest, 1.0)
    _write(
        path,
        {
            **_around(words, ground),
            "cells": np.column_stack((heat.cells[:, :2].round(6), weights.round(3))).tolist(),
            "gradient": {"0.25": _mixed("accent", 0.45), "0.5": look.accent, "0.75": look.medium, "1.0": look.critical},
            "few": few,
            "many": many.format(n=f"{hottest:,.0f}"),
        },
    )


def class_edges(values: Sequence[float]) -> list[float]:
    """Bounds of at most `CLASSES` classes with about as many values each; two equal ones when all values are the same.

    Where so many values are the same that hardly any class is left, the classes have about as many different values.
    """
    if not values:
        return [0.0, 0.0]
    shares = np.linspace(0, 1, CLASSES + 1)
    edges = np.unique(np.quantile(values, shares, method="closest_observation"))
    if len(edges) <= LEAST_CLASSES:
        edges = np.unique(np.quantile(np.unique(values), shares, method="closest_observation"))
    return [float(edge) for edge in edges] if len(edges) > 1 else [float(edges[0])] * 2


def _class_of(value: float, edges: Sequence[float]) -> int:
    """The class that holds `value`: from its lower bound on, below its upper one, which only the last class holds."""
    return min(max(bisect_right(edges, value) - 1, 0), len(edges) - 2)


def _range(edges: Sequence[float], place: int, shading: Shading) -> str:
    low, high = shading.words(edges[place]), shading.words(edges[place + 1])
    return low if low == high else f"{low} – {high}"


def _colours(shading: Shading, count: int) -> list[str]:
    """From pale to strong, or the other way round."""
    strengths = np.linspace(0.18, 1.0, count) if count > 1 else np.array([0.6])
    colours = [_mixed(shading.token, float(strength)) for strength in strengths]
    return colours[::-1] if shading.strongest_low else colours


def _mixed(token: str, strength: float) -> str:
    """A colour of the theme mixed with white: all of it at strength 1."""
    value = getattr(theme("light"), token)
    parts = (int(value[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (part - 255) * strength):02x}" for part in parts)


def _require_html(path: Path) -> None:
    if path.suffix.lower() not in {".html", ".htm"}:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "A map page can be written to .html, not to {name}."), name=path.name
        )


def _around(words: PageWords, ground: Ground) -> dict[str, Any]:
    chinese = words.language.startswith("zh")
    zones = [
        {"name": zone.name if chinese else zone.name_en or zone.name, "geometry": zone.geometry}
        for zone in ground.zones
    ]
    return {"words": asdict(words), "zones": zones, "streets": [street.geometry for street in ground.streets]}


def _write(path: Path, asked: dict[str, Any]) -> None:
    # Another process: folium would keep this one's interpreter, and with it the window, waiting.
    made = subprocess.run(
        [sys.executable, "-m", "console.reports.map_html"],
        input=json.dumps(asked).encode(), capture_output=True, cwd=RESOURCES.parent, timeout=MADE_WITHIN_S, check=False,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"the page was not made: {made.stderr.decode(errors='replace')}")
    with whole_file(path) as part:
        part.write_bytes(made.stdout)
