"""The monitors under load: ten thousand trucks with permits drive in the full city, each judged by every rule.

Positions are stored as the gateway stores them, in batches of its size; what is measured is the processor time of our
process for reading them from the inbox, judging them and writing what follows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from benchmarks import Row
from benchmarks._city import private_city
from console.gateway.intake import BATCH_ROWS
from console.gateway.monitors import Monitors
from console.models.field_intake import Fixes, record_fixes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from sqlalchemy import Engine

TRUCKS, ROUNDS, SPEED_M_S, NOISE_M = 10_000, 8, 9.0, 10.0
FIRST_ID = 100_001
_FLEET = """
    INSERT INTO city.vehicle (id, plate, terminal_phone, company_id, box_m3)
    SELECT :first + n, '测' || n, '8' || lpad(n::text, 11, '0'), 1, 18 FROM generate_series(0, :trucks - 1) AS n;
    INSERT INTO city.route_permit (permit_no, vehicle_id, work_site_id, dump_site_id, valid_from, valid_to, hours_from,
        hours_to, volume_m3, geom)
    SELECT '测' || n, :first + n, p.work_site_id, p.dump_site_id, current_date - 2, current_date + 2, '00:00', '00:00',
        1000, p.geom
    FROM generate_series(0, :trucks - 1) AS n
    JOIN (
        SELECT *, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS permits FROM city.route_permit
    ) AS p ON p.place = n % p.permits;
"""
_GONE = """
    DELETE FROM city.vehicle_fix WHERE vehicle_id >= :first;
    DELETE FROM city.vehicle_state WHERE vehicle_id >= :first;
    DELETE FROM city.trip WHERE vehicle_id >= :first;
    DELETE FROM city.vehicle_day WHERE vehicle_id >= :first;
    DELETE FROM city.alarm_hold WHERE vehicle_id >= :first;
    ALTER TABLE city.alarm_event DISABLE TRIGGER keep_history;
    DELETE FROM city.alarm_event WHERE alarm_id IN (SELECT id FROM city.alarm WHERE vehicle_id >= :first);
    ALTER TABLE city.alarm_event ENABLE TRIGGER keep_history;
    DELETE FROM city.alarm WHERE vehicle_id >= :first;
    DELETE FROM city.route_permit WHERE vehicle_id >= :first;
    DELETE FROM city.vehicle WHERE id >= :first;
    UPDATE city.monitor_state SET state = NULL, at = '-infinity';
    TRUNCATE city.fix_inbox, city.reading_inbox;
"""


@dataclass(frozen=True)
class Moment:
    """Where all trucks are at a moment: places, headings; a slice of them as the intake takes it."""

    xy: NDArray[np.float64]
    heading: NDArray[np.float64]
    at: datetime

    def part(self, start: int) -> Fixes:
        """A batch of them."""
        xy = self.xy[start : start + BATCH_ROWS].round(2)
        heading = self.heading[start : start + BATCH_ROWS].astype(int) % 360
        n = len(xy)
        return Fixes(
            list(range(FIRST_ID + start, FIRST_ID + start + n)), [self.at] * n, xy[:, 0].tolist(), xy[:, 1].tolist(),
            [3.6 * SPEED_M_S] * n, heading.tolist(), ["full"] * n, [True] * n, [None] * n, [0] * n, [True] * n,
        )  # fmt: skip


def rows() -> Iterator[Row]:
    """Measure."""
    engine = private_city()
    _run(engine, _GONE)
    _run(engine, _FLEET)
    try:
        yield from _measure(engine)
    finally:
        _run(engine, _GONE)


def _measure(engine: Engine) -> Iterator[Row]:
    monitors = Monitors(engine, "benchmark")
    monitors.run()
    spent, took = [], []
    for moment in _drive(engine):
        for start in range(0, TRUCKS, BATCH_ROWS):
            with engine.begin() as connection:
                record_fixes(connection, moment.part(start))
        used, begun = time.process_time(), time.perf_counter()
        judged = 0
        while now := monitors.run():
            judged += now
        spent.append((time.process_time() - used) / judged * 10_000)
        took.append((time.perf_counter() - begun) / judged * 10_000)
    monitors.close()
    yield Row("10 000 fixes: processor time of monitors", 0.3, 0.1, "s", tuple(spent))
    yield Row("10 000 fixes: from the inbox to what follows, written", 1.0, 0.4, "s", tuple(took))


def _drive(engine: Engine) -> Iterator[Moment]:
    """A position of every truck every five seconds, loaded, on its way with the noise of a poor receiver."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT public.ST_AsBinary(geom) FROM city.route_permit WHERE vehicle_id >= :first ORDER BY vehicle_id"
            ),
            {"first": FIRST_ID},
        )
        lines = shapely.from_wkb([bytes(line) for line in found.scalars()])
    rng = np.random.default_rng(1)
    along = rng.uniform(0, shapely.length(lines))
    begin = datetime.now(UTC) - timedelta(seconds=5 * ROUNDS)
    for number in range(ROUNDS):
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, along + 5.0))
        here = shapely.get_coordinates(shapely.line_interpolate_point(lines, along))
        heading = np.degrees(np.arctan2(*(ahead - here).T)) % 360
        yield Moment(here + rng.normal(0, NOISE_M, here.shape), heading, begin + timedelta(seconds=5 * number))
        along += 5 * SPEED_M_S


def _run(engine: Engine, statements: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(text(statement), {"first": FIRST_ID, "trucks": TRUCKS})
