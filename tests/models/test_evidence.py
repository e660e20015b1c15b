"""Evidence in the database: who may attach what to which case, how much of it, and that nothing of it is ever lost."""

from __future__ import annotations

import hashlib
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models.cases import evidence
from console.models.cases.evidence import AlteredEvidence, MissingEvidence, examine
from tests.files import mp4, pdf, photo, wav
from tests.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

MB = 1 << 20
ROLES = (
    "acceptor", "dispatcher", "shift_leader", "department", "engineer", "supervisor", "inspector", "gateway",
    "administrator",
)  # fmt: skip
ATTACHING = ("acceptor", "shift_leader", "department", "inspector")
X, Y = 500_100.0, 3_875_010.0

# Each role has a login, department and inspector have two: one whose case it is, and another.
_PEOPLE = """
    INSERT INTO city.department (code, short_name, name, name_en, kind)
        VALUES ('1600', '环卫', '环卫中心', 'Sanitation', 'sanitation');
    INSERT INTO city.zone (id, code, name, name_en, geom)
        SELECT 2, 'E', '东片区', 'East', ST_Multi(ST_MakeEnvelope(510000, 3870000, 511000, 3880000, 4546));
    INSERT INTO city.team (id, name, zone_id) VALUES (1, '中队', 1), (2, '东队', 2);
    INSERT INTO city.staff (login, title, title_en, role, department_id, team_id)
        SELECT 'ev_' || r, r, r, r::city.role, 1, CASE r WHEN 'inspector' THEN 1 END
        FROM unnest(enum_range(NULL::city.role)::text[]) AS r;
    INSERT INTO city.staff (login, title, title_en, role, department_id, team_id) VALUES
        ('ev_department_2', '环卫', 'other', 'department', 2, NULL),
        ('ev_inspector_2', '东队员', 'other', 'inspector', 1, 2),
        ('ev_acceptor_2', '受理二', 'other', 'acceptor', 1, NULL);
"""
_LOGINS = """
    DO $$
    DECLARE person record;
    BEGIN
        FOR person IN SELECT login, role::text AS role FROM city.staff WHERE login LIKE 'ev\\_%' LOOP
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = person.login) THEN
                EXECUTE format('CREATE ROLE %I LOGIN', person.login);
            END IF;
            EXECUTE format('GRANT %I TO %I', person.role, person.login);
        END LOOP;
    END $$
"""


@pytest.fixture
def town(empty_database: Engine) -> Engine:
    """A town with one member of staff for each role and a case that is with department 1."""
    with empty_database.begin() as connection:
        connection.execute(text(TOWN))
        connection.execute(text(_PEOPLE))
        connection.execute(text(_LOGINS))
        report(connection)
    return empty_database


def report(connection: Connection) -> int:
    """A case that the owner's login reported; it is dispatched to department 1."""
    case_id = int(
        connection.scalar(text("SELECT id FROM city.report_case('citizen', '井盖缺失', :x, :y)"), {"x": X, "y": Y}) or 0
    )
    connection.execute(
        text("""
            INSERT INTO city.filing_condition (id, class_id, code, description, description_en, limit_value, limit_unit,
                closing_condition, closing_condition_en, responsible_id, competent_id, valid_from, confidence)
            VALUES (1, 1, 'AB', '条件', 'condition', 4, 'WH', '清理', 'cleaned', 1, 1, '2020-01-01', 'sure')
            ON CONFLICT DO NOTHING
        """)
    )
    connection.execute(
        text("""
            UPDATE city.case_file SET class_id = 1, condition_id = 1, state = 'handling', responsible_id = 1,
                accepted_at = reported_at, filed_at = reported_at, dispatched_at = reported_at,
                deadline = reported_at + interval '1 d', limit_minutes = 240
            WHERE id = :id
        """),
        {"id": case_id},
    )
    return case_id


def sign_in(connection: Connection, person: str) -> None:
    """Go on in this transaction as the login of `person`."""
    connection.execute(text(f"SET LOCAL SESSION AUTHORIZATION ev_{person}"))


