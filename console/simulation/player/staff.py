"""The people of the demonstration city who work its cases: desks, units and inspectors, each with the own login.

They make their moves as everybody does, through ``city.move_case``, and take about as long as people do: some earlier,
a few too late. A case that somebody has open at a desk is left to whoever that is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.database.faults import Refused
from console.models.cases.moves import Move, move
from console.models.demonstration import ACCEPTOR_LOGIN
from console.simulation.player.desk import signed_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine, Row

MOST_A_ROUND = 10
FAILED_CHECKS = 0.03
REFUSED_REPORTS = 0.02
_log = logging.getLogger(__name__)

# Whose turn it is: a number of the case and its version decides which part of the time for it is taken. Nobody at a
# desk waits for the whole limit; units do, and one in ten is late. A case of no class waits for somebody who reads it.
_DUE = text("""
    SELECT f.id, f.version, f.state::text, f.mode::text, f.zone_id, f.responsible_id, f.assignee_id, f.inspector_id,
        f.request::text, f.request_to::text, condition.id AS condition_id,
        coalesce(f.responsible_id, f.proposed_department_id, condition.competent_id) AS department_id,
        chance.share AS chance
    FROM city.case_file AS f
    JOIN city.case_event AS entered ON (entered.case_id, entered.seq) = (f.id, f.version)
    CROSS JOIN LATERAL (
        SELECT (hashint8extended(f.id, f.version) & 65535) / 65536.0::double precision AS share
    ) AS chance
    LEFT JOIN LATERAL (
        SELECT c.id, c.competent_id FROM city.filing_condition AS c
        WHERE c.class_id = f.class_id AND c.valid_from <= CURRENT_DATE AND coalesce(c.valid_to >= CURRENT_DATE, true)
        ORDER BY (c.id = coalesce(f.condition_id, f.proposed_condition_id)) IS TRUE DESC, c.id LIMIT 1
    ) AS condition ON true
    WHERE f.is_open AND f.class_id IS NOT NULL AND f.state <> 'suspended' AND f.mode <> 'direct_assess'
        AND f.id <> ALL (:left)
        AND clock_timestamp() > entered.at + (coalesce(f.due_at, entered.at + interval '15 minutes') - entered.at)
            * (CASE f.state WHEN 'handling' THEN 0.1 + chance.share WHEN 'pending_handle' THEN 0.2 * chance.share
                ELSE 0.2 + 0.7 * chance.share END / :speed)
        AND NOT EXISTS (
            SELECT FROM city.case_presence AS p WHERE p.case_id = f.id AND p.until > clock_timestamp()
        )
    ORDER BY f.due_at, f.id LIMIT :most
""")
_STAFF = text("""
    SELECT s.id, s.login, s.role::text, s.department_id, t.zone_id, s.is_lead
    FROM city.staff AS s LEFT JOIN city.team AS t ON t.id = s.team_id WHERE s.active ORDER BY s.id
""")
_WORDS = text("""
    SELECT move::text, role::text, words FROM city.opinion_text WHERE in_use ORDER BY move, place
