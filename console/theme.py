"""The look as values: every colour, size and font of the product, read from one file.

Qt-free, so that the map, the window, charts, folium pages and prints share it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from console.errors import RESOURCES


@dataclass(frozen=True)
class Theme:
    """Colours as ``#rrggbb``, sizes in device-independent pixels."""

    name: str
    font_families: tuple[str, ...]
    text_px: int
    secondary_px: int
    title_px: int
    figure_px: int
    step_px: int
    row_dense_px: int
    row_two_lines_px: int
    radius_px: int
    ground: str
    panel: str
    raised: str
    line: str
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_ground: str
    on_accent: str
    critical: str
    high: str
    medium: str
    critical_text: str
    high_text: str
    medium_text: str
    critical_ground: str
    map_ground: str
    map_street: str
    map_zone: str
    map_symbol: str
    storm: str
    sanitary: str
    combined: str

    @property
    def is_dark(self) -> bool:
        """Whether light text stands on dark ground."""
        return self.name == "dark"


@cache
def theme(name: str) -> Theme:
    """The theme `name`: ``dark`` or ``light``."""
    tokens = tomllib.loads((RESOURCES / "themes" / "tokens.toml").read_text(encoding="utf-8"))
    values: dict[str, Any] = {**tokens["font"], **tokens["size"], **tokens[name]}
    values["font_families"] = tuple(values.pop("families"))
    return Theme(name=name, **{f.name: values[f.name] for f in fields(Theme) if f.name != "name"})


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
