"""The base map: tiles from a local MBTiles file or from a web service, below all layers.

It is optional. Nothing configured is nothing drawn; a service that does not answer leaves a quiet note and what is
cached, and is asked again after a while.
"""

from __future__ import annotations

import sqlite3
import time
from collections import OrderedDict
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QRectF, QTimer, QUrl, Signal
from PySide6.QtGui import QImage, QPainter, QTransform

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.map.tiles import TILE_PX, Tile, TileFrame, TileGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtNetwork import QNetworkAccessManager, QNetworkReply

    from console.map.layer import Fetcher
    from console.map.view import View

TILES_KEPT = 600
ANCESTORS = 4
"""So many levels up a tile is looked for to fill in for one that is missing."""
GATHER_MS = 60
"""Tiles that come within this time are painted together."""
RETRY_S = 30.0
TIMEOUT_MS = 10_000
DISK_CACHE_BYTES = 300_000_000
IN_FLIGHT = 12
TIANDITU = (
    "https://t{s}.tianditu.gov.cn/{layer}_{grid}/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET={grid}&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
)
"""Tianditu's WMTS address; it needs a key of the department's own."""


class TileSource(Protocol):
    """Gives tiles, without making the GUI thread wait."""

    frame: TileFrame
    credit: str

    @property
    def is_pending(self) -> bool:
        """Whether tiles are on their way."""
        ...

    def fetch(self, tiles: list[Tile], done: Callable[[Tile, QImage | None], None], failed: Callable[[], None]) -> None:
        """Begin to get `tiles`, in this order; what was begun before and is not wanted any more is dropped.

        Args:
            tiles: what is wanted.
            done: gets each tile, None for one that does not exist.
            failed: called when the source does not answer.
        """
        ...

    def close(self) -> None:
        """Stop."""
        ...


class MBTiles:
    """A local file of tiles, format MBTiles 1.3 (rows counted from the south), spherical Mercator.

    Args:
        path: the file.
        fetcher: reads it off the GUI thread.
        gcj02: whether its tiles are shifted.

    Raises:
        ConsoleError: the file is missing or no MBTiles.
    """

    def __init__(self, path: Path, fetcher: Fetcher, *, gcj02: bool = False) -> None:
        self._path = path
        self._fetcher = fetcher
        self._is_reading = False
        try:
            with closing(self._open()) as file:
                levels = file.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
                meta = dict(file.execute("SELECT name, value FROM metadata").fetchall())
        except sqlite3.Error as fault:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The base map {path} is no readable MBTiles file: {fault}."),
                path=path,
                fault=fault,
            ) from fault
        if levels[0] is None:
            raise ConsoleError(QT_TRANSLATE_NOOP("errors", "The base map {path} holds no tiles."), path=path)
        self.frame = TileFrame(TileGrid.MERCATOR, int(levels[0]), int(levels[1]), gcj02)
        self.credit = str(meta.get("attribution", ""))

    @property
    def is_pending(self) -> bool:
        """Whether tiles are being read."""
        return self._is_reading

    def fetch(self, tiles: list[Tile], done: Callable[[Tile, QImage | None], None], failed: Callable[[], None]) -> None:
        """Read and decode the tiles in one go off the GUI thread."""

        def deliver(images: list[tuple[Tile, QImage | None]]) -> None:
            self._is_reading = False
            for tile, image in images:
                done(tile, image)

        def fail(fault: Exception) -> None:
            del fault
            self._is_reading = False
            failed()

        self._is_reading = True
        self._fetcher("map:base", partial(self._read, tiles), deliver, fail)

    def close(self) -> None:
        """Nothing is held open."""

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)

    def _read(self, tiles: list[Tile]) -> list[tuple[Tile, QImage | None]]:
        query = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
        found: list[tuple[Tile, QImage | None]] = []
        with closing(self._open()) as file:
            for tile in tiles:
                row = file.execute(query, (tile.level, tile.column, 2**tile.level - 1 - tile.row)).fetchone()
                found.append((tile, None if row is None else _decoded(row[0])))
        return found


