"""The designed sewers as one network of manholes and pipes, and its two tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from console.database.bulk import Coded, Points
from console.simulation.generator.drainage.sections import COMBINED, MATERIALS, SANITARY, SECTIONS, STORM, SYSTEMS
from console.simulation.generator.plan import BRANCH, SECONDARY
from console.simulation.generator.tables import Table, lines, numbered, points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from console.simulation.generator.areas import Areas
    from console.simulation.generator.drainage.design import Alignment, Design
    from console.simulation.generator.drainage.routes import Chains, Reaches
    from console.simulation.generator.streets import Streets

DISTRICT = "140802"
# Facility ids have 17 characters (GB/T 51187-2016); their inner structure, district + PS + kind + number, is our own.
PIPE_PREFIX, MANHOLE_PREFIX, GULLY_PREFIX, OUTFALL_PREFIX, PUMP_PREFIX = (
    f"{DISTRICT}PS{kind:02d}" for kind in (1, 3, 4, 5, 6)
)
DRAINAGE_DEPARTMENT = "1500"

_PIPE_COLUMNS = (
    "upper", "lower", "upper_invert", "lower_invert", "place", "pipe_system", "material", "roughness", "pipe_segment",
    "pipe_year", "flow_m3s", "catchment_m2",
)  # fmt: skip
ORDINARY, FLAP, INTERCEPTING, DROP, OTHER = 1, 9, 10, 12, 13
"""Junction types of GB/T 51187-2016 A."""
_DROP_M = 1.0
_TURN_COSINE = 0.97
_BOX_CULVERT = len(SECTIONS)


@dataclass(frozen=True)
class Network:
    """Manholes and pipes of all systems as arrays; pipes name manholes by their row."""

    xy: NDArray[np.float64]
    uv: NDArray[np.float64]
    ground: NDArray[np.float64]
    lowest: NDArray[np.float64]
    """Lowest invert of the pipes at each manhole (m)."""
    system: NDArray[np.int8]
    kind: NDArray[np.int8]
    """Junction type of each manhole."""
    node: NDArray[np.intp]
    """Street node of a manhole at a crossing, -1 elsewhere."""
    segment: NDArray[np.intp]
    """Row in ``street`` of each manhole."""
    lifted: NDArray[np.bool_]
    """Manholes at which a pump station lifts the flow."""
    is_outlet: NDArray[np.bool_]
    manhole_year: NDArray[np.int16]
    upper: NDArray[np.intp]
    lower: NDArray[np.intp]
    upper_invert: NDArray[np.float64]
    lower_invert: NDArray[np.float64]
    place: NDArray[np.intp]
    """Place of each pipe's section in `SECTIONS`."""
    pipe_system: NDArray[np.int8]
    material: NDArray[np.object_]
    roughness: NDArray[np.float64]
    pipe_segment: NDArray[np.intp]
    pipe_year: NDArray[np.int16]
    flow_m3s: NDArray[np.float64]
    catchment_m2: NDArray[np.float64]


Part = tuple["Chains", "Alignment", "Design"]


def join(reaches: Reaches, storm: Part, foul: Part) -> Network:
    """Join the two networks, storm and foul, and lead the overflows of intercepting manholes into the storm sewers."""
    manholes = [_manholes(reaches, part, side) for part, side in ((storm, STORM), (foul, SANITARY))]
    shift = len(manholes[0]["node"])
    pipes = [_pipes(reaches, part, rows["of_point"], offset)
             for part, rows, offset in zip((storm, foul), manholes, (0, shift), strict=True)]  # fmt: skip
    holes = {name: np.concatenate([rows[name] for rows in manholes]) for name in manholes[0] if name != "of_point"}
    tubes = {name: np.concatenate([rows[name] for rows in pipes]) for name in pipes[0]}
    lowest = _lowest(len(holes["node"]), tubes)
    incoming_combined = np.zeros(len(lowest), bool)
    incoming_combined[tubes["lower"][tubes["pipe_system"] == COMBINED]] = True
    kind = np.where(incoming_combined & (holes["system"] == SANITARY) & ~holes["is_outlet"], INTERCEPTING, ORDINARY)
    overflow = _overflows(holes, tubes, kind, lowest, shift)
    tubes = {name: np.concatenate((tubes[name], overflow[name])) for name in tubes}
    kind = np.where((kind == ORDINARY) & _drops(lowest, tubes), DROP, kind)
    return Network(lowest=lowest, kind=np.where(holes["is_outlet"], OTHER, kind).astype(np.int8), **holes, **tubes)


