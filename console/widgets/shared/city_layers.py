"""The layers of the city's map: what each is made of, how it looks, and when it is asked for anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication

from console.map.features import Features, GeometryKind
from console.map.layer import Layer
from console.map.style import (
    ClusterRule,
    LabelRule,
    LineStyle,
    PointStyle,
    PolygonStyle,
    Shape,
    Stroke,
    Style,
    Symbol,
    WidthRule,
)
from console.models import areas, cases, components, drainage, haulage
from console.models.drainage.layers import GULLIES_UP_TO, MANHOLES_UP_TO
from console.models.haulage.routes import CORRIDOR_M
from console.models.layers import Extent as ModelExtent
from console.models.layers import LayerData
from console.models.tracks import BANDS_KMH, FAR_M
from console.widgets.shared.map_tips import tips
from console.widgets.shared.operations import current_connection, give_way
from console.widgets.shared.words import COMPONENT_STATE, SYSTEM, URGENCY, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.map.canvas import MapCanvas
    from console.map.view import Extent

Query = Callable[["Connection", ModelExtent, float], LayerData]


@dataclass(frozen=True)
class ModelSource:
    """A layer source that asks a model's layer query, on the connection of the operation that runs it.

    Attributes:
        query: of the model.
        kind: what its features are.
        derive: adds attributes that depend on the window, such as the light of a case now.
    """

    query: Query
    kind: GeometryKind
    derive: Callable[[LayerData], dict[str, np.ndarray]] | None = None

    def fetch(self, extent: Extent, metres_per_pixel: float) -> Features:
        """Features within `extent`; runs on a thread of the pool."""
        wanted = ModelExtent(extent.xmin, extent.ymin, extent.xmax, extent.ymax)
        found = features(self.query(current_connection(), wanted, metres_per_pixel), self.kind, self.derive)
        give_way()
        return found


def features(
    data: LayerData, kind: GeometryKind, derive: Callable[[LayerData], dict[str, np.ndarray]] | None = None
) -> Features:
    """The map's form of a model's answer."""
    attributes = {**data.attributes, **(derive(data) if derive is not None else {})}
    return Features.from_shapely(data.ids, data.geometries, attributes, kind)


def case_lights(found: Mapping[str, np.ndarray], at: float | None = None) -> dict[str, np.ndarray]:
    """Light of each case, at an instant or now: ``overdue`` past its limit, ``due`` from 80 %, else ``normal``."""
    now = time.time() if at is None else at
    light = np.full(len(found["due_at"]), "normal", dtype="U7")
    light[found["warn_at"] <= now] = "due"
    light[found["due_at"] <= now] = "overdue"
    return {"light": light}


def add_city_layers(canvas: MapCanvas, language: str) -> None:
    """Put every layer of the city on `canvas`, from the ground up, titled in the language of the window."""
    translate = QCoreApplication.translate
    name = "name" if language == "zh_CN" else "name_en"
    ground, network, live = translate("layers", "City"), translate("layers", "Drainage"), translate("layers", "Live")
    haul = translate("layers", "Haulage")

    tip_of = tips(language)

    def add(
        key: str,
        title: str,
        group: str,
        style: Style,
        query: Query | None = None,
        *,
        kind: GeometryKind = GeometryKind.POINT,
        farthest: float = float("inf"),
        visible: bool = True,
        derive: Callable[[LayerData], dict[str, np.ndarray]] | None = None,
        identifiable: bool = True,
        opacity: float = 1.0,
        passing: bool = False,
    ) -> None:
        canvas.add_layer(
            Layer(
                key,
                title,
                style,
                source=None if query is None else ModelSource(query, kind, derive),
                max_metres_per_pixel=farthest,
                visible=visible,
                opacity=opacity,
                group=group,
                tip=tip_of.get(key),
                identifiable=identifiable,
                passing=passing,
            )
        )

    line, polygon = GeometryKind.LINE, GeometryKind.POLYGON
    add("unit_grid", translate("layers", "Unit grids"), ground, _unit_grids(), areas.unit_grid_layer, kind=polygon,
        farthest=areas.UNIT_GRIDS_UP_TO, visible=False)  # fmt: skip
    add("route_permit", translate("layers", "Approved routes"), haul, _routes("map_zone", 0.16), haulage.route_layer,
        kind=line, farthest=haulage.ROUTES_UP_TO, visible=False)  # fmt: skip
    add("street", translate("layers", "Streets"), ground, _streets(), areas.street_layer, kind=line, identifiable=False)
    add("zone", translate("layers", "Zones"), ground, _zones(name), areas.zone_layer, kind=polygon, identifiable=False)
    add("site", translate("layers", "Work and dump sites"), haul, _sites(), haulage.site_layer, kind=polygon,
        visible=False)  # fmt: skip
    add("traffic_area", translate("layers", "Traffic areas"), haul, _traffic_areas(), haulage.area_layer, kind=polygon,
        visible=False)  # fmt: skip
    add("trunk", translate("layers", "Trunk sewers"), network, _pipes(), drainage.trunk_layer, kind=line, visible=False)
    add("pipe", translate("layers", "Pipes"), network, _pipes(), drainage.pipe_layer, kind=line)
    add("gully", translate("layers", "Gullies"), network, _gullies(), drainage.gully_layer,
        farthest=GULLIES_UP_TO, identifiable=False)  # fmt: skip
    add("manhole", translate("layers", "Manholes"), network, _manholes(), drainage.manhole_layer,
        farthest=MANHOLES_UP_TO)  # fmt: skip
    add("outfall", translate("layers", "Outfalls"), network, _outfalls(), drainage.outfall_layer, identifiable=False)
    add("pump_station", translate("layers", "Pump stations"), network, _pump_stations(), drainage.pump_station_layer,
        identifiable=False)  # fmt: skip
    add("component", translate("layers", "Components"), ground, _components(), components.component_layer,
        farthest=components.COMPONENTS_UP_TO, visible=False)  # fmt: skip
    add("case", translate("layers", "Cases"), live, _cases(), cases.open_case_layer,
        derive=lambda data: case_lights(data.attributes))  # fmt: skip
    add("truck_route", translate("layers", "Route of the selected truck"), haul, _routes("accent", 1.0), kind=line,
        identifiable=False, opacity=0.3, passing=True)  # fmt: skip
    add("edited_area", translate("layers", "Area that is looked at"), haul, _edited_area(), kind=polygon,
        identifiable=False, passing=True)  # fmt: skip
    add("edited_route", translate("layers", "Route that is looked at"), haul, _edited_route(), kind=line,
        identifiable=False, passing=True)  # fmt: skip
    add("finding_line", translate("layers", "Where the permit is wrong"), haul, _finding_lines(), kind=line,
        identifiable=False, passing=True)  # fmt: skip
    add("finding_mark", translate("layers", "What is wrong there"), haul, _finding_marks(), identifiable=False,
        passing=True)  # fmt: skip
    add("track", translate("layers", "Tracks of the period"), haul, _speeds(), kind=line, identifiable=False,
        passing=True)  # fmt: skip
    add("track_offset", translate("layers", "Tracks by deviation"), haul, _deviations(), kind=line, identifiable=False,
        passing=True)  # fmt: skip
    add("truck_stop", translate("layers", "Stops of the period"), haul, _truck_stops(), identifiable=False,
        passing=True)  # fmt: skip
    add("truck_track", translate("layers", "Track of the selected truck"), haul, _track(), kind=line,
        identifiable=False, passing=True)  # fmt: skip
    add("rain_gauge", translate("layers", "Rain gauges"), live, _rain_gauges(), visible=False)
    add("flood_point", translate("layers", "Flood points"), live, _flood_points())
    add("alarm", translate("layers", "Alarms"), live, _alarms(), identifiable=False)
    add("helper", translate("layers", "Who is near"), live, _helpers(), identifiable=False, passing=True)
    add("vehicle", translate("layers", "Muck trucks"), live, _trucks())
    add("would_be", translate("layers", "Alarms of the trial"), live, _would_be(), passing=True)


def _unit_grids() -> Style:
    label = LabelRule("code", placement="centre", size_px=10, max_metres_per_pixel=0.5, on_demand=True)
    return PolygonStyle(Stroke("map_zone", 1, strength=0.35), label=label)


def _streets() -> Style:
    label = LabelRule("name", placement="along", size_px=12, priority=1, max_metres_per_pixel=12, repeat_px=700)
    return LineStyle(
        Stroke("map_street", 1),
        width=WidthRule("width_m", 1.0, min_px=1, max_px=40, wide_from=40, wide_px=2),
        label=label,
    )


def _zones(name: str) -> Style:
    label = LabelRule(
        name,
        placement="centre",
        colour="map_zone",
        size_px=15,
        bold=True,
        spacing_px=3,
        priority=10,
        min_metres_per_pixel=2,
    )
    return PolygonStyle(Stroke("map_zone", 1.2, dash_px=(7, 5)), label=label)


def _routes(colour: str, strength: float) -> Style:
    """A pale band as wide as the corridor that may not be left."""
    return LineStyle(Stroke(colour, 5, strength=strength), width=WidthRule("width_m", 1.0, min_px=5, max_px=400))


def _edited_area() -> Style:
    return PolygonStyle(Stroke("accent", 2.5), fill="accent", fill_alpha=0.14)


def _edited_route() -> Style:
    return LineStyle(Stroke("accent", 3))


def _finding_lines() -> Style:
    strokes = {level: Stroke(colour, 5) for level, colour in (("note", "medium"), ("fault", "high"))}
    return LineStyle(strokes["note"], "level", strokes)


def _finding_marks() -> Style:
    looks = {
        "note": Symbol("dot", fill="medium", outline="map_ground", size_px=11),
        "fault": Symbol("diamond", fill="high", outline="map_ground", size_px=14),
    }
    label = LabelRule("label", colour="text", size_px=12, bold=True, priority=30)
    return PointStyle(looks["note"], "level", looks, label=label)


def _track() -> Style:
    return LineStyle(Stroke("accent", 1.5))


def _speeds() -> Style:
    """A track by speed: the faster, the stronger; faster than trucks may drive in the city stands out."""
    translate = QCoreApplication.translate
    first, second, third = (f"{limit:g}" for limit in BANDS_KMH)
    strokes = {
        "slow": Stroke("disabled", 2, title=translate("layers", "up to {n} km/h").format(n=first)),
        "usual": Stroke("secondary", 2.5, title=translate("layers", "up to {n} km/h").format(n=second)),
        "quick": Stroke("text", 3, title=translate("layers", "up to {n} km/h").format(n=third)),
        "fast": Stroke("high", 3.5, title=translate("layers", "above {n} km/h").format(n=third)),
    }
    return LineStyle(strokes["usual"], "band", strokes)


def _deviations() -> Style:
    """A track by its offset from the approved route: what keeps to it is quiet; broken lines are right of the route."""
    translate = QCoreApplication.translate
    corridor, far = f"{CORRIDOR_M:g}", f"{FAR_M:g}"
    left, right = translate("layers", "up to {n} m to the left"), translate("layers", "up to {n} m to the right")
    far_left = translate("layers", "more than {n} m to the left")
    far_right = translate("layers", "more than {n} m to the right")
    strokes = {
        "no_permit": Stroke("disabled", 2, dash_px=(2, 3), title=translate("layers", "without a permit")),
        "on_route": Stroke("secondary", 2.5, title=translate("layers", "within {n} m of the route").format(n=corridor)),
        "left": Stroke("high", 3, title=left.format(n=far)),
        "right": Stroke("high", 3, dash_px=(6, 3), title=right.format(n=far)),
        "far_left": Stroke("critical", 4, title=far_left.format(n=far)),
        "far_right": Stroke("critical", 4, dash_px=(6, 3), title=far_right.format(n=far)),
    }
    return LineStyle(strokes["on_route"], "band", strokes)


def _truck_stops() -> Style:
    label = LabelRule("duration", size_px=11, max_metres_per_pixel=8)
    return PointStyle(Symbol("square", fill="map_symbol", size_px=7), label=label)


def _sites() -> Style:
    translate = QCoreApplication.translate
    label = LabelRule("name", placement="centre", size_px=11, max_metres_per_pixel=4)
    titles = {"work_site": translate("layers", "Work site"), "dump_site": translate("layers", "Dump site")}
    fills = {"work_site": "map_zone", "dump_site": "map_symbol"}
    return PolygonStyle(
        Stroke("map_zone", 1), fill_alpha=0.3, attribute="kind", fills=fills, titles=titles, label=label
    )


def _traffic_areas() -> Style:
    translate = QCoreApplication.translate
    label = LabelRule("label", placement="centre", colour="text", size_px=11, priority=8, max_metres_per_pixel=12)
    titles = {"no_entry": translate("layers", "No entry"), "slow": translate("layers", "Speed limit")}
    fills = {"no_entry": "map_symbol", "slow": "map_street"}
    return PolygonStyle(
        Stroke("map_symbol", 1.5, dash_px=(3, 3)), fill_alpha=0.25, attribute="kind", fills=fills, titles=titles,
        label=label,
    )  # fmt: skip


def _pipes() -> Style:
    systems = {
        system: Stroke(system, 1, strength=0.75, title=word(SYSTEM, system))
        for system in ("combined", "sanitary", "storm")
    }
    width = WidthRule("diameter_mm", 0.003, min_px=1, max_px=8, wide_from=800, wide_px=2)
    return LineStyle(
        Stroke("map_zone", 1, strength=0.75), "system", systems, width=width, arrows_max_metres_per_pixel=1.0
    )


def _gullies() -> Style:
    return PointStyle(Symbol("square", outline="storm", size_px=5, outline_px=1, alpha=0.8))


def _manholes() -> Style:
    sound = Symbol("ring", fill="map_ground", outline="map_zone", size_px=6, outline_px=1.2)
    faults = {
        state: Symbol("dot", fill=colour, size_px=8, title=word(COMPONENT_STATE, state))
        for state, colour in (("damaged", "medium"), ("lost", "critical"))
    }
    return PointStyle(sound, "state", faults)


def _outfalls() -> Style:
    label = LabelRule("name", size_px=11, max_metres_per_pixel=4)
    return PointStyle(Symbol("square", outline="storm", size_px=8), label=label)


def _pump_stations() -> Style:
    label = LabelRule("name", size_px=11, max_metres_per_pixel=6)
    return PointStyle(Symbol("square", fill="map_zone", size_px=8), label=label)


def _components() -> Style:
    faults = {
        state: Symbol("diamond", fill=colour, size_px=8, title=word(COMPONENT_STATE, state))
        for state, colour in (("damaged", "medium"), ("lost", "critical"))
    }
    return PointStyle(Symbol("dot", fill="map_zone", size_px=4, alpha=0.7), "state", faults)


def _cases() -> Style:
    translate = QCoreApplication.translate
    lights = {
        "normal": Symbol("ring", outline="map_symbol", size_px=9, title=translate("layers", "In time")),
        "due": Symbol("dot", fill="medium", size_px=11, title=translate("layers", "80 % of the limit used")),
        "overdue": Symbol("dot", fill="critical", size_px=11, title=translate("layers", "Overdue")),
    }
    cluster = ClusterRule(min_metres_per_pixel=3.0, severity=("overdue", "due", "normal"), distance_px=56)
    return PointStyle(lights["normal"], "light", lights, cluster=cluster)


def _flood_points() -> Style:
    translate = QCoreApplication.translate
    levels = {
        "dry": Symbol("triangle", outline="map_zone", size_px=9, title=translate("layers", "Below attention")),
        "attention": Symbol("triangle", fill="medium", size_px=13, title=translate("layers", "Attention")),
        "flooding": Symbol("triangle", fill="high", size_px=15, title=translate("layers", "Flooding")),
        "closing": Symbol("triangle", fill="critical", size_px=17, title=translate("layers", "Close the road")),
        "silent": Symbol(
            "triangle",
            outline="disabled",
            size_px=9,
            dotted=True,
            title=translate("layers", "Sensor not to be believed"),
        ),
    }
    label = LabelRule("label", colour="text", size_px=12, bold=True, priority=20)
    return PointStyle(levels["dry"], "level", levels, label=label)


def _helpers() -> Style:
    translate = QCoreApplication.translate
    looks = {
        "here": Symbol("square", fill="accent", size_px=9, title=translate("layers", "Seen there lately")),
        "silent": Symbol(
            "square", outline="disabled", size_px=9, dotted=True, title=translate("layers", "Too long ago")
        ),
        "home": Symbol("square", outline="accent", size_px=9, dotted=True, title=translate("layers", "Home area")),
    }
    label = LabelRule("label", colour="text", size_px=11, priority=12)
    return PointStyle(looks["here"], "look", looks, label=label)


def _alarms() -> Style:
    """Around what it is about: the shape of its urgency, strong while nobody has taken it on."""
    translate = QCoreApplication.translate
    shapes: dict[str, tuple[Shape, int]] = {
        "critical": ("triangle", 30),
        "high": ("diamond", 26),
        "medium": ("ring", 22),
    }
    looks = {}
    for urgency, (shape, size_px) in shapes.items():
        words = word(URGENCY, urgency)
        known = translate("layers", "{urgency}, acknowledged").format(urgency=words)
        looks[urgency] = Symbol(shape, outline=urgency, size_px=size_px, outline_px=2.5, title=words)
        looks[f"{urgency}_known"] = Symbol(shape, outline=urgency, size_px=size_px, outline_px=1, title=known)
    held = translate("layers", "Set aside")
    looks["held"] = Symbol("ring", outline="disabled", size_px=20, outline_px=1, dotted=True, title=held)
    label = LabelRule("label", colour="text", size_px=11, max_metres_per_pixel=4, priority=18, offset_px=16)
    return PointStyle(looks["medium"], "look", looks, label=label)


def _would_be() -> Style:
    translate = QCoreApplication.translate
    looks = {
        "same": Symbol("ring", outline="map_symbol", size_px=9, title=translate("layers", "Raised either way")),
        "added": Symbol("diamond", fill="accent", size_px=12, title=translate("layers", "Added by the change")),
        "gone": Symbol(
            "ring", outline="text", size_px=10, dotted=True, title=translate("layers", "Gone by the change")
        ),
    }
    label = LabelRule("label", size_px=11, max_metres_per_pixel=3, priority=8)
    return PointStyle(looks["same"], "becomes", looks, label=label)


def _rain_gauges() -> Style:
    translate = QCoreApplication.translate
    looks = {
        "dry": Symbol("diamond", outline="map_zone", size_px=9, title=translate("layers", "No rain in the last hour")),
        "rain": Symbol("diamond", fill="storm", size_px=11, title=translate("layers", "Rain in the last hour")),
        "silent": Symbol(
            "diamond", outline="disabled", size_px=9, dotted=True, title=translate("layers", "Silent gauge")
        ),
    }
    label = LabelRule("label", colour="text", size_px=12, priority=15)
    return PointStyle(looks["dry"], "look", looks, label=label)


def _trucks() -> Style:
    translate = QCoreApplication.translate
    loads = {
        "off": Symbol("dot", fill="disabled", size_px=4, title=translate("layers", "Switched off")),
        "parked": Symbol("dot", fill="map_zone", size_px=5, title=translate("layers", "Empty, standing")),
        "full": Symbol("arrow", fill="map_symbol", size_px=12, title=translate("layers", "Loaded")),
        "empty": Symbol("arrow", outline="map_symbol", size_px=12, title=translate("layers", "Empty")),
        "silent": Symbol(
            "arrow", outline="disabled", size_px=12, dotted=True, title=translate("layers", "Silent terminal")
        ),
    }
    label = LabelRule("plate", size_px=11, max_metres_per_pixel=1.5, priority=5)
    return PointStyle(loads["empty"], "look", loads, heading_attribute="heading", label=label)
