"""A view of layers: which there are, what is asked for them and when, and the picture that is painted of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PySide6.QtCore import Signal

from console.map.cache import MARGIN_PX, Backdrop, Picture, Sheet
from console.map.selection import Selection
from console.map.store import LayerStore
from console.map.view_widget import ViewWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from console.map.features import Features
    from console.map.layer import Fetcher, Layer
    from console.map.view import Extent
    from console.theme import Theme

PATIENCE_MS = 120
"""So long the picture waits for answers before it is painted from what is there."""
NOTE_AFTER_S = 0.4
"""Loading is mentioned only when it takes longer than this."""

T = TypeVar("T")


class LayerWidget(ViewWidget):
    """Keeps the picture of its layers up to date with the view.

    Args:
        theme: colours; changed by `set_theme`.
        fetcher: runs the layers' questions off the GUI thread.
        home: what the Home key shows, and what is shown first.
        explain: the sentence that is shown for a failed question, in the user's language.
    """

    selection_changed = Signal(str, object)
    """Layer key, array of selected ids."""
    theme_changed = Signal(object)
    """The `Theme` that is now in use."""
    layers_changed = Signal()
    """Layers were added or removed."""

    def __init__(
        self,
        theme: Theme,
        fetcher: Fetcher,
        home: Extent,
        *,
        explain: Callable[[Exception], str] = str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(home, parent)
        self._fetcher = fetcher
        self._explain = explain
        self._sheets: list[Sheet] = []
        self._picture = Picture(theme, self.devicePixelRatioF(), self)
        self._picture.updated.connect(self.update)
        self._selection = Selection(fetcher, explain, self)
        self._selection.arrived.connect(self._arrived)
        self._selection.changed.connect(self._selection_changed)
        self._asked_at = time.monotonic()
        self._patience = self._single_shot(PATIENCE_MS, self._aim)
        self._changed = self._single_shot(0, self._look)
        self._note_later = self._single_shot(round(1000 * NOTE_AFTER_S) + 20, self.update)

    # Layers

    @property
    def layers(self) -> list[Layer]:
        """Layers from bottom to top."""
        return [sheet.layer for sheet in self._sheets]

    def layer(self, key: str) -> Layer:
        """The layer called `key`.

        Raises:
            KeyError: there is none.
        """
        return self._sheet(key).layer

    def add_layer(self, layer: Layer, below: str | None = None) -> None:
        """Put a layer on top, or below the one called `below`. Live layers are above all others anyway.

        Raises:
            ValueError: a layer of that key is there already.
        """
        if any(sheet.layer.key == layer.key for sheet in self._sheets):
            raise ValueError(f"two layers called {layer.key}")
        if layer.parent() is None:
            layer.setParent(self)
        store = LayerStore(layer, self._fetcher, self._explain, self)
        sheet = Sheet(layer, store, prepared_style=layer.style)
        position = len(self._sheets) if below is None else self._sheets.index(self._sheet(below))
        self._sheets.insert(position, sheet)
        layer.looks_changed.connect(lambda: self._looks_changed(sheet))
        layer.invalidated.connect(lambda extent: self._invalidated(sheet, extent))
        store.arrived.connect(lambda: self._arrived(sheet))
        self._sheets_changed()
        self.layers_changed.emit()

    def remove_layer(self, key: str) -> None:
        """Take a layer off the map."""
        sheet = self._sheet(key)
        self._sheets.remove(sheet)
        self._selection.drop(key)
        sheet.store.abandon()
        sheet.store.deleteLater()
        sheet.layer.deleteLater()
        self._sheets_changed()
        self.layers_changed.emit()

    def set_live(self, key: str, features: Features) -> None:
        """Give a live layer its features; they are painted with the next frame."""
        sheet = self._sheet(key)
        was_image = not sheet.store.is_painted_live
        sheet.store.set_live(features)
        self._selection.renew(key, features)
        if was_image or not sheet.store.is_painted_live:
            self._changed.start()
        self.update()

    def release(self, key: str) -> None:
        """Let a layer that was given features ask its own source again."""
        self._sheet(key).store.release()
        self._changed.start()
        self.update()

    def live_features(self, key: str) -> Features | None:
        """What a live layer was given last; None before and for other layers."""
        return self._sheet(key).store.given

    def features_of(self, keys: Sequence[str]) -> list[Features]:
        """What is seen of these layers now."""
        seen = [s for s in self._sheets if s.layer.key in keys and s.layer.is_seen(self._view.metres_per_pixel)]
        return [prepared.features for sheet in seen if (prepared := sheet.store.best(self._view)) is not None]

    def fetch(
        self, key: str, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run work of the map off the GUI thread, like the questions of its layers."""
        self._fetcher(key, work, done, failed)

    def set_backdrop(self, backdrop: Backdrop | None) -> None:
        """Lay a base map below all layers, or none."""
        self._picture.backdrop = backdrop
        self._picture.backdrop_changed()
        self._changed.start()

    def backdrop_changed(self) -> None:
        """Say that the base map has more tiles or another opacity than when it was painted."""
        self._picture.backdrop_changed()

    @property
    def is_settled(self) -> bool:
        """Whether the picture shows the view, with everything that is known, and nothing is awaited."""
        return not (
            self._rest.isActive()
            or self._patience.isActive()
            or self._changed.isActive()
            or self._picture.is_busy
            or any(self._is_awaited(sheet) for sheet in self._all_sheets())
            or (self._picture.backdrop is not None and self._picture.backdrop.is_pending)
        )

    def zoom_to_layer(self, key: str) -> None:
        """Show all that is known of a layer."""
        extent = self._known_extent(self._sheet(key))
        if extent is not None:
            self.zoom_to(extent)

    # Selection

    def select(self, layer_key: str, ids: ArrayLike) -> None:
        """Select features of a layer by id; other layers keep their selection."""
        self._selection.select(self._sheet(layer_key), np.asarray(ids), self._view)

    def selected(self, layer_key: str) -> np.ndarray:
        """The selected ids of a layer."""
        return self._selection.ids(layer_key)

    def clear_selection(self) -> bool:
        """Select nothing; returns whether anything was selected."""
        return self._selection.clear()

    def zoom_to_selection(self) -> None:
        """Show all that is selected."""
        extent = self._selection.extent
        if extent is not None:
            self.zoom_to(extent, margin_px=80)

    def reveal_selection(self) -> None:
        """Bring the middle of what is selected out from under panels and into the map."""
        extent = self._selection.extent
        if extent is not None:
            self.reveal(*extent.centre)

    # Looks

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._picture.theme

    def set_theme(self, theme: Theme) -> None:
        """Use other colours; nothing is asked again."""
        self._picture.reset(theme, self.devicePixelRatioF())
        self.update()
        self.theme_changed.emit(theme)

    @property
    def picture(self) -> Picture:
        """The composed image of all layers that are not live."""
        return self._picture

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        """Ask and paint what changed while nobody looked."""
        super().showEvent(event)
        self._changed.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop painting; what was painted is kept."""
        super().hideEvent(event)
        self._picture.close()

    # Inside

    def _sheet(self, key: str) -> Sheet:
        for sheet in self._sheets:
            if sheet.layer.key == key:
                return sheet
        raise KeyError(key)

    def _all_sheets(self) -> list[Sheet]:
        """Layers and, above them, what is selected of each."""
        return self._sheets + self._selection.sheets

    def _sheets_changed(self) -> None:
        self._picture.sheets = self._all_sheets()
        self._changed.start()

    def _known_extent(self, sheet: Sheet) -> Extent | None:
        prepared = sheet.store.best(self._view)
        return None if prepared is None else prepared.features.extent

    def _move_on(self) -> None:
        composed = self._picture.composed
        if composed is not None and not self._picture.is_busy and not composed.view.extent.contains(self._view.extent):
            # A long drag has reached the rim of what is painted: go on painting while the hand moves.
            self._look()

    def _is_awaited(self, sheet: Sheet) -> bool:
        return sheet.is_seen(self._view) and sheet.store.is_pending

    def _look(self) -> None:
        if not self.isVisible():
            # Nobody looks: it is asked when the map is shown again.
            return
        for sheet in self._all_sheets():
            if sheet.layer.is_seen(self._view.metres_per_pixel):
                sheet.store.want(self._view, MARGIN_PX)
        if self._picture.backdrop is not None:
            self._picture.backdrop.want(self._view.padded(MARGIN_PX))
        self._asked_at = time.monotonic()
        if any(self._is_awaited(sheet) for sheet in self._all_sheets()):
            self._patience.start()
            self._note_later.start()
        else:
            self._aim()

    def _aim(self) -> None:
        self._patience.stop()
        self._picture.aim(self._view)

    def _arrived(self, sheet: Sheet) -> None:
        sheet.is_dirty = True
        prepared = sheet.store.best(self._view)
        if prepared is not None:
            self._selection.renew(sheet.layer.key, prepared.features)
        if not self._rest.isActive() and not any(self._is_awaited(s) for s in self._all_sheets()):
            self._aim()
        elif not self._patience.isActive() and not self._rest.isActive():
            self._patience.start()
        self.update()

    def _invalidated(self, sheet: Sheet, extent: Extent | None) -> None:
        sheet.store.invalidate(extent)
        if not self._changed.isActive():
            self._changed.start()

    def _looks_changed(self, sheet: Sheet) -> None:
        if sheet.prepared_style is not sheet.layer.style:
            sheet.prepared_style = sheet.layer.style
            sheet.store.forget()
            sheet.is_dirty = True
        self._changed.start()
        self.update()

    def _selection_changed(self, layer_key: str, ids: object) -> None:
        self._sheets_changed()
        self.update()
        self.selection_changed.emit(layer_key, ids)
