"""The status bar tells whether what comes from the field comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.widgets.desks import LONG_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot
    from sqlalchemy import Engine

    from console.session import Session

FRESH_S = -3600
"""Ahead of the clock, so that it stays fresh however long the test takes."""
REPORTED = text("""
    INSERT INTO city.gateway_state (name, at, started_at, terminals, connections, waiting_rows, spooled_bytes, counters)
    VALUES (:name, clock_timestamp() - make_interval(secs => :ago), clock_timestamp(), 168, 170, 3, :spooled, '{}')
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, spooled_bytes = excluded.spooled_bytes
""")


def test_a_gateway_has_an_age_and_is_greyed_with_the_reason_when_it_is_gone(
    database: Engine, sit_down: Callable[[str], Session], qtbot: QtBot
) -> None:
    def report(name: str, ago: float, spooled: int = 0) -> None:
        with database.begin() as connection:
            connection.execute(REPORTED, {"name": name, "ago": ago, "spooled": spooled})

    def shows(words: str, role: str, tip: str) -> None:
        def look() -> None:
            entry = status._entries.get("gateway")
            assert entry is not None
            assert words in entry.text()
            assert (entry.property("role"), tip in entry.toolTip()) == (role, True)

        qtbot.waitUntil(look, timeout=LONG_MS)

    status = sit_down("dispatcher01").window.status
    shows("Gateway: none", "disabled", "No gateway has ever reported")
    report("kiosk", 3600)
    shows("Gateway gone for 1 h", "disabled", "comes in until it runs again")
    report("kiosk", FRESH_S, 2_500_000)
    shows("Gateway ● ", "secondary", "kiosk: heard")
    shows("2.5 MB waiting", "secondary", "168 terminals signed in")
    report("second", 400)
    shows("Gateways 1/2", "secondary", "second: heard")
