"""Desks that hammer cases with random moves, legal and not, while their backends are killed.

A desk notes what the database told it: a move is acknowledged, refused, or its answer was lost. A lost one is sent
again with the same request number until it is answered, or given up for good, as by a desk that has lost its power.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.database.connection import connect
from console.database.faults import DatabaseAway, Refused
from console.errors import ConsoleError
from console.models.cases.moves import Move, Moved, move, possible
from console.models.demonstration import DEMONSTRATION_PASSWORD
from console.models.keeping import keep

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Connection, Engine

APPLICATION = "hammer"
LEGAL, STALE = 0.75, 0.1  # shares of moves that are possible, and of the others those that come too late
GIVEN_UP = 0.15  # share of lost moves that are not sent again
LOOKS = 8  # cases that a desk looks at to find one that it can do something with
UNITS = 2  # departments that dispose of the cases
ATTEMPTS = 40
ROLES = (
    "acceptor", "shift_leader", "dispatcher", "department", "head", "inspector", "dispatcher", "acceptor", "department",
    "inspector", "head", "shift_leader", "supervisor",
)  # fmt: skip

_SEEN = text("SELECT version, class_id, responsible_id, zone_id FROM city.case_file WHERE id = :id")
_MOVES = text("SELECT unnest(enum_range(NULL::city.case_move))::text")
_UNITS = text("""
    SELECT c.competent_id FROM city.filing_condition AS c JOIN city.case_class AS k ON k.id = c.class_id
    WHERE c.valid_to IS NULL AND k.in_use AND k.kind = 'event'
        AND c.competent_id IN (SELECT department_id FROM city.staff WHERE active AND is_lead)
    GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT :units
""")
_CONDITIONS = text("""
    SELECT c.id, c.class_id FROM city.filing_condition AS c JOIN city.case_class AS k ON k.id = c.class_id
    WHERE c.valid_to IS NULL AND k.in_use AND k.kind = 'event' AND c.competent_id = ANY (:units) ORDER BY c.id
""")
_STAFF = text("""
    SELECT s.id, s.login, CASE WHEN s.role = 'department' AND s.is_lead THEN 'head' ELSE s.role::text END AS role,
        s.department_id, t.zone_id
    FROM city.staff AS s LEFT JOIN city.team AS t ON t.id = s.team_id
    WHERE s.active AND s.login IS NOT NULL AND (s.role <> 'department' OR s.department_id = ANY (:units)) ORDER BY s.id
""")
_PLACES = text("""
    SELECT ST_X(p), ST_Y(p) FROM (
        SELECT public.ST_PointOnSurface(geom) AS p FROM city.unit_grid WHERE zone_id = ANY (:zones) ORDER BY code
    ) AS g
""")
_REPORT = text(
    "SELECT id FROM city.report_case('citizen', '占道经营', :x, :y, class_id => CAST(:class_id AS smallint))"
)
_KILL = text(f"""
    SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = '{APPLICATION}'
        ORDER BY state = 'idle', random() LIMIT 1
    ) AS one
