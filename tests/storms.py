"""Storms that a test needs: rain and water of one flood point up to now, as sensors would have told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

STEP = timedelta(minutes=5)


def rain_and_rise(
    database: Engine, now: datetime, *, lag_min: int = 30, peak_cm: float = 22.0, until_min: int = 0
) -> int:
    """An hour of rain four hours ago, and water that follows it; returns the id of the flood point.

    Args:
        database: of the owner.
        now: when it is now.
        lag_min: minutes after the rain in which the water stands as high as it rained.
        peak_cm: its deepest.
        until_min: minutes before now at which the level sensor falls silent.
    """
    shape = [0.0] * 24 + [0.5, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 0.5] + [0.0] * 40
    lag = lag_min // 5
    water = ([0.0] * lag + shape)[: len(shape)]
    ats = [now - STEP * (len(shape) - 1 - place) for place in range(len(shape))]
    point_id, level_id, rain_id = sensors_of(database)
    last = now - timedelta(minutes=until_min)
    levels = [(at, 0.4 + peak_cm * depth / 4) for at, depth in zip(ats, water, strict=True) if at <= last]
    write(database, level_id, levels)
    write(database, rain_id, list(zip(ats, shape, strict=True)))
    return point_id


def sensors_of(database: Engine) -> tuple[int, int, int]:
    """A flood point with its level sensor and the rain gauge nearest to it."""
    with database.begin() as connection:
        row = connection.execute(
            text("""
                SELECT p.id AS point, s.id AS level, r.id AS rain FROM city.flood_point AS p
                JOIN city.sensor AS s ON s.flood_point_id = p.id
                CROSS JOIN LATERAL (
                    SELECT g.id FROM city.sensor AS g WHERE g.kind = 'rain' ORDER BY g.geom <-> p.geom LIMIT 1
                ) AS r
                ORDER BY p.id LIMIT 1
            """)
        ).one()
    return row.point, row.level, row.rain


def write(
    database: Engine, sensor_id: int, readings: Sequence[tuple[datetime, float]], quality: Sequence[int] = ()
) -> None:
    """Let a sensor have read just this, in the time order of `readings`; each good unless `quality` says otherwise."""
    qualities = list(quality) or [0] * len(readings)
    days = [at.date() for at, _ in readings]
    with database.begin() as connection:
        connection.execute(
            text("SELECT city.ensure_partitions(CAST(:first AS date), CAST(:last AS date))"),
            {"first": min(days) - timedelta(days=1), "last": max(days) + timedelta(days=1)},
        )
        connection.execute(text("DELETE FROM city.sensor_reading WHERE sensor_id = :id"), {"id": sensor_id})
        connection.execute(
            text("INSERT INTO city.sensor_reading (sensor_id, at, value, quality) VALUES (:id, :at, :value, :quality)"),
            [
                {"id": sensor_id, "at": at, "value": value, "quality": quality}
                for (at, value), quality in zip(readings, qualities, strict=True)
            ],
        )
        connection.execute(text("DELETE FROM city.sensor_state WHERE sensor_id = :id"), {"id": sensor_id})
        connection.execute(
            text("""
                INSERT INTO city.sensor_state (sensor_id, at, value, quality)
                SELECT sensor_id, at, value, quality FROM city.sensor_reading WHERE sensor_id = :id
                ORDER BY at DESC LIMIT 1
            """),
            {"id": sensor_id},
        )
