from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pytest

from console.models.catalogue import load_catalogue
from console.simulation.generator.organisation import Organisation, disposing_units, make_organisation

ROLES = {
    "acceptor",
    "dispatcher",
    "shift_leader",
    "department",
    "engineer",
    "supervisor",
    "inspector",
    "gateway",
    "administrator",
}


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return make_organisation(load_catalogue(), ["东", "西", "南", "北", "中"], 55, date(2025, 5, 1), date(2026, 11, 1))


def test_every_role_has_a_login_and_nobody_a_name(organisation: Organisation) -> None:
    assert {post.role for post in organisation.posts} == ROLES
    assert len({post.login for post in organisation.posts}) == len(organisation.posts)
    inspectors = [post for post in organisation.posts if post.role == "inspector"]
    assert Counter(post.team_id for post in inspectors) == {1: 11, 2: 11, 3: 11, 4: 11, 5: 11}
    assert inspectors[0].title == "东片区采集员 01"
    assert {post.team_id for post in organisation.posts if post.role != "inspector"} == {None}


def test_every_unit_that_gets_cases_has_a_handler(organisation: Organisation) -> None:
    ids = {row.code: number for number, row in enumerate(organisation.catalogue.departments, 1)}
    assert set(organisation.handler_of) == {ids[row.code] for row in disposing_units(organisation.catalogue)}


def test_somebody_sits_at_every_desk_at_every_hour(organisation: Organisation) -> None:
    roster = organisation.tables["roster"]
    kinds = {post.id: post.kind for post in organisation.posts}
    at_desk = Counter(
        (kinds[int(staff)], day, int(shift))
        for staff, day, shift in zip(roster["staff_id"], roster["day"], roster["shift_id"], strict=True)
    )
    for kind in ("acceptor", "dispatcher", "shift_leader"):
        for day in np.unique(roster["day"]):
            assert all(at_desk[kind, day, shift] for shift in (1, 2, 3))


def test_who_acts_is_on_duty(organisation: Organisation) -> None:
    rng = np.random.default_rng(1)
    roster = organisation.tables["roster"]
    on = set(zip(roster["staff_id"].tolist(), roster["day"].tolist(), roster["shift_id"].tolist(), strict=True))
    hours = rng.integers(24 * 20_750, 24 * 20_760, 500)
    for kind in ("acceptor", "shift_leader"):
        chosen = organisation.on_duty(kind, hours, rng.random(500))
        for staff, hour in zip(chosen.tolist(), hours.tolist(), strict=True):
            day = np.datetime64(0, "D") + (hour - 7) // 24
            shift = 1 + (hour - 7) % 24 // 8
            assert (staff, day.item(), shift) in on
    teams = rng.integers(1, 6, 500)
    chosen = organisation.on_duty("inspector", hours, rng.random(500), teams)
    assert [organisation.posts[staff - 1].team_id for staff in chosen] == teams.tolist()


def test_office_posts_work_when_the_calendar_says_so(organisation: Organisation) -> None:
    roster = organisation.tables["roster"]
    leader = next(post.id for post in organisation.posts if post.kind == "leader")
    days = roster["day"][roster["staff_id"] == leader].tolist()
    assert days
    assert all(organisation.calendar.is_working(day) for day in days)
    assert date(2026, 10, 5) not in days
    assert date(2026, 10, 10) in days


def test_the_calendar_reaches_into_the_year_after_the_history(organisation: Organisation) -> None:
    days = organisation.tables["calendar_day"]
    assert (days["day"][0], days["day"][-1]) == (np.datetime64("2025-01-01"), np.datetime64("2027-12-31"))
    assert not days["assumed"][days["day"] < np.datetime64("2027-01-01")].any()
