"""A gateway on a free port with the small town, and terminals that dial in."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.gateway.gateway import Gateway, Ports
from console.gateway.jt808.session import Limits
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine

FLEET = """
INSERT INTO city.company (name) VALUES ('运城渣土运输');
INSERT INTO city.vehicle (plate, terminal_phone, company_id, box_m3)
    SELECT '晋M·D000' || i, CASE i WHEN 1 THEN '013935900001' ELSE '0000000001393590000' || i END, 1, 18
    FROM generate_series(1, 3) AS i;
"""


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(text(FLEET))
    return empty_database


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., AbstractContextManager[Gateway]]:
    """Makes a gateway run in a thread of its own, for as long as the context lasts."""

    @contextmanager
    def serve(engine: Engine, limits: Limits = Limits(), spool_bytes: int = 1 << 20) -> Iterator[Gateway]:  # noqa: B008
        gateway = Gateway(engine, tmp_path / "spool", spool_bytes, Ports("127.0.0.1", 0), limits)
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
