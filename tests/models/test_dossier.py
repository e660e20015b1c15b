"""The case file for paper: what belongs to it, and that its checksum tells one state from every other."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from console.models.cases import evidence
from console.models.cases.dossier import Dossier, dossier
from tests.desks import Desks
from tests.files import photo, wav

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Engine


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def read(desks: Desks, case_id: int, login: str = "shift_leader01", at: datetime | None = None) -> Dossier:
    with desks.engine(login).connect() as connection:
        found = dossier(connection, case_id, at)
    assert found is not None
    return found


def attach(desks: Desks, case_id: int, name: str, content: bytes, stage: str | None = None) -> int:
    with desks.engine("shift_leader01").begin() as connection:
        examined = evidence.examine(name, content, evidence.rules(connection).file_mb)
        return evidence.attach(connection, case_id, examined, stage, uuid.uuid4())


def test_the_checksum_is_the_same_for_everybody_until_a_move_or_evidence_changes_the_case(desks: Desks) -> None:
    case_id = desks.bring_to("pending_register", desks.condition("UH"))
    first = read(desks, case_id)
    assert len(bytes.fromhex(first.checksum)) == 32
    assert {read(desks, case_id, desks.login(role)).checksum for role in ("acceptor", "supervisor")} == {first.checksum}
    attach(desks, case_id, "near.jpg", photo(), "near")
    second = read(desks, case_id)
    desks.move(desks.login("acceptor"), case_id, "amend", description="后来补充")
    third = read(desks, case_id)
    assert len({first.checksum, second.checksum, third.checksum}) == 3
    assert [piece.stage for piece in third.evidence.counting] == ["near"]
    other = read(desks, desks.bring_to("pending_register", desks.condition("UH")))
    assert other.checksum != first.checksum


def test_the_file_of_then_has_the_moves_and_the_evidence_of_then(desks: Desks) -> None:
    case_id = desks.bring_to("pending_register", desks.condition("UH"))
    kept = attach(desks, case_id, "near.jpg", photo(colour="red"), "near")
    gone = attach(desks, case_id, "sound.wav", wav())
    before = read(desks, case_id)
    desks.move(desks.login("acceptor"), case_id, "amend", description="后来补充")
    with desks.engine("shift_leader01").begin() as connection:
        evidence.withdraw(connection, gone, "又传了一份")
    now = read(desks, case_id)
    assert [piece.id for piece in now.evidence.counting] == [kept], "what was withdrawn is not evidence any more"
    then = read(desks, case_id, at=before.read_at)
    assert [event.move for event in then.detail.events] == ["report", "accept"]
    assert {piece.id for piece in then.evidence.counting} == {kept, gone}
    assert then.checksum == before.checksum


def test_there_is_no_file_for_whoever_does_not_see_the_case(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handling", condition)
    stranger = desks.ask(
        "SELECT min(login) FROM city.staff WHERE role = 'department' AND department_id <> :mine",
        mine=condition.competent_id,
    )
    with desks.engine(stranger).connect() as connection:
        assert dossier(connection, case_id) is None
    owner = desks.login("department", department_id=condition.competent_id)
    assert read(desks, case_id, owner).checksum == read(desks, case_id).checksum
