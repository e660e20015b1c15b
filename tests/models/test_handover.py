"""A shift is handed over with its notes and cases, seen by the post alone, and taken over once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models.cases.handover import Handover, current, desk_state, hand_over, take_over
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def give(desks: Desks, login: str, notes: str = "路灯班在路上", **given: Any) -> int:
    with desks.engine(login).begin() as connection:
        return hand_over(connection, notes, **given)


def take(desks: Desks, login: str, handover_id: int) -> None:
    with desks.engine(login).begin() as connection:
        take_over(connection, handover_id)


def seen(desks: Desks, login: str) -> Handover | None:
    with desks.engine(login).connect() as connection:
        return current(connection)


def staff_id(desks: Desks, login: str) -> int:
    found: int = desks.ask("SELECT id FROM city.staff WHERE login = :login", login=login)
    return found


def test_the_next_one_at_the_post_reads_it_and_takes_over(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.report(condition)
    waiting = desks.ask(
        "SELECT count(*) FROM city.case_file AS f JOIN city.case_turn AS t USING (mode, state)"
        " WHERE t.role = 'acceptor' AND f.is_open"
    )
    made = give(
        desks, "acceptor01", " 银湖街的投诉人要回电 ", case_ids=[case_id], receiver_id=staff_id(desks, "acceptor02")
    )
    for login in ("acceptor02", "acceptor03"):
        told = seen(desks, login)
        assert told is not None
        assert (told.id, told.notes, told.waiting) == (made, "银湖街的投诉人要回电", waiting)
        assert (told.giver_en, told.receiver_en) == ("Acceptor 01", "Acceptor 02")
        assert [row.id for row in told.cases] == [case_id]
        assert not told.is_taken
        assert not told.is_own
    own = seen(desks, "acceptor01")
    assert own is not None
    assert own.is_own
    take(desks, "acceptor02", made)
    take(desks, "acceptor02", made)
    told = seen(desks, "acceptor01")
    assert told is not None
    assert told.is_taken
    assert told.taker_en == "Acceptor 02"
    with pytest.raises(Refused) as refused:
        take(desks, "acceptor03", made)
    assert refused.value.code == "CT011"


def test_it_is_there_for_the_post_alone(desks: Desks) -> None:
    condition = desks.condition("UH")
    made = give(desks, "acceptor01")
    for login in ("dispatcher01", desks.login("department", department_id=condition.competent_id)):
        assert seen(desks, login) is None
        with pytest.raises(Refused) as refused:
            take(desks, login, made)
        assert refused.value.code == "CT013"
    unit = desks.login("department", department_id=condition.competent_id)
    theirs = give(desks, unit, "泵已借出")
    other = desks.ask(
        "SELECT min(login) FROM city.staff WHERE role = 'department' AND active AND department_id <> :id",
        id=condition.competent_id,
    )
    for login, count in ((other, 0), (unit, 1), ("dispatcher01", 0), ("shift_leader01", 2)):
        with desks.engine(login).connect() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM city.shift_handover").scalar_one()
        assert found == count, login
    with pytest.raises(Refused) as refused:
        take(desks, other, theirs)
    assert refused.value.code == "CT013"


@pytest.mark.parametrize("notes", ["", "  ", "长" * 2001])
def test_notes_are_needed_and_no_longer_than_can_be_read(desks: Desks, notes: str) -> None:
    with pytest.raises(Refused) as refused:
        give(desks, "acceptor01", notes)
    assert refused.value.code == "CT014"


def test_only_a_colleague_of_the_post_is_named(desks: Desks) -> None:
    for other in ("acceptor01", "dispatcher01"):
        with pytest.raises(Refused) as refused:
            give(desks, "acceptor01", receiver_id=staff_id(desks, other))
        assert refused.value.code == "CT014"


def test_nobody_takes_over_from_himself(desks: Desks) -> None:
    made = give(desks, "acceptor01")
    with pytest.raises(Refused) as refused:
        take(desks, "acceptor01", made)
    assert refused.value.code == "CT013"


def test_cases_of_others_do_not_go_with_it(desks: Desks) -> None:
    condition = desks.condition("UH")
    theirs = desks.bring_to("handling", condition)
    other = desks.ask(
        "SELECT min(login) FROM city.staff WHERE role = 'department' AND active AND department_id <> :id",
        id=condition.competent_id,
    )
    with pytest.raises(Refused) as refused:
        give(desks, other, case_ids=[theirs])
    assert refused.value.code == "CT014"


def test_without_a_choice_those_go_with_it_that_wait_for_the_giver(desks: Desks) -> None:
    condition = desks.condition("UH")
    case_id = desks.bring_to("handling", condition)
    unit = desks.login("department", department_id=condition.competent_id)
    with desks.engine(unit).connect() as connection:
        assert desk_state(connection).own >= 1
    give(desks, unit)
    told = seen(desks, unit)
    assert told is not None
    assert case_id in [row.id for row in told.cases]


def test_the_same_request_hands_over_once(desks: Desks) -> None:
    request = uuid.uuid4()
    assert give(desks, "acceptor01", request_id=request) == give(desks, "acceptor01", request_id=request)
    assert desks.ask("SELECT count(*) FROM city.shift_handover") == 1


def test_whoever_comes_next_stands_first_among_the_relievers(desks: Desks) -> None:
    with desks.engine("acceptor01").connect() as connection:
        state = desk_state(connection)
    assert state.waiting >= state.soon + state.overdue
    assert "Acceptor 01" not in [one.title_en for one in state.relievers]
    colleagues = desks.ask("SELECT count(*) FROM city.staff WHERE role = 'acceptor' AND active")
    assert len(state.relievers) == colleagues - 1
    begins = [one.begins for one in state.relievers if one.begins is not None]
    assert begins == sorted(begins)
    assert [one.begins is None for one in state.relievers] == sorted(one.begins is None for one in state.relievers)


def test_nobody_writes_it_past_the_functions_and_all_of_it_is_audited(desks: Desks) -> None:
    made = give(desks, "acceptor01")
    take(desks, "acceptor02", made)
    for query in ("INSERT INTO city.shift_handover (notes) VALUES ('x')", "DELETE FROM city.shift_handover",
                  "UPDATE city.shift_handover SET notes = 'x'"):  # fmt: skip
        with (
            desks.engine("acceptor01").begin() as connection,
            pytest.raises(ConsoleError),
        ):
            connection.exec_driver_sql(query)
    trail = desks.all(
        "SELECT kind, login FROM city.audit_log WHERE subject = 'shift_handover' AND key = :key ORDER BY id",
        key=str(made),
    )
    assert [(one.kind, one.login) for one in trail] == [("insert", "acceptor01"), ("update", "acceptor02")]
    assert desks.ask("SELECT count(*) FROM city.change_log WHERE subject = 'shift_handover'") == 2
