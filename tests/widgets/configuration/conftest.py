"""One city for all tests of this room; each has a window of its own, and leaves the city fit for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import _clone as clone
from tests.widgets.configuration.acting import sit_down
from tests.widgets.desks import leave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.database.cluster import PrivateCluster
    from console.session import Session
    from console.widgets.configuration.workspace import ConfigurationWorkspace


@pytest.fixture(scope="package")
def city(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Engine]:
    yield from clone(cluster, administration, city_template)


@pytest.fixture
def session(qtbot: QtBot, qapp: object, city: Engine, tmp_path: Path) -> Iterator[Session]:
    """The administrator at the workspace of configuration."""
    made = sit_down(city, "administrator01", tmp_path, qapp, qtbot)
    yield made
    leave(made)


@pytest.fixture
def workspace(session: Session) -> ConfigurationWorkspace:
    return session.window.workspaces["configuration"]  # type: ignore[return-value]
