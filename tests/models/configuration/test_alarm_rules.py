"""Alarm rules as rows that are edited: what a slip is, what two do to one another, what the versions tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.models import alarms
from console.models.alarms import AlarmRule
from console.models.configuration.alarm_rules import (
    RATIONAL,
    RULE,
    missing,
    read_rule_rows,
    row_of,
    rule_from,
    save_rule_rows,
)
from console.models.configuration.draft import Draft
from console.models.configuration.refusals import RefusedEntryError
from console.models.configuration.rows import ConflictError, give_reason
from console.models.configuration.subjects import Flaw
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from console.models.configuration.draft import Row


@pytest.fixture
def city(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def rows(city: Desks, login: str) -> list[Row]:
    with city.engine(login).connect() as connection:
        return read_rule_rows(connection, datetime.now(UTC))


def draft_of(city: Desks, login: str) -> Draft:
    made = Draft(RULE)
    made.take_in(rows(city, login))
    return made


def save(city: Desks, login: str, draft: Draft, reason: str) -> None:
    with city.engine(login).begin() as connection:
        give_reason(connection, reason)
        save_rule_rows(connection, draft.changes())


def key_of(draft: Draft, kind: str, grade: int = 1) -> str:
    return next(k for k in draft.keys if (draft.values(k)["kind"], draft.values(k)["grade"]) == (kind, grade))


def sample(**other: Any) -> AlarmRule:
    values = {
        "id": 1, "kind": "route_deviation", "grade": 1, "subject": "vehicle", "urgency": "high", "cause": "a",
        "consequence": "b", "action": "c", "set_point": 50.0, "clear_point": 30.0, "unit": "m", "on_delay_s": 30,
        "on_count": 3, "off_delay_s": 60, "off_count": 3, "latches": False, "scope": {"load": "full"}, "enabled": True,
        "assumed": False, "source": "s", "version": 1,
    }  # fmt: skip
    return AlarmRule(**{**values, **other})


def test_every_rule_is_a_row_without_a_flaw_and_the_row_is_the_rule_again(city: Desks) -> None:
    with city.owner.connect() as connection:
        known = {str(rule.id): rule for rule in alarms.rules(connection)}
    found = rows(city, city.login("shift_leader"))
    assert {row.key for row in found} == set(known)
    for row in found:
        assert RULE.flaws(row.values) == {}
        assert rule_from(row.values) == known[row.key]
        assert row.values["raised"] >= 0


@given(st.sampled_from(RATIONAL))
def test_what_is_missing_is_a_flaw_only_of_a_rule_that_is_to_be_enabled(name: str) -> None:
    values = {**row_of(sample()).values, name: None}
    assert missing(values) == [name]
    assert RULE.flaws(values) == {name: Flaw.MISSING}
    assert RULE.flaws({**values, "enabled": False}) == {}


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_the_dead_band_lies_below_the_set_point(raised: float, over: float) -> None:
    values = {**row_of(sample(set_point=raised, clear_point=over)).values}
    assert (RULE.flaws(values).get("clear_point") is Flaw.BAND) == (over > raised)


def test_a_row_has_the_figures_of_its_kind_alone_and_its_points_their_unit(city: Desks) -> None:
    found = {(row.values["kind"], row.values["grade"]): row for row in rows(city, city.login("administrator"))}
    overspeed = {one.name: one for one in RULE.fields_of(found["overspeed", 1].values)}
    assert {name for name in overspeed if name.startswith("scope.")} == {
        "scope.city", "scope.arterial", "scope.secondary", "scope.branch", "scope.near_m",
    }  # fmt: skip
    assert overspeed["set_point"].unit == "km/h"
    assert not any(one.name.startswith("scope.") for one in RULE.fields_of(found["forbidden_area", 1].values))


def test_versions_tell_who_saved_what_and_why(city: Desks) -> None:
    leader = city.login("shift_leader")
    draft = draft_of(city, leader)
    key = key_of(draft, "overspeed")
    before = rule_from(draft.values(key))
    draft.set(key, "set_point", 8)
    draft.set(key, "scope.city", 55)
    save(city, leader, draft, "试行一周")
    with city.engine(leader).connect() as connection:
        new, old = alarms.versions(connection, int(key))
    assert (new.version, new.login, new.reason) == (2, leader, "试行一周")
    assert new.at is not None
    assert (new.rule.set_point, new.rule.scope["city"], new.rule.scope["near_m"]) == (8, 55, 25)
    assert not new.rule.assumed, "who saves it confirms it"
    assert (old.version, old.at, old.login, old.reason) == (1, None, None, "")
    assert old.rule == before
    with city.engine(city.login("dispatcher")).connect() as connection, pytest.raises(ConsoleError):
        alarms.versions(connection, int(key))


def test_the_second_of_two_is_told_who_was_first_and_keeps_what_he_typed(city: Desks) -> None:
    first, second = city.login("shift_leader"), city.login("administrator")
    mine, theirs = draft_of(city, second), draft_of(city, first)
    key = key_of(mine, "park_overtime")
    theirs.set(key, "set_point", 900)
    mine.set(key, "set_point", 1500)
    mine.set(key, "action", "到场查看")
    save(city, first, theirs, "先")
    with pytest.raises(ConflictError) as told:
        save(city, second, mine, "后")
    assert told.value.keys == (key,)
    assert told.value.values["login"] == first
    mine.take_in(rows(city, second))
    assert mine.conflicts(key) == ("set_point",)
    assert (mine.values(key)["set_point"], mine.values(key)["action"]) == (1500, "到场查看")
    mine.keep_mine(key, "set_point")
    save(city, second, mine, "后")
    assert city.ask("SELECT (set_point, action, version)::text FROM city.alarm_rule WHERE id = :id", id=int(key)) == (
        "(1500,到场查看,3)"
    )


def test_all_changes_are_saved_or_none_and_the_rule_that_is_refused_is_named(city: Desks) -> None:
    leader = city.login("shift_leader")
    draft = draft_of(city, leader)
    good, bad = key_of(draft, "rain_1h"), key_of(draft, "overspeed")
    draft.set(good, "set_point", 25)
    draft.set(bad, "scope.city", "sixty")
    with pytest.raises(RefusedEntryError) as told:
        save(city, leader, draft, "x")
    assert told.value.key == bad
    assert city.ask("SELECT set_point FROM city.alarm_rule WHERE id = :id", id=int(good)) == 20
