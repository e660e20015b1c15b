"""Faults of the driver and the server, turned into sentences in one place.

Three kinds matter to callers and have classes of their own: the database is away (`DatabaseAway`: wait and try
again), the statement was stopped (`Cancelled`: say nothing) and a rule of the city said no (`Refused`: show it).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import errorcodes

from console.database.vocabulary import spoken
from console.errors import QT_TRANSLATE_NOOP, ConsoleError, translate

if TYPE_CHECKING:
    from collections.abc import Callable

RULE_CLASS = "CT"  # SQLSTATE class of the errors that our SQL functions raise


class DatabaseAway(ConsoleError):  # noqa: N818 - a state that callers wait out, not an error of theirs
    """The server cannot be reached, or the connection broke."""


class Cancelled(ConsoleError):  # noqa: N818 - the wish of whoever asked
    """The statement was stopped on request."""


class Refused(ConsoleError):  # noqa: N818 - named for what the database did
    """A rule that the database enforces does not allow this.

    Attributes:
        code: SQLSTATE, of class CT.
        values: of the sentence's fields, as the database gives them: moves, states, roles and fields as codes.
    """

    def __init__(self, template: str, *, code: str, **values: object) -> None:
        super().__init__(template, **spoken(values, "en"))
        self.values = values
        self.code = code

    def text(self, language: str) -> str:
        """The sentence in `language`, with words for codes."""
        return translate(self.template, language).format(**spoken(self.values, language))


def explain(fault: BaseException, server: str) -> ConsoleError | None:
    """The sentence for a driver's `fault`; None when it is a fault of ours, such as a syntax error.

    Args:
        fault: what psycopg2 raised.
        server: the address without password, as the reader knows it.
    """
    if not isinstance(fault, psycopg2.Error):
        return None
    code = fault.pgcode or ""
    sentence = _SENTENCES.get(code)
    if code.startswith(RULE_CLASS):
        return _refused(fault, code)
    if code == errorcodes.QUERY_CANCELED:
        return _cancelled(fault)
    if sentence is None and code.startswith(("08", "57P")):
        sentence = _away
    if sentence is None and not code and isinstance(fault, (psycopg2.OperationalError, psycopg2.InterfaceError)):
        sentence = _unconnected
    return sentence(_words(fault), server) if sentence else None


def _words(fault: psycopg2.Error) -> str:
    """The server's first line; libpq puts one before it for each address it tried."""
    primary = fault.diag.message_primary if fault.pgcode else None
    if primary:
        return primary
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(fault).__name__


def _refused(fault: psycopg2.Error, code: str) -> ConsoleError:
    template = fault.diag.message_primary or ""
    try:
        values = json.loads(fault.diag.message_detail or "{}")
        return Refused(template, code=code, **values)
    except (ValueError, TypeError, KeyError, IndexError):
        # A message that does not keep to the form is still better shown than swallowed.
        return Refused("{message}", code=code, message=template)


def _cancelled(fault: psycopg2.Error) -> ConsoleError:
    words = fault.diag.message_primary or ""
    if "timeout" in words or "超时" in words:
        return ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "The database took too long to answer and was stopped. Narrow the filter or try again."
            )
        )
    return Cancelled(QT_TRANSLATE_NOOP("errors", "The query was stopped on request."))


def _unconnected(words: str, server: str) -> ConsoleError:
    """A connection that was never made or broke: the server sends no code then, only words."""
    lower = words.lower()
    for marks, sentence in _WORDS:
        if all(mark in lower for mark in marks):
            return sentence(words, server)
    return _away(words, server)


def _away(words: str, server: str) -> ConsoleError:
    return DatabaseAway(
        QT_TRANSLATE_NOOP(
            "errors",
            "The database at {server} cannot be reached: {reason}. Check that it runs and that the address is right.",
        ),
        server=server,
        reason=words,
    )


def _crowded(_words: str, server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors", "The database at {server} has no connection left. Close a console or raise its max_connections."
        ),
        server=server,
    )


def _no_right(words: str, _server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "Your role does not allow this: {reason}. Ask the administrator for the right."),
        reason=words,
    )


def _full(_words: str, server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "The disk of the database at {server} is full; nothing of this change was kept. Free some space there.",
        ),
        server=server,
    )


def _contended(_words: str, _server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors", "Somebody else was changing the same thing at that moment. Nothing was kept; try again."
        )
    )


def _read_only(_words: str, server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors", "The database at {server} only lets us read. Add target_session_attrs=read-write to the URL."
        ),
        server=server,
    )


def _no_database(_words: str, server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "The server {server} has no such database. Check the name at the end of the URL."),
        server=server,
    )


def _no_login(_words: str, server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "The database at {server} refused the user name or the password."), server=server
    )


def _no_password(_words: str, server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors", "The database at {server} asks for a password; add it to the URL or to the file ~/.pgpass."
        ),
        server=server,
    )


def _shut_out(_words: str, server: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "The server {server} does not let this computer in (pg_hba.conf). Ask its administrator for access.",
        ),
        server=server,
    )


_SENTENCES: dict[str, Callable[[str, str], ConsoleError]] = {
    errorcodes.INSUFFICIENT_PRIVILEGE: _no_right,
    errorcodes.DISK_FULL: _full,
    errorcodes.TOO_MANY_CONNECTIONS: _crowded,
    errorcodes.LOCK_NOT_AVAILABLE: _contended,
    errorcodes.DEADLOCK_DETECTED: _contended,
    errorcodes.SERIALIZATION_FAILURE: _contended,
    errorcodes.READ_ONLY_SQL_TRANSACTION: _read_only,
    errorcodes.INVALID_CATALOG_NAME: _no_database,
    errorcodes.INVALID_PASSWORD: _no_login,
    errorcodes.INVALID_AUTHORIZATION_SPECIFICATION: _no_login,
}

# What a server says before it knows who asks, in English and Chinese; the first entry whose marks all occur counts.
_WORDS: tuple[tuple[tuple[str, ...], Callable[[str, str], ConsoleError]], ...] = (
    (("password authentication failed",), _no_login),
    (("认证失败",), _no_login),
    (("no password supplied",), _no_password),
    (("database", "does not exist"), _no_database),
    (("数据库", "不存在"), _no_database),
    (("role", "does not exist"), _no_login),
    (("角色", "不存在"), _no_login),
    (("pg_hba.conf",), _shut_out),
    (("too many clients",), _crowded),
    (("connection slots",), _crowded),
)
