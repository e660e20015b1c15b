"""Every code of the database has a word, and figures are written as people expect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QFontMetricsF
from sqlalchemy import text

from console.widgets.alarm_rules.words import amount
from console.widgets.shared import figures, language, words
from console.widgets.shared.style import font

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from sqlalchemy import Engine

TYPES = {
    "case_state": words.STATE,
    "case_move": words.MOVE,
    "case_mode": words.MODE,
    "case_source": words.SOURCE,
    "case_kind": words.KIND,
    "case_level": words.LEVEL,
    "limit_unit": words.LIMIT_UNIT,
    "case_request": words.REQUEST,
    "role": words.ROLE,
    "component_state": words.COMPONENT_STATE,
    "data_source": words.DATA_SOURCE,
    "drainage_system": words.SYSTEM,
    "pipe_shape": words.SHAPE,
    "load_state": words.LOAD,
    "sensor_kind": words.SENSOR,
    "street_class": words.STREET_CLASS,
    "urgency": words.URGENCY,
}


def test_every_code_of_the_database_has_a_word(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        for name, vocabulary in TYPES.items():
            codes = connection.execute(text(f"SELECT unnest(enum_range(NULL::city.{name}))::text")).scalars().all()
            assert set(codes) == set(vocabulary), name


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert words.word(words.STATE, "newer") == "newer"
    assert words.word(words.STATE, None) == "—"


def test_a_limit_of_one_is_said_as_one() -> None:
    assert words.limit_of(1, "WD") == "1 working day"
    assert words.limit_of(1.0, "UH") == "1 urgent hour"
    assert words.limit_of(2, "WD") == "2 working days"
    assert words.limit_of(0.5, "WH") == "0.5 working hours"
    assert words.limit_of("two", "UD") == "two urgent days", "what is typed so far"


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "00:00"),
        (-0.5, "00:00"),
        (18, "00:18"),
        (-7, "−00:07"),
        (130, "02:10"),
        (2880, "2 d 0 h"),
        (-4000, "−2 d 18 h"),
    ],
)
def test_hours(minutes: float, expected: str) -> None:
    assert figures.hours(timedelta(minutes=minutes)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_age(seconds: int, expected: str) -> None:
    assert figures.age(timedelta(seconds=seconds)) == expected


def test_numbers_have_units_and_nothing_has_a_dash() -> None:
    assert figures.count(528114) == "528,114"
    assert figures.percent(0.9534) == "95.3%"
    assert figures.distance(999.4) == "999 m"
    assert figures.distance(4200) == "4.2 km"
    assert {figures.count(None), figures.percent(None), figures.number(None), figures.hours(None)} == {"—"}


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(86_400, "s", "24 h"), (1200, "s", "20 min"), (90, "s", "90 s"), (60, "cm", "60 cm"), (None, "s", "—")],
)
def test_long_times_of_rules_are_told_in_minutes_or_hours(value: float | None, unit: str, expected: str) -> None:
    assert amount(value, unit) == expected


def test_times_are_those_of_the_city() -> None:
    at = datetime(2026, 11, 22, 6, 35, 8, tzinfo=UTC)
    assert figures.clock(at, seconds=True) == "14:35:08"
    assert figures.short_moment(at, at + timedelta(days=1)) == "11-22 14:35"


def test_quotation_marks_are_as_wide_as_the_language_has_them(qapp: QApplication) -> None:
    def width(code: str) -> float:
        language.install(qapp, code)
        return QFontMetricsF(font(100)).horizontalAdvance("“")

    try:
        assert width("en") < 60 < width("zh_CN")
    finally:
        language.install(qapp, "en")
