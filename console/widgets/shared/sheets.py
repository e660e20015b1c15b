"""What the detail panel says of each kind of thing: records turned into titled facts, words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import shapely
from PySide6.QtCore import QCoreApplication

from console.models.haulage import CORRIDOR_M
from console.models.sensors import Grade
from console.widgets.shared import figures
from console.widgets.shared.words import (
    CAUSE,
    COMPONENT_STATE,
    DATA_SOURCE,
    LOAD,
    MATERIAL,
    READING,
    SHAPE,
    STREET_CLASS,
    SYSTEM,
    word,
)

if TYPE_CHECKING:
    from console.models.areas import Street, UnitGrid, Zone
    from console.models.components import Component
    from console.models.drainage import Manhole, Pipe
    from console.models.fleet import Vehicle
    from console.models.sensors import FloodPoint
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.timeline import Entry

translate = QCoreApplication.translate
Fact = tuple[str, str, str]
"""Name, value, role of the value."""


@dataclass(frozen=True)
class Section:
    """A titled block of facts, whose names may be times; or timeline or evidence of a case, which have own headings."""

    title: str
    facts: tuple[Fact, ...]
    is_timeline: bool = False
    timeline: tuple[Entry, ...] = ()
    is_evidence: bool = False


@dataclass(frozen=True)
class Sheet:
    """All that the detail panel shows of one thing.

    Attributes:
        title: what it is.
        remark: its number or code.
        sections: from the top.
        place: where it is, metres in EPSG:4546; None when it has no place.
    """

    title: str
    remark: str
    sections: tuple[Section, ...]
    place: tuple[float, float] | None


def given(*facts: tuple[str, str | None] | tuple[str, str | None, str]) -> tuple[Fact, ...]:
    """Only the facts that have a value."""
    found: list[Fact] = []
    for name, value, *role in facts:
        if value and value != figures.NONE:
            found.append((str(name), value, role[0] or "" if role else ""))
    return tuple(found)


def pipe_sheet(pipe: Pipe, desk: Desk) -> Sheet:
    """A pipe: its build, its levels, its ends."""
    size = f"DN{pipe.diameter_mm}" if pipe.diameter_mm else figures.NONE
    if pipe.width_mm and pipe.height_mm:
        size = f"{pipe.width_mm} × {pipe.height_mm} mm"
    return Sheet(
        translate("sheets", "{system} pipe {size}").format(system=word(SYSTEM, pipe.system), size=size),
        pipe.code,
        (
            Section(
                "",
                given(
                    (translate("sheets", "Street"), pipe.street),
                    (translate("sheets", "Zone"), desk.name(pipe.zone, pipe.zone_en)),
                    (translate("sheets", "Shape"), f"{word(SHAPE, pipe.shape)} · {size}"),
                    (translate("sheets", "Material"), word(MATERIAL, pipe.material)),
                    (translate("sheets", "Length"), figures.number(pipe.length_m, 1, "m")),
                    (translate("sheets", "Slope"), _per_mille(pipe.slope)),
                    (translate("sheets", "Roughness"), _text(pipe.roughness, "n = {:.3f}")),
                    (translate("sheets", "Built"), _text(pipe.built_year, "{}")),
                    (translate("sheets", "Owner"), desk.name(pipe.owner, pipe.owner_en)),
                    _state(pipe.state),
                ),
            ),
            Section(
                translate("sheets", "Ends"),
                given(
                    (translate("sheets", "From"), pipe.from_manhole),
                    (translate("sheets", "Invert there"), figures.number(pipe.in_elevation_m, 2, "m")),
                    (translate("sheets", "Ground there"), figures.number(pipe.from_ground_m, 2, "m")),
                    (translate("sheets", "To"), pipe.to_manhole),
                    (translate("sheets", "Invert there"), figures.number(pipe.out_elevation_m, 2, "m")),
                    (translate("sheets", "Ground there"), figures.number(pipe.to_ground_m, 2, "m")),
                ),
            ),
            _recorded(pipe.data_source, _text(pipe.recorded_on, "{}")),
        ),
        (pipe.x, pipe.y),
    )


def manhole_sheet(manhole: Manhole, desk: Desk) -> Sheet:
    """A manhole: its build, its levels, what meets in it."""
    return Sheet(
        translate("sheets", "{system} manhole").format(system=word(SYSTEM, manhole.system)),
        manhole.code,
        (
            Section(
                "",
                given(
                    (translate("sheets", "Street"), manhole.street),
                    (translate("sheets", "Zone"), desk.name(manhole.zone, manhole.zone_en)),
                    (translate("sheets", "Unit grid"), manhole.unit_grid),
                    (translate("sheets", "Component"), manhole.component_code),
                    (translate("sheets", "Ground"), figures.number(manhole.ground_elevation_m, 2, "m")),
                    (translate("sheets", "Invert"), figures.number(manhole.invert_elevation_m, 2, "m")),
                    (translate("sheets", "Depth"), figures.number(manhole.depth_m, 2, "m")),
                    (
                        translate("sheets", "Cover"),
                        " · ".join(
                            filter(
                                None,
                                (
                                    manhole.cover_material and word(MATERIAL, manhole.cover_material),
                                    manhole.cover_load_class,
                                ),
                            )
                        ),
                    ),
                    (translate("sheets", "Built"), _text(manhole.built_year, "{}")),
                    (translate("sheets", "Owner"), desk.name(manhole.owner, manhole.owner_en)),
                    _state(manhole.state),
                    (
                        translate("sheets", "Open cases"),
                        str(manhole.open_cases) if manhole.open_cases else "",
                        "medium",
                    ),
                ),
            ),
            Section(
                translate("sheets", "Meets here"),
                given(
                    (translate("sheets", "From upstream"), "\n".join(manhole.upstream)),
                    (translate("sheets", "Downstream"), "\n".join(manhole.downstream)),
                    (translate("sheets", "Gullies"), str(manhole.gullies) if manhole.gullies else ""),
                    (translate("sheets", "Outfall"), manhole.outfall),
                    (translate("sheets", "Pump station"), manhole.pump_station),
                ),
            ),
            _recorded(manhole.data_source, _text(manhole.recorded_on, "{}")),
        ),
        (manhole.x, manhole.y),
    )


def vehicle_sheet(truck: Vehicle, desk: Desk) -> Sheet:
    """A truck: where it is and since when that is known, its permit, its trips today."""
    now = desk.now()
    age = figures.age(now - truck.at) if truck.at is not None else figures.NONE
    heard = age if truck.online else translate("sheets", "silent for {age}").format(age=age)
    lid = None
    if truck.lid_closed is not None:
        lid = translate("sheets", "Closed") if truck.lid_closed else translate("sheets", "Open")
    is_uncovered = truck.lid_closed is False and truck.load not in {None, "empty"}
    permit = truck.permit
    away_m = _off_route(truck)
    off_route = figures.distance(away_m) if away_m > CORRIDOR_M and truck.load not in {None, "empty"} else ""
    sections = [
        Section(
            "",
            given(
                (translate("sheets", "Company"), truck.company),
                (translate("sheets", "Heard"), heard, "" if truck.online else "disabled"),
                (translate("sheets", "Speed"), figures.number(truck.speed_kmh, 0, "km/h")),
                (translate("sheets", "Load"), word(LOAD, truck.load)),
                (translate("sheets", "Lid"), lid, "high" if is_uncovered else ""),
                (translate("sheets", "Off its route"), off_route, "high"),
                (translate("sheets", "Box"), figures.number(truck.box_m3, 0, "m³")),
                (translate("sheets", "Terminal"), truck.terminal_phone),
                (translate("sheets", "Today"), f"{figures.distance(truck.distance_m)} · {_duration(truck.driving_s)}"),
            ),
        )
    ]
    if permit is None:
        no_permit = translate("sheets", "No permit is valid today")
        sections.append(Section(translate("sheets", "Permit"), ((figures.NONE, no_permit, "high"),)))
    else:
        sections.append(
            Section(
                translate("sheets", "Permit"),
                given(
                    (translate("sheets", "Number"), permit.permit_no),
                    (translate("sheets", "From"), permit.work_site),
                    (translate("sheets", "To"), permit.dump_site),
                    (translate("sheets", "Hours"), f"{permit.hours_from:%H:%M}–{permit.hours_to:%H:%M}"),
                    (translate("sheets", "Valid"), f"{permit.valid_from} – {permit.valid_to}"),
                ),
            )
        )
    trips = tuple(
        (
            figures.clock(trip.loaded_at),
            f"{figures.distance(trip.distance_m)} · {trip.volume_m3:.0f} m³"
            + ("" if trip.dumped_at else "  " + translate("sheets", "under way")),
            "",
        )
        for trip in truck.trips
    )
    if trips:
        title = translate("sheets", "Trips today: {n}").format(n=len(trips))
        sections.append(Section(title, trips, is_timeline=True))
    place = None if truck.x is None or truck.y is None else (truck.x, truck.y)
    return Sheet(truck.plate, translate("sheets", "Muck truck"), tuple(sections), place)


def _off_route(truck: Vehicle) -> float:
    """Metres between a truck and its approved route; 0 when either is unknown."""
    if truck.permit is None or truck.x is None or truck.y is None:
        return 0.0
    return float(truck.permit.route.distance(shapely.Point(truck.x, truck.y)))


GRADE_ROLE = {Grade.ATTENTION: "medium", Grade.FLOODING: "high", Grade.CLOSING: "critical", Grade.SEVERE: "critical"}


def flood_point_sheet(point: FloodPoint, desk: Desk) -> Sheet:
    """A flood point: the water now, its thresholds, who acts and how."""
    age = figures.age(desk.now() - point.at) if point.at is not None else figures.NONE
    heard = translate("sheets", "silent for {age}").format(age=age) if point.silent else age
    doubt = translate("sheets", "Stuck") if point.stuck else word(READING, str(point.quality)) if point.quality else ""
    role = "disabled" if not point.believed else GRADE_ROLE.get(point.grade, "")
    rate = "" if point.rate_cm is None else f"{point.rate_cm:+.1f} cm / 10 min"
    return Sheet(
        point.name,
        point.code,
        (
            Section(
                "",
                given(
                    (translate("sheets", "Water"), figures.number(point.depth_cm, 1, "cm"), role),
                    (translate("sheets", "Change"), rate),
                    (translate("sheets", "Reading"), doubt, "medium"),
                    (translate("sheets", "Measured"), heard, "disabled" if point.silent else ""),
                    (translate("sheets", "Sensor"), point.sensor),
                    (translate("sheets", "Street"), point.street),
                    (translate("sheets", "Zone"), desk.name(point.zone, point.zone_en)),
                    (translate("sheets", "Cause"), word(CAUSE, point.cause)),
                    (translate("sheets", "Catchment"), figures.number(point.catchment_m2 / 1e4, 1, "ha")),
                    (translate("sheets", "Height bar"), figures.number(point.height_bar_m, 1, "m")),
                ),
            ),
            Section(
                translate("sheets", "Thresholds"),
                (
                    (translate("sheets", "Attention"), f"{point.attention_cm:g} cm", ""),
                    (translate("sheets", "Flooding"), f"{point.flooding_cm:g} cm", ""),
                    (translate("sheets", "Close the road"), f"{point.closing_cm:g} cm", ""),
                    (translate("sheets", "Severe"), f"{point.severe_cm:g} cm", ""),
                ),
            ),
            Section(
                translate("sheets", "Plan"),
                given(
                    (translate("sheets", "Responsible"), desk.name(point.department, point.department_en)),
                    (translate("sheets", "What to do"), point.plan),
                ),
            ),
        ),
        (point.x, point.y),
    )


def component_sheet(component: Component, desk: Desk) -> Sheet:
    """A component: its class, its departments, its place."""
    name = desk.name
    return Sheet(
        name(component.name, component.name_en) or name(component.class_name, component.class_name_en),
        component.code,
        (
            Section(
                "",
                given(
                    (
                        translate("sheets", "Class"),
                        f"{component.class_code} {name(component.class_name, component.class_name_en)}",
                    ),
                    (
                        translate("sheets", "Unit grid"),
                        f"{component.unit_grid} · {name(component.zone, component.zone_en)}",
                    ),
                    (translate("sheets", "Owner"), name(component.owner, component.owner_en)),
                    (translate("sheets", "Competent"), name(component.competent, component.competent_en)),
                    (translate("sheets", "Maintainer"), name(component.maintainer, component.maintainer_en)),
                    _state(component.state),
                    (translate("sheets", "Accuracy"), component.accuracy),
                    (translate("sheets", "Manhole"), component.manhole),
                    (
                        translate("sheets", "Open cases"),
                        str(component.open_cases) if component.open_cases else "",
                        "medium",
                    ),
                ),
            ),
            _recorded(component.data_source, str(component.change_date or component.initial_date)),
        ),
        (component.x, component.y),
    )


def unit_grid_sheet(grid: UnitGrid, desk: Desk) -> Sheet:
    """A unit grid: where it belongs, what stands and happens in it."""
    return Sheet(
        translate("sheets", "Unit grid"),
        grid.code,
        (
            Section(
                "",
                given(
                    (translate("sheets", "Community"), grid.community),
                    (translate("sheets", "Subdistrict"), grid.subdistrict),
                    (translate("sheets", "Zone"), desk.name(grid.zone, grid.zone_en)),
                    (translate("sheets", "Area"), figures.number(grid.area_m2, 0, "m²")),
                    (translate("sheets", "Components"), figures.count(grid.components)),
                    (translate("sheets", "Cases in all"), figures.count(grid.cases)),
                    (translate("sheets", "Open cases"), figures.count(grid.open_cases)),
                ),
            ),
        ),
        (grid.x, grid.y),
    )


def street_sheet(street: Street, desk: Desk) -> Sheet:
    """A stretch of a street."""
    del desk
    return Sheet(
        street.name,
        street.code,
        (
            Section(
                "",
                given(
                    (translate("sheets", "Class"), word(STREET_CLASS, street.street_class)),
                    (translate("sheets", "Width"), figures.number(street.width_m, 0, "m")),
                    (translate("sheets", "Length"), figures.distance(street.length_m)),
                    (translate("sheets", "Pipes"), f"{street.pipes} · {figures.distance(street.pipes_m)}"),
                ),
            ),
        ),
        (street.x, street.y),
    )


def zone_sheet(zone: Zone, desk: Desk) -> Sheet:
    """A zone: its size and what is open in it."""
    return Sheet(
        desk.name(zone.name, zone.name_en),
        zone.code,
        (
            Section(
                "",
                given(
                    (translate("sheets", "Area"), figures.number(zone.area_m2 / 1e6, 2, "km²")),
                    (translate("sheets", "Unit grids"), figures.count(zone.unit_grids)),
                    (translate("sheets", "Patrol team"), zone.team),
                    (translate("sheets", "Open cases"), figures.count(zone.open_cases)),
                ),
            ),
        ),
        (zone.x, zone.y),
    )


def _state(state: str) -> Fact:
    return translate("sheets", "State"), word(COMPONENT_STATE, state), "" if state == "intact" else "medium"


def _recorded(source: str, day: str) -> Section:
    facts = ((translate("sheets", "Source"), word(DATA_SOURCE, source)), (translate("sheets", "Recorded"), day))
    return Section(translate("sheets", "Record"), given(*facts))


def _text(value: object, pattern: str) -> str:
    return "" if value is None else pattern.format(value)


def _per_mille(slope: float | None) -> str:
    return "" if slope is None else f"{slope * 1000:.2f} ‰"


def _duration(seconds: int) -> str:
    return figures.hours(timedelta(seconds=seconds)) + " h"
