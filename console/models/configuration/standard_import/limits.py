"""Limits as people write them: 2小时, 4个工作时, 紧急工作时 2, 3天, 半天, 十五个工作日."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from console.models.calendar import LimitUnit

LONGEST = 999
# How a unit is written. Plain hours and days are working time (Yuncheng's table; both editions agree).
UNIT_WORDS = {
    LimitUnit.UH: ("紧急工作时", "紧急工作小时", "紧急小时", "紧急时", "UH"),
    LimitUnit.UD: ("紧急工作日", "紧急日", "紧急天", "自然日", "日历日", "日历天", "UD"),
    LimitUnit.WH: ("工作时", "工作小时", "小时", "时", "WH", "H"),
    LimitUnit.WD: ("工作日", "工作天", "天", "日", "WD", "D"),
}
_UNITS = {word: unit for unit, words in UNIT_WORDS.items() for word in words}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_NUMBER = r"(?P<number>\d+(?:\.\d+)?|半|[零〇一二两俩三四五六七八九十百]+(?:点[零〇一二三四五六七八九]+)?)"
_UNIT = r"(?P<unit>[A-Z紧急工作小自然历时日天]+)"
_AROUND = r"(?:限|在|不超过|不得超过|最长|≤|<=)?{}(?:之内|以内|内|完成)?"
_NUMBER_FIRST = re.compile(_AROUND.format(_NUMBER + r"个?" + _UNIT))
_UNIT_FIRST = re.compile(_AROUND.format(_UNIT + r"[:：]?" + _NUMBER))
_URGENT_NUMBER = re.compile(_AROUND.format("紧急" + _NUMBER + r"个?" + _UNIT))
_PLAIN_NUMBER = re.compile(_NUMBER)


class LimitFault(ValueError):  # noqa: N818
    """A limit that cannot be read; the argument says which part: ``number``, ``unit`` or ``both``."""


def parse_unit(text: str) -> LimitUnit:
    """The unit that `text` names.

    Raises:
        LimitFault: there is no such unit.
    """
    plain = _plain(text).removeprefix("个").strip("()")
    try:
        return _UNITS[plain]
    except KeyError:
        raise LimitFault("unit") from None


def parse_limit(text: str, unit: str = "") -> tuple[int, LimitUnit]:
    """A limit from one cell, or from a number and a unit in two cells.

    A fraction of a day becomes hours of the same clock.

    Raises:
        LimitFault: number or unit cannot be read, or it is no whole number of hours or days up to `LONGEST`.
    """
    plain = _plain(text)
    if unit.strip():
        if _PLAIN_NUMBER.fullmatch(plain):
            return _whole(_number(plain), parse_unit(unit))
        value, own = parse_limit(text)
        if own is not parse_unit(unit):
            raise LimitFault("both")
        return value, own
    for pattern, urgent in ((_URGENT_NUMBER, "紧急"), (_NUMBER_FIRST, ""), (_UNIT_FIRST, "")):
        found = pattern.fullmatch(plain)
        if found is not None:
            return _whole(_number(found["number"]), parse_unit(urgent + found["unit"]))
    raise LimitFault("unit" if _PLAIN_NUMBER.fullmatch(plain) else "both")


def limit_text(value: int, unit: LimitUnit) -> str:
    """A limit in the usual words."""
    return f"{value}{UNIT_WORDS[unit][0]}"


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def _number(text: str) -> Fraction:
    if text == "半":
        return Fraction(1, 2)
    if text[0].isascii():
        return Fraction(text)
    whole, _, part = text.partition("点")
    return _chinese(whole) + (Fraction("0." + "".join(str(_DIGITS[c]) for c in part)) if part else 0)


def _chinese(text: str) -> Fraction:
    """Numerals up to 999, such as 二十四 or 一百二十."""
    total, digit = 0, None
    for character in text:
        if character in "十百":
            total += (1 if digit is None else digit) * (10 if character == "十" else 100)
            digit = None
        else:
            digit = _DIGITS[character]
    return Fraction(total + (digit or 0))


def _whole(value: Fraction, unit: LimitUnit) -> tuple[int, LimitUnit]:
    smaller = {LimitUnit.UD: LimitUnit.UH, LimitUnit.WD: LimitUnit.WH}.get(unit)
    if value.denominator != 1 and smaller is not None:
        value, unit = value * unit.minutes / smaller.minutes, smaller
    if value.denominator != 1 or not 1 <= value <= LONGEST:
        raise LimitFault("number")
    return int(value), unit
