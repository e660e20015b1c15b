"""Every role, every move, every state: what the table of moves allows is done, all else is refused and changes nothing.

The table below is the one of ``docs/closed_loop.md``, turned by state. It is not read from the rules of the database.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models.cases.moves import Move, move, possible
from console.models.demonstration import GATEWAY_LOGIN
from tests.conftest import _clone as clone
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

# A acceptor, L shift leader, D dispatcher, U member of the responsible department, H its head, I inspector of the zone,
# S supervisor, M administrator, E engineer; nobody else may do anything.
_DISPATCHED = "force_close:LM urge:LDS supervise:LS"
_OPEN = f"cancel:L {_DISPATCHED}"
ALLOWED = {
    "reported": "amend:AL order_verify:AL accept:AL refuse:AL merge:AL supervise:LS",
    "pending_verify": "amend:AL verify:I supervise:LS",
    "pending_register": "amend:AL refuse:AL merge:AL file:L cancel:L supervise:LS",
    "pending_dispatch": f"dispatch:D return:D {_OPEN}",
    "returned": f"dispatch:D return:D {_OPEN}",
    "pending_handle": f"department_accept:UH return:UH {_OPEN}",
    "handling": "return:UH assign:UH request_extension:UH request_suspension:UH dispose:UH suspend:D " + _OPEN,
    "handling, assigned": "assign:UH revoke_assign:UH request_extension:UH request_suspension:UH dispose:UH suspend:D "
    + _OPEN,
    "handling, assigned to another": "assign:UH revoke_assign:UH request_extension:UH request_suspension:UH dispose:H "
    "suspend:D " + _OPEN,
    "handling, extension asked": "return:UH assign:UH dispose:UH endorse:H refuse_request:HD suspend:D " + _OPEN,
    "handling, extension endorsed": "return:UH assign:UH dispose:UH extend:D refuse_request:D suspend:D " + _OPEN,
    "handling, account asked": "return:UH assign:UH dispose:UH suspend:D refuse_request:D " + _OPEN,
    "handling, was on account": "return:UH assign:UH request_extension:UH dispose:UH " + _OPEN,
    "handling, supervised": "return:UH assign:UH request_extension:UH request_suspension:UH dispose:UH reply:UH "
    "suspend:D " + _OPEN,
    "suspended": f"resume:UHD {_OPEN}",
    "handle_finish": f"feed_back:D rework:D {_DISPATCHED}",
    "pending_check": f"order_check:A return:A {_DISPATCHED}",
    "checking": f"check:I {_DISPATCHED}",
    "check_not_pass": f"rework:AD {_DISPATCHED}",
    "pending_close": f"close:L {_DISPATCHED}",
    "closed": "reopen:L",
    "closed, overdue": "appeal:UH reopen:L",
    "closed, appealed": "review_appeal:D",
    "closed, appeal reviewed": "decide_appeal:A",
    "closed, appeal refused": "reopen:L",
    "forced_close": "reopen:L",
    "cancelled": "reopen:L",
    "not_accepted": "reopen:L",
    "self_handled": "amend:AL refuse:AL merge:AL close:AL supervise:LS",
    "campaign": "amend:AL refuse:AL merge:AL close:AL supervise:LS",
    "self_handled, closed": "reopen:L",
    "campaign, closed": "reopen:L",
    "self_handled, not_accepted": "reopen:L",
    "simple, pending_register": "amend:AL refuse:AL merge:AL file:AL cancel:L supervise:LS",
    "simple, pending_dispatch": f"dispatch:ALD return:D {_OPEN}",
    "simple, returned": f"dispatch:ALD return:D {_OPEN}",
    "simple, handle_finish": f"close:AL feed_back:D rework:D {_DISPATCHED}",
    "simple, closed": "reopen:L",
    "direct_assess, assessed": "",
    "direct_assess, not_accepted": "reopen:L",
    "direct_assess": "amend:AL refuse:AL merge:AL assess:AL supervise:LS",
}
NOT_HERE = {"CT011", "CT012", "CT013", "CT016", "CT017"}


@pytest.fixture(scope="module")
def centre(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Desks]:
    """One centre for the whole table: what a case of it is tried with is taken back."""
    for engine in clone(cluster, administration, city_template):
        centre = Desks(engine)
        yield centre
        centre.close()


def _case(centre: Desks, condition: Any, situation: str) -> int:
    """A new case in that situation."""
    unit = centre.login("department", department_id=condition.competent_id)
    leader, dispatcher, acceptor = centre.login("shift_leader"), centre.login("dispatcher"), centre.login("acceptor")

    def after(state: str, *moves: tuple[str, str, dict[str, Any]]) -> int:
        case_id = centre.bring_to(state, condition)
        for login, name, given in moves:
            centre.move(login, case_id, name, **given)
        return case_id

    def of_inspector(case_id: int) -> str:
        return centre.login("inspector", zone_id=centre.row(case_id).zone_id)

    words = {"opinion": "情况属实"}
    mode, _, state = situation.partition(", ")
    if mode in {"self_handled", "campaign", "direct_assess", "simple"}:
        case_id = centre.report(condition, mode=mode)
        if mode == "simple":
            # The short way: what the desk files and dispatches it closes after disposal, without a check.
            way = {"returned": "pending_handle", "closed": "handle_finish"}
            centre.bring_to(way.get(state, state), condition, case_id)
            if state == "returned":
                centre.move(unit, case_id, "return", **words)
        elif state == "assessed":
            centre.move(acceptor, case_id, "assess", condition_id=condition.id, department_id=condition.competent_id)
        elif state == "not_accepted":
            centre.move(acceptor, case_id, "refuse", **words)
        if state == "closed":
            centre.move(acceptor, case_id, "close")
        return case_id
    asked = (unit, "request_extension", words)
    head = centre.login("department", department_id=condition.competent_id, lead=True)
    staff = "SELECT id FROM city.staff WHERE login = :login"
    today = centre.ask("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")
    last_day = {"until": today + timedelta(days=9)}
    ways: dict[str, Callable[[], int]] = {
        "pending_verify": lambda: after("reported", (acceptor, "order_verify", {})),
        "returned": lambda: after("pending_handle", (unit, "return", words)),
        "handling, assigned": lambda: after("handling", (head, "assign", {"staff_id": centre.ask(staff, login=unit)})),
        "handling, assigned to another": lambda: after(
            "handling", (head, "assign", {"staff_id": centre.ask(staff, login=head)})
        ),
        "handling, extension asked": lambda: after("handling", asked),
        "handling, extension endorsed": lambda: after("handling", asked, (head, "endorse", {})),
        "handling, account asked": lambda: after("handling", (unit, "request_suspension", words | last_day)),
        "handling, was on account": lambda: after(
            "handling", (dispatcher, "suspend", last_day), (dispatcher, "resume", {})
        ),
        "handling, supervised": lambda: after(
            "handling", (centre.login("supervisor"), "supervise", words | {"kind": "leader"})
        ),
        "suspended": lambda: after("handling", (dispatcher, "suspend", last_day)),
        "forced_close": lambda: after("pending_dispatch", (leader, "force_close", words)),
        "cancelled": lambda: after("pending_dispatch", (leader, "cancel", words)),
        "not_accepted": lambda: after("reported", (acceptor, "refuse", words)),
    }
    if situation.startswith("closed, "):
        case_id = centre.close_late(condition)
        moves: list[tuple[str, str, dict[str, Any]]] = [
            (unit, "appeal", words),
            (dispatcher, "review_appeal", {"passed": situation != "closed, appeal refused"}),
        ]
        steps = {"closed, overdue": 0, "closed, appealed": 1}.get(situation, 2)
        for login, name, given in moves[:steps]:
            centre.move(login, case_id, name, **given)
        return case_id
    if situation == "check_not_pass":
        case_id = centre.bring_to("checking", condition)
        centre.move(of_inspector(case_id), case_id, "check", passed=False)
        return case_id
    return ways.get(situation, lambda: after(situation))()


def _askers(centre: Desks, condition: Any, case_id: int) -> dict[str, tuple[str, str]]:
    """Who tries: a name, the letter of the table, the login."""
    zone, department = centre.row(case_id).zone_id, condition.competent_id
    foreign = "SELECT min(login) FROM city.staff WHERE role = 'department' AND department_id <> :own AND is_lead"
    away = """
        SELECT min(s.login) FROM city.staff s JOIN city.team t ON t.id = s.team_id
        WHERE s.role = 'inspector' AND t.zone_id <> :zone
    """
    return {
        "acceptor": ("A", centre.login("acceptor")),
        "dispatcher": ("D", centre.login("dispatcher")),
        "shift leader": ("L", centre.login("shift_leader")),
        "department": ("U", centre.login("department", department_id=department)),
        "head of the department": ("H", centre.login("department", department_id=department, lead=True)),
        "head of another department": ("-", centre.ask(foreign, own=department)),
        "inspector": ("I", centre.login("inspector", zone_id=zone)),
        "inspector of another zone": ("-", centre.ask(away, zone=zone)),
        "engineer": ("E", centre.login("engineer")),
        "supervisor": ("S", centre.login("supervisor")),
        "administrator": ("M", centre.login("administrator")),
        "gateway": ("-", GATEWAY_LOGIN),
    }


def _given(centre: Desks, condition: Any) -> dict[str, dict[str, Any]]:
    """For each move all that it requires, so that nothing is refused for the want of it."""
    words = {"opinion": "情况属实"}
    today = centre.ask("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")
    member = centre.ask("SELECT min(id) FROM city.staff WHERE department_id = :own", own=condition.competent_id)
    moves = centre.ask("SELECT enum_range(NULL::city.case_move)::text[]")
    assert len(moves) > 30
    given: dict[str, dict[str, Any]] = {name: dict(words) for name in moves}
    given["amend"] |= {"description": "另一种说法"}
    for name in ("verify", "check", "review_appeal", "decide_appeal"):
        given[name] |= {"passed": True}
    given["merge"] |= {"other_case_id": centre.report(condition)}
    given["file"] |= {"condition_id": condition.id}
    given["dispatch"] |= {"department_id": condition.competent_id}
    given["assess"] |= {"condition_id": condition.id, "department_id": condition.competent_id}
    given["assign"] |= {"staff_id": member}
    given["supervise"] |= {"kind": "important"}
    for name in ("suspend", "request_suspension"):
        given[name] |= {"until": today + timedelta(days=30)}
    return given


def _outcome(connection: Connection, wanted: Move) -> str:
    """Make a move and take it back: “done”, or the code of the refusal."""
    attempt = connection.begin_nested()
    try:
        move(connection, wanted)
    except Refused as refused:
        return str(refused.code)
    except ConsoleError as fault:
        return "no right" if "does not allow this" in str(fault) else str(fault)
    else:
        return "done"
    finally:
        attempt.rollback()


@pytest.mark.parametrize("situation", ALLOWED)
def test_what_the_table_of_moves_allows_and_nothing_else(centre: Desks, situation: str) -> None:
    condition = centre.condition("WD")
    case_id = _case(centre, condition, situation)
    before = centre.row(case_id)
    events = "SELECT count(*) FROM city.case_event WHERE case_id = :id"
    had = centre.ask(events, id=case_id)
    allowed = {name: set(roles) for name, _, roles in (one.partition(":") for one in ALLOWED[situation].split())}
    for who, (letter, login) in _askers(centre, condition, case_id).items():
        expected = {name for name, roles in allowed.items() if letter in roles}
        given = _given(centre, condition)
        with centre.engine(login).connect() as connection:
            outcome = {
                name: _outcome(connection, Move(case_id=case_id, move=name, version=before.version, **given[name]))
                for name in given
            }
            assert {name for name, what in outcome.items() if what == "done"} == expected, who
            said = {what for name, what in outcome.items() if name not in expected}
            if login == GATEWAY_LOGIN:
                assert said == {"no right"}
                continue
            assert said <= NOT_HERE, who
            assert {one.move for one in possible(connection, case_id)} == expected, who
    assert centre.row(case_id) == before
    assert centre.ask(events, id=case_id) == had


def test_every_state_is_tried(centre: Desks) -> None:
    states = set(centre.ask("SELECT enum_range(NULL::city.case_state)::text[]"))
    # Assessed is where direct assessment ends; nothing leads out of it.
    assert states - {situation.partition(",")[0] for situation in ALLOWED} == {"assessed"}
    assert not centre.ask("SELECT count(*) FROM city.case_rule WHERE from_state = 'assessed'")


def test_every_mode_is_tried_wherever_its_rules_are_its_own(centre: Desks) -> None:
    own = centre.all("""
        SELECT r.mode::text AS mode, r.from_state::text AS state FROM city.case_rule AS r
        LEFT JOIN city.case_rule AS l ON l.mode = 'closed_loop' AND (l.move, l.from_state) = (r.move, r.from_state)
            AND r.mode = 'simple' AND (to_jsonb(l) - 'mode') = (to_jsonb(r) - 'mode')
        WHERE r.mode <> 'closed_loop' AND l.mode IS NULL
    """)
    tried = {tuple(situation.split(", ")) for situation in ALLOWED}
    for mode in ("self_handled", "campaign", "direct_assess"):
        tried.add((mode, "reported"))
        # What was refused comes back in every mode by the same rule.
        tried.add((mode, "not_accepted"))
    assert {(row.mode, row.state) for row in own} <= tried


@pytest.mark.parametrize("who", ["acceptor", "dispatcher", "shift_leader", "department", "inspector", "administrator"])
def test_nobody_writes_around_the_moves_or_backdates_one(centre: Desks, who: str) -> None:
    case_id = centre.bring_to("handling", centre.condition("WD"))
    attempts = (
        "UPDATE city.case_file SET state = 'closed' WHERE id = :id",
        "UPDATE city.case_event SET at = at - interval '1 day' WHERE case_id = :id",
        "DELETE FROM city.case_event WHERE case_id = :id",
        "DELETE FROM city.case_file WHERE id = :id",
        """INSERT INTO city.case_event (case_id, seq, at, move, from_state, to_state)
           VALUES (:id, 99, now() - interval '1 day', 'close', 'handling', 'closed')""",
        "SELECT city.add_move(f, NULL) FROM city.case_file f WHERE f.id = :id",
        "SELECT city.keep_folded(f) FROM city.case_file f WHERE f.id = :id",
        "UPDATE city.case_rule SET roles = enum_range(NULL::city.role)",
        "DELETE FROM city.working_interval",
        "ALTER TABLE city.case_file DISABLE ROW LEVEL SECURITY",
        "DROP FUNCTION city.move_case",
        f'SET SESSION AUTHORIZATION "{centre.ask("SELECT session_user::text")}"',
    )
    before = centre.row(case_id)
    for statement in attempts:
        with centre.engine(centre.login(who)).connect() as connection, pytest.raises(ConsoleError):
            connection.execute(text(statement), {"id": case_id} if ":id" in statement else {})
    assert centre.row(case_id) == before