def _manholes(reaches: Reaches, part: Part, side: int) -> dict[str, NDArray[Any]]:
    chains, alignment, design = part
    chain, step = alignment.chain, alignment.step
    node = np.full(len(chain), -1, np.intp)
    first, last = step == 0, step == alignment.pipes[chain]
    node[first] = chains.start[chain[first]]
    node[last] = chains.end[chain[last]]
    key = np.where(node >= 0, node, len(reaches.node_uv) + np.arange(len(chain)))
    _, leader, of_point = np.unique(key, return_index=True, return_inverse=True)
    system = np.full(len(leader), side, np.int8)
    # A manhole belongs to the system of the sewer that leaves it, one at an outlet to that of the network.
    leaves = ~last
    system[of_point[leaves]] = chains.system[chain[leaves]]
    year = np.full(len(leader), np.iinfo(np.int16).max, np.int16)
    np.minimum.at(year, of_point, design.year[chain])
    lifted = np.zeros(len(leader), bool)
    lifted[of_point[first]] = design.lifted
    return {
        "of_point": of_point,
        "xy": alignment.xy[leader],
        "uv": alignment.uv[leader],
        "ground": alignment.ground[leader],
        "system": system,
        "node": node[leader],
        "segment": reaches.segment[chains.reach[chain[leader]]],
        "lifted": lifted,
        "is_outlet": np.isin(node[leader], chains.outlets),
        "manhole_year": year,
    }


def _pipes(reaches: Reaches, part: Part, of_point: NDArray[np.intp], shift: int) -> dict[str, NDArray[Any]]:
    chains, alignment, design = part
    point = np.flatnonzero(alignment.step < alignment.pipes[alignment.chain])
    chain = alignment.chain[point]
    return {
        "upper": of_point[point] + shift,
        "lower": of_point[point + 1] + shift,
        "upper_invert": design.invert[point],
        "lower_invert": design.invert[point + 1],
        "place": design.place[chain],
        "pipe_system": chains.system[chain],
        "material": np.array([material.code for material in design.material], dtype=object)[chain],
        "roughness": np.array([material.roughness for material in design.material])[chain],
        "pipe_segment": reaches.segment[chains.reach[chain]],
        "pipe_year": design.year[chain],
        "flow_m3s": design.flow_m3s[chain],
        "catchment_m2": design.catchment_m2[chain],
    }