class WebTiles(QObject):
    """A web service of tiles: XYZ or WMTS by an address with ``{z}``, ``{x}``, ``{y}`` and perhaps ``{s}``, ``{key}``.

    Answers are kept on disk and used before the service is asked again.

    Args:
        template: the address; ``{-y}`` counts rows from the south, ``{s}`` is a server number from 0 to 7.
        frame: grid, levels and shift of the tiles.
        cache_folder: where answers are kept; None keeps none.
        key: what ``{key}`` stands for.
        credit: what the service wants to be written on the map.
    """

    def __init__(
        self, template: str, frame: TileFrame, cache_folder: Path | None, *, key: str = "", credit: str = ""
    ) -> None:
        super().__init__()
        self.frame = frame
        self.credit = credit
        self._template = template
        self._key = key
        self._cache_folder = cache_folder
        self._manager: QNetworkAccessManager | None = None
        self._waiting: list[Tile] = []
        self._replies: dict[Tile, QNetworkReply] = {}
        self._done: Callable[[Tile, QImage | None], None] | None = None
        self._failed: Callable[[], None] | None = None

    @property
    def is_pending(self) -> bool:
        """Whether answers are awaited."""
        return bool(self._replies or self._waiting)

    def address(self, tile: Tile) -> str:
        """The address of a tile."""
        return self._template.format_map(
            {
                "z": tile.level,
                "x": tile.column,
                "y": tile.row,
                "-y": 2**tile.level - 1 - tile.row,
                "s": (tile.column + tile.row) % 8,
                "key": self._key,
            }
        )

    def fetch(self, tiles: list[Tile], done: Callable[[Tile, QImage | None], None], failed: Callable[[], None]) -> None:
        """Ask for the tiles, a dozen at a time."""
        self._done, self._failed = done, failed
        for tile in set(self._replies) - set(tiles):
            self._replies.pop(tile).abort()
        self._waiting = [tile for tile in tiles if tile not in self._replies]
        self._next()

    def close(self) -> None:
        """Drop what is awaited."""
        self._waiting.clear()
        for tile in list(self._replies):
            self._replies.pop(tile).abort()

    def _next(self) -> None:
        # Imported here: a console without a web map never loads the network module.
        from PySide6.QtNetwork import QNetworkRequest  # noqa: PLC0415

        while self._waiting and len(self._replies) < IN_FLIGHT:
            tile = self._waiting.pop(0)
            request = QNetworkRequest(QUrl(self.address(tile)))
            request.setTransferTimeout(TIMEOUT_MS)
            # Tile services rarely say for how long a tile is good; without that "prefer cache" would ask them again.
            control = QNetworkRequest.CacheLoadControl
            request.setAttribute(
                QNetworkRequest.Attribute.CacheLoadControlAttribute,
                control.AlwaysCache if self._is_kept(request.url()) else control.AlwaysNetwork,
            )
            reply = self._network().get(request)
            self._replies[tile] = reply
            reply.finished.connect(partial(self._finished, tile, reply))

    def _is_kept(self, address: QUrl) -> bool:
        cache = self._network().cache()
        return cache is not None and cache.metaData(address).isValid()

    def _network(self) -> QNetworkAccessManager:
        from PySide6.QtNetwork import QNetworkAccessManager, QNetworkDiskCache  # noqa: PLC0415

        if self._manager is None:
            self._manager = QNetworkAccessManager(self)
            if self._cache_folder is not None:
                disk = QNetworkDiskCache(self._manager)
                disk.setCacheDirectory(str(self._cache_folder))
                disk.setMaximumCacheSize(DISK_CACHE_BYTES)
                self._manager.setCache(disk)
        return self._manager

    def _finished(self, tile: Tile, reply: QNetworkReply) -> None:
        from PySide6.QtNetwork import QNetworkReply  # noqa: PLC0415

        reply.deleteLater()
        if self._replies.get(tile) is not reply:
            # Aborted, because it is not wanted any more.
            return
        del self._replies[tile]
        error = reply.error()
        if error == QNetworkReply.NetworkError.NoError and self._done is not None:
            self._done(tile, _decoded(bytes(reply.readAll().data())))
        elif error == QNetworkReply.NetworkError.ContentNotFoundError and self._done is not None:
            self._done(tile, None)
        elif self._failed is not None:
            # One that does not answer will not answer the rest either.
            self.close()
            self._failed()
            return
        self._next()


