"""Haulage of muck: where trucks load and tip, which way and when they may drive, and where they may not."""

from console.models.haulage.areas import area_layer
from console.models.haulage.routes import CORRIDOR_M, ROUTES_UP_TO, route_layer, route_of
from console.models.haulage.sites import SITES_UP_TO, Site, site, site_layer

__all__ = [
    "CORRIDOR_M",
    "ROUTES_UP_TO",
    "SITES_UP_TO",
    "Site",
    "area_layer",
    "route_layer",
    "route_of",
    "site",
    "site_layer",
]
