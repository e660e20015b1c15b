"""Batches of arrivals as rows of the database, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyproj import Transformer

from console.models.field_intake import (
    DoubtfulFixes,
    DoubtfulReadings,
    Fixes,
    Messages,
    Readings,
    record_doubtful_fixes,
    record_doubtful_readings,
    record_fixes,
    record_messages,
    record_readings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from console.gateway.arrivals import Arrival, Fix, Reading

FASTEST_STORED_KMH = 300.0


class Store:
    """Writes batches; `engine` is a gateway's login."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Terminals speak WGS-84, which differs from CGCS2000 by centimetres (domain: treat as equal).
        self._to_city = Transformer.from_crs(4490, 4546, always_xy=True)

    def __call__(self, batch: Sequence[Arrival]) -> None:
        """Store a batch, or nothing of it.

        Raises:
            DatabaseAway: the database is away.
            ConsoleError: a row is impossible.
        """
        messages, readings, doubtful, untimely = Messages(), Readings(), DoubtfulFixes(), DoubtfulReadings()
        good: list[Fix] = []
        for arrival in batch:
            messages.received_ats.append(arrival.received_at)
            messages.ways.append(int(arrival.way))
            messages.owner_ids.append(arrival.owner_id)
            messages.raws.append(arrival.raw)
            for fix in arrival.fixes:
                if fix.is_good:
                    good.append(fix)
                else:
                    _doubt(doubtful, arrival, fix)
            for reading in arrival.readings:
                if reading.value is None:
                    continue  # the device itself could not measure: the message tells so
                if not reading.is_good:
                    _doubt_reading(untimely, arrival, reading)
                    continue
                readings.sensor_ids.append(reading.sensor_id)
                readings.ats.append(reading.at)
                readings.readings.append(reading.value)
                readings.qualities.append(reading.quality)
                readings.are_totals.append(reading.is_total)
        fixes = self._fixes(good)
        with self._engine.begin() as connection:
            record_messages(connection, messages)
            if fixes.ats:
                record_fixes(connection, fixes)
            if doubtful.ats:
                record_doubtful_fixes(connection, doubtful)
            if readings.ats:
                record_readings(connection, readings)
            if untimely.ats:
                record_doubtful_readings(connection, untimely)

    def _fixes(self, good: list[Fix]) -> Fixes:
        """Parallel lists of fixes, one a vehicle and second; the first of several counts, as in the database."""
        unique = {(fix.vehicle_id, fix.position.at): fix for fix in reversed(good)}
        fixes = Fixes()
        kept = list(unique.values())
        xs, ys = self._to_city.transform(
            [fix.position.longitude for fix in kept], [fix.position.latitude for fix in kept]
        )
        fixes.xs, fixes.ys = [round(x, 2) for x in xs], [round(y, 2) for y in ys]
        for fix in kept:
            position = fix.position
            truck = position.truck
            fixes.vehicle_ids.append(fix.vehicle_id)
            fixes.ats.append(position.at)
            fixes.speeds_kmh.append(min(position.speed_kmh, FASTEST_STORED_KMH))
            fixes.headings.append(position.heading)
            fixes.loads.append(position.load)
            # A terminal that knows nothing of the lid is not accused of having it open.
            fixes.lids_closed.append(truck is None or truck.lid_closed)
            fixes.mileages_m.append(position.mileage_m)
            fixes.alarm_bits.append(_signed(position.alarm))
            fixes.ignitions.append(position.ignition)
        return fixes


def _doubt(doubtful: DoubtfulFixes, arrival: Arrival, fix: Fix) -> None:
    doubtful.vehicle_ids.append(fix.vehicle_id)
    doubtful.received_ats.append(arrival.received_at)
    doubtful.ats.append(fix.position.at)
    doubtful.doubts.append(int(fix.doubt))
    doubtful.longitudes.append(fix.position.longitude)
    doubtful.latitudes.append(fix.position.latitude)
    doubtful.speeds_kmh.append(fix.position.speed_kmh)


def _doubt_reading(untimely: DoubtfulReadings, arrival: Arrival, reading: Reading) -> None:
    untimely.sensor_ids.append(reading.sensor_id)
    untimely.received_ats.append(arrival.received_at)
    untimely.ats.append(reading.at)
    untimely.doubts.append(int(reading.doubt))
    untimely.readings.append(reading.value or 0.0)


def _signed(bits: int) -> int:
    """32 bits as the signed number that the database's integer is."""
    return bits - (1 << 32) if bits & 1 << 31 else bits
