"""Connections to the city's database: one factory, one set of time-outs, statements that can be stopped."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import psycopg2
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from console.database.faults import Cancelled, explain
from console.database.tuning import TIME_ZONE
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - a class, misnamed by its library
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.engine import ExceptionContext

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 60
LOCK_TIMEOUT_S = 10
# A broken line is noticed after 10 + 3 · 3 s of silence, or 15 s after something that was sent is not acknowledged.
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
READERS = 4  # connections kept for reads; one more serves the lane of writes
_SCHEMES = {"postgresql", "postgres", "postgresql+psycopg2"}


def normalise(url: str) -> URL:
    """`url` in the form that SQLAlchemy takes for psycopg2.

    ``postgresql://`` and ``postgres://`` are accepted, also with several hosts in the libpq manner
    (``//a:5432,b:5432/city``) or in the query (``?host=a:5432&host=b:5432``).

    Raises:
        ConsoleError: it is no PostgreSQL URL.
    """
    try:
        parsed = make_url(_hosts_to_query(url.strip()))
    except (ArgumentError, ValueError) as fault:
        raise _no_url() from fault
    if parsed.drivername not in _SCHEMES:
        raise _no_url()
    return parsed.set(drivername="postgresql+psycopg2")


def server_name(url: URL) -> str:
    """What people call the server: host, port and database, never the password."""
    hosts = url.query.get("host", url.host or "localhost")
    place = hosts if isinstance(hosts, str) else ",".join(hosts)
    port = f":{url.port}" if url.port else ""
    return f"{place}{port}/{url.database or ''}"


def url_of(engine: Engine) -> str:
    """The whole URL of `engine`, password included, for whoever opens a connection of its own (feed, child process)."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def connect(
    url: str,
    *,
    application: str = "console",
    statement_timeout_s: float = STATEMENT_TIMEOUT_S,
    readers: int = READERS,
) -> Engine:
    """An engine whose faults are `ConsoleError`s; nothing is connected yet.

    Args:
        url: of the database, in any form that `normalise` takes.
        application: name that the server shows for our connections.
        statement_timeout_s: seconds after which the server stops a statement; 0 never does.
        readers: connections kept besides the one for writes.

    Raises:
        ConsoleError: `url` is no PostgreSQL URL.
    """
    parsed = normalise(url)
    engine = create_engine(
        parsed,
        connect_args=_driver_arguments(parsed, application, statement_timeout_s),
        pool_pre_ping=True,  # a connection that broke while it rested is replaced unseen
        pool_size=readers + 1,
        max_overflow=readers,
        pool_timeout=CONNECT_TIMEOUT_S * 2,
        pool_use_lifo=True,
    )
    server = server_name(parsed)

    def translate(context: ExceptionContext) -> BaseException | None:
        if context.is_pre_ping:
            return None  # the pool replaces the connection itself
        return explain(context.original_exception, server)

    event.listen(engine, "handle_error", translate, retval=True)
    for moment in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(engine, moment, _at_statement)
    return engine


def _at_statement(connection: Connection, *_statement: object) -> None:
    """Call what the option ``at_statements`` of the connection names, before and after each statement."""
    if (called := connection.get_execution_options().get("at_statements")) is not None:
        called()


def connect_listener(url: str, *, application: str = "console feed") -> DriverConnection:
    """A bare autocommit connection outside every pool, for LISTEN.

    Raises:
        ConsoleError: the server cannot be reached or does not let us in.
    """
    parsed = normalise(url)
    try:
        # The dialect spells hosts, ports and options as libpq wants them, just as for an engine.
        _, place = parsed.get_dialect()().create_connect_args(parsed)
        connection: DriverConnection = psycopg2.connect(
            **{**place, **_driver_arguments(parsed, application, STATEMENT_TIMEOUT_S)}
        )
    except psycopg2.Error as fault:
        sentence = explain(fault, server_name(parsed))
        if sentence is None:
            raise
        raise sentence from fault
    connection.autocommit = True
    return connection


class Cancellation:
    """A switch that any thread may press to stop the statements that run under it.

    Example::

        stop = Cancellation()
        with engine.connect() as connection, stop.over(connection):
            connection.execute(…)     # raises Cancelled once another thread calls stop.cancel()
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._driver: DriverConnection | None = None
        self._pressed = False

    @property
    def pressed(self) -> bool:
        """Whether `cancel` was called."""
        return self._pressed

    def cancel(self) -> None:
        """Stop what runs now and whatever comes under this switch later."""
        with self._lock:
            self._pressed = True
            if self._driver is not None and not self._driver.closed:
                with contextlib.suppress(psycopg2.Error):  # the server has gone: so has the statement
                    self._driver.cancel()

    @contextlib.contextmanager
    def over(self, connection: Connection) -> Iterator[None]:
        """Put the statements of `connection` under the switch; afterwards none of it can be hit any more.

        Raises:
            Cancelled: the switch was pressed.
        """
        driver: Any = connection.connection.driver_connection
        with self._lock:
            self.check()
            self._driver = driver
        try:
            yield
            self.check()
        finally:
            with self._lock:
                self._driver = None

    def check(self) -> None:
        """Go on only if nobody has pressed the switch; between statements there is nothing else to be stopped.

        Raises:
            Cancelled: the switch was pressed.
        """
        if self._pressed:
            raise Cancelled(QT_TRANSLATE_NOOP("errors", "The query was stopped on request."))


def _driver_arguments(url: URL, application: str, statement_timeout_s: float) -> dict[str, Any]:
    options = (
        f"-c statement_timeout={round(statement_timeout_s * 1000)} -c lock_timeout={LOCK_TIMEOUT_S * 1000} "
        f"-c timezone={TIME_ZONE}"
    )
    given = url.query.get("options", "")
    arguments: dict[str, Any] = {
        "application_name": application,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "client_encoding": "UTF8",
        **_KEEPALIVES,
    }
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    # What the URL asks for comes last and wins.
    arguments["options"] = f"{options} {given if isinstance(given, str) else ' '.join(given)}".strip()
    return arguments


def _hosts_to_query(url: str) -> str:
    """Move a list of hosts from the libpq place into the query, where SQLAlchemy wants it."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    login, at, hosts = authority.rpartition("@")
    if not separator or "," not in hosts:
        return url
    path, _, query = path.partition("?")
    listed = "&".join(f"host={host if ':' in host else host + ':5432'}" for host in hosts.split(","))
    return f"{scheme}://{login}{at}{slash or '/'}{path}?{listed}{'&' + query if query else ''}"


def _no_url() -> ConsoleError:
    # The text itself is not repeated: it may hold a password.
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors", "The database address is no PostgreSQL URL; write postgresql://user:password@host:5432/city."
        )
    )
