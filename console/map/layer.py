"""A layer: where its features come from, how they look, and when they are seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from console.map.features import Features
    from console.map.style import Style
    from console.map.view import Extent

T = TypeVar("T")
Tip = Callable[["Features", int], str]


class LayerSource(Protocol):
    """Gives the features of one layer."""

    def fetch(self, extent: Extent, metres_per_pixel: float) -> Features:
        """Features that meet `extent` (metres, EPSG:4546), thinned out to what can be told apart at the scale.

        Called off the GUI thread. `metres_per_pixel` is a power of two, the finest scale the answer will be shown at.
        """
        ...


class Fetcher(Protocol):
    """Runs work off the GUI thread; of several calls with one key only the latest is answered."""

    def __call__(
        self, key: str, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run `work` in another thread, then `done` or `failed` on the GUI thread."""
        ...


@dataclass(frozen=True)
class LayerState:
    """What is known of a layer's data.

    Attributes:
        count: features in the latest answer; None before the first.
        loading: whether an answer is awaited.
        failure: why the latest question had no answer; empty when it had one.
        answered_at: `time.monotonic()` of the latest answer; None before the first.
    """

    count: int | None = None
    loading: bool = False
    failure: str = ""
    answered_at: float | None = None

    @property
    def age_s(self) -> float | None:
        """Seconds since the latest answer."""
        return None if self.answered_at is None else time.monotonic() - self.answered_at


class Layer(QObject):
    """One layer of the map. Without a source it is live: its features are set on the canvas and painted each frame.

    Args:
        key: unique on a canvas.
        title: in the user's language.
        style: how its features look.
        source: where they come from; None for a live layer.
        min_metres_per_pixel: nearest scale at which it is seen.
        max_metres_per_pixel: farthest scale at which it is seen.
        visible: whether it is turned on.
        opacity: 0 to 1.
        group: heading under which the layer tree puts it.
        tip: text for the feature at an index, shown when the pointer rests on it.
        identifiable: whether clicks and rectangles find its features.
        labels: whether texts that are shown on demand are shown.
        passing: whether it shows what is looked at just now, as the track of a truck: it is listed while there is some.
    """

    looks_changed = Signal()
    """Visibility, opacity, labels or style changed."""
    invalidated = Signal(object)
    """The data changed within an `Extent`, or anywhere (None)."""
    state_changed = Signal()
    """`state` or `note` changed."""

    def __init__(
        self,
        key: str,
        title: str,
        style: Style,
        *,
        source: LayerSource | None = None,
        min_metres_per_pixel: float = 0.0,
        max_metres_per_pixel: float = inf,
        visible: bool = True,
        opacity: float = 1.0,
        group: str = "",
        tip: Tip | None = None,
        identifiable: bool = True,
        labels: bool = False,
        passing: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.key = key
        self.title = title
        self.source = source
        self.min_metres_per_pixel = min_metres_per_pixel
        self.max_metres_per_pixel = max_metres_per_pixel
        self.group = group
        self.tip = tip
        self.identifiable = identifiable
        self.passing = passing
        self._style = style
        self._visible = visible
        self._opacity = opacity
        self._labels = labels
        self._state = LayerState()
        self._note = ""

    @property
    def is_live(self) -> bool:
        """Whether its features are set from outside and painted each frame."""
        return self.source is None

    @property
    def style(self) -> Style:
        """How its features look."""
        return self._style

    @style.setter
    def style(self, style: Style) -> None:
        if style != self._style:
            self._style = style
            self.looks_changed.emit()

    @property
    def visible(self) -> bool:
        """Whether it is turned on."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        if visible != self._visible:
            self._visible = visible
            self.looks_changed.emit()

    @property
    def opacity(self) -> float:
        """From 0, nothing, to 1, solid."""
        return self._opacity

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        opacity = min(max(opacity, 0.0), 1.0)
        if opacity != self._opacity:
            self._opacity = opacity
            self.looks_changed.emit()

    @property
    def labels(self) -> bool:
        """Whether texts that are shown on demand are shown."""
        return self._labels

    @labels.setter
    def labels(self, labels: bool) -> None:
        if labels != self._labels:
            self._labels = labels
            self.looks_changed.emit()

    @property
    def note(self) -> str:
        """A few words after the title in the layer tree, for example how many terminals are silent."""
        return self._note

    @note.setter
    def note(self, note: str) -> None:
        if note != self._note:
            self._note = note
            self.state_changed.emit()

    @property
    def state(self) -> LayerState:
        """What is known of its data."""
        return self._state

    @state.setter
    def state(self, state: LayerState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def in_scale(self, metres_per_pixel: float) -> bool:
        """Whether the scale is one at which it is seen."""
        return self.min_metres_per_pixel <= metres_per_pixel <= self.max_metres_per_pixel

    def is_seen(self, metres_per_pixel: float) -> bool:
        """Whether it is turned on and in scale."""
        return self._visible and self._opacity > 0 and self.in_scale(metres_per_pixel)

    def invalidate(self, extent: Extent | None = None) -> None:
        """Say that the data changed, within `extent` or anywhere; what is shown stays until the new has come."""
        self.invalidated.emit(extent)
