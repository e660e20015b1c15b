"""Binary COPY: what numpy holds is what PostgreSQL gives back; indexes, keys and triggers come back too."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from psycopg2 import IntegrityError
from sqlalchemy import text

from console.database import bulk
from console.database.bulk import Coded, Joined, Points, bulk_load, copy_into
from console.errors import ConsoleError

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Connection, Engine

TABLE = """
CREATE TABLE city.every_type (
    small smallint, whole integer, big bigint, single real, double float8, amount numeric(12, 2), flag bool,
    at timestamptz, day date, hour time, span interval, words text, code char(5), short varchar(40),
    state city.alarm_state, extra jsonb, plain json, raw bytea, token uuid, tags text[], days smallint[],
    place geometry(Point, 4546), shape geometry
)
"""
# PostgreSQL's text has no character of code zero, and UTF-8 has no half characters.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
ROUND_TRIP = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def connection(empty_database: Engine) -> Any:
    with empty_database.connect() as opened:
        opened.execute(text(TABLE))
        yield opened
        opened.rollback()


def round_trip(connection: Connection, column: str, values: Any, shown: str | None = None) -> list[Any]:
    """What the server has after `values` were copied into an empty table."""
    connection.execute(text("TRUNCATE city.every_type"))
    assert copy_into(connection, "city.every_type", {column: values}) == len(values)
    # Rows of a fresh table come back in the order in which they were written.
    return list(connection.scalars(text(f"SELECT {shown or column} FROM city.every_type")))


def objects(values: list[Any]) -> Any:
    array = np.empty(len(values), object)
    array[:] = values
    return array


@ROUND_TRIP
@given(values=hnp.arrays(np.int64, st.integers(0, 50)))
def test_bigint(connection: Connection, values: Any) -> None:
    assert round_trip(connection, "big", values) == values.tolist()


@ROUND_TRIP
@given(values=hnp.arrays(np.int16, st.integers(0, 50)), data=st.data())
def test_masked_numbers_are_null(connection: Connection, values: Any, data: st.DataObject) -> None:
    mask = data.draw(hnp.arrays(np.bool_, len(values)))
    expected = [None if hidden else value for value, hidden in zip(values.tolist(), mask, strict=True)]
    masked = np.ma.masked_array(values, mask)
    assert round_trip(connection, "small", masked) == expected
    assert round_trip(connection, "whole", masked) == expected
    assert round_trip(connection, "big", objects(expected)) == expected


@ROUND_TRIP
@given(values=hnp.arrays(np.float64, st.integers(0, 50), elements=st.floats(allow_nan=True)))
def test_float_and_nan(connection: Connection, values: Any) -> None:
    assert round_trip(connection, "double", values) == [None if np.isnan(value) else value for value in values]


@ROUND_TRIP
@given(values=hnp.arrays(np.float32, st.integers(0, 50), elements=st.floats(allow_nan=False, width=32)))
def test_single_float(connection: Connection, values: Any) -> None:
    assert np.array(round_trip(connection, "single", values, "single::float8"), np.float32).tolist() == values.tolist()


@ROUND_TRIP
@given(cents=st.lists(st.integers(-(10**11), 10**11) | st.none(), max_size=50))
def test_numeric(connection: Connection, cents: list[int | None]) -> None:
    expected = [None if value is None else Decimal(value) / 100 for value in cents]
    values = np.array([np.nan if value is None else value / 100 for value in cents], np.float64)
    assert round_trip(connection, "amount", values) == expected


@ROUND_TRIP
@given(values=st.lists(TEXTS | st.none(), max_size=50))
def test_text(connection: Connection, values: list[str | None]) -> None:
    assert round_trip(connection, "words", objects(values)) == values
    words = sorted({value for value in values if value is not None})
    codes = np.array([-1 if value is None else words.index(value) for value in values], np.int64)
    assert round_trip(connection, "words", Coded(codes, words)) == values


@ROUND_TRIP
@given(
    values=st.lists(
        st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 30)) | st.none(),  # noqa: DTZ001 - numpy's are UTC
        max_size=50,
    )
)
def test_instants(connection: Connection, values: list[datetime | None]) -> None:
    shown = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    expected = [None if value is None else value.isoformat(" ", "microseconds") for value in values]
    assert round_trip(connection, "at", np.array(values, "M8[us]"), shown) == expected


@ROUND_TRIP
@given(values=st.lists(st.dates() | st.none(), max_size=50))
def test_dates(connection: Connection, values: list[date | None]) -> None:
    assert round_trip(connection, "day", np.array(values, "M8[D]")) == values


@ROUND_TRIP
@given(
    values=st.lists(st.times() | st.none(), max_size=20),
    spans=st.lists(st.timedeltas(timedelta(-100_000), timedelta(100_000)), max_size=20),
)
def test_times_and_intervals(connection: Connection, values: list[time | None], spans: list[timedelta]) -> None:
    assert round_trip(connection, "hour", objects(values)) == values
    seconds = round_trip(connection, "span", np.array(spans, "m8[us]"), "(extract(epoch FROM span) * 1000000)::bigint")
    assert seconds == [span // timedelta(microseconds=1) for span in spans]


@ROUND_TRIP
@given(values=st.lists(st.lists(TEXTS | st.none(), max_size=5) | st.none(), max_size=20))
def test_arrays_of_text(connection: Connection, values: list[list[str | None] | None]) -> None:
    assert round_trip(connection, "tags", objects(values)) == values


@ROUND_TRIP
@given(values=st.lists(st.lists(st.integers(-32768, 32767), max_size=5) | st.none(), max_size=20))
def test_arrays_of_numbers(connection: Connection, values: list[list[int] | None]) -> None:
    assert round_trip(connection, "days", objects(values)) == values


@ROUND_TRIP
@given(
    values=st.lists(
        st.dictionaries(TEXTS, st.integers(-(2**31), 2**31) | TEXTS | st.booleans() | st.none(), max_size=4),
        max_size=20,
    )
)
def test_json(connection: Connection, values: list[dict[str, Any]]) -> None:
    assert round_trip(connection, "extra", objects([*values, None])) == [*values, None]
    assert round_trip(connection, "plain", objects([json.dumps(value) for value in values])) == values


@ROUND_TRIP
@given(
    values=st.lists(st.uuids() | st.none(), max_size=20), raw=st.lists(st.binary(max_size=20) | st.none(), max_size=20)
)
def test_bytes(connection: Connection, values: list[uuid.UUID | None], raw: list[bytes | None]) -> None:
    expected = [None if value is None else str(value) for value in values]
    assert round_trip(connection, "token", objects(list(values)), "token::text") == expected
    found = round_trip(connection, "raw", objects(raw), "raw")
    assert [None if value is None else bytes(value) for value in found] == raw


coordinates = st.floats(-1e7, 1e7)


@ROUND_TRIP
@given(points=st.lists(st.tuples(coordinates, coordinates) | st.none(), max_size=20))
def test_points(connection: Connection, points: list[tuple[float, float] | None]) -> None:
    pairs = np.array([(np.nan, np.nan) if point is None else point for point in points], float).reshape(-1, 2)
    found = round_trip(connection, "place", Points(pairs[:, 0], pairs[:, 1]), "ST_AsBinary(place)")
    read = [None if value is None else shapely.from_wkb(bytes(value)).coords[0] for value in found]
    assert read == points
    shapes = objects([None if point is None else shapely.Point(point) for point in points])
    assert round_trip(connection, "place", shapes, "ST_AsBinary(place)") == found


def test_shapes_of_any_kind_keep_their_form_and_srid(connection: Connection) -> None:
    shapes = shapely.from_wkt(
        [
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 1))",
            "LINESTRING Z (0 0 1, 5 5 2)",
            None,
            "POINT EMPTY",
        ]
    )
    found = round_trip(connection, "shape", shapes, "ST_AsEWKT(shape)")
    assert found == [
        "SRID=4546;POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 1))",
        "SRID=4546;LINESTRING(0 0 1,5 5 2)",
        None,
        "SRID=4546;POINT EMPTY",
    ]


def test_enumerations_characters_and_flags(connection: Connection) -> None:
    assert round_trip(connection, "state", Coded(np.array([1, 0, -1]), ["normal", "shelved"])) == [
        "shelved",
        "normal",
        None,
    ]
    assert round_trip(connection, "code", np.array(["a", "中文"])) == ["a    ", "中文   "]
    assert round_trip(connection, "flag", np.ma.masked_array([True, False, True], [False, False, True])) == [
        True,
        False,
        None,
    ]
    coded_days = Coded(np.array([1, 0, 1, -1]), [[1, 2], []])
    assert round_trip(connection, "days", coded_days) == [[], [1, 2], [], None]
    assert round_trip(connection, "flag", np.array([], bool)) == []


def test_arrays_are_joined_of_the_words_of_their_parts(connection: Connection) -> None:
    words = [np.array([1, 2, 3]), np.array([], np.int64), np.array([-4])]
    first, second = np.array([0, 1, 2, -1, -1]), np.array([2, 0, 2, 0, 1])
    expected = [[1, 2, 3, -4], [1, 2, 3], [-4, -4], [1, 2, 3], []]
    joined = Joined((Coded(first, words), Coded(second, words)))
    assert round_trip(connection, "days", joined) == expected
    with pytest.raises(TypeError, match="joined"):
        round_trip(connection, "whole", joined)


def test_all_columns_at_once_over_several_chunks(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "ROWS_A_CHUNK", 7)
    rows = 100
    numbers = np.arange(rows)
    values = {
        "small": numbers,
        "words": objects([None if number % 3 == 0 else "字" * (number % 11) for number in range(rows)]),
        "at": np.datetime64("2026-11-01T00:00", "us") + numbers * np.timedelta64(1, "s"),
        "place": Points(numbers.astype(np.float64), np.multiply(numbers, 2.0, dtype=np.float64)),
        "tags": objects([["a"] * (number % 4) for number in range(rows)]),
        "flag": numbers % 2 == 0,
    }
    assert copy_into(connection, "city.every_type", values) == rows
    found = connection.execute(
        text(
            "SELECT small, words, extract(epoch FROM at)::bigint, ST_Y(place), tags, flag "
            "FROM city.every_type ORDER BY small"
        )
    ).all()
    start = 1793491200
    assert [tuple(row) for row in found] == [
        (n, None if n % 3 == 0 else "字" * (n % 11), start + n, n * 2.0, ["a"] * (n % 4), n % 2 == 0)
        for n in range(rows)
    ]


def test_a_huge_value_only_costs_its_own_chunk(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_LARGEST_CHUNK", 10_000)
    values = ["x"] * 500
    values[250] = "长" * 20_000
    assert round_trip(connection, "words", objects(values)) == values


@pytest.mark.parametrize(
    ("column", "values", "fault"),
    [
        ("small", np.array([40_000]), ValueError),
        ("whole", np.array([1.5]), ValueError),
        ("whole", np.array(["2026-01-01"], "M8[D]"), TypeError),
        ("day", np.array(["2026-01-01T10:00"], "M8[s]"), TypeError),
        ("words", np.array([1, 2]), TypeError),
        ("words", Coded(np.array([2]), ["a", "b"]), ValueError),
        ("words", Points(np.zeros(1), np.zeros(1)), TypeError),
        ("at", np.array([1]), TypeError),
    ],
)
def test_what_does_not_fit_is_refused(connection: Connection, column: str, values: Any, fault: type[Exception]) -> None:
    with pytest.raises(fault, match=column):
        copy_into(connection, "city.every_type", {column: values})


def test_columns_of_different_length_are_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="whole has 2 values"):
        copy_into(connection, "city.every_type", {"small": np.zeros(3, int), "whole": np.zeros(2, int)})


SCHEMA = """
CREATE TABLE city.parent (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text NOT NULL);
CREATE TABLE city.child (
    id bigint GENERATED ALWAYS AS IDENTITY, parent_id bigint NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (id, at),
    CONSTRAINT of_parent FOREIGN KEY (parent_id) REFERENCES city.parent
) PARTITION BY RANGE (at);
CREATE TABLE city.child_1 PARTITION OF city.child FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE TABLE city.child_2 PARTITION OF city.child FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
CREATE INDEX child_at ON city.child (at) WHERE parent_id % 2 = 0;
CREATE UNIQUE INDEX parent_name ON city.parent (lower(name));
COMMENT ON INDEX city.parent_name IS 'names once';
COMMENT ON CONSTRAINT of_parent ON city.child IS 'belongs';
CREATE TABLE city.seen (n int);
CREATE FUNCTION city.see() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO city.seen VALUES (1); RETURN NULL; END';
CREATE TRIGGER see AFTER INSERT ON city.parent FOR EACH ROW EXECUTE FUNCTION city.see();
CREATE TRIGGER sleeping AFTER INSERT ON city.parent FOR EACH ROW EXECUTE FUNCTION city.see();
ALTER TABLE city.parent DISABLE TRIGGER sleeping;
CREATE TRIGGER see AFTER INSERT ON city.child FOR EACH ROW EXECUTE FUNCTION city.see();
"""
SHAPE = """
SELECT 'index', tablename || ' ' || indexdef FROM pg_indexes WHERE tablename ~ '^(parent|child)'
UNION ALL SELECT 'constraint', conrelid::regclass || conname || pg_get_constraintdef(oid) || convalidated
    || coalesce(obj_description(oid, 'pg_constraint'), '') FROM pg_constraint
    WHERE conrelid::regclass::text ~ '^city.(parent|child)'
