"""Keeps the demonstration city alive: trucks drive on, rain falls, people report; all through the intake functions."""

from console.simulation.player.player import Player

__all__ = ["Player"]
