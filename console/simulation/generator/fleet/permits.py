"""Trucks and what they are permitted: company, plate, terminal, approved route and hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from console.simulation.generator.fleet.sites import SYNTHETIC
from console.simulation.generator.tables import Table, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.fleet.motion import Path
    from console.simulation.generator.fleet.sites import Sites

# Hours in which a work site may send out trucks, with the share of the trucks. Yuncheng's own hours are not published:
# an assumption, stored as the setting `permit_hours`.
PERMIT_HOURS = {"night": ("22:00", "06:00"), "early": ("06:00", "15:00"), "late": ("12:00", "22:00")}
_SHARES = (0.30, 0.35, 0.35)
BOX_M3 = (12.0, 14.0, 16.0, 18.0, 20.0)
YELLOW = 2  # plate colour of heavy vehicles, JT/T 808
SILENT_SHARE = 0.03  # trucks whose terminal has stopped talking
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and no O on Chinese plates
_DAY_S = 86400.0


@dataclass(frozen=True)
class Trucks:
    """The trucks, one entry a truck; its id in the database is its place plus one.

    Attributes:
        site, dump: index of the work site and the dump site that its permit names.
        opens_s, closes_s: permitted hours in seconds after midnight; `closes_s` lies above a day past midnight.
        box_m3: volume of a full load.
        silent: whether its terminal has stopped talking.
    """

    site: NDArray[np.int64]
    dump: NDArray[np.int64]
    opens_s: NDArray[np.float64]
    closes_s: NDArray[np.float64]
    box_m3: NDArray[np.float64]
    silent: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.site)


def make_trucks(count: int, site_dump: NDArray[np.int64], rng: np.random.Generator) -> Trucks:
    """Spread `count` trucks evenly over the work sites, whose dump site is `site_dump` each."""
    sites = len(site_dump)
    site = np.arange(count) % sites
    # The hours belong to the site: neighbours either bear trucks at night or by day.
    ends = np.cumsum(_SHARES)
    pattern = np.searchsorted(ends, (rng.permutation(sites) + 0.5) / sites)
    hours = np.array([[_seconds(a), _seconds(b)] for a, b in PERMIT_HOURS.values()])
    hours[:, 1] += np.where(hours[:, 1] <= hours[:, 0], _DAY_S, 0.0)
    silent = np.zeros(count, bool)
    silent[rng.choice(count, max(1, round(SILENT_SHARE * count)), replace=False)] = True
    return Trucks(
        site=site,
        dump=site_dump[site],
        opens_s=hours[pattern[site], 0],
        closes_s=hours[pattern[site], 1],
        box_m3=rng.choice(BOX_M3, count, p=[0.1, 0.2, 0.3, 0.25, 0.15]),
        silent=silent,
    )


def truck_tables(
    trucks: Trucks, work: Sites, dumps: Sites, companies: list[str], ways: list[Path], today: np.datetime64,
    rng: np.random.Generator,
) -> dict[str, Table]:  # fmt: skip
    """Rows of company, work_site, dump_site, vehicle and route_permit.

    Args:
        trucks: the trucks.
        work: where they load.
        dumps: where they tip.
        companies: names.
        ways: the approved route of each work site.
        today: local date of the end of the history.
        rng: source of chance.
    """
    count = len(trucks)
    vehicle_id = np.arange(1, count + 1)
    from_day = today - rng.integers(40, 120, len(work)).astype("m8[D]")
    to_day = today + rng.integers(3, 90, len(work)).astype("m8[D]")
    line = np.array([shapely.linestrings(way.xy) for way in ways], dtype=object)
    year = str(today)[:4]
    return {
        "company": {"id": np.arange(1, len(companies) + 1), "name": text(companies)},
        "work_site": {
            "id": np.arange(1, len(work) + 1),
            "code": text([f"WS-{i + 1:03d}" for i in range(len(work))]),
            "name": text(work.name),
            "zone_id": work.zone_id,
            "geom": work.outline,
        },
        "dump_site": {
            "id": np.arange(1, len(dumps) + 1),
            "code": text([f"DS-{i + 1:02d}" for i in range(len(dumps))]),
            "name": text(dumps.name),
            "capacity_m3": np.round(rng.uniform(3e5, 12e5, len(dumps)), -4),
            "geom": dumps.outline,
        },
        "vehicle": {
            "id": vehicle_id,
            "plate": text(_plates(count, rng)),
            "plate_colour": np.full(count, YELLOW),
            "terminal_phone": text([f"0139{35_900_000 + i:08d}" for i in vehicle_id]),
            "company_id": trucks.site % len(companies) + 1,
            "box_m3": trucks.box_m3,
            "active": np.ones(count, bool),
        },
        "route_permit": {
            "id": vehicle_id,
            "permit_no": text([f"运渣准字{year}第{i:04d}号{SYNTHETIC}" for i in vehicle_id]),
            "vehicle_id": vehicle_id,
            "work_site_id": trucks.site + 1,
            "dump_site_id": trucks.dump + 1,
            "valid_from": from_day[trucks.site],
            "valid_to": to_day[trucks.site],
            "hours_from": _of_day(trucks.opens_s),
            "hours_to": _of_day(trucks.closes_s),
            "volume_m3": np.round(trucks.box_m3 * rng.integers(400, 900, count), -1),
            "geom": line[trucks.site],
        },
    }


def _plates(count: int, rng: np.random.Generator) -> list[str]:
    """Plates of Yuncheng (晋M): a letter and four digits, no two alike."""
    letters = ["D", *rng.choice([letter for letter in _LETTERS if letter != "D"], 3, replace=False)]
    drawn = rng.choice(len(letters) * 10_000, count, replace=False)
    return [f"晋M·{letters[n // 10_000]}{n % 10_000:04d}" for n in drawn]


def _seconds(clock: str) -> float:
    hours, minutes = clock.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0


def _of_day(seconds: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    return (seconds % _DAY_S).astype("m8[s]")
