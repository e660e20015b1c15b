"""The process of a console that works for it ends with it, however the console ends.

A console that ends in order tells its children; one that is killed or crashes cannot. Standard input, which the console
holds open and never writes to, closes in each case.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser

OPTION = "--end-with-input"


def add_option(parser: ArgumentParser) -> None:
    """Add the option by which a child is asked to `hold` its lifeline."""
    parser.add_argument(OPTION, action="store_true", help="end when standard input closes, as after SIGTERM")


def hold() -> None:
    """Send SIGTERM to this process once standard input closes."""

    def wait() -> None:
        while os.read(0, 1 << 12):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