""")  # noqa: S608 - a name of our own


@dataclass
class Notes:
    """What a desk was told.

    Attributes:
        acknowledged: moves that the database said were made, by request number.
        refused: request numbers of moves that it said were not.
        lost: request numbers whose answer was never heard.
        codes: how often each refusal was given.
        sent: moves that were sent, without repetitions.
        again: repetitions; `found` those that told of a move made before.
        seconds: of each acknowledged move that was not repeated.
    """

    acknowledged: dict[UUID, tuple[Move, Moved]] = field(default_factory=dict)
    refused: set[UUID] = field(default_factory=set)
    lost: set[UUID] = field(default_factory=set)
    codes: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    again: int = 0
    found: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, other: Notes) -> None:
        """Take in what another desk was told."""
        self.acknowledged |= other.acknowledged
        self.refused |= other.refused
        self.lost |= other.lost
        self.codes += other.codes
        self.sent += other.sent
        self.again += other.again
        self.found += other.found
        self.seconds += other.seconds


@dataclass(frozen=True)
class Town:
    """What the moves are made of.

    Attributes:
        engine: of the owner, who may end backends.
        units: departments that dispose of the cases.
        conditions: (condition, class) of these departments.
        staff: posts: id, login, role (``head`` of a department), department, zone.
        moves: codes of all moves.
        cases: that are hammered.
    """

    engine: Engine
    units: tuple[int, ...]
    conditions: tuple[tuple[int, int], ...]
    staff: tuple[Any, ...]
    moves: tuple[str, ...]
    cases: tuple[int, ...]

    def desk(self, login: str) -> Engine:
        """The way of a login to the database; one connection."""
        url = self.engine.url.set(username=login, password=DEMONSTRATION_PASSWORD)
        return connect(url.render_as_string(hide_password=False), application=APPLICATION, readers=0)

    def logins(self, count: int) -> list[Any]:
        """Posts for so many desks, every role in turn; more desks than posts share them."""
        by_role = {role: [one for one in self.staff if one.role == role] for role in set(ROLES)}
        roles = [ROLES[place % len(ROLES)] for place in range(count)]
        return [by_role[role][roles[:place].count(role) % len(by_role[role])] for place, role in enumerate(roles)]


def found_town(engine: Engine, cases: int, chance: random.Random) -> Town:
    """Report so many cases in a demonstration city, where an inspector is at a desk; one in twenty has no class."""
    with engine.connect() as connection:
        units = tuple(connection.scalars(_UNITS, {"units": UNITS}))
        conditions = tuple((c.id, c.class_id) for c in connection.execute(_CONDITIONS, {"units": list(units)}))
        staff = tuple(connection.execute(_STAFF, {"units": list(units)}))
        zones = [one.zone_id for one in staff if one.role == "inspector" and one.zone_id is not None][:1]
        places = connection.execute(_PLACES, {"zones": zones}).all()
        moves = tuple(connection.scalars(_MOVES))
    town = Town(engine, units, conditions, staff, moves, ())
    acceptor = town.desk(next(one.login for one in staff if one.role == "acceptor"))
    with acceptor.begin() as connection:
        ids = []
        for _ in range(cases):
            x, y = chance.choice(places)
            class_id = None if chance.random() < 0.05 else chance.choice(conditions)[1]
            ids.append(connection.execute(_REPORT, {"x": x, "y": y, "class_id": class_id}).scalar_one())
    acceptor.dispose()
    return Town(engine, units, conditions, staff, moves, tuple(ids))


class Desk:
    """One person who moves random cases until told to stop; a share of the answers to him is `unheard`."""

    def __init__(self, town: Town, person: Any, seed: int, stop: threading.Event, unheard: float = 0.0) -> None:
        self.notes = Notes()
        self.fault: BaseException | None = None
        self._town, self._person, self._stop = town, person, stop
        self._unheard = unheard
        self._chance = random.Random(seed)
        self._engine = town.desk(person.login)

    def run(self) -> None:
        """Work until `stop`; whatever goes wrong besides refusals and lost lines is kept for whoever waits for us."""
        try:
            while not self._stop.is_set():
                wanted = self._think()
                if wanted is not None:
                    self.notes.sent += 1
                    self._send(wanted)
        except BaseException as fault:  # noqa: BLE001 - told to the main thread
            self.fault = fault
        finally:
            self._engine.dispose()

    def _think(self) -> Move | None:
        """A move that the case allows, or any other one; None when the line broke meanwhile."""
        wants_legal = self._chance.random() < LEGAL
        try:
            with self._engine.connect() as connection:
                for _ in range(LOOKS if wants_legal else 1):
                    case_id = self._chance.choice(self._town.cases)
                    seen = connection.execute(_SEEN, {"id": case_id}).one_or_none()
                    if allowed := possible(connection, case_id):
                        break
        except ConsoleError:
            return None
        if allowed and seen is not None and wants_legal:
            chosen = self._chance.choice(allowed)
            return self._filled(case_id, chosen.move, seen.version, seen, chosen.requires)
        version = 1 if seen is None else seen.version - (self._chance.random() < STALE)
        arguments = ("opinion", "class", "condition", "department", "staff", "passed", "until", "other_case", "kind")
        given = self._chance.sample(arguments, self._chance.randint(0, 3))
        return self._filled(case_id, self._chance.choice(self._town.moves), version, seen, given)

    def _filled(self, case_id: int, name: str, version: int, seen: Any, given: Sequence[str] | frozenset[str]) -> Move:
        chance, town = self._chance, self._town
        class_id = seen.class_id if seen is not None and seen.class_id else chance.choice(town.conditions)[1]
        fitting = [condition for condition, of_class in town.conditions if of_class == class_id]
        members = [s.id for s in town.staff if s.role in {"department", "head", "inspector"}]
        if name == "assign" and seen is not None:
            members = [s.id for s in town.staff if s.department_id == seen.responsible_id] or members
        values: dict[str, dict[str, Any]] = {
            "opinion": {"opinion": "情况属实"},
            "class": {"class_id": class_id},
            "condition": {"condition_id": chance.choice(fitting or [town.conditions[0][0]])},
            "department": {"department_id": chance.choice(town.units)},
            "staff": {"staff_id": chance.choice(members)},
            "passed": {"passed": chance.random() < 0.8},
            "until": {"until": date.today() + timedelta(days=chance.randint(-1, 30))},  # noqa: DTZ011 - any day will do
            "other_case": {"other_case_id": chance.choice(town.cases)},
            "kind": {"kind": chance.choice(("timeout", "leader", "important"))},
        }
        chosen: dict[str, Any] = {}
        for argument in given:
            chosen |= values[argument]
        return Move(case_id=case_id, move=name, version=version, **chosen)

    def _send(self, wanted: Move) -> None:
        """Send a move until it is answered, or give it up.

        Raises:
            AssertionError: a move was answered in two ways.
        """
        request, notes = wanted.request_id, self.notes
        unheard: Moved | None = None
        for attempt in range(ATTEMPTS):
            notes.again += attempt > 0
            began = perf_counter()
            try:
                with self._engine.begin() as connection:
                    was_made = attempt > 0 and _is_made(connection, request)
                    moved = move(connection, wanted)
            except DatabaseAway:
                if self._chance.random() < GIVEN_UP:
                    break
                continue
            except ConsoleError as refused:
                notes.codes[refused.code if isinstance(refused, Refused) else "lock"] += 1
                notes.refused.add(request)
                return
            if attempt == 0:
                notes.seconds.append(perf_counter() - began)
                if self._chance.random() < self._unheard:
                    unheard = moved
                    continue
            if unheard is not None and moved != unheard:
                raise AssertionError(f"move {request} was answered with {unheard}, then with {moved}")
            notes.found += was_made
            notes.acknowledged[request] = (wanted, moved)
            return
        notes.lost.add(request)


class Keeper(Desk):
    """What time itself does, over and over: marks, resumes and the sealing of the audit trail."""

    def run(self) -> None:
        """Keep until `stop`."""
        try:
            while not self._stop.wait(0.3):
                try:
                    with self._engine.begin() as connection:
                        keep(connection)
                except ConsoleError:
                    continue
        except BaseException as fault:  # noqa: BLE001 - told to the main thread
            self.fault = fault
        finally:
            self._engine.dispose()


class Killer:
    """Ends a backend of some desk now and then, rather one that is at work."""

    def __init__(self, engine: Engine, every_s: float, seed: int, stop: threading.Event) -> None:
        self.kills = 0
        self._engine, self._every_s, self._stop = engine, every_s, stop
        self._chance = random.Random(seed)

    def run(self) -> None:
        """Kill until `stop`."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not self._stop.wait(self._chance.uniform(0, 2 * self._every_s)):
                self.kills += connection.execute(_KILL).scalar_one()


def _is_made(connection: Connection, request: UUID) -> bool:
    found = connection.execute(
        text("SELECT EXISTS (SELECT FROM city.case_event WHERE request_id = CAST(:id AS uuid))"), {"id": str(request)}
    )
    return bool(found.scalar_one())
