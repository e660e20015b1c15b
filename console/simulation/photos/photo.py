"""A photo of a scene as a phone would send it: JPEG of some 20 kB, with EXIF time and place."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from math import gcd
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image, TiffImagePlugin
from pyproj import Transformer

from console.errors import RESOURCES
from console.models.catalogue import Kind
from console.simulation.photos.scenes import SIZE, render

if TYPE_CHECKING:
    from datetime import datetime

Sexagesimal: TypeAlias = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
"""Degrees, minutes and seconds of a coordinate, each as numerator and denominator."""

SHOWN = (640, 480)
QUALITY = 68
PREVIEW = (240, 180)
VARIANTS = 2  # different streets for each scene
CAMERA = ("Yuncheng", "Demonstration phone")
FULL_VIEW = (0, 0, *SIZE)
# The part of the view that a photo shows: the object, for tall ones with room above it, or the object and where it is.
NEAR, TALL, PLACE = (260, 330, 1020, 900), (160, 40, 1160, 790), (480, 90, 1280, 690)
TALL_SCENES = frozenset({"stall", "stickers", "lamp"})
GRAIN, GRAIN_LEVEL = 0.05, 20
# Blanks in what the camera writes: nothing else in it looks like them.
_NO_MOMENT = b"0000:00:00 00:00:00"
_NO_LATITUDE: Sexagesimal = ((98, 1), (76, 1), (54_321, 1000))
_NO_LONGITUDE: Sexagesimal = ((198, 1), (76, 1), (54_321, 1000))
REPORT_STAGES = ("far", "near", "reference")
# Which scene shows a class, by the code of the standard; what is not named is a heap of something.
_SCENES = {
    Kind.COMPONENT: {
        "lamp": ("0117", "0118", "0119", "0120", "0139"),
        "cover": tuple(f"01{number:02}" for number in (*range(1, 13), 14, *range(27, 31))),
        "litter": ("0304", "0305"),
        "pothole": ("0284", "0285", "0286"),
        "green": ("0401", "0402", "0404", "0405", "0408", "0409", "0497", "0499"),
    },
    Kind.EVENT: {
        "pothole": ("0113", "0179", "0303", "0308", "0309", "0505"),
        "litter": ("0110", "0112", "0114", "0131", "0192", "0193", "0604"),
        "flood": ("0501", "0503", "0504", "0506"),
        "stall": ("0401", "0402", "0404", "0405", "0406", "0491", "0492", "0495"),
        "bicycles": ("0410", "0493"),
        "stickers": ("0104", "0201", "0203", "0207"),
        "green": ("0117", "0118", "0120", "0121", "0122", "0191"),
    },
}
OTHER = "pile"
# How many of the three photos of a report each source brings; what only counts or calls brings none.
BROUGHT = {
    "inspector": 3,
    "video_operator": 1,
    "video_recognition": 1,
    "citizen": 2,
    "leader": 1,
    "department": 2,
    "media": 1,
}


@dataclass(frozen=True)
class PhotoShot:
    """What was photographed; one entry for each file.

    Attributes:
        scene: what is wrong, or was.
        stage: code of the type ``city.evidence_stage``.
        variant: which street.
    """

    scene: str
    stage: str
    variant: int


@cache
def _scene_by_class() -> dict[tuple[Kind, str], str]:
    return {
        (kind, code): scene for kind, scenes in _SCENES.items() for scene, codes in scenes.items() for code in codes
    }


def scene_of(kind: Kind, class_code: str) -> str:
    """The scene that shows a class of the standard."""
    return _scene_by_class().get((kind, class_code), OTHER)


def shots(scene: str, variant: int, stages: tuple[str, ...] = REPORT_STAGES) -> list[PhotoShot]:
    """The photos of one place."""
    return [PhotoShot(scene, stage, variant % VARIANTS) for stage in stages]


def photos_of(source: str, kind: Kind, class_code: str, variant: int) -> tuple[PhotoShot, ...]:
    """The photos that a report of this class from this source comes with; who takes one alone takes it from near."""
    count = BROUGHT.get(source, 0)
    stages = REPORT_STAGES[:count] if count != 1 else ("near",)
    return tuple(shots(scene_of(kind, class_code), variant, stages))


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude, WGS 84, of a place in EPSG:4546, as a receiver finds them."""
    longitude, latitude = _to_degrees().transform(x, y)
    return longitude, latitude


