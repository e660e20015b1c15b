"""The tokens keep the contrast that the look promises: text 4.5 : 1, symbols 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import pytest

from console.settings import THEMES
from console.theme import contrast, theme

TEXTS = ("text", "secondary", "critical_text", "high_text", "medium_text", "accent")
SYMBOLS = ("critical", "high", "medium", "accent", "map_symbol", "map_zone", "storm", "sanitary", "combined")


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", ["ground", "panel", "raised", "accent_ground"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable(name: str, ground: str, text: str) -> None:
    tokens = theme(name)
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_text_on_colour_is_readable(name: str) -> None:
    tokens = theme(name)
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    for text in ("critical_text", "high_text", "medium_text", "secondary"):
        assert contrast(getattr(tokens, text), tokens.critical_ground) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", ["ground", "panel", "map_ground"])
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_symbols_are_seen(name: str, ground: str, symbol: str) -> None:
    tokens = theme(name)
    assert contrast(getattr(tokens, symbol), getattr(tokens, ground)) >= 3


def test_contrast_of_black_and_white_is_the_largest() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
