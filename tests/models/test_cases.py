"""The queue answers exactly what filtering and sorting by hand answers; a case file shows its history."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from console.models import cases
from console.models.cases import CaseColumn, CaseFilter, CaseRow, CaseSort, Period, Preset, TimeColumn
from console.models.cases.filters import CASE, CLASS
from console.models.layers import Extent
from tests.models.queue_city import (
    CASES,
    CATEGORIES,
    CLASSES,
    LEVELS,
    NOW,
    PLACES,
    SOURCES,
    STATES_OF,
    WORDS,
    X,
    Y,
    fill,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

ON_ONE_CITY = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def connection(empty_database: Engine) -> Iterator[Connection]:
    with empty_database.connect() as connection:
        fill(connection)
        connection.exec_driver_sql("ANALYZE city.case_file")
        connection.commit()
        yield connection


def some(values: Any) -> st.SearchStrategy[frozenset[Any]]:
    return st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(list(values)), min_size=1, max_size=3))


moments = st.integers(0, 41 * 24).map(lambda hours: NOW - timedelta(hours=hours))
periods = st.builds(Period, st.none() | moments, st.none() | moments)
spoken = st.sampled_from(WORDS + PLACES + CLASSES).filter(bool)
words = st.one_of(
    st.just(""),
    st.lists(
        spoken.flatmap(
            lambda said: st.tuples(st.integers(0, len(said) - 1), st.integers(1, 5)).map(
                lambda cut: said[cut[0] : cut[0] + cut[1]]
            )
        ),
        min_size=1,
        max_size=2,
    ).map(" ".join),
    st.sampled_from(["YC2026", "yc202610", "没有", "%", "_东"]),
)
# What waits for one person or post is tested with the logins of the city (test_desks.py).
IMPERSONAL = sorted(set(Preset) - {Preset.MINE, Preset.POST, Preset.REQUESTS, Preset.REPORTED})
filters = st.builds(
    CaseFilter,
    preset=st.sampled_from([*IMPERSONAL, *[Preset.ALL] * 10]),
    states=some(sorted({state for states in STATES_OF.values() for state in states})),
    modes=some(STATES_OF),
    sources=some(SOURCES),
    kinds=some(["event", "component", "service"]),
    levels=some(LEVELS),
    class_ids=some(range(1, 6)),
    categories=some([*CATEGORIES, "没有"]),
    zone_ids=some([1, 2]),
    department_ids=some([1, 2, 3]),
    street_ids=some([1, 2, 3]),
    area=st.sampled_from(["", "", "", "140802001", "140802001002", "140802001001007"]),
    overdue=st.sampled_from([None, None, True, False]),
    supervised=st.sampled_from([None, None, True, False]),
    periods=st.dictionaries(st.sampled_from(list(TimeColumn)), periods, max_size=2),
    number=st.sampled_from(["", "", "YC2026", "YC202610"]),
    polygon=st.sampled_from([(), (), ((X, Y), (X + 900, Y), (X + 500, Y + 900))]),
    text=words,
)
# Most fields of a useful filter are empty; one with all fields set finds nothing and tests nothing.
sparse = st.tuples(filters, st.sets(st.sampled_from(sorted(CaseFilter.__dataclass_fields__)), max_size=3)).map(
    lambda drawn: replace(CaseFilter(), **{name: getattr(drawn[0], name) for name in drawn[1]})
)
sorts = st.builds(CaseSort, st.sampled_from(list(CaseColumn)), st.booleans())


def matches(row: CaseRow, wanted: CaseFilter) -> bool:
    """The filter by hand, from what its documentation says."""
    in_preset = {
        Preset.ALL: True,
        Preset.OPEN: row.is_open,
        Preset.DUE_SOON: row.warn_at is not None and row.due_at is not None and row.warn_at <= NOW < row.due_at,
        Preset.OVERDUE: row.due_at is not None and row.due_at <= NOW,
        Preset.SUPERVISED: row.is_open and row.is_supervised,
        Preset.REWORKED: row.reworks > 0 and row.state in {"pending_handle", "handling"},
    }.get(wanted.preset, row.state in cases.PRESET_STATES.get(wanted.preset, ()))
    category = None if row.class_id is None else CATEGORIES[row.class_id // 3]
    said = f"{row.address}\n{row.description}\n{row.class_name}"
    return (
        in_preset
        and all(
            not values or value in values
            for values, value in (
                (wanted.states, row.state), (wanted.modes, row.mode), (wanted.sources, row.source),
                (wanted.kinds, row.kind), (wanted.levels, row.level), (wanted.class_ids, row.class_id),
                (wanted.categories, category), (wanted.zone_ids, row.zone_id),
                (wanted.department_ids, row.responsible_id), (wanted.street_ids, row.street_id),
            )
        )
        and row.unit_grid.startswith(wanted.area)
        and wanted.overdue in {None, row.is_overdue}
        and wanted.supervised in {None, row.is_supervised}
        and all(within(getattr(row, at.value), period) for at, period in wanted.periods.items())
        and row.case_no.startswith(wanted.number)
        and (not wanted.polygon or shapely.Polygon(wanted.polygon).intersects(shapely.Point(row.x, row.y)))
        and all(
            row.case_no.startswith(word.upper()) if word.upper().startswith("YC") else word in said
            for word in wanted.text.split()
        )
    )  # fmt: skip


def within(moment: Any, period: Period) -> bool:
    if period.start is None and period.end is None:
        return True
    return (
        moment is not None
        and (period.start is None or period.start <= moment)
        and (period.end is None or moment < period.end)
    )


def in_order(rows: list[CaseRow], sort: CaseSort, places: dict[str, int]) -> list[CaseRow]:
    """The order by hand: empty values last, ties by report and id."""

    def key(row: CaseRow) -> tuple[Any, ...]:
        value = getattr(row, sort.column.value)
        ties = () if sort.column is CaseColumn.NUMBER else (row.reported_at, row.id)
        return (places.get(value, value) if isinstance(value, str) else value, *ties)

    full = [row for row in rows if getattr(row, sort.column.value) is not None]
    empty = [row for row in rows if getattr(row, sort.column.value) is None]
    by_ties = sorted(empty, key=lambda row: (row.reported_at, row.id), reverse=sort.descending)
    return sorted(full, key=key, reverse=sort.descending) + by_ties


def everything(connection: Connection) -> list[CaseRow]:
    return cases.rows(connection, list(connection.scalars(text("SELECT id FROM city.case_file"))))


def enum_places(connection: Connection) -> dict[str, int]:
    query = (
        "SELECT enumlabel, enumsortorder FROM pg_enum JOIN pg_type t ON t.oid = enumtypid WHERE t.typname LIKE 'case_%'"
    )
    return {row[0]: int(row[1]) for row in connection.execute(text(query))}


@ON_ONE_CITY
@given(data=st.data())
def test_queue_equals_filtering_and_sorting_by_hand(connection: Connection, data: st.DataObject) -> None:
    every = everything(connection)
    places = enum_places(connection)
    assert len(every) == CASES
    wanted, sort = data.draw(sparse), data.draw(sorts)
    expected = in_order([row for row in every if matches(row, wanted)], sort, places)
    limit = data.draw(st.sampled_from([1, 3, 50, 1000]))

    assert cases.count(connection, wanted, now=NOW) == len(expected)
    assert cases.page(connection, wanted, sort, limit=limit, now=NOW) == expected[:limit]
    offset = data.draw(st.integers(0, len(expected) + 1))
    for total in (None, len(expected)):
        shown = cases.page(connection, wanted, sort, offset=offset, limit=limit, total=total, now=NOW)
        assert shown == expected[offset : offset + limit]
    if expected:
        at = data.draw(st.integers(0, len(expected) - 1))
        after = cases.page(connection, wanted, sort, after=expected[at], limit=limit, now=NOW)
        assert after == expected[at + 1 : at + 1 + limit]
        assert cases.position_of(connection, expected[at].id, wanted, sort, now=NOW) == at
    others = [row for row in every if not matches(row, wanted)]
    if others:
        assert cases.position_of(connection, others[0].id, wanted, sort, now=NOW) is None


def test_a_short_walk_finds_what_a_long_one_would(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of its ways the queue takes to a page, the page is the same."""
    every = everything(connection)
    places = enum_places(connection)
    chance = random.Random(3)
    wanted = CaseFilter(text="垃圾", zone_ids=frozenset([2]))
    for walked, gathered in ((1, 1), (20, 10), (1000, 1000)):
        monkeypatch.setattr("console.models.cases.pages.WALKED", walked)
        monkeypatch.setattr("console.models.cases.pages.GATHERED", gathered)
        sort = CaseSort(chance.choice(list(CaseColumn)), chance.random() < 0.5)
        expected = in_order([row for row in every if matches(row, wanted)], sort, places)
        assert len(expected) > 10
        for offset in range(0, len(expected), 7):
            shown = cases.page(connection, wanted, sort, offset=offset, limit=7, total=len(expected), now=NOW)
            assert shown == expected[offset : offset + 7]