class BaseMap(QObject):
    """Paints the tiles of a source below all layers; a `Backdrop` of the canvas.

    Args:
        source: where the tiles come from.
        opacity: 0 to 1; a base map is quiet.
    """

    changed = Signal()
    """More tiles are there, or the note changed."""

    def __init__(self, source: TileSource, *, opacity: float = 0.6, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.opacity = opacity
        self.note = ""
        self._source = source
        self._images: OrderedDict[Tile, QImage | None] = OrderedDict()
        self._failed_at: float | None = None
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self.changed)

    @property
    def credit(self) -> str:
        """What has to be written on the map."""
        return self._source.credit

    @property
    def is_pending(self) -> bool:
        """Whether tiles are on their way or not told of yet."""
        return self._source.is_pending or self._gather.isActive()

    def want(self, view: View) -> None:
        """Begin to fetch the tiles of `view` that are missing."""
        if self._failed_at is not None and time.monotonic() - self._failed_at < RETRY_S:
            return
        frame = self._source.frame
        missing = [t for t in frame.tiles(view.extent, frame.level_for(view)) if t not in self._images]
        if missing:
            middle = frame.middle(view, missing[0].level)
            missing.sort(key=lambda t: abs(t.column + 0.5 - middle[0]) + abs(t.row + 0.5 - middle[1]))
            self._source.fetch(missing, self._arrived, self._failed)

    def paint(self, painter: QPainter, view: View) -> Iterator[None]:
        """Paint the tiles that are there, coarser ones where finer ones are missing."""
        frame = self._source.frame
        needed = frame.tiles(view.extent, frame.level_for(view))
        shown = sorted({found for tile in needed if (found := self._nearest(tile)) is not None})
        if not shown:
            return
        for tile, corners in zip(shown, frame.corners(shown), strict=True):
            image = self._images[tile]
            if image is None:
                continue
            # Saved and restored within one step: painting may be given up between two.
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setTransform(_placed(corners, view), combine=True)
            # A hair larger, so that no ground shines through between two tiles.
            painter.drawImage(QRectF(-0.3, -0.3, TILE_PX + 0.6, TILE_PX + 0.6), image, QRectF(image.rect()))
            painter.restore()
            yield

    def close(self) -> None:
        """Stop fetching."""
        self._gather.stop()
        self._source.close()

    def _nearest(self, tile: Tile) -> Tile | None:
        """The tile itself or its closest ancestor that is there."""
        for _ in range(ANCESTORS + 1):
            if self._images.get(tile) is not None:
                return tile
            if tile.level <= self._source.frame.min_level:
                return None
            tile = tile.parent
        return None

    def _arrived(self, tile: Tile, image: QImage | None) -> None:
        self._images[tile] = image
        while len(self._images) > TILES_KEPT:
            self._images.popitem(last=False)
        self._failed_at = None
        self.note = ""
        if not self._gather.isActive():
            self._gather.start()

    def _failed(self) -> None:
        self._failed_at = time.monotonic()
        self.note = self.tr("Base map not reachable")
        self._gather.start()


def open_base_map(
    location: str,
    fetcher: Fetcher,
    cache_folder: Path | None,
    *,
    grid: TileGrid = TileGrid.MERCATOR,
    key: str = "",
    gcj02: bool = False,
) -> BaseMap | None:
    """The base map that is configured.

    Args:
        location: path of an ``.mbtiles`` file; the address of a service with ``{z}``, ``{x}`` and ``{y}``;
            ``tianditu:vec`` (``img``, ``ter``) for a layer of Tianditu; empty for none.
        fetcher: reads a local file off the GUI thread.
        cache_folder: where answers of a service are kept.
        grid: how a service cuts its tiles.
        key: key of a service.
        gcj02: whether the tiles are shifted.

    Returns:
        The base map, or None when none is configured.

    Raises:
        ConsoleError: the location is neither, the file cannot be read, or the key is missing.
    """
    if not location:
        return None
    frame = TileFrame(grid, 0, 18, gcj02)
    if location.startswith("tianditu:"):
        layer = location.partition(":")[2]
        if not key:
            raise ConsoleError(QT_TRANSLATE_NOOP("errors", "The base map of Tianditu needs a key in the settings."))
        template = TIANDITU.replace("{layer}", layer).replace("{grid}", grid.value)
        frame = TileFrame(grid, 1, 18, gcj02)
        return BaseMap(WebTiles(template, frame, cache_folder, key=key, credit="天地图"))
    if all(part in location for part in ("{z}", "{x}")) and ("{y}" in location or "{-y}" in location):
        return BaseMap(WebTiles(location, frame, cache_folder, key=key))
    if location.lower().endswith(".mbtiles"):
        return BaseMap(MBTiles(Path(location), fetcher, gcj02=gcj02))
    raise ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "The base map “{location}” is neither an .mbtiles file nor an address with {{z}}, {{x}} and {{y}}.",
        ),
        location=location,
    )


def _placed(corners: NDArray[np.float64], view: View) -> QTransform:
    """From pixels of a tile to pixels of `view`, exact at three corners.

    Over one tile the projections differ from a plane by far less than a pixel.
    """
    (x0, y0), (x1, y1), (x2, y2) = view.points_to_screen(corners).tolist()
    return QTransform((x1 - x0) / TILE_PX, (y1 - y0) / TILE_PX, (x2 - x0) / TILE_PX, (y2 - y0) / TILE_PX, x0, y0)


def _decoded(data: bytes) -> QImage | None:
    image = QImage.fromData(data)
    return None if image.isNull() else image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
