"""Judges what has come in, whoever brought it, and keeps what follows in one transaction with what is remembered.

What is judged between two writings lies in memory only, and its batches stay in the inbox: whoever goes on after a kill
takes up the state of the last writing and judges them again, with the same result. Alarms are written at once, together
with the state that they follow from, so that none is lost and none is raised twice.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from console.database.faults import Refused
from console.gateway.monitors.late import Late
from console.models.alarms import rules
from console.models.monitors import memory, sink, source
from console.models.monitors.gauges import Gauges
from console.models.monitors.statements import Statement
from console.models.monitors.trucks import Trucks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection, Engine

    from console.models.alarms import AlarmRule
    from console.models.monitors.statements import Held

PATIENCE_S = 30.0
"""A gateway that has written nothing for so long judges no more; another one takes over."""
WRITE_S = 10.0
"""Longest time between two writings of what is remembered."""
LOOK_S = 5.0
"""Between two looks whether somebody changed what is judged by."""
RENEW_S = 600.0
"""What is judged by is read anew so often in any case."""
BATCHES = 500
TICK_S = 1.0
RULE_GONE = "CT070"
log = logging.getLogger(__name__)


class Monitors:
    """The monitors of one gateway; one of several gateways judges, the others stand by.

    Args:
        engine: a gateway's login.
        owner: name of the gateway.
        clock: tells the present, seconds since 1970.
    """

    def __init__(self, engine: Engine, owner: str, clock: Callable[[], float] = time.time) -> None:
        self.counters: Counter[str] = Counter()
        self._engine = engine
        self._owner = owner
        self._clock = clock
        self._turn: int | None = None
        self._trucks: Trucks
        self._gauges: Gauges
        self._late: Late
        self._rules: list[AlarmRule] = []
        self._judged: tuple[list[int], list[int]] = [], []
        self._said: list[Statement | Held] = []
        self._mark = 0, 0
        self._base = 0
        self._is_new = False
        self._started = self._written = self._looked = self._renewed = self._ticked = 0.0

    @property
    def is_judging(self) -> bool:
        """Whether it is our turn."""
        return self._turn is not None

    def run(self) -> int:
        """Judge what has come in; returns how many positions and readings.

        Raises:
            ConsoleError: the database is away; what was not written is judged again next time.
        """
        try:
            return self._run()
        except Refused as fault:
            log.warning("%s", fault)
            self._turn = None
            # Two of one name, on one computer, do not take it from each other for ever.
            self._owner += " (stood back)"
            return 0
        except Exception:
            # What is in memory is ahead of what is written.
            self._turn = None
            raise

    def close(self) -> None:
        """Write what is known and let another gateway take over."""
        if self._turn is None:
            return
        turn, self._turn = self._turn, None
        with self._engine.begin() as connection:
            self._write(connection, turn)
            sink.leave(connection, turn)

    def _run(self) -> int:
        now = self._clock()
        if self._turn is None and not self._take(now):
            return 0
        with self._engine.connect() as connection:
            if now - self._looked >= LOOK_S:
                self._look(connection, now)
            fix_ids, fixes = source.new_fixes(connection, self._judged[0], BATCHES)
            reading_ids, readings = source.new_readings(connection, self._judged[1], BATCHES)
            if len(fixes) and not self._trucks.known(fixes.vehicle_id).all():
                self._renew(connection, now)  # a truck that came in a moment ago
                fixes = fixes.take(self._trucks.known(fixes.vehicle_id))
            if any(not self._gauges.known(reading.sensor_id) for reading in readings):
                self._renew(connection, now)
        said, late = self._trucks.judge(fixes)
        self._said += said
        self._late.note(late)
        self._said += self._gauges.judge([one for one in readings if self._gauges.known(one.sensor_id)])
        self._judged[0].extend(fix_ids)
        self._judged[1].extend(reading_ids)
        self.counters["judged_fixes"] += len(fixes)
        self.counters["judged_readings"] += len(readings)
        self.counters["late_fixes"] += len(late)
        waits = len(fix_ids) == BATCHES or len(reading_ids) == BATCHES
        if self._is_new and not waits:
            self._begin()
        # Nobody is silent whose positions wait to be judged.
        if not waits and now - self._ticked >= TICK_S:
            self._ticked = now
            self._said += self._trucks.tick(now)
            self._said += self._gauges.tick(now)
        if self._said or now - self._written >= WRITE_S or waits or self._is_new:
            with self._engine.begin() as connection:
                self._write(connection, self._turn or 0)
            self._written, self._is_new = now, waits and self._is_new
        return len(fixes) + len(readings)

    def _take(self, now: float) -> bool:
        """Take over, if it is nobody's turn."""
        with self._engine.begin() as connection:
            taken = sink.take(connection, self._owner, PATIENCE_S)
            if taken is None:
                return False
            turn, packed = taken
            self._started = self._written = self._ticked = now
            self._judged, self._said = ([], []), []
            self._late = Late()
            self._make(connection, now)
            self._is_new = packed is None
            if packed is not None:
                states = memory.unpack(packed)
                self._trucks.restore(states["trucks"])
                self._gauges.restore(states["gauges"])
                self._late.restore(states["late"])
            self._over(source.standing(connection), now)
        self._turn = turn
        log.info("Judging: %d trucks, %d sensors", len(self._trucks.vehicle_ids), len(self._gauges.gauges))
        return True

    def _begin(self) -> None:
        """Nobody has judged before: whoever did not speak meanwhile is where he was last."""
        with self._engine.connect() as connection:
            fixes, readings = source.latest_fixes(connection), source.latest_readings(connection)
        fixes = fixes.take(self._trucks.known(fixes.vehicle_id))
        self._said += self._trucks.judge(fixes.take(~self._trucks.seen(fixes.vehicle_id)))[0]
        known = (reading for reading in readings if self._gauges.known(reading.sensor_id))
        self._said += self._gauges.judge([reading for reading in known if not self._gauges.heard(reading.sensor_id)])

    def _make(self, connection: Connection, now: float) -> None:
        """Make judges of the rules in force and of the city as it is."""
        self._base = max(source.last_change(connection) - 1000, 0)  # numbers do not come to light in their order
        self._mark = source.change_mark(connection, self._base)
        in_force = self._rules = [rule for rule in rules(connection) if rule.enabled]
        trucks = source.vehicle_ids(connection)
        by_subject = {
            subject: [rule for rule in in_force if rule.subject == subject] for subject in ("vehicle", "sensor")
        }
        self._trucks = Trucks(by_subject["vehicle"], source.ground(connection, trucks), trucks, self._started)
        self._gauges = Gauges(by_subject["sensor"], source.gauges(connection), self._started)
        self._looked = self._renewed = now

    def _look(self, connection: Connection, now: float) -> None:
        self._looked = now
        if source.change_mark(connection, self._base) != self._mark or now - self._renewed >= RENEW_S:
            self._renew(connection, now)

    def _renew(self, connection: Connection, now: float) -> None:
        """Go on with the rules and the city as they are now; what no rule in force holds any more is over."""
        before = [(kind, subject, rule.subject) for kind, subject, rule in self._standing()]
        trucks, gauges = self._trucks.state(), self._gauges.state()
        self._make(connection, now)
        self._trucks.restore(trucks)
        self._gauges.restore(gauges)
        self._over(before, now)

    def _over(self, before: Iterable[tuple[str, int, str]], now: float) -> None:
        """Of (kind, truck or sensor, subject) those are over that no rule holds now."""
        after = {(kind, one) for kind, one, _rule in self._standing()}
        self._said += [
            Statement(kind, one, None, now, now, subject=subject)
            for kind, one, subject in before
            if (kind, one) not in after
        ]

    def _standing(self) -> list[tuple[str, int, AlarmRule]]:
        return [*self._trucks.standing(), *self._gauges.standing()]

    def _write(self, connection: Connection, turn: int) -> None:
        """Write what follows and what is remembered, or nothing of it."""
        late, said = self._late.judge(connection, self._trucks, self._rules, self._clock()), self._said
        states = {"trucks": self._trucks.state(), "gauges": self._gauges.state(), "late": self._late.state()}
        sink.keep(connection, turn, memory.pack(states), *self._judged)
        # In the order of kinds, so that two who write wait for each other in the same order.
        for one in sorted([*said, *late], key=lambda one: one.kind):
            try:
                with connection.begin_nested():
                    sink.say(connection, one)
            except Refused as fault:
                if fault.code != RULE_GONE:
                    raise
                log.info("%s", fault)
        self.counters["statements"] += len(said) + len(late)
        self._judged, self._said = ([], []), []