def test_every_open_state_waits_at_one_desk(connection: Connection) -> None:
    states = connection.scalars(text("SELECT s::text FROM unnest(enum_range(NULL, 'returned'::city.case_state)) AS s"))
    waiting = [state for at_desk in cases.PRESET_STATES.values() for state in at_desk]
    assert sorted(waiting) == sorted(states)


def test_counts_of_presets(connection: Connection) -> None:
    every = everything(connection)
    counts = cases.preset_counts(connection, "supervisor", now=NOW)
    assert set(counts) == set(IMPERSONAL) - {Preset.ALL, Preset.REWORKED}
    for preset, found in counts.items():
        here = [row for row in every if matches(row, CaseFilter(preset=preset))]
        soon = [row for row in here if matches(row, CaseFilter(preset=Preset.DUE_SOON))]
        late = [row for row in here if matches(row, CaseFilter(preset=Preset.OVERDUE))]
        assert found == (len(here), len(soon), len(late)), preset
    assert counts[Preset.OVERDUE].cases
    assert counts[Preset.OPEN].cases == sum(counts[preset].cases for preset in cases.PRESET_STATES)


@pytest.mark.parametrize("declared", [CASE, CLASS], ids=lambda declared: declared.name)
def test_declared_columns_exist(connection: Connection, declared: Any) -> None:
    query = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'city' AND table_name = :name"
    assert {column.name for column in declared.c} <= set(connection.scalars(text(query), {"name": declared.name}))


