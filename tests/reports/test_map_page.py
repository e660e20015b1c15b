"""Map pages: whole, readable without internet, and harmless whatever the names are."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest

from console.errors import ConsoleError
from console.models.thematic import Ground, Heat, Outline
from console.reports.map_page import (
    PageWords,
    ShadedArea,
    Shading,
    class_edges,
    write_area_page,
    write_heat_page,
)

if TYPE_CHECKING:
    from pathlib import Path

WORDS = PageWords(
    title="结案率 <b>社区</b>",
    period="2026-11-01 – 2026-11-29",
    source="来源：监督指挥中心 · {{ 7 * 7 }} {% endraw %}",
    legend="结案率 & 应结案",
    nothing="无应结案件",
    language="zh-CN",
)
BORDER = json.dumps({"type": "Polygon", "coordinates": [[[111, 35], [111.1, 35], [111.1, 35.1], [111, 35]]]})
STREET = json.dumps({"type": "LineString", "coordinates": [[111, 35], [111.1, 35.1]]})
GROUND = Ground(zones=(Outline("中片区", "Centre", BORDER),), streets=(Outline("红旗街", "", STREET),))
SHARES = Shading("critical", strongest_low=True, percent=True)
EVIL = "</script><script>alert(1)</script>"


class Page(HTMLParser):
    """What a browser would load, and what stands on the page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.policy = ""
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.text = ""
        self.language = ""
        self._inside = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._inside = tag
        if tag in {"script", "style"}:
            (self.scripts if tag == "script" else self.styles).append("")
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = given["content"]
            assert not self.scripts, "the policy holds from the beginning"
        self.loaded += [given[name] for name in ("src", "href", "data", "poster", "srcset", "action") if name in given]
        if "style" in given:
            self.styles.append(given["style"])

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "style":
            self.styles[-1] += data
        else:
            self.text += data


def areas(*values: float | None) -> list[ShadedArea]:
    made = []
    for place, value in enumerate(values):
        west = 111 + place / 100
        ring = [[west, 35], [west + 0.01, 35], [west + 0.01, 35.01], [west, 35]]
        shape = json.dumps({"type": "Polygon", "coordinates": [ring]})
        made.append(ShadedArea(shape, value, (f"社区 {place}", "12", "{{ 7 * 7 }}")))
    return made


def page_of_areas(path: Path, *values: float | None) -> Page:
    write_area_page(path, WORDS, ("区域", "案件", "其他"), areas(*values), SHARES, GROUND)
    return Page(path)


def page_of_heat(path: Path, cells: list[tuple[float, float, float]]) -> Page:
    heat = Heat(int(sum(n for _, _, n in cells)), np.array(cells, dtype=np.float64).reshape(-1, 3))
    write_heat_page(path, WORDS, "少", "{n} 件以上", heat, GROUND)
    return Page(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def shaded(folder: Path) -> Page:
    return page_of_areas(folder / "areas.html", 0.5, 0.91, 0.92, 0.97, 1.0, 1.0, None)


@pytest.fixture(scope="module")
def heated(folder: Path) -> Page:
    return page_of_heat(folder / "heat.html", [(35.0, 111.0, 9.0), (35.05, 111.05, 1.0)])


@pytest.mark.parametrize("which", ["shaded", "heated"])
def test_a_page_loads_nothing_from_anywhere(which: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(which)
    assert page.loaded == []
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    for style in page.styles:
        assert "@import" not in style
        assert [url for url in re.findall(r"url\(([^)]*)\)", style) if not url.startswith("#")] == []
    ours = "".join(script for script in page.scripts if "Leaflet 1.9.4" not in script and "simpleheat" not in script)
    assert "http" not in ours
    assert "sourceMappingURL" not in "".join(page.scripts)
    assert "default-src 'none'" in page.policy
    assert "http" not in page.policy
    whole = "".join(page.scripts)
    for elsewhere in ("cdn", "jquery", "bootstrap", "openstreetmap", "unpkg", "googleapis"):
        assert elsewhere not in whole.lower()


@pytest.mark.parametrize("which", ["shaded", "heated"])
def test_a_page_says_what_it_shows_of_when_and_from_whom(which: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(which)
    assert page.language == "zh-CN"
    for words in (WORDS.title, WORDS.period, WORDS.source, WORDS.legend):
        assert words in page.text
    assert "b" not in page.tags, "a title is text, whatever it contains"
    assert json.dumps("中片区").strip('"') in "".join(page.scripts)


def test_the_legend_has_the_colours_of_the_areas_and_counts_them(shaded: Page) -> None:
    for words in ("50.0% – 91.0%", "97.0% – 100.0%", "无应结案件"):
        assert words in shaded.text
    colours = re.findall(r"background:(#[0-9a-f]{6})", "".join(shaded.styles))
    drawn = set(re.findall(r'"fillColor": "(#[0-9a-f]{6})"', "".join(shaded.scripts)))
    assert set(colours) < drawn, "besides these only the colour of what has no value"
    assert len(set(colours)) == len(colours)
    assert "&#123;&#123; 7 * 7 " in "".join(shaded.scripts).replace("\\u0026", "&"), (
        "what looks like a template is text"
    )


def test_names_with_markup_stay_names(tmp_path: Path) -> None:
    evil = [ShadedArea(areas(0.5)[0].geometry, 0.5, (EVIL, "1", "2"))]
    ground = Ground((Outline(EVIL, EVIL, GROUND.zones[0].geometry),), ())
    write_area_page(tmp_path / "page.html", WORDS, (EVIL, "b", "c"), evil, SHARES, ground)
    page = Page(tmp_path / "page.html")
    assert len(page.scripts) == len(page_of_areas(tmp_path / "plain.html", 0.5).scripts)
    assert "alert(1)" not in page.text
    assert "<script>alert" not in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_heat_tells_how_many_cases_the_strongest_colour_stands_for(heated: Page, tmp_path: Path) -> None:
    assert "9 件以上" in heated.text
    assert "L.heatLayer" in "".join(heated.scripts)
    empty = page_of_heat(tmp_path / "empty.html", [])
    assert "simpleheat" not in "".join(empty.scripts)
    assert WORDS.title in empty.text


def test_areas_without_any_value_and_a_city_without_zones_have_a_page(tmp_path: Path) -> None:
    page = page_of_areas(tmp_path / "none.html", None, None)
    assert WORDS.nothing in page.text
    write_area_page(tmp_path / "bare.html", WORDS, ("a", "b", "c"), [], SHARES, Ground((), ()))
    assert WORDS.title in Page(tmp_path / "bare.html").text


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([], [0, 0]),
        ([3, 3, 3], [3, 3]),
        ([1, 2], [1, 2]),
        (list(range(101)), [0, 19, 39, 60, 80, 100]),
        ([1.0] * 500 + [0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.2, 0.4, 0.5, 1.0]),
    ],
)
def test_classes_part_the_values_even_where_most_are_the_same(values: list[float], edges: list[float]) -> None:
    assert class_edges(values) == pytest.approx(edges, abs=1e-9)
    assert class_edges(values)[0] == min(values, default=0)
    assert class_edges(values)[-1] == max(values, default=0)


def test_a_folder_that_is_not_there_and_a_foreign_ending_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match=r"\.html, not to page\.pdf"):
        page_of_areas(tmp_path / "page.pdf", 0.5)
    with pytest.raises(ConsoleError, match="choose another folder"):
        page_of_areas(tmp_path / "no" / "page.html", 0.5)
    assert list(tmp_path.iterdir()) == []
