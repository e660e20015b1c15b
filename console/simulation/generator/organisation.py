"""Who works in the demonstration city: posts with their logins, inspection teams, shifts, rosters, working calendar.

Posts have titles and no personal names. Numbers of posts, shifts and rotas are assumptions of the project, kept in
``resources/organisation/``; that there are 55 inspectors in five teams, one a zone, is Yuncheng's own figure.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from console.errors import RESOURCES
from console.models.calendar import DEFAULT_HOURS, CalendarDay, WorkingCalendar, public_calendar
from console.models.catalogue import catalogue_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from console.models.catalogue import Catalogue, Department
    from console.simulation.generator.tables import Table

FOLDER = RESOURCES / "organisation"
ROSTER_DAYS_BEFORE = 30
ROSTER_DAYS_AFTER = 14
# Units whose cases go to their parts, by place or by kind of work; the standard names the whole.
ENFORCEMENT, SANITATION, PARKS, MUNICIPAL = "1110", "1200", "1300", "1400"
DIVIDED = (ENFORCEMENT, SANITATION, PARKS, MUNICIPAL)
# Units that are asked to dispose of cases are all others that are not of the centre itself.
DISPOSING_KINDS = ("enforcement", "sanitation", "park", "municipal", "bureau", "owner")
NIGHT_SHIFT, OFFICE_SHIFT = 3, 4
OFFICE = "office"  # the rota of those who work when the working calendar says so


@dataclass(frozen=True, slots=True)
class Post:
    """A post that is staffed: a row of ``city.staff``; `place` is its position in its rota."""

    id: int
    login: str
    title: str
    title_en: str
    kind: str
    role: str
    department_id: int
    team_id: int | None
    rota: str
    place: int


@dataclass(frozen=True)
class Organisation:
    """The people of one city, and the rows of their tables by table and column."""

    catalogue: Catalogue
    calendar: WorkingCalendar
    posts: tuple[Post, ...]
    rotas: dict[str, tuple[int, ...]]
    tables: dict[str, Table]

    @property
    def handler_of(self) -> dict[int, int]:
        """The post that handles the cases of each disposing department, by id."""
        return {post.department_id: post.id for post in self.posts if post.kind == "unit"}

    @property
    def head_of(self) -> dict[int, int]:
        """The post that leads each disposing department, by id."""
        return {post.department_id: post.id for post in self.posts if post.kind == "lead"}

    def on_duty(
        self,
        kind: str,
        hours: NDArray[np.int64],
        luck: NDArray[np.float64],
        team_ids: NDArray[np.integer[Any]] | None = None,
    ) -> NDArray[np.int32]:
        """Ids of the posts that do a job of `kind` at given hours; one of those on shift, or anybody when nobody is.

        Args:
            kind: the login of the post without its number, such as ``acceptor``.
            hours: local hours since 1970-01-01 00:00, shape (n,).
            luck: numbers in [0, 1) that choose among several, shape (n,).
            team_ids: of which team, shape (n,); without it teams do not matter.
        """
        posts = [post for post in self.posts if post.kind == kind]
        teams = sorted({post.team_id or 0 for post in posts}) if team_ids is not None else [0]
        cycle = self.rotas[posts[0].rota]
        # Candidates for every team, day of the cycle and shift, as rows of one table.
        lists = [
            [
                p.id
                for p in posts
                if (team_ids is None or p.team_id == team) and cycle[(day + p.place) % len(cycle)] == shift
            ]
            or [p.id for p in posts if team_ids is None or p.team_id == team]
            for team in teams
            for day in range(len(cycle))
            for shift in (1, 2, NIGHT_SHIFT)
        ]
        counts = np.array([len(row) for row in lists])
        table = np.array([row + row[:1] * (counts.max() - len(row)) for row in lists], np.int32)
        shift_of_hour = np.repeat([2, 0, 1, 2], [7, 8, 8, 1])
        # The hours after midnight belong to the night shift of the day before.
        day = (hours - 7) // 24 % len(cycle)
        team = np.searchsorted(teams, team_ids) if team_ids is not None else np.zeros(len(hours), np.intp)
        row = (team * len(cycle) + day) * 3 + shift_of_hour[hours % 24]
        chosen: NDArray[np.int32] = table[row, (luck * counts[row]).astype(np.intp)]
        return chosen


def make_organisation(
    catalogue: Catalogue, zone_names: Sequence[str], inspectors: int, first: date, last: date
) -> Organisation:
    """Staff the city.

    Args:
        catalogue: the departments and the standard.
        zone_names: names of the zones with ids 1, 2, …; each gets a team of the same id.
        inspectors: how many there are in all teams together.
        first: first day of the history; the standard is in force and the calendar is known from its year on.
        last: last day of the history; rosters reach from a month before to a fortnight after it.
    """
    tables: dict[str, Table] = dict(catalogue_tables(catalogue, date(first.year, 1, 1)))
    teams = [name.removesuffix("片区") + "片区" for name in zone_names]
    tables["team"] = {
        "id": np.arange(1, len(teams) + 1),
        "name": _objects([f"{team}采集队" for team in teams]),
        "zone_id": np.arange(1, len(teams) + 1),
    }
    rotas = {row["name"]: tuple(map(int, row["cycle"].split())) for row in _read("rotas.csv")}
    posts = tuple(_posts(catalogue, teams, inspectors))
    tables["staff"] = {
        "id": np.array([post.id for post in posts]),
        "login": _objects([post.login for post in posts]),
        "title": _objects([post.title for post in posts]),
        "title_en": _objects([post.title_en for post in posts]),
        "role": _objects([post.role for post in posts]),
        "department_id": np.array([post.department_id for post in posts]),
        "team_id": _objects([post.team_id for post in posts]),
        "is_lead": np.array([post.kind == "lead" for post in posts]),
    }
    shifts = _read("shifts.csv")
    tables["shift"] = {
        "id": np.array([int(row["id"]) for row in shifts]),
        "name": _objects([row["name"] for row in shifts]),
        "name_en": _objects([row["name_en"] for row in shifts]),
        "starts": _objects([time.fromisoformat(row["starts"]) for row in shifts]),
        "ends": _objects([time.fromisoformat(row["ends"]) for row in shifts]),
    }
    days = public_calendar(first.year, last.year + 1)
    calendar = WorkingCalendar(days)
    tables["roster"] = _roster(posts, rotas, calendar, last)
    tables |= _calendar_tables(days)
    return Organisation(catalogue, calendar, posts, rotas, tables)


def _posts(catalogue: Catalogue, teams: list[str], inspectors: int) -> list[Post]:
    department_id = {row.code: number for number, row in enumerate(catalogue.departments, 1)}
    posts: list[Post] = []

    def add(
        row: dict[str, str], suffix: str, title: str, title_en: str, unit: str, team: int | None, place: int
    ) -> None:
        posts.append(
            Post(
                id=len(posts) + 1,
                login=row["login"] + suffix,
                title=title,
                title_en=title_en,
                kind=row["login"],
                role=row["role"],
                department_id=department_id[unit],
                team_id=team,
                rota=row["rota"],
                place=place,
            )
        )

    for row in _read("posts.csv"):
        title, title_en, unit = row["title"], row["title_en"], row["department"]
        if unit == "each":
            for department in disposing_units(catalogue):
                words = f"{department.short_name}{title}", f"{title_en}, {department.name_en}"
                add(row, department.code, *words, department.code, None, 0)
        elif row["role"] == "inspector":
            for number in range(inspectors):
                team = number * len(teams) // inspectors
                add(
                    row,
                    f"{number + 1:02}",
                    f"{teams[team]}{title} {number + 1:02}",
                    f"{title_en} {number + 1:02}",
                    unit,
                    team + 1,
                    number,
                )
        else:
            for place in range(int(row["count"])):
                # Logins are always numbered: without a number some would be names of the group roles.
                mark = f" {place + 1:02}" if int(row["count"]) > 1 else ""
                add(row, f"{place + 1:02}", title + mark, title_en + mark, unit, None, place)
    return posts


def disposing_units(catalogue: Catalogue) -> list[Department]:
    """The departments that cases are dispatched to."""
    return [row for row in catalogue.departments if row.kind in DISPOSING_KINDS and row.code not in DIVIDED]


def _roster(posts: tuple[Post, ...], rotas: dict[str, tuple[int, ...]], calendar: WorkingCalendar, last: date) -> Table:
    days = [last + timedelta(days=offset) for offset in range(-ROSTER_DAYS_BEFORE, ROSTER_DAYS_AFTER + 1)]
    rows: list[tuple[int, date, int]] = []
    for post in posts:
        if post.rota == OFFICE:
            rows.extend((post.id, day, OFFICE_SHIFT) for day in days if calendar.is_working(day))
        elif post.rota in rotas:
            shifts = ((day, duty(rotas[post.rota], post.place, day)) for day in days)
            rows.extend((post.id, day, shift) for day, shift in shifts if shift)
    return {
        "staff_id": np.array([row[0] for row in rows]),
        "day": np.array([row[1] for row in rows], "M8[D]"),
        "shift_id": np.array([row[2] for row in rows]),
    }


def duty(cycle: tuple[int, ...], place: int, day: date) -> int:
    """The shift that the post at `place` of a rota has on `day`; 0 is a day off."""
    return cycle[((day - date(1970, 1, 1)).days + place) % len(cycle)]


def _calendar_tables(days: list[CalendarDay]) -> dict[str, Table]:
    return {
        "calendar_day": {
            "day": np.array([row.day for row in days], "M8[D]"),
            "is_working": np.array([row.is_working for row in days]),
            "name": _objects([row.name for row in days]),
            "assumed": np.array([row.assumed for row in days]),
        },
        "working_hours": {
            "valid_from": np.array([row.valid_from for row in DEFAULT_HOURS], "M8[D]"),
            "valid_to": np.array([row.valid_to for row in DEFAULT_HOURS], "M8[D]"),
            "opens": _objects([row.opens for row in DEFAULT_HOURS]),
            "closes": _objects([row.closes for row in DEFAULT_HOURS]),
        },
    }


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _objects(values: list[Any]) -> NDArray[np.object_]:
    column = np.empty(len(values), object)
    column[:] = values
    return column
