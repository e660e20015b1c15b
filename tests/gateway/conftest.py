"""A gateway on a free port with the small town, and terminals that dial in."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.gateway.gateway import Gateway, Ports
from console.gateway.line import Limits
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine

LIMITS = Limits()
FLEET = """
INSERT INTO city.company (name) VALUES ('运城渣土运输');
INSERT INTO city.vehicle (plate, terminal_phone, company_id, box_m3)
    SELECT '晋M·D000' || i, CASE i WHEN 1 THEN '013935900001' ELSE '0000000001393590000' || i END, 1, 18
    FROM generate_series(1, 3) AS i;
"""

SENSORS = """
INSERT INTO city.flood_point (id, code, name, zone_id, cause, is_underpass, catchment_m2, attention_cm, flooding_cm,
    closing_cm, severe_cm, department_id, plan, geom)
    SELECT 1, 'F1', '红旗街积水点', 1, 'low_ground', false, 10000, 5, 15, 27, 40, id, '围挡',
        ST_SetSRID(ST_Point(500200, 3875000), 4546)
    FROM city.department LIMIT 1;
INSERT INTO city.sensor (id, code, name, kind, flood_point_id, unit, interval_s, geom) VALUES
    (1, 'W1', '水位', 'water_level', 1, 'cm', 300, ST_SetSRID(ST_Point(500200, 3875000), 4546)),
    (2, 'R1', '雨量', 'rain', NULL, 'mm', 300, ST_SetSRID(ST_Point(500100, 3875000), 4546));
"""


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(text(FLEET))
    return empty_database


@pytest.fixture
def sensors(town: Engine) -> Engine:
    """The town with a water-level sensor (1) and a rain gauge (2)."""
    with town.begin() as connection:
        connection.execute(text(SENSORS))
    return town


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., AbstractContextManager[Gateway]]:
    """Makes a gateway run in a thread of its own, for as long as the context lasts."""

    @contextmanager
    def serve(
        engine: Engine,
        limits: Limits = LIMITS,
        spool_bytes: int = 1 << 20,
        **more: Any,
    ) -> Iterator[Gateway]:
        gateway = Gateway(engine, tmp_path / "spool", spool_bytes, Ports("127.0.0.1", 0, 0, 0), limits, **more)
        ready, ended = threading.Event(), threading.Event()
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        failure: list[BaseException] = []

        def run() -> None:
            asyncio.set_event_loop(loop)
            try:
                loop.run_until_complete(gateway.run(stop, ready.set))
            except BaseException as error:  # noqa: BLE001 - told to the test
                failure.append(error)
            finally:
                loop.close()
                ready.set()
                ended.set()

        thread = threading.Thread(target=run, name="gateway under test")
        thread.start()
        assert ready.wait(20)
        try:
            if failure:
                raise failure[0]
            yield gateway
        finally:
            if not ended.is_set():
                loop.call_soon_threadsafe(stop.set)
            thread.join(20)
            assert not thread.is_alive()

    return serve
