"""Values are understood as people write them, or said not to be."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.models.layer_import.columns import Filling, map_columns
from console.models.layer_import.fields import TABLES, Field, Kind
from console.models.layer_import.values import read_values
from console.models.layer_import.verdicts import Remarks

if TYPE_CHECKING:
    from collections.abc import Mapping

PIPE = {item.name: item for item in TABLES["pipe"].fields}


def read(
    item: Field,
    *values: Any,
    factor: float = 1.0,
    chosen: bool = True,
    lookups: Mapping[str, Mapping[str, int]] | None = None,
) -> tuple[list[Any], Remarks]:
    remarks = Remarks(len(values))
    column = np.array([*values, None], dtype=object)[:-1]
    found = read_values(Filling(item, "column", factor, chosen=chosen), column, len(values), lookups or {}, remarks)
    return list(found), remarks


def said(remarks: Remarks) -> str:
    return "; ".join(r.text("en") for row in range(remarks.rows) for r in remarks.of(row))


@pytest.mark.parametrize(
    ("value", "millimetres"),
    [
        (300, 300),
        (300.0, 300),
        ("300", 300),
        (" 300 ", 300),
        ("３００", 300),
        ("DN300", 300),
        ("d300", 300),
        ("Φ 300", 300),
        ("300mm", 300),
        ("30 cm", 300),
        ("0.3m", 300),
        ("0.3 米", 300),
        ("12in", 305),
        ('12"', 305),
        ("1,200", 1200),
        ("1 200", 1200),
        ("1.2e3", 1200),
        ("", None),
        ("NULL", None),
        ("未知", None),
        (None, None),
        (0, None),
        (-99, None),
    ],
)
def test_sizes_of_pipes(value: Any, millimetres: int | None) -> None:
    found, remarks = read(PIPE["diameter_mm"], value)
    assert found == [millimetres]
    assert remarks.sound.all()


@pytest.mark.parametrize(
    "value", ["abc", "300x400", "1,2", "3 00", "mm", "--", "1e999", True, float("inf"), "300 furlongs"]
)
def test_what_is_no_number_is_a_fault(value: Any) -> None:
    found, remarks = read(PIPE["diameter_mm"], value)
    assert found == [None]
    assert not remarks.sound.any()
    assert "is no number" in said(remarks)


def test_a_factor_turns_units() -> None:
    assert read(PIPE["diameter_mm"], "12", "DN300", factor=25.4)[0] == [305, 300]


@pytest.mark.parametrize("values", [(8, 12, 24), (0.3, 0.4, 0.6), (30000, 40000)])
def test_a_unit_is_never_guessed(values: tuple[float, ...]) -> None:
    with pytest.raises(
        ConsoleError, match=r"does not look like diameter_mm in mm.*\*25.4 for inches, \*1000 for metres"
    ):
        read(PIPE["diameter_mm"], *values, chosen=False)
    assert read(PIPE["diameter_mm"], *values, chosen=True)[1].sound.all()


def test_unknown_levels_are_said_to_be_unknown() -> None:
    found, remarks = read(PIPE["in_elevation_m"], -99.0, "-9999", 6.82)
    assert found == [None, None, 6.82]
    assert remarks.sound.all()
    assert said(remarks).count("is a sign for “unknown”") == 2


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("雨水", "storm"),
        ("1", "storm"),
        (1.0, "storm"),
        ("Storm Sewer", "storm"),
        ("ws", "sanitary"),
        ("合流", "combined"),
    ],
)
def test_words_of_a_vocabulary(value: Any, code: str) -> None:
    assert read(PIPE["system"], value)[0] == [code]


def test_unknown_words_name_the_known_ones() -> None:
    _found, remarks = read(PIPE["system"], "gas")
    assert "“gas” is not known here; known are storm, sanitary, combined, other" in said(remarks)


@pytest.mark.parametrize(
    ("value", "year"),
    [
        (1999, 1999),
        (1999.0, 1999),
        ("1999.0", 1999),
        ("1999年", 1999),
        ("1999-05-06", 1999),
        (501206400000.0, 1985),
        (-252460800000.0, 1962),
        (0, None),
    ],
)
def test_years(value: Any, year: int | None) -> None:
    assert read(PIPE["built_year"], value)[0] == [year]


@pytest.mark.parametrize(
    "value", ["2020-01-02", "2020/1/2", "20200102", "2020年1月2日", "2020-01-02T10:00:00", 1577923200000]
)
def test_dates(value: Any) -> None:
    assert read(PIPE["recorded_on"], value)[0] == [date(2020, 1, 2)]


def test_what_is_no_date_is_a_fault() -> None:
    for value in ("2020-13-01", "yesterday", 1e300):
        assert "is no date" in said(read(PIPE["recorded_on"], value)[1])


def test_booleans() -> None:
    item = Field("has_fall_net", Kind.BOOLEAN)
    assert read(item, "是", 0, "no", True, "", 1.0)[0] == [True, False, False, True, None, True]
    assert "neither yes nor no" in said(read(item, "perhaps")[1])


def test_numbers_as_codes_have_no_decimal_point() -> None:
    assert read(PIPE["code"], 118488.0, 1408020103000001, "Ａ１")[0] == ["118488", "1408020103000001", "A1"]


def test_lookups() -> None:
    found, remarks = read(PIPE["owner_id"], "排水", "Nobody", lookups={"department": {"排水": 3}})
    assert found == [3, None]
    assert "“Nobody” is not known here; known are 排水" in said(remarks)


@given(value=st.one_of(st.text(), st.floats(), st.integers(), st.booleans()), name=st.sampled_from(sorted(PIPE)))
def test_any_value_is_read_or_refused_in_words(value: Any, name: str) -> None:
    found, remarks = read(PIPE[name], value, lookups={"department": {}, "zone": {}, "street": {}})
    if not remarks.sound.all():
        assert found == [None]
        assert said(remarks)


@given(number=st.integers(50, 10_000))
def test_sizes_keep_their_value_in_every_unit(number: int) -> None:
    written = [str(number), f"{number} mm", f"{number / 10} cm", f"{number / 1000} m", f"DN{number}", f"{number:,}"]
    assert read(PIPE["diameter_mm"], *written)[0] == [number] * len(written)


# Columns


def mapped(table: str, columns: list[str], *chosen: str) -> dict[str, str | None]:
    return {f.field.name: f.column for f in map_columns(TABLES[table], columns, chosen).fillings}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("UPSTREAMINVERT", "in_elevation_m"),
        ("UPELEV", "in_elevation_m"),
        ("INV_UP_ELV", "in_elevation_m"),
        ("From_Elev_m", "in_elevation_m"),
        ("SUINVUP", "in_elevation_m"),
        ("起点管底标高", "in_elevation_m"),
        ("DIAMETER", "diameter_mm"),
        ("PIPE_DIAM", "diameter_mm"),
        ("管径", "diameter_mm"),
        ("FACILITYID", "code"),
        ("起点井号", "from_manhole"),
        ("材质", "material"),
        ("DIAMETER_MM", "diameter_mm"),
    ],
)
def test_names_that_cities_use(name: str, field: str) -> None:
    assert mapped("pipe", [name]) == {field: name}


def test_a_fields_own_name_wins_over_an_alias() -> None:
    assert mapped("pipe", ["DIAMETER", "diameter_mm"]) == {"diameter_mm": "diameter_mm"}


def test_what_the_user_says_wins() -> None:
    assert mapped("pipe", ["DIAMETER", "D2"], "diameter_mm=d2")["diameter_mm"] == "D2"
    assert "diameter_mm" not in mapped("pipe", ["DIAMETER"], "diameter_mm=-")


def test_factors_and_odd_names() -> None:
    (filling,) = map_columns(TABLES["pipe"], ["size"], ["diameter_mm=size*25.4"]).fillings
    assert (filling.column, filling.factor) == ("size", 25.4)
    (filling,) = map_columns(TABLES["pipe"], ["a=b*2"], ["diameter_mm=a=b*2"]).fillings
    assert (filling.column, filling.factor) == ("a=b*2", 1)
    (filling,) = map_columns(TABLES["pipe"], ["SHAPE_DATA1"]).fillings
    assert filling.factor == 1000


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("diameter", "is no mapping"),
        ("thickness=a", "no field “thickness”"),
        ("diameter_mm=b", "no column “b”. It has a"),
    ],
)
def test_what_cannot_be_mapped(chosen: str, words: str) -> None:
    with pytest.raises(ConsoleError, match=words):
        map_columns(TABLES["pipe"], ["a"], [chosen])


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["WKT", "x", "y"], {"wkt": "WKT"}),
        (["lon", "lat"], {"x": "lon", "y": "lat"}),
        (["X1", "Y1", "X2", "Y2"], {"x1": "X1", "y1": "Y1", "x2": "X2", "y2": "Y2"}),
        (["经度", "纬度"], {"x": "经度", "y": "纬度"}),
    ],
)
def test_columns_of_the_geometry(columns: list[str], found: dict[str, str]) -> None:
    assert map_columns(TABLES["pipe"], columns, with_coordinates=True).coordinates == found


def test_geometry_that_cannot_be_recognised() -> None:
    with pytest.raises(ConsoleError, match="--map x="):
        map_columns(TABLES["manhole"], ["a", "b"], with_coordinates=True)
    chosen = ["x=a", "y=b"]
    assert map_columns(TABLES["manhole"], ["a", "b"], chosen, with_coordinates=True).coordinates == {"x": "a", "y": "b"}
