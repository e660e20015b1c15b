import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.catalogue import load_catalogue
from console.models.search_keys import best_first, search_key
from tests.pinyin import full_pinyin, initials

COVER = search_key("0102", "污水井盖", "Sewage cover")


@pytest.mark.parametrize(
    "typed",
    ["0102", "01", "０１０２", "污水井盖", "井盖", "wsjg", "WSJG", "jg", "wushui", "wushuijinggai", "wsjinggai", "jgai",
     "jingg", "污水jg", "wushjg", "ws 井盖", "0102 jg", "sewage", "SEWAGE cov", " wsjg ", "wu shui"],
)  # fmt: skip
def test_class_is_found_by_code_characters_initials_and_pinyin(typed: str) -> None:
    assert COVER.rank(typed) is not None


@pytest.mark.parametrize("typed", ["0103", "02", "102", "gj", "wsg", "雨水", "jinggaix", "0102 雨水", "w水盖"])
def test_what_does_not_fit_is_not_found(typed: str) -> None:
    assert COVER.rank(typed) is None


def test_nothing_typed_fits_everything() -> None:
    assert COVER.rank("") == COVER.rank("  ") == 0


def test_every_reading_of_a_character_finds_it() -> None:
    key = search_key("行道树")
    assert key.rank("xds") is not None
    assert key.rank("hds") is not None
    assert search_key("绿化带AB1").rank("lvhuadaiab1") is not None


def test_the_best_stands_first_and_equals_keep_their_order() -> None:
    keys = [
        search_key(code, name)
        for code, name in (("0201", "停车场"), ("0102", "污水井盖"), ("0106", "路灯井盖"), ("0137", "路灯"))
    ]
    assert best_first("jg", keys) == [1, 2]
    assert best_first("ld", keys) == [3, 2]  # the whole name before the beginning of one
    assert best_first("01", keys) == [1, 2, 3]


def test_every_class_of_the_standard_is_found_by_its_code_its_name_its_initials_and_its_pinyin() -> None:
    classes = load_catalogue().classes
    keys = [search_key(row.code, row.name) for row in classes]
    for place, row in enumerate(classes):
        for typed in (row.code, row.name, initials(row.name), full_pinyin(row.name)):
            assert place in best_first(typed, keys), (row, typed)


@given(st.text(max_size=12), st.text(max_size=6))
def test_a_key_is_found_by_any_of_its_own_pieces(text: str, typed: str) -> None:
    key = search_key(text)
    key.rank(typed)  # whatever is typed, there is an answer
    for word in text.split():
        assert key.rank(word[:4]) is not None or word[:4].isdigit()
