"""A gateway on free ports, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from console.gateway.gateway import Gateway, Ports
from console.gateway.line import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

LIMITS = Limits()


@contextmanager
def serving(
    spool: Path,
    engine: Engine,
    limits: Limits = LIMITS,
    spool_bytes: int = 1 << 20,
    kind: type[Gateway] = Gateway,
    **more: Any,
) -> Iterator[Gateway]:
    """Let a gateway run for as long as the context lasts."""
    gateway = kind(engine, spool, spool_bytes, Ports("127.0.0.1", 0, 0, 0), limits, **more)
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
