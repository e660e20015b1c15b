"""Frames of the map at 1920×1080 with every layer on: the full city, and one ten times larger."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from benchmarks import Row
from console.map import (
    ClusterRule,
    Extent,
    Features,
    LabelRule,
    Layer,
    LineStyle,
    MapCanvas,
    PointStyle,
    PolygonStyle,
    Stroke,
    Symbol,
    ThreadFetcher,
    WidthRule,
)
from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SIDE_M = 9_540.0
"""Side of a square city of 91 km²."""
CENTRE = 500_600.0, 3_877_500.0
STREETS = ["大禹街", "后稷街", "禹都大道", "河东街", "红旗街", "工农街", "条山街", "老东街", "潞村街", "铺安街"]
ROADS = ["凤凰路", "圣惠路", "解放路", "中银大道", "人民路", "学苑路", "禹西路", "周西路", "安中路", "双桥路"]
ZONES = ["西片区", "北片区", "中片区", "南片区", "东片区"]


class ThinnedSource:
    """Features in memory, answered like a database does: by extent, and only what matters when far.

    Args:
        features: all of them.
        importance: which of them are left, one share each from 0, always shown, to 1; none are left out without it.
        full_metres_per_pixel: nearest scale at which some are left out.
    """

    def __init__(
        self, features: Features, importance: NDArray[np.float64] | None = None, full_metres_per_pixel: float = np.inf
    ) -> None:
        self._features = features
        self._importance = importance
        self._full = full_metres_per_pixel

    def fetch(self, extent: Extent, metres_per_pixel: float) -> Features:
        """What meets `extent`."""
        found = self._features.touching(extent)
        if self._importance is not None and metres_per_pixel > self._full:
            found &= self._importance <= (self._full / metres_per_pixel) ** 2
        return self._features.subset(found)


class SyntheticCity:
    """Layers of a city with streets about every `SIDE_M` / 60 metres, `times` as many of everything."""

    def __init__(self, times: int = 1, seed: int = 20261122) -> None:
        self._rng = np.random.default_rng(seed)
        self.times = times
        self.side = SIDE_M * float(np.sqrt(times))
        left, bottom = CENTRE[0] - self.side / 2, CENTRE[1] - self.side / 2
        self.extent = Extent(left, bottom, left + self.side, bottom + self.side)

    def _bent(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places on a straight grid moved so that streets curve a little."""
        east = 90 * np.sin(y / 2_300 + 1) + 25 * np.sin(y / 600)
        north = 90 * np.sin(x / 2_700) + 25 * np.sin(x / 700 + 2)
        return np.stack((x + east, y + north), axis=-1)

    def _lanes(self, spacing: float) -> tuple[NDArray[np.float64], int]:
        number = round(self.side / spacing)
        return np.linspace(0, self.side, number + 1), number

    def zones(self) -> Features:
        """Five zones with dashed borders."""
        x0, y0, x1, y1 = self.extent.xmin, self.extent.ymin, self.extent.xmax, self.extent.ymax
        a, b, c, d = (self._bent(np.array(x), np.array(y)) for x, y in self._corners(0.36))
        w, n, e, s = self._rim(x0, y0, x0, y1), self._rim(x0, y1, x1, y1), self._rim(x1, y1, x1, y0), None
        s = self._rim(x1, y0, x0, y0)
        rings = [[*w, d, a], [*n, c, d], [a, d, c, b], [*s, a, b], [*e, b, c]]
        return Features.from_shapely(np.arange(5), [shapely.Polygon(r) for r in rings], {"name": np.array(ZONES)})

    def _corners(self, share: float) -> list[tuple[float, float]]:
        near, far = share * self.side, (1 - share) * self.side
        x, y = self.extent.xmin, self.extent.ymin
        return [(x + near, y + near), (x + far, y + near), (x + far, y + far), (x + near, y + far)]

    def _rim(self, x0: float, y0: float, x1: float, y1: float) -> list[NDArray[np.float64]]:
        share = np.linspace(0, 1, 40)
        return list(self._bent(x0 + share * (x1 - x0), y0 + share * (y1 - y0)))

    def grids(self) -> Features:
        """Unit grids of about 10 000 m²."""
        at, number = self._lanes(SIDE_M / 95)
        x, y = self.extent.xmin + at, self.extent.ymin + at
        corners = self._bent(*np.meshgrid(x, y))
        rings = np.stack((corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1], corners[:-1, :-1]), 2)
        rings = rings.reshape(-1, 5, 2)
        codes = np.array([f"140802{n:09d}" for n in range(number * number)])
        return Features.from_shapely(codes, np.asarray(shapely.polygons(rings)), {"code": codes})

    def streets(self) -> Features:
        """Named lines, every fourth one wide."""
        at, number = self._lanes(SIDE_M / 30)
        along = np.linspace(0, self.side, 20 * round(number / 6))
        lines, names, widths = [], [], []
        for index, offset in enumerate(at.tolist()):
            for names_of, swap in ((STREETS, False), (ROADS, True)):
                x, y = (np.full_like(along, offset), along) if swap else (along, np.full_like(along, offset))
                lines.append(shapely.LineString(self._bent(self.extent.xmin + x, self.extent.ymin + y)))
                names.append(names_of[index // 4 % len(names_of)] if index % 4 == 0 else "")
                widths.append(44.0 if index % 4 == 0 else 18.0)
        return Features.from_shapely(
            np.arange(len(lines)), lines, {"name": np.array(names), "width_m": np.array(widths)}
        )

    def _nodes(self) -> tuple[NDArray[np.float64], int]:
        at, number = self._lanes(SIDE_M / 82)
        return self._bent(*np.meshgrid(self.extent.xmin + at, self.extent.ymin + at)), number

    def pipes(self) -> tuple[Features, NDArray[np.float64]]:
        """Pipes between neighbouring manholes, and how dispensable each is when far."""
        nodes, number = self._nodes()
        east = np.stack((nodes[:, :-1], nodes[:, 1:]), 2).reshape(-1, 2, 2)
        south = np.stack((nodes[1:], nodes[:-1]), 2).reshape(-1, 2, 2)
        lanes = np.concatenate((np.repeat(np.arange(number + 1), number), np.tile(np.arange(number + 1), number)))
        system = np.array(["storm", "sanitary", "storm", "combined"])[lanes % 4]
        diameter = np.where(lanes % 8 == 0, 1200, np.where(lanes % 4 == 0, 800, np.array([300, 400, 500])[lanes % 3]))
        features = Features.from_shapely(
            np.arange(len(lanes)),
            np.asarray(shapely.linestrings(np.concatenate((east, south)))),
            {
                "system": system,
                "diameter_mm": diameter,
                "text": np.array([f"DN{d} · 3‰" for d in diameter.tolist()]),
            },
        )
        importance = np.where(diameter >= 800, 0.0, self._rng.uniform(0, 1, len(lanes)))
        return features, importance

    def manholes(self) -> Features:
        """Two manholes a node, a few of them defective."""
        nodes, _ = self._nodes()
        places = nodes.reshape(-1, 2)
        xy = np.concatenate((places, places + np.array((6.0, 4.0))))
        system = np.array(["storm", "sanitary", "combined"])[self._rng.integers(0, 3, len(xy))]
        state = np.where(self._rng.uniform(0, 1, len(xy)) < 0.01, "defect", system)
        return Features.from_xy(np.arange(len(xy)), xy[:, 0], xy[:, 1], {"state": state})

    def scattered(self, number: int, margin: float = 0.03) -> NDArray[np.float64]:
        """Places all over the city."""
        share = self._rng.uniform(margin, 1 - margin, (number * self.times, 2)) * self.side
        return self._bent(self.extent.xmin + share[:, 0], self.extent.ymin + share[:, 1])

    def components(self) -> Features:
        """60 thousand components."""
        xy = self.scattered(60_000)
        return Features.from_xy(np.arange(len(xy)), xy[:, 0], xy[:, 1])

    def cases(self) -> Features:
        """500 open cases, most of them within their limit."""
        xy = self.scattered(500)
        chance = self._rng.uniform(0, 1, len(xy))
        urgency = np.where(chance < 0.04, "overdue", np.where(chance < 0.14, "soon", "normal"))
        return Features.from_xy(np.arange(len(xy)), xy[:, 0], xy[:, 1], {"urgency": urgency})

    def flood_points(self) -> Features:
        """Flood points above the attention level."""
        xy = self.scattered(3, margin=0.25)
        level = np.array(["high", "high", "critical"] * self.times)
        text = np.array(["解放路立交桥 18 cm ↑", "学苑路 12 cm ↑", "禹西路 31 cm ↓"] * self.times)
        return Features.from_xy(np.arange(len(xy)), xy[:, 0], xy[:, 1], {"level": level, "text": text})

    def trucks(self) -> Features:
        """173 trucks on the move."""
        xy = self.scattered(173)
        number = len(xy)
        state = np.array(["loaded", "empty", "loaded", "empty", "silent"])[self._rng.integers(0, 5, number)]
        plate = np.array([f"晋M·D{n:04d}" for n in self._rng.integers(0, 10_000, number).tolist()])
        heading = self._rng.uniform(0, 360, number)
        return Features.from_xy(
            np.arange(number), xy[:, 0], xy[:, 1], {"state": state, "heading": heading, "plate": plate}
        )

    def layers(self) -> list[Layer]:
        """Every layer of the map, from bottom to top; trucks are live."""
        pipes, importance = self.pipes()
        return [
            Layer(
                "unit_grid",
                "单元网格",
                PolygonStyle(
                    Stroke("map_zone", 1, strength=0.25),
                    label=LabelRule("code", "centre", colour="disabled", size_px=11, max_metres_per_pixel=0.5),
                ),
                source=ThinnedSource(self.grids()),
                max_metres_per_pixel=4,
                group="区划",
            ),
            Layer(
                "street",
                "道路",
                LineStyle(
                    Stroke("map_street"),
                    width=WidthRule("width_m", 1.0, min_px=1, max_px=60, wide_from=40, wide_px=3),
                    label=LabelRule(
                        "name",
                        "along",
                        priority=10,
                        priority_attribute="width_m",
                        max_metres_per_pixel=20,
                    ),
                ),
                source=ThinnedSource(self.streets()),
                group="区划",
            ),
            Layer(
                "zone",
                "片区",
                PolygonStyle(
                    Stroke("map_zone", 1.3, dash_px=(7, 4)),
                    label=LabelRule("name", "centre", colour="text", size_px=15, bold=True, spacing_px=2, priority=100),
                ),
                source=ThinnedSource(self.zones()),
                group="区划",
            ),
            Layer(
                "pipe",
                "排水管网",
                LineStyle(
                    Stroke("secondary"),
                    attribute="system",
                    strokes={
                        "combined": Stroke("combined", strength=0.75, title="合流"),
                        "sanitary": Stroke("sanitary", strength=0.75, title="污水"),
                        "storm": Stroke("storm", strength=0.75, title="雨水"),
                    },
                    width=WidthRule("diameter_mm", 0.003, wide_from=800, wide_px=2),
                    arrows_max_metres_per_pixel=1.2,
                    fades_from_metres_per_pixel=5,
                    label=LabelRule("text", "along", size_px=11, max_metres_per_pixel=0.8, on_demand=True),
                ),
                source=ThinnedSource(pipes, importance, 8),
                group="排水",
            ),
            Layer(
                "manhole",
                "检查井",
                PointStyle(
                    Symbol("ring", fill="map_ground", outline="secondary", size_px=6, outline_px=1.2),
                    attribute="state",
                    symbols={
                        system: Symbol(
                            "ring", fill="map_ground", outline=system, size_px=6, outline_px=1.2, title=title
                        )
                        for system, title in (("storm", "雨水"), ("sanitary", "污水"), ("combined", "合流"))
                    }
                    | {"defect": Symbol("dot", fill="high", outline="map_ground", size_px=8, title="缺陷")},
                ),
                source=ThinnedSource(self.manholes()),
                max_metres_per_pixel=3,
                group="排水",
            ),
            Layer(
                "component",
                "部件",
                PointStyle(Symbol("square", fill="disabled", size_px=4)),
                source=ThinnedSource(self.components()),
                max_metres_per_pixel=1.5,
                group="城市管理",
            ),
            Layer(
                "case",
                "案件",
                PointStyle(
                    Symbol("ring", fill="map_ground", outline="secondary"),
                    attribute="urgency",
                    symbols={
                        "normal": Symbol("ring", fill="map_ground", outline="secondary", size_px=8, title="正常"),
                        "soon": Symbol("diamond", fill="medium", outline="map_ground", size_px=11, title="将超期"),
                        "overdue": Symbol("dot", fill="critical", outline="map_ground", size_px=10, title="超期"),
                    },
                    cluster=ClusterRule(4, ("overdue", "soon", "normal")),
                ),
                source=ThinnedSource(self.cases()),
                group="城市管理",
            ),
            Layer(
                "flood_point",
                "易涝点",
                PointStyle(
                    Symbol("triangle", fill="high", outline="map_ground", size_px=16),
                    attribute="level",
                    symbols={
                        "high": Symbol("triangle", fill="high", outline="map_ground", size_px=16, title="超警戒"),
                        "critical": Symbol(
                            "triangle", fill="critical", outline="map_ground", size_px=18, title="超危险"
                        ),
                    },
                    label=LabelRule("text", colour="text", bold=True, priority=200, offset_px=14),
                ),
                source=ThinnedSource(self.flood_points()),
                group="排水",
            ),
            Layer(
                "truck",
                "渣土车",
                PointStyle(
                    Symbol("arrow", outline="map_symbol", size_px=13),
                    attribute="state",
                    symbols={
                        "loaded": Symbol(
                            "arrow", fill="map_symbol", outline="map_ground", size_px=15, outline_px=1, title="重车"
                        ),
                        "empty": Symbol(
                            "arrow", fill="map_ground", outline="map_symbol", size_px=13, outline_px=1.3, title="空车"
                        ),
                        "silent": Symbol(
                            "arrow", outline="disabled", size_px=13, outline_px=1.2, dotted=True, title="静默"
                        ),
                    },
                    heading_attribute="heading",
                    label=LabelRule("plate", colour="text", max_metres_per_pixel=2.5),
                ),
                group="车辆",
            ),
        ]


def build_canvas(city: SyntheticCity, fetcher: ThreadFetcher, theme_name: str = "dark") -> MapCanvas:
    """A canvas of 1920×1080 pixels with every layer of `city`."""
    canvas = MapCanvas(theme(theme_name), fetcher, city.extent)
    for layer in city.layers():
        canvas.add_layer(layer)
    canvas.set_live("truck", city.trucks())
    canvas.resize(1920, 1080)
    canvas.show()
    return canvas


def settle(canvas: MapCanvas) -> None:
    """Let everything be fetched and painted."""
    while not canvas.is_settled:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _frames(canvas: MapCanvas, moves: int, zoom: float, pan: tuple[float, float]) -> tuple[list[float], float]:
    """Milliseconds of each frame of a gesture, and of the longest slice that was painted between and after."""
    canvas.picture.longest_slice_s = 0.0
    frames = []
    for _ in range(moves):
        begin = perf_counter()
        if zoom != 1.0:
            canvas.zoom(zoom, 700, 400)
        canvas.pan(*pan)
        canvas.repaint()
        frames.append(1000 * (perf_counter() - begin))
        QApplication.processEvents()
    settle(canvas)
    return frames, 1000 * canvas.picture.longest_slice_s


def _changes(canvas: MapCanvas, times: int) -> list[float]:
    """Milliseconds from the word that the cases of the whole city changed to the picture that shows it."""
    canvas.zoom_home()
    settle(canvas)
    found = []
    for _ in range(times):
        begin = perf_counter()
        canvas.layer("case").invalidate()
        settle(canvas)
        found.append(1000 * (perf_counter() - begin))
    return found


def rows() -> Iterator[Row]:
    """Frame times while panning and zooming, and how long the GUI thread was held by painting."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    for times, name in ((1, "full city"), (10, "city ten times larger")):
        fetcher = ThreadFetcher()
        canvas = build_canvas(SyntheticCity(times), fetcher)
        settle(canvas)
        slices: list[float] = []
        x, y = canvas.home.centre
        for scale, words in ((None, "whole city"), (2.0, "2 m/px"), (0.4, "0.4 m/px")):
            if scale is None:
                canvas.zoom_home()
            else:
                canvas.centre_on(x, y, scale)
            settle(canvas)
            frames: list[float] = []
            for pan in ((9.0, 5.0), (-9.0, -5.0), (-9.0, 3.0)):
                found, longest = _frames(canvas, 60, 1.0, pan)
                frames += found
                slices.append(longest)
            yield Row(f"map: pan frame, {name}, {words}", 16, 5, "ms", tuple(frames))
            frames = []
            for zoom in (1.06, 1 / 1.06, 1 / 1.06, 1.06):
                found, longest = _frames(canvas, 30, zoom, (0.0, 0.0))
                frames += found
                slices.append(longest)
            yield Row(f"map: zoom frame, {name}, {words}", 16, 5, "ms", tuple(frames))
        yield Row(f"map: changed cases to pixels, {name}", 300, 50, "ms", tuple(_changes(canvas, 30)))
        yield Row(f"map: longest slice on the GUI thread, {name}", 50, 16, "ms", tuple(slices))
        canvas.close()
        canvas.deleteLater()
        fetcher.close()
        application.processEvents()
