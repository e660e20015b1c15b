"""Components (部件, GB/T 30428.2-2013) of the demonstration city, with their 16-digit codes.

Covers of manholes and the grates of gullies are the components of classes 0102, 0103 and 0104: one row in each table,
the same code, the same place. Trees fill up to the number of components that the scale asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.database.bulk import Coded
from console.models.catalogue import Kind
from console.simulation.generator import placement
from console.simulation.generator.areas import ZONES
from console.simulation.generator.drainage.network import DISTRICT
from console.simulation.generator.tables import Table, numbered, points, read_resource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.catalogue import Catalogue
    from console.simulation.generator.areas import Areas
    from console.simulation.generator.drainage import Drainage
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.streets import Streets

_DRAINAGE_COVERS = ("0102", "0103")
_GRATE = "0104"
_CAR_PARK = "0201"
_LEAST_TREES = 0.08  # of all components
_STATES = ("intact", "damaged", "lost", "abandoned", "removed")
_STATE_SHARES = (0.966, 0.022, 0.003, 0.006, 0.003)
_SOURCES = ("survey", "topographic_map", "other")
_FIRST_SURVEY = np.datetime64("2012-06-01")
_FIRST_SURVEY_DAYS = 500
_FIRST_SURVEY_SHARE = 0.55


@dataclass
class _Group:
    """Components of one class that were placed together; codes only where another table has given them."""

    code: str
    accuracy: str
    geom: NDArray[np.object_]
    given: NDArray[np.object_] | None = None


def make_components(
    rng: np.random.Generator,
    scale: Scale,
    areas: Areas,
    streets: Streets,
    drainage: Drainage,
    catalogue: Catalogue,
    today: np.datetime64,
) -> Table:
    """The table ``component``: by class, inside a class by unit grid; nothing was recorded after `today`."""
    rules = read_resource("components.csv")
    groups = _of_drainage(drainage)
    groups += [_placed(rng, areas, streets, rule) for rule in rules if rule["placement"] != "trees"]
    missing = max(scale.components - sum(len(group.geom) for group in groups), int(scale.components * _LEAST_TREES))
    trees = next(rule for rule in rules if rule["placement"] == "trees")
    groups.append(_trees(rng, areas, streets, trees, missing))
    return _table(rng, areas, groups, catalogue, today)


def _of_drainage(drainage: Drainage) -> list[_Group]:
    groups = []
    codes, place = drainage.manhole["component_code"], drainage.manhole["geom"]
    shapes = points(np.column_stack((place.x, place.y)))
    prefixes = np.array([code[6:10] if code else "" for code in codes])
    for cover in _DRAINAGE_COVERS:
        mine = prefixes == cover
        groups.append(_Group(cover, "A", shapes[mine], codes[mine]))
    gully = drainage.gully
    grates = points(np.column_stack((gully["geom"].x, gully["geom"].y)))
    return [*groups, _Group(_GRATE, "A", grates, gully["component_code"])]


def _placed(rng: np.random.Generator, areas: Areas, streets: Streets, rule: dict[str, str]) -> _Group:
    """The components of one rule of ``resources/areas/components.csv``."""
    where, measure, code = rule["where"], float(rule["measure"]), rule["class"]
    match rule["placement"]:
        case "street":
            segment = np.flatnonzero(np.isin(streets.rank, [int(rank) for rank in where]))
            xy = placement.along_streets(rng, areas, streets, segment, measure, rule["sides"], float(rule["offset"]))
        case "crossing":
            xy = placement.at_crossings(rng, areas, streets, int(where), measure)
        case "ground":
            xy = placement.on_ground(rng, areas, where, measure)
        case "rail":
            xy = placement.arterial_crossings(areas, streets, "railway", int(measure))
        case "water" if where == "arterial":
            xy = placement.arterial_crossings(areas, streets, "canal", int(measure))
        case "water":
            return _Group(code, rule["accuracy"], placement.by_canal(areas, measure, as_lines=where == "line"))
        case "line":
            segment = np.flatnonzero((streets.rank == int(where)) & (rng.random(len(streets.rank)) < measure))
            shapes = placement.street_lines(areas, streets, segment, float(rule["offset"]))
            return _Group(code, rule["accuracy"], shapes)
        case unknown:
            raise ValueError(f"unknown placement {unknown!r} in components.csv")
    shapes = points(xy[areas.contains(xy)])
    if code == _CAR_PARK:
        x, y = shapely.get_x(shapes), shapely.get_y(shapes)
        width, depth = rng.uniform(18.0, 45.0, len(x)), rng.uniform(14.0, 30.0, len(x))
        shapes = np.asarray(shapely.box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2), dtype=object)
    return _Group(code, rule["accuracy"], shapes)


def _trees(rng: np.random.Generator, areas: Areas, streets: Streets, rule: dict[str, str], count: int) -> _Group:
    """Trees along whole segments, drawn at random, until there are `count`: not every street's trees are surveyed."""
    segment = rng.permutation(np.flatnonzero(np.isin(streets.rank, [int(rank) for rank in rule["where"]])))
    xy = placement.along_streets(
        rng, areas, streets, segment, float(rule["measure"]), rule["sides"], float(rule["offset"])
    )
    xy = xy[areas.contains(xy)][:count]
    return _Group(rule["class"], rule["accuracy"], points(xy))


