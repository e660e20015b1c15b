"""Pictures: decoded whole or not at all, made small, and what the camera wrote into them (EXIF)."""

from __future__ import annotations

import contextlib
import io
import math
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageOps

from console.database.tuning import TIME_ZONE
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 80_000_000  # a picture of more would take 320 MB to show
SMALLEST_PX = 640
PREVIEW_PX = (240, 180)
LARGEST_PREVIEW = 65_536  # bytes, as the table allows
_CITY = ZoneInfo(TIME_ZONE)
# What Pillow raises for files that are not what they claim to be.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)
# EXIF tags (Exif 2.32): directory, number.
_EXIF, _GPS = 0x8769, 0x8825
_MAKE, _MODEL, _DATE_TIME, _ORIGINAL, _OFFSET, _OFFSET_ORIGINAL = 0x010F, 0x0110, 0x0132, 0x9003, 0x9010, 0x9011


@dataclass(frozen=True)
class Taken:
    """What the camera wrote.

    Attributes:
        at: when; None when it does not say.
        has_offset: whether it says the time zone; else the camera is taken to show city time.
        longitude, latitude: where, degrees, WGS 84; None when it does not say.
        camera: maker and model, empty when it does not say.
    """

    at: datetime | None = None
    has_offset: bool = False
    longitude: float | None = None
    latitude: float | None = None
    camera: str = ""


@dataclass(frozen=True)
class Pixels:
    """A decoded picture: four bytes a pixel, blue, green, red, unused, row by row without gaps."""

    width: int
    height: int
    data: bytes


@contextlib.contextmanager
def open_whole(name: str, content: bytes, fault: type[ConsoleError], most_px: int = 0) -> Iterator[Image.Image]:
    """A picture decoded to its end and turned upright.

    Args:
        name: for the sentence.
        content: the bytes of the file.
        fault: what to raise.
        most_px: a JPEG may be decoded at a part of its size as long as no side is shorter than this; 0 for all of it.

    Raises:
        ConsoleError: of the class `fault`: it is damaged, cut off, or has too many pixels.
    """
    with contextlib.ExitStack() as stack:
        try:
            image = stack.enter_context(Image.open(io.BytesIO(content), formats=FORMATS))
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise Image.DecompressionBombError
            if most_px:
                image.draft("RGB", (most_px, most_px))
            image.load()
            upright = ImageOps.exif_transpose(image)
        except _BOMBS as error:
            raise fault(
                QT_TRANSLATE_NOOP(
                    "errors",
                    "The picture {name} has too many pixels; at most {most} million are allowed. Make it smaller.",
                ),
                name=name,
                most=MOST_PIXELS // 1_000_000,
            ) from error
        except _DAMAGE as error:
            raise fault(
                QT_TRANSLATE_NOOP("errors", "The picture {name} is damaged or was cut off. Take or send it again."),
                name=name,
            ) from error
        yield upright


def preview_of(image: Image.Image) -> bytes:
    """A small JPEG of it, without what the camera wrote."""
    small = _without_alpha(image)
    small.thumbnail(PREVIEW_PX, Image.Resampling.LANCZOS, reducing_gap=2.0)
    for quality in (80, 50, 20):
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= LARGEST_PREVIEW:
            break
    return buffer.getvalue()


def decode(name: str, content: bytes, most_px: int = 0) -> Pixels:
    """A picture for the screen, no side longer than `most_px` (0: as it is).

    Raises:
        ConsoleError: it is damaged or has too many pixels.
    """
    with open_whole(name, content, ConsoleError, most_px) as image:
        shown = _without_alpha(image)
        if most_px:
            shown.thumbnail((most_px, most_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return _pixels(shown)


def shrink(picture: Pixels) -> Pixels:
    """The same at half the size, each pixel the mean of four."""
    image = Image.frombuffer("RGB", (picture.width, picture.height), picture.data, "raw", "BGRX", 0, 1)
    return _pixels(image.reduce(2))


def levels(picture: Pixels) -> tuple[Pixels, ...]:
    """A picture and its halves, down to `SMALLEST_PX`: whatever the zoom, one of them is painted fast and smooth."""
    made = [picture]
    while max(made[-1].width, made[-1].height) > SMALLEST_PX and min(made[-1].width, made[-1].height) > 1:
        made.append(shrink(made[-1]))
    return tuple(made)


def encode_pixels(picture: Pixels) -> bytes:
    """A picture that never was a file, such as one from the clipboard, as PNG, or as JPEG where that would be large."""
    image = Image.frombuffer("RGB", (picture.width, picture.height), picture.data, "raw", "BGRX", 0, 1)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=3)
    if buffer.tell() > 2 << 20:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def taken_of(content: bytes) -> Taken:
    """What the camera wrote into a picture; nothing of what cannot be understood."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            exif = image.getexif()
            main, details, gps = dict(exif), exif.get_ifd(_EXIF), exif.get_ifd(_GPS)
    except (*_DAMAGE, *_BOMBS):
        return Taken()
    at, has_offset = _moment(
        details.get(_ORIGINAL) or main.get(_DATE_TIME), details.get(_OFFSET_ORIGINAL) or details.get(_OFFSET)
    )
    longitude = _degrees(gps.get(4), gps.get(3), "W", 180.0)
    latitude = _degrees(gps.get(2), gps.get(1), "S", 90.0)
    if longitude is None or latitude is None or (longitude, latitude) == (0.0, 0.0):
        longitude = latitude = None  # zero and zero is what receivers write that have found nothing yet
    camera = " ".join(filter(None, (_words(main.get(_MAKE)), _words(main.get(_MODEL)))))
    return Taken(at, has_offset, longitude, latitude, camera)


def _moment(written: Any, offset: Any) -> tuple[datetime | None, bool]:
    """EXIF's ``YYYY:MM:DD HH:MM:SS`` with ``±HH:MM``, or city time."""
    try:
        local = datetime.strptime(f"{_words(written)[:19]} +0000", "%Y:%m:%d %H:%M:%S %z")
    except ValueError:
        return None, False
    zone = _zone(_words(offset))
    try:
        return local.replace(tzinfo=zone or _CITY).astimezone(_CITY), zone is not None
    except OverflowError:
        return None, False


def _zone(written: str) -> timezone | None:
    sign, hours, colon, minutes = written[:1], written[1:3], written[3:4], written[4:6]
    if sign not in {"+", "-"} or colon != ":" or not (hours.isascii() and (hours + minutes).isdigit()):
        return None
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(span if sign == "+" else -span) if span < timedelta(hours=24) else None


def _degrees(written: Any, half: Any, negative: str, most: float) -> float | None:
    """Degrees, minutes, seconds and the half of the earth, as one number."""
    try:
        parts = [float(part) for part in written]
        value = parts[0] + parts[1] / 60 + parts[2] / 3600
    except (TypeError, ValueError, ZeroDivisionError, IndexError, OverflowError):
        return None
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return -value if _words(half).upper().startswith(negative) else value


def _words(written: Any) -> str:
    if isinstance(written, bytes):
        written = written.decode("utf-8", "replace")
    return "".join(c for c in written if c.isprintable()).strip()[:64] if isinstance(written, str) else ""


def _without_alpha(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(clear, mask=clear.getchannel("A"))
        return ground
    # A copy, since a small picture is made in place.
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _pixels(image: Image.Image) -> Pixels:
    return Pixels(image.width, image.height, image.tobytes("raw", "BGRX"))
