"""Keeps the demonstration city alive: trucks drive on, rain falls, people report; each by the way in that it has."""

from console.simulation.player.player import Player

__all__ = ["Player"]
