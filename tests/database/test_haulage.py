"""Permits, traffic areas and sites in the database: who may, what is kept, and what two who edit the same are told."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models.haulage import records
from console.models.haulage.records import AREA, DUMP_SITE, PERMIT, WORK_SITE
from tests.conftest import _clone as clone
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from console.database.cluster import PrivateCluster
    from console.models.configuration.draft import Row
    from console.models.configuration.subjects import Subject

SQUARE = records.wkt(shapely.box(499_000, 3_876_000, 499_400, 3_876_300))
SCHOOL: dict[str, Any] = {
    "name": "第一小学", "kind": "slow", "speed_kmh": 30, "hours_from": time(7), "hours_to": time(19), "shape": SQUARE,
}  # fmt: skip


@pytest.fixture(scope="module")
def desks(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Desks]:
    """One city for the module: each test makes what it looks at."""
    for engine in clone(cluster, administration, city_template):
        made = Desks(engine)
        yield made
        made.close()


def save(desks: Desks, subject: Subject, row: Row | None, role: str = "shift_leader", **values: Any) -> Row:
    with desks.engine(desks.login(role)).begin() as connection:
        key = records.save(connection, subject, row, values)
        return next(one for one in records.read(connection, subject) if one.key == key)


def permit(desks: Desks, place: int = 0) -> Row:
    with desks.engine(desks.login("acceptor")).connect() as connection:
        return records.read(connection, PERMIT)[place]


def test_an_area_is_made_changed_and_taken_away_and_all_of_it_is_audited(desks: Desks) -> None:
    made = save(desks, AREA, None, **SCHOOL)
    assert (made.stamp, made.values["shape"], made.values["speed_kmh"]) == ("1", SQUARE, 30)
    assert made.values["changed_by_en"] == "Shift Leader 01"
    changed = save(desks, AREA, made, "administrator", **{**SCHOOL, "kind": "no_entry"})
    assert (changed.key, changed.stamp, changed.values["kind"]) == (made.key, "2", "no_entry")
    assert desks.ask("SELECT speed_kmh FROM city.traffic_area WHERE id = :id", id=int(made.key)) == 0
    with desks.engine(desks.login("shift_leader")).begin() as connection:
        records.remove(connection, AREA, changed)
    told = desks.all(
        "SELECT kind FROM city.audit_log WHERE subject = 'traffic_area' AND key = :key ORDER BY id", key=made.key
    )
    assert [row.kind for row in told] == ["insert", "update", "delete"]
    heard = "SELECT count(*) FROM city.change_log WHERE subject = 'traffic_area' AND key = :key"
    assert desks.ask(heard, key=made.key) == 3


@pytest.mark.parametrize("subject", [AREA, WORK_SITE, DUMP_SITE, PERMIT], ids=lambda one: one.table)
def test_the_second_of_two_is_told_who_was_first(desks: Desks, subject: Subject) -> None:
    if subject is AREA:
        save(desks, AREA, None, **{**SCHOOL, "name": "二人"})
    with desks.engine(desks.login("acceptor")).connect() as connection:
        seen = records.read(connection, subject)[0]
    save(desks, subject, seen, "administrator", **seen.values)  # nothing differs: nothing is counted
    first = save(desks, subject, seen, **{**seen.values, "shape": seen.values["shape"], **_other(subject, seen)})
    with pytest.raises(Refused, match="changed meanwhile by Shift Leader 01") as refused:
        save(desks, subject, seen, "administrator", **seen.values)
    assert refused.value.code == records.STALE
    assert first.stamp == str(int(seen.stamp) + 1)


def _other(subject: Subject, seen: Row) -> dict[str, Any]:
    return {"volume_m3": seen.values["volume_m3"] + 10} if subject is PERMIT else {"name": seen.values["name"] + "改"}


def test_what_the_owner_or_another_program_changes_counts_as_a_change_too(desks: Desks) -> None:
    seen = permit(desks, 3)
    with desks.owner.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET hours_to = '05:00' WHERE id = :id"), {"id": seen.key})
    with pytest.raises(Refused) as refused:
        save(desks, PERMIT, seen, **seen.values)
    assert refused.value.code == records.STALE


def test_what_is_gone_is_told(desks: Desks) -> None:
    made = save(desks, AREA, None, **{**SCHOOL, "name": "短暂"})
    with desks.engine(desks.login("shift_leader")).begin() as connection:
        records.remove(connection, AREA, made)
    with pytest.raises(Refused, match="taken this away"):
        save(desks, AREA, made, **SCHOOL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": "POLYGON ((0 0, 100 0, 100 100, 0 0))"},
        {"shape": "POLYGON ((500000 3870000, 500100 3870100, 500100 3870000, 500000 3870100, 500000 3870000))"},
        {"shape": "POLYGON ((500000 3870000, 500000.1 3870000, 500000 3870000.1, 500000 3870000))"},
        {"shape": "LINESTRING (500000 3870000, 500100 3870100)"},
        {"shape": "POLYGON EMPTY"},
        {"name": "  "},
        {"speed_kmh": 121},
        {"hours_from": None},
    ],
    ids=lambda one: "-".join(map(str, one.values()))[:40],
)
def test_hostile_areas_are_refused_with_a_sentence(desks: Desks, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        save(desks, AREA, None, **{**SCHOOL, "name": "坏", **wrong})


def test_bytes_that_are_no_shape_are_refused_with_a_sentence(desks: Desks) -> None:
    with (
        desks.engine(desks.login("shift_leader")).connect() as connection,
        pytest.raises(Refused, match="cannot be kept"),
    ):
        connection.execute(
            text("SELECT city.save_traffic_area(NULL, 0, 'x', 0, '00:00', '00:00', :shape)"), {"shape": b"\x01garbage"}
        )


def test_names_and_numbers_are_taken_once(desks: Desks) -> None:
    save(desks, AREA, None, **{**SCHOOL, "name": "唯一"})
    with pytest.raises(Refused, match="唯一"):
        save(desks, AREA, None, **{**SCHOOL, "name": " 唯一 "})
    known = permit(desks)
    with pytest.raises(Refused, match="is taken"):
        save(desks, PERMIT, None, **known.values)


def test_a_permit_is_renewed_and_revoked_once_for_a_reason(desks: Desks) -> None:
    known = permit(desks, 1)
    again = save(
        desks, PERMIT, None,
        **{**known.values, "permit_no": "R-1", "valid_from": date(2027, 1, 1), "valid_to": date(2027, 3, 1)},
    )  # fmt: skip
    assert again.values["shape"] == known.values["shape"]
    login = desks.login("shift_leader")
    with pytest.raises(Refused, match="for a reason"), desks.engine(login).begin() as connection:
        records.revoke(connection, again, " ")
    with desks.engine(login).begin() as connection:
        records.revoke(connection, again, "违规")
    with desks.engine(login).connect() as connection:
        gone = next(row for row in records.read(connection, PERMIT) if row.key == again.key)
    assert gone.values["revoked_reason"] == "违规"
    with pytest.raises(Refused, match="is revoked"):
        save(desks, PERMIT, gone, **gone.values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid_to": date(2020, 1, 1)},
        {"valid_to": date(2099, 1, 1)},
        {"volume_m3": 0},
        {"volume_m3": None},
        {"vehicle_id": 999_999},
        {"work_site_id": None},
        {"permit_no": ""},
        {"shape": "LINESTRING (500000 3870000, 500000 3870000.5)"},
        {"shape": SQUARE},
    ],
    ids=lambda one: "-".join(map(str, one.values()))[:40],
)
def test_a_permit_that_cannot_be_is_refused(desks: Desks, wrong: dict[str, Any]) -> None:
    known = permit(desks, 2)
    with pytest.raises(Refused):
        save(desks, PERMIT, None, **{**known.values, "permit_no": "X-9", **wrong})


def test_a_site_that_permits_name_stays_and_a_new_one_goes(desks: Desks) -> None:
    with desks.engine(desks.login("shift_leader")).begin() as connection:
        named = records.read(connection, WORK_SITE)[0]
        with pytest.raises(Refused, match="Permits name"), connection.begin_nested():
            records.remove(connection, WORK_SITE, named)
    made = save(desks, DUMP_SITE, None, code="DS-99", name="新场", capacity_m3=5000, shape=SQUARE)
    with desks.engine(desks.login("administrator")).begin() as connection:
        records.remove(connection, DUMP_SITE, made)
    zone, x, y = desks.all(
        "SELECT id, ST_X(p), ST_Y(p) FROM (SELECT id, ST_PointOnSurface(geom) AS p FROM city.zone) AS z ORDER BY 1 DESC"
    )[0]
    here = records.wkt(shapely.box(x - 20, y - 20, x + 20, y + 20))
    built = save(desks, WORK_SITE, None, code="WS-999", name="新工地", shape=here)
    assert desks.ask("SELECT zone_id FROM city.work_site WHERE id = :id", id=int(built.key)) == zone


@pytest.mark.parametrize("role", ["acceptor", "dispatcher", "supervisor", "engineer", "department", "inspector"])
def test_other_posts_read_and_do_not_write(desks: Desks, role: str) -> None:
    known = permit(desks)
    with pytest.raises(ConsoleError):
        save(desks, AREA, None, role, **SCHOOL)
    with pytest.raises(ConsoleError):
        save(desks, PERMIT, known, role, **known.values)
    with desks.engine(desks.login(role)).begin() as connection:
        assert records.read(connection, PERMIT)
        with pytest.raises(ConsoleError):
            records.revoke(connection, known, "x")
