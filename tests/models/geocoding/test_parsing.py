"""Addresses as people of the city write them."""

from __future__ import annotations

import pytest

from console.models.geocoding import Offset, parse


@pytest.mark.parametrize(
    ("typed", "pair", "offset"),
    [
        ("红旗东街与中银南路交叉口东40米", ("红旗东街", "中银南路"), Offset("东", 40)),
        ("运城市盐湖区红旗东街和中银南路路口", ("红旗东街", "中银南路"), None),
        ("山西省运城市红旗东街、中银南路十字往东北约一百二十米", ("红旗东街", "中银南路"), Offset("东北", 120)),
        ("红旗东街 / 中银南路 交汇处 正北 1.5公里", ("红旗东街", "中银南路"), Offset("北", 1500)),
        ("红旗东街与中银南路交叉口东４０米路北", ("红旗东街", "中银南路"), Offset("东", 40, "北")),
        ("红旗东街与中银南路交叉口东北角", ("红旗东街", "中银南路"), Offset("东北", 15)),
        ("红旗东街与中银南路交叉口西侧", ("红旗东街", "中银南路"), Offset("西", 15)),
        ("红旗东街与中银南路", ("红旗东街", "中银南路"), None),
    ],
)
def test_crossings(typed: str, pair: tuple[str, str], offset: Offset | None) -> None:
    found = parse(typed)
    assert pair in found.crossings
    assert found.offset == offset


def test_a_name_that_holds_a_joining_word_is_taken_apart_in_every_way() -> None:
    assert ("永和街", "和平路") in parse("永和街和和平路交叉口").crossings


@pytest.mark.parametrize(
    ("typed", "street", "house"), [("红旗东街12号", "红旗东街", 12), ("盐湖区学苑路108号院", "学苑路", 108)]
)
def test_house_numbers(typed: str, street: str, house: int) -> None:
    found = parse(typed)
    assert (found.street, found.house) == (street, house)


def test_stretches_parts_and_places() -> None:
    stretch = parse("红旗东街（中银南路至学苑路段）")
    assert (stretch.street, stretch.begin, stretch.end) == ("红旗东街", "中银南路", "学苑路")
    part = parse("红旗东街红旗社区段")
    assert (part.street, part.area) == ("红旗东街", "红旗社区")
    assert parse("红旗东街沿线").street == "红旗东街"
    beside = parse("河东广场南侧30米")
    assert (beside.name, beside.offset) == ("河东广场", Offset("南", 30))


def test_codes_numbers_and_coordinates() -> None:
    assert parse("单元网格140802001001001").code == "140802001001001"
    assert parse("雨水箅子1408020104001873").code == "1408020104001873"
    assert parse("案件 yc202611010012").case_no == "YC202611010012"
    assert parse("111.0072, 35.0264").coordinates == (111.0072, 35.0264)
    assert parse("500123.5，3877456").coordinates == (500123.5, 3877456.0)


@pytest.mark.parametrize("typed", ["", "   ", "与", "米", "（", "号", "东40米", "运城市"])
def test_nonsense_is_read_without_complaint(typed: str) -> None:
    assert parse(typed).crossings == ()
