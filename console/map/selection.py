"""What is selected, and how it is shown above everything else."""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from console.map.cache import Sheet
from console.map.features import Features, GeometryKind
from console.map.layer import Layer
from console.map.store import LayerStore
from console.map.style import LineStyle, PointStyle, PolygonStyle, Stroke, Style, Symbol
from console.map.view import Extent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from console.map.layer import Fetcher
    from console.map.view import View

HIGHLIGHT: dict[GeometryKind, Style] = {
    GeometryKind.POINT: PointStyle(Symbol("ring", outline="accent", size_px=18, outline_px=2.5)),
    GeometryKind.LINE: LineStyle(Stroke("accent", 4)),
    GeometryKind.POLYGON: PolygonStyle(Stroke("accent", 2.5), fill="accent", fill_alpha=0.12),
}


class Selection(QObject):
    """Selected ids by layer, each with a live sheet that shows them.

    A selected feature that no answer of its layer holds is remembered and shown once one does.
    """

    changed = Signal(str, object)
    """Layer key, array of ids."""

    arrived = Signal(object)
    """The `Sheet` of a large selection is ready to be painted."""

    def __init__(self, fetcher: Fetcher, explain: Callable[[Exception], str], parent: QObject) -> None:
        super().__init__(parent)
        self._fetcher = fetcher
        self._explain = explain
        self._ids: dict[str, NDArray[Any]] = {}
        self._features: dict[str, Features] = {}
        self._sheets: dict[str, Sheet] = {}

    @property
    def sheets(self) -> list[Sheet]:
        """What shows the selection, a sheet a layer."""
        return list(self._sheets.values())

    @property
    def extent(self) -> Extent | None:
        """The smallest extent around the selected features that are known."""
        extents = [extent for features in self._features.values() if (extent := features.extent) is not None]
        return reduce(Extent.united, extents) if extents else None

    def ids(self, layer_key: str) -> NDArray[Any]:
        """The selected ids of a layer."""
        return self._ids.get(layer_key, np.empty(0, np.int64))

    def select(self, of: Sheet, ids: NDArray[Any], view: View) -> None:
        """Select features of one layer; none at all with empty `ids`."""
        key = of.layer.key
        if np.array_equal(self.ids(key), ids):
            return
        self._forget(key)
        if ids.size:
            self._ids[key] = ids
            prepared = of.store.best(view)
            if prepared is not None:
                self.renew(key, prepared.features)
        else:
            self._ids.pop(key, None)
        self.changed.emit(key, ids)

    def replace(self, ids: Mapping[str, NDArray[Any]], sheets: Iterable[Sheet], view: View) -> None:
        """Select these and nothing else."""
        for sheet in sheets:
            self.select(sheet, ids.get(sheet.layer.key, np.empty(0, np.int64)), view)

    def clear(self) -> bool:
        """Select nothing; returns whether anything was selected."""
        keys = list(self._ids)
        for key in keys:
            self.drop(key)
        return bool(keys)

    def drop(self, layer_key: str) -> None:
        """Select nothing of a layer."""
        if self._ids.pop(layer_key, None) is not None:
            self._forget(layer_key)
            self.changed.emit(layer_key, np.empty(0, np.int64))

    def renew(self, layer_key: str, features: Features) -> None:
        """Take the places of the selected features from a new answer of their layer."""
        ids = self._ids.get(layer_key)
        if ids is None:
            return
        chosen = features.with_ids(ids)
        known = self._features.get(layer_key)
        if not len(chosen) or (known is not None and len(chosen) < len(known)):
            return
        self._features[layer_key] = chosen
        sheet = self._sheets.get(layer_key)
        if sheet is None:
            layer = Layer(f"selection:{layer_key}", "", HIGHLIGHT[features.kind], identifiable=False, parent=self)
            sheet = self._sheets[layer_key] = Sheet(layer, LayerStore(layer, self._fetcher, self._explain, layer))
            sheet.store.arrived.connect(partial(self.arrived.emit, sheet))
        sheet.store.set_live(chosen)

    def _forget(self, layer_key: str) -> None:
        self._features.pop(layer_key, None)
        sheet = self._sheets.pop(layer_key, None)
        if sheet is not None:
            sheet.store.abandon()
            sheet.layer.deleteLater()
