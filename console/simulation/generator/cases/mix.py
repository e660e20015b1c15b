"""What happens how often, when and where: classes and conditions, times, places, sources and words of the cases."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from console.errors import RESOURCES
from console.models.catalogue import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.catalogue import Catalogue
    from console.simulation.generator.cases.places import Places

    Integers = NDArray[np.integer[Any]]

FOLDER = RESOURCES / "demonstration"
DIRECT, LOOP = 0, 1
MODES = ("direct", "loop")
DAY_S = 86_400
ZONE_OFFSET_S = 8 * 3600
WEEKDAY_WEIGHT = np.array([1.02, 1.02, 1.02, 1.02, 1.03, 0.97, 0.9])  # from Monday
# Of a hundred days of the month with the most of it, so many have heavy rain, or snow that lies.
STORM_DAYS, SNOW_DAYS = 0.2, 0.12
QUIET_DAY = 0.01
# Urgent conditions are rarer than slow ones: a class's cases are spread by this power of the limit.
URGENCY_POWER = 0.3
# Cases that return to one place within a month come in groups of this size.
GROUP_SIZES = np.array([3, 4, 5, 6])


@dataclass(frozen=True)
class Mix:
    """The habits of a city's cases, by condition (row of the catalogue's conditions, from 0)."""

    catalogue: Catalogue
    class_row: NDArray[np.intp]
    """Row of each condition's class in the catalogue."""
    weight: NDArray[np.float64]
    """Weight of each condition, shape (modes, conditions)."""
    season: NDArray[np.object_]
    hours: NDArray[np.object_]
    returning: NDArray[np.float64]
    """Share of a condition's cases that return to one place within a month."""
    rhythms: dict[tuple[str, str], NDArray[np.float64]]
    words: NDArray[np.object_]
    """Every text of a report."""
    first_word: NDArray[np.intp]
    """First text of each condition, shape (modes, conditions)."""
    word_count: NDArray[np.intp]

    @property
    def is_component(self) -> NDArray[np.bool_]:
        """Whether each condition is one of a component."""
        return np.array([row.class_key[1] == Kind.COMPONENT for row in self.catalogue.conditions])

    def conditions(
        self, rng: np.random.Generator, mode: int, count: int, allowed: NDArray[np.bool_]
    ) -> NDArray[np.intp]:
        """Draw the conditions of `count` cases among the allowed ones."""
        return _draw(rng, np.where(allowed, self.weight[mode], 0.0), count)

    def times(self, rng: np.random.Generator, condition: Integers, first_s: int, last_s: int) -> NDArray[np.int64]:
        """Draw when cases are reported (seconds since 1970, UTC), between two instants, by season and hour."""
        first_day = (first_s + ZONE_OFFSET_S) // DAY_S
        days = np.arange(first_day, (last_s + ZONE_OFFSET_S) // DAY_S + 1)
        month = days.astype("M8[D]").astype("M8[M]").astype(int) % 12
        weekday = WEEKDAY_WEIGHT[(days + 3) % 7]
        local = np.empty(len(condition), np.int64)
        for season in sorted(set(self.season.tolist())):
            weight = self.rhythms["season", season][month]
            share = {"storm": STORM_DAYS, "snow": SNOW_DAYS}.get(season)
            if share is not None:
                weight = np.where(rng.random(len(days)) < share * weight / weight.max(), 1.0, QUIET_DAY * weight)
            mine = np.flatnonzero(self.season[condition] == season)
            local[mine] = days[_draw(rng, weight * weekday, len(mine))] * DAY_S
        for hours in sorted(set(self.hours.tolist())):
            mine = np.flatnonzero(self.hours[condition] == hours)
            local[mine] += _draw(rng, self.rhythms["hours", hours], len(mine)) * 3600
        at = local - ZONE_OFFSET_S + rng.integers(0, 3600, len(local))
        # The first and the last day are not whole ones.
        at = np.where(at > last_s, at - 7 * DAY_S, at)
        return np.where(at < first_s, at + 7 * DAY_S, at)

    def places(
        self, rng: np.random.Generator, places: Places, condition: Integers, at: NDArray[np.int64]
    ) -> NDArray[np.intp]:
        """Draw where cases happen: at a component of the class, or at a spot; some return to one place."""
        place = _draw(rng, places.weight, len(condition))
        on_component = self.is_component[condition]
        codes = np.array([code[6:10] for code in places.component_code.tolist()], dtype=object)
        order = np.argsort(codes, kind="stable")
        class_code = np.array([row.class_key[2] for row in self.catalogue.conditions])[condition[on_component]]
        low = np.searchsorted(codes[order].astype("U4"), class_code, side="left")
        high = np.searchsorted(codes[order].astype("U4"), class_code, side="right")
        pick = low + (rng.random(len(low)) * (high - low)).astype(np.intp)
        place[on_component] = places.first_component + order[pick]
        return self._gathered(rng, condition, at, place)

    def _gathered(
        self, rng: np.random.Generator, condition: Integers, at: NDArray[np.int64], place: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Bring the returning share of each class and month together in groups of one place."""
        month = (at + ZONE_OFFSET_S).astype("M8[s]").astype("M8[M]").astype(np.int64)
        key = self.class_row[condition] * 4096 + month
        order = np.lexsort((rng.random(len(key)), key))
        starts = np.flatnonzero(np.diff(key[order], prepend=-1))
        counts = np.diff(np.append(starts, len(key)))
        size = np.repeat(GROUP_SIZES[rng.integers(0, len(GROUP_SIZES), len(starts))], counts)
        rank = np.arange(len(key)) - np.repeat(starts, counts)
        wanted = np.repeat(counts, counts) * self.returning[condition[order]]
        leader = np.where(rank < wanted // size * size, np.arange(len(key)) - rank % size, np.arange(len(key)))
        gathered = place.copy()
        gathered[order] = place[order[leader]]
        return gathered

    def texts(self, rng: np.random.Generator, mode: int, condition: Integers) -> NDArray[np.int32]:
        """Draw what each report says, as positions in `words`."""
        pick = (rng.random(len(condition)) * self.word_count[mode, condition]).astype(np.intp)
        chosen: NDArray[np.int32] = (self.first_word[mode, condition] + pick).astype(np.int32)
        return chosen


def load_mix(catalogue: Catalogue) -> Mix:
    """Read the habits from ``resources/demonstration/``."""
    rows = {(row["kind"], row["class_code"]): row for row in _read("case_classes.csv")}
    other = rows["other", ""]
    class_rows = {row.key: number for number, row in enumerate(catalogue.classes)}
    habits = [rows.get((c.class_key[1].value, c.class_key[2]), other) for c in catalogue.conditions]
    urgency = np.array([c.limit_minutes for c in catalogue.conditions], float) ** URGENCY_POWER
    class_row = np.array([class_rows[c.class_key] for c in catalogue.conditions])
    within = urgency / np.bincount(class_row, weights=urgency)[class_row]
    words, first_word, word_count = _words(catalogue)
    return Mix(
        catalogue=catalogue,
        class_row=class_row,
        weight=np.array([[float(row[mode]) for row in habits] for mode in MODES]) * within,
        season=np.array([row["season"] for row in habits], dtype=object),
        hours=np.array([row["hours"] for row in habits], dtype=object),
        returning=np.array([float(row["returning"]) for row in habits]),
        rhythms={
            (row["rhythm"], row["name"]): np.array([float(word) for word in row["weights"].split()])
            for row in _read("rhythms.csv")
        },
        words=words,
        first_word=first_word,
        word_count=word_count,
    )


def _words(catalogue: Catalogue) -> tuple[NDArray[np.object_], NDArray[np.intp], NDArray[np.intp]]:
    """All texts, and for each mode and condition where its texts begin and how many there are."""
    told: dict[tuple[str, str, str, str], list[str]] = {}
    for row in _read("case_texts.csv"):
        for mode in MODES if row["mode"] == "any" else (row["mode"],):
            told.setdefault((row["kind"], row["class_code"], row["condition_code"], mode), []).append(row["text"])
    words: list[str] = []
    first: list[list[int]] = [[], []]
    count: list[list[int]] = [[], []]
    for number, mode in enumerate(MODES):
        for condition in catalogue.conditions:
            _, kind, code = condition.class_key
            name = catalogue.by_key[condition.class_key].name
            texts = told.get((kind.value, code, condition.code, mode)) or told.get((kind.value, code, "", mode))
            if texts is None and kind == Kind.COMPONENT:
                texts = [f"{name}{condition.description}", f"此处{name}{condition.description}"]
            elif texts is None:
                texts = [condition.description, f"{name}：{condition.description}"]
            first[number].append(len(words))
            count[number].append(len(texts))
            words.extend(text.format(name=name) for text in texts)
    return np.array(words, dtype=object), np.array(first), np.array(count)


def _draw(rng: np.random.Generator, weight: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Positions drawn with `weight`."""
    total = np.cumsum(weight)
    found: NDArray[np.intp] = np.searchsorted(total, rng.random(count) * total[-1], side="right")
    # A product that rounds up to the total would lie beyond the last weight.
    inside: NDArray[np.intp] = np.minimum(found, np.flatnonzero(weight)[-1])
    return inside


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))
