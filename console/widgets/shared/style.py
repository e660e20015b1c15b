"""The look of Qt: palette, fonts, style sheet and icons, all of them from the tokens of `console.theme`."""

from __future__ import annotations

from functools import cache
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QRect, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap

from console.errors import RESOURCES
from console.theme import Theme, theme
from console.widgets.shared import icon_font

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

STYLE = "fusion"
ICON_SIZES = (16, 28)
ICON_LETTER = 0.875
"""Height of the letter as a share of its icon: its design leaves room around."""
PROPORTIONAL = QFont.Tag("pwid")
"""A Chinese font sets quotation marks and apostrophes as wide as a character, which tears English words apart."""
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

    @classmethod
    def dress(cls, window: QWidget) -> None:
        """Give a window its style sheet, best before it has any content.

        The application has none: with another theme it would style every widget of the window that is about to go.
        """
        tokens = cls._current
        window.setStyleSheet(_SHEET.substitute(vars(tokens), icons=(RESOURCES / "icons").as_posix()))


def font(pixels: int, *, semibold: bool = False) -> QFont:
    """The interface font for the language of the window, in device-independent pixels.

    Its digits are tabular: Noto Sans and YaHei have no others.
    """
    made = QFont(
        list(Look.current().font_families)
    )  # not that of the application, which has another language's features
    made.setPixelSize(pixels)
    if semibold:
        made.setWeight(QFont.Weight.DemiBold)
    if QLocale().language() != QLocale.Language.Chinese:
        made.setFeature(PROPORTIONAL, 1)
    return made


def icon(name: str, colour: str = "secondary") -> QIcon:
    """An icon of the bundled icon fonts, e.g. ``mdi6.truck``, in the theme's colour of that name."""
    tokens = Look.current()
    return _drawn(name, getattr(tokens, colour), tokens.disabled)


@cache
def _drawn(name: str, colour: str, disabled: str) -> QIcon:
    """The icon as pixels, drawn once rather than with every repaint."""
    letter, made = icon_font.letter(name), QIcon()
    screen = QGuiApplication.primaryScreen()
    ratio = screen.devicePixelRatio() if screen is not None else 1.0
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        for size in ICON_SIZES:
            made.addPixmap(_letter_pixels(letter, size, ratio, ink), mode)
    return made


def _letter_pixels(letter: str, size: int, ratio: float, ink: str) -> QPixmap:
    """A letter of the icon font in the middle of `size`² device-independent pixels."""
    pixels = QPixmap(round(size * ratio), round(size * ratio))
    pixels.setDevicePixelRatio(ratio)
    pixels.fill(Qt.GlobalColor.transparent)
    large = QFont(icon_font.family())
    large.setPixelSize(round(ICON_LETTER * size))
    painter = QPainter(pixels)
    painter.setPen(QColor(ink))
    painter.setFont(large)
    painter.drawText(QRect(0, 0, size, size), Qt.AlignmentFlag.AlignCenter, letter)
    painter.end()
    return pixels


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
