"""Rain hanging from the top and water rising from below, on one axis of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QCursor
from PySide6.QtWidgets import QToolTip

from console.widgets.shared import figures
from console.widgets.shared.plots import AXIS_PX, Plot, TimeAxis
from console.widgets.shared.style import Look, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST_LEVEL_CM, LEAST_RAIN_MM = 5.0, 2.0
"""Less than this does not fill the chart: noise is not to look like a flood."""
HEADROOM = 1.9
"""Height of the chart in highest levels: the upper third is the rain's."""


@dataclass(frozen=True)
class LimitLine:
    """A dashed line at a depth, in the colour of a role (``medium``, ``high``, ``critical``), with its words."""

    depth_cm: float
    role: str
    words: str


class RainLevelChart(Plot):
    """Level and rain over one span; what was not measured, or cannot be, is shown as such."""

    def __init__(self) -> None:
        super().__init__({"bottom": TimeAxis()})
        look = Look.current()
        self._rain = pg.BarGraphItem(x=[0], height=[0], width=1, brush=look.storm, pen=None)
        self._level = pg.PlotDataItem(pen=pg.mkPen(look.text, width=1.5), connect="finite", antialias=True)
        self._level.setDownsampling(auto=True, method="peak")
        self._level.setClipToView(True)
        self._bad = pg.ScatterPlotItem(symbol="x", size=8, pen=pg.mkPen(look.medium, width=1.5), brush=None)
        self._limits: list[pg.InfiniteLine] = []
        self._gaps: list[pg.LinearRegionItem] = []
        for item in (self._rain, self._level, self._bad):
            self.addItem(item)
        self.limits: tuple[LimitLine, ...] = ()
        self.gaps: tuple[tuple[float, float], ...] = ()
        self._shown: tuple[NDArray[np.float64], ...] | None = None
        self.scene().sigMouseMoved.connect(self._on_move)

    def show_series(
        self,
        level: tuple[NDArray[np.float64], NDArray[np.float64]],
        rain: tuple[NDArray[np.float64], NDArray[np.float64]],
        span: tuple[float, float],
        limits: Sequence[LimitLine] = (),
        *,
        gaps: Sequence[tuple[float, float]] = (),
        bad_at: NDArray[np.float64] | None = None,
    ) -> None:
        """Show a span.

        Args:
            level: seconds since 1970, ascending, and centimetres at those times.
            rain: seconds since 1970, ascending, and millimetres since the reading before.
            span: first and last second shown.
            limits: depths that matter; of those above the water only the next one is drawn, and the lowest two always.
            gaps: begins and ends of what was not measured; no line is drawn there.
            bad_at: seconds since 1970 of readings that cannot be.
        """
        (level_at, level_cm), (rain_at, rain_mm) = level, rain
        deepest = float(np.nanmax(level_cm, initial=0.0))
        above = [place for place, limit in enumerate(limits) if limit.depth_cm > deepest]
        self.limits = tuple(limits[: max(2, above[0] + 1 if above else len(limits))])
        self.gaps = tuple(gaps)
        highest = max(deepest, *(limit.depth_cm for limit in self.limits), LEAST_LEVEL_CM)
        top = highest * HEADROOM
        breaks = [begin + 1.0 for begin, _ in gaps]
        places = np.searchsorted(level_at, breaks)
        self._level.setData(np.insert(level_at, places, breaks), np.insert(level_cm, places, np.nan))
        # Rain hangs down on a scale of its own.
        most = max(float(np.nanmax(rain_mm, initial=0.0)), LEAST_RAIN_MM)
        width = float(np.median(np.diff(rain_at))) * 0.8 if len(rain_at) > 1 else 240.0
        self._rain.setOpts(x=rain_at, y0=np.full(len(rain_at), top), height=-rain_mm / most * top / 3, width=width)
        bad = np.array([]) if bad_at is None else bad_at
        self._bad.setData(bad, np.full(len(bad), highest * 0.06))
        self._draw_limits()
        self._draw_gaps()
        self.setXRange(*span, padding=0)
        self.setYRange(0, top, padding=0)
        self.getAxis("left").setTicks([[(v, f"{v:g}") for v in _steps(highest)]])
        self._shown = (level_at, level_cm, rain_at, rain_mm)

    def _draw_limits(self) -> None:
        look = Look.current()
        for item in self._limits:
            self.removeItem(item)
        self._limits = []
        for limit in self.limits:
            item = pg.InfiniteLine(
                pos=limit.depth_cm,
                angle=0,
                pen=pg.mkPen(getattr(look, limit.role), width=1, style=Qt.PenStyle.DashLine),
                label=limit.words,
                labelOpts={
                    "anchors": [(0, 1), (0, 1)],
                    "position": 0.005,
                    "color": getattr(look, f"{limit.role}_text"),
                },
            )
            item.label.setFont(font(AXIS_PX))
            self._limits.append(item)
            self.addItem(item)

    def _draw_gaps(self) -> None:
        ground = QColor(Look.current().disabled)
        ground.setAlphaF(0.22)
        for item in self._gaps:
            self.removeItem(item)
        self._gaps = [pg.LinearRegionItem(gap, movable=False, brush=ground, pen=pg.mkPen(None)) for gap in self.gaps]
        for item in self._gaps:
            item.setZValue(-10)
            self.addItem(item)

    def tip_at(self, at: float) -> str:
        """What was measured around a time, seconds since 1970; empty where nothing was."""
        if self._shown is None or any(begin < at < end for begin, end in self.gaps):
            return ""
        level_at, level_cm, rain_at, rain_mm = self._shown
        words = []
        if len(level_at):
            place = int(np.abs(level_at - at).argmin())
            words.append(
                f"{figures.clock(datetime.fromtimestamp(level_at[place], figures.CITY_TIME))}  {level_cm[place]:.1f} cm"
            )
        if len(rain_at):
            hour = rain_mm[(rain_at > at - 3600) & (rain_at <= at)].sum()
            words.append(f"{hour:.1f} mm/h")
        return "  ".join(words)

    def _on_move(self, position: Any) -> None:
        area = self.getPlotItem().vb
        if not area.sceneBoundingRect().contains(position):
            return
        text = self.tip_at(float(area.mapSceneToView(position).x()))
        QToolTip.showText(QCursor.pos() + QPoint(12, 12), text, self)


def _steps(highest: float) -> list[float]:
    """Two or three round values up to `highest`."""
    raw = highest / 2
    power = 10 ** np.floor(np.log10(raw))
    step = float(min((1, 2, 5, 10), key=lambda f: abs(f * power - raw)) * power)
    return [step * i for i in range(int(highest // step) + 1)]
