"""The HTML of map pages, made with folium; a process of its own, since folium keeps the interpreter busy for seconds.

``python -m console.reports.map_html`` reads what a page shows from standard input (`console.reports.map_page` writes
it) and writes the page to standard output. Whatever folium would fetch from elsewhere stands in the page itself:
Leaflet from ``resources/web``, its heat layer from folium. A content security policy keeps all else from being fetched.
"""

from __future__ import annotations

import json
import re
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
from branca.element import Element, Figure
from folium import plugins

from console.errors import RESOURCES
from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
_LEAFLET = RESOURCES / "web" / "leaflet"
_HEAT = Path(folium.__file__).parent / "templates" / "leaflet_heat.min.js"


def html_of(asked: dict[str, Any]) -> str:
    """The page that is asked for, as `console.reports.map_page` writes it."""
    page = _Page(asked)
    if "classes" in asked:
        for one in asked["classes"]:
            page.add_areas(one["areas"], asked["columns"], one["colour"])
    page.add_lines()
    if "classes" in asked:
        page.add_legend([(one["colour"], one["words"], len(one["areas"])) for one in asked["classes"]])
    else:
        page.add_heat(asked["cells"], asked["gradient"], asked["few"], asked["many"])
    return page.html()


class _Page:
    """One page under way.

    Args:
        asked: what it shows.
    """

    def __init__(self, asked: dict[str, Any]) -> None:
        self._words: dict[str, str] = asked["words"]
        self._zones = [(one["name"], json.loads(one["geometry"])) for one in asked["zones"]]
        self._streets = [json.loads(street) for street in asked["streets"]]
        self._look = theme("light")
        self._map = folium.Map(
            tiles=None, control_scale=True, prefer_canvas=True, zoom_control="bottomleft", attribution_control=False,
            zoom_snap=0.25, zoom_delta=0.5, min_zoom=9, max_zoom=19, font_size="13px",
        )  # fmt: skip
        self._map.default_js, self._map.default_css = [], []
        self._figure = Figure(title=_text(self._words["title"]))
        self._figure.add_child(self._map)
        self._head(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">')
        self._head(f"<style>{_leaflet_css()}</style><script>{_script(_LEAFLET / 'leaflet.js')}</script>")
        self._head(f"<style>{self._style()}</style>")
        heading = f"<h1>{_text(self._words['title'])}</h1><p>{_text(self._words['period'])}</p>"
        foot = _text(self._words["source"])
        self._body(f'<header class="note">{heading}</header><footer class="note">{foot}</footer>')
        bounds = _bounds(shape for _, shape in self._zones)
        if bounds is not None:
            self._map.fit_bounds(bounds, padding=(24, 24))

    def html(self) -> str:
        """The whole page."""
        page: str = self._figure.render()
        return page.replace("<html>", f'<html lang="{_text(self._words["language"])}">', 1)

    def add_areas(self, areas: Sequence[dict[str, Any]], columns: Sequence[str], colour: str) -> None:
        """Areas of one colour; an empty one is that of areas without a value."""
        fill = {"fillColor": colour or self._look.ground, "fillOpacity": 0.85 if colour else 0.5}
        look = {"color": self._look.secondary, "weight": 0.6, "opacity": 0.7, **fill}
        if not colour:
            look["dashArray"] = "3 3"
        names = [f"f{place}" for place in range(len(columns))]
        # What stands in a tooltip is taken for HTML.
        features = [
            _feature(json.loads(area["geometry"]), dict(zip(names, map(_text, area["facts"]), strict=True)))
            for area in areas
        ]
        layer = folium.GeoJson(
            _collection(features),
            style_function=lambda _feature: look,
            highlight_function=lambda _feature: {"weight": 2.5, "color": self._look.text, "opacity": 1},
            smooth_factor=0.5,
            control=False,
        )
        folium.GeoJsonTooltip(names, aliases=[_text(name) for name in columns], sticky=True).add_to(layer)
        layer.add_to(self._map)

    def add_lines(self) -> None:
        """Streets, and borders of zones with their names."""
        street = {"color": self._look.map_zone, "weight": 1.4, "opacity": 0.45, "fill": False}
        border = {"color": self._look.text, "weight": 1.6, "opacity": 0.6, "fill": False}
        streets = [_feature(shape, {}) for shape in self._streets]
        if streets:
            self._lines(streets, street).add_to(self._map)
        for name, shape in self._zones:
            # One layer each: a layer has one text that stays.
            layer = self._lines([_feature(shape, {"name": _text(name)})], border)
            folium.GeoJsonTooltip(
                ["name"], labels=False, sticky=False, permanent=True, direction="center", class_name="zone",
                style="background: none; border: none; box-shadow: none;",
            ).add_to(layer)  # fmt: skip
            layer.add_to(self._map)

    @staticmethod
    def _lines(features: list[dict[str, Any]], look: dict[str, Any]) -> folium.GeoJson:
        return folium.GeoJson(
            _collection(features), style_function=lambda _feature: look, interactive=False, control=False
        )

    def add_heat(self, cells: list[list[float]], gradient: dict[str, str], few: str, many: str) -> None:
        """Where cases are, and what the colours mean."""
        if cells:
            layer = plugins.HeatMap(
                cells, radius=14, blur=12, min_opacity=0.15, max_zoom=14, gradient=gradient, control=False
            )
            layer.default_js = []
            self._head(f"<script>{_script(_HEAT)}</script>")
            layer.add_to(self._map)
        band = ", ".join(f"{colour} {float(at):.0%}" for at, colour in gradient.items())
        self._legend(
            f'<div class="band" style="background:linear-gradient(to right, #fff, {band})"></div>'
            f'<div class="ends"><span>{_text(few)}</span><span>{_text(many)}</span></div>'
        )

    def add_legend(self, entries: Sequence[tuple[str, str, int]]) -> None:
        """Colour, words and number of areas of each class."""
        rows = (
            f'<tr><td><i style="{f"background:{colour}" if colour else "border-style:dashed"}"></i></td>'
            f'<td>{_text(words)}</td><td class="count">{count:,}</td></tr>'
            for colour, words, count in entries
        )
        self._legend(f"<table>{''.join(rows)}</table>")

    def _legend(self, inside: str) -> None:
        self._body(f'<aside class="note"><h2>{_text(self._words["legend"])}</h2>{inside}</aside>')

    def _head(self, html: str) -> None:
        self._figure.header.add_child(_raw(html))

    def _body(self, html: str) -> None:
        self._figure.html.add_child(_raw(html))

    def _style(self) -> str:
        look = self._look
        families = ", ".join(f'"{family}"' for family in look.font_families) + ", sans-serif"
        return f"""
            body, .leaflet-container {{ font-family: {families}; color: {look.text}; }}
            .leaflet-container {{ background: #fff; }}
            .note {{ position: fixed; z-index: 1000; background: rgba(255, 255, 255, .94); padding: 10px 14px;
                border: 1px solid {look.line}; border-radius: {look.radius_px}px; }}
            header {{ top: 14px; left: 14px; max-width: 60vw; }}
            header h1 {{ font-size: 20px; margin: 0; }}
            header p {{ font-size: 13px; margin: 4px 0 0; color: {look.secondary}; }}
            aside {{ right: 14px; bottom: 14px; font-size: 13px; }}
            aside h2 {{ font-size: 13px; margin: 0 0 6px; }}
            aside td {{ padding: 2px 8px 2px 0; }}
            aside i {{ display: block; width: 26px; height: 14px; border: 1px solid {look.secondary}; }}
            aside .count {{ color: {look.secondary}; text-align: right; padding-right: 0; }}
            aside .band {{ width: 220px; height: 14px; border: 1px solid {look.line}; }}
            aside .ends {{ display: flex; justify-content: space-between; margin-top: 3px; }}
            footer {{ left: 50%; bottom: 14px; transform: translateX(-50%); font-size: 12px; color: {look.secondary}; }}
            .zone {{ pointer-events: none; font-size: 14px; font-weight: bold; text-align: center;
                text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 6px #fff; }}
            .leaflet-control-scale-line:not(:first-child) {{ display: none; }}
            @media print {{ .leaflet-control-zoom {{ display: none; }} .note {{ border-color: #000; }} }}
        """


def _text(words: str) -> str:
    """Words as HTML that neither a browser nor Jinja, which folium fills some texts into twice, takes for more."""
    return escape(words).replace("{", "&#123;").replace("}", "&#125;")


def _raw(html: str) -> Element:
    """An element of a page that stands there as it is."""
    # Its text is a template of Jinja, in which two braces of a script would mean something.
    return Element("{% raw %}" + html + "{% endraw %}")


def _script(path: Path) -> str:
    """A script without the address of its source map."""
    return re.sub(r"^//# sourceMappingURL=.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _leaflet_css() -> str:
    """Leaflet's look without its pictures, which are of controls and markers that no page has."""
    return re.sub(r"url\(images/[^)]*\)", "none", (_LEAFLET / "leaflet.css").read_text(encoding="utf-8"))


def _feature(geometry: dict[str, Any], properties: dict[str, str]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _bounds(shapes: Iterable[dict[str, Any]]) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """South-west and north-east, (latitude, longitude), of GeoJSON geometries; None when there are none."""
    places = np.array([place for shape in shapes for place in _places(shape["coordinates"])])
    if not len(places):
        return None
    (west, south), (east, north) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return (south, west), (north, east)


def _places(coordinates: list[Any]) -> Iterable[list[float]]:
    if coordinates and not isinstance(coordinates[0], list):
        yield coordinates
        return
    for part in coordinates:
        yield from _places(part)


if __name__ == "__main__":
    sys.stdout.buffer.write(html_of(json.load(sys.stdin.buffer)).encode())
