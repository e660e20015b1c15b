"""Sections, materials and slopes of sewers: the rules of GB 50014-2021 that a designer applies pipe by pipe."""

from __future__ import annotations

from dataclasses import dataclass

STORM, SANITARY, COMBINED = range(3)
SYSTEMS = ("storm", "sanitary", "combined")

COVER_M = 0.9
"""Cover that the design keeps below carriageways; the least allowed is `LEAST_COVER_M`."""
LEAST_COVER_M = 0.7
LEAST_DIAMETER_MM = 300
_LEAST_VELOCITY_MS = (0.75, 0.6, 0.75)
_MOST_VELOCITY_MS = {True: 10.0, False: 5.0}
_HYDRAULIC_EPSILON = 1e-9


@dataclass(frozen=True)
class Section:
    """A full pipe: a circle, or a box with a width of its own."""

    width_mm: int
    height_mm: int
    is_box: bool = False

    @property
    def area_m2(self) -> float:
        """Area of the full section."""
        if self.is_box:
            return self.width_mm * self.height_mm / 1e6
        return 3.141592653589793 * (self.height_mm / 2000.0) ** 2

    @property
    def radius_m(self) -> float:
        """Hydraulic radius when full."""
        if self.is_box:
            return self.area_m2 / (2.0 * (self.width_mm + self.height_mm) / 1000.0)
        return self.height_mm / 4000.0


SECTIONS = (
    *(Section(d, d) for d in (300, 400, 500, 600, 800, 1000, 1200, 1350, 1500, 1800, 2000)),
    *(Section(w, h, is_box=True) for w, h in ((2400, 2000), (3000, 2000), (3600, 2200), (4200, 2400), (5000, 2500))),
)
"""The series, ascending in height and area: a pipe downstream never has a lower place in it than one upstream."""
_USUAL_SLOPE = (0.003, 0.002, 0.0015, 0.0012, 0.001, 0.0008, 0.0008, *(0.0007,) * 9)


@dataclass(frozen=True)
class Material:
    """What a pipe is made of, with Manning's n (GB 50014-2021 5.2.3: plastic 0.009–0.011, concrete 0.013–0.014)."""

    code: str
    roughness: float
    is_plastic: bool = False
    is_metal: bool = False


MATERIALS = {
    material.code: material
    for material in (
        Material("hdpe", 0.010, is_plastic=True),
        Material("pvc_u", 0.009, is_plastic=True),
        Material("grp", 0.010, is_plastic=True),
        Material("concrete", 0.014),
        Material("reinforced_concrete", 0.013),
        Material("ductile_iron", 0.012, is_metal=True),
        Material("brick", 0.017),
    )
}


def velocity_ms(section: Section, roughness: float, slope: float) -> float:
    """Velocity in the full section (m/s) by Manning's formula."""
    return float(section.radius_m ** (2.0 / 3.0) * slope**0.5 / roughness)


def capacity_m3s(section: Section, roughness: float, slope: float, system: int) -> float:
    """What a pipe carries (m³/s): storm and combined full, sanitary at its greatest depth of flow (5.2.4)."""
    full = velocity_ms(section, roughness, slope) * section.area_m2
    if system != SANITARY:
        return full
    # Share of the full flow at h/D 0.55, 0.65, 0.70, 0.75.
    diameter = section.height_mm
    return full * (0.586 if diameter <= 300 else 0.756 if diameter <= 450 else 0.837 if diameter <= 900 else 0.912)


def least_slope(section: Section, material: Material, system: int) -> float:
    """The least slope allowed: that of the least diameter, or else that at which the pipe keeps itself clean."""
    slope = (_LEAST_VELOCITY_MS[system] * material.roughness / section.radius_m ** (2.0 / 3.0)) ** 2
    if section.height_mm <= LEAST_DIAMETER_MM:
        slope = max(slope, 0.002 if system == STORM and material.is_plastic else 0.003)
    return float(slope)


def usual_slope(place: int, material: Material, system: int) -> float:
    """Slope that a designer takes on flat ground for the section at `place` of the series."""
    return max(_USUAL_SLOPE[place], least_slope(SECTIONS[place], material, system) + _HYDRAULIC_EPSILON)


def most_slope(section: Section, material: Material) -> float:
    """Slope at which the full pipe reaches the greatest velocity allowed (5 m/s, metal 10 m/s)."""
    return float((_MOST_VELOCITY_MS[material.is_metal] * material.roughness / section.radius_m ** (2.0 / 3.0)) ** 2)


def choose_material(place: int, system: int, year: int, luck: float) -> Material:
    """What a pipe of this section was made of in that year: concrete at first, plastics from 2005 on."""
    section = SECTIONS[place]
    if section.is_box:
        code = "brick" if year < 1990 and luck < 0.5 else "reinforced_concrete"
    elif section.height_mm >= 800:
        code = "grp" if system == SANITARY and year >= 2010 and luck < 0.35 else "reinforced_concrete"
    elif year >= 2005:
        code = "hdpe" if luck < 0.72 else "pvc_u" if section.height_mm <= 400 else "reinforced_concrete"
        if system == SANITARY and luck > 0.93:
            code = "ductile_iron"
    else:
        code = "concrete" if section.height_mm <= 600 and luck < 0.75 else "reinforced_concrete"
    return MATERIALS[code]
