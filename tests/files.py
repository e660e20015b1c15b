"""Files as phones make them, small: photos with and without what cameras write, video, sound, documents."""

from __future__ import annotations

import io
import resource
import signal
import struct
import wave
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


def photo(
    size: tuple[int, int] = (320, 240),
    form: str = "JPEG",
    colour: str = "grey",
    at: str | datetime | None = None,
    offset: str | None = None,
    place: tuple[float, float] | None = None,
    orientation: int | None = None,
) -> bytes:
    """A picture with a mark on it.

    Args:
        size: in pixels.
        form: JPEG, PNG or WEBP.
        colour: of the ground, so that two pictures differ.
        at: EXIF's time of the shot; a datetime is written as its own local time.
        offset: EXIF's time zone, such as ``+08:00``.
        place: longitude and latitude, degrees.
        orientation: EXIF's number of how the camera was held.
    """
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).rectangle((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill="orange")
    exif = image.getexif()
    if at is not None:
        exif.get_ifd(0x8769)[0x9003] = at if isinstance(at, str) else f"{at:%Y:%m:%d %H:%M:%S}"
    if offset is not None:
        exif.get_ifd(0x8769)[0x9011] = offset
    if place is not None:
        longitude, latitude = place
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2] = "N" if latitude >= 0 else "S", _sexagesimal(latitude)
        gps[3], gps[4] = "E" if longitude >= 0 else "W", _sexagesimal(longitude)
    if orientation is not None:
        exif[0x0112] = orientation
    buffer = io.BytesIO()
    image.save(buffer, form, **({"exif": exif} if len(exif) or at or place else {}))
    return buffer.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kB that claims more pixels than any memory holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000 * (width // 8 + 1)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def mp4(brand: bytes = b"isom", seconds: int = 1) -> bytes:
    """The boxes of a video, whatever is in them."""
    return _box(b"ftyp", brand + bytes(4) + brand) + _box(b"moov", bytes(100)) + _box(b"mdat", bytes(1000 * seconds))


def movie(colours: Sequence[str] = ("red", "blue"), size: tuple[int, int] = (64, 48), rate: int = 5) -> bytes:
    """A QuickTime video that plays: one frame of each colour, Motion JPEG, `rate` frames a second."""
    frames = []
    for colour in colours:
        buffer = io.BytesIO()
        Image.new("RGB", size, colour).save(buffer, "JPEG")
        frames.append(buffer.getvalue())
    head, count = _box(b"ftyp", b"qt  " + bytes(4) + b"qt  "), len(frames)
    matrix = struct.pack(">9I", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    entry = _box(
        b"jpeg",
        struct.pack(">6xH16x2H2I4xH32sHh", 1, *size, 72 << 16, 72 << 16, 1, b"", 24, -1),
    )
    sizes = struct.pack(f">3I{count}I", 0, 0, count, *map(len, frames))
    table = b"".join((
        _box(b"stsd", struct.pack(">2I", 0, 1) + entry),
        _box(b"stts", struct.pack(">4I", 0, 1, count, 1)),
        _box(b"stsc", struct.pack(">5I", 0, 1, 1, count, 1)),
        _box(b"stsz", sizes),
        _box(b"stco", struct.pack(">3I", 0, 1, len(head) + 8)),
    ))  # fmt: skip
    data = _box(b"dinf", _box(b"dref", struct.pack(">2I", 0, 1) + _box(b"url ", struct.pack(">I", 1))))
    info = _box(b"minf", _box(b"vmhd", struct.pack(">I8x", 1)) + data + _box(b"stbl", table))
    media = _box(
        b"mdia",
        _box(b"mdhd", struct.pack(">I8x2I4x", 0, rate, count))
        + _box(b"hdlr", struct.pack(">I4s4s12xx", 0, b"mhlr", b"vide"))
        + info,
    )
    track = _box(
        b"tkhd", struct.pack(">I8xI4xI16x", 3, 1, count) + matrix + struct.pack(">2I", *(v << 16 for v in size))
    )
    film = _box(b"mvhd", struct.pack(">I8x2IIH10x", 0, rate, count, 65536, 256) + matrix + struct.pack(">24xI", 2))
    return head + _box(b"mdat", b"".join(frames)) + _box(b"moov", film + _box(b"trak", track + media))


def wav(samples: int = 800) -> bytes:
    """Silence at 8 kHz."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * samples))
    return buffer.getvalue()


def amr(frames: int = 50) -> bytes:
    """Silence of 20 ms a frame, mode 12.2 kbit/s."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * frames


def mp3(frames: int = 3) -> bytes:
    """An empty title and frames."""
    return b"ID3\x04\x00\x00\x00\x00\x00\x00" + (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def pdf() -> bytes:
    """The least document."""
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\ntrailer<</Root 1 0 R>>\nstartxref\n44\n%%EOF\n"


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    value = abs(degrees)
    minutes = value % 1 * 60
    return float(int(value)), float(int(minutes)), minutes % 1 * 60


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """The system refuses to write any file beyond `size` bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
