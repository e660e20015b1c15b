"""How numbers, times and ages are written, everywhere the same."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from datetime import timedelta

CITY_TIME = ZoneInfo("Asia/Shanghai")
NONE = "—"


def city_time(at: float) -> datetime:
    """The moment in the city that is so many seconds after 1970 (UTC)."""
    return datetime.fromtimestamp(at, CITY_TIME)


def count(value: float | None) -> str:
    """A number of things, with thousands separators."""
    return NONE if value is None else f"{value:,.0f}"


def things(n: int, one: str, many: str, **values: object) -> str:
    """A sentence about `n` things: `one` when it is a single one, else `many`, in both of which ``{n}`` is the number.

    Both are translated as whole sentences: no language has to make the other out of one.
    """
    return (one if n == 1 else many).format(n=count(n), **values)


def number(value: float | None, decimals: int = 1, unit: str = "") -> str:
    """A measured number with its unit."""
    if value is None:
        return NONE
    return f"{value:,.{decimals}f} {unit}".rstrip()


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of one as percent."""
    return NONE if share is None else f"{share * 100:.{decimals}f}%"


def distance(metres: float | None) -> str:
    """Metres below one kilometre, kilometres above."""
    if metres is None:
        return NONE
    return f"{metres:.0f} m" if abs(metres) < 1000 else f"{metres / 1000:,.1f} km"


def clock(at: datetime | None, *, seconds: bool = False) -> str:
    """Time of day in the city."""
    return NONE if at is None else at.astimezone(CITY_TIME).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at: datetime | None) -> str:
    """Date and time in the city."""
    return NONE if at is None else at.astimezone(CITY_TIME).strftime("%Y-%m-%d %H:%M")


def short_moment(at: datetime | None, now: datetime) -> str:
    """Time of day for today, else with month and day."""
    if at is None:
        return NONE
    local = at.astimezone(CITY_TIME)
    return local.strftime("%H:%M" if local.date() == now.astimezone(CITY_TIME).date() else "%m-%d %H:%M")


def hours(span: timedelta | None) -> str:
    """A span as ``hh:mm``, ``d`` days above two days; with a minus sign when it is past."""
    if span is None:
        return NONE
    total = int(span.total_seconds() // 60) if span.total_seconds() >= 0 else -int(-span.total_seconds() // 60)
    sign, minutes = ("−" if total < 0 else ""), abs(total)
    if minutes >= 48 * 60:
        pattern = QCoreApplication.translate("figures", "{days} d {hours} h")
        return sign + pattern.format(days=minutes // 1440, hours=minutes % 1440 // 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def span(time: timedelta) -> str:
    """How long something took, in its two coarsest units."""
    seconds = max(0, int(time.total_seconds()))
    minutes, days = seconds // 60, seconds // 86400
    if seconds < 60:
        return QCoreApplication.translate("figures", "{n} s").format(n=seconds)
    if seconds < 3600:
        return QCoreApplication.translate("figures", "{n} min").format(n=minutes)
    if days == 0:
        return QCoreApplication.translate("figures", "{hours} h {minutes} min").format(
            hours=minutes // 60, minutes=minutes % 60
        )
    return QCoreApplication.translate("figures", "{days} d {hours} h").format(days=days, hours=minutes % 1440 // 60)


def age(span: timedelta | None) -> str:
    """How old something is, in the coarsest unit that still tells."""
    if span is None:
        return NONE
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return QCoreApplication.translate("figures", "{n} s").format(n=seconds)
    if seconds < 3600:
        return QCoreApplication.translate("figures", "{n} min").format(n=seconds // 60)
    if seconds < 48 * 3600:
        return QCoreApplication.translate("figures", "{n} h").format(n=seconds // 3600)
    return QCoreApplication.translate("figures", "{n} d").format(n=seconds // 86400)
