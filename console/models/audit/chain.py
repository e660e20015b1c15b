"""The chain of the audit trail: sealing, heads, and what of it does not hold.

A head is the last link of a day: it stands for every entry up to it, and kept outside of the server it proves the trail
even against whoever can forge the whole of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.database.verification import Finding
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

_HEADS = text("""
    SELECT day, entries, head FROM city.audit_day WHERE day >= :since
    UNION ALL
    SELECT day, seq, link FROM city.audit_seal
    WHERE day >= :since AND NOT EXISTS (SELECT FROM city.audit_day AS d WHERE d.day = audit_seal.day)
    ORDER BY day
""")
_BREACHES = text("SELECT kind, day, seq, audit_id FROM city.audit_breaches(:day)")
_LINK = text("SELECT link FROM city.audit_link WHERE day = :day AND seq = :entries")
_FACT = "The audit trail leads to the heads that were kept outside."


@dataclass(frozen=True)
class Head:
    """Where the chain stood when a day was closed, or at the last sealing of a day that is still open.

    Attributes:
        day: of the chain, in the city's time.
        entries: how many entries the day had by then.
        link: the last link, 32 bytes.
    """

    day: date
    entries: int
    link: bytes

    def line(self) -> str:
        """As it is printed and kept: day, entries and link in hexadecimal digits."""
        return f"{self.day.isoformat()} {self.entries} {self.link.hex()}"


@dataclass(frozen=True)
class Breach:
    """Something of the trail that is not as it was sealed.

    Attributes:
        kind: ``altered``, ``moved`` (it says what another entry of the day said), ``missing``, ``inserted`` (past the
            triggers), ``unchained`` (the link does not follow from the one before), ``day`` (head or order of days).
        day: of the chain.
        place: in the day; None for what has none.
        entry: number of the entry; None when nothing is left of it.
    """

    kind: str
    day: date
    place: int | None
    entry: int | None


def breaches(connection: Connection, day: date | None = None) -> list[Breach]:
    """Every breach of the chain of a day, or of all days; an unbroken chain has none."""
    rows = connection.execute(_BREACHES, {"day": day})
    return [Breach(row.kind, row.day, row.seq, row.audit_id) for row in rows]


def seal(connection: Connection) -> int:
    """Chain the entries that came since the last sealing; returns how many. To be called once a minute."""
    return int(connection.execute(text("SELECT city.seal_audit()")).scalar_one())


def heads(connection: Connection, since: date = date.min) -> list[Head]:
    """The head of each day from `since` on, the oldest first; the last is that of a day that may still grow."""
    return [Head(row.day, row.entries, bytes(row.head)) for row in connection.execute(_HEADS, {"since": since})]


def read_heads(path: Path) -> list[Head]:
    """Heads from a file with the lines of `Head.line`; empty lines and those that begin with ``#`` are passed over.

    Raises:
        ConsoleError: the file cannot be read, or a line is no head.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The file {path} cannot be read: {reason}."),
            path=path,
            reason=getattr(fault, "strerror", None) or str(fault),
        ) from fault
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            day, entries, link = line.split()
            found.append(Head(date.fromisoformat(day), int(entries), bytes.fromhex(link)))
        except ValueError as fault:
            raise ConsoleError(
                QT_TRANSLATE_NOOP(
                    "errors",
                    "Line {line} of {path} is no head of the audit trail: a day, a number and 64 hexadecimal digits "
                    "are wanted, as “python -m console.database audit-heads” prints them.",
                ),
                line=number,
                path=path,
            ) from fault
    return found


def kept_head_findings(connection: Connection, kept: Iterable[Head]) -> Iterator[Finding]:
    """Whether the chain still leads to heads that were kept outside; asked of ``verify``."""
    for head in kept:
        begin = time.perf_counter()
        link = connection.execute(_LINK, {"day": head.day, "entries": head.entries}).scalar()
        is_kept = link is not None and bytes(link) == head.link
        seconds = time.perf_counter() - begin
        figure = f"head of audit day {head.day} after {head.entries} entries"
        yield Finding("audit_heads", _FACT, figure, float(is_kept), 1.0, 1.0, "", None, seconds)
