"""Many lines of words as one text: a widget for each of them would keep the window from its keys."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from console.widgets.shared.style import Look


class Lines:
    """Lines under titles, in the colours of the window.

    Attributes:
        texts: all that is said, from the top.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._shown: list[str] = []

    @property
    def html(self) -> str:
        """The lines as rich text."""
        return "".join(self._shown)

    def add_title(self, words: str) -> None:
        """A heading of what follows."""
        self._add(words, f"margin: {10 if self._shown else 0}px 0 2px 0; font-weight: 600", escape(words))

    def add(self, words: str, *, is_quiet: bool = False, link: str = "") -> None:
        """A line; one with a `link` can be clicked, a quiet one says more of the line above."""
        look, shown = Look.current(), escape(words)
        if link:
            own = f"color: {look.text}; text-decoration: none; font-weight: 600"
            shown = f'<a href="{quote(link)}" style="{own}">{shown}</a>'
        style = "margin: 0 0 2px 0; " if is_quiet else "margin: 6px 0 2px 0; "
        self._add(words, style + (f"color: {look.secondary}" if is_quiet else ""), shown)

    def _add(self, words: str, style: str, shown: str) -> None:
        self.texts.append(words)
        self._shown.append(f'<p style="{style}">{shown}</p>')
