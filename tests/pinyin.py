"""How people type what is written in Chinese characters: the pinyin of it, or its initials."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin


def full_pinyin(text: str) -> str:
    """The pinyin of `text` without tones and spaces (ü is v); other characters in lower case."""
    return "".join(lazy_pinyin(text.lower(), style=Style.NORMAL))


def initials(text: str) -> str:
    """The first letters of the pinyin of `text`; other characters in lower case."""
    return "".join(lazy_pinyin(text.lower(), style=Style.FIRST_LETTER))
