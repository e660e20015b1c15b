"""Base maps from a file and from a web service of our own."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from console.errors import ConsoleError
from console.map import Extent, MapCanvas, ThreadFetcher, View
from console.map.basemap import IN_FLIGHT, BaseMap, MBTiles, WebTiles, open_base_map
from console.map.gcj02 import from_gcj02, to_gcj02
from console.map.overlay import geographic
from console.map.tiles import Tile, TileFrame, TileGrid
from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

Settle = Any
X, Y = 500_638.812, 3_877_521.762
LEVEL = 15


def png(colour: str) -> bytes:
    image = QImage(256, 256, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload] # takes the name as it is
    return bytes(buffer.data().data())


def colour_of(tile: Tile) -> str:
    return f"#{40 + tile.column % 5 * 40:02x}{40 + tile.row % 5 * 40:02x}80"


def mbtiles(path: Path, tiles: list[Tile]) -> Path:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        file.execute("INSERT INTO metadata VALUES ('attribution', '审图号 TEST')")
        file.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        file.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)",
            [(t.level, t.column, 2**t.level - 1 - t.row, png(colour_of(t))) for t in tiles],
        )
    file.close()
    return path


def around(frame: TileFrame) -> list[Tile]:
    return frame.tiles(Extent(X, Y, X, Y).grown(2_000), LEVEL)


@pytest.fixture
def bare(qtbot: QtBot, fetcher: ThreadFetcher) -> MapCanvas:
    made = MapCanvas(theme("dark"), fetcher, Extent(X, Y, X, Y).grown(500))
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown_at(canvas: MapCanvas, x: float, y: float) -> str:
    px, py = canvas.view.to_screen(x, y)
    return canvas.grab_view().toImage().pixelColor(round(px), round(py)).name()


def lay(canvas: MapCanvas, base: BaseMap | None) -> BaseMap:
    assert base is not None
    base.opacity = 1.0
    base.changed.connect(canvas.backdrop_changed)
    canvas.set_backdrop(base)
    return base


class TestGrid:
    def test_known_tiles_of_the_city(self) -> None:
        assert [int(v) for v in TileGrid.MERCATOR.place(111.007, 35.0264, 10)] == [827, 405]
        assert [int(v) for v in TileGrid.GEOGRAPHIC.place(111.007, 35.0264, 10)] == [827, 156]

    @given(st.sampled_from(list(TileGrid)), st.floats(73, 135), st.floats(18, 54), st.integers(1, 18))
    def test_a_place_lies_between_the_corners_of_its_tile(
        self, grid: TileGrid, longitude: float, latitude: float, level: int
    ) -> None:
        column, row = (int(v) for v in grid.place(longitude, latitude, level))
        west, north = grid.corner(column, row, level)
        east, south = grid.corner(column + 1, row + 1, level)
        assert west - 1e-9 <= longitude <= east + 1e-9
        assert south - 1e-9 <= latitude <= north + 1e-9

    @given(st.sampled_from(list(TileGrid)), st.booleans(), st.floats(-8_000, 8_000), st.floats(-8_000, 8_000))
    def test_the_tile_under_a_place_covers_it_in_metres(
        self, grid: TileGrid, shifted: bool, dx: float, dy: float
    ) -> None:
        frame = TileFrame(grid, gcj02=shifted)
        (tile, *_) = frame.tiles(Extent(X + dx, Y + dy, X + dx, Y + dy), LEVEL)
        (left, top), (right, _), (_, bottom) = frame.corners([tile])[0].tolist()
        assert left - 2 <= X + dx <= right + 2
        assert bottom - 2 <= Y + dy <= top + 2

    def test_the_level_follows_the_scale(self) -> None:
        frame = TileFrame(TileGrid.MERCATOR, 3, 17)
        levels = [frame.level_for(View(X, Y, scale, 800, 600)) for scale in (0.1, 1, 4, 30_000)]
        assert levels == [17, 17, 15, 3]


class TestShift:
    def test_the_known_point(self) -> None:
        longitude, latitude = to_gcj02(np.array([111.007]), np.array([35.0264]))
        assert longitude[0] == pytest.approx(111.0128123, abs=1e-6)
        assert latitude[0] == pytest.approx(35.0256619, abs=1e-6)

    @given(st.floats(75, 134), st.floats(19, 53))
    def test_there_and_back(self, longitude: float, latitude: float) -> None:
        found = from_gcj02(*to_gcj02(np.array([longitude]), np.array([latitude])))
        assert [v[0] for v in found] == pytest.approx([longitude, latitude], abs=1e-8)


class TestFile:
    def test_every_tile_lies_where_it_belongs(
        self, bare: MapCanvas, fetcher: ThreadFetcher, tmp_path: Path, qtbot: QtBot, settle: Settle
    ) -> None:
        frame = TileFrame()
        path = mbtiles(tmp_path / "city.mbtiles", around(frame))
        lay(bare, open_base_map(str(path), fetcher, None))
        middle = TileGrid.MERCATOR.place(*geographic(X, Y), LEVEL)
        expected = colour_of(Tile(LEVEL, int(middle[0]), int(middle[1])))
        qtbot.waitUntil(lambda: bare.is_settled and shown_at(bare, X, Y) == expected)
        for tile in frame.tiles(bare.view.extent, LEVEL):
            (left, top), (right, _), (_, bottom) = frame.corners([tile])[0].tolist()
            x, y = (left + right) / 2, (top + bottom) / 2
            px, py = bare.view.to_screen(x, y)
            if 0 < px < 590 and 0 < py < 360:
                assert shown_at(bare, x, y) == colour_of(tile)

    def test_a_coarser_tile_fills_in_for_a_finer_one(
        self, bare: MapCanvas, fetcher: ThreadFetcher, tmp_path: Path, qtbot: QtBot
    ) -> None:
        frame = TileFrame()
        coarse = sorted({tile.parent for tile in around(frame)})
        path = mbtiles(tmp_path / "city.mbtiles", coarse)
        lay(bare, BaseMap(MBTiles(path, fetcher)))
        bare.centre_on(X, Y, 0.5)
        middle = TileGrid.MERCATOR.place(*geographic(X, Y), LEVEL - 1)
        expected = colour_of(Tile(LEVEL - 1, int(middle[0]), int(middle[1])))
        qtbot.waitUntil(lambda: shown_at(bare, X, Y) == expected)

    def test_a_file_of_something_else_is_refused(self, fetcher: ThreadFetcher, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong.mbtiles"
        wrong.write_text("not a database")
        empty = mbtiles(tmp_path / "empty.mbtiles", [])
        for path, words in ((wrong, "no readable"), (empty, "holds no tiles"), (tmp_path / "none.mbtiles", "readable")):
            with pytest.raises(ConsoleError, match=words):
                MBTiles(path, fetcher)


class Service:
    """A tile service on this machine that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        service = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 1  # for connections that Qt opens in advance and asks nothing on

            def do_GET(self) -> None:
                service.asked.append(self.path)
                _, level, column, row = self.path.split("?")[0].split("/")
                body = png(colour_of(Tile(int(level), int(column), int(row)))) if service.status == 200 else b""
                self.send_response(service.status)
                self.send_header("Content-Type", "image/png")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(BrokenPipeError):  # Qt hung up: the tile was not wanted any more
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = False  # waited for when it closes

        self.server = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def template(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/{{z}}/{{x}}/{{y}}?tk={{key}}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.close()


class TestService:
    def test_tiles_are_asked_with_the_key_and_kept_on_disk(
        self, bare: MapCanvas, fetcher: ThreadFetcher, service: Service, tmp_path: Path, qtbot: QtBot
    ) -> None:
        first = lay(bare, open_base_map(service.template, fetcher, tmp_path, key="secret"))
        level = TileFrame().level_for(bare.view)
        middle = TileGrid.MERCATOR.place(*geographic(X, Y), level)
        expected = colour_of(Tile(level, int(middle[0]), int(middle[1])))
        qtbot.waitUntil(lambda: shown_at(bare, X, Y) == expected)
        needed = len(TileFrame().tiles(bare.view.padded(200).extent, level))
        qtbot.waitUntil(lambda: bare.is_settled)
        assert len(service.asked) == needed
        assert all(path.endswith("?tk=secret") for path in service.asked)
        first.close()
        service.asked.clear()
        again = lay(bare, open_base_map(service.template, fetcher, tmp_path, key="secret"))
        with qtbot.waitSignal(again.changed):
            again.want(bare.view)
        qtbot.waitUntil(lambda: shown_at(bare, X, Y) == expected)
        assert service.asked == []

    def test_a_service_that_is_down_leaves_a_note_and_is_not_pestered(
        self, bare: MapCanvas, fetcher: ThreadFetcher, service: Service, tmp_path: Path, qtbot: QtBot
    ) -> None:
        service.status = 503
        base = lay(bare, open_base_map(service.template, fetcher, None))
        qtbot.waitUntil(lambda: base.note != "")
        bare.pan(100, 0)
        qtbot.waitUntil(lambda: bare.is_settled)
        assert len(service.asked) <= IN_FLIGHT
        assert shown_at(bare, X, Y) == bare.theme.map_ground

    def test_a_tile_that_does_not_exist_is_not_asked_twice(
        self, bare: MapCanvas, fetcher: ThreadFetcher, service: Service, qtbot: QtBot
    ) -> None:
        service.status = 404
        base = lay(bare, open_base_map(service.template, fetcher, None))
        needed = len(TileFrame().tiles(bare.view.padded(200).extent, TileFrame().level_for(bare.view)))
        qtbot.waitUntil(lambda: len(service.asked) == needed and bare.is_settled)
        assert base.note == ""
        bare.pan(1, 0)
        qtbot.waitUntil(lambda: bare.is_settled)
        assert len(service.asked) == needed


class TestChoice:
    def test_nothing_configured_is_no_base_map(self, fetcher: ThreadFetcher) -> None:
        assert open_base_map("", fetcher, None) is None

    def test_tianditu_needs_a_key(self, fetcher: ThreadFetcher) -> None:
        with pytest.raises(ConsoleError, match="key"):
            open_base_map("tianditu:vec", fetcher, None)
        base = open_base_map("tianditu:vec", fetcher, None, key="k", grid=TileGrid.GEOGRAPHIC)
        assert base is not None
        assert base.credit == "天地图"

    def test_the_address_of_a_tile(self) -> None:
        tiles = WebTiles("http://h/{s}/{z}/{x}/{-y}?{key}", TileFrame(), None, key="k")
        assert tiles.address(Tile(3, 2, 1)) == "http://h/3/3/2/6?k"

    @pytest.mark.parametrize("wrong", ["http://h/tiles", "city.gpkg", "http://h/{z}/{x}"])
    def test_anything_else_is_told(self, fetcher: ThreadFetcher, wrong: str) -> None:
        with pytest.raises(ConsoleError, match="neither"):
            open_base_map(wrong, fetcher, None)
