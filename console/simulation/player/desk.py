"""How people of the demonstration city sign in."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from console.database.connection import connect
from console.models.demonstration import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection


@contextlib.contextmanager
def signed_in(place: URL, login: str) -> Iterator[Connection]:
    """A transaction of somebody who signs in for it alone: so many people need no standing connections.

    Raises:
        ConsoleError: the database at `place` is away, or `login` is no demonstration login there.
    """
    url = place.set(username=login, password=DEMONSTRATION_PASSWORD)
    engine = connect(url.render_as_string(hide_password=False), application="console simulation", readers=1)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
