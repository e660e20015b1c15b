"""Supervision finds what was done in the audit trail: by day, person, table and words, with old and new values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.models import audit
from console.models.audit import Wanted
from tests.conftest import _clone as clone
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster


@pytest.fixture(scope="module")
def town(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Engine]:
    for engine in clone(cluster, administration, empty_template):
        with engine.begin() as connection:
            connection.execute(text(TOWN))
            connection.execute(text("UPDATE city.street SET name = '解放路', width_m = 30"))
            connection.execute(text("SELECT city.report_case('inspector', '100% 井盖_缺失', 500100, 3875000)"))
            connection.execute(text("DELETE FROM city.case_class"))
        yield engine


@pytest.fixture
def trail(town: Engine) -> Iterator[Connection]:
    with town.connect() as connection:
        yield connection


def test_old_and_new_values_of_what_differs(trail: Connection) -> None:
    found = audit.find(trail, Wanted(subject="street")).entries
    changed, added = found
    assert (changed.kind, changed.name, changed.changes) == (
        "update", "解放路", {"name": ("红旗街", "解放路"), "width_m": (40, 30)},
    )  # fmt: skip
    assert added.kind == "insert"
    assert added.changes["name"] == (None, "红旗街")
    assert (added.chain_day, added.place, added.link) == (None, None, None)
    (removed, *_) = audit.find(trail, Wanted(subject="case_class")).entries
    assert removed.changes["code"] == ("0103", None)


def test_a_move_bears_the_number_of_its_case(trail: Connection) -> None:
    (told,) = audit.find(trail, Wanted(subject="case_event")).entries
    assert told.name == trail.execute(text("SELECT case_no FROM city.case_file")).scalar_one()


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        (Wanted(text="解放"), {"street"}),
        (Wanted(text="解%路"), set()),  # what is typed is meant as it is
        (Wanted(text="红_街"), set()),
        (Wanted(login="nobody"), set()),
        (Wanted(text="0103", subject="case_class"), {"case_class"}),
    ],
)
def test_words_and_choices_narrow_down(trail: Connection, wanted: Wanted, subjects: set[str]) -> None:
    assert {entry.subject for entry in audit.find(trail, wanted).entries} == subjects


def test_a_day_has_its_own_and_the_newest_are_shown(trail: Connection) -> None:
    everything = audit.find(trail, Wanted())
    today = everything.entries[0].at.date()
    assert audit.find(trail, Wanted(day=today)).total == everything.total == len(everything.entries)
    assert audit.find(trail, Wanted(day=today - timedelta(days=1))).entries == []
    some = audit.find(trail, Wanted(), most=3)
    assert (some.entries, some.total) == (everything.entries[:3], everything.total)
    assert {"street", "case_event"} <= set(some.choices.subjects)
    assert [login for login, *_ in some.choices.logins] == ["city_owner"]


def test_days_and_breaches_of_the_chain(trail: Connection) -> None:
    assert audit.days(trail) == []
    sealed = audit.seal(trail)
    (day,) = audit.days(trail)
    assert (day.entries, day.is_closed) == (sealed, False)
    newest = audit.find(trail, Wanted()).entries[0]
    assert (newest.chain_day, newest.place, newest.link) == (day.day, sealed, day.head)
    assert audit.breaches(trail, day.day) == []
    trail.execute(text("ALTER TABLE city.audit_log DISABLE TRIGGER USER"))
    trail.execute(text(f"UPDATE city.audit_log SET login = 'other' WHERE id = {newest.id}"))
    assert audit.breaches(trail, day.day) == [audit.Breach("altered", day.day, sealed, newest.id)]
    assert audit.breaches(trail, day.day - timedelta(days=1)) == []
