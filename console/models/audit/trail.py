"""The entries of the audit trail, as supervision reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.models.configuration.references import Reference

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection, Row

SHOWN = 1000
# Names by which a row is known, the most telling first.
_NAMES = ("title", "name", "description", "words", "plate", "file_name", "day", "login", "code")

_DAYS = text("""
    SELECT day, entries, head, true AS is_closed FROM city.audit_day
    UNION ALL
    SELECT day, seq, link, false FROM city.audit_seal
    WHERE day IS NOT NULL AND NOT EXISTS (SELECT FROM city.audit_day AS d WHERE d.day = audit_seal.day)
    ORDER BY day DESC
""")
_POSTS = text("SELECT id, title, title_en, active FROM city.staff")
_IN_SPAN = """
    FROM city.audit_log AS a LEFT JOIN city.staff AS s ON s.login = a.login
    WHERE a.at >= coalesce(CAST(:day AS date)::timestamp AT TIME ZONE 'Asia/Shanghai', '-infinity')
        AND a.at < coalesce((CAST(:day AS date) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', 'infinity')
"""
_WANTED = """
        AND (CAST(:login AS text) IS NULL OR a.login = :login)
        AND (CAST(:subject AS text) IS NULL OR a.subject = :subject)
        AND (:pattern = '%%' OR a.key || ' ' || coalesce(a.reason, '') || ' ' || coalesce(a.before::text, '') || ' '
            || coalesce(a.after::text, '') ILIKE :pattern)
"""
_COLUMNS = """
    SELECT a.id, a.at, a.login, a.client, a.application, a.subject, a.key, a.kind, a.before, a.after, a.reason,
        s.title, s.title_en, l.day AS chain_day, l.seq, l.link,
        CASE WHEN a.subject = 'case_event'
            THEN (SELECT f.case_no FROM city.case_file AS f WHERE f.id = (a.after ->> 'case_id')::bigint) END AS case_no
"""
_WITH_LINK = _IN_SPAN.replace("    WHERE", "    LEFT JOIN city.audit_link AS l ON l.audit_id = a.id WHERE", 1)
_FIND = text(_COLUMNS + _WITH_LINK + _WANTED + "ORDER BY a.id DESC LIMIT :most")
_COUNT = text("SELECT count(*)" + _IN_SPAN + _WANTED)
_LOGINS = text("SELECT DISTINCT a.login, s.title, s.title_en" + _IN_SPAN + "ORDER BY 1")
_SUBJECTS = text("SELECT DISTINCT a.subject" + _IN_SPAN + "ORDER BY 1")


@dataclass(frozen=True)
class Day:
    """A day of the chain.

    Attributes:
        day: in the city's time.
        entries: how many are sealed.
        head: the last link, 32 bytes.
        is_closed: whether it can grow no more.
    """

    day: date
    entries: int
    head: bytes
    is_closed: bool


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; None and an empty text ask nothing.

    Attributes:
        day: in the city's time.
        login: of whoever did it.
        subject: table.
        text: in key, reason, or a value before or after.
    """

    day: date | None = None
    login: str | None = None
    subject: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        id: its number.
        at: when.
        login: who; `title` and `title_en` the post of that login, empty when it has none.
        client: address of the machine, None for the server's own.
        application: name of the program.
        subject: table.
        key: of the row.
        kind: ``insert``, ``update`` or ``delete``.
        name: what the row is known by.
        changes: value before and after of each field that differs; None for no value.
        reason: why, as whoever did it put it; empty when nobody said.
        chain_day: day of the chain that it is sealed in; None while it is not.
        place: in that day.
        link: its link, 32 bytes.
    """

    id: int
    at: datetime
    login: str
    title: str
    title_en: str
    client: str | None
    application: str | None
    subject: str
    key: str
    kind: str
    name: str
    changes: dict[str, tuple[Any, Any]]
    reason: str
    chain_day: date | None
    place: int | None
    link: bytes | None


@dataclass(frozen=True)
class Choices:
    """What occurs: (login, post, post in English), and tables."""

    logins: tuple[tuple[str, str, str], ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The newest of the entries that were asked for, how many there are in all, and what could be asked for."""

    entries: list[Entry]
    total: int
    choices: Choices


def days(connection: Connection) -> list[Day]:
    """The days of the chain, the newest first."""
    return [Day(row.day, row.entries, bytes(row.head), row.is_closed) for row in connection.execute(_DAYS)]


def find(connection: Connection, wanted: Wanted, most: int = SHOWN) -> Found:
    """The newest entries that are asked for, newest first; for supervisors and administrators."""
    escaped = wanted.text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    given = {
        "day": wanted.day, "login": wanted.login, "subject": wanted.subject, "pattern": f"%{escaped}%", "most": most,
    }  # fmt: skip
    entries = [_entry(row) for row in connection.execute(_FIND, given)]
    total = len(entries) if len(entries) < most else int(connection.execute(_COUNT, given).scalar_one())
    choices = Choices(
        tuple((row.login, row.title or "", row.title_en or "") for row in connection.execute(_LOGINS, given)),
        tuple(connection.scalars(_SUBJECTS, given)),
    )
    return Found(entries, total, choices)


def posts(connection: Connection) -> dict[int, Reference]:
    """What the posts are called that entries refer to, by id."""
    return {
        row.id: Reference(row.id, "", row.title, row.title_en, "", "", row.active) for row in connection.execute(_POSTS)
    }


def _entry(row: Row[Any]) -> Entry:
    before, after = row.before or {}, row.after or {}
    return Entry(
        id=row.id,
        at=row.at,
        login=row.login,
        title=row.title or "",
        title_en=row.title_en or "",
        client=row.client,
        application=row.application,
        subject=row.subject,
        key=row.key,
        kind=row.kind,
        name=row.case_no or _name(after or before, row.key),
        changes=_differences(before, after),
        reason=row.reason or "",
        chain_day=row.chain_day,
        place=row.seq,
        link=None if row.link is None else bytes(row.link),
    )


def _name(values: dict[str, Any], key: str) -> str:
    return next((str(values[name]) for name in _NAMES if values.get(name)), key)


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, in the order of the columns; of what was added or removed all that had a value."""
    names = dict.fromkeys([*before, *after])
    values = {name: (before.get(name), after.get(name)) for name in names}
    return {name: (old, new) for name, (old, new) in values.items() if old != new}
