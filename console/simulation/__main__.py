"""Keeps the demonstration city alive: ``python -m console.simulation [options]``, until it is ended by a signal.

Without ``--database`` it plays on the private cluster of ``--data-dir``, with the city's gateway login.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console import lifeline
from console.database.cluster import PrivateCluster
from console.database.connection import connect, normalise
from console.errors import ConsoleError
from console.gateway.listening import FILE_NAME
from console.settings import Settings, _option
from console.simulation.generator import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN
from console.simulation.player import Player
from console.simulation.player.player import Pace

if TYPE_CHECKING:
    from collections.abc import Sequence

STATEMENT_TIMEOUT_S = 20
DEVIATING = 0.01
"""Of the full city's hauls: some ten trucks leave their routes on a day."""
SILENT = 0.003
HOLLOW = 0.05


@dataclass(frozen=True, kw_only=True)
class PlayerSettings(Settings):
    """Where trucks and sensors report to."""

    gateway: Path | None = _option(
        None, f"file in which the gateway says where it listens; without it {FILE_NAME} in the data folder"
    )
    mqtt: str | None = _option(
        None, "MQTT broker through which sensors report, as the gateway has it; else they dial it"
    )


def play(settings: PlayerSettings, pace: Pace, stop: threading.Event) -> None:
    """Play on the database that `settings` name until `stop` is set.

    Raises:
        ConsoleError: the private cluster does not start, or as `Player.run`.
    """
    with contextlib.ExitStack() as stack:
        url = settings.database
        if url is None:
            cluster = PrivateCluster(settings.data_dir)
            stack.callback(cluster.leave)
            owner = normalise(cluster.start())
            url = owner.set(username=GATEWAY_LOGIN, password=DEMONSTRATION_PASSWORD).render_as_string(
                hide_password=False
            )
        engine = connect(url, application="console simulation", statement_timeout_s=STATEMENT_TIMEOUT_S, readers=1)
        stack.callback(engine.dispose)
        meeting = settings.gateway or settings.data_dir / FILE_NAME
        Player(engine, pace, meeting, broker=settings.mqtt).run(stop)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the player; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m console.simulation", description="Keep the demonstration city alive."
    )
    PlayerSettings.add_arguments(parser)
    parser.add_argument(
        "--speed", type=_positive, default=1.0, metavar="X", help="times faster than life (default: 1.0)"
    )
    parser.add_argument(
        "--interval", type=int, default=5, choices=range(1, 61), metavar="S",
        help="seconds between two positions of a truck on duty, 1 to 60 (default: 5)",
    )  # fmt: skip
    parser.add_argument(
        "--cases-per-day", type=_positive, default=600.0, metavar="N", help="reports on an average day (default: 600)"
    )
    parser.add_argument("--seed", type=int, default=None, help="seed of all chance (default: that of the city)")
    parser.add_argument(
        "--no-staff", action="store_true", help="work no cases: leave them all to whoever sits at a desk"
    )
    parser.add_argument(
        "--deviating", type=_share, default=DEVIATING, metavar="SHARE",
        help=f"share of the hauls on which a truck leaves its route, 0 to 1 (default: {DEVIATING})",
    )  # fmt: skip
    parser.add_argument(
        "--silent", type=_share, default=SILENT, metavar="SHARE",
        help=f"share of the hauls on which a terminal falls silent, 0 to 1 (default: {SILENT})",
    )  # fmt: skip
    parser.add_argument(
        "--hollow", type=_share, default=HOLLOW, metavar="SHARE",
        help=f"share of the hauls on which a truck is out of reach for a while, 0 to 1 (default: {HOLLOW})",
    )  # fmt: skip
    parser.add_argument(
        "--truth",
        type=_writable,
        metavar="FILE",
        help="file to which every event that the play causes is added, one JSON object a line",
    )
    lifeline.add_option(parser)
    arguments = parser.parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if arguments.end_with_input:
        lifeline.hold()
    language = arguments.language or Settings.language
    try:
        settings = PlayerSettings.load(arguments)
        language = settings.language
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        play(
            settings,
            Pace(
                arguments.speed,
                arguments.interval,
                arguments.cases_per_day,
                arguments.seed,
                not arguments.no_staff,
                arguments.deviating,
                arguments.silent,
                arguments.hollow,
                arguments.truth,
            ),
            stop,
        )
    except ConsoleError as fault:
        print(fault.text(language), file=sys.stderr)
        return 1
    return 0


def _share(words: str) -> float:
    value = float(words)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{words} is no share from 0 to 1")
    return value


def _writable(words: str) -> Path:
    path = Path(words)
    try:
        path.touch()
    except OSError as fault:
        raise argparse.ArgumentTypeError(f"{words} cannot be written: {fault.strerror}") from fault
    return path


def _positive(words: str) -> float:
    value = float(words)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{words} is no positive number")
    return value


if __name__ == "__main__":
    sys.exit(main())
