"""Saving the configuration: all or nothing, never over somebody else's change, and said in words when refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.errors import ConsoleError
from console.models.calendar import TIME_ZONE
from console.models.configuration.accounts import SHORTEST, make_password, password_flaw
from console.models.configuration.draft import Draft
from console.models.configuration.opinions import phrases
from console.models.configuration.record import history, recorded_changes
from console.models.configuration.rows import ConflictError, give_reason, read_rows, save_rows
from console.models.configuration.settings import (
    SETTING,
    read_setting_rows,
    read_settings,
    save_setting_rows,
    save_settings,
)
from console.models.configuration.standard import read_conditions, save_conditions, versions
from console.models.configuration.subjects import (
    CASE_CLASS,
    CONDITION,
    DEPARTMENT,
    OPINION,
    POST,
    SHIFT,
    TEAM,
    WORKING_HOURS,
    Flaw,
    Subject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    """As an administrator, in a transaction that is taken back."""
    with database.connect() as made:
        made.execute(text("SET ROLE administrator"))
        made.commit()
        yield made
        made.rollback()
        made.execute(text("RESET ROLE"))
        made.commit()


def draft_of(connection: Connection, subject: Subject) -> Draft:
    made = Draft(subject)
    made.take_in(read_rows(connection, subject))
    return made


def test_every_subject_is_read_changed_added_and_removed(connection: Connection) -> None:
    for subject, name, value, new in (
        (DEPARTMENT, "short_name", "新名", {"code": "9999", "name": "新部门", "short_name": "新"}),
        (CASE_CLASS, "name_en", "other", {"kind": "event", "code": "0697", "name": "新小类", "category": "其他事件"}),
        (POST, "is_lead", True, {"login": "probe99", "title": "派遣员", "role": "dispatcher", "department_id": 1}),
        (SHIFT, "starts", time(7, 30), {"name": "中班", "starts": time(11), "ends": time(19)}),
        # Hours in which limits have run are not changed any more.
        (WORKING_HOURS, "valid_to", date(2098, 12, 31), {
            "valid_from": date(2097, 1, 1), "valid_to": date(2099, 1, 1), "opens": time(20), "closes": time(21)}),
        (TEAM, "name", "巡查一队", None),
        (OPINION, "words", "已核实", {"move": "close", "words": "同意结案"}),
    ):  # fmt: skip
        draft = draft_of(connection, subject)
        count, key = len(draft.keys), draft.keys[0]
        draft.set(key, name, value)
        if new is None:  # every zone has its team already
            save_rows(connection, subject, draft.changes())
            continue
        added = draft.add(new)
        assert draft.flaws(added) == {}
        save_rows(connection, subject, draft.changes())
        draft.saved()
        draft.take_in(read_rows(connection, subject))
        assert len(draft.keys) == count + 1
        assert draft.values(key)[name] == value
        (made,) = (key for key in draft.keys if all(draft.values(key)[n] == v for n, v in new.items()))
        draft.remove(made)
        save_rows(connection, subject, draft.changes())
        assert len(read_rows(connection, subject)) == count


def test_two_administrators_do_not_overwrite_each_other(database: Engine) -> None:
    with database.connect() as one, database.connect() as other:
        first, second = draft_of(one, DEPARTMENT), draft_of(other, DEPARTMENT)
        one.rollback()
        other.rollback()
        first.set("1", "short_name", "甲")
        second.set("1", "short_name", "乙")
        second.set("2", "short_name", "丙")
        save_rows(one, DEPARTMENT, first.changes())
        one.commit()
        with pytest.raises(ConflictError, match="meanwhile by city_owner") as conflict:
            save_rows(other, DEPARTMENT, second.changes())
        other.rollback()
        assert conflict.value.keys == ("1",)
        second.take_in(read_rows(other, DEPARTMENT))
        assert second.values("2")["short_name"] == "丙", "nothing that was typed is lost"
        assert other.scalar(text("SELECT short_name FROM city.department WHERE id = 2")) != "丙", "nothing was saved"
        assert second.conflicts("1") == ("short_name",)
        second.keep_mine("1", "short_name")
        save_rows(other, DEPARTMENT, second.changes())
        assert other.scalar(text("SELECT short_name FROM city.department WHERE id = 1")) == "乙"
        other.rollback()


def test_what_is_used_is_not_removed_and_what_is_there_is_not_added_again(connection: Connection) -> None:
    draft = draft_of(connection, DEPARTMENT)
    draft.remove(draft.keys[0])
    with pytest.raises(ConsoleError, match="still refers to it"), connection.begin_nested():
        save_rows(connection, DEPARTMENT, draft.changes())
    draft.discard()
    draft.add({"code": draft.values(draft.keys[0])["code"], "name": "x", "short_name": "x"})
    with pytest.raises(ConsoleError, match="is there already"), connection.begin_nested():
        save_rows(connection, DEPARTMENT, draft.changes())


def test_a_change_of_the_standard_is_a_new_version_with_a_history(connection: Connection) -> None:
    draft = Draft(CONDITION)
    draft.take_in(read_conditions(connection))
    most = text("SELECT class_id, condition_id FROM city.case_file GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1")
    class_id, condition_id = connection.execute(most).one()
    code = connection.scalar(text("SELECT code FROM city.filing_condition WHERE id = :id"), {"id": condition_id})
    key = f"{class_id}/{code}"
    before = draft.values(key)
    draft.set(key, "limit_value", before["limit_value"] + 1)
    draft.set(key, "description", "缺失、移位或下沉")
    tomorrow = datetime.now(TIME_ZONE).date() + timedelta(days=2)
    save_conditions(connection, draft.changes(), tomorrow)
    found = versions(connection, class_id, code)
    assert [v.version for v in found] == [2, 1]
    assert found[0].description == "缺失、移位或下沉"
    assert found[1].limit_value == before["limit_value"]
    assert found[1].valid_to == tomorrow - timedelta(days=1)
    assert found[1].cases > 0
    after = {row.key: row.values for row in read_conditions(connection)}[key]
    assert after["description_en"] == "", "the English words said something else"
    assert after["closing_condition_en"] == before["closing_condition_en"]


def test_two_administrators_amend_the_same_coming_version(database: Engine) -> None:
    day = datetime.now(TIME_ZONE).date() + timedelta(days=3)
    with database.connect() as one, database.connect() as other:
        draft = Draft(CONDITION)
        draft.take_in(read_conditions(one))
        key = draft.keys[0]
        draft.set(key, "limit_value", 77)
        save_conditions(one, draft.changes(), day)
        one.commit()
        first, second = Draft(CONDITION), Draft(CONDITION)
        for made, its in ((first, one), (second, other)):
            made.take_in(read_conditions(its))
            its.rollback()
        first.set(key, "limit_value", 78)
        second.set(key, "limit_value", 79)
        save_conditions(one, first.changes(), day)
        one.commit()
        with pytest.raises(ConflictError):
            save_conditions(other, second.changes(), day)
        other.rollback()


def test_settings_are_saved_in_parts_and_refused_when_changed_meanwhile(connection: Connection) -> None:
    settings = {one.name: one for one in read_settings(connection)}
    duplicate = settings["duplicate"]
    assert [(p.field, p.unit) for p in duplicate.parts] == [("radius_m", "m"), ("hours", "h")]
    assert duplicate.parts[0].accepts(80)
    assert not duplicate.parts[0].accepts(80.5)
    assert not duplicate.parts[0].accepts(True)
    assert not duplicate.parts[0].accepts(5000)
    changes = [duplicate.altered({"radius_m": 80}), settings["warning_share"].altered({"": 0.75})]
    save_settings(connection, changes)
    settings = {one.name: one for one in read_settings(connection)}
    assert settings["duplicate"].value == {"radius_m": 80, "hours": 24}
    assert settings["warning_share"].value == 0.75
    with pytest.raises(ConflictError):
        save_settings(connection, [duplicate.altered({"radius_m": 90})])


def test_the_record_says_who_changed_what_from_what_to_what(connection: Connection) -> None:
    draft = draft_of(connection, DEPARTMENT)
    draft.set("1", "short_name", "新名")
    before = draft.stored("1")
    assert before is not None
    save_rows(connection, DEPARTMENT, draft.changes())
    entry = recorded_changes(connection)[0]
    assert (entry.subject, entry.key, entry.kind) == ("department", "1", "update")
    assert entry.changes == {"short_name": (before.values["short_name"], "新名")}
    assert entry.name == before.values["name"]


def test_the_record_says_why_for_as_long_as_the_transaction_lasts(database: Engine) -> None:
    with database.connect() as connection:
        draft = draft_of(connection, DEPARTMENT)
        draft.set("1", "short_name", "新名")
        give_reason(connection, "机构改革")
        save_rows(connection, DEPARTMENT, draft.changes())
        connection.commit()
        draft.take_in(read_rows(connection, DEPARTMENT))
        draft.set("1", "short_name", "更新名")
        save_rows(connection, DEPARTMENT, draft.changes())
        row = draft.stored("1")
        assert row is not None
        assert [entry.reason for entry in history(connection, DEPARTMENT, row)] == ["", "机构改革"]
        connection.rollback()


def test_each_part_of_a_setting_is_a_row_with_what_it_may_be(connection: Connection) -> None:
    draft = Draft(SETTING)
    draft.take_in(read_setting_rows(connection))
    draft.set("stage_limit.accept", "value", 0)
    draft.set("warning_share", "value", "viel")
    assert draft.flaws("stage_limit.accept") == {"value": Flaw.RANGE}
    assert draft.flaws("warning_share") == {"value": Flaw.FORM}
    draft.set("stage_limit.accept", "value", 20)
    draft.set("stage_limit.close", "value", 25)
    draft.set("warning_share", "value", 0.75)
    assert draft.flawed() == []
    old = draft.changes()
    save_setting_rows(connection, old)
    draft.saved()
    draft.take_in(read_setting_rows(connection))
    assert draft.values("stage_limit.accept")["value"] == 20
    assert draft.values("stage_limit.verify")["value"] == 30, "the other parts stay"
    row = draft.stored("stage_limit.close")
    assert row is not None
    assert history(connection, SETTING, row)[0].kind == "update"
    with pytest.raises(ConflictError) as conflict:
        save_setting_rows(connection, old[:1])
    assert conflict.value.keys == ("stage_limit.accept",)


def test_phrases_come_by_move_and_role(connection: Connection) -> None:
    unit, desk = phrases(connection, "department"), phrases(connection, "acceptor")
    assert len(unit["return"]) == 3
    assert unit["return"] != desk["return"]
    assert desk["refuse"][0].words == "不属于城市管理范围，不予受理"


@pytest.mark.parametrize("password", ["short", "x" * 20, "acceptor01-secret", "ababababab"])
def test_weak_passwords_are_refused_before_they_leave(password: str) -> None:
    assert password_flaw(password, "acceptor01") is not None


def test_a_made_password_is_good_and_never_the_same() -> None:
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(p) > SHORTEST and password_flaw(p, "acceptor01") is None for p in made)
