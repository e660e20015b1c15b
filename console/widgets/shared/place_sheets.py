"""What the detail panel says of places of work and measurement: sites and rain gauges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.widgets.shared import figures
from console.widgets.shared.sheets import Section, Sheet, given

if TYPE_CHECKING:
    from console.models.haulage import Site
    from console.models.sensors import RainGauge
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate


def site_sheet(site: Site, desk: Desk) -> Sheet:
    """A work or dump site: who may haul there, and what was hauled today."""
    is_work = site.kind == "work_site"
    return Sheet(
        site.name,
        site.code,
        (
            Section(
                "",
                given(
                    (
                        translate("sheets", "Kind"),
                        translate("layers", "Work site") if is_work else translate("layers", "Dump site"),
                    ),
                    (translate("sheets", "Zone"), desk.name(site.zone, site.zone_en)),
                    (translate("sheets", "Capacity"), figures.number(site.capacity_m3, 0, "m³")),
                    (translate("sheets", "Trucks with a permit"), figures.count(site.trucks)),
                ),
            ),
            Section(
                translate("sheets", "Today"),
                given(
                    (
                        translate("sheets", "Trips loaded") if is_work else translate("sheets", "Trips tipped"),
                        figures.count(site.trips),
                    ),
                    (translate("sheets", "Volume"), figures.number(site.volume_m3, 0, "m³")),
                ),
            ),
        ),
        (site.x, site.y),
    )


def rain_gauge_sheet(gauge: RainGauge, desk: Desk) -> Sheet:
    """A rain gauge: how much has fallen, and how old that is."""
    age = figures.age(desk.now() - gauge.at) if gauge.at is not None else figures.NONE
    heard = translate("sheets", "silent for {age}").format(age=age) if gauge.silent else age
    return Sheet(
        gauge.name,
        gauge.code,
        (
            Section(
                "",
                given(
                    (translate("sheets", "Rain in the last hour"), figures.number(gauge.hour_mm, 1, "mm")),
                    (translate("sheets", "Rain in 24 hours"), figures.number(gauge.day_mm, 1, "mm")),
                    (translate("sheets", "Measured"), heard, "disabled" if gauge.silent else ""),
                ),
            ),
        ),
        (gauge.x, gauge.y),
    )
