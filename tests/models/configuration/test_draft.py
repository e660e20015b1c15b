"""What one person has typed survives what others save; nothing of theirs is overwritten unseen."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from console.models.configuration.draft import ChangeKind, Draft, Row
from console.models.configuration.kept import keep, take_up
from console.models.configuration.subjects import DEPARTMENT, POST, SHIFT, WORKING_HOURS, Flaw


def department(number: int, name: str, stamp: str = "1", **values: Any) -> Row:
    usual = {"id": number, "code": f"{number:04}", "name": name, "short_name": name, "name_en": "", "kind": "owner"}
    return Row(str(number), stamp, {**usual, "parent_id": None, **values})


@pytest.fixture
def draft() -> Draft:
    made = Draft(DEPARTMENT)
    made.take_in([department(1, "甲"), department(2, "乙")])
    return made


def test_setting_back_is_no_change(draft: Draft) -> None:
    draft.set("1", "name", "丙")
    assert draft.count == 1
    draft.set("1", "name", "甲")
    assert draft.count == 0
    assert not draft.is_changed
    assert draft.changes() == ()


def test_removals_come_first_and_new_rows_in_the_order_in_which_they_were_made(draft: Draft) -> None:
    draft.set("1", "name", "丙")
    draft.add({"name": "丁"})
    draft.add({"name": "戊"})
    draft.remove("2")
    changes = draft.changes()
    assert [c.kind for c in changes] == [ChangeKind.REMOVE, ChangeKind.ALTER, ChangeKind.ADD, ChangeKind.ADD]
    assert changes[1].values == {"name": "丙"}
    assert [c.values["name"] for c in changes[2:]] == ["丁", "戊"]
    draft.discard()
    assert draft.keys == ["1", "2"]


def test_a_change_of_another_field_elsewhere_is_no_conflict(draft: Draft) -> None:
    draft.set("1", "name", "丙")
    draft.take_in([department(1, "甲", "2", kind="bureau"), department(2, "乙")])
    assert draft.conflict_count == 0
    assert draft.values("1")["kind"] == "bureau"
    assert draft.values("1")["name"] == "丙"
    assert draft.changes()[0].stamp == "2"


def test_the_same_field_changed_elsewhere_waits_for_a_decision(draft: Draft) -> None:
    draft.set("1", "name", "丙")
    draft.take_in([department(1, "丁", "2"), department(2, "乙")])
    assert draft.conflicts("1") == ("name",)
    assert draft.values("1")["name"] == "丙", "what was typed is not lost"
    draft.keep_mine("1", "name")
    assert draft.conflict_count == 0
    draft.take_in([department(1, "丁", "2"), department(2, "乙")])
    assert draft.conflict_count == 0, "decided once"
    draft.take_in([department(1, "戊", "3"), department(2, "乙")])
    assert draft.conflicts("1") == ("name",)
    draft.take_theirs("1", "name")
    assert not draft.is_changed


def test_the_same_change_made_elsewhere_is_done(draft: Draft) -> None:
    draft.set("1", "name", "丙")
    draft.take_in([department(1, "丙", "2"), department(2, "乙")])
    assert not draft.is_changed


def test_what_was_typed_into_a_row_removed_elsewhere_becomes_a_new_row(draft: Draft) -> None:
    draft.set("1", "name", "丙")
    draft.take_in([department(2, "乙")])
    (change,) = draft.changes()
    assert change.kind is ChangeKind.ADD
    assert change.values["name"] == "丙"


def test_a_row_is_not_removed_by_whoever_saw_an_older_one(draft: Draft) -> None:
    draft.remove("1")
    draft.take_in([department(1, "丁", "2"), department(2, "乙")])
    assert not draft.is_removed("1")


@pytest.mark.parametrize(
    ("name", "value", "flaw"),
    [("code", "", Flaw.MISSING), ("code", "12 4", Flaw.FORM), ("code", "0002", Flaw.TWICE),
     ("name", None, Flaw.MISSING),
     ("name", "乙", Flaw.TWICE), ("kind", "club", Flaw.FORM), ("name_en", "", None), ("parent_id", None, None)],
)  # fmt: skip
def test_slips_are_seen_while_typing(draft: Draft, name: str, value: object, flaw: Flaw | None) -> None:
    draft.set("1", name, value)
    assert draft.flaws("1").get(name) == flaw
    assert draft.flawed() == (["1"] if flaw else [])


def test_a_draft_outlives_its_window_and_meets_what_is_stored_then(draft: Draft) -> None:
    draft.set("1", "name", "丙")
    draft.set("2", "name_en", "B")
    draft.add({"name": "丁"})
    kept = keep({"department": draft, "other": Draft(SHIFT)})
    later = Draft(DEPARTMENT)
    take_up({"department": later}, kept)
    assert keep({"department": later}) == keep({"department": draft}), "also before the rows are there"
    later.take_in([department(1, "戊", "2"), department(2, "乙")])
    assert later.conflicts("1") == ("name",)
    assert later.values("2")["name_en"] == "B"
    assert [later.values(key)["name"] for key in later.keys if later.is_added(key)] == ["丁"]
    gone = Draft(DEPARTMENT)
    take_up({"department": gone}, kept)
    gone.take_in([department(1, "甲")])
    assert gone.count == 2, "what was edited of a row that has gone is gone with it"
    take_up({"department": gone}, "{torn")
    assert keep({"x": Draft(SHIFT)}) == ""


def test_logins_and_hours_have_their_form() -> None:
    post = POST.new_values() | {"title": "受理员", "department_id": 1}
    assert POST.flaws(post) == {}
    assert POST.flaws(post | {"login": "Acceptor 01"}) == {"login": Flaw.FORM}
    hours = {"valid_from": date(2026, 10, 1), "valid_to": date(2026, 9, 30), "opens": time(8), "closes": time(8)}
    assert WORKING_HOURS.flaws(hours) == {"valid_to": Flaw.ORDER, "closes": Flaw.ORDER}
    assert set(SHIFT.flaws(SHIFT.new_values())) == {"name", "starts", "ends"}