def test_sort_columns_are_attributes_of_a_row() -> None:
    assert {column.value for column in CaseColumn} <= set(CaseRow.__dataclass_fields__)


def test_file_of_a_case_shows_where_it_lies_and_its_history(connection: Connection) -> None:
    reported = connection.execute(
        text("""
            SELECT id, case_no
            FROM city.report_case('hotline_12345', '井盖缺失', :x, :y, CAST(3 AS smallint),
                '人民路1号', reported_at => :at, caller_name => '张三', caller_phone => '13900000000',
                wants_call_back => true)
        """),
        {"x": X + 50, "y": Y + 50, "at": NOW},
    ).one()
    file = cases.detail(connection, reported.id)
    assert file is not None
    assert file.row.case_no == reported.case_no
    assert cases.id_of(connection, reported.case_no) == reported.id
    assert (file.row.zone_id, file.row.unit_grid, file.community, file.subdistrict) == (
        1, "140802001001001", "社区1", "中城街道",
    )  # fmt: skip
    assert (file.row.class_name, file.category, file.row.kind) == ("雨水箅子", "公用设施", "component")
    assert (file.caller_name, file.caller_phone, file.wants_call_back) == ("张三", "13900000000", True)
    assert [(event.seq, event.move, event.from_state, event.to_state) for event in file.events] == [
        (1, "report", None, "reported")
    ]
    assert cases.detail(connection, -1) is None
    assert cases.id_of(connection, "YC209901010001") is None


@pytest.mark.parametrize(("role", "sees"), [("acceptor", True), ("dispatcher", True), ("supervisor", False)])
def test_who_called_is_for_those_who_call_back(connection: Connection, role: str, sees: bool) -> None:
    connection.exec_driver_sql("UPDATE city.case_file SET caller_name = '张三', caller_phone = '139' WHERE id = 1")
    connection.exec_driver_sql(f"SET ROLE {role}")
    file = cases.detail(connection, 1)
    connection.exec_driver_sql("RESET ROLE")
    assert file is not None
    assert (file.caller_name, file.caller_phone) == (("张三", "139") if sees else ("", ""))


def test_open_cases_of_an_extent(connection: Connection) -> None:
    in_hand = [row for row in everything(connection) if row.is_open]
    found = cases.open_cases(connection)
    assert sorted(found.ids.tolist()) == sorted(row.id for row in in_hand)
    half = Extent(X, Y, X + 500, Y + 1000)
    found = cases.open_case_layer(connection, half, 1.0)
    assert sorted(found.ids.tolist()) == sorted(row.id for row in in_hand if row.x <= X + 500)
    by_id = {row.id: row for row in in_hand}
    for index, case_id in enumerate(found.ids.tolist()):
        row = by_id[case_id]
        assert found.attributes["state"][index] == row.state
        assert shapely.get_x(found.geometries[index]) == row.x
        due = found.attributes["due_at"][index]
        assert np.isnan(due) if row.due_at is None else due == row.due_at.timestamp()


def test_rows_keep_the_order_of_ids_and_pass_over_missing_ones(connection: Connection) -> None:
    assert [row.id for row in cases.rows(connection, [9, 10**9, 3, 7])] == [9, 3, 7]
    assert cases.rows(connection, []) == []