@cache
def _to_degrees() -> Transformer:
    return Transformer.from_crs("EPSG:4546", "EPSG:4326", always_xy=True)


def take(shot: PhotoShot, at: datetime, longitude: float, latitude: float) -> tuple[bytes, bytes]:
    """Take a photo; the same arguments give the same bytes.

    Args:
        shot: of what.
        at: when, aware; the camera writes local time and zone.
        longitude: where, degrees, WGS 84.
        latitude: the same.

    Returns:
        The JPEG, and a small picture of it.
    """
    # Before the disposal the place looks as it was reported from near.
    plain, small = _picture(replace(shot, stage="near") if shot.stage == "before" else shot)
    body = bytearray(_exif(f"{at:%z}", "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"))
    for blank, written in (
        (_NO_MOMENT, f"{at:%Y:%m:%d %H:%M:%S}".encode()),
        (_rationals(_NO_LATITUDE), _rationals(_sexagesimal(latitude))),
        (_rationals(_NO_LONGITUDE), _rationals(_sexagesimal(longitude))),
    ):
        start = body.index(blank)
        body[start : start + len(blank)] = written
    segment = b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    return plain[:2] + segment + plain[2:], small


def _sexagesimal(degrees: float) -> Sexagesimal:
    """Degrees, minutes and seconds as fractions in their lowest terms."""
    thousandths = round(abs(degrees) * 3_600_000)
    whole, rest = divmod(thousandths, 3_600_000)
    minutes, seconds = divmod(rest, 60_000)
    common = gcd(seconds, 1000)
    return (whole, 1), (minutes, 1), (seconds // common, 1000 // common)


def _rationals(parts: Sexagesimal) -> bytes:
    """As the Exif of Pillow has them: big-endian."""
    return struct.pack(">6L", *chain.from_iterable(parts))


@cache
def _exif(zone: str, north: str, east: str) -> bytes:
    """What the camera writes into every photo, with blanks for moment and place: few differ, many are sent."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = CAMERA
    details, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    details[0x9003] = _NO_MOMENT.decode()
    details[0x9011] = f"{zone[:3]}:{zone[3:5]}"
    for reference, place, letter, blank in ((1, 2, north, _NO_LATITUDE), (3, 4, east, _NO_LONGITUDE)):
        gps[reference], gps[place] = letter, tuple(TiffImagePlugin.IFDRational(*part) for part in blank)
    return exif.tobytes()


@cache
def _view(scene: str, variant: int, is_right: bool) -> Image.Image:
    return render(scene, variant, is_right=is_right)


@cache
def _picture(shot: PhotoShot) -> tuple[bytes, bytes]:
    """Picture and small picture without what the camera writes; few differ, many are sent."""
    whole = _view(shot.scene, shot.variant, shot.stage == "after")
    close = TALL if shot.scene in TALL_SCENES else NEAR
    box = {"far": FULL_VIEW, "reference": PLACE}.get(shot.stage, close)
    shown = Image.composite(_corners()[0], whole.resize(SHOWN, Image.Resampling.BICUBIC, box=box), _corners()[1])
    shown = Image.blend(shown, _grain(), GRAIN)
    _mark(shown)
    return _jpeg(shown, QUALITY), _jpeg(shown.resize(PREVIEW, Image.Resampling.LANCZOS), 70)


@cache
def _corners() -> tuple[Image.Image, Image.Image]:
    """What a photo has at its corners, and how much of it."""
    share = Image.radial_gradient("L").resize(SHOWN, Image.Resampling.BILINEAR).point(lambda v: max(v - 140, 0) // 2)
    return Image.new("RGB", SHOWN, (20, 22, 26)), share


@cache
def _grain() -> Image.Image:
    """The grain of a small sensor."""
    rng = np.random.default_rng(0)
    levels = rng.normal(128, GRAIN_LEVEL, (SHOWN[1] // 2, SHOWN[0] // 2)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(levels).resize(SHOWN, Image.Resampling.BILINEAR).convert("RGB")


def _mark(image: Image.Image) -> None:
    """Say on the picture that it is none."""
    label = _label()
    strip = Image.new("RGB", label.size, (24, 26, 30))
    corner = (0, image.height - label.height)
    image.paste(Image.blend(image.crop((*corner, label.width, image.height)), strip, 0.6), corner)
    image.paste((236, 238, 240), (*corner, label.width, image.height), label)


@cache
def _label() -> Image.Image:
    with Image.open(RESOURCES / "demonstration" / "label.png") as label:
        return label.convert("L")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
