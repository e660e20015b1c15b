"""What one run of the console is asked to do: its settings, and what else the command line says."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.settings import THEMES, Settings, _option

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from console.database.cluster import PrivateCluster
    from console.simulation.maker import CityMaker

STARTED = time.monotonic()
"""When the program began, as `time.monotonic` tells it."""


@dataclass(frozen=True, kw_only=True)
class ConsoleSettings(Settings):
    """The options of the window, besides those that every command shares."""

    theme: str = _option("dark", "colours of the window", THEMES)
    user: str | None = _option(
        None,
        "login to sign in with directly; its password is read from CONSOLE_PASSWORD unless it is a demonstration login",
    )
    base_map: str = _option(
        "",
        "what lies below the map unless a person chooses: an .mbtiles file, an address with {z}, {x} and {y},"
        " or tianditu:vec, tianditu:img, tianditu:ter",
    )
    base_map_key: str = _option("", "key that the service of the base map wants")


@dataclass(frozen=True)
class Run:
    """What this run of the program is asked to do.

    Attributes:
        settings: options in force.
        simulate: whether the demonstration city is kept alive.
        screenshots: folder for one picture of each workspace; None opens the window for people.
        password: of `settings.user`; empty when none is given.
        given: names of the settings that the command line names.
    """

    settings: ConsoleSettings
    simulate: bool
    screenshots: Path | None
    password: str
    given: frozenset[str]


@dataclass(frozen=True)
class Server:
    """The private server that is being started.

    Attributes:
        cluster: to be left at the end.
        url: of its database, once it takes connections; or why it does not start.
        maker: of its city, when it is known from the start that there is none.
    """

    cluster: PrivateCluster
    url: Future[str]
    maker: CityMaker | None = None
