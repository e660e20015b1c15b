"""The demonstration city's cases: the funnel, and that every row is what its history says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.database.bulk import Coded
from console.simulation.generator.cases.mix import load_mix
from console.simulation.generator.cases.search import bigram_codes
from console.simulation.generator.cases.steps import STAGE_LIMIT_MINUTES, STATES
from console.simulation.generator.scale import SMALL
from tests.simulation.small_city import END, SmallCity, small_city

if TYPE_CHECKING:
    from console.models.calendar import LimitUnit, WorkingCalendar
    from console.models.catalogue import FilingCondition

ENDED = set(STATES[STATES.index("closed") :])
# From which states each move may be made, and to which it leads (Yuncheng's state machine).
MOVES: dict[str, dict[str | None, set[str]]] = {
    "report": {None: {"reported"}},
    "accept": {"reported": {"pending_register"}},
    "order_verify": {"reported": {"pending_verify"}},
    "verify": {"pending_verify": {"pending_register"}},
    "refuse": {"pending_register": {"not_accepted"}},
    "merge": {"pending_register": {"not_accepted"}},
    "assess": {"reported": {"assessed"}},
    "file": {"pending_register": {"pending_dispatch"}},
    "cancel": {"pending_dispatch": {"cancelled"}},
    "dispatch": {"pending_dispatch": {"pending_handle"}, "returned": {"pending_handle"}},
    "return": {"pending_handle": {"returned"}},
    "department_accept": {"pending_handle": {"handling"}},
    "supervise": {"handling": {"handling"}},
    "request_extension": {"handling": {"handling"}},
    "extend": {"handling": {"handling"}},
    "refuse_request": {"handling": {"handling"}},
    "overdue": {"pending_handle": {"pending_handle"}, "handling": {"handling"}},
    "suspend": {"handling": {"suspended"}},
    "resume": {"suspended": {"handling"}},
    "dispose": {"handling": {"handle_finish"}},
    "feed_back": {"handle_finish": {"pending_check"}},
    "order_check": {"pending_check": {"checking"}},
    "check": {"checking": {"pending_close", "check_not_pass"}},
    "rework": {"check_not_pass": {"pending_handle"}},
    "close": {"pending_close": {"closed"}},
    "force_close": {"handling": {"forced_close"}},
    "appeal": {"closed": {"closed"}},
    "review_appeal": {"closed": {"closed"}},
    "decide_appeal": {"closed": {"closed"}},
}


def plain(column: Any) -> list[Any]:
    """A column as Python values, None for NULL."""
    if isinstance(column, Coded):
        return [column.words[code] if code >= 0 else None for code in np.asarray(column.codes).tolist()]
    values = column.tolist()
    return [value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for value in values]


def rows(table: dict[str, Any], names: str) -> list[dict[str, Any]]:
    columns = {name: plain(table[name]) for name in names.split()}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


CASE_COLUMNS = (
    "id mode state version class_id condition_id is_overdue is_supervised reported_at accepted_at filed_at "
    "dispatched_at disposed_at closed_at deadline warn_at due_at limit_minutes consumed_minutes running_since "
    "suspended_until extensions reworks appeal merged_into responsible_id"
)


@dataclass
class Fold:
    """A case as its events make it, one after the other, on the scalar clock."""

    calendar: WorkingCalendar
    condition: FilingCondition | None
    end: datetime
    row: dict[str, Any] = field(default_factory=dict)
    entered: datetime | None = None

    def run(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        self.row = dict.fromkeys(("accepted_at", "filed_at", "dispatched_at", "disposed_at", "closed_at"))
        self.row |= dict.fromkeys(("deadline", "running_since", "limit_minutes", "appeal"))
        self.row |= {
            "consumed_minutes": 0.0,
            "is_overdue": False,
            "is_supervised": False,
            "extensions": 0,
            "reworks": 0,
        }
        for event in events:
            self.row["state"] = event["to_state"]
            self.entered = event["at"]
            getattr(self, event["move"], lambda at: None)(event["at"])
            if event["to_state"] in ENDED and self.row["closed_at"] is None:
                self.row["closed_at"] = event["at"]
            if event["detail"] == '{"granted": false}':
                self.row["appeal"] = "refused"
        self.row["version"] = len(events)
        self.wait()
        return self.row

    @property
    def unit(self) -> LimitUnit:
        assert self.condition is not None
        return self.condition.limit_unit

    def ends(self, start: datetime, minutes: float) -> datetime:
        return self.calendar.deadline(start, minutes / self.unit.minutes, self.unit)

    def start_clock(self, at: datetime) -> None:
        self.row["running_since"] = at
        left = self.row["limit_minutes"] - self.row["consumed_minutes"]
        if left > 0:
            self.row["deadline"] = self.ends(at, left)

    def stop_clock(self, at: datetime) -> None:
        used = self.calendar.consumed(self.row["running_since"], at, self.unit)
        self.row["consumed_minutes"] += used / timedelta(minutes=1)
        self.row["running_since"] = None

    def report(self, at: datetime) -> None:
        self.row["reported_at"] = at

    def accept(self, at: datetime) -> None:
        self.row["accepted_at"] = at

    order_verify = assess = accept

    def file(self, at: datetime) -> None:
        self.row["filed_at"] = at

    def dispatch(self, at: datetime) -> None:
        assert self.condition is not None
        self.row |= {"dispatched_at": at, "consumed_minutes": 0.0, "limit_minutes": self.condition.limit_minutes}
        self.start_clock(at)

    def hand_back(self, at: datetime) -> None:
        self.stop_clock(at)
        self.row["is_overdue"] |= at > self.row["deadline"]

    def dispose(self, at: datetime) -> None:
        self.hand_back(at)
        self.row["disposed_at"] = at

    force_close = hand_back

    def suspend(self, at: datetime) -> None:
        self.stop_clock(at)

    def resume(self, at: datetime) -> None:
        self.start_clock(at)

    def rework(self, at: datetime) -> None:
        self.row["reworks"] += 1
        self.start_clock(at)

    def extend(self, at: datetime) -> None:
        assert self.condition is not None
        assert at < self.row["deadline"], "an overdue case is not extended"
        self.row["extensions"] += 1
        self.row["limit_minutes"] += self.condition.limit_minutes
        self.start_clock(self.row["running_since"])

    def supervise(self, at: datetime) -> None:
        self.row["is_supervised"] = True

    def appeal(self, at: datetime) -> None:
        assert self.row["is_overdue"], "only an overdue mark is appealed against"
        self.row["appeal"] = "pending"

    def decide_appeal(self, at: datetime) -> None:
        self.row["appeal"] = "granted"

    def overdue(self, at: datetime) -> None:
        assert at > self.row["deadline"], "the keeper marks what is past its deadline"
        self.row["is_overdue"] = True

    def wait(self) -> None:
        """What the case waits for at the end date."""
        stage = STAGE_LIMIT_MINUTES.get(self.row["state"])
        if stage is not None:
            assert self.entered is not None
            self.row["warn_at"] = self.entered + timedelta(minutes=0.8 * stage)
            self.row["due_at"] = self.entered + timedelta(minutes=stage)
        elif self.row["running_since"] is not None:
            left = 0.8 * self.row["limit_minutes"] - self.row["consumed_minutes"]
            since = self.row["running_since"]
            self.row["warn_at"] = self.ends(since, left) if left > 0 else since
            self.row["due_at"] = self.row["deadline"]
            assert self.row["is_overdue"] or self.end <= self.row["deadline"] + timedelta(minutes=1)
        else:
            self.row["warn_at"] = self.row["due_at"] = None


setattr(Fold, "return", Fold.suspend)  # a word of the language, which cannot be defined


def histories(city: SmallCity) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for event in rows(city.tables["case_event"], "case_id seq at move from_state to_state used_s detail"):
        found.setdefault(event["case_id"], []).append(event)
    return found


def check_folds(city: SmallCity, end: datetime, every: int = 1) -> None:
    """Compare every n-th closed-loop case with the fold of its events."""
    conditions = city.organisation.catalogue.conditions
    events = histories(city)
    cases = [row for row in rows(city.tables["case_file"], CASE_COLUMNS) if row["mode"] == "closed_loop"]
    for case in cases[::every]:
        condition = conditions[case["condition_id"] - 1] if case["condition_id"] else None
        fold = Fold(city.organisation.calendar, condition, end).run(events[case["id"]])
        for name, value in fold.items():
            if name == "consumed_minutes":
                assert value == pytest.approx(case[name], abs=1e-3)
            else:
                assert case[name] == value, (name, case, fold)


@pytest.fixture(scope="module")
def city() -> SmallCity:
    return small_city()


def test_every_case_is_the_fold_of_its_events(city: SmallCity) -> None:
    check_folds(city, END)


def test_the_funnel(city: SmallCity) -> None:
    cases = rows(city.tables["case_file"], CASE_COLUMNS)
    assert Counter(row["mode"] for row in cases) == {
        "direct_assess": SMALL.direct_cases,
        "closed_loop": SMALL.loop_cases,
    }
    assert sum(row["filed_at"] is not None for row in cases) == SMALL.filed_cases
    states = Counter(row["state"] for row in cases)
    assert states["closed"] == SMALL.closed_cases
    assert states["assessed"] == SMALL.direct_cases
    assert set(states) == set(STATES)
    assert sum(n for state, n in states.items() if state not in ENDED | {"suspended"}) == SMALL.open_cases
    filed = sum(row["filed_at"] is not None for row in cases)
    assert states["closed"] / filed == pytest.approx(0.953, abs=0.005)
    # Only what nobody has taken up yet is not accepted.
    assert sum(row["accepted_at"] is None for row in cases) == states["reported"]


def test_figures_that_the_city_reports(city: SmallCity) -> None:
    cases = rows(city.tables["case_file"], CASE_COLUMNS + " address")
    closed = [row for row in cases if row["state"] == "closed"]
    share = {
        "overdue": sum(row["is_overdue"] for row in closed) / len(closed),
        "extended": sum(row["extensions"] for row in closed) / len(closed),
        "without address": sum(row["address"] is None for row in cases) / len(cases),
    }
    assert share["overdue"] == pytest.approx(0.0131, abs=0.006)
    assert share["extended"] == pytest.approx(0.0135, abs=0.003)
    assert share["without address"] == pytest.approx(0.1031, abs=0.01)
    hours = sorted((row["disposed_at"] - row["dispatched_at"]) / timedelta(hours=1) for row in closed)
    assert 1.0 < hours[len(hours) // 2] < 2.2


def test_histories_are_allowed_complete_and_in_order(city: SmallCity) -> None:
    events = histories(city)
    assert set(events) == set(city.tables["case_file"]["id"].tolist())
    met = set()
    for history in events.values():
        assert [event["seq"] for event in history] == list(range(1, len(history) + 1))
        before = None
        for event in history:
            assert event["from_state"] == (before["to_state"] if before else None)
            assert event["to_state"] in MOVES[event["move"]][event["from_state"]]
            assert event["used_s"] == ((event["at"] - before["at"]).total_seconds() if before else 0)
            assert event["used_s"] >= 0
            assert event["at"] <= END
            met.add(event["move"])
            before = event
    assert met == set(MOVES)


def test_open_cases_stand_everywhere_and_some_are_late(city: SmallCity) -> None:
    waiting = [row for row in rows(city.tables["case_file"], CASE_COLUMNS) if row["due_at"]]
    assert {row["state"] for row in waiting} == set(STATES) - ENDED - {"suspended"}
    assert any(row["due_at"] < END for row in waiting)
    assert any(row["warn_at"] < END <= row["due_at"] for row in waiting)
    assert any(row["warn_at"] > END for row in waiting)
    assert any(row["is_overdue"] for row in waiting)
    suspended = [row for row in rows(city.tables["case_file"], CASE_COLUMNS) if row["state"] == "suspended"]
    assert all(END.date() < row["suspended_until"] < END.date() + timedelta(days=366) for row in suspended)


def test_duplicates_are_near_their_originals(city: SmallCity) -> None:
    table = city.tables["case_file"]
    cases = {row["id"]: row for row in rows(table, CASE_COLUMNS)}
    x, y = table["geom"].x, table["geom"].y
    merged = [row for row in cases.values() if row["merged_into"]]
    assert merged
    for row in merged:
        original = cases[row["merged_into"]]
        assert row["class_id"] == original["class_id"]
        assert timedelta(0) < row["reported_at"] - original["reported_at"] < timedelta(hours=24)
        assert np.hypot(x[row["id"] - 1] - x[original["id"] - 1], y[row["id"] - 1] - y[original["id"] - 1]) < 50


def test_cases_are_numbered_by_day(city: SmallCity) -> None:
    table = city.tables["case_file"]
    assert (np.diff(table["reported_at"]) >= np.timedelta64(0, "s")).all()
    last: Counter[str] = Counter()
    for number, at in zip(table["case_no"].tolist(), plain(table["reported_at"]), strict=True):
        day = f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y%m%d}"
        last[day] += 1
        assert number == f"YC{day}{last[day]:04}"
    days = city.tables["case_number"]
    assert {f"{day:%Y%m%d}": n for day, n in zip(days["day"].tolist(), days["last"].tolist(), strict=True)} == last


def test_seasons_and_hours_are_plausible(city: SmallCity) -> None:
    mix = load_mix(city.organisation.catalogue)
    rng = np.random.default_rng(7)
    names = {
        row.class_key[2]: number for number, row in enumerate(mix.catalogue.conditions) if not mix.is_component[number]
    }
    first, last = int(datetime(2025, 5, 20, tzinfo=UTC).timestamp()), int(END.timestamp())

    def local(code: str) -> Any:
        at = mix.times(rng, np.full(4000, names[code]), first, last)
        assert ((at >= first) & (at <= last)).all()
        return (at + 8 * 3600).astype("M8[s]")

    snow = local("0507").astype("M8[M]").astype(int) % 12 + 1
    assert np.isin(snow, [11, 12, 1, 2, 3]).mean() > 0.98
    flood = local("0506").astype("M8[M]").astype(int) % 12 + 1
    assert np.isin(flood, [6, 7, 8, 9]).mean() > 0.85
    pedlars = local("0401").astype("M8[h]").astype(int) % 24
    assert np.isin(pedlars, range(16, 22)).mean() > 0.35
    assert np.isin(pedlars, [23, 0, 1, 2, 3, 4, 5]).mean() < 0.05


def test_the_reporter_leaves_no_private_data(city: SmallCity) -> None:
    assert not {"caller_name", "caller_phone"} & set(city.tables["case_file"])


def test_the_same_seed_gives_the_same_cases() -> None:
    first, second = small_city(3), small_city.__wrapped__(3)
    for table in ("case_file", "case_event"):
        for name, column in first.tables[table].items():
            other = second.tables[table][name]
            if isinstance(column, Coded):
                assert (column.codes == other.codes).all(), name
            elif isinstance(column, np.ndarray):
                assert np.array_equal(column, other, equal_nan=column.dtype.kind in "fM"), name
    assert (small_city(4).tables["case_file"]["reported_at"] != first.tables["case_file"]["reported_at"]).any()


ends = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - made aware below
    lambda at: at.replace(microsecond=0, tzinfo=ZoneInfo("Asia/Shanghai"))
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), ends)
def test_any_seed_and_end_date(seed: int, end: datetime) -> None:
    city = small_city.__wrapped__(seed, end)
    check_folds(city, end, every=7)
    table, events = city.tables["case_file"], city.tables["case_event"]
    assert events["at"].max() <= np.datetime64(end.astimezone(UTC).replace(tzinfo=None), "s")
    assert table["reported_at"].min() >= np.datetime64("2024-06-01")
    assert set(np.unique(table["state"].codes)) == set(range(len(STATES)))


@given(st.text(st.characters(min_codepoint=1, max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20))
def test_bigrams_are_pairs_of_neighbours(words: str) -> None:
    pairs = [ord(a) * 65_536 + ord(b) - 2**31 for a, b in pairwise(words)]
    assert bigram_codes([words, words])[1].tolist() == pairs
