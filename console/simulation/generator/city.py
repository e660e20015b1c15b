"""The whole demonstration city as parts, in the order in which they can be made and loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from console.errors import QT_TRANSLATE_NOOP
from console.models.catalogue import load_catalogue
from console.simulation.generator.alarms import make_alarms
from console.simulation.generator.areas import make_areas
from console.simulation.generator.cases import history_start, make_cases
from console.simulation.generator.cases.evidence import make_evidence
from console.simulation.generator.cases.places import make_places
from console.simulation.generator.components import make_components
from console.simulation.generator.drainage import make_drainage
from console.simulation.generator.fleet import generate_fleet, plan_routes
from console.simulation.generator.layout import make_plan
from console.simulation.generator.organisation import make_organisation
from console.simulation.generator.sensors import generate_water
from console.simulation.generator.streets import make_streets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from console.simulation.generator.assumptions import Assumption
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.tables import Table

_ZONE = ZoneInfo("Asia/Shanghai")
# Each part draws from a stream of its own, so that a change in one leaves the others as they are.
_PLAN, _AREAS, _STREETS, _DRAINAGE, _COMPONENTS, _FLEET, _SENSORS, _ALARMS, _CASES, _EVIDENCE = range(10)


# Tables of the parts that are no ground.
HISTORIES = (
    *("vehicle_fix", "vehicle_state", "trip", "vehicle_day", "sensor_reading", "sensor_state"),
    *("case_file", "case_event", "case_number", "case_attachment", "case_attachment_withdrawal"),
)


class Step(Enum):
    """What is being made, in words for the progress bar, marked for translation in the context ``seeding``."""

    AREAS = QT_TRANSLATE_NOOP("seeding", "Zones, unit grids, streets and people")
    DRAINAGE = QT_TRANSLATE_NOOP("seeding", "Drainage network and components")
    FLEET = QT_TRANSLATE_NOOP("seeding", "Muck trucks, trips and positions")
    SENSORS = QT_TRANSLATE_NOOP("seeding", "Rain, water levels and alarms")
    CASES = QT_TRANSLATE_NOOP("seeding", "Case files and their histories")

    @property
    def words(self) -> str:
        """The words, English."""
        return self.value


@dataclass(frozen=True)
class Part:
    """Tables that are loaded together.

    Attributes:
        step: what it is.
        share: about how much of the whole time its loading takes.
        tables: columns by table, without schema.
        is_ground: whether later parts refer to it. Ground comes before all else and refers to ground alone; the other
            parts are histories, whose keys are put back when all are in, so that they can be loaded beside each other.
        assumptions: what was assumed on the way.
        derived: a statement that makes what the schema derives from these rows.
        following: about how much of the whole time that takes, and what is built over the rows of a history.
    """

    step: Step
    share: float
    tables: dict[str, Table]
    is_ground: bool = True
    assumptions: Sequence[Assumption] = ()
    derived: str | None = None
    following: float = 0.0


def generate_city(scale: Scale, seed: int, end: datetime) -> Iterator[Part]:
    """Make the city, part by part.

    Args:
        scale: its size.
        seed: the same seed and end give the same city.
        end: last moment of its history.
    """

    def chance(stream: int) -> np.random.Generator:
        return np.random.default_rng([seed, stream])

    local_end = end.astimezone(_ZONE)
    today = local_end.date()
    plan = make_plan(chance(_PLAN), scale)
    areas = make_areas(chance(_AREAS), plan)
    streets = make_streets(chance(_STREETS), plan)
    zones = [str(name) for name in areas.zone["name"]]
    organisation = make_organisation(
        load_catalogue(), zones, scale.inspectors, history_start(local_end, scale.history_months).date(), today
    )
    yield Part(
        Step.AREAS,
        0.02,
        {
            "zone": areas.zone,
            "subdistrict": areas.subdistrict,
            "community": areas.community,
            "unit_grid": areas.unit_grid,
            "street": streets.table,
            **organisation.tables,
        },
    )
    departments = {row.code: number for number, row in enumerate(organisation.catalogue.departments, 1)}
    drainage = make_drainage(chance(_DRAINAGE), scale, areas, streets, departments)
    component = make_components(
        chance(_COMPONENTS), scale, areas, streets, drainage, organisation.catalogue, np.datetime64(today, "D")
    )
    yield Part(
        Step.DRAINAGE,
        0.05,
        {
            "component": component,
            "manhole": drainage.manhole,
            "pipe": drainage.pipe,
            "gully": drainage.gully,
            "outfall": drainage.outfall,
            "pump_station": drainage.pump_station,
            "flood_point": drainage.flood_point,
        },
    )
    rng = chance(_FLEET)
    fleet = generate_fleet(scale, *plan_routes(scale, areas, streets, rng), end, rng)
    trucks, driven = _parted(fleet.tables, ("vehicle_fix", "vehicle_state", "trip", "vehicle_day"))
    yield Part(Step.FLEET, 0.005, trucks, assumptions=fleet.assumptions)
    water = generate_water(scale, drainage.flood_point, shapely.get_coordinates(areas.outline), end, chance(_SENSORS))
    watchers = np.array([post.id for post in organisation.posts if post.role == "dispatcher"])
    alarms = make_alarms(fleet, water, drainage.flood_point, watchers, chance(_ALARMS))
    sensors, read = _parted(water.tables, ("sensor_reading", "sensor_state"))
    yield Part(Step.SENSORS, 0.005, sensors | {"alarm": alarms}, assumptions=water.assumptions)

    yield Part(Step.FLEET, 0.13, driven, is_ground=False, following=0.01)
    # Cases and where they happen are drawn from one stream.
    rng = chance(_CASES)
    places = make_places(rng, areas, streets, component, organisation.catalogue)
    cases = make_cases(rng, scale, local_end, organisation, areas, places)
    files, events = _parted(cases, ("case_event",))
    yield Part(Step.CASES, 0.16, files, is_ground=False, derived="SELECT city.refresh_case_day()", following=0.4)
    yield Part(Step.CASES, 0.08, events, is_ground=False, following=0.01)
    yield Part(Step.SENSORS, 0.04, read, is_ground=False)
    clerk = next(post.id for post in organisation.posts if post.role == "acceptor")
    photos = make_evidence(chance(_EVIDENCE), cases, organisation.catalogue, clerk, scale.photographed_cases, local_end)
    yield Part(Step.CASES, 0.03, photos, is_ground=False)


def _parted(tables: dict[str, Table], apart: tuple[str, ...]) -> tuple[dict[str, Table], dict[str, Table]]:
    """The tables that are not named, and those that are."""
    return {name: tables[name] for name in tables if name not in apart}, {name: tables[name] for name in apart}
