"""The letters that icons are made of: of the Material Design font that qtawesome brings.

The package is not loaded for it: it would register eleven fonts with their names and load every class of Qt, which
takes a fifth of the time of a start.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtGui import QFontDatabase

PREFIX = "mdi6."
FILES = "materialdesignicons6-webfont-"


@cache
def family() -> str:
    """The name of the font, which the application knows from now on.

    Raises:
        LookupError: there is no such font, or it cannot be read.
    """
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(_file("*.ttf"))))
    if not families:
        raise LookupError("the font of the icons cannot be read")
    return families[0]


def letter(name: str) -> str:
    """The letter of an icon, e.g. of ``mdi6.truck``.

    Raises:
        LookupError: there is no such icon.
    """
    return chr(int(_codes()[name.removeprefix(PREFIX)], 16))


@cache
def _codes() -> dict[str, str]:
    names: dict[str, str] = json.loads(_file("charmap-*.json").read_text(encoding="utf-8"))
    return names


def _file(pattern: str) -> Path:
    package = find_spec("qtawesome")
    folders = [] if package is None else package.submodule_search_locations or []
    for folder in folders:
        for path in Path(folder, "fonts").glob(FILES + pattern):
            return path
    raise LookupError(f"there is no file {FILES}{pattern} of icons")
