"""From a position that a terminal sends to the pixels of the truck at its new place.

The whole way: a terminal, loopback, a gateway, the database, a console under a virtual screen. First one truck alone,
then the same while the whole fleet reports every five seconds: what lives is asked for at most once a second then. This
process is the terminals, and looks at the pixels of the screen itself until they change.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPoint
from sqlalchemy import text

from benchmarks import Row
from benchmarks._city import city_folder, private_city
from benchmarks._console import operated
from benchmarks._screen import virtual_screen
from benchmarks.gateway import GatewayProcess
from console.gateway.listening import FILE_NAME
from console.models.demonstration import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN
from console.models.field_intake import Fixes
from console.simulation.field.field import Devices, Field, identities

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from sqlalchemy import Engine
    from sqlalchemy import Row as DatabaseRow

    from benchmarks._operated import Operated
    from benchmarks._screen import Screen

MODULE = "benchmarks.live"
USER = "dispatcher02"
ALONE_MS, FLEET_MS = (300, 150), (1_500, 1_100)
"""Floor and aim: alone as for a commit of another desk; in the fleet a second more, in which it is asked for once."""
SCALE = 1.0
HALF_PX = 6
FAR_PX = 100
"""A truck goes at least so far, so that nothing of it is left at the new place before."""
TIMES = 20
INTERVAL_S = 5
PAUSE_S = (1.1, 2.3)
"""Positions have whole seconds; and not in step with anything."""
LOST_S = 10.0
_TRUCKS = text(
    "SELECT vehicle_id AS id, public.ST_X(geom) AS x, public.ST_Y(geom) AS y FROM city.vehicle_state ORDER BY 1"
)


def operate(console: Operated) -> Generator[Callable[[], bool] | float, None, None]:
    """Show a quarter of the city and tell where it is on the screen."""
    yield console.is_there
    yield console.is_settled
    window: Any = console.window
    canvas = window.desk.canvas
    canvas.centre_on(*canvas.home.centre, SCALE)
    window.stage.keep_keyboard()
    yield console.is_settled
    corner, view = canvas.mapToGlobal(QPoint()), canvas.view
    console.tell({"map": [corner.x(), corner.y(), view.width, view.height], "centre": [view.x, view.y]})
    yield 2 * (LOST_S + TIMES * (PAUSE_S[1] + 2.0))


@dataclass
class Fleet:
    """Trucks that stand where they were last seen, and their terminals."""

    field: Field
    trucks: Sequence[DatabaseRow[Any]]

    def report(self, *places: tuple[int, float, float]) -> None:
        """Report trucks at places, EPSG:4546, now."""
        now = datetime.now(UTC)
        n = len(places)
        self.field.report(
            Fixes(
                [id_ for id_, _, _ in places], [now] * n, [x for _, x, _ in places], [y for _, _, y in places],
                [20.0] * n, [90] * n, ["full"] * n, [True] * n, [None] * n, [0] * n, [True] * n,
            )
        )  # fmt: skip

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """All but the first report every five seconds, a fifth of them each second."""
        stop = threading.Event()

        def work() -> None:
            second = 0
            while not stop.wait(1.0):
                second += 1
                turn = [(one.id, one.x, one.y) for one in self.trucks[1:] if (one.id + second) % INTERVAL_S == 0]
                self.report(*turn)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def rows() -> Iterator[Row]:
    """Times from fix to pixels."""
    engine = private_city()
    with (
        virtual_screen() as screen,
        _fleet(engine) as fleet,
        operated(MODULE, city_folder(), "--user", USER, "--no-simulation") as told,
    ):
        seen = next(told)
        alone = tuple(_samples(screen, fleet, seen["map"], seen["centre"]))
        yield Row("fix → pixel: one truck alone", *ALONE_MS, "ms", alone)
        with fleet.at_work():
            among = tuple(_samples(screen, fleet, seen["map"], seen["centre"]))
        yield Row(f"fix → pixel: one of {len(fleet.trucks)} trucks that report", *FLEET_MS, "ms", among)
        told.end()


@contextmanager
def _fleet(engine: Engine) -> Iterator[Fleet]:
    """The fleet of the city, signed in at a gateway of its own."""
    url = engine.url.set(username=GATEWAY_LOGIN, password=DEMONSTRATION_PASSWORD)
    with engine.connect() as connection:
        trucks = connection.execute(_TRUCKS).all()
        terminals = identities(connection, [one.id for one in trucks])
    with tempfile.TemporaryDirectory(prefix="yc-") as name:
        gateway = GatewayProcess(url.render_as_string(hide_password=False), Path(name))
        gateway.start()
        field = Field(Devices(terminals), Path(name) / FILE_NAME)
        field.start()
        try:
            deadline = time.monotonic() + LOST_S
            while field.counters["in"] < len(terminals) and time.monotonic() < deadline:
                time.sleep(0.05)
            yield Fleet(field, trucks)
        finally:
            field.close()
            gateway.end()


def _samples(screen: Screen, fleet: Fleet, on_screen: list[int], centre: list[float]) -> Iterator[float]:
    left, top, width, height = on_screen
    chance = random.Random()
    before = (0, 0)
    for _ in range(TIMES):
        place = before
        while max(abs(place[0] - before[0]), abs(place[1] - before[1])) < FAR_PX:
            # Away from what floats over the map at its edges.
            place = chance.randint(-width // 8, width * 3 // 8), chance.randint(-height // 4, height // 4)
        before = place
        px, py = left + width // 2 + place[0], top + height // 2 + place[1]
        square = screen.pixels[py - HALF_PX : py + HALF_PX, px - HALF_PX : px + HALF_PX]
        time.sleep(chance.uniform(*PAUSE_S))
        old = square.copy()
        began = time.perf_counter()
        fleet.report((fleet.trucks[0].id, centre[0] + place[0] * SCALE, centre[1] - place[1] * SCALE))
        while np.array_equal(square, old):
            if time.perf_counter() - began > LOST_S:
                raise RuntimeError("a truck was never seen at its new place")
            time.sleep(0.0005)
        yield (time.perf_counter() - began) * 1e3
