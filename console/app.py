"""Composition of the program: options → settings → database → child processes → window. Nothing else wires."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from console.database.cluster import PrivateCluster
from console.errors import ConsoleError
from console.run import ConsoleSettings, Run, Server
from console.screen import require_screen
from console.simulation.maker import CityMaker

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)
FAILED = 1


def parse(argv: Sequence[str] | None = None) -> Run:
    """What the command line, the environment and the settings file ask for.

    Raises:
        ConsoleError: a setting has a value that it cannot have.
        SystemExit: the command line is wrong, or help was asked for.
    """
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="Operator console of the smart urban management centre of Yuncheng.",
        epilog="Without --database the console makes and runs a PostGIS of its own with a demonstration city.",
    )
    ConsoleSettings.add_arguments(parser)
    parser.add_argument(
        "--no-simulation", action="store_true", help="leave the demonstration city still (default: it is kept alive)"
    )
    parser.add_argument(
        "--screenshots",
        type=Path,
        metavar="DIR",
        help="write one PNG of 1920×1080 pixels for each workspace to DIR and end; needs no screen (default: none)",
    )
    arguments = parser.parse_args(argv)
    return Run(
        ConsoleSettings.load(arguments),
        simulate=not arguments.no_simulation,
        screenshots=arguments.screenshots.expanduser().absolute() if arguments.screenshots else None,
        password=os.environ.get("CONSOLE_PASSWORD", ""),
        given=frozenset(name for name, value in vars(arguments).items() if value is not None),
    )


def _run(run: Run) -> int:
    """Start the private server while the window's modules are loaded, which takes as long; then show the window.

    On a first start the city is invented meanwhile, too.
    """
    # Loading modules leaves no garbage; looking for it there takes a fifth of a second. The program goes on by itself.
    gc.disable()
    if run.settings.database is not None:
        from console.program import run_program  # noqa: PLC0415 - without a screen the import of Qt may already fail

        return run_program(run)
    cluster = PrivateCluster(run.settings.data_dir)
    with ExitStack() as at_end:
        at_end.callback(cluster.leave)
        maker = None
        if cluster.is_new:
            maker = CityMaker()
            at_end.callback(maker.end)
        pool = at_end.enter_context(ThreadPoolExecutor(1, thread_name_prefix="server"))
        url = pool.submit(cluster.start)
        from console.program import run_program  # noqa: PLC0415 - as above

        return run_program(run, Server(cluster, url, maker))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the console; returns the exit code."""
    language = os.environ.get("CONSOLE_LANGUAGE", "zh_CN")
    try:
        run = parse(argv)
        language = run.settings.language
        require_screen(screenshots=run.screenshots is not None)
        return _run(run)
    except ConsoleError as error:
        sys.stderr.write(error.text(language) + "\n")
        return FAILED
    except KeyboardInterrupt:
        return 0
