"""A gateway on a free port with the small town, and terminals that dial in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.serving import serving
from tests.town import FLEET, SENSORS, TOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine

    from console.gateway.gateway import Gateway


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
    return partial(serving, tmp_path / "spool")
