"""Twenty desks hammer two thousand cases with random moves while backends are killed; then everything is proven.

Every acknowledged move is there once and as it was acknowledged, none that was refused is there, none whose answer was
lost is half there, each row is the fold of its history, and the chain of the audit trail holds.

``python -m benchmarks.hammer [--desks N] [--cases N] [--seconds S] [--seed N]`` prints the figures; it makes a small
city of its own and removes it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from benchmarks import Row
from benchmarks._desks import Desk, Keeper, Killer, Notes, found_town
from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.database.migrations import migrate
from console.database.verification import findings
from console.models import audit
from console.simulation.generator import seed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from benchmarks._desks import Town

FLOOR_MS, AIM_MS = 300, 50

_EVENTS = text("""
    SELECT e.request_id, e.case_id, e.seq, e.move::text, e.to_state::text FROM city.case_event AS e
    WHERE e.case_id = ANY (:cases) AND e.seq > 1
""")
_PARTIAL = text("""
    SELECT e.case_id || '/' || e.seq FROM city.case_event AS e
    LEFT JOIN city.audit_log AS a ON a.subject = 'case_event' AND a.key = e.case_id || '/' || e.seq
    LEFT JOIN city.change_log AS l ON l.subject = 'case_file' AND l.key = e.case_id::text AND l.xid = a.xid
    WHERE e.case_id = ANY (:cases) GROUP BY e.case_id, e.seq HAVING count(DISTINCT a.id) <> 1 OR count(l.id) = 0
    UNION ALL
    SELECT f.id || ' has ' || count(e.seq) || ' events in version ' || f.version FROM city.case_file AS f
    JOIN city.case_event AS e ON e.case_id = f.id
    WHERE f.id = ANY (:cases) GROUP BY f.id HAVING count(e.seq) <> f.version OR max(e.seq) <> f.version
