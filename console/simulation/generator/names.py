"""Names of the streets: real ones for the through streets, systematic synthetic ones for what branches off them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from console.simulation.generator.plan import ARTERIAL, BRANCH, EAST_WEST, SECONDARY
from console.simulation.generator.tables import read_resource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.simulation.generator.plan import Lines, Plan

_WAYS = ("EW", "NS")
# Of fewer than nine arterials, those around these two: 红旗街 and 解放路.
_FOCUS = (6, 3)
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Names:
    """Name of each plan line, or of its two parts where it is divided."""

    words: list[str]
    low: NDArray[np.intp]
    """Index in `words` of each line's western or southern part."""
    high: NDArray[np.intp]
    split: NDArray[np.float64]
    """Coordinate along each line at which its parts meet (m); infinite where it has one name."""

    def at(self, line: NDArray[np.intp], along: NDArray[np.float64]) -> NDArray[np.intp]:
        """Index in `words` of the name that each `line` bears at coordinate `along`."""
        return np.where(along < self.split[line], self.low[line], self.high[line])


def numeral(number: int) -> str:
    """A number below one hundred in Chinese."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (
        _DIGITS[ones] if ones or not tens else ""
    )


def name_streets(plan: Plan, lines: Lines) -> Names:
    """Name all street lines of the plan."""
    return _Namer(plan, lines).name()


class _Namer:
    def __init__(self, plan: Plan, lines: Lines) -> None:
        self.plan = plan
        self.lines = lines
        self.words: dict[str, int] = {}
        self.low = np.zeros(len(lines), np.intp)
        self.high = np.zeros(len(lines), np.intp)
        self.split = np.full(len(lines), np.inf)
        rows = read_resource("streets.csv")
        self.known = [[row for row in rows if row["way"] == way] for way in _WAYS]
        self.arterials = [np.flatnonzero(rank == ARTERIAL) for rank in plan.lattice_rank]
        self.position = {name: at for way in (0, 1) for name, at in self._arterial_positions(way)}

    def name(self) -> Names:
        for way in (0, 1):
            self._through(way)
        self._inner()
        return Names(list(self.words), self.low, self.high, self.split)

    def _chosen(self, way: int) -> list[dict[str, str]]:
        """Rows of the arterials that the city has, in the order of the lattice (northwards, eastwards)."""
        rows = [row for row in self.known[way] if row["rank"] == "arterial"]
        count = len(self.arterials[way])
        start = min(max(0, _FOCUS[way] - count // 2), len(rows) - count)
        chosen = rows[start : start + count]
        return chosen[::-1] if way == EAST_WEST else chosen

    def _arterial_positions(self, way: int) -> list[tuple[str, float]]:
        at = self.plan.lattice[way][self.arterials[way]]
        return [(row["name"], float(x)) for row, x in zip(self._chosen(way), at, strict=True)]

    def _word(self, name: str) -> int:
        return self.words.setdefault(name, len(self.words))

    def _label(self, line: int, row: dict[str, str]) -> None:
        self.low[line] = self.high[line] = self._word(row["name"]) if not row["low"] else self._word(row["low"])
        if row["low"]:
            split = self.position.get(row["split"], np.inf)
            if split < self.lines.high[line]:
                self.high[line], self.split[line] = self._word(row["high"]), split

    def _through(self, way: int) -> None:
        """Name arterials and secondaries of one orientation."""
        mine = self.lines.orientation == way
        order_of = {}
        for index, row in zip(self.arterials[way], self._chosen(way), strict=True):
            for line in np.flatnonzero(mine & (self.lines.lattice == index)).tolist():
                self._label(line, row)
            order_of[int(index)] = int(row["order"])
        secondary = [row for row in self.known[way] if row["rank"] == "secondary"]
        placed = {int(row["order"]): row for row in secondary if row["order"]}
        spare = [row for row in secondary if not row["order"]]
        lines = np.flatnonzero(mine & (self.lines.rank == SECONDARY))
        # The longest run on a lattice line bears its known name.
        for line in lines[np.argsort(self.lines.low[lines] - self.lines.high[lines])].tolist():
            neighbour = int(self.lines.lattice[line]) + (1 if way == EAST_WEST else -1)
            order = order_of.get(neighbour, 0)
            if order not in placed and not spare:
                raise ValueError("more secondary streets than names in resources/areas/streets.csv")
            self._label(line, placed.pop(order) if order in placed else spare.pop(0))

    def _inner(self) -> None:
        """Name branches and lanes by the through street off which they run, its side and their number along it."""
        lines = self.lines
        groups: dict[tuple[str, str, str], list[tuple[float, int]]] = defaultdict(list)
        through = {
            (way, int(index)): np.flatnonzero((lines.orientation == way) & (lines.lattice == index)).tolist()
            for way in (0, 1)
            for index in range(len(self.plan.lattice[way]))
        }
        columns = len(self.plan.lattice[1]) + 1
        for line in np.flatnonzero(lines.lattice < 0).tolist():
            way = int(lines.orientation[line])
            row, column = divmod(int(lines.cell[line]), columns)
            before = (column if way == EAST_WEST else row) - 1
            choices = []
            for parents_way, index, gap, at in (
                (1 - way, before, lines.low[line], lines.at[line]),
                (1 - way, before + 1, lines.high[line], lines.at[line]),
                (way, (row if way == EAST_WEST else column) - 1, lines.at[line], lines.low[line]),
                (way, (row if way == EAST_WEST else column), lines.at[line], lines.low[line]),
            ):
                for parent in through.get((parents_way, index), []):
                    if lines.low[parent] <= at <= lines.high[parent] and lines.rank[parent] <= SECONDARY:
                        penalty = 0.0 if parents_way != way else 1e6
                        choices.append((penalty + abs(gap - lines.at[parent]), parent, float(at)))
            if choices:
                _, parent, at = min(choices)
                word = int(self.high[parent] if at >= self.split[parent] else self.low[parent])
                beyond = (
                    (lines.low[line] + lines.high[line]) / 2 if lines.orientation[parent] != way else lines.at[line]
                )
                sides = "南北" if lines.orientation[parent] == EAST_WEST else "西东"
                side = sides[int(beyond > lines.at[parent])]
                kind = "支路" if lines.rank[line] == BRANCH else "巷"
                number_along = at if lines.orientation[parent] == EAST_WEST else -at
                groups[list(self.words)[word], side, kind].append((float(number_along), int(line)))
            else:
                groups[self._village(line), "", "路"].append((float(lines.at[line]), int(line)))
        for (parent_name, side, kind), members in groups.items():
            for number, (_, line) in enumerate(sorted(members), start=1):
                self.low[line] = self.high[line] = self._word(f"{parent_name}{side}{numeral(number)}{kind}")

    def _village(self, line: int) -> str:
        """A made-up village name for streets that no through street borders."""
        return f"新{numeral(int(self.lines.cell[line]) % 9 + 1)}村"
