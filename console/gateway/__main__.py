"""Takes in what terminals and sensors send: ``python -m console.gateway [options]``, until it is ended by a signal.

Without ``--database`` it serves the private cluster of ``--data-dir``, with the city's gateway login.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from typing import TYPE_CHECKING

from console import lifeline
from console.database.cluster import PrivateCluster
from console.database.connection import connect, normalise
from console.database.locks import FileLock
from console.database.migrations import require_head
from console.errors import ConsoleError
from console.gateway.devices.http import tls_context
from console.gateway.gateway import Gateway, Ports
from console.gateway.line import Limits
from console.gateway.listening import FILE_NAME, write_listening
from console.gateway.options import GatewaySettings
from console.gateway.spool import open_folder
from console.models.demonstration import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STATEMENT_TIMEOUT_S = 20
LOCK = "gateway.lock"
LOOK_S = 1.0
"""Between two looks whether the other gateway of the data folder has ended."""
log = logging.getLogger(__name__)


def serve(settings: GatewaySettings) -> None:
    """Serve the database that `settings` name until a signal comes; stand by while another serves the data folder.

    Raises:
        ConsoleError: the database or the spool folder cannot be had, or a port is taken.
    """
    networks = settings.networks()
    certificate = settings.http_certificate
    tls = None if certificate is None else tls_context(certificate, settings.http_key)
    spool = settings.data_dir / "spool"
    with contextlib.ExitStack() as stack:
        stack.callback(_alone(spool).release)
        url = settings.database
        if url is None:
            cluster = PrivateCluster(settings.data_dir)
            stack.callback(cluster.leave)
            owner = normalise(cluster.start())
            url = owner.set(username=GATEWAY_LOGIN, password=DEMONSTRATION_PASSWORD).render_as_string(
                hide_password=False
            )
        engine = connect(url, application="console gateway", statement_timeout_s=STATEMENT_TIMEOUT_S, readers=3)
        stack.callback(engine.dispose)
        require_head(engine)
        ports = (
            Ports(settings.listen, 0, 0, 0)
            if settings.free_ports == "yes"
            else Ports(settings.listen, settings.jt808_port, settings.sl651_port or None, settings.http_port or None)
        )
        gateway = Gateway(
            engine,
            spool,
            settings.spool_mb << 20,
            ports,
            Limits(allowed=networks),
            tls=tls,
            broker=settings.mqtt,
            topics=tuple(topic.strip() for topic in settings.mqtt_topics.split(",") if topic.strip()),
        )
        asyncio.run(_until_signal(gateway, settings.listening or settings.data_dir / FILE_NAME))


def _alone(spool: Path) -> FileLock:
    """Wait until no other gateway has the spool folder.

    Two would write into each other's segments, and share the name under which they report and the broker's session.
    """
    open_folder(spool, LOCK)
    lock = FileLock(spool / LOCK)
    if not lock.exclude(0):
        log.info("Another gateway has the folder %s; standing by until it ends", spool)
        while not lock.exclude(LOOK_S):
            pass
    return lock


async def _until_signal(gateway: Gateway, told: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await gateway.run(stop, lambda: write_listening(told, gateway.listening))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the gateway; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m console.gateway", description="Take in what GPS terminals and sensors send."
    )
    GatewaySettings.add_arguments(parser)
    lifeline.add_option(parser)
    arguments = parser.parse_args(argv)
    if arguments.end_with_input:
        lifeline.hold()
    language = arguments.language or GatewaySettings.language
    try:
        settings = GatewaySettings.load(arguments)
        language = settings.language
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        serve(settings)
    except ConsoleError as fault:
        print(fault.text(language), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
