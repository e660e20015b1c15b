"""How large a demonstration city is: the figures that every generator reads.

`FULL` is the city of the design, `SMALL` about a thirtieth of it for tests. Both have five zones and obey the same
rules.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Sizes of one demonstration city; lengths in metres, areas in square metres, the rest are counts or as named."""

    name: str
    area_m2: float
    """Area inside the outline of the built-up city."""
    arterials: int
    """Number of arterial streets each way (九纵九横)."""

    storm_length_m: float
    """Length of the storm sewers that is aimed for; whole streets are chosen until it is reached."""
    sanitary_length_m: float
    combined_length_m: float
    flood_points: int
    components: int
    """Number of components (部件) that is aimed for, covers and gullies included."""

    vehicles: int
    inspectors: int
    companies: int
    work_sites: int
    dump_sites: int
    sensors: int

    direct_cases: int
    """Direct-assessment cases over the whole history."""
    loop_cases: int
    """Cases that went into the closed loop; of these `filed_cases` were filed and `closed_cases` are closed."""
    filed_cases: int
    closed_cases: int
    open_cases: int
    photographed_cases: int
    """So many of the newest cases in hand have photos; a quarter as many of the closed ones, and of those assessed."""

    history_months: int = 18
    trip_days: int = 30
    fix_days: int = 7
    water_days: int = 30


FULL = Scale(
    name="full",
    area_m2=91e6,
    arterials=9,
    storm_length_m=207e3,
    sanitary_length_m=180e3,
    combined_length_m=17e3,
    flood_points=24,
    components=80_000,
    vehicles=173,
    inspectors=55,
    companies=12,
    work_sites=36,
    dump_sites=5,
    sensors=42,
    direct_cases=481_600,
    loop_cases=45_700,
    filed_cases=40_200,
    closed_cases=38_300,
    open_cases=320,
    photographed_cases=320,
)

SMALL = Scale(
    name="small",
    area_m2=91e6 / 30,
    arterials=3,
    storm_length_m=207e3 / 30,
    sanitary_length_m=180e3 / 30,
    combined_length_m=17e3 / 30,
    flood_points=3,
    components=80_000 // 30,
    vehicles=6,
    inspectors=5,
    companies=2,
    work_sites=3,
    dump_sites=1,
    sensors=4,
    direct_cases=481_600 // 30,
    loop_cases=45_700 // 30,
    filed_cases=40_200 // 30,
    closed_cases=38_300 // 30,
    open_cases=40,
    photographed_cases=24,
)
