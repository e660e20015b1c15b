"""Eighteen months of cases: rows of ``city.case_file``, ``city.case_event`` and ``city.case_number``.

The city's funnel is made of consistent histories: direct-assessment cases are reported and assessed; closed-loop cases
go through the steps of the case life cycle, and every column that a history implies is folded from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from console.database.bulk import Coded, Points
from console.models.catalogue import Kind
from console.simulation.generator.cases.fates import DIRECT_SOURCES, SOURCES, Fates, draw_fates
from console.simulation.generator.cases.fold import ADDRESSEES, APPEALS, REQUESTS, UNITS, Clock, moments
from console.simulation.generator.cases.history import Actors, direct_events, finish, loop_events
from console.simulation.generator.cases.mix import DIRECT, LOOP, ZONE_OFFSET_S, Mix, load_mix
from console.simulation.generator.cases.search import search_column
from console.simulation.generator.cases.steps import STATES, Step
from console.simulation.generator.cases.timeline import NEVER, Timeline
from console.simulation.generator.organisation import MUNICIPAL

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from console.simulation.generator.areas import Areas
    from console.simulation.generator.cases.places import Places
    from console.simulation.generator.organisation import Organisation
    from console.simulation.generator.scale import Scale
    from console.simulation.generator.tables import Table

WITHOUT_ADDRESS = 0.1031  # share of the reports, as the city found in one month
CALL_BACK = 0.3  # share of the citizens who want to be told
DIRECT_DESK_S = 150  # median seconds until a direct-assessment report is assessed
DUPLICATE_S = (600, 20 * 3600)  # a duplicate comes so long after its original; the centre looks 24 hours back
DUPLICATE_SCATTER_M = 12.0  # and so far from it each way; the centre looks 50 m around

INSPECTOR, VIDEO_OPERATOR, VIDEO_RECOGNITION = (SOURCES.index(s) for s in SOURCES[:3])
BY_CITIZENS = (SOURCES.index("hotline_12345"), SOURCES.index("citizen"))
BY_MACHINES = (VIDEO_RECOGNITION, SOURCES.index("sensor"))
MODES = ("direct_assess", "closed_loop")
KINDS = (Kind.COMPONENT.value, Kind.EVENT.value)
LEVELS = ("daily", "normal", "serious", "major")
EMERGENCIES = "05"  # major class of events
# Parts of the municipal works centre, by kind and class; the rest goes to maintenance.
LIGHTING_UNIT, MAINTENANCE_UNIT, EMERGENCY_UNIT = "1401", "1402", "1403"
LIGHTING = {(Kind.COMPONENT, code) for code in ("0106", "0137", "0138", "0139", "0178")}
EMERGENCY = {(Kind.EVENT, "0505"), (Kind.EVENT, "0508"), (Kind.COMPONENT, "0207")}


@dataclass(frozen=True)
class _Batch:
    """Cases of one mode, one entry each, before they are numbered."""

    condition: NDArray[np.intp]
    reported: NDArray[np.int64]
    place: NDArray[np.intp]
    source: NDArray[np.int8]
    text: NDArray[np.int32]


def history_start(end: datetime, months: int) -> datetime:
    """The beginning of the day that lies so many months before `end`, in the time zone of `end`."""
    count = end.year * 12 + end.month - 1 - months
    day = date(count // 12, count % 12 + 1, min(end.day, 28))
    return end.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)


def make_cases(
    rng: np.random.Generator, scale: Scale, end: datetime, organisation: Organisation, areas: Areas, places: Places
) -> dict[str, Table]:
    """The rows of the case tables, by table and column; texts and enumerations as codes and words.

    Args:
        rng: decides.
        scale: how many cases there are of each sort.
        end: the end date, aware, in local time; nothing has happened after it.
        organisation: catalogue, calendar and people.
        areas: has the codes of the unit grids.
        places: where cases happen.
    """
    catalogue = organisation.catalogue
    mix = load_mix(catalogue)
    first_s, end_s = int(history_start(end, scale.history_months).timestamp()), int(end.timestamp())
    present = {code[6:10] for code in places.component_code.tolist()}
    allowed = np.array(
        [kind == Kind.EVENT or code in present for _, kind, code in (c.class_key for c in catalogue.conditions)]
    )
    minutes = np.array([row.limit_minutes for row in catalogue.conditions])
    working = np.array([row.limit_unit.in_working_time for row in catalogue.conditions])

    direct = _direct(rng, scale.direct_cases, mix, places, allowed, first_s, end_s)
    desk = np.minimum(DIRECT_DESK_S * rng.lognormal(0.0, 0.5, scale.direct_cases), 1500).astype(np.int64)
    assessed = direct.reported + np.maximum(desk, 10)

    condition = mix.conditions(rng, LOOP, scale.loop_cases, allowed)
    fates = draw_fates(rng, scale, minutes[condition], working[condition])
    timeline = Timeline(rng, fates, organisation.calendar, minutes[condition], working[condition])
    at = timeline.lay_out(mix.times(rng, condition, first_s, end_s), first_s, end_s)
    original = _originals(rng, fates, at, end_s)
    merged = original >= 0
    condition[merged] = condition[original[merged]]
    loop = _Batch(
        condition=condition,
        reported=at[Step.REPORT],
        place=mix.places(rng, places, condition, at[Step.REPORT]),
        source=fates.source,
        text=mix.texts(rng, LOOP, condition),
    )
    loop.place[merged] = loop.place[original[merged]]
    clock = Clock(organisation.calendar, minutes[condition], working[condition])
    clock.mark_overdue(at, end_s)
    folded = clock.fold(at, fates.failed, fates.granted)

    every = _Batch(
        *(np.concatenate((getattr(direct, name), getattr(loop, name))) for name in _Batch.__dataclass_fields__)
    )
    order = np.argsort(every.reported, kind="stable")
    case_id = np.empty(len(order), np.int64)
    case_id[order] = np.arange(1, len(order) + 1)
    actors = _actors(rng, organisation, places, every)
    columns = _common(rng, mix, areas, places, every, actors)
    implied = _implied(direct.reported, assessed, folded)
    merged_into = np.where(merged, case_id[len(assessed) + original], 0)
    implied["merged_into"] = np.ma.masked_equal(np.concatenate((np.zeros(len(assessed), np.int64), merged_into)), 0)
    until = timeline.suspended_until(at, end_s)
    still = np.where(folded["state"] == STATES.index("suspended"), until, np.datetime64("NaT"))
    implied["suspended_until"] = np.concatenate((np.full(len(assessed), np.datetime64("NaT"), "M8[D]"), still))
    columns |= implied
    columns["mode"] = Coded((np.arange(len(order)) >= len(assessed)).astype(np.int8), MODES)
    columns |= _decided(mix, actors, every.condition, at, folded["state"])
    case_file = {name: _taken(column, order) for name, column in columns.items()}
    numbers, case_number = _numbers(every.reported[order])
    case_file = {"id": np.arange(1, len(order) + 1), "case_no": numbers, **case_file}
    case_file["search"] = search_column(
        case_file["address"], case_file["description"], case_file["class_id"], catalogue
    )

    count = len(assessed)
    of_loop, of_direct = _slice(actors, slice(count, None)), _slice(actors, slice(count))
    details = loop_events(rng, organisation, fates, at, of_loop, condition, until, merged_into)
    direct_part = direct_events(rng, organisation, direct.reported, assessed, of_direct, direct.condition)
    case_event = finish(catalogue, case_id, [direct_part, details], details["details"])
    return {"case_file": case_file, "case_event": case_event, "case_number": case_number}


def _direct(
    rng: np.random.Generator,
    count: int,
    mix: Mix,
    places: Places,
    allowed: NDArray[np.bool_],
    first_s: int,
    end_s: int,
) -> _Batch:
    condition = mix.conditions(rng, DIRECT, count, allowed)
    reported = mix.times(rng, condition, first_s, end_s - 1800)
    return _Batch(
        condition=condition,
        reported=reported,
        place=mix.places(rng, places, condition, reported),
        source=rng.choice(len(SOURCES), count, p=DIRECT_SOURCES).astype(np.int8),
        text=mix.texts(rng, DIRECT, condition),
    )


def _originals(rng: np.random.Generator, fates: Fates, at: NDArray[np.int64], end_s: int) -> NDArray[np.intp]:
    """The case that each duplicate repeats, -1 for all others; moves the duplicates to some hours after it."""
    original = np.full(len(fates.last), -1, np.intp)
    merged = np.flatnonzero(fates.last == Step.MERGE)
    pool = np.flatnonzero((fates.last == Step.CLOSE) & (at[Step.REPORT] < end_s - DUPLICATE_S[1] - 7200))
    original[merged] = rng.choice(pool, len(merged), replace=False)
    moved = at[Step.REPORT, original[merged]] + rng.integers(*DUPLICATE_S, len(merged)) - at[Step.REPORT, merged]
    history = at[:, merged]
    at[:, merged] = np.where(history == NEVER, NEVER, history + moved)
    return original


def _actors(rng: np.random.Generator, organisation: Organisation, places: Places, cases: _Batch) -> Actors:
    """Who reports or registers each case, and whose it is."""
    hours = (cases.reported + ZONE_OFFSET_S) // 3600
    luck = rng.random(len(hours))
    zone = places.zone_id[cases.place]
    reporter = organisation.on_duty("acceptor", hours, luck)
    for source, kind, teams in ((INSPECTOR, "inspector", zone), (VIDEO_OPERATOR, "video", None)):
        mine = cases.source == source
        reporter[mine] = organisation.on_duty(kind, hours[mine], luck[mine], teams[mine] if teams is not None else None)
    reporter[np.isin(cases.source, BY_MACHINES)] = next(
        post.id for post in organisation.posts if post.kind == "gateway"
    )
    department = _department(organisation, places, cases)
    units = np.array(sorted(organisation.handler_of), np.int32)
    # Another unit than the right one, for cases that are sent astray first.
    at = np.searchsorted(units, department)
    wrong = units[(at + rng.integers(1, len(units), len(at))) % len(units)]
    return Actors(reporter=reporter, department=department, wrong_department=wrong, zone=zone)


def _department(organisation: Organisation, places: Places, cases: _Batch) -> NDArray[np.int32]:
    """The department (id) that each case belongs to, by its condition and place."""
    catalogue = organisation.catalogue
    ids = {row.code: number for number, row in enumerate(catalogue.departments, 1)}
    named = []
    for condition in catalogue.conditions:
        case_class = catalogue.by_key[condition.class_key]
        unit = case_class.responsible
        if unit == MUNICIPAL:
            key = condition.class_key[1:]
            unit = LIGHTING_UNIT if key in LIGHTING else EMERGENCY_UNIT if key in EMERGENCY else MAINTENANCE_UNIT
        named.append(unit)
    department = np.array([ids[unit] for unit in named], np.int32)[cases.condition]
    for unit, by_place in places.unit_of.items():
        mine = department == ids[unit]
        department[mine] = by_place[cases.place[mine]]
    return department


def _common(
    rng: np.random.Generator,
    mix: Mix,
    areas: Areas,
    places: Places,
    cases: _Batch,
    actors: Actors,
) -> Table:
    """The columns that do not depend on how a case went."""
    count = len(cases.place)
    component = cases.place - places.first_component
    by_staff = np.isin(cases.source, [INSPECTOR, VIDEO_OPERATOR])
    scatter = places.scatter_m[cases.place]
    asked = np.isin(cases.source, BY_CITIZENS)
    return {
        "source": Coded(cases.source, SOURCES),
        "kind": Coded(np.where(mix.is_component, 0, 1).astype(np.int8)[cases.condition], KINDS),
        "class_id": (mix.class_row + 1).astype(np.int16)[cases.condition],
        "zone_id": actors.zone,
        "unit_grid": Coded(places.grid[cases.place], areas.unit_grid["code"].tolist()),
        "street_id": places.street_id[cases.place],
        "component_code": Coded(np.maximum(component, -1).astype(np.int32), places.component_code.tolist()),
        "reporter_id": np.ma.masked_array(actors.reporter, ~by_staff),
        "wants_call_back": asked & (rng.random(count) < CALL_BACK),
        "address": Coded(
            np.where(rng.random(count) < WITHOUT_ADDRESS, -1, places.address[cases.place]).astype(np.int32),
            places.addresses.tolist(),
        ),
        "description": Coded(cases.text, mix.words.tolist()),
        "geom": Points(
            np.round(places.x[cases.place] + scatter * rng.uniform(-1.0, 1.0, count), 2),
            np.round(places.y[cases.place] + scatter * rng.uniform(-1.0, 1.0, count), 2),
        ),
    }


def _decided(
    mix: Mix, actors: Actors, condition: NDArray[np.integer[Any]], at: NDArray[np.int64], state: NDArray[np.int8]
) -> Table:
    """What the centre has decided of each case: of the direct-assessment cases, then of the closed-loop ones.

    Args:
        mix: has the standard.
        actors: whose the cases are.
        condition: of every case.
        at: histories of the closed-loop cases.
        state: their states.
    """
    direct = len(condition) - at.shape[1]

    def loop(flags: NDArray[np.bool_], *, otherwise: bool) -> NDArray[np.bool_]:
        return np.concatenate((np.full(direct, otherwise), flags))

    filed = loop(at[Step.FILE] != NEVER, otherwise=True)
    sent = loop(at[Step.DISPATCH] != NEVER, otherwise=True)
    clocked = loop(at[Step.DISPATCH] != NEVER, otherwise=False)
    # What was sent astray and has come back is still the wrong department's.
    astray = loop(state == STATES.index("returned"), otherwise=False)
    units = np.array([UNITS.index(row.limit_unit.value) for row in mix.catalogue.conditions], np.int8)
    levels = np.where(np.arange(len(condition)) < direct, 0, _levels(mix)[condition])
    return {
        "level": Coded(levels.astype(np.int8), LEVELS),
        "condition_id": np.ma.masked_array(condition + 1, ~filed),
        "responsible_id": np.ma.masked_array(np.where(astray, actors.wrong_department, actors.department), ~sent),
        "limit_unit": Coded(np.where(clocked, units[condition], -1).astype(np.int8), UNITS),
    }


def _levels(mix: Mix) -> NDArray[np.int8]:
    """Level of each condition's closed-loop cases: hazards are serious, emergencies of one hour are major."""
    levels = []
    for row in mix.catalogue.conditions:
        _, kind, code = row.class_key
        emergency = kind == Kind.EVENT and code.startswith(EMERGENCIES)
        if emergency and row.limit_minutes <= 60:
            levels.append(LEVELS.index("major"))
        elif emergency or row.code in {"HZ", "TIH", "FL"}:
            levels.append(LEVELS.index("serious"))
        else:
            levels.append(LEVELS.index("normal"))
    return np.array(levels, np.int8)