def _lowest(count: int, tubes: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    lowest = np.full(count, np.inf)
    np.minimum.at(lowest, tubes["upper"], tubes["upper_invert"])
    np.minimum.at(lowest, tubes["lower"], tubes["lower_invert"])
    return lowest


def _overflows(
    holes: Mapping[str, NDArray[Any]],
    tubes: Mapping[str, NDArray[Any]],
    kind: NDArray[Any],
    lowest: NDArray[np.float64],
    shift: int,
) -> dict[str, NDArray[Any]]:
    """Overflow pipes from intercepting manholes to the storm manhole of the same crossing, where that lies low enough.

    The crest stands at eight tenths of the combined sewer, so that dry weather never reaches the storm sewer.
    """
    storm_at = np.full(int(holes["node"].max()) + 1, -1, np.intp)
    at_node = np.flatnonzero(holes["node"][:shift] >= 0)
    storm_at[holes["node"][at_node].astype(np.intp)] = at_node
    upper = np.flatnonzero(kind == INTERCEPTING)
    lower = storm_at[holes["node"][upper].astype(np.intp)]
    into = np.zeros(len(kind), np.intp)
    combined = tubes["pipe_system"] == COMBINED
    np.maximum.at(into, tubes["lower"][combined], tubes["place"][combined])
    out = np.full(len(kind), _BOX_CULVERT - 1, np.intp)
    np.minimum.at(out, tubes["upper"], tubes["place"])
    place = np.minimum(into[upper], out[np.maximum(lower, 0)])
    height = np.array([section.height_mm / 1000.0 for section in SECTIONS])
    crest = np.round(lowest[upper] + 0.8 * height[into[upper]], 3)
    length = np.hypot(*(holes["xy"][upper] - holes["xy"][np.maximum(lower, 0)]).T)
    possible = (lower >= 0) & (crest - 0.01 * length > lowest[np.maximum(lower, 0)])
    possible &= crest + height[place] < holes["ground"][upper] - 0.7
    upper, lower, place, crest, length = (a[possible] for a in (upper, lower, place, crest, length))
    return {
        "upper": upper,
        "lower": lower,
        "upper_invert": crest,
        "lower_invert": np.round(crest - 0.01 * length, 3),
        "place": place,
        "pipe_system": np.full(len(upper), COMBINED, np.int8),
        "material": np.full(len(upper), "reinforced_concrete", dtype=object),
        "roughness": np.full(len(upper), MATERIALS["reinforced_concrete"].roughness),
        "pipe_segment": holes["segment"][upper],
        "pipe_year": np.full(len(upper), 2009, np.int16),
        "flow_m3s": np.zeros(len(upper)),
        "catchment_m2": np.zeros(len(upper)),
    }


def _drops(lowest: NDArray[np.float64], tubes: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Manholes into which a sewer falls from more than `_DROP_M`."""
    falls = np.zeros(len(lowest), bool)
    falls[tubes["lower"][tubes["lower_invert"] - lowest[tubes["lower"]] > _DROP_M]] = True
    return falls


def manhole_style(network: Network) -> NDArray[np.int16]:
    """Junction style of GB/T 51187-2016 A: 1 one way, 2 straight, 3 bent, 4 three ways, 5 four, 6 five, 7 more."""
    count = len(network.ground)
    ways = np.bincount(network.upper, minlength=count) + np.bincount(network.lower, minlength=count)
    flow = network.xy[network.lower] - network.xy[network.upper]
    flow /= np.hypot(*flow.T)[:, None]
    into, out = np.zeros((count, 2)), np.zeros((count, 2))
    into[network.lower], out[network.upper] = flow, flow
    style: NDArray[np.int_] = np.clip(ways + 1, 0, 7)
    style[ways == 1] = 1
    style[(ways == 2) & (np.sum(into * out, axis=1) > _TURN_COSINE)] = 2
    style[(ways == 2) & (np.sum(into * out, axis=1) <= _TURN_COSINE)] = 3
    return style.astype(np.int16)


def network_tables(
    rng: np.random.Generator, areas: Areas, streets: Streets, network: Network, departments: Mapping[str, int]
) -> tuple[Network, Table, Table]:
    """The network in the order of its tables, and the tables ``manhole`` and ``pipe``.

    Rows stand in the order of the unit grids, so that what lies together on the map lies together on the disk.
    """
    grid = areas.locate(points(network.xy))
    order = np.lexsort((network.xy[:, 0], network.system, grid))
    network, grid = _reordered(network, order), grid[order]
    owner = np.int16(departments[DRAINAGE_DEPARTMENT])
    count = len(grid)
    codes = numbered(MANHOLE_PREFIX, np.arange(1, count + 1), 7)
    rank = streets.rank[network.segment]
    luck = rng.random(count)
    manhole: Table = {
        "code": codes,
        "component_code": _component_codes(network),
        "system": Coded(network.system, SYSTEMS),
        "junction_type": network.kind.astype(np.int16),
        "junction_style": manhole_style(network),
        "street_id": streets.table["id"][network.segment],
        "unit_grid": Coded(grid, areas.unit_grid["code"].tolist()),
        "zone_id": areas.unit_grid["zone_id"][grid],
        "ground_elevation_m": network.ground,
        "cover_elevation_m": network.ground,
        "invert_elevation_m": network.lowest,
        "depth_m": np.round(network.ground - network.lowest, 3),
        "cover_material": Coded(
            np.where(luck < 0.74, 0, np.where(luck < 0.93, 1, 2)), ("ductile_iron", "composite", "concrete")
        ),
        "cover_load_class": Coded(
            np.where(rank <= SECONDARY, 0, np.where(rank == BRANCH, 1, 2)), ("D400", "C250", "B125")
        ),
        "has_fall_net": rng.random(count) < np.where(rank <= SECONDARY, 0.94, 0.83),
        "built_year": network.manhole_year,
        "owner_id": np.full(count, owner),
        "state": Coded((rng.random(count) < 0.024).astype(np.int8), ("intact", "damaged")),
        "data_source": _sources(rng, count),
        "recorded_on": _survey_dates(rng, count),
        "geom": Points(network.xy[:, 0], network.xy[:, 1]),
    }
    return network, manhole, _pipe_table(rng, areas, streets, network, codes, grid, owner)


def _pipe_table(
    rng: np.random.Generator,
    areas: Areas,
    streets: Streets,
    network: Network,
    codes: NDArray[np.object_],
    grid: NDArray[np.intp],
    owner: np.int16,
) -> Table:
    count = len(network.upper)
    width, height, box = (
        np.array(column) for column in zip(*((s.width_mm, s.height_mm, s.is_box) for s in SECTIONS), strict=True)
    )
    is_box = box[network.place]
    ends = np.stack((network.xy[network.upper], network.xy[network.lower]), axis=1)
    return {
        "code": numbered(PIPE_PREFIX, np.arange(1, count + 1), 7),
        "system": Coded(network.pipe_system, SYSTEMS),
        "street_id": streets.table["id"][network.pipe_segment],
        "zone_id": areas.unit_grid["zone_id"][grid[network.upper]],
        "from_manhole": codes[network.upper],
        "to_manhole": codes[network.lower],
        "in_elevation_m": network.upper_invert,
        "out_elevation_m": network.lower_invert,
        "shape": Coded(is_box.astype(np.int8), ("circle", "rectangle")),
        "diameter_mm": np.ma.masked_array(height[network.place], mask=is_box),
        "width_mm": np.ma.masked_array(width[network.place], mask=~is_box),
        "height_mm": np.ma.masked_array(height[network.place], mask=~is_box),
        "material": network.material,
        "roughness": network.roughness,
        "built_year": network.pipe_year,
        "owner_id": np.full(count, owner),
        "state": Coded((rng.random(count) < 0.018).astype(np.int8), ("intact", "damaged")),
        "data_source": _sources(rng, count),
        "recorded_on": _survey_dates(rng, count),
        "geom": lines(ends),
    }


def _reordered(network: Network, order: NDArray[np.intp]) -> Network:
    place_of = np.empty(len(order), np.intp)
    place_of[order] = np.arange(len(order))
    upper, lower = place_of[network.upper], place_of[network.lower]
    pipes = np.lexsort((lower, upper))
    columns = dict(vars(network))
    for name, column in columns.items():
        columns[name] = column[pipes if name in _PIPE_COLUMNS else order]
    columns["upper"], columns["lower"] = upper[pipes], lower[pipes]
    return Network(**columns)


def _component_codes(network: Network) -> NDArray[np.object_]:
    """Component codes of the covers: class 0103 storm, 0102 sanitary and combined; none at outlets."""
    codes = np.full(len(network.ground), None, dtype=object)
    for cover, mine in (("0103", network.system == STORM), ("0102", network.system != STORM)):
        rows = np.flatnonzero(mine & ~network.is_outlet)
        codes[rows] = numbered(DISTRICT + cover, np.arange(1, len(rows) + 1), 6)
    return codes


def _sources(rng: np.random.Generator, count: int) -> Coded:
    return Coded(
        np.searchsorted((0.70, 0.90, 0.97), rng.random(count)),
        ("survey", "as_built_drawing", "design_drawing", "estimate"),
    )


def _survey_dates(rng: np.random.Generator, count: int) -> NDArray[Any]:
    """Days of the pipe survey campaigns of 2019 to 2025, March to November."""
    year = rng.choice((2019, 2021, 2023, 2024, 2025), count, p=(0.2, 0.25, 0.25, 0.2, 0.1))
    start = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    return start + rng.integers(60, 330, count)
