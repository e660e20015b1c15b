"""What could not be stored yet, on disk: written through before it is acknowledged, replayed in order, bounded.

Segments are files of records ``received_at | owner | way | length | raw | CRC-32``. A record that was half
written when the power went is recognised and ends its segment. A segment is deleted once all of it is in the database.
"""

from __future__ import annotations

import logging
import os
import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.gateway.arrivals import TICK, Arrival, Way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_HEAD = struct.Struct(">qIBI")
_CRC = struct.Struct(">I")
SEGMENT_BYTES = 8 << 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUFFIX = ".spool"
log = logging.getLogger(__name__)


def open_folder(folder: Path, *files: str) -> None:
    """Make the folder of a spool, and these files in it, when they are missing.

    Raises:
        ConsoleError: the folder or what is in it cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            (folder / name).touch()
        for path in folder.glob("*" + _SUFFIX):
            path.stat()
    except OSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The spool folder {folder} cannot be used: {fault}. Mend its rights."),
            folder=folder,
            fault=fault.strerror,
        ) from fault


class Spool:
    """The folder of segments.

    Args:
        folder: made when it is missing.
        most_bytes: how much it may hold; beyond that nothing is taken, and so nothing acknowledged.

    Raises:
        ConsoleError: the folder cannot be used.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        open_folder(folder)
        self._segments = sorted(folder.glob("*" + _SUFFIX))
        self._bytes = sum(path.stat().st_size for path in self._segments)
        self._number = int(self._segments[-1].stem) if self._segments else 0
        # What an earlier process left half written is never written on.
        self._open_size = SEGMENT_BYTES
        self.torn = 0
        self._is_refused = False

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._bytes

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._segments

    def append(self, arrivals: Sequence[Arrival]) -> bool:
        """Keep `arrivals` on the disk; False, and nothing of them kept, when there is no room for all."""
        data = b"".join(map(_record, arrivals))
        if self._bytes + len(data) > self._most_bytes:
            return False
        if self._open_size + len(data) > SEGMENT_BYTES or not self._segments:
            self._number += 1
            self._segments.append(self._folder / f"{self._number:010d}{_SUFFIX}")
            self._open_size = 0
        path = self._segments[-1]
        try:
            with path.open("ab") as file:
                try:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(self._open_size)
                    raise
        except OSError as fault:
            if not self._is_refused:
                log.warning("Nothing can be spooled to %s: %s", path, fault)
            self._is_refused = True
            return False
        self._is_refused = False
        self._open_size += len(data)
        self._bytes += len(data)
        return True

    def oldest(self) -> list[Arrival]:
        """The arrivals of the oldest segment, in their order, undecoded; empty when nothing waits."""
        return list(self._read(self._segments[0])) if self._segments else []

    def drop_oldest(self) -> None:
        """Delete the oldest segment: all of it is stored."""
        path = self._segments.pop(0)
        self._bytes -= path.stat().st_size
        path.unlink()
        if not self._segments:
            self._open_size = SEGMENT_BYTES

    def _read(self, path: Path) -> Iterator[Arrival]:
        data = path.read_bytes()
        start = 0
        while start < len(data):
            stop = start + _HEAD.size
            if stop <= len(data):
                received, owner, way, length = _HEAD.unpack_from(data, start)
                stop += length + _CRC.size
            if stop > len(data) or _CRC.unpack_from(data, stop - _CRC.size)[0] != zlib.crc32(
                data[start : stop - _CRC.size]
            ):
                self.torn += 1
                log.warning("The spool segment %s is torn after %d of %d bytes", path, start, len(data))
                return
            raw = data[start + _HEAD.size : stop - _CRC.size]
            yield Arrival(EPOCH + timedelta(microseconds=received), Way(way), owner, raw)
            start = stop


def _record(arrival: Arrival) -> bytes:
    head = _HEAD.pack((arrival.received_at - EPOCH) // TICK, arrival.owner_id, arrival.way, len(arrival.raw))
    return head + arrival.raw + _CRC.pack(zlib.crc32(arrival.raw, zlib.crc32(head)))
