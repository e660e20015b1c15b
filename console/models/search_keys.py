"""Finding a class, a department or anything else that is named in Chinese by what a hand types quickly.

A name is found by its characters, by the initials of their pinyin, by the pinyin itself or by any mixture of them
(``井盖``, ``jg``, ``jinggai``, ``jgai``), a code by its beginning. A character with several readings is found by each.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# How well a word fits, from best to worst; see `SearchKey.rank`.
WHOLE, BEGINNING, INSIDE = 0, 1, 2

_CACHED_TEXTS = 8192


@dataclass(frozen=True, slots=True)
class Readings:
    """A text as it can be typed.

    Attributes:
        characters: the readings of each character, the character itself first.
        starts: by first letter, the characters at which a word can begin; nearly everywhere it cannot, and a search
            through hundreds of texts with every letter typed lives by that.
    """

    characters: tuple[tuple[str, ...], ...]
    starts: Mapping[str, tuple[int, ...]] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SearchKey:
    """What something is found by: its texts, each as it can be typed."""

    texts: tuple[Readings, ...]

    def rank(self, typed: str) -> int | None:
        """How well this fits what was typed: lower is better, 0 for nothing typed, None when it does not fit.

        Every word typed must be found in one of the texts. A word counts more at the beginning of a text than inside
        it, and in an earlier text more than in a later one: give the code first, the name next.
        """
        total = 0
        for word in _plain(typed).split():
            fits = [
                fit * len(self.texts) + place
                for place, text in enumerate(self.texts)
                if (fit := _fit(word, text)) is not None
            ]
            if not fits:
                return None
            total += min(fits)
        return total


def search_key(*texts: str) -> SearchKey:
    """The key of something that is known under `texts`, the most telling first; empty texts are left out."""
    return SearchKey(tuple(_text(text) for text in texts if text))


def best_first(typed: str, keys: Iterable[SearchKey]) -> list[int]:
    """Positions of the keys that fit what was typed, the best first; among equals the order of `keys` is kept."""
    ranked = [(rank, place) for place, key in enumerate(keys) if (rank := key.rank(typed)) is not None]
    return [place for _, place in sorted(ranked)]


def _plain(text: str) -> str:
    """Small letters and narrow figures, as whoever types them means the same."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(_CACHED_TEXTS)
def _readings(character: str) -> tuple[str, ...]:
    """The character itself, then each of its readings in pinyin without tones (ü is v)."""
    if character.isascii():
        return (character,)
    pypinyin = _pypinyin()
    # Nothing is found for what is no Chinese character.
    found = pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys((character, *(found[0] if found else ()))))


def load() -> None:
    """Load the readings now, where nobody waits; else whoever asks first does."""
    _pypinyin()


@cache
def _pypinyin() -> Any:
    # Which reading a phrase asks for is not needed where every reading finds. Its dictionary takes a tenth of a second
    # to load, in which no other thread runs: not even the one that shows the window.
    os.environ["PYPINYIN_NO_PHRASES"] = "1"
    return import_module("pypinyin")


@lru_cache(_CACHED_TEXTS)
def _text(text: str) -> Readings:
    characters = tuple(map(_readings, _plain(text)))
    starts: dict[str, tuple[int, ...]] = {}
    for place, readings in enumerate(characters):
        for first in {reading[0] for reading in readings}:
            starts[first] = (*starts.get(first, ()), place)
    return Readings(characters, starts)


def _fit(word: str, text: Readings) -> int | None:
    """Where the word is found in the text: as the whole of it, at its beginning, inside it, or not at all."""
    starts = text.starts.get(word[0], ())
    if starts and starts[0] == 0 and (end := _reached(word, text.characters, 0)) is not None:
        return WHOLE if end == len(text.characters) else BEGINNING
    # A code is known by its beginning: 01 is no way to find 0201.
    if word.isdigit():
        return None
    inside = any(start and _reached(word, text.characters, start) is not None for start in starts)
    return INSIDE if inside else None


def _reached(word: str, text: tuple[tuple[str, ...], ...], start: int) -> int | None:
    """How far the whole word reaches when it is read from `start` on; None if it does not fit.

    Each character is read as itself, as one of its readings, or as the first letters of one; what is typed last may
    stop anywhere in a reading.
    """
    at = {0}  # how much of the word the characters so far may have used up
    for place in range(start, len(text)):
        following: set[int] = set()
        for used in at:
            rest = word[used:]
            for reading in text[place]:
                if reading.startswith(rest):
                    return place + 1
                following.update(used + n for n in range(1, len(reading) + 1) if rest.startswith(reading[:n]))
        if not following:
            return None
        at = following
    return None