def _table(
    rng: np.random.Generator, areas: Areas, groups: list[_Group], catalogue: Catalogue, today: np.datetime64
) -> Table:
    class_codes = sorted({group.code for group in groups})
    class_of_group = [class_codes.index(group.code) for group in groups]
    size = [len(group.geom) for group in groups]
    geom = np.concatenate([group.geom for group in groups])
    kind = np.repeat(class_of_group, size)
    accuracy = np.repeat(["ABC".index(group.accuracy) for group in groups], size)
    given = np.concatenate(
        [group.given if group.given is not None else np.full(len(group.geom), "", dtype=object) for group in groups]
    )
    grid = areas.locate(_middles(geom))
    order = np.lexsort((given.astype(str), grid, kind))
    geom, kind, accuracy, given, grid = (column[order] for column in (geom, kind, accuracy, given, grid))
    first = np.searchsorted(kind, np.arange(len(class_codes)))
    sequence = numbered("", np.arange(len(kind)) - first[kind] + 1, 6)
    codes = np.array([DISTRICT + code for code in class_codes], dtype=object)[kind] + sequence
    codes = np.where(given == "", codes, given)
    classes = [catalogue.find(Kind.COMPONENT, code) for code in class_codes]
    class_ids = {row.key: number for number, row in enumerate(catalogue.classes, 1)}
    department_ids = {row.code: number for number, row in enumerate(catalogue.departments, 1)}
    maintainer = _serving(catalogue, areas, [row.responsible for row in classes])[kind, grid]
    initial, change = _dates(rng, len(kind), today)
    return {
        "code": codes,
        "class_id": np.array([class_ids[row.key] for row in classes], np.int16)[kind],
        "name": Coded(kind, [row.name for row in classes]),
        "owner_id": np.array([department_ids[row.responsible] for row in classes], np.int16)[kind],
        "competent_id": np.array([department_ids[row.competent or row.responsible] for row in classes], np.int16)[kind],
        "maintainer_id": maintainer,
        "unit_grid": Coded(grid, areas.unit_grid["code"].tolist()),
        "zone_id": areas.unit_grid["zone_id"][grid],
        "accuracy": Coded(accuracy, ("A", "B", "C")),
        "state": Coded(rng.choice(len(_STATES), len(kind), p=_STATE_SHARES), _STATES),
        "initial_date": initial,
        "change_date": change,
        "data_source": Coded(rng.choice(len(_SOURCES), len(kind), p=(0.82, 0.13, 0.05)), _SOURCES),
        "geom": geom,
    }


def _middles(geom: NDArray[np.object_]) -> NDArray[np.object_]:
    """A point of each shape: by it the shape belongs to a unit grid."""
    middle = geom.copy()
    other = np.flatnonzero(shapely.get_type_id(geom) != shapely.GeometryType.POINT)
    middle[other] = shapely.point_on_surface(geom[other])
    return middle


def _serving(catalogue: Catalogue, areas: Areas, responsible: list[str]) -> NDArray[np.int16]:
    """Department that looks after a class in a unit grid, shape (classes, grids).

    A department with units for zones or subdistricts is served by the unit of the place.
    """
    numbers = {row.code: number for number, row in enumerate(catalogue.departments, 1)}
    zone = areas.unit_grid["zone_id"] - 1
    subdistricts, subdistrict = np.unique([code[:9] for code in areas.unit_grid["code"]], return_inverse=True)
    found = np.empty((len(responsible), len(zone)), np.int16)
    for row, department in enumerate(responsible):
        units = {
            unit.serves: numbers[unit.code]
            for unit in catalogue.departments
            if unit.parent == department and unit.serves
        }
        by_zone = np.array([units.get(name[0], numbers[department]) for _, name, _ in ZONES])
        by_subdistrict = np.array([units.get(str(code), 0) for code in subdistricts])
        found[row] = np.where(by_subdistrict[subdistrict] > 0, by_subdistrict[subdistrict], by_zone[zone])
    return found


def _dates(
    rng: np.random.Generator, count: int, today: np.datetime64
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Initial and change dates: the first survey of the city, then additions; one in eight was changed since."""
    days = int((today - _FIRST_SURVEY) / np.timedelta64(1, "D"))
    age = np.where(
        rng.random(count) < _FIRST_SURVEY_SHARE,
        rng.integers(0, _FIRST_SURVEY_DAYS, count),
        rng.integers(0, days, count),
    )
    initial = _FIRST_SURVEY + age
    later = (age + (days - age) * rng.random(count)).astype(int)
    change = np.where(rng.random(count) < 0.12, _FIRST_SURVEY + later, np.datetime64("NaT"))
    return initial, change
