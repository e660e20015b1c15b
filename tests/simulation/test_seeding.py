from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database.connection import connect, normalise
from console.errors import ConsoleError
from console.simulation.generator import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN, Step, is_empty, seed
from console.simulation.generator.emptiness import TABLES

if TYPE_CHECKING:
    from sqlalchemy import Engine

END = datetime(2026, 11, 1, 4, tzinfo=UTC)  # as in the template of `database`
INDEXING = 20  # times that the step of the cases tells of itself until their rows are in and some of their indexes


def checksums(engine: Engine) -> dict[str, str]:
    """A sum over all rows of each table, whatever their order."""
    with engine.connect() as connection:
        found = {}
        for table in TABLES:
            query = f"SELECT coalesce(sum(hashtextextended(t::text, 0)), 0)::text || count(*) FROM city.{table} AS t"
            found[table] = str(connection.execute(text(query)).scalar_one())
    return found


def test_the_same_seed_and_end_give_the_same_city(database: Engine, empty_database: Engine) -> None:
    steps: list[tuple[Step, float]] = []
    seed(empty_database, scale="small", seed=1, end=END, progress=lambda *told: steps.append(told))
    assert checksums(empty_database) == checksums(database)
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {step for step, _ in steps} == set(Step)


def test_every_table_of_the_city_is_filled(database: Engine) -> None:
    with database.connect() as connection:
        empty = [
            table
            for table in TABLES
            if not connection.execute(text(f"SELECT EXISTS (SELECT FROM city.{table})")).scalar_one()
        ]
    assert empty == []


def test_a_database_that_holds_something_is_refused(database: Engine) -> None:
    before = checksums(database)
    with pytest.raises(ConsoleError, match="already holds data"):
        seed(database, scale="small")
    assert checksums(database) == before


def test_a_database_with_one_row_of_a_department_is_refused(empty_database: Engine) -> None:
    with empty_database.begin() as connection:
        connection.execute(text("INSERT INTO city.company (name) VALUES ('宏远')"))
    with pytest.raises(ConsoleError, match=r"city\.company"):
        seed(empty_database, scale="small")
    with empty_database.connect() as connection:
        assert connection.execute(text("SELECT name FROM city.company")).scalar_one() == "宏远"


def test_a_database_of_no_schema_is_told_to_migrate(bare_database: Engine) -> None:
    with pytest.raises(ConsoleError, match="migrate"):
        seed(bare_database, scale="small")


def test_a_seeding_that_fails_leaves_nothing(empty_database: Engine) -> None:
    def progress(step: Step, _share: float) -> None:
        if step is Step.SENSORS:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        seed(empty_database, scale="small", end=END, progress=progress)
    with empty_database.connect() as connection:
        assert is_empty(connection)


def guards(engine: Engine) -> set[tuple[str, str, bool]]:
    """Indexes, constraints and triggers of the schema, and whether they are in force."""
    query = text("""
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid
        FROM pg_index JOIN pg_class AS c ON c.oid = indrelid
        WHERE relnamespace = 'city'::regnamespace AND NOT relispartition
        UNION ALL
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(k.oid), convalidated
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = conrelid
        WHERE relnamespace = 'city'::regnamespace AND NOT relispartition AND conparentid = 0
        UNION ALL
        SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(t.oid), tgenabled <> 'D'
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid
        WHERE relnamespace = 'city'::regnamespace AND NOT tgisinternal AND NOT relispartition
    """)
    with engine.connect() as connection:
        return {(name, definition, in_force) for name, definition, in_force in connection.execute(query)}


def test_seeding_leaves_every_index_key_and_trigger_in_force(database: Engine, empty_database: Engine) -> None:
    assert guards(database) == guards(empty_database)


def test_a_seeding_that_fails_leaves_the_schema_whole(database: Engine, empty_database: Engine) -> None:
    told = 0

    def progress(step: Step, _share: float) -> None:
        nonlocal told
        told += step is Step.CASES
        if told > INDEXING:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        seed(empty_database, scale="small", end=END, progress=progress)
    assert guards(empty_database) == guards(database)


