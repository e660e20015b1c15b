"""Plots in the look of the window: quiet axes, grey data, colour for what is chosen or wrong."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame

from console.widgets.shared import figures
from console.widgets.shared.style import Look, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

AXIS_PX = 11
DAY_S = 86_400
CITY_OFFSET_S = -8 * 3600
"""Seconds from the city's time to UTC, the way pyqtgraph counts; Asia/Shanghai has no daylight saving time."""


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot without menus, buttons and mouse modes; time series of many points are thinned and clipped."""

    def __init__(self, axes: dict[str, pg.AxisItem] | None = None) -> None:
        look = Look.current()
        pg.setConfigOptions(foreground=look.secondary)
        super().__init__(background=look.panel, axisItems=axes, enableMenu=False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.getPlotItem().setContentsMargins(0, 0, 0, 0)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(look.line))
            axis.setTextPen(pg.mkPen(look.secondary))
            axis.setStyle(tickFont=font(AXIS_PX), tickLength=-3, tickTextOffset=4)
        self.getAxis("left").setWidth(34)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


class CountAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis of counts: no ticks between whole numbers."""

    def tickSpacing(self, least: float, greatest: float, size: float) -> list[tuple[float, float]]:
        """Distances between ticks and where they begin, the coarsest first."""
        whole = [(step, begin) for step, begin in super().tickSpacing(least, greatest, size) if step >= 1]
        return whole or [(1.0, 0.0)]


class BarChart(Plot):
    """Counts by hour or day; one bar can be marked as the present one.

    Bars stand at 0 … n-1.
    """

    clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__({"left": CountAxis("left")})
        self._bars = pg.BarGraphItem(x=[0], height=[0], width=0.72, pen=None)
        self.addItem(self._bars)
        self._usual: Any = None
        self._names: Sequence[str] = ()
        self._values: NDArray[Any] = np.empty(0)
        self.scene().sigMouseClicked.connect(self._on_click)
        self.scene().sigMouseMoved.connect(self._on_move)

    def show_bars(
        self, names: Sequence[str], values: Sequence[float], marked: int | None = None, every: int = 1
    ) -> None:
        """Show one bar a name; every `every`-th name is written; the bar `marked` stands out."""
        look = Look.current()
        self._names, self._values = names, np.asarray(values, float)
        brushes = [pg.mkBrush(look.accent if i == marked else look.disabled) for i in range(len(names))]
        self._bars.setOpts(
            x=np.arange(len(names)),
            height=self._values,
            width=0.72,
            brushes=brushes,
            pens=[pg.mkPen(None)] * len(names),
        )
        self.getAxis("bottom").setTicks([[(i, n) for i, n in enumerate(names) if i % every == 0]])
        top = float(self._values.max(initial=1.0)) or 1.0
        self.setXRange(-0.5, len(names) - 0.5, padding=0.01)
        self.setYRange(0, top * 1.08, padding=0)

    def show_usual(self, values: Sequence[float]) -> None:
        """Mark what is usual at each bar with a fine line."""
        look = Look.current()
        ends = np.repeat(np.arange(len(values), dtype=float), 2)
        ends[0::2] -= 0.42
        ends[1::2] += 0.42
        if self._usual is None:
            self._usual = pg.PlotDataItem(pen=pg.mkPen(look.secondary, width=1), connect="pairs")
            self.addItem(self._usual)
        self._usual.setData(ends, np.repeat(np.asarray(values, float), 2))
        top = max(float(self._values.max(initial=0.0)), max(values, default=0.0), 1.0)
        self.setYRange(0, top * 1.08, padding=0)

    def _place(self, scene_pos: Any) -> int | None:
        x = round(self.getPlotItem().vb.mapSceneToView(scene_pos).x())
        return x if 0 <= x < len(self._names) else None

    def _on_click(self, event: Any) -> None:
        if (place := self._place(event.scenePos())) is not None:
            self.clicked.emit(place)

    def _on_move(self, position: Any) -> None:
        place = self._place(position)
        self.setToolTip("" if place is None else f"{self._names[place]}: {figures.count(self._values[place])}")


class TimeAxis(pg.DateAxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Times of the city, as hours within a day and as month and day beyond, in every language."""

    def __init__(self) -> None:
        super().__init__(orientation="bottom", utcOffset=CITY_OFFSET_S)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """What stands at the ticks, which are seconds since 1970."""
        del scale
        pattern = "%m-%d" if spacing >= DAY_S else "%H:%M"
        return [datetime.fromtimestamp(value, figures.CITY_TIME).strftime(pattern) for value in values]


class TimeChart(Plot):
    """One line over time."""

    def __init__(self) -> None:
        super().__init__({"bottom": TimeAxis()})
        look = Look.current()
        fill = QColor(look.disabled)
        fill.setAlphaF(0.18)
        self._line = pg.PlotDataItem(pen=pg.mkPen(look.secondary, width=1.5), fillLevel=0, brush=fill, stepMode="right")
        self._line.setDownsampling(auto=True, method="peak")
        self._line.setClipToView(True)
        self.addItem(self._line)

    def show_series(self, at: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        """Show values at seconds since 1970, ascending."""
        self._line.setData(at, values)
        if len(at):
            self.setXRange(float(at[0]), float(at[-1]), padding=0)
        self.setYRange(0, max(float(np.nanmax(values, initial=1.0)), 1.0) * 1.1, padding=0)


class SpeedChart(Plot):
    """Speed over time; a click tells the time that was pointed at. Where nothing was heard there is no line."""

    pointed = Signal(float)
    """Seconds since 1970."""

    def __init__(self) -> None:
        super().__init__({"bottom": TimeAxis()})
        look = Look.current()
        self._line = pg.PlotDataItem(pen=pg.mkPen(look.secondary, width=1.2), connect="finite")
        self._line.setDownsampling(auto=True, method="peak")
        self._line.setClipToView(True)
        self._instant = pg.InfiniteLine(angle=90, pen=pg.mkPen(look.accent, width=1.5))
        self._instant.hide()
        for item in (self._line, self._instant):
            self.addItem(item)
        self.scene().sigMouseClicked.connect(self._on_click)

    def mark(self, at: float | None) -> None:
        """Mark an instant, seconds since 1970; None marks none."""
        self._instant.setVisible(at is not None)
        if at is not None:
            self._instant.setValue(at)

    def show_speed(
        self, at: NDArray[np.float64], speed_kmh: NDArray[np.float64], gaps: Sequence[tuple[float, float]]
    ) -> None:
        """Show speeds at seconds since 1970, ascending, with the line left out in the `gaps`."""
        breaks = [since + 1.0 for since, _ in gaps]
        places = np.searchsorted(at, breaks)
        self._line.setData(np.insert(at, places, breaks), np.insert(speed_kmh, places, np.nan))
        self.setXRange(float(at[0]), float(max(at[-1], at[0] + 60)), padding=0)
        self.setYRange(0, max(float(speed_kmh.max(initial=0.0)), 60.0) * 1.05, padding=0)

    def _on_click(self, event: Any) -> None:
        self.pointed.emit(float(self.getPlotItem().vb.mapSceneToView(event.scenePos()).x()))
