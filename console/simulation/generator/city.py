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
from console.simulation.generator.assumptions import setting_table
from console.simulation.generator.cases import history_start, make_cases
from console.simulation.generator.cases.places import make_places
from console.simulation.generator.components import make_components
from console.simulation.generator.drainage import make_drainage
from console.simulation.generator.fleet import generate_fleet, plan_routes
from console.simulation.generator.layout import make_plan
from console.simulation.generator.organisation import make_organisation
from console.simulation.generator.sensors import generate_water
from console.simulation.generator.streets import make_streets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from console.simulation.generator.scale import Scale
    from console.simulation.generator.tables import Table

_ZONE = ZoneInfo("Asia/Shanghai")
# Each part draws from a stream of its own, so that a change in one leaves the others as they are.
_PLAN, _AREAS, _STREETS, _DRAINAGE, _COMPONENTS, _FLEET, _SENSORS, _ALARMS, _CASES = range(9)


class Step(Enum):
    """What is being made, in words for the progress bar, and its share of the whole time.

    The words are marked for translation in the context ``seeding``.
    """

    AREAS = (QT_TRANSLATE_NOOP("seeding", "Zones, unit grids, streets and people"), 0.06)
    FLEET = (QT_TRANSLATE_NOOP("seeding", "Muck trucks, trips and positions"), 0.16)
    DRAINAGE = (QT_TRANSLATE_NOOP("seeding", "Drainage network and components"), 0.13)
    SENSORS = (QT_TRANSLATE_NOOP("seeding", "Rain, water levels and alarms"), 0.05)
    CASES = (QT_TRANSLATE_NOOP("seeding", "Case files and their histories"), 0.60)

    def __init__(self, words: str, share: float) -> None:
        self.words = words
        self.share = share

    @property
    def begins(self) -> float:
        """Share of the whole time that lies before this step."""
        return sum(step.share for step in list(Step)[: list(Step).index(self)])


@dataclass(frozen=True)
class Part:
    """Tables that are loaded together; none refers to a table of a later part.

    Attributes:
        step: what it is.
        tables: columns by table, without schema, referred ones first.
    """

    step: Step
    tables: dict[str, Table]


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
        {
            "zone": areas.zone,
            "subdistrict": areas.subdistrict,
            "community": areas.community,
            "unit_grid": areas.unit_grid,
            "street": streets.table,
            **organisation.tables,
        },
    )
    work, dumps, site_dump, ways = plan_routes(scale, areas, streets, chance(_FLEET))
    fleet = generate_fleet(scale, work, dumps, site_dump, ways, end, chance(_FLEET))
    yield Part(Step.FLEET, fleet.tables | {"setting": setting_table(fleet.assumptions)})
    departments = {row.code: number for number, row in enumerate(organisation.catalogue.departments, 1)}
    drainage = make_drainage(chance(_DRAINAGE), scale, areas, streets, departments)
    component = make_components(
        chance(_COMPONENTS), scale, areas, streets, drainage, organisation.catalogue, np.datetime64(today, "D")
    )
    yield Part(
        Step.DRAINAGE,
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
    water = generate_water(scale, drainage.flood_point, shapely.get_coordinates(areas.outline), end, chance(_SENSORS))
    watchers = np.array([post.id for post in organisation.posts if post.role == "dispatcher"])
    alarms = make_alarms(fleet, water, drainage.flood_point, watchers, chance(_ALARMS))
    yield Part(Step.SENSORS, {**water.tables, "alarm": alarms, "setting": setting_table(water.assumptions)})
    # Cases and where they happen are drawn from one stream.
    rng = chance(_CASES)
    places = make_places(rng, areas, streets, component, organisation.catalogue)
    yield Part(Step.CASES, make_cases(rng, scale, local_end, organisation, areas, places))
