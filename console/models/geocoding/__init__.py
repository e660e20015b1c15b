"""Geocoding (地理编码, GB/T 30428.3), both ways: what an address means, and what to call a point."""

from console.models.geocoding.forward import geocode
from console.models.geocoding.parsing import Address, Offset, parse
from console.models.geocoding.places import Place
from console.models.geocoding.reverse import Spot, spot

__all__ = ["Address", "Offset", "Place", "Spot", "geocode", "parse", "spot"]
