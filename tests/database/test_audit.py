"""The audit trail tells who did what when from where, and nobody falsifies it unseen, not even a superuser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database.__main__ import main
from console.database.connection import connect, url_of
from console.database.verification import checks
from console.models.audit import heads, kept_head_findings, read_heads, seal
from tests.conftest import _clone as clone
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

REPORT = "SELECT city.report_case('inspector', '井盖缺失', 500100, 3875000)"
# Three days of entries, as they would have been written then.
HISTORY = """
    ALTER TABLE city.audit_log DISABLE TRIGGER stamp;
    INSERT INTO city.audit_log (at, login, application, subject, key, kind, after, xid, digest)
        SELECT now() - make_interval(days => d, mins => i), 'li_ming', 'console', 'setting', 'n' || i, 'update',
            jsonb_build_object('value', d * 10 + i), pg_current_xact_id(), ''
        FROM generate_series(3, 1, -1) AS d, generate_series(4, 1, -1) AS i;
    ALTER TABLE city.audit_log DISABLE TRIGGER keep_history;
    UPDATE city.audit_log AS a SET digest = city.audit_digest(a) WHERE digest = '';
    ALTER TABLE city.audit_log ENABLE TRIGGER stamp;
    ALTER TABLE city.audit_log ENABLE ALWAYS TRIGGER keep_history;