""")


@dataclass(frozen=True)
class Blows:
    """How hard it is hammered.

    Attributes:
        desks: that work at once.
        cases: that they work on.
        seconds: for how long.
        kill_every_s: mean time between two backends that are killed.
        unheard: share of answers that get lost on their way to the desk, where killing a backend seldom hits.
        seed: of all chance.
    """

    desks: int = 20
    cases: int = 2000
    seconds: float = 60.0
    kill_every_s: float = 0.1
    unheard: float = 0.05
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What happened, and what of it does not hold.

    Attributes:
        notes: what all desks together were told.
        kills: backends that were ended.
        seconds: how long it went on.
        sealed: entries of the audit trail in its chain.
        faults: sentences; none when everything holds.
    """

    notes: Notes
    kills: int
    seconds: float
    sealed: int
    faults: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The figures, one a line."""
        notes = self.notes
        times = np.array(notes.seconds or [0.0]) * 1e3
        yield f"{notes.sent:,} moves sent in {self.seconds:.0f} s, {self.kills:,} backends killed meanwhile"
        yield (
            f"{len(notes.acknowledged):,} acknowledged: median {np.median(times):.1f} ms, "
            f"95th percentile {np.percentile(times, 95):.1f} ms"
        )
        codes = ", ".join(f"{code} {count:,}" for code, count in sorted(notes.codes.items()))
        yield f"{len(notes.refused):,} refused: {codes}"
        yield (
            f"{notes.again:,} sent again after a lost line, {notes.found:,} of them told that they had been made; "
            f"{len(notes.lost):,} given up"
        )
        yield f"{self.sealed:,} entries in the chain of the audit trail"
        yield from self.faults
        yield "everything holds" if not self.faults else f"{len(self.faults)} FAULTS"


def hammer(engine: Engine, blows: Blows) -> Outcome:
    """Hammer a demonstration city, then prove what it holds.

    Args:
        engine: of the owner, a superuser.
        blows: how hard.
    """
    chance = random.Random(blows.seed)
    town = found_town(engine, blows.cases, chance)
    stop = threading.Event()
    people = town.logins(blows.desks)
    desks = [Desk(town, person, chance.randrange(1 << 30), stop, blows.unheard) for person in people]
    desks.append(Keeper(town, people[0], chance.randrange(1 << 30), stop))
    killer = Killer(engine, blows.kill_every_s, chance.randrange(1 << 30), stop)
    works = [*(desk.run for desk in desks), killer.run]
    threads = [threading.Thread(target=work, name=f"hammer-{place}") for place, work in enumerate(works)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    stop.wait(blows.seconds)
    stop.set()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - began
    notes = Notes()
    for desk in desks:
        if desk.fault is not None:
            raise desk.fault
        notes.add(desk.notes)
    with engine.begin() as connection:
        while audit.seal(connection):
            pass
    with engine.connect() as connection:
        sealed = sum(day.entries for day in audit.days(connection))
        faults = (*_made(connection, town, notes), *_whole(connection, town))
    return Outcome(notes, killer.kills, seconds, sealed, faults)


def _made(connection: Connection, town: Town, notes: Notes) -> Iterator[str]:
    """Every acknowledged move is there once, as it was acknowledged; nothing else is, but what the keeper did."""
    there: dict[UUID, tuple[int, int, str, str]] = {}
    for request, *event in connection.execute(_EVENTS, {"cases": list(town.cases)}):
        if request is None:
            if event[2] not in {"overdue", "resume"}:
                yield f"case {event[0]} has a move {event[2]} that nobody made"
        elif request in there:
            yield f"move {request} was made twice"
        else:
            there[request] = (event[0], event[1], event[2], event[3])
    for request, (wanted, moved) in notes.acknowledged.items():
        if there.get(request) != (wanted.case_id, moved.seq, wanted.move, moved.state):
            yield f"move {request} was acknowledged as {wanted.move}, {moved}, but is {there.get(request)}"
    for request in there.keys() - notes.acknowledged.keys() - notes.lost:
        yield f"move {request} is there though it was {'refused' if request in notes.refused else 'never sent'}"


def _whole(connection: Connection, town: Town) -> Iterator[str]:
    """No move is half there: event, row, audit trail and outbox belong together, and every fact of ``verify`` holds."""
    for words in connection.scalars(_PARTIAL, {"cases": list(town.cases)}):
        yield f"move {words} is half there"
    connection.rollback()
    for finding in findings(connection):
        if not finding.holds:
            yield finding.line()


def rows() -> Iterator[Row]:
    """Measure and prove one run of full size."""
    outcome = _run(Blows())
    yield Row(
        "move answered, 20 desks hammering", FLOOR_MS, AIM_MS, "ms", tuple(s * 1e3 for s in outcome.notes.seconds)
    )
    yield Row("moves lost, doubled or half there after kills", 0, 0, "", (float(len(outcome.faults)),))


def _run(blows: Blows) -> Outcome:
    """Hammer a small city made for it."""
    with tempfile.TemporaryDirectory(prefix="yc-") as folder:
        Path(folder).chmod(0o711)  # the server's account must pass when we are root
        with PrivateCluster(Path(folder) / "data") as cluster:
            engine = connect(cluster.url(), statement_timeout_s=0)
            migrate(engine)
            seed(engine, scale="small")
            outcome = hammer(engine, blows)
            engine.dispose()
    return outcome


def main() -> int:
    """Hammer as the command line says and print the figures; exits 1 when something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hammer", description=__doc__)
    plain = Blows()
    parser.add_argument("--desks", type=int, default=plain.desks, help="that work at once (default: %(default)s)")
    parser.add_argument("--cases", type=int, default=plain.cases, help="that they work on (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=plain.seconds, help="for how long (default: %(default)s)")
    parser.add_argument(
        "--kill-every", type=float, default=plain.kill_every_s, metavar="S",
        help="mean seconds between two backends that are killed (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=plain.seed, help="of all chance (default: %(default)s)")
    chosen = parser.parse_args()
    outcome = _run(Blows(chosen.desks, chosen.cases, chosen.seconds, chosen.kill_every, seed=chosen.seed))
    print("\n".join(outcome.lines()))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
