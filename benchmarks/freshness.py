"""From a commit on one desk to the pixels on another: a case that is reported, and a move of a case that is in sight.

The other desk is a whole console under a virtual screen; this process commits as somebody else would, and then looks
at the pixels of the screen itself until they change.
"""

from __future__ import annotations

import random
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPoint
from sqlalchemy import text

from benchmarks import Row
from benchmarks._city import city_folder, private_city
from benchmarks._console import operated
from benchmarks._screen import virtual_screen
from console.database.connection import connect
from console.models.cases import Preset, moves
from console.models.demonstration import ACCEPTOR_LOGIN, DEMONSTRATION_PASSWORD
from console.widgets.cases.queue_model import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from benchmarks._operated import Operated
    from benchmarks._screen import Screen

MODULE = "benchmarks.freshness"
FLOOR_MS, AIM_MS = 300, 50
USER = "acceptor02"
SCALE = 1.0
"""Metres per pixel of the map that is looked at."""
HALF_PX = 6
"""Half the side of the square of pixels in which a case must be seen."""
APART_PX = 80
"""Cases nearer to each other may become one mark."""
TIMES = 20
PAUSE_S = 0.4
LOST_S = 5.0
FREE = """
    SELECT x, y FROM unnest(CAST(:xs AS double precision[]), CAST(:ys AS double precision[])) AS p(x, y)
    WHERE NOT EXISTS (
        SELECT FROM city.case_file AS c WHERE c.closed_at IS NULL
            AND public.ST_DWithin(c.geom, public.ST_SetSRID(public.ST_MakePoint(x, y), 4546), :apart)
    )
"""
REPORT = text("SELECT id FROM city.report_case('hotline_12345', '井盖缺失', :x, :y)")


def operate(console: Operated) -> Generator[Callable[[], bool] | float, None, None]:
    """Show a quarter of the city and the newest cases, and tell what is where on the screen."""
    yield console.is_there
    yield console.is_settled
    window: Any = console.window
    canvas, queue = window.desk.canvas, window.workspaces["dispatch"].queue
    canvas.centre_on(*canvas.home.centre, SCALE)
    window.stage.keep_keyboard()
    yield console.is_settled
    corner, view = canvas.mapToGlobal(QPoint()), canvas.view
    console.tell({"map": [corner.x(), corner.y(), view.width, view.height], "centre": [view.x, view.y]})
    yield LOST_S + TIMES * (PAUSE_S + 0.2)
    queue.show_cases({}, Preset.ALL)
    yield console.is_settled
    rows = []
    for place in range(queue.model.rowCount()):
        index = queue.model.index(place)
        rect, row = queue.list.visualRect(index), index.data(ROW)
        if row is None or not queue.list.viewport().rect().contains(rect):
            break
        top = queue.list.viewport().mapToGlobal(rect.topLeft())
        rows.append([row.id, top.x(), top.y(), rect.width(), rect.height()])
    console.tell({"rows": rows})
    yield LOST_S + TIMES * (PAUSE_S + 0.2)


def rows() -> Iterator[Row]:
    """Times from commit to pixels."""
    engine = private_city()
    url = engine.url.set(username=ACCEPTOR_LOGIN, password=DEMONSTRATION_PASSWORD)
    desk = connect(url.render_as_string(hide_password=False))
    with (
        virtual_screen() as screen,
        operated(MODULE, city_folder(), "--user", USER, "--no-simulation") as told,
        desk.connect() as connection,
    ):
        seen = next(told)
        reported: list[int] = []
        samples = tuple(_reports(connection, screen, seen["map"], seen["centre"], reported))
        yield Row("freshness: case reported → on the map of another desk", FLOOR_MS, AIM_MS, "ms", samples)
        samples = tuple(_refusals(connection, screen, next(told)["rows"], reported))
        yield Row("freshness: move of a case → its row at another desk", FLOOR_MS, AIM_MS, "ms", samples)
        for case_id in reported:
            _refuse(connection, case_id)
        connection.commit()
    desk.dispose()


def _reports(
    connection: Connection, screen: Screen, on_screen: list[int], centre: list[float], reported: list[int]
) -> Iterator[float]:
    left, top, width, height = on_screen
    chance = random.Random()
    # Away from what floats over the map at its edges.
    places = [
        (chance.randint(-width // 8, width * 3 // 8), chance.randint(-height // 4, height // 4)) for _ in range(500)
    ]
    xs = [centre[0] + dx * SCALE for dx, _ in places]
    ys = [centre[1] - dy * SCALE for _, dy in places]
    asked = {"xs": xs, "ys": ys, "apart": APART_PX * SCALE}
    free = {(round(x, 3), round(y, 3)) for x, y in connection.execute(text(FREE), asked)}
    connection.rollback()
    used: list[tuple[int, int]] = []
    for (dx, dy), x, y in zip(places, xs, ys, strict=True):
        crowded = any(abs(dx - ux) < APART_PX and abs(dy - uy) < APART_PX for ux, uy in used)
        if len(used) == TIMES or crowded or (round(x, 3), round(y, 3)) not in free:
            continue
        used.append((dx, dy))
        px, py = left + width // 2 + dx, top + height // 2 + dy

        def report(x: float = x, y: float = y) -> None:
            reported.append(connection.execute(REPORT, {"x": x, "y": y}).scalar_one())

        yield _change(screen.pixels[py - HALF_PX : py + HALF_PX, px - HALF_PX : px + HALF_PX], connection, report)


def _refusals(
    connection: Connection, screen: Screen, in_sight: list[list[int]], reported: list[int]
) -> Iterator[float]:
    for case_id, left, top, width, height in in_sight:
        if case_id in reported:
            reported.remove(case_id)
            square = screen.pixels[top : top + height, left : left + width]
            yield _change(square, connection, partial(_refuse, connection, case_id))


def _refuse(connection: Connection, case_id: int) -> None:
    """Nobody else has touched it: it has the version that it was reported with."""
    moves.move(connection, moves.Move(case_id=case_id, version=1, move="refuse", opinion="测试"))


def _change(square: NDArray[np.uint32], connection: Connection, work: Callable[[], object]) -> float:
    """Milliseconds from the commit of `work` until `square` looks different."""
    time.sleep(PAUSE_S)
    before = square.copy()
    work()
    connection.commit()
    began = time.perf_counter()
    while np.array_equal(square, before):
        if time.perf_counter() - began > LOST_S:
            raise RuntimeError("what another desk has committed was never seen")
        time.sleep(0.0005)
    return (time.perf_counter() - began) * 1e3