"""
TABLES = ("audit_log", "audit_link", "audit_day")


@pytest.fixture(scope="module")
def shared(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Engine]:
    """A town whose audit trail has four days, all sealed; no test commits to it."""
    for engine in clone(cluster, administration, empty_template):
        with engine.begin() as connection:
            connection.execute(text(HISTORY))
            connection.execute(text(TOWN))
            connection.execute(text(REPORT))
        with engine.begin() as connection:
            assert seal(connection) > 12
        yield engine


@pytest.fixture
def trail(shared: Engine) -> Iterator[Connection]:
    with shared.connect() as connection:
        yield connection


def tamper(connection: Connection, *statements: str) -> None:
    """Do as a superuser does who knows of the triggers."""
    for table in TABLES:
        connection.execute(text(f"ALTER TABLE city.{table} DISABLE TRIGGER USER"))
    for statement in statements:
        connection.execute(text(statement))
    for table in TABLES:
        connection.execute(text(f"ALTER TABLE city.{table} ENABLE TRIGGER USER"))


def found(connection: Connection) -> set[tuple[str, int | None]]:
    """Kind and entry of each breach."""
    return {
        (row.kind, row.audit_id) for row in connection.execute(text("SELECT kind, audit_id FROM city.audit_breaches()"))
    }


def entry(connection: Connection, place: int, days_ago: int = 2) -> int:
    """Number of the entry in a place of the chain of a day."""
    return int(
        connection.execute(
            text(
                "SELECT audit_id FROM city.audit_link WHERE seq = :place AND day = ("
                " SELECT day FROM city.audit_day ORDER BY day OFFSET 3 - :days_ago LIMIT 1)"
            ),
            {"place": place, "days_ago": days_ago},
        ).scalar_one()
    )


def test_a_trail_that_was_left_alone_is_sound(trail: Connection) -> None:
    assert found(trail) == set()
    known = heads(trail)
    assert [head.entries for head in known[:-1]] == [4, 4, 4]
    assert len({head.link for head in known}) == 4
    # The day that goes on is open; the others are chained to each other.
    assert trail.execute(text("SELECT day, previous_day FROM city.audit_day ORDER BY day")).all() == [
        (known[0].day, None), (known[1].day, known[0].day), (known[2].day, known[1].day),
    ]  # fmt: skip


def test_who_what_when_and_from_which_machine_is_for_the_server_to_say(shared: Engine) -> None:
    engine = connect(url_of(shared), application="desk seven")
    with engine.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO city.audit_log (at, login, client, application, subject, key, kind, after)"
                " VALUES ('2020-01-01', 'somebody', '1.2.3.4', 'other', 'setting', 'a', 'update', '1')"
            )
        )
        row = connection.execute(
            text(
                "SELECT at > now() - interval '1 minute', login = session_user, client, application,"
                " xid = pg_current_xact_id(), digest = city.audit_digest(a) FROM city.audit_log AS a"
                " ORDER BY id DESC LIMIT 1"
            )
        ).one()
    engine.dispose()
    assert tuple(row) == (True, True, None, "desk seven", True, True)


def test_a_move_of_a_case_is_witnessed(trail: Connection) -> None:
    trail.execute(text(REPORT))
    told = trail.execute(
        text("SELECT subject, kind, after ->> 'move', after ->> 'seq' FROM city.audit_log ORDER BY id DESC LIMIT 1")
    ).one()
    assert tuple(told) == ("case_event", "insert", "report", "1")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE city.{} SET {} = {}", "DELETE FROM city.{}", "TRUNCATE city.{}"])
def test_the_trail_is_only_added_to_even_by_its_owner(trail: Connection, table: str, statement: str) -> None:
    column = {"audit_log": "key", "audit_link": "seq", "audit_day": "entries"}[table]
    # Not even where triggers of replicas alone fire.
    trail.execute(text("SET LOCAL session_replication_role = replica"))
    with pytest.raises(Exception, match="only ever added"):
        trail.execute(text(statement.format(table, column, column)))


ALTERED = {
    "login": "'other'", "at": "at + interval '1 microsecond'", "client": "'10.0.0.1'", "application": "NULL",
    "subject": "'pipe'", "key": "'n'", "kind": "'insert'", "before": "'{}'", "after": "'{}'", "reason": "'x'",
    "xid": "'7'", "digest": "sha256('x')",
}  # fmt: skip


@pytest.mark.parametrize(("column", "value"), ALTERED.items())
def test_an_altered_entry_is_named(trail: Connection, column: str, value: str) -> None:
    number = entry(trail, 2)
    tamper(trail, f"UPDATE city.audit_log SET {column} = {value} WHERE id = {number}")
    assert found(trail) == {("altered", number)}


def test_nothing_of_an_entry_can_be_altered_unseen(trail: Connection) -> None:
    columns = trail.scalars(
        text("SELECT attname FROM pg_attribute WHERE attrelid = 'city.audit_log'::regclass AND attnum > 0")
    )
    assert set(columns) - {"id"} == set(ALTERED)


def test_an_altered_entry_with_new_digests_is_named(trail: Connection) -> None:
    number = entry(trail, 2)
    tamper(
        trail,
        f"UPDATE city.audit_log SET login = 'other' WHERE id = {number}",
        f"UPDATE city.audit_log AS a SET digest = city.audit_digest(a) WHERE id = {number}",
        f"UPDATE city.audit_link AS l SET digest = a.digest FROM city.audit_log AS a WHERE a.id = audit_id"
        f" AND a.id = {number}",
    )
    assert found(trail) == {("unchained", number)}


def test_an_altered_entry_is_named_even_before_it_is_sealed(trail: Connection) -> None:
    trail.execute(text("INSERT INTO city.company (name) VALUES ('x')"))
    number = trail.execute(text("SELECT max(id) FROM city.audit_log")).scalar_one()
    tamper(trail, f"UPDATE city.audit_log SET login = 'other' WHERE id = {number}")
    assert found(trail) == {("altered", number)}
    seal(trail)
    assert found(trail) == {("altered", number)}


@pytest.mark.parametrize("place", [1, 2, 4])
def test_a_missing_entry_is_named(trail: Connection, place: int) -> None:
    number = entry(trail, place)
    tamper(trail, f"DELETE FROM city.audit_log WHERE id = {number}")
    assert found(trail) == {("missing", number)}


@pytest.mark.parametrize("place", [1, 2, 4])
def test_an_entry_missing_with_its_link_is_named_by_its_place(trail: Connection, place: int) -> None:
    number = entry(trail, place)
    tamper(
        trail,
        f"DELETE FROM city.audit_log WHERE id = {number}",
        f"DELETE FROM city.audit_link WHERE audit_id = {number}",
    )
    rows = trail.execute(text("SELECT kind, day, seq, audit_id FROM city.audit_breaches()")).all()
    assert [tuple(row) for row in rows] == [("missing", heads(trail)[1].day, place, None)]


def test_the_end_of_the_open_day_cannot_be_cut_off(trail: Connection) -> None:
    last = heads(trail)[-1]
    tamper(
        trail,
        f"DELETE FROM city.audit_log WHERE id = (SELECT audit_id FROM city.audit_link WHERE day = '{last.day}'"
        f" AND seq = {last.entries})",
        f"DELETE FROM city.audit_link WHERE day = '{last.day}' AND seq = {last.entries}",
    )
    rows = trail.execute(text("SELECT kind, day, seq FROM city.audit_breaches()")).all()
    assert [tuple(row) for row in rows] == [("missing", last.day, last.entries)]


def test_an_inserted_entry_is_named_and_never_sealed(trail: Connection) -> None:
    tamper(
        trail,
        "INSERT INTO city.audit_log (at, login, subject, key, kind, xid, digest)"
        " VALUES (now() - interval '1 hour', 'x', 'setting', 'x', 'update', pg_current_xact_id(), '')",
        "UPDATE city.audit_log AS a SET digest = city.audit_digest(a) WHERE digest = ''",
    )
    number = trail.execute(text("SELECT max(id) FROM city.audit_log")).scalar_one()
    assert found(trail) == {("inserted", number)}
    seal(trail)
    assert found(trail) == {("inserted", number)}


def test_an_entry_squeezed_into_the_chain_is_named(trail: Connection) -> None:
    number = entry(trail, 4)
    tamper(
        trail,
        f"UPDATE city.audit_link SET seq = 5 WHERE audit_id = {number}",
        "INSERT INTO city.audit_log (at, login, subject, key, kind, xid, digest)"
        " VALUES (now() - interval '2 days', 'x', 'setting', 'x', 'update', pg_current_xact_id(), '')",
        "UPDATE city.audit_log AS a SET digest = city.audit_digest(a) WHERE digest = ''",
        "INSERT INTO city.audit_link"
        " SELECT l.day, 4, a.id, a.digest, city.audit_link_of(b.link, l.day, 4, a.id, a.digest)"
        f" FROM city.audit_link AS l JOIN city.audit_link AS b ON b.day = l.day AND b.seq = 3, city.audit_log AS a"
        f" WHERE l.audit_id = {number} AND a.id = (SELECT max(id) FROM city.audit_log)",
    )
    assert found(trail) == {("unchained", number), ("day", None)}


def test_swapped_entries_are_named(trail: Connection) -> None:
    one, other = entry(trail, 2), entry(trail, 3)
    tamper(
        trail,
        "UPDATE city.audit_log AS a SET at = b.at, xid = b.xid, login = b.login, client = b.client, key = b.key,"
        " application = b.application, before = b.before, after = b.after, digest = b.digest FROM city.audit_log AS b"
        f" WHERE (a.id, b.id) IN (({one}, {other}), ({other}, {one}))",
    )
    assert found(trail) == {("moved", one), ("moved", other)}


def test_links_swapped_with_their_entries_are_named(trail: Connection) -> None:
    one, other = entry(trail, 2), entry(trail, 3)
    tamper(
        trail,
        f"UPDATE city.audit_link SET seq = 99 WHERE audit_id = {one}",
        f"UPDATE city.audit_link SET seq = 2 WHERE audit_id = {other}",
        f"UPDATE city.audit_link SET seq = 3 WHERE audit_id = {one}",
    )
    # The entry that follows them has lost its forerunner as well.
    assert found(trail) == {("unchained", one), ("unchained", other), ("unchained", entry(trail, 4))}


def test_a_day_that_is_missing_as_a_whole_is_noticed(trail: Connection) -> None:
    day = heads(trail)[1].day
    tamper(
        trail,
        f"DELETE FROM city.audit_log WHERE id IN (SELECT audit_id FROM city.audit_link WHERE day = '{day}')",
        f"DELETE FROM city.audit_link WHERE day = '{day}'",
        f"DELETE FROM city.audit_day WHERE day = '{day}'",
    )
    assert ("day", None) in found(trail)  # the next day names one before it that is not there
    assert ("unchained", entry(trail, 1, 2)) in found(trail)


def test_a_changed_head_of_a_day_is_noticed(trail: Connection) -> None:
    day = heads(trail)[1].day
    tamper(trail, f"UPDATE city.audit_day SET head = sha256('x') WHERE day = '{day}'")
    assert ("day", None) in found(trail)
    rows = trail.execute(text("SELECT kind FROM city.audit_breaches(:day)"), {"day": day}).scalars()
    assert set(rows) == {"day"}


def test_a_trail_forged_as_a_whole_is_betrayed_by_a_head_that_was_kept(trail: Connection, tmp_path: Path) -> None:
    file = tmp_path / "heads.txt"
    file.write_text("# kept in the safe\n\n" + "\n".join(head.line() for head in heads(trail)), encoding="utf-8")
    kept = read_heads(file)
    assert kept == heads(trail)
    assert all(finding.holds for finding in kept_head_findings(trail, kept))
    number = entry(trail, 4, 1)
    tamper(
        trail,
        f"UPDATE city.audit_log SET login = 'other' WHERE id = {number}",
        f"UPDATE city.audit_log AS a SET digest = city.audit_digest(a) WHERE id = {number}",
        "DELETE FROM city.audit_link",
        "DELETE FROM city.audit_day",
        "UPDATE city.audit_seal SET at = '-infinity', day = NULL, seq = 0, link = ''",
    )
    seal(trail)
    assert found(trail) == set()
    broken = [finding for finding in kept_head_findings(trail, kept) if not finding.holds]
    assert len(broken) == 2
    assert str(kept[2].day) in broken[0].line()


def test_what_comes_late_is_sealed_late_and_in_order(empty_database: Engine) -> None:
    with empty_database.connect() as late, empty_database.connect() as keeper:
        seal(keeper)
        keeper.commit()
        late.execute(text("INSERT INTO city.company (name) VALUES ('late 1'), ('late 2')"))
        with empty_database.begin() as early:
            early.execute(text("INSERT INTO city.company (name) VALUES ('early')"))
        assert seal(keeper) == 1
        keeper.commit()
        late.commit()
        assert found(keeper) == set()
        assert seal(keeper) == 2
        assert seal(keeper) == 0
        assert found(keeper) == set()


def test_one_of_many_seals(shared: Engine, trail: Connection) -> None:
    trail.execute(text("INSERT INTO city.company (name) VALUES ('x')"))
    assert seal(trail) == 1
    with shared.connect() as other:
        assert seal(other) == 0
    with shared.connect() as gateway:
        gateway.execute(text("SET LOCAL ROLE gateway"))
        assert gateway.execute(text("SELECT city.seal_audit()")).scalar_one() == 0


def test_a_day_is_closed_when_it_is_over_though_nothing_comes_after_it(empty_database: Engine) -> None:
    with empty_database.begin() as connection:
        tamper(connection, "DELETE FROM city.audit_log")
        connection.execute(text(HISTORY))
        assert seal(connection) == 12
        assert connection.execute(text("SELECT count(*) FROM city.audit_day")).scalar_one() == 3
        connection.execute(text("INSERT INTO city.company (name) VALUES ('x')"))
        assert seal(connection) == 1
        assert [head.entries for head in heads(connection)] == [4, 4, 4, 1]
        assert [head.entries for head in heads(connection, heads(connection)[-1].day)] == [1]
        assert found(connection) == set()


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("UPDATE city.case_event SET opinion = 'x'", "move 1/1: altered"),
        ("DELETE FROM city.case_event", "move 1/1: missing"),
        (
            "ALTER TABLE city.case_event DISABLE TRIGGER witness; INSERT INTO city.case_event"
            " (case_id, seq, at, move, from_state, to_state) VALUES (1, 2, now(), 'urge', 'reported', 'reported')",
            "move 1/2: inserted",
        ),
    ],
)
def test_a_move_that_differs_from_the_trail_is_named(trail: Connection, fault: str, named: str) -> None:
    trail.execute(text("ALTER TABLE city.case_event DISABLE TRIGGER keep_history"))
    trail.execute(text(fault))
    assert named in figures(trail, "87_moves_witnessed")


EVIDENCE = """
    INSERT INTO city.staff (title, title_en, role, department_id)
        SELECT '受理员', 'Acceptor', 'acceptor', id FROM city.department;
    INSERT INTO city.case_attachment (case_id, event_seq, media_type, file_name, sha256, size_bytes, content,
            uploaded_by, taken_at, longitude, latitude, geom)
        SELECT 1, 1, 'application/pdf', 'a.pdf', sha256('%PDF-'), 5, '%PDF-', s.id, now(), 110.999, 35.02,
            ST_SetSRID(ST_Point(500100.123456789, 3875000), 4546) FROM city.staff AS s;
    INSERT INTO city.case_attachment_withdrawal (attachment_id, staff_id, reason)
        SELECT a.id, a.uploaded_by, 'twice' FROM city.case_attachment AS a;
