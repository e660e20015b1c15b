"""Builds the demonstration city as tables of numpy and shapely arrays, deterministic for a given seed."""