def attach(
    connection: Connection, content: bytes, *, name: str = "a.jpg", stage: str | None = None, case_id: int = 1,
    request_id: uuid.UUID | None = None, **more: Any,
) -> int:  # fmt: skip
    """As a phone page would: the function alone, bytes and name."""
    values = {"case_id": case_id, "name": name, "content": content, "stage": stage, "request_id": request_id, **more}
    named = ", ".join(f"{key} => :{key}" for key in more)
    return int(
        connection.execute(
            text(f"""
                SELECT id FROM city.attach(:case_id, :name, :content, CAST(:stage AS city.evidence_stage),
                    request_id => :request_id {", " + named if named else ""})
            """),
            values,
        ).scalar_one()
    )


# Who may


@pytest.mark.parametrize("role", ROLES)
def test_who_may_attach(town: Engine, role: str) -> None:
    with town.connect() as connection:
        sign_in(connection, role)
        if role in ATTACHING:
            assert attach(connection, photo()) > 0
        elif role in {"gateway", "dispatcher"}:  # only to what it has reported itself; only while it is his turn
            with pytest.raises(Refused) as fault:
                attach(connection, photo())
            assert fault.value.code == "CT013"
        else:
            with pytest.raises(ConsoleError, match="does not allow this"):
                attach(connection, photo())


@pytest.mark.parametrize("person", ["department_2", "inspector_2"])
def test_only_to_ones_own_cases(town: Engine, person: str) -> None:
    with town.connect() as connection:
        sign_in(connection, person)
        with pytest.raises(Refused) as fault:
            attach(connection, photo())
        assert fault.value.code == "CT013"


@pytest.mark.parametrize(
    ("state", "asked", "may"),
    [
        ("pending_dispatch", None, True),
        ("returned", None, True),
        ("handle_finish", None, True),
        ("reported", None, False),
        ("handling", None, False),
        ("handling", "extension", True),
        ("checking", None, False),
    ],
)
def test_a_dispatcher_adds_while_it_is_his_turn_or_he_is_asked(
    town: Engine, state: str, asked: str | None, may: bool
) -> None:
    with town.begin() as connection:
        connection.execute(
            text("""
                UPDATE city.case_file SET state = CAST(:state AS city.case_state),
                    request = CAST(:request AS city.case_request),
                    request_to = CASE WHEN CAST(:request AS text) IS NOT NULL THEN 'dispatcher' END::city.role
            """),
            {"state": state, "request": asked},
        )
    with town.connect() as connection:
        sign_in(connection, "dispatcher")
        found = evidence.of_case(connection, 1)
        assert found is not None
        assert found.takes_more == may
        if may:
            assert attach(connection, photo()) > 0
        else:
            with pytest.raises(Refused) as fault:
                attach(connection, photo())
            assert fault.value.code == "CT013"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "gateway"])
def test_the_window_offers_what_the_database_takes(town: Engine, role: str) -> None:
    with town.connect() as connection:
        sign_in(connection, role)
        found = evidence.of_case(connection, 1)
        assert found is not None
        assert found.takes_more == (role in ATTACHING)


def test_an_inspector_of_another_zone_who_was_asked_to_look_brings_his_photos(town: Engine) -> None:
    with town.connect() as connection:
        connection.execute(
            text("""
                UPDATE city.case_file SET inspector_id = (SELECT id FROM city.staff WHERE login = 'ev_inspector_2')
                WHERE id = 1
            """)
        )
        sign_in(connection, "inspector_2")
        assert attach(connection, photo()) > 0


def test_the_gateway_brings_photos_to_what_it_reported(town: Engine) -> None:
    with town.connect() as connection:
        sign_in(connection, "gateway")
        case_id = connection.scalar(
            text("SELECT id FROM city.report_case('inspector', '井盖缺失', :x, :y)"), {"x": X, "y": Y}
        )
        assert attach(connection, photo(), case_id=int(case_id or 0)) > 0


