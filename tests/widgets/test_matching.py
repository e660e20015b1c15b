"""Finding a command by a few letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.widgets.shared.matching import initials, score


@pytest.mark.parametrize(
    ("text", "expected"),
    [("派遣", "pq"), ("检查井", "jcj"), ("全屏", "qp"), ("阿座", "az"), ("Zone 片区", "zone pq"), ("镕", "镕")],
)
def test_initials(text: str, expected: str) -> None:
    assert initials(text) == expected


@pytest.mark.parametrize("query", ["全", "qp", "Q P", "全屏"])
def test_a_chinese_command_is_found_by_characters_and_initials(query: str) -> None:
    assert score(query, "全屏") is not None


def test_better_fits_come_first() -> None:
    titles = ["Usual arrangement of panels", "Full screen", "Detail panel"]
    ranked = sorted(titles, key=lambda t: score("pan", t) or -1, reverse=True)
    assert ranked[0] == "Detail panel"
    assert score("xyz", "Full screen") is None


@given(st.text(max_size=20), st.data())
def test_every_subsequence_fits(text: str, data: st.DataObject) -> None:
    letters = list(text.lower())
    keep = data.draw(st.lists(st.booleans(), min_size=len(letters), max_size=len(letters)))
    query = "".join(letter for letter, kept in zip(letters, keep, strict=True) if kept)
    assert score(query, text) is not None
