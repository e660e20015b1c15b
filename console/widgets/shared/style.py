"""The look of Qt: palette, fonts, style sheet and icons, all of them from the tokens of `console.theme`."""

from __future__ import annotations

from functools import cache
from string import Template
from typing import TYPE_CHECKING

import pyqtgraph as pg
import qtawesome
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette

from console.errors import RESOURCES
from console.theme import Theme, theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

STYLE = "fusion"
ICON_SIZES = (16, 28)
_SHEET = Template((RESOURCES / "themes" / "console.qss").read_text(encoding="utf-8"))


class Look:
    """The theme in force; widgets that paint themselves read it while painting."""

    _current: Theme = theme("dark")

    @classmethod
    def current(cls) -> Theme:
        """The theme that the application shows now."""
        return cls._current

    @classmethod
    def apply(cls, app: QApplication, name: str) -> None:
        """Give `app` the colours and fonts of the theme `name`, ``dark`` or ``light``; windows from now on have it."""
        tokens = cls._current = theme(name)
        if app.style().name() != STYLE:
            app.setStyle(STYLE)
        app.setPalette(_palette(tokens))
        app.setFont(font(tokens.text_px))
        # Antialiased lines of many points are slow without a GPU; charts ask for it where it shows.
        pg.setConfigOptions(background=tokens.panel, foreground=tokens.secondary, antialias=False)

    @classmethod
    def dress(cls, window: QWidget) -> None:
        """Give a window its style sheet, best before it has any content.

        The application has none: with another theme it would style every widget of the window that is about to go.
        """
        tokens = cls._current
        window.setStyleSheet(_SHEET.substitute(vars(tokens), icons=(RESOURCES / "icons").as_posix()))


def font(pixels: int, *, semibold: bool = False) -> QFont:
    """The interface font in device-independent pixels, with tabular digits (Noto Sans and YaHei have no others)."""
    made = QFont()
    made.setFamilies(list(Look.current().font_families))
    made.setPixelSize(pixels)
    if semibold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def icon(name: str, colour: str = "secondary") -> QIcon:
    """An icon of the bundled icon fonts, e.g. ``mdi6.truck``, in the theme's colour of that name."""
    tokens = Look.current()
    return _drawn(name, getattr(tokens, colour), tokens.disabled)


@cache
def _drawn(name: str, colour: str, disabled: str) -> QIcon:
    """The icon as pixels: qtawesome would draw its letter anew with every repaint, which takes a millisecond each."""
    letter = qtawesome.icon(name, color=colour, color_disabled=disabled)
    made = QIcon()
    screen = QGuiApplication.primaryScreen()
    ratio = screen.devicePixelRatio() if screen is not None else 1.0
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        for size in ICON_SIZES:
            made.addPixmap(letter.pixmap(QSize(size, size), ratio, mode, QIcon.State.Off), mode)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Change what a label stands for (``secondary``, ``critical`` …) and repaint it accordingly."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _palette(tokens: Theme) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    made = QPalette()
    for which, colour in (
        (role.Window, tokens.panel),
        (role.WindowText, tokens.text),
        (role.Base, tokens.panel),
        (role.AlternateBase, tokens.raised),
        (role.Text, tokens.text),
        (role.Button, tokens.raised),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.critical_text),
        (role.ToolTipBase, tokens.raised),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.disabled),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Light, tokens.raised),
        (role.Midlight, tokens.raised),
        (role.Mid, tokens.line),
        (role.Dark, tokens.line),
        (role.Shadow, tokens.ground),
        (role.Accent, tokens.accent),
    ):
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(group.Disabled, which, QColor(tokens.disabled))
    made.setColor(group.Disabled, role.Highlight, QColor(tokens.line))
    return made