UNION ALL SELECT 'trigger', tgrelid::regclass || tgname || tgenabled::text FROM pg_trigger
    WHERE tgrelid::regclass::text ~ '^city.(parent|child)' AND NOT tgisinternal
UNION ALL SELECT 'comment', obj_description('city.parent_name'::regclass)
ORDER BY 1, 2
"""


@pytest.fixture
def family(empty_database: Engine) -> Engine:
    with empty_database.begin() as connection:
        connection.connection.cursor().execute(SCHEMA)
    return empty_database


def shape(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(SHAPE))]


def load(connection: Connection, parents: Any, *, truncate: bool = True) -> None:
    count = len(parents)
    with bulk_load(connection, ["city.parent", "city.child"], truncate=truncate):
        names = objects([f"n{number}" for number in parents])
        copy_into(connection, "city.parent", {"id": np.arange(1, count + 1), "name": names}, freeze=truncate)
        at = np.datetime64("2026-03-01", "us") + np.arange(count) * np.timedelta64(1, "D")
        copy_into(connection, "city.child", {"id": np.arange(count), "parent_id": parents, "at": at})


def test_bulk_load_leaves_the_tables_as_they_were(family: Engine) -> None:
    before = shape(family)
    with family.begin() as connection:
        load(connection, np.arange(1, 301))
    assert shape(family) == before
    with family.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.child_2")) == 300 - 122
        assert connection.scalar(text("SELECT count(*) FROM city.seen")) == 0
        # Identities go on after the loaded rows, and triggers see again.
        assert connection.scalar(text("INSERT INTO city.parent (name) VALUES ('next') RETURNING id")) == 301
        assert connection.scalar(text("SELECT count(*) FROM city.seen")) == 1
        assert connection.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'child_2'")) == 178
    with family.begin() as connection:
        load(connection, np.arange(1, 11))  # truncated and loaded anew
    assert shape(family) == before


def test_bulk_load_checks_the_keys(family: Engine) -> None:
    before = shape(family)
    with pytest.raises(IntegrityError, match="of_parent"), family.begin() as connection:
        load(connection, np.arange(2, 302))
    assert shape(family) == before
    with family.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.child")) == 0


def test_failure_inside_the_block_leaves_the_tables_as_they_were(family: Engine) -> None:
    before = shape(family)
    with (
        pytest.raises(KeyError, match="no_such_column"),
        family.begin() as connection,
        bulk_load(connection, ["city.parent", "city.child"], truncate=True),
    ):
        copy_into(connection, "city.parent", {"no_such_column": np.arange(3)})
    assert shape(family) == before


def test_missing_right_is_a_sentence(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        connection.execute(text("SET LOCAL ROLE acceptor"))
        with pytest.raises(ConsoleError, match="role does not allow"):
            copy_into(connection, "city.zone", {"id": np.arange(3)})
