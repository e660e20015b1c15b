"""What the map shows in each workspace: the layers that its work needs, until a person chooses otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.map.layer_tree import LayerTree
    from console.widgets.shared.desk import Desk
    from console.widgets.shell.window import MainWindow

NETWORK = {"pipe": 1.0, "gully": 1.0, "manhole": 1.0, "outfall": 1.0, "pump_station": 1.0}
PRESETS: Mapping[str, Mapping[str, float]] = {
    "dispatch": {"zone": 1.0, "street": 1.0, "case": 1.0, "flood_point": 1.0, "alarm": 1.0, "vehicle": 0.55},
    "drainage": {"zone": 0.7, "street": 1.0, **NETWORK},
    "fleet": {
        "zone": 0.7,
        "street": 1.0,
        "site": 1.0,
        "traffic_area": 1.0,
        "route_permit": 1.0,
        "edited_area": 1.0,
        "edited_route": 1.0,
        "finding_line": 1.0,
        "finding_mark": 1.0,
        "truck_route": 0.3,
        "truck_track": 1.0,
        "track": 1.0,
        "track_offset": 1.0,
        "truck_stop": 1.0,
        "alarm": 1.0,
        "vehicle": 1.0,
    },
    "flood": {
        "zone": 0.7,
        "street": 1.0,
        "trunk": 0.6,
        "outfall": 1.0,
        "pump_station": 1.0,
        "rain_gauge": 1.0,
        "flood_point": 1.0,
        "alarm": 1.0,
        "helper": 1.0,
    },
    "supervision": {"zone": 1.0, "street": 1.0, "case": 1.0},
    "alarm_rules": {"zone": 0.7, "street": 1.0, "would_be": 1.0},
    "audit": {},
    "configuration": {},
    "past": dict.fromkeys(("zone", "street", "case", "rain_gauge", "flood_point", "alarm", "vehicle"), 1.0),
}
"""Opacity of each layer that a workspace shows, or any of them while the clock shows the past; it hides the others."""


class LayerPresets(QObject):
    """Gives the map the layers of the workspace in front; what a person changed there is remembered."""

    def __init__(self, desk: Desk, window: MainWindow, tree: LayerTree) -> None:
        super().__init__(window)
        self._desk, self._tree = desk, tree
        self._workspace = ""
        self._usual = {layer.key: layer.opacity for layer in desk.canvas.layers}
        window.workspace_changed.connect(self._enter)
        self._window = window
        desk.clock.turned.connect(self._on_turned)
        tree.switched.connect(self._remember)
        tree.faded.connect(self._remember_opacity)

    def _on_turned(self) -> None:
        if self._window.current is not None:
            self._enter(self._window.current.key)

    def _enter(self, workspace: str) -> None:
        self._workspace = workspace = workspace if self._desk.clock.is_live else "past"
        preset = PRESETS[workspace]
        for layer in self._desk.canvas.layers:
            usual = layer.key in preset
            layer.visible = bool(self._desk.memory.value(self._key(layer.key), usual, type=bool))
            usual_opacity = preset.get(layer.key, self._usual[layer.key])
            layer.opacity = float(str(self._desk.memory.value(self._key(layer.key, "opacity"), usual_opacity)))
        self._tree.fold_groups()

    def _remember(self, layer: str, on: bool) -> None:
        self._desk.memory.setValue(self._key(layer), on)

    def _remember_opacity(self, layer: str, opacity: float) -> None:
        self._desk.memory.setValue(self._key(layer, "opacity"), opacity)

    def _key(self, layer: str, what: str = "layers") -> str:
        return f"{what}/{self._workspace}/{layer}"