def test_a_login_that_is_nobodys(town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(text("UPDATE city.staff SET active = false WHERE login = 'ev_acceptor'"))
        connection.execute(text("GRANT acceptor TO ev_acceptor"))  # as where logins are kept by hand
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        with pytest.raises(Refused) as fault:
            attach(connection, photo())
        assert fault.value.code == "CT016"


def test_an_ended_case_takes_nothing_more_unless_it_is_appealed_against(town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(
            text("""
                UPDATE city.case_file SET state = 'closed', closed_at = now(), disposed_at = now(), due_at = NULL,
                    warn_at = NULL
            """)
        )
    with town.connect() as connection:
        sign_in(connection, "department")
        with pytest.raises(Refused) as fault:
            attach(connection, photo())
        assert fault.value.code == "CT011"
    with town.begin() as connection:
        connection.execute(text("UPDATE city.case_file SET appeal = 'pending'"))
    with town.connect() as connection:
        sign_in(connection, "department")
        assert attach(connection, pdf(), name="申诉.pdf") > 0


@pytest.mark.parametrize("role", ROLES)
def test_nobody_writes_around_the_function(town: Engine, role: str) -> None:
    with town.begin() as connection:
        sign_in(connection, "acceptor")
        attach(connection, photo())
    for statement in (
        "DELETE FROM city.case_attachment",
        "UPDATE city.case_attachment SET stage = 'after'",
        "TRUNCATE city.case_attachment CASCADE",
        "INSERT INTO city.case_attachment_withdrawal VALUES (1, now(), 1, 'x')",
        "SELECT city.evidence_author(1)",
    ):
        with town.connect() as connection:
            sign_in(connection, role)
            with pytest.raises(ConsoleError, match="does not allow this"):
                connection.execute(text(statement))


def test_even_the_owner_only_adds(town: Engine) -> None:
    with town.begin() as connection:
        sign_in(connection, "acceptor")
        attach(connection, photo())
    for statement in ("DELETE FROM city.case_attachment", "UPDATE city.case_attachment SET content = NULL"):
        with town.connect() as connection, pytest.raises(Refused) as fault:
            connection.execute(text(statement))
        assert fault.value.code == "CT001"


def test_evidence_is_seen_by_those_who_see_the_case(town: Engine) -> None:
    """The policy asks for the case with the rights of the reader: whoever loses sight of it loses its evidence."""
    with town.begin() as connection:
        sign_in(connection, "acceptor")
        attach(connection, photo())
    count = text("SELECT count(*) FROM city.case_attachment")
    with town.connect() as connection:
        connection.execute(text("ALTER TABLE city.case_file ENABLE ROW LEVEL SECURITY"))
        connection.execute(text("CREATE POLICY probe ON city.case_file AS RESTRICTIVE TO supervisor USING (false)"))
        connection.execute(text("CREATE POLICY probe_too ON city.case_file TO acceptor, supervisor USING (true)"))
        for role, seen in (("acceptor", 1), ("supervisor", 0)):
            connection.execute(text(f"SET LOCAL SESSION AUTHORIZATION ev_{role}"))
            assert connection.scalar(count) == seen
            connection.execute(text("RESET SESSION AUTHORIZATION"))
        sign_in(connection, "gateway")
        with pytest.raises(ConsoleError, match="does not allow this"):
            connection.execute(count)


# How much and what


def of_size(size: int, seed: int = 0) -> bytes:
    """A sound of exactly so many bytes; another `seed` gives other bytes."""
    head = wav(10)
    return (head + seed.to_bytes(4, "big")).ljust(size, b"\x00")


@pytest.mark.parametrize("role", ATTACHING)
def test_a_file_has_ten_megabytes_and_not_a_byte_more(town: Engine, role: str) -> None:
    with town.connect() as connection:
        sign_in(connection, role)
        attach(connection, of_size(10 * MB), name="a.wav")
        with pytest.raises(Refused, match=r"10\.0 MB; at most 10 MB") as fault:
            attach(connection, of_size(10 * MB + 1, 1), name="b.wav")
        assert fault.value.code == "CT020"


def test_a_case_has_fifty_megabytes_though_two_desks_attach_at_once(town: Engine) -> None:
    with town.begin() as connection:
        sign_in(connection, "acceptor")
        for number in range(4):
            attach(connection, of_size(10 * MB, number), name="a.wav")
        attach(connection, of_size(5 * MB, 9), name="a.wav")
    start, outcomes = threading.Barrier(2), []

    def desk(person: str, seed: int) -> None:
        start.wait()
        try:
            with town.begin() as connection:
                sign_in(connection, person)
                attach(connection, of_size(4 * MB, seed), name="b.wav")
            outcomes.append("taken")
        except Refused as fault:
            outcomes.append(fault.code)

    threads = [threading.Thread(target=desk, args=args) for args in (("acceptor", 20), ("acceptor_2", 21))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["CT021", "taken"]
    with town.connect() as connection:
        assert connection.scalar(text("SELECT sum(size_bytes) FROM city.case_attachment")) == 49 * MB


def test_the_limits_are_settings(town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(
            text("UPDATE city.setting SET value = '{\"file_mb\": 1, \"case_mb\": 2}' WHERE name = 'evidence_limit'")
        )
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        with pytest.raises(Refused, match="at most 1 MB"), connection.begin_nested():
            attach(connection, of_size(MB + 1))
        attach(connection, of_size(MB))
        attach(connection, of_size(MB // 2, 1))
        with pytest.raises(Refused, match="more than the 2 MB"):
            attach(connection, of_size(MB, 2))


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b"", {}),
        (None, {}),
        (b"MZ\x90\x00" + bytes(100), {}),
        (b"GIF89a", {}),
        (photo(), {"sha256": bytes(32)}),
        (photo(), {"size_bytes": 5}),
        (None, {"sha256": bytes(32), "size_bytes": 5, "media_type": "image/jpeg"}),  # no folder is named
    ],
)
def test_empty_damaged_and_wrong_files_are_refused_and_the_case_stays(
    town: Engine, content: bytes, more: dict[str, Any]
) -> None:
    with town.connect() as connection:
        before = connection.execute(text("SELECT * FROM city.case_file")).one()
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        with pytest.raises(Refused) as fault:
            attach(connection, content, name="photo.jpg", **more)
        assert fault.value.code == "CT022"
        assert "photo.jpg" in str(fault.value)
    with town.connect() as connection:
        assert connection.execute(text("SELECT * FROM city.case_file")).one() == before
        assert connection.scalar(text("SELECT count(*) FROM city.case_attachment")) == 0


@given(st.binary(max_size=24))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_database_and_program_agree_what_a_file_is(town: Engine, noise: bytes) -> None:
    heads = [noise, *(head[:12] + noise for head in (mp4(), mp4(b"3gp4"), mp4(b"M4A "), mp4(b"qt  "), photo(), wav()))]
    heads += [b"RIFF" + noise, b"\x00\x00\x00\x18ftyp" + noise, b"ID3" + noise, b"\xff\xfb" + noise]
    with town.connect() as connection:
        for head in heads:
            assert connection.scalar(text("SELECT city.media_type(:head)"), {"head": head}) == (
                evidence.media_type_of(head)
            ), head


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.jpg", "y.jpg"),
        ("a\nb\x1b[31m.jpg", "ab[31m.jpg"),
        ("gnp\u202egpj.exe", "gnpgpj.exe"),
        ("", "—"),
        ("'; DROP TABLE city.case_file; --", "'; DROP TABLE city.case_file; --"),
        ("长" * 500, "长" * 120),
    ],
)
def test_hostile_names(town: Engine, name: str, stored: str) -> None:
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        number = attach(connection, photo(), name=name)
        found = text("SELECT file_name FROM city.case_attachment WHERE id = :id")
        assert connection.scalar(found, {"id": number}) == stored


# Once


def test_a_repeated_request_attaches_once_even_after_the_case_has_ended(town: Engine) -> None:
    request = uuid.uuid4()
    with town.begin() as connection:
        sign_in(connection, "inspector")
        first = attach(connection, photo(), request_id=request)
    with town.begin() as connection:
        connection.execute(
            text("UPDATE city.case_file SET state = 'cancelled', closed_at = now(), due_at = NULL, warn_at = NULL")
        )
    with town.begin() as connection:
        sign_in(connection, "inspector")
        assert attach(connection, photo(colour="red"), request_id=request) == first
    with town.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.case_attachment")) == 1


def test_a_request_number_stands_for_one_file_of_one_person(town: Engine) -> None:
    request = uuid.uuid4()
    with town.begin() as connection:
        sign_in(connection, "inspector")
        attach(connection, photo(), request_id=request)
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        with pytest.raises(Refused) as fault:
            attach(connection, photo(colour="red"), request_id=request)
        assert fault.value.code == "CT014"


def test_the_same_file_is_not_attached_twice_unless_it_was_withdrawn(town: Engine) -> None:
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        first = attach(connection, photo())
        with pytest.raises(Refused) as fault, connection.begin_nested():
            attach(connection, photo(), name="b.jpg")
        assert fault.value.code == "CT023"
        evidence.withdraw(connection, first, "wrong case")
        assert attach(connection, photo()) > first


def test_everybody_hears_of_it_and_the_record_has_no_bytes(town: Engine) -> None:
    with town.begin() as connection:
        version = connection.scalar(text("SELECT version FROM city.case_file"))
        sign_in(connection, "acceptor")
        number = attach(connection, photo())
        evidence.withdraw(connection, number, "blurred")
    with town.connect() as connection:
        told = connection.execute(
            text("SELECT key, kind, detail FROM city.change_log WHERE subject = 'case_attachment' ORDER BY id")
        ).all()
        assert [tuple(row) for row in told] == [
            (str(number), "insert", {"case_id": 1}), (str(number), "update", {"case_id": 1}),
        ]  # fmt: skip
        records = connection.scalars(
            text("SELECT after FROM city.audit_log WHERE subject LIKE 'case_attachment%' ORDER BY id")
        ).all()
        assert records[0]["sha256"] == "\\x" + hashlib.sha256(photo()).hexdigest()
        assert not {"content", "preview"} & set(records[0])
        assert records[1]["reason"] == "blurred"
        assert connection.scalar(text("SELECT version FROM city.case_file")) == version


# Withdrawn, not deleted


@pytest.mark.parametrize(
    ("person", "code"),
    [("acceptor", None), ("shift_leader", None), ("acceptor_2", "CT012"), ("department", "CT012"),
     ("inspector_2", "CT013")],
)  # fmt: skip
def test_who_attached_it_or_a_shift_leader_withdraws(town: Engine, person: str, code: str | None) -> None:
    with town.begin() as connection:
        sign_in(connection, "acceptor")
        number = attach(connection, photo(), stage="near")
    with town.begin() as connection:
        sign_in(connection, person)
        if code is None:
            evidence.withdraw(connection, number, "blurred")
        else:
            with pytest.raises(Refused) as fault:
                evidence.withdraw(connection, number, "blurred")
            assert fault.value.code == code
    with town.connect() as connection:
        (found,) = evidence.attachments(connection, 1)
        assert found.is_withdrawn is (code is None)
        assert evidence.content(connection, number) == photo()


def test_withdrawing_needs_a_reason(town: Engine) -> None:
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        number = attach(connection, photo())
        with pytest.raises(Refused) as fault:
            evidence.withdraw(connection, number, "  ")
        assert fault.value.code == "CT014"


# Through the model


@pytest.fixture
def case(town: Engine) -> Iterator[Connection]:
    """Signed in as an acceptor."""
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        yield connection


def test_a_photo_comes_back_with_time_place_and_distance(case: Connection) -> None:
    lon, lat = case.execute(
        text("SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_MakePoint(:x, :y), 4546), 4326) AS p"),
        {"x": X + 300, "y": Y},
    ).one()
    now = datetime.now(UTC)
    taken = now - timedelta(hours=30)
    content = photo((640, 480), at=taken, offset="+00:00", place=(lon, lat))
    number = evidence.attach(case, 1, examine("x.jpg", content, 10), "near", uuid.uuid4())
    (found,) = evidence.attachments(case, 1)
    assert (found.id, found.kind, found.stage, found.width, found.height) == (number, "photo", "near", 640, 480)
    assert found.taken_at == taken.replace(microsecond=0)
    assert found.off_m == pytest.approx(300, abs=0.5)
    x, y = case.execute(text("SELECT ST_X(geom), ST_Y(geom) FROM city.case_attachment")).one()
    assert (x, y) == pytest.approx((X + 300, Y), abs=0.1)
    doubts = found.doubts(now, evidence.rules(case))
    assert [doubt.kind for doubt in doubts] == ["old", "elsewhere"]
    assert evidence.distance_from_case(case, 1, lon, lat) == found.off_m
    assert evidence.content(case, number) == content
    small = evidence.previews(case, [number])[number]
    assert (small.width, small.height) == (240, 180)


def test_a_place_at_the_other_end_of_the_world_is_kept_and_doubted(case: Connection) -> None:
    content = photo(place=(-70.0, -33.0))
    evidence.attach(case, 1, examine("x.jpg", content, 10), "far", uuid.uuid4())
    (found,) = evidence.attachments(case, 1)
    assert case.scalar(text("SELECT geom FROM city.case_attachment")) is None
    assert found.off_m is not None
    assert found.off_m > 1.8e7


def test_what_a_phone_sent_without_a_small_picture_gets_one(case: Connection) -> None:
    number = attach(case, photo((800, 600)))
    assert evidence.previews(case, [number])[number].width == 240
    film = attach(case, mp4(), name="a.mp4", stage="after")
    assert evidence.previews(case, [film]) == {}


def test_a_damaged_photo_that_a_phone_sent_does_not_keep_the_others_from_being_seen(case: Connection) -> None:
    damaged = attach(case, photo((800, 600))[:900])
    whole = attach(case, photo((800, 600)))
    assert set(evidence.previews(case, [damaged, whole])) == {whole}


def test_stages_come_in_order_and_what_was_withdrawn_last(case: Connection) -> None:
    made = {}
    for colour, stage in (("red", "after"), ("blue", None), ("green", "far"), ("pink", "near"), ("white", "far")):
        made[colour] = attach(case, photo(colour=colour), stage=stage)
    evidence.withdraw(case, made["green"], "x")
    order = [found.id for found in evidence.attachments(case, 1)]
    assert order == [made[c] for c in ("white", "pink", "red", "blue", "green")]


# In a folder


@pytest.fixture
def folder(town: Engine, tmp_path: Path) -> Path:
    """The city keeps its evidence in this folder."""
    place = tmp_path / "evidence"
    place.mkdir()
    with town.begin() as connection:
        connection.execute(
            text("UPDATE city.setting SET value = to_jsonb(CAST(:place AS text)) WHERE name = 'evidence_folder'"),
            {"place": str(place)},
        )
    return place


def put_in_folder(town: Engine) -> tuple[int, bytes]:
    content = photo((320, 200))
    with town.begin() as connection:
        sign_in(connection, "acceptor")
        return evidence.attach(connection, 1, examine("x.jpg", content, 10), "far", uuid.uuid4()), content


def breaches(town: Engine) -> list[str]:
    with town.connect() as connection:
        return [finding.line() for finding in evidence.folder_findings(connection) if not finding.holds]


def test_evidence_in_a_folder_lies_under_its_checksum(town: Engine, folder: Path) -> None:
    number, content = put_in_folder(town)
    path = evidence.stored_path(folder, hashlib.sha256(content).digest())
    assert path.read_bytes() == content
    with town.connect() as connection:
        assert connection.scalar(text("SELECT content FROM city.case_attachment")) is None
        assert evidence.content(connection, number) == content
        assert [found.id for found in evidence.attachments(connection, 1)] == [number]
    assert breaches(town) == []


def test_a_deleted_file_is_noticed(town: Engine, folder: Path) -> None:
    number, content = put_in_folder(town)
    evidence.stored_path(folder, hashlib.sha256(content).digest()).unlink()
    with town.connect() as connection, pytest.raises(MissingEvidence, match=r"x\.jpg is missing"):
        evidence.content(connection, number)
    (line,) = breaches(town)
    assert "missing in the folder" in line
    assert f"example {number}" in line


def test_an_altered_file_is_noticed(town: Engine, folder: Path) -> None:
    number, content = put_in_folder(town)
    path = evidence.stored_path(folder, hashlib.sha256(content).digest())
    path.chmod(0o644)
    path.write_bytes(photo((320, 200), colour="red"))
    with town.connect() as connection, pytest.raises(AlteredEvidence, match=r"x\.jpg is not what was attached"):
        evidence.content(connection, number)
    (line,) = breaches(town)
    assert "altered" in line
    with town.begin() as connection:  # attached again it is whole again
        sign_in(connection, "acceptor")
        evidence.withdraw(connection, number, "altered")
        evidence.attach(connection, 1, examine("x.jpg", content, 10), "far", uuid.uuid4())
    assert breaches(town) == []


def test_a_folder_that_is_away_attaches_nothing_and_loses_nothing(town: Engine, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(ConsoleError, match=r"cannot be written to.*Nothing was attached"):
        put_in_folder(town)
    with town.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.case_attachment")) == 0


def test_bytes_may_come_into_the_database_although_a_folder_is_named(town: Engine, folder: Path) -> None:
    with town.begin() as connection:
        sign_in(connection, "inspector")
        number = attach(connection, photo())
    with town.connect() as connection:
        assert evidence.content(connection, number) == photo()
    assert breaches(town) == []


def test_claims_about_a_folder_are_held_to_the_limits(town: Engine, folder: Path) -> None:
    claim = {"sha256": bytes(32), "size_bytes": 11 * MB, "media_type": "image/jpeg"}
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        with pytest.raises(Refused) as fault:
            attach(connection, None, **claim)  # type: ignore[arg-type]
        assert fault.value.code == "CT020"


def test_bytes_altered_in_the_database_are_noticed(town: Engine) -> None:
    with town.begin() as connection:
        sign_in(connection, "acceptor")
        number = attach(connection, photo())
    with town.begin() as connection:
        connection.execute(text("ALTER TABLE city.case_attachment DISABLE TRIGGER keep_history"))
        connection.execute(
            text("UPDATE city.case_attachment SET content = overlay(content PLACING '\\x00' FROM size_bytes)")
        )
        connection.execute(text("ALTER TABLE city.case_attachment ENABLE TRIGGER keep_history"))
    with town.connect() as connection, pytest.raises(AlteredEvidence):
        evidence.content(connection, number)


def test_the_photo_that_tells_most_of_each_case(town: Engine) -> None:
    with town.begin() as connection:
        another = text("SELECT id FROM city.report_case('citizen', '占道经营', :x, :y)")
        other, without = (connection.execute(another, {"x": X, "y": Y}).scalar_one() for _ in range(2))
    with town.connect() as connection:
        sign_in(connection, "acceptor")
        attach(connection, photo(colour="red"), stage="far")
        near = attach(connection, photo(colour="blue"), stage="near")
        attach(connection, photo(colour="green"), stage="after")
        attach(connection, mp4(), name="a.mp4", stage="near", case_id=other)
        attach(connection, photo(colour="red"), case_id=other)

        def shades() -> dict[int, bytes]:
            found = evidence.photos_of_cases(connection, [1, other, without])
            return {case_id: pixels.data[:3] for case_id, pixels in found.items()}

        found = shades()
        assert set(found) == {1, other}
        assert found[1][0] > 200, "blue, green, red: the near one"
        assert found[other][2] > 200
        evidence.withdraw(connection, near, "blurred")
        assert shades()[1][2] > 200, "withdrawn it tells nothing"
