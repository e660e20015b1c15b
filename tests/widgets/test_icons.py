"""Icons: letters of the font that comes with the program."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon

from console.errors import RESOURCES
from console.theme import theme
from console.widgets.shared import icon_font
from console.widgets.shared.style import icon

NAME = re.compile(r'"(mdi6\.[a-z0-9-]+)"')


def test_every_icon_that_is_used_exists() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (RESOURCES.parent / "console").rglob("*.py")]
    names = {name for source in sources for name in NAME.findall(source)}
    assert "mdi6.layers-outline" in names
    for name in names:
        assert icon_font.letter(name)


def test_unknown_icon_is_refused() -> None:
    with pytest.raises(LookupError):
        icon("mdi6.no-such-thing")


@pytest.mark.parametrize("mode", [QIcon.Mode.Normal, QIcon.Mode.Disabled])
def test_icon_is_drawn_in_the_colours_of_the_theme(mode: QIcon.Mode) -> None:
    """The test's application is dark; what is drawn has no other colour than the one asked for, or the disabled one."""
    drawn = icon("mdi6.truck", "accent").pixmap(QSize(28, 28), mode).toImage()
    inked = [drawn.pixelColor(x, y) for x in range(28) for y in range(28) if drawn.pixelColor(x, y).alpha() == 255]
    wanted = theme("dark").accent if mode is QIcon.Mode.Normal else theme("dark").disabled
    assert len(inked) > 50
    assert {colour.name() for colour in inked} == {wanted.lower()}