"""
ATTACHED_TABLES = ("case_attachment", "case_attachment_withdrawal")


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("", None),
        ("SET bytea_output = 'escape'; SET TimeZone = 'UTC'", None),
        ("UPDATE city.case_attachment SET file_name = 'b.pdf'", "attachment {n}: altered"),
        ("UPDATE city.case_attachment SET content = '%PDF+', sha256 = sha256('%PDF+')", "attachment {n}: altered"),
        ("UPDATE city.case_attachment SET taken_at = NULL", "attachment {n}: altered"),
        ("UPDATE city.case_attachment SET latitude = 35.021", "attachment {n}: altered"),
        ("UPDATE city.case_attachment_withdrawal SET reason = 'x'", "withdrawal of attachment {n}: altered"),
        ("DELETE FROM city.case_attachment_withdrawal", "withdrawal of attachment {n}: missing"),
        ("TRUNCATE city.case_attachment, city.case_attachment_withdrawal", "attachment {n}: missing"),
        (
            "INSERT INTO city.case_attachment (case_id, event_seq, media_type, file_name, sha256, size_bytes,"
            " uploaded_by) SELECT 1, 1, 'application/pdf', 'c.pdf', sha256('c'), 1, id FROM city.staff",
            "inserted",
        ),
    ],
)
def test_evidence_that_differs_from_the_trail_is_named(trail: Connection, fault: str, named: str | None) -> None:
    trail.execute(text(EVIDENCE))
    number = trail.execute(text("SELECT id FROM city.case_attachment")).scalar_one()
    for table in ATTACHED_TABLES:
        trail.execute(text(f"ALTER TABLE city.{table} DISABLE TRIGGER USER"))
    if fault:
        trail.execute(text(fault))
    found = figures(trail, "88_evidence_witnessed")[2:]
    assert all(named is not None and named.format(n=number) in one for one in found[:1])
    assert bool(found) is (named is not None)


def figures(connection: Connection, name: str) -> list[str]:
    """The figures of one fact."""
    check = next(check for check in checks() if check.name == name)
    return [row[0] for row in connection.exec_driver_sql(check.query, execution_options={"no_parameters": True})]


def test_a_restored_trail_goes_on_on_a_server_whose_transactions_begin_anew(trail: Connection) -> None:
    trail.execute(text("UPDATE city.audit_seal SET snapshot = '9000000000:9000000000:'"))
    trail.execute(text("INSERT INTO city.company (name) VALUES ('x')"))
    assert found(trail) == set()
    assert seal(trail) == 1
    assert found(trail) == set()


def test_the_command_names_the_entry_and_the_day_and_fails(
    empty_database: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    where = ["--database", url_of(empty_database), "--language", "en"]
    with empty_database.begin() as connection:
        connection.execute(text(HISTORY))
        connection.execute(
            text(
                "INSERT INTO city.calendar_day SELECT CURRENT_DATE + i, true FROM generate_series(-2, 2) AS i;"
                "INSERT INTO city.working_hours VALUES ('2000-01-01', '2100-01-01', '08:00', '18:00');"
                "UPDATE public.layer_styles SET f_table_catalog = current_database() WHERE f_table_schema = 'city'"
            )
        )
    assert main(["audit-heads", *where]) == 0
    printed = capsys.readouterr().out
    file = tmp_path / "heads.txt"
    file.write_text(printed, encoding="utf-8")
    lines = printed.splitlines()
    assert len(lines) == 4
    assert main(["audit-heads", "--since", lines[-1].split()[0], *where]) == 0
    assert capsys.readouterr().out.splitlines() == lines[-1:]
    assert main(["verify", "--heads", str(file), *where]) == 0
    assert "head of audit day" in capsys.readouterr().out
    with empty_database.begin() as connection:
        number, day = entry(connection, 3), lines[1].split()[0]
        tamper(connection, f"UPDATE city.audit_log SET login = 'other' WHERE id = {number}")
    assert main(["verify", *where]) == 1
    assert f"audit entry {number} of {day}: altered" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("2026-11-01 4", "Line 1 of"), ("2026-11-01 4 xyz", "is no head"), (None, "cannot be read")],
)
def test_a_file_that_holds_no_heads_is_refused(
    empty_database: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: str | None, sentence: str
) -> None:
    file = tmp_path / "heads.txt"
    if words is not None:
        file.write_text(words, encoding="utf-8")
    assert main(["verify", "--heads", str(file), "--database", url_of(empty_database), "--language", "en"]) == 1
    assert sentence in capsys.readouterr().err
