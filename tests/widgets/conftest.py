"""What widget tests get: the application in its look and English, operations on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.database.connection import connect
from console.widgets.shared import language
from console.widgets.shared.operations import Operations
from console.widgets.shared.style import Look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine


@pytest.fixture(autouse=True)
def app(qapp: QApplication) -> QApplication:
    """The application in the dark theme and in English."""
    Look.apply(qapp, "dark")
    language.install(qapp, "en")
    return qapp


@pytest.fixture
def operations(qtbot: QtBot, empty_database: Engine) -> Iterator[Operations]:
    """Operations on a migrated database without a city; closed at the end."""
    url = empty_database.url.render_as_string(hide_password=False)
    engine = connect(url, readers=4)
    made = Operations(engine)
    yield made
    made.close()
    engine.dispose()
