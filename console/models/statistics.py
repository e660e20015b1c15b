"""Indicators of the centre (GB/T 30428.4, CJ/T 292-2008), counted from the cases themselves.

Every count belongs to the day (Asia/Shanghai) on which it happened: a case that is filed on Monday and closed on
Tuesday counts as filed on Monday and as closed on Tuesday. Figures of parts therefore add up to the figure of the
whole, and all screens agree. What is overdue and still in hand belongs to the day of its deadline and is counted as it
stands now.

Counts come from ``city.case_count`` (see ``14_statistics.sql``), whose sums always equal counting the rows of
``city.case_file``. They are of the whole city, whoever asks: who sees a part of the cases is shown the figures of that
part (`own_part`). Rates without a denominator are None: shown as a dash, not as 0 % or 100 %.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models.cases.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

USUAL_DAYS = 28
"""Days before today whose mean is called usual: four weeks, so that each day of the week counts the same."""


class Step(StrEnum):
    """Length of a period; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Dimension(StrEnum):
    """Along what indicators are compared; hours are those of the report."""

    ZONE = "zone"
    DEPARTMENT = "department"
    CLASS = "class"
    SOURCE = "source"
    MODE = "mode"
    HOUR = "hour"


@dataclass(frozen=True)
class Indicators:
    """Counts of one period and one part of the city, and the rates of the standard.

    Attributes:
        reported: 上报数, cases that came in.
        accepted: 受理数.
        filed: 立案数.
        dispatched: 派遣数.
        disposed: 处置数, disposals finished; `disposed_overdue` of them too late, unless an appeal was granted.
        reworked: 返工数, disposed cases that had been sent back to rework.
        extended: 延期数, disposed cases whose limit had been extended.
        closed: 结案数, closed after a check; `closed_overdue` of them disposed too late.
        forced: 强制结案, left out of the rates; `cancelled`: 作废; `refused`: 不受理.
        assessed: 直接考核案件.
        disposal_s, closing_s: seconds from dispatch to disposal, and from report to closing, in sum.
        to_dispose_overdue: in hand, past the deadline and not disposed; `to_close_overdue`: in hand, disposed or not,
            and overdue. Both by the day of the deadline, as it stands now.
    """

    reported: int = 0
    accepted: int = 0
    filed: int = 0
    dispatched: int = 0
    disposed: int = 0
    disposed_overdue: int = 0
    reworked: int = 0
    extended: int = 0
    closed: int = 0
    closed_overdue: int = 0
    forced: int = 0
    cancelled: int = 0
    refused: int = 0
    assessed: int = 0
    disposal_s: int = 0
    closing_s: int = 0
    to_dispose_overdue: int = 0
    to_close_overdue: int = 0

    def __add__(self, other: Indicators) -> Indicators:
        return Indicators(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def disposals_due(self) -> int:
        """应处置数: disposed, and overdue and not yet disposed."""
        return self.disposed + self.to_dispose_overdue

    @property
    def closings_due(self) -> int:
        """应结案数: closed, and overdue and not yet closed."""
        return self.closed + self.to_close_overdue

    @property
    def valid_report_rate(self) -> float | None:
        """有效上报率: filed of reported."""
        return _rate(self.filed, self.reported)

    @property
    def disposal_rate(self) -> float | None:
        """处置率: disposed of due."""
        return _rate(self.disposed, self.disposals_due)

    @property
    def on_time_disposal_rate(self) -> float | None:
        """按期处置率: disposed in time of due."""
        return _rate(self.disposed - self.disposed_overdue, self.disposals_due)

    @property
    def overdue_share(self) -> float | None:
        """超期率: disposed too late, or overdue and not yet disposed, of due; the rest of `on_time_disposal_rate`."""
        return _rate(self.disposed_overdue + self.to_dispose_overdue, self.disposals_due)

    @property
    def closure_rate(self) -> float | None:
        """结案率: closed of due to be closed."""
        return _rate(self.closed, self.closings_due)

    @property
    def on_time_closure_rate(self) -> float | None:
        """按期结案率: closed and disposed in time, of due to be closed."""
        return _rate(self.closed - self.closed_overdue, self.closings_due)

    @property
    def overdue_closure_rate(self) -> float | None:
        """超期结案率: closed but disposed too late, of due to be closed."""
        return _rate(self.closed_overdue, self.closings_due)

    @property
    def closed_of_filed(self) -> float | None:
        """Closed of filed, as the city's reports give the closure rate of a long period; 1 − 未结案率."""
        return _rate(self.closed, self.filed)

    @property
    def rework_rate(self) -> float | None:
        """返工率: sent to rework of disposals due."""
        return _rate(self.reworked, self.disposals_due)

    @property
    def extension_rate(self) -> float | None:
        """延期率: extended of disposals due."""
        return _rate(self.extended, self.disposals_due)

    @property
    def correct_filing_rate(self) -> float | None:
        """准确立案率: filed and not cancelled, of filed."""
        return _rate(self.filed - self.cancelled, self.filed)

    @property
    def mean_disposal_s(self) -> float | None:
        """Mean seconds from dispatch to disposal."""
        return _rate(self.disposal_s, self.disposed)

    @property
    def mean_closing_s(self) -> float | None:
        """Mean seconds from report to closing."""
        return _rate(self.closing_s, self.closed)


@dataclass(frozen=True)
class Group:
    """The indicators of one zone, department, class, source, mode or hour.

    Attributes:
        key: id (zone, department, class), code (source, mode) or hour; None for cases that have none yet.
        name, name_en: of zone, department (short) and class; else empty: codes and hours have words elsewhere.
    """

    key: int | str | None
    name: str
    name_en: str
    indicators: Indicators


@dataclass(frozen=True)
class Part:
    """One zone or department, by the id that `Dimension` counts it by."""

    dimension: Dimension
    key: int


@dataclass(frozen=True)
class Today:
    """The strip of figures at the top of the window, of the whole city or of one part.

    Attributes:
        day: indicators of today so far; `usual` those of a usual whole day (mean of `USUAL_DAYS` days before).
        whole: indicators of the whole history.
        open: cases in hand; `overdue` of them past the end of what they wait for, `due_soon` of them close to it.
    """

    day: Indicators
    usual: Mapping[str, float]
    whole: Indicators
    open: int
    overdue: int
    due_soon: int


@dataclass(frozen=True)
class HourCount:
    """Cases reported in one hour of today (None when it has not begun), and in the same hour of a usual day."""

    hour: int
    today: int | None
    usual: float


_COUNTS = tuple(f.name for f in fields(Indicators) if not f.name.startswith("to_"))

# One statement for every question: settled counts and, in the same columns, what is overdue and in hand.
_SUMS = """
    sum(reported)::integer, sum(accepted)::integer, sum(filed)::integer, sum(dispatched)::integer,
    sum(disposed)::integer, sum(disposed_overdue)::integer, sum(reworked)::integer, sum(extended)::integer,
    sum(closed)::integer, sum(closed_overdue)::integer, sum(forced)::integer, sum(cancelled)::integer,
    sum(refused)::integer, sum(assessed)::integer, sum(disposal_s)::bigint, sum(closing_s)::bigint
"""
_COUNTED = """
    FROM city.case_count
    WHERE dimension = CAST(:dimension AS city.count_dimension) AND (CAST(:key AS smallint) IS NULL OR key = :key)
        AND (CAST(:first AS date) IS NULL OR day >= :first) AND (CAST(:last AS date) IS NULL OR day <= :last)
"""
_OVERDUE = """
    FROM (
        SELECT f.disposed_at, (f.deadline AT TIME ZONE 'Asia/Shanghai')::date AS day,
            CASE :dimension
                WHEN 'zone' THEN f.zone_id WHEN 'department' THEN f.responsible_id WHEN 'class' THEN f.class_id
                WHEN 'source' THEN array_position(enum_range(NULL::city.case_source), f.source)
                WHEN 'mode' THEN array_position(enum_range(NULL::city.case_mode), f.mode)
                WHEN 'hour' THEN extract(hour FROM f.reported_at AT TIME ZONE 'Asia/Shanghai')::integer
                ELSE 0
            END AS key
        FROM city.case_file AS f
        WHERE f.is_open AND f.filed_at IS NOT NULL AND f.deadline < coalesce(:now, now())
            AND (f.disposed_at IS NULL OR f.disposed_at > f.deadline)
    ) AS late
    WHERE (CAST(:key AS smallint) IS NULL OR key = :key)
        AND (CAST(:first AS date) IS NULL OR day >= :first) AND (CAST(:last AS date) IS NULL OR day <= :last)
"""
_COLUMN = {Dimension.ZONE: "zone_id", Dimension.DEPARTMENT: "responsible_id"}
"""Of ``city.case_file``, by which a part is found."""
_LATE = "count(*) FILTER (WHERE disposed_at IS NULL)::integer, count(*)::integer"
_NAMES = {
    Dimension.ZONE: text("SELECT id, name, name_en FROM city.zone"),
    Dimension.DEPARTMENT: text("SELECT id, short_name, name_en FROM city.department"),
    Dimension.CLASS: text("SELECT id, name, name_en FROM city.case_class"),
    Dimension.SOURCE: text("SELECT place, code, '' FROM unnest(enum_range(NULL::city.case_source)::text[]) "
        "WITH ORDINALITY AS s (code, place)"),
    Dimension.MODE: text("SELECT place, code, '' FROM unnest(enum_range(NULL::city.case_mode)::text[]) "
        "WITH ORDINALITY AS s (code, place)"),
}  # fmt: skip


def total(
    connection: Connection,
    first: date | None = None,
    last: date | None = None,
    *,
    dimension: Dimension | None = None,
    key: int | str | None = None,
    now: datetime | None = None,
) -> Indicators:
    """Indicators from the day `first` to the day `last`, both included; without them of the whole history.

    Args:
        connection: to the city.
        first: first day, Asia/Shanghai.
        last: last day.
        dimension: what `key` belongs to.
        key: of one zone, department … alone, as `by` gives it.
        now: instant that decides what is overdue; None is the database's clock.
    """
    parts = _ask(connection, "NULL::integer", first, last, dimension, key, now)
    return parts.get(None, Indicators())


def by_period(
    connection: Connection,
    first: date,
    last: date,
    step: Step,
    *,
    dimension: Dimension | None = None,
    key: int | str | None = None,
    now: datetime | None = None,
) -> list[tuple[date, Indicators]]:
    """Indicators of every period between two days, with the day on which it begins; empty periods are there, too.

    Arguments as for `total`. The first and the last period may be cut by `first` and `last`.
    """
    part = {
        Step.DAY: "day",
        Step.WEEK: "date_trunc('week', day)::date",
        Step.MONTH: "date_trunc('month', day)::date",
    }[step]
    found = _ask(connection, part, first, last, dimension, key, now)
    return [(begin, found.get(begin, Indicators())) for begin in periods(first, last, step)]


def by(
    connection: Connection,
    dimension: Dimension,
    first: date | None = None,
    last: date | None = None,
    *,
    now: datetime | None = None,
) -> list[Group]:
    """Indicators of every zone, department, class, source, mode or hour that had cases, in the order of their ids.

    All 24 hours are there, whether they had cases or not. Arguments as for `total`.
    """
    found = _ask(connection, "key", first, last, dimension, None, now)
    if dimension is Dimension.HOUR:
        return [Group(hour, "", "", found.get(hour, Indicators())) for hour in range(24)]
    names = {row[0]: (row[1], row[2]) for row in connection.execute(_NAMES[dimension])}
    coded = dimension in {Dimension.SOURCE, Dimension.MODE}
    groups = []
    for key in sorted(found, key=lambda key: (key < 0, key)):
        name, name_en = names.get(key, ("", ""))
        shown = None if key < 0 else name if coded else key
        groups.append(Group(shown, "" if coded else name, name_en, found[key]))
    return groups


def own_part(connection: Connection) -> Part | None:
    """The part of the city whose figures concern whoever asks: his department or zone; None for the centre."""
    seen = Seen.by(connection)
    if seen.department_id is not None:
        return Part(Dimension.DEPARTMENT, seen.department_id)
    return None if seen.zone_id is None else Part(Dimension.ZONE, seen.zone_id)


def today(connection: Connection, day: date, *, part: Part | None = None, now: datetime | None = None) -> Today:
    """The strip of figures of `day`, which is the day of `now` (Asia/Shanghai); all of the same `part`, None is all."""

    def counted(first: date | None = None, last: date | None = None) -> Indicators:
        if part is None:
            return total(connection, first, last, now=now)
        return total(connection, first, last, dimension=part.dimension, key=part.key, now=now)

    before = counted(day - timedelta(days=USUAL_DAYS), day - timedelta(days=1))
    in_hand = connection.execute(
        text(f"""
            SELECT count(*) AS open, count(*) FILTER (WHERE due_at <= coalesce(:now, now())) AS overdue,
                count(*) FILTER (WHERE warn_at <= coalesce(:now, now()) AND due_at > coalesce(:now, now())) AS due_soon
            FROM city.case_file WHERE is_open {_of(part)}
        """),  # noqa: S608 - names of ours
        {"now": now, **_key(part)},
    ).one()
    return Today(
        day=counted(day, day),
        usual={name: getattr(before, name) / USUAL_DAYS for name in _COUNTS},
        whole=counted(),
        open=in_hand.open,
        overdue=in_hand.overdue,
        due_soon=in_hand.due_soon,
    )


def hours(connection: Connection, day: date, *, part: Part | None = None, until_hour: int = 23) -> list[HourCount]:
    """Cases reported in each hour of `day` against a usual day; hours after `until_hour` have not begun.

    Args:
        connection: to the city.
        day: Asia/Shanghai.
        part: one zone or department alone, whose cases are counted themselves: no count is kept by hour and part.
        until_hour: the last hour that has begun.
    """
    counts = "SELECT key, reported, day FROM city.case_count WHERE dimension = 'hour'"
    if part is not None:
        counts = f"""
            SELECT extract(hour FROM reported_at AT TIME ZONE 'Asia/Shanghai')::integer AS key, 1 AS reported,
                (reported_at AT TIME ZONE 'Asia/Shanghai')::date AS day
            FROM city.case_file
            WHERE reported_at < (CAST(:day AS timestamp) + interval '1 day') AT TIME ZONE 'Asia/Shanghai'
                AND reported_at >= (CAST(:day AS date) - CAST(:days AS integer))::timestamp AT TIME ZONE 'Asia/Shanghai'
                {_of(part)}
        """  # noqa: S608 - names of ours
    found = connection.execute(
        text(f"""
            SELECT key AS hour, coalesce(sum(reported) FILTER (WHERE day = :day), 0)::integer AS today,
                coalesce(sum(reported) FILTER (WHERE day < :day), 0)::integer AS before
            FROM ({counts}) AS counted
            WHERE day BETWEEN CAST(:day AS date) - CAST(:days AS integer) AND :day
            GROUP BY key
        """),  # noqa: S608 - a text of ours
        {"day": day, "days": USUAL_DAYS, **_key(part)},
    )
    counted = {row.hour: row for row in found}
    return [
        HourCount(
            hour=hour,
            today=None if hour > until_hour else counted[hour].today if hour in counted else 0,
            usual=counted[hour].before / USUAL_DAYS if hour in counted else 0.0,
        )
        for hour in range(24)
    ]


def hours_by_zone(connection: Connection, day: date) -> dict[int, list[int]]:
    """Cases reported in each of the 24 hours of `day` (Asia/Shanghai), by id of the zone; every zone is there."""
    found = connection.execute(
        text("""
            SELECT z.id, extract(hour FROM f.reported_at AT TIME ZONE 'Asia/Shanghai')::integer AS hour,
                count(f.id) AS cases
            FROM city.zone AS z
            LEFT JOIN city.case_file AS f ON f.zone_id = z.id
                AND f.reported_at >= CAST(:day AS timestamp) AT TIME ZONE 'Asia/Shanghai'
                AND f.reported_at < (CAST(:day AS timestamp) + interval '1 day') AT TIME ZONE 'Asia/Shanghai'
            GROUP BY z.id, hour ORDER BY z.id
        """),
        {"day": day},
    )
    counted: dict[int, list[int]] = {}
    for row in found:
        hours_of_zone = counted.setdefault(row.id, [0] * 24)
        if row.hour is not None:
            hours_of_zone[row.hour] = row.cases
    return counted


def periods(first: date, last: date, step: Step) -> list[date]:
    """The days on which the periods between two days begin; the first may lie before `first`."""
    begins = []
    begin = first
    if step is Step.WEEK:
        begin = first - timedelta(days=first.weekday())
    elif step is Step.MONTH:
        begin = first.replace(day=1)
    while begin <= last:
        begins.append(begin)
        if step is Step.MONTH:
            begin = (begin + timedelta(days=31)).replace(day=1)
        else:
            begin += timedelta(days=7 if step is Step.WEEK else 1)
    return begins


def _of(part: Part | None) -> str:
    """The condition, to be added to others, that a row of ``city.case_file`` is of `part`; its value is `_key`."""
    return "" if part is None else f"AND {_COLUMN[part.dimension]} = :key"


def _key(part: Part | None) -> dict[str, int]:
    return {} if part is None else {"key": part.key}


def _ask(
    connection: Connection,
    part: str,
    first: date | None,
    last: date | None,
    dimension: Dimension | None,
    key: int | str | None,
    now: datetime | None,
) -> dict[Any, Indicators]:
    """Indicators by `part`, which is an expression of ours over `key` and `day`."""
    values = {
        "dimension": "all" if dimension is None else dimension.value,
        "key": _number(connection, dimension, key),
        "first": first,
        "last": last,
        "now": now,
    }
    found: dict[Any, Indicators] = {}
    counted = connection.execute(text(f"SELECT {part} AS part, {_SUMS} {_COUNTED} GROUP BY part"), values)
    for row in counted:
        found[row[0]] = Indicators(*row[1:])
    for row in connection.execute(text(f"SELECT {part} AS part, {_LATE} {_OVERDUE} GROUP BY part"), values):
        late = Indicators(to_dispose_overdue=row[1], to_close_overdue=row[2])
        found[row[0]] = found.get(row[0], Indicators()) + late
    return found


def _number(connection: Connection, dimension: Dimension | None, key: int | str | None) -> int | None:
    """The key as ``city.case_day`` stores it: codes of sources and modes by their place."""
    if dimension is None or key is None or isinstance(key, int):
        return None if dimension is None or key is None else int(key)
    places = {row[1]: row[0] for row in connection.execute(_NAMES[dimension])}
    place: int = places[key]
    return place


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
