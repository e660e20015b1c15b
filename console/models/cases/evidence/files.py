"""Files that are to become evidence: what each is by its bytes, whether it is whole, and why not.

The database refuses by itself what is too large or of another type (``city.attach``); here a person hears it before
anything is sent, and of damage that only a decoder can see.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.cases.evidence.pictures import Taken, open_whole, preview_of, taken_of

if TYPE_CHECKING:
    from collections.abc import Callable

MB = 1 << 20
HEAD = 16  # bytes that tell the type
LONGEST_NAME = 120
SUFFIXES: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "video/mp4": (".mp4", ".m4v"),
    "video/3gpp": (".3gp", ".3g2", ".3gpp"),
    "video/quicktime": (".mov", ".qt"),
    "audio/amr": (".amr", ".awb"),
    "audio/mpeg": (".mp3",),
    "audio/mp4": (".m4a", ".m4b"),
    "audio/wav": (".wav",),
    "application/pdf": (".pdf",),
}
"""Every type that evidence may be, with the endings of its names; the first is the usual one."""
KIND_OF = {"image": "photo", "video": "video", "audio": "sound", "application": "document"}
# Characters that turn a name round, hide in it, or steer a terminal.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_MP3 = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")
_MARKS: tuple[tuple[tuple[bytes, ...], str], ...] = (
    ((b"\xff\xd8\xff",), "image/jpeg"),
    ((b"\x89PNG\r\n\x1a\n",), "image/png"),
    ((b"#!AMR",), "audio/amr"),
    ((b"%PDF-",), "application/pdf"),
    ((b"ID3", *_MP3), "audio/mpeg"),
)
_BRANDS: tuple[tuple[tuple[bytes, ...], str], ...] = (
    ((b"3gp", b"3g2"), "video/3gpp"),
    ((b"M4A", b"M4B"), "audio/mp4"),
    ((b"qt  ",), "video/quicktime"),
    ((b"iso", b"mp4", b"M4V", b"avc", b"das", b"MSNV", b"f4v "), "video/mp4"),
)


class UnfitFile(ConsoleError):  # noqa: N818 - the state of a file, not a fault of whoever chose it
    """A file that cannot be evidence, with the reason."""


@dataclass(frozen=True)
class Examined:
    """A file that can be evidence.

    Attributes:
        name: its name without folders, with an ending that fits what it is.
        media_type: what it is by its bytes.
        content: the bytes.
        sha256: their checksum.
        width, height: of a picture, upright, in pixels; None for all else.
        preview: small picture as JPEG; None for all else.
        taken: what the camera wrote into it.
        was_misnamed: whether the ending of its name said something else.
    """

    name: str
    media_type: str
    content: bytes
    sha256: bytes
    width: int | None
    height: int | None
    preview: bytes | None
    taken: Taken
    was_misnamed: bool

    @property
    def kind(self) -> str:
        """Code of the type ``city.evidence_kind``."""
        return KIND_OF[self.media_type.split("/", maxsplit=1)[0]]


def media_type_of(head: bytes) -> str | None:
    """What a file is by its first bytes, by the same rules as ``city.media_type``; None when it cannot be evidence."""
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    known = next((kind for marks, kind in _MARKS if head.startswith(marks)), None)
    if known is None and head[4:8] == b"ftyp":
        return next((kind for brands, kind in _BRANDS if head[8:12].startswith(brands)), None)
    return known


def plain_name(name: str) -> str:
    """A name that is only words: no folders, nothing unseen, at most `LONGEST_NAME` characters."""
    bare = _UNSEEN.sub("", re.split(r"[/\\]", name)[-1]).strip(" ")
    suffix = PurePosixPath(bare).suffix[:16]
    if len(bare) > LONGEST_NAME:
        bare = bare[: LONGEST_NAME - len(suffix)] + suffix
    return bare if bare.strip(".") else "—"


def fitting_name(name: str, media_type: str) -> str:
    """`name` with an ending that says what it is, so that other programs open it."""
    suffixes = SUFFIXES[media_type]
    if name.lower().endswith(suffixes):
        return name
    return name[: LONGEST_NAME - len(suffixes[0])] + suffixes[0]


def read_file(path: Path, most_mb: float) -> bytes:
    """The bytes of a file; a huge one is refused before it is read.

    Raises:
        UnfitFile: it is no file, too large, or cannot be read.
    """
    name = plain_name(path.name)
    try:
        if not path.is_file():
            raise UnfitFile(QT_TRANSLATE_NOOP("errors", "{name} is no file."), name=name)
        _refuse_size(name, path.stat().st_size, most_mb)
        with path.open("rb") as file:
            content = file.read(int(most_mb * MB) + 1)
    except OSError as fault:
        raise UnfitFile(
            QT_TRANSLATE_NOOP("errors", "The file {name} cannot be read: {reason}."),
            name=name,
            reason=fault.strerror or fault,
        ) from fault
    return content


def examine(name: str, content: bytes, most_mb: float) -> Examined:
    """Look whether a file can be evidence.

    Args:
        name: as it was given; may be anything.
        content: its bytes.
        most_mb: it may have so many MB.

    Raises:
        UnfitFile: it cannot, with the reason.
    """
    name = plain_name(name)
    _refuse_size(name, len(content), most_mb)
    media_type = media_type_of(content[:HEAD])
    if media_type is None:
        raise UnfitFile(
            QT_TRANSLATE_NOOP(
                "errors",
                "The file {name} cannot be evidence; JPEG, PNG, WebP, MP4, MOV, 3GP, AMR, MP3, M4A, WAV and PDF can.",
            ),
            name=name,
        )
    width = height = preview = None
    taken = Taken()
    if media_type.startswith("image/"):
        taken = taken_of(content)
        with open_whole(name, content, UnfitFile) as image:
            width, height = image.size
            preview = preview_of(image)
    elif not _WHOLE[media_type](content):
        raise UnfitFile(
            QT_TRANSLATE_NOOP("errors", "The file {name} is damaged or was cut off. Take or send it again."), name=name
        )
    fitting = fitting_name(name, media_type)
    return Examined(
        name=fitting,
        media_type=media_type,
        content=content,
        sha256=hashlib.sha256(content).digest(),
        width=width,
        height=height,
        preview=preview,
        taken=taken,
        was_misnamed=fitting != name,
    )


def _refuse_size(name: str, size: int, most_mb: float) -> None:
    if size == 0:
        raise UnfitFile(QT_TRANSLATE_NOOP("errors", "The file {name} is empty."), name=name)
    if size > most_mb * MB:
        raise UnfitFile(
            QT_TRANSLATE_NOOP("errors", "The file {name} has {size} MB; at most {most} MB are allowed."),
            name=name,
            size=f"{size / MB:.1f}",
            most=f"{most_mb:g}",
        )


def _boxes_are_whole(content: bytes) -> bool:
    """ISO base media (MP4, MOV, 3GP, M4A): boxes up to the end, the index of the media among them."""
    at, kinds = 0, set()
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        kinds.add(content[at + 4 : at + 8])
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        elif size == 0:
            size = len(content) - at
        if size < 8 or at + size > len(content):
            return False
        at += size
    return {b"moov", b"mdat"} <= kinds


def _wave_is_whole(content: bytes) -> bool:
    """RIFF: as long as it says, with a format and samples."""
    declared = int.from_bytes(content[4:8], "little") + 8
    return declared <= len(content) and b"fmt " in content[12:4096] and b"data" in content[12 : 1 << 16]


def _amr_is_whole(content: bytes) -> bool:
    """AMR: frames of the length that their mode says, up to the end (RFC 4867)."""
    is_wide = content.startswith(b"#!AMR-WB\n")
    sizes = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5) if is_wide else (12, 13, 15, 17, 19, 20, 26, 31, 5)
    at = start = 9 if is_wide else 6
    while at < len(content):
        mode = content[at] >> 3 & 15
        at += 1 + (sizes[mode] if mode < len(sizes) else 0)
    return start < at == len(content)


def _mp3_is_whole(content: bytes) -> bool:
    """MP3: after its titles a frame begins."""
    at = 0
    if content.startswith(b"ID3"):
        if len(content) < 10:
            return False
        at = 10 + sum((byte & 127) << 7 * (3 - place) for place, byte in enumerate(content[6:10]))
    return any(content.find(mark, at, at + 4096) >= 0 for mark in _MP3)


def _pdf_is_whole(content: bytes) -> bool:
    """PDF: its table of contents and its end are there."""
    return b"startxref" in content[-4096:] and b"%%EOF" in content[-4096:]


_WHOLE: dict[str, Callable[[bytes], bool]] = {
    "video/mp4": _boxes_are_whole,
    "video/3gpp": _boxes_are_whole,
    "video/quicktime": _boxes_are_whole,
    "audio/mp4": _boxes_are_whole,
    "audio/wav": _wave_is_whole,
    "audio/amr": _amr_is_whole,
    "audio/mpeg": _mp3_is_whole,
    "application/pdf": _pdf_is_whole,
}