def _implied(reported: NDArray[np.int64], assessed: NDArray[np.int64], folded: Table) -> Table:
    """The columns that follow from the histories: of the direct-assessment cases, then of the closed-loop ones."""
    count = len(reported)
    never = np.full(count, NEVER)
    times = {"reported_at": reported, "accepted_at": assessed, "closed_at": assessed}
    columns: Table = {}
    for name, column in folded.items():
        if column.dtype.kind == "M":
            own: Any = moments(times.get(name, never))
        elif name in ("appeal", "request", "request_to"):
            own = np.full(count, -1, column.dtype)
        elif name == "state":
            own = np.full(count, STATES.index("assessed"), column.dtype)
        else:
            own = np.full(count, 2 if name == "version" else 0, column.dtype)
        columns[name] = np.concatenate((own, column))
    columns["state"] = Coded(columns["state"], STATES)
    columns["limit_minutes"] = np.ma.masked_equal(columns["limit_minutes"], 0)
    for name, words in (("appeal", APPEALS), ("request", REQUESTS), ("request_to", ADDRESSEES)):
        columns[name] = Coded(columns[name], words)
    return columns


def _taken(column: Any, order: NDArray[np.intp]) -> Any:
    if isinstance(column, Coded):
        return Coded(column.codes[order], column.words)
    if isinstance(column, Points):
        return Points(column.x[order], column.y[order])
    return column[order]


def _slice(actors: Actors, part: slice) -> Actors:
    return replace(actors, **{name: getattr(actors, name)[part] for name in Actors.__dataclass_fields__})


def _numbers(reported: NDArray[np.int64]) -> tuple[NDArray[np.str_], Table]:
    """Case numbers: ``YC``, the day, the sequence of the day; and the last number of each day."""
    day = (reported + ZONE_OFFSET_S) // 86_400
    days, first, counts = np.unique(day, return_index=True, return_counts=True)
    sequence = np.arange(len(day)) - np.repeat(first, counts) + 1
    text = np.array([f"{value:%Y%m%d}" for value in days.astype("M8[D]").tolist()])
    # Digits are laid out as characters; a day has fewer than ten thousand cases.
    letters = np.zeros((len(day), 14), np.uint32)
    letters[:, :2] = [ord("Y"), ord("C")]
    letters[:, 2:10] = np.repeat(text.view(np.uint32).reshape(-1, 8), counts, axis=0)
    letters[:, 10:] = sequence[:, None] // [1000, 100, 10, 1] % 10 + ord("0")
    return letters.view("U14").ravel(), {"day": days.astype("M8[D]"), "last": counts}