""")


# The plain way of a case: who makes which move in which state, and what is given with it.
_NEXT = {
    "reported": ("acceptor", "accept", ("condition_id", "department_id")),
    "pending_verify": ("inspector", "verify", ("passed",)),
    "pending_register": ("shift_leader", "file", ("condition_id",)),
    "pending_dispatch": ("dispatcher", "dispatch", ("department_id",)),
    "returned": ("dispatcher", "dispatch", ("department_id",)),
    "pending_handle": ("department", "department_accept", ()),
    "handle_finish": ("dispatcher", "feed_back", ()),
    "pending_check": ("acceptor", "order_check", ()),
    "checking": ("inspector", "check", ("passed",)),
    "check_not_pass": ("dispatcher", "rework", ()),
    "pending_close": ("shift_leader", "close", ()),
}


@dataclass(frozen=True)
class _Step:
    """What somebody does: the role, whether it must be the head of a unit, the move and what it is given."""

    role: str
    move: str
    given: dict[str, Any]
    head: bool = False


class Staff:
    """The staff at work, round by round.

    Args:
        engine: of any login of the city; its place is where the staff signs in.
        speed: how many times faster than life they work.
    """

    def __init__(self, engine: Engine, speed: float = 1.0) -> None:
        self._place = engine.url
        self._speed = speed
        self._left: set[int] = set()  # cases with which we cannot go on

    def round(self) -> int:
        """Make the moves whose time has come, at most `MOST_A_ROUND`; returns how many were made.

        Raises:
            DatabaseAway: the database cannot be reached.
            ConsoleError: these are not the demonstration logins.
        """
        with signed_in(self._place, ACCEPTOR_LOGIN) as connection:
            values = {"left": sorted(self._left), "most": MOST_A_ROUND, "speed": self._speed}
            due = connection.execute(_DUE, values).all()
            if not due:
                return 0
            people = connection.execute(_STAFF).all()
            words = connection.execute(_WORDS).all()
        return sum(self._work(case, people, words) for case in due)

    def _work(self, case: Row[Any], people: Sequence[Row[Any]], words: Sequence[Row[Any]]) -> bool:
        step = _step(case)
        who = _who(case, step, people) if step else None
        if step is None or who is None:
            self._left.add(case.id)
            return False
        said = [row.words for row in words if row.move == step.move and row.role in {None, step.role}]
        opinion = said[case.id % len(said)] if said else None
        wanted = Move(case_id=case.id, move=step.move, version=case.version, **{"opinion": opinion, **step.given})
        try:
            with signed_in(self._place, who) as connection:
                move(connection, wanted)
        except Refused as refused:
            # Somebody was quicker, or the case needs what only a person can decide.
            _log.info("case %d: %s: %s", case.id, step.move, refused)
            if refused.code != "CT010":
                self._left.add(case.id)
            return False
        return True


def _step(case: Row[Any]) -> _Step | None:
    """What comes next in a case; None when that is for a person to decide."""
    if case.mode in {"self_handled", "campaign"}:
        return _Step("acceptor", "close", {})
    if case.state == "handling":
        return _answer(case) if case.request else _Step("department", "dispose", {}, head=case.assignee_id is None)
    if case.state == "handle_finish" and case.mode == "simple":
        return _Step("shift_leader", "close", {})
    if case.state == "reported" and case.chance < REFUSED_REPORTS:
        return _Step("acceptor", "refuse", {})
    if case.state not in _NEXT:
        return None
    role, name, fields = _NEXT[case.state]
    known = {
        "condition_id": case.condition_id,
        "department_id": case.department_id,
        "passed": case.state == "pending_verify" or case.chance >= FAILED_CHECKS,
    }
    return _Step(role, name, {field: known[field] for field in fields})


def _answer(case: Row[Any]) -> _Step:
    """The answer to a request of the unit."""
    if case.request == "suspension":
        return _Step("dispatcher", "refuse_request", {"opinion": "具备处置条件，请继续处置"})
    if case.request_to == "department":
        return _Step("department", "endorse", {}, head=True)
    return _Step("dispatcher", "extend", {})


def _who(case: Row[Any], step: _Step, people: Sequence[Row[Any]]) -> str | None:
    """The login of whoever makes the step; None when there is nobody."""
    asked = {"department": case.assignee_id, "inspector": case.inspector_id}.get(step.role)
    fitting = [
        person.login
        for person in people
        if person.role == step.role
        and (person.id == asked if asked is not None and not step.head else person.is_lead or not step.head)
        and (step.role != "department" or person.department_id == case.responsible_id)
        and (step.role != "inspector" or asked is not None or person.zone_id == case.zone_id)
    ]
    return str(fitting[case.id % len(fitting)]) if fitting else None
