"""Judges trucks by their positions: routes, hours, permits, speed, areas, loads, lids, stops, silence, jumps.

Positions are judged one round after another, each round with one position of each truck, so that all of it is
arithmetic of arrays. A position that the one before makes impossible, or whose receiver says that it is broken, decides
nothing about places; the terminal is judged for it instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from console.models.monitors.belief import Ways, believe
from console.models.monitors.delays import Delays, Turns
from console.models.monitors.doings import Doings
from console.models.monitors.facts import Facts
from console.models.monitors.fixes import RECEIVER_BITS
from console.models.monitors.groups import Flood
from console.models.monitors.statements import Grades, Held, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule
    from console.models.monitors.fixes import Fixes
    from console.models.monitors.ground import Ground

SPARSE_S, CONNECTED_S = 20.0, 180.0
"""Between two positions farther apart than the first the way between them is tested, unless it is the second."""
BETWEEN = 5
"""Places that are tested between two sparse positions."""


class Trucks:
    """All trucks and what they are doing.

    Args:
        rules: those of vehicles that are in force.
        ground: what lies where.
        vehicle_ids: every truck, ascending.
        started: since when anybody listens, seconds since 1970: nobody was silent before.
    """

    def __init__(
        self, rules: Sequence[AlarmRule], ground: Ground, vehicle_ids: NDArray[np.int64], started: float
    ) -> None:
        self.vehicle_ids = vehicle_ids
        self.ground = ground
        self._started = started
        group = next((rule for rule in rules if rule.kind == "terminals_silent"), None)
        self._delays = Delays([rule for rule in rules if rule is not group], len(vehicle_ids))
        self._grades = Grades(self._delays.rules)
        self._rules = {k: [self._delays.rules[row] for row in rows] for k, rows in self._grades.rows.items()}
        self._group = group
        self._flood = Flood(group, len(vehicle_ids))
        self._doings = Doings(len(vehicle_ids))

    def known(self, vehicle_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these are known."""
        place = np.searchsorted(self.vehicle_ids, vehicle_ids)
        inside = place < len(self.vehicle_ids)
        found: NDArray[np.bool_] = np.zeros(len(vehicle_ids), bool)
        found[inside] = self.vehicle_ids[place[inside]] == vehicle_ids[inside]
        return found

    def seen(self, vehicle_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these, all known, have been judged before."""
        found: NDArray[np.bool_] = self._doings.state["seen"][np.searchsorted(self.vehicle_ids, vehicle_ids)]
        return found

    def judge(self, fixes: Fixes) -> tuple[list[Statement], Fixes]:
        """Judge positions of known trucks; returns what they show, and those that came too late for their turn."""
        truck = np.searchsorted(self.vehicle_ids, fixes.vehicle_id)
        order = np.lexsort((fixes.at, truck))
        fixes, truck = fixes.take(order), truck[order]
        again = np.concatenate(([False], (truck[1:] == truck[:-1]) & (fixes.at[1:] == fixes.at[:-1])))
        late = ~again & self._doings.state["seen"][truck] & (fixes.at <= self._doings.state["at"][truck])
        left = fixes.take(np.flatnonzero(late))
        rows = np.flatnonzero(~again & ~late)
        fixes, truck = fixes.take(rows), truck[rows]
        if len(fixes) == 0:
            return [], left
        loaded = self._doings.state["loaded"][truck] == 1
        facts = Facts(self.ground, self._rules, fixes, truck, loaded)
        first = np.searchsorted(truck, truck, side="left")
        place = np.arange(len(truck)) - first
        by_round = np.argsort(place, kind="stable")
        cuts = np.flatnonzero(np.diff(place[by_round])) + 1
        said = [one for rows in np.split(by_round, cuts) for one in self._round(facts, rows)]
        said.sort(key=lambda one: one.at)
        return said, left

    def tick(self, now: float) -> list[Statement | Held]:
        """Judge who has been silent for too long at a moment."""
        rows = self._grades.rows.get("terminal_silent", [])
        state = self._doings.state
        since = np.maximum(state["at"], self._started)
        silence = np.where(state["seen"], now - since, -np.inf)
        said: list[Statement | Held] = []
        allowed = np.zeros(len(silence))
        if rows:
            rule = self._delays.rules[rows[0]]
            engine_off = float(rule.scope["engine_off_s"]) - (rule.set_point or 0.0)
            allowed = np.where(state["ignition"], 0.0, engine_off)
        late = silence - allowed >= self._delays.set_point[rows].min(axis=0) if rows else np.zeros(len(silence), bool)
        over: NDArray[np.int64] = np.flatnonzero(late)
        if self._flood.stands or len(over):
            said += self._grouped(silence, since, len(over) > 0, now)
        if len(over):
            values = np.full((len(self._delays.rules), len(over)), np.nan)
            values[rows] = (silence - allowed)[over]
            turns = self._delays.step(values, np.full(len(over), now), over)
            for kind, column, row, begun in self._grades.changed(self._delays, turns, over):
                truck = int(over[column])
                rule_ = None if row is None else self._delays.rules[row]
                limit = float(allowed[truck]) + ((rule_.set_point or 0.0) if rule_ else 0.0)
                said.append(self._say(kind, truck, rule_, now, begun, float(silence[truck]), limit, {}))
        return said

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that a later run needs to go on from here."""
        return {
            **self._delays.state(),
            "vehicle_id": self.vehicle_ids,
            "trucks": self._doings.state,
            "members": self._flood.members,
            "first": np.array([self.vehicle_ids[self._flood.first] if self._flood.stands else -1]),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a state; trucks that it does not know have not been seen."""
        ids = state["vehicle_id"]
        place = np.where(self.known(ids), np.searchsorted(self.vehicle_ids, ids), -1)
        self._delays.restore(state, place)
        self._doings.restore(state["trucks"][place >= 0], place[place >= 0])
        self._flood.members[place[place >= 0]] = state["members"][place >= 0]
        first = np.flatnonzero(self.vehicle_ids == state["first"][0])
        self._flood.first = int(first[0]) if len(first) else -1

    def standing(self) -> list[tuple[str, int, AlarmRule]]:
        """(kind, truck, worst rule) of every condition that holds."""
        found = []
        for truck in np.flatnonzero(self._delays.holds.any(axis=0)).tolist():
            for kind in self._grades.rows:
                row = self._grades.worst(kind, self._delays.holds[:, truck])
                if row is not None:
                    found.append((kind, int(self.vehicle_ids[truck]), self._delays.rules[row]))
        if self._flood.stands and self._group is not None:
            found.append(("terminals_silent", int(self.vehicle_ids[self._flood.first]), self._group))
        return found

    def _grouped(self, silence: NDArray[np.float64], since: NDArray[np.float64], begins: bool, now: float) -> list[Any]:
        """What the group of silent trucks has to say, before its members say it each."""
        if self._group is None or not (begins or self._flood.stands):
            return []
        quiet = (silence >= float(self._group.scope["within_s"])) & self._doings.state["ignition"]
        first = self._flood.first
        joined, left = self._flood.look(quiet, since)
        said: list[Any] = []
        if first >= 0 and not self._flood.stands:
            said.append(self._say("terminals_silent", first, None, now, now, None, None, {}))
        if first < 0 and self._flood.stands:
            first = self._flood.first
            count = int(self._flood.members.sum())
            detail = {"count": count, "vehicles": self.vehicle_ids[self._flood.members][:200].tolist()}
            said.append(
                self._say("terminals_silent", first, self._group, now, float(since[first]), count, None, detail)
            )
        said += [Held("terminal_silent", int(self.vehicle_ids[truck]), False) for truck in left]
        reason = "terminals_silent"
        said += [Held("terminal_silent", int(self.vehicle_ids[truck]), True, reason) for truck in joined]
        return said

    def _round(self, facts: Facts, rows: NDArray[np.intp]) -> list[Statement]:
        """Judge one position of each of some trucks."""
        fixes, truck = facts.fixes, facts.truck[rows]
        s, at, x, y = self._doings.state, fixes.at[rows], fixes.x[rows], fixes.y[rows]
        speed, permit = fixes.speed_kmh[rows], facts.permit[rows]
        before = s[truck]
        ways = believe(s, self._first("position_jump"), truck, at, (x, y), speed, fixes.heading[rows])
        good = ~ways.jumped & ((fixes.alarm_bits[rows] & RECEIVER_BITS) == 0)
        turned = self._doings.loads(truck, fixes.load[rows], good, x, y)
        loaded = s["loaded"][truck] == 1
        values = np.full((len(self._delays.rules), len(rows)), -np.inf)
        weights = np.ones_like(values)
        begun = np.broadcast_to(at, values.shape).copy()

        def put(kind: str, value: NDArray[np.float64], *, of_place: bool = True) -> None:
            for row in self._grades.rows.get(kind, []):
                scope = self._delays.rules[row].scope
                applies = loaded if scope.get("load") == "full" else True
                value_here = np.where(applies, value, -np.inf)
                values[row] = np.where(good | (value_here == -np.inf), value_here, np.nan) if of_place else value_here

        def asks(kind: str) -> bool:
            return kind in self._grades.rows

        offset = facts.offset_m[rows]
        if asks("route_deviation"):
            away = np.where(permit >= 0, np.abs(offset), -np.inf)
            away[facts.at_own_site(rows, loaded & good)] = -np.inf
            put("route_deviation", away)
            self._along(facts, rows, ways, values, weights, begun)
            self._hold(truck, ways.jumped, away, values, weights)
        if asks("wrong_direction"):
            put("wrong_direction", self._doings.against(facts, rows, before, good & loaded & (permit >= 0), speed))
        in_hours = self.ground.permits.in_hours(permit, at)
        put("off_hours", np.where((permit >= 0) & ~in_hours, speed, -np.inf), of_place=False)
        put("no_permit", np.where(permit < 0, speed, -np.inf), of_place=False)
        put("overspeed", facts.excess_kmh[rows])
        put("forbidden_area", facts.depth_m[rows])
        for kind, now_loaded, sites, site in (
            ("unlawful_tip", 0, self.ground.dump_sites, self.ground.permits.dump_site),
            ("unlawful_load", 1, self.ground.work_sites, self.ground.permits.work_site),
        ):
            if asks(kind):
                put(kind, self._away(turned & (s["loaded"][truck] == now_loaded), truck, sites, site[permit]))
        open_lid = loaded & ~fixes.lid_closed[rows] & (speed > 0)
        if asks("uncovered"):
            lid = np.flatnonzero(open_lid & ~facts.near_site(rows, open_lid, 0.0))
            uncovered = np.full(len(rows), -np.inf)
            uncovered[lid] = speed[lid]
            put("uncovered", uncovered)
        if (parking := self._first("park_overtime")) is not None:
            put("park_overtime", self._doings.parked(parking, facts, rows, good, loaded, speed))
        put("position_jump", ways.kmh, of_place=False)
        s["at"][truck], s["seen"][truck], s["ignition"][truck] = at, True, fixes.ignition[rows]
        s["x"][truck], s["y"][truck] = np.where(good, x, before["x"]), np.where(good, y, before["y"])
        turns = self._delays.step(values, at, truck, weights, begun)
        return [] if len(turns) == 0 else self._tell(facts, rows, ways.jumped, values, turns)

    def _first(self, kind: str) -> AlarmRule | None:
        return next(iter(self._rules.get(kind, ())), None)

    def _away(
        self, turned: NDArray[np.bool_], truck: NDArray[np.int64], sites: NDArray[np.object_], site: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """How far from its site each truck was when its load changed: the last position before, or the first after."""
        away = np.full(len(truck), -np.inf)
        rows = np.flatnonzero(turned)
        if len(rows):
            s = self._doings.state[truck[rows]]
            here = self.ground.away_m(sites, site[rows], s["run_x"], s["run_y"])
            away[rows] = np.minimum(here, self.ground.away_m(sites, site[rows], s["was_x"], s["was_y"]))
        return away

    def _along(
        self,
        facts: Facts,
        rows: NDArray[np.intp],
        ways: Ways,
        values: NDArray[np.float64],
        weights: NDArray[np.float64],
        begun: NDArray[np.float64],
    ) -> None:
        """The ways to positions outside count too: places between sparse ones, and a position that was doubted before.

        A way whose ends the speeds and headings there do not bear out may lead to a position that is wrong, and says
        nothing.
        """
        rule_rows = self._grades.rows["route_deviation"]
        limit = float(self._delays.set_point[rule_rows].min())
        gap = facts.fixes.at[rows] - ways.at
        is_way = ways.borne_out & (gap > SPARSE_S)
        outside = (values[rule_rows] >= limit).any(axis=0)
        some = np.flatnonzero(outside & (is_way | ways.was_doubted) & (gap <= CONNECTED_S))
        if len(some) == 0:
            return
        one, is_way = rows[some], is_way[some]
        share = np.arange(BETWEEN + 1) / (BETWEEN + 1)
        x = ways.x[some, None] + share * (facts.fixes.x[one] - ways.x[some])[:, None]
        y = ways.y[some, None] + share * (facts.fixes.y[one] - ways.y[some])[:, None]
        route = np.repeat(self.ground.permits.route[facts.permit[one]], BETWEEN + 1)
        found = self.ground.routes.find(route, x.ravel(), y.ravel(), np.zeros(x.size))
        lies_out = np.abs(found.offset_m).reshape(x.shape) >= limit
        from_outside = lies_out[:, 0]
        since = np.cumprod(lies_out[:, ::-1], axis=1).sum(axis=1)
        between = np.where(from_outside, lies_out[:, 1:].sum(axis=1), since)
        weight = 1 + np.where(is_way, between, 0) + (from_outside & ways.was_doubted[some])
        back = np.where(from_outside, BETWEEN + 1, np.where(is_way, since, 0)) / (BETWEEN + 1)
        for row in rule_rows:
            weights[row, some] = weight
            begun[row, some] = facts.fixes.at[one] - gap[some] * back

    def _hold(
        self,
        truck: NDArray[np.int64],
        jumped: NDArray[np.bool_],
        away: NDArray[np.float64],
        values: NDArray[np.float64],
        weights: NDArray[np.float64],
    ) -> None:
        """Who was outside stays so, as time goes, until a position that is believed shows it back."""
        offset = self._doings.state["offset"]
        for row in self._grades.rows["route_deviation"]:
            held = jumped & (values[row] != -np.inf) & self._delays.is_on_its_way(row, truck)
            values[row, held], weights[row, held] = offset[truck[held]], 0.0
        offset[truck[~jumped]] = away[~jumped]

    def _tell(
        self,
        facts: Facts,
        rows: NDArray[np.intp],
        jumped: NDArray[np.bool_],
        values: NDArray[np.float64],
        turns: Turns,
    ) -> list[Statement]:
        said = []
        truck = facts.truck[rows]
        for kind, column, row, begun in self._grades.changed(self._delays, turns, truck):
            one = int(rows[column])
            at = float(facts.fixes.at[one])
            if row is None:
                said.append(self._say(kind, int(truck[column]), None, at, begun, None, None, {}))
                continue
            rule = self._delays.rules[row]
            value, limit = float(values[row, column]), rule.set_point
            if kind == "overspeed":
                value = float(facts.fixes.speed_kmh[one])
                limit = value - float(facts.excess_kmh[one])
            detail = facts.detail(one, is_placed=not jumped[column])
            said.append(self._say(kind, int(truck[column]), rule, at, begun, value, limit, detail))
        return said

    def _say(
        self, kind: str, truck: int, rule: AlarmRule | None, at: float, since: float, value: float | None,
        limit: float | None, detail: dict[str, Any],
    ) -> Statement:  # fmt: skip
        here = self._doings.state[truck]
        value = None if value is None or not np.isfinite(value) else round(value, 1)
        x, y = round(float(here["x"]), 2), round(float(here["y"]), 2)
        return Statement(kind, int(self.vehicle_ids[truck]), rule, at, since, value, limit, x, y, detail)
