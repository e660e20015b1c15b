"""The small city's areas, streets, people and cases, made once, with components that stand for the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from console.models.catalogue import Kind, load_catalogue
from console.simulation.generator.areas import make_areas
from console.simulation.generator.cases import history_start, make_cases
from console.simulation.generator.cases.places import make_places
from console.simulation.generator.layout import make_plan
from console.simulation.generator.organisation import make_organisation
from console.simulation.generator.scale import SMALL
from console.simulation.generator.streets import make_streets

if TYPE_CHECKING:
    from console.models.catalogue import Catalogue
    from console.simulation.generator.areas import Areas
    from console.simulation.generator.organisation import Organisation
    from console.simulation.generator.tables import Table

END = datetime(2026, 11, 20, 11, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class SmallCity:
    """What the tests of the cases look at."""

    organisation: Organisation
    tables: dict[str, Table]


@cache
def small_city(seed: int = 1, end: datetime = END) -> SmallCity:
    """The city of one seed."""
    rng = np.random.default_rng(seed)
    catalogue = load_catalogue()
    plan = make_plan(rng, SMALL)
    areas = make_areas(rng, plan)
    streets = make_streets(rng, plan)
    start = history_start(end, SMALL.history_months)
    organisation = make_organisation(catalogue, areas.zone["name"].tolist(), SMALL.inspectors, start.date(), end.date())
    component = components(rng, areas, catalogue)
    places = make_places(rng, areas, streets, component, catalogue)
    cases = make_cases(rng, SMALL, end, organisation, areas, places)
    base = {name: getattr(areas, name) for name in ("zone", "subdistrict", "community", "unit_grid")}
    tables = {**base, "street": streets.table, **organisation.tables, "component": component, **cases}
    return SmallCity(organisation, tables)


def components(rng: np.random.Generator, areas: Areas, catalogue: Catalogue) -> Table:
    """Some components of every class that is in use, each in a unit grid."""
    classes = [(i, row) for i, row in enumerate(catalogue.classes, 1) if row.in_use and row.kind == Kind.COMPONENT]
    ids = {row.code: number for number, row in enumerate(catalogue.departments, 1)}
    count = SMALL.components
    pick = np.arange(count) % len(classes)
    grid = rng.integers(0, len(areas.unit_grid["code"]), count)
    unit = np.array([ids[classes[i][1].responsible] for i in pick])
    return {
        "code": np.array([f"140802{classes[i][1].code}{n:06}" for n, i in enumerate(pick.tolist(), 1)], dtype=object),
        "class_id": np.array([classes[i][0] for i in pick]),
        "name": np.array([classes[i][1].name for i in pick], dtype=object),
        "owner_id": unit,
        "competent_id": unit,
        "maintainer_id": unit,
        "unit_grid": areas.unit_grid["code"][grid],
        "zone_id": areas.unit_grid["zone_id"][grid],
        "accuracy": np.full(count, "A", dtype=object),
        "data_source": np.full(count, "survey", dtype=object),
        "geom": np.asarray(shapely.point_on_surface(areas.unit_grid["geom"][grid]), dtype=object),
    }
