"""The full demonstration city that the benchmarks of the database ask: made once, kept beside the user's own data."""

from __future__ import annotations

import atexit
from functools import cache
from typing import TYPE_CHECKING

from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.database.migrations import migrate
from console.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


@cache
def city() -> Engine:
    """An engine on a full city: that of ``CONSOLE_DATABASE``, else a private one for benchmarks alone."""
    settings = Settings.load()
    return connect(settings.database) if settings.database else private_city()


@cache
def private_city() -> Engine:
    """An engine, as the owner, on the private city; its cluster runs until the benchmarks end."""
    cluster = PrivateCluster(city_folder())
    cluster.start()
    atexit.register(cluster.leave)
    engine = connect(cluster.url())
    migrate(engine)
    with engine.connect() as connection:
        empty = connection.exec_driver_sql("SELECT NOT EXISTS (SELECT FROM city.case_file)").scalar_one()
    if empty:
        from console.simulation.generator import seed  # noqa: PLC0415 - heavy, and needed once

        seed(engine, scale="full")
    return engine


def city_folder() -> Path:
    """The data folder of the private city: that of a console which shows it."""
    return Settings.load().data_dir / "benchmarks"
