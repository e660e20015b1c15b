"""What a layer query gives: every row with its geometry and values, whatever they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.models.layers import BETWEEN, PIECE, read_layer

if TYPE_CHECKING:
    from sqlalchemy import Engine

ROWS = """
    SELECT code, CASE WHEN x IS NOT NULL THEN public.ST_SetSRID(public.ST_MakePoint(x, y), 4546) END,
        name, number, width, sound
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(place int, code text, x float8, y float8, name text, number bigint, width float8, sound boolean)
    ORDER BY place LIMIT :limit
"""
ATTRIBUTES = {"name": np.str_, "number": np.int64, "width": np.float64, "sound": np.bool_}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
finite = st.floats(-1e9, 1e9)
row = st.fixed_dictionaries(
    {
        "code": texts,
        "x": st.none() | finite,
        "y": finite,
        "name": st.none() | texts,
        "number": st.integers(-(2**63), 2**63 - 1),
        "width": st.none() | finite,
        "sound": st.booleans(),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(rows=st.lists(row, max_size=12))
def test_every_row_comes_in_its_order_with_its_values(empty_database: Engine, rows: list[dict[str, object]]) -> None:
    given_rows = json.dumps([{"place": place, **values} for place, values in enumerate(rows)])
    with empty_database.connect() as connection:
        found = read_layer(connection, ROWS, {"rows": given_rows, "limit": 100}, attributes=ATTRIBUTES)
    assert found.ids.tolist() == [str(r["code"]).replace(BETWEEN, "") for r in rows]
    assert found.attributes["name"].tolist() == [str(r["name"] or "").replace(BETWEEN, "") for r in rows]
    assert found.attributes["number"].tolist() == [r["number"] for r in rows]
    assert found.attributes["sound"].tolist() == [r["sound"] for r in rows]
    widths = [np.nan if r["width"] is None else r["width"] for r in rows]
    np.testing.assert_array_equal(found.attributes["width"], np.array(widths, np.float64))
    assert [g is None for g in found.geometries] == [r["x"] is None for r in rows]
    placed = [g for g in found.geometries if g is not None]
    np.testing.assert_array_equal(
        shapely.get_coordinates(placed).reshape(-1, 2),
        np.array([(r["x"], r["y"]) for r in rows if r["x"] is not None], np.float64).reshape(-1, 2),
    )


def test_more_rows_than_are_decoded_at_a_time(empty_database: Engine) -> None:
    query = "SELECT n, public.ST_MakePoint(n, -n) FROM generate_series(1, :limit) AS n ORDER BY n"
    with empty_database.connect() as connection:
        found = read_layer(connection, query, {"limit": 2 * PIECE + 1}, key=np.int64)
    assert found.ids.tolist() == list(range(1, 2 * PIECE + 2))
    np.testing.assert_array_equal(shapely.get_coordinates(found.geometries)[:, 1], -found.ids)


def test_a_whole_number_that_is_missing_is_no_other_number(empty_database: Engine) -> None:
    query = "SELECT n, public.ST_MakePoint(n, n), nullif(n, 2) FROM generate_series(1, 3) AS n"
    with empty_database.connect() as connection, pytest.raises(ValueError, match="2 values in a column of 3 rows"):
        read_layer(connection, query, {}, key=np.int64, attributes={"number": np.int64})
