"""Finding a command by a few typed letters: any subsequence, Chinese characters or the initials of their pinyin."""

from __future__ import annotations

from functools import cache

# First code of the characters of each pinyin initial among the 3 755 level-1 characters of GB/T 2312, which are
# ordered by pinyin. I, U and V begin no syllable.
_INITIALS = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g"),
    (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o"),
    (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"),
    (0xD1B9, "y"), (0xD4D1, "z"),
)  # fmt: skip
_LEVEL_1_END = 0xD7FA


def initials(text: str) -> str:
    """`text` in lower case with every common Chinese character replaced by the initial of its pinyin."""
    return "".join(map(_initial, text)).lower()


@cache
def _initial(character: str) -> str:
    try:
        code = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return character
    found = character
    if code < _LEVEL_1_END:
        for first, letter in _INITIALS:
            if code < first:
                break
            found = letter
    return found


def score(query: str, text: str) -> float | None:
    """How well `query` fits `text`: higher is better, ``None`` when it does not fit.

    Letters must appear in order. Runs, beginnings of words and short texts count more.
    """
    wanted = "".join(query.lower().split())
    if not wanted:
        return 0.0
    fits = [fit for candidate in {text.lower(), initials(text)} if (fit := _fit(wanted, candidate)) is not None]
    return max(fits) - len(text) / 100 if fits else None


def _fit(wanted: str, text: str) -> float | None:
    total, at, previous = 0.0, 0, -2
    for letter in wanted:
        found = text.find(letter, at)
        if found < 0:
            return None
        total += 1.0
        if found == previous + 1:
            total += 2.0
        if found == 0 or not text[found - 1].isalnum():
            total += 1.5
        previous, at = found, found + 1
    return total
