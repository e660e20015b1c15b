"""Makes the text of Qt's PDF files searchable.

Qt names each glyph after the first character that the font draws with it. In Chinese fonts that is often a radical
(⽹ U+2F79 for 网 U+7F51), and a tab for the space, so that nobody finds the word he types. The names stand uncompressed
in the file and are replaced by others of the same length.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QRawFont

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = re.compile(rb"begincmap.*?endcmap", re.DOTALL)
_LIST = re.compile(rb"\[(?: ?<[0-9A-F]{4}>)+ ?\]")
_NAME = re.compile(rb"<([0-9A-F]{4})>")
_RADICALS = range(0x2E80, 0x2FE0)
_IDEOGRAPHS = range(0x4E00, 0xA000)


def searchable(document: bytes, families: tuple[str, ...]) -> bytes:
    """`document`, written by Qt, with every glyph named after the character that people type.

    Args:
        document: the bytes of a PDF file.
        families: the font families that it was written in, first choice first.
    """
    names = _typed(families)

    def renamed(found: re.Match[bytes]) -> bytes:
        return b"<%s>" % names.get(found[1], found[1])

    return _NAMES.sub(lambda cmap: _LIST.sub(lambda some: _NAME.sub(renamed, some[0]), cmap[0]), document)


@lru_cache(maxsize=4)
def _typed(families: tuple[str, ...]) -> Mapping[bytes, bytes]:
    """The ideograph of each radical that shares its glyph, and the space for the tab, as four hexadecimal digits."""
    face = QRawFont.fromFont(QFont(list(families)))
    ideographs, radicals = "".join(map(chr, _IDEOGRAPHS)), "".join(map(chr, _RADICALS))
    of_glyph = dict(zip(face.glyphIndexesForString(ideographs), _IDEOGRAPHS, strict=True))
    names = {b"0009": b"0020", b"00A0": b"0020"}
    for glyph, radical in zip(face.glyphIndexesForString(radicals), _RADICALS, strict=True):
        if glyph and glyph in of_glyph:
            names[b"%04X" % radical] = b"%04X" % of_glyph[glyph]
    return names