def _kill_oneself(url: str, at: str, times: int) -> None:
    """Seed, and die when a step has told of itself so many times."""
    told = 0

    def progress(step: Step, _share: float) -> None:
        nonlocal told
        told += step.name == at
        if told > times:
            os.kill(os.getpid(), signal.SIGKILL)

    seed(connect(url, statement_timeout_s=0), scale="small", seed=2, end=END, progress=progress)


@pytest.mark.parametrize(("step", "times"), [(Step.DRAINAGE, 2), (Step.CASES, 2), (Step.CASES, INDEXING)])
def test_a_seeding_that_is_killed_is_started_afresh(
    empty_database: Engine, database: Engine, step: Step, times: int
) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=_kill_oneself, args=(url, step.name, times))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with empty_database.connect() as connection:
        assert is_empty(connection)
    seed(empty_database, scale="small", seed=1, end=END)
    assert checksums(empty_database) == checksums(database)
    assert guards(empty_database) == guards(database)
    with empty_database.connect() as connection, database.connect() as other:
        settings = text("SELECT name, value::text FROM city.setting ORDER BY name")
        assert connection.execute(settings).all() == other.execute(settings).all()
        assert not is_empty(connection)


def test_numbers_go_on_after_the_last_row(database: Engine) -> None:
    with database.begin() as connection:
        for table in ("street", "vehicle", "route_permit", "sensor", "case_file", "staff", "alarm"):
            highest = connection.execute(text(f"SELECT max(id) FROM city.{table}")).scalar_one()
            sequence = connection.execute(text(f"SELECT pg_get_serial_sequence('city.{table}', 'id')")).scalar_one()
            assert connection.execute(text(f"SELECT nextval('{sequence}')")).scalar_one() > highest, table
        inside = "SELECT public.ST_PointOnSurface(geom) AS c FROM city.unit_grid ORDER BY code LIMIT 1"
        place = connection.execute(
            text(f"SELECT public.ST_X(c) AS x, public.ST_Y(c) AS y FROM ({inside}) AS grid")
        ).one()
        report = text("SELECT case_no FROM city.report_case('inspector', '路面有烟头', :x, :y, reported_at => :at)")
        number = connection.execute(report, {"x": place.x, "y": place.y, "at": END}).scalar_one()
        before = connection.execute(
            text("SELECT max(case_no) FROM city.case_file WHERE case_no LIKE 'YC20261101%' AND case_no <> :no"),
            {"no": number},
        ).scalar_one()
        assert int(number[2:]) == int(before[2:]) + 1


def test_consoles_hear_of_one_change_rather_than_of_every_row(database: Engine) -> None:
    with database.connect() as connection:
        rows = connection.execute(
            text("SELECT subject, key, kind, detail ->> 'scale' FROM city.change_log WHERE subject <> 'setting'")
        ).all()
        assert [tuple(row) for row in rows] == [("city", "demonstration", "insert", "small")]
        assert (
            connection.execute(text("SELECT count(*) FROM city.audit_log WHERE subject <> 'setting'")).scalar_one() == 0
        )


def test_the_demonstration_logins_sign_in_with_the_rights_of_their_post(database: Engine) -> None:
    with database.connect() as connection:
        logins = connection.execute(
            text(
                "SELECT DISTINCT ON (role) login, role::text FROM city.staff WHERE login IS NOT NULL ORDER BY role, id"
            )
        ).all()
    assert len(logins) == 9
    for login, role in logins:
        url = normalise(str(database.url.render_as_string(hide_password=False))).set(
            username=login, password=DEMONSTRATION_PASSWORD
        )
        engine = connect(url.render_as_string(hide_password=False))
        try:
            with engine.connect() as connection:
                member, known = connection.execute(
                    text("SELECT pg_has_role(current_user, :role, 'member'), city.current_staff_id() IS NOT NULL"),
                    {"role": role},
                ).one()
                assert (member, known) == (True, True), login
        finally:
            engine.dispose()
    assert GATEWAY_LOGIN in {login for login, _ in logins}
