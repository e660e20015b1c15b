"""What one layer's source has answered, and when it has to be asked again."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import floor, inf, log2
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.map.features import Features, GeometryKind
from console.map.layer import LayerState
from console.map.thinning import Prepared, prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.map.layer import Fetcher, Layer, LayerSource
    from console.map.view import Extent, View

ANSWERS_KEPT = 4
LIVE_VERTICES = 2_000
"""Live lines and polygons of more vertices are kept as an image like any other layer."""
SAID_S = 1.0
"""A live layer says as often as this that it was given something new."""
AROUND = 0.25
"""Share of the view that is asked for beyond each of its sides."""


def scale_level(metres_per_pixel: float) -> float:
    """The power of two at or below a scale: answers are asked and kept for whole octaves."""
    return 2.0 ** floor(log2(metres_per_pixel))


class ArraySource:
    """Features that are already in memory."""

    def __init__(self, features: Features) -> None:
        self._features = features

    def fetch(self, extent: Extent, metres_per_pixel: float) -> Features:
        """Those of the features whose bounds meet `extent`."""
        del metres_per_pixel
        return self._features.subset(self._features.touching(extent))


@dataclass(frozen=True)
class _Question:
    extent: Extent
    metres_per_pixel: float

    def answers(self, extent: Extent, metres_per_pixel: float) -> bool:
        return self.metres_per_pixel == metres_per_pixel and self.extent.contains(extent)


@dataclass
class _Answer:
    question: _Question
    prepared: Prepared
    is_stale: bool = False


class LayerStore(QObject):
    """Answers of one layer's source by extent and scale, newest last.

    Attributes:
        given: what a live layer was given.
        live: the same when it is few enough to be painted in every frame, else None.
    """

    arrived = Signal()
    """An answer or a failure came in."""

    def __init__(self, layer: Layer, fetcher: Fetcher, explain: Callable[[Exception], str], parent: QObject) -> None:
        super().__init__(parent)
        self.layer = layer
        self.given: Features | None = None
        self.live: Features | None = None
        self._fetcher = fetcher
        self._explain = explain
        self._source: LayerSource | None = layer.source
        self._answers: list[_Answer] = []
        self._asked: _Question | None = None
        self._ask_again = False
        self._live_prepared: Prepared | None = None

    @property
    def is_pending(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    @property
    def is_painted_live(self) -> bool:
        """Whether its features are painted in every frame instead of being kept as an image."""
        return self._source is None

    def set_live(self, features: Features) -> None:
        """Take new features of a live layer."""
        self._live_prepared = None
        self.given = features
        large = features.kind is not GeometryKind.POINT and len(features.xy) > LIVE_VERTICES
        self.live = None if large else features
        self._source = ArraySource(features) if large else None
        known, now = self.layer.state, time.monotonic()
        fresh = LayerState(len(features), answered_at=now)
        # What is given with every frame is not said with every frame.
        if now - (known.answered_at or -inf) > SAID_S or replace(known, answered_at=now) != fresh:
            self.layer.state = fresh
        if large:
            self.invalidate(None)
        else:
            self._answers.clear()
            self._asked = None

    def release(self) -> None:
        """Take no features from outside any more; the layer's own source is asked from now on."""
        self.given = self.live = self._live_prepared = None
        self._source = self.layer.source
        self._answers.clear()

    def want(self, view: View, margin_px: int) -> None:
        """Ask the source unless a fresh answer for `view` and a margin around it is there or on its way."""
        if self._source is None:
            return
        level = scale_level(view.metres_per_pixel)
        needed = view.padded(margin_px).extent
        if any(a.question.answers(needed, level) and not a.is_stale for a in self._answers):
            return
        if self._asked is not None and self._asked.answers(needed, level):
            return
        around = max(AROUND * max(view.width, view.height), margin_px) * view.metres_per_pixel
        self._ask(_Question(view.extent.grown(around), level))

    def invalidate(self, extent: Extent | None) -> None:
        """Mark what was answered within `extent`, or all, as out of date. It stays in use until it is replaced."""
        for answer in self._answers:
            if extent is None or answer.question.extent.intersects(extent):
                answer.is_stale = True
        if self._asked is not None and (extent is None or self._asked.extent.intersects(extent)):
            # The awaited answer may have been read before the change.
            self._ask_again = True

    def forget(self) -> None:
        """Drop every answer, for example because the style needs other preparation."""
        self._answers.clear()
        self._live_prepared = None
        if self._asked is not None:
            self._ask_again = True

    def abandon(self) -> None:
        """Take no answer any more: the layer is going."""
        self._asked = None
        self._source = None

    def best(self, view: View) -> Prepared | None:
        """What is shown in `view`: the newest answer for its scale, else for the nearest scale; None without any."""
        if self.live is not None:
            return self._prepared_live(view)
        level = scale_level(view.metres_per_pixel)
        extent = view.extent
        fitting = [a for a in self._answers if a.question.answers(extent, level)]
        if fitting:
            return fitting[-1].prepared
        touching = [a for a in self._answers if a.question.extent.intersects(extent)]
        if not touching:
            return None
        return min(reversed(touching), key=lambda a: abs(log2(a.question.metres_per_pixel) - log2(level))).prepared

    def _prepared_live(self, view: View) -> Prepared | None:
        level = scale_level(view.metres_per_pixel)
        known = self._live_prepared
        if known is None or known.metres_per_pixel != level:
            assert self.live is not None  # noqa: S101 - told to the type checker; the caller has looked
            known = self._live_prepared = prepare(self.live, self.layer.style, None, level)
        return known

    def _ask(self, question: _Question) -> None:
        source, style = self._source, self.layer.style
        if source is None:
            return
        self._asked = question
        self._ask_again = False
        self.layer.state = replace(self.layer.state, loading=True)

        def work() -> Prepared:
            features = source.fetch(question.extent, question.metres_per_pixel)
            prepared = prepare(features, style, question.extent, question.metres_per_pixel)
            if features.kind is not GeometryKind.POINT and len(features):
                # Computed here because the first click would otherwise pay for it.
                _ = features.bounds
            return prepared

        def done(prepared: Prepared) -> None:
            self._answered(question, prepared)

        def failed(fault: Exception) -> None:
            self._failed(question, fault)

        self._fetcher(f"map:{self.layer.key}", work, done, failed)

    def _answered(self, question: _Question, prepared: Prepared) -> None:
        if question is not self._asked:
            return
        self._asked = None
        self._answers = [
            a for a in self._answers if not (a.is_stale and a.question.metres_per_pixel == question.metres_per_pixel)
        ][1 - ANSWERS_KEPT :]
        self._answers.append(_Answer(question, prepared, is_stale=self._ask_again))
        self.layer.state = replace(
            self.layer.state,
            count=len(prepared.features),
            loading=False,
            failure="",
            answered_at=time.monotonic(),
        )
        if self._ask_again:
            self._ask(question)
        self.arrived.emit()

    def _failed(self, question: _Question, fault: Exception) -> None:
        if question is not self._asked:
            return
        self._asked = None
        self.layer.state = replace(self.layer.state, loading=False, failure=self._explain(fault))
        self.arrived.emit()
