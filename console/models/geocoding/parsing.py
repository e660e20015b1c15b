"""Reading an address as people of the city write it: what is said, not yet where it is.

Forms (GB/T 30428.3: area, basic limiter, local point): ``红旗东街与中银南路交叉口东40米``, ``红旗东街12号``,
``红旗东街（中银南路至学苑路）``, ``河东广场南侧30米``, ``红旗东街红旗社区段``; codes of unit grids and
components, numbers of cases, coordinates.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from math import cos, pi, sin

COMPASS = ("东", "东北", "北", "西北", "西", "西南", "南", "东南")
"""Directions, anticlockwise from east in steps of 45°."""
BESIDE_M = 15.0
"""What “at its south side” means when nobody says how far."""

_PREFIX = re.compile(r"^(?:山西省?)?(?:运城市?)?(?:盐湖区)?")
_COORDINATES = re.compile(r"(\d{2,7}(?:\.\d+)?)\s*[°E]*[,，;；\s]\s*(\d{2,7}(?:\.\d+)?)\s*[°N]*")
_CASE_NO = re.compile(r"YC\d{6,13}", re.IGNORECASE)
_CODE = re.compile(r"\d{6,16}")
_OFFSET = re.compile(
    r"(?:往|向|以|偏|的)?正?(?P<way>东北|东南|西北|西南|东|南|西|北)(?:侧|面|边|方向|行|走|大约|约)*"
    r"(?P<number>\d+(?:\.\d+)?|[零一二两三四五六七八九十百千]+)(?P<unit>米|m|公里|千米|km)(?:处|左右|附近)?"
    r"(?:[路街道]?(?P<side>[东南西北])(?:侧|边|面)?)?$",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"(?P<way>东北|东南|西北|西南|东|南|西|北)(?:侧|面|边)$")
_JOINT = re.compile(r"[与和及同、/×,，+-]")
_JUNCTION = re.compile(
    r"的?(?:十字路口|丁字路口|交叉路口|交叉口|交汇处|交会处|交汇口|交界处|交叉处|相交处|交口|路口|岔口|十字)(?=[往向以偏的正东南西北]|$)"
)
_STRETCH = re.compile(r"^(?P<street>.+?)[(](?P<begin>[^()]+?)(?:至|到|~|—|-)(?P<end>[^()]+?)段?[)]?$")
_HOUSE = re.compile(r"^(?P<street>.+?[路街巷道弄里胡同])(?P<number>\d{1,5})号(?:院|楼|门前|门口|附近)?$")
_PART = re.compile(r"^(?P<street>.+?[路街巷道弄])(?:沿线|[(]?(?P<area>.*?)段?[)]?)$")
_NUMERALS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True)
class Offset:
    """From a known place some way in a direction.

    Attributes:
        way: one of `COMPASS`.
        metres: how far.
        side: the side of the street, one of ``东南西北``; empty when nobody says.
    """

    way: str
    metres: float
    side: str = ""

    @property
    def vector(self) -> tuple[float, float]:
        """Metres east and north, as the crow flies."""
        east, north = direction(self.way)
        return self.metres * east, self.metres * north


@dataclass(frozen=True)
class Address:
    """What an address says; whatever it does not say is empty.

    Attributes:
        name: the address without the way from it: a street, a place, anything.
        crossings: pairs of street names, in every way in which the words can be taken apart.
        street, begin, end: a stretch of a street between two others.
        house: number of a house in `street`.
        area: community or subdistrict that `street` passes.
        code: digits of a unit grid, a component or an area.
        case_no: number of a case, in capitals.
        coordinates: two numbers as they are written.
        offset: how to go on from there.
    """

    name: str = ""
    crossings: tuple[tuple[str, str], ...] = ()
    street: str = ""
    begin: str = ""
    end: str = ""
    house: int | None = None
    area: str = ""
    code: str = ""
    case_no: str = ""
    coordinates: tuple[float, float] | None = None
    offset: Offset | None = None


def direction(way: str) -> tuple[float, float]:
    """East and north parts of the unit vector in a direction of `COMPASS`."""
    angle = COMPASS.index(way) * pi / 4
    return cos(angle), sin(angle)


def plain(text: str) -> str:
    """`text` with narrow figures and brackets, without spaces and without the city that all addresses are in."""
    narrow = "".join(unicodedata.normalize("NFKC", text).split())
    return _PREFIX.sub("", narrow, count=1) or narrow


def parse(text: str) -> Address:
    """What `text` says."""
    coordinates = _COORDINATES.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if coordinates:
        return Address(coordinates=(float(coordinates[1]), float(coordinates[2])))
    whole = plain(text)
    if found := _CASE_NO.search(whole):
        return Address(case_no=found[0].upper())
    if found := _CODE.search(whole):
        return Address(name=whole[: found.start()], code=found[0])
    rest, offset = _taken_off(whole)
    junction = _JUNCTION.search(rest)
    if junction and (pairs := _pairs(rest[: junction.start()])):
        return Address(name=rest, crossings=pairs, offset=offset or _more(rest[junction.end() :]))
    return _in_street(rest, offset)


def _in_street(text: str, offset: Offset | None) -> Address:
    """A stretch, a house or a part of one street, two streets without a word for their crossing, or any name."""
    if found := _STRETCH.match(text):
        return Address(name=text, street=found["street"], begin=found["begin"], end=found["end"], offset=offset)
    if found := _HOUSE.match(text):
        return Address(name=text, street=found["street"], house=int(found["number"]), offset=offset)
    if pairs := _pairs(text):
        return Address(name=text, crossings=pairs, offset=offset)
    if found := _PART.match(text):
        return Address(name=text, street=found["street"], area=found["area"] or "", offset=offset)
    return Address(name=text, offset=offset)


def _taken_off(text: str) -> tuple[str, Offset | None]:
    """The address before the way from it, and that way."""
    if found := _OFFSET.search(text):
        metres = _number(found["number"]) * (1000 if found["unit"].lower() in {"公里", "千米", "km"} else 1)
        return text[: found.start()], Offset(found["way"], metres, found["side"] or "")
    if (found := _BESIDE.search(text)) and found.start():
        return text[: found.start()], Offset(found["way"], BESIDE_M)
    return text, None


def _more(text: str) -> Offset | None:
    """A corner of a crossing: ``…交叉口东北角``."""
    corner = re.match(r"(东北|东南|西北|西南|东|南|西|北)(?:角|口|路口)", text)
    return Offset(corner[1], BESIDE_M) if corner else None


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Two names joined by a word that may also be part of a name, such as ``和``."""
    cuts = [(text[: joint.start()], text[joint.end() :]) for joint in _JOINT.finditer(text)]
    return tuple((first, second) for first, second in cuts if len(first) > 1 and len(second) > 1)


def _number(written: str) -> float:
    """A number in digits or in Chinese numerals below ten thousand."""
    if written[0].isdigit():
        return float(written)
    total = digit = 0
    for character in written:
        if character in _UNITS:
            total += max(digit, 1) * _UNITS[character]
            digit = 0
        else:
            digit = _NUMERALS[character]
    return float(total + digit)
