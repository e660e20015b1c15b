"""Fills an empty database with the demonstration city.

First the ground, to which everything else refers, in one transaction, which also strips the tables of histories. Then
the histories of trucks, sensors and cases beside each other, each in a transaction of its own, while the next one is
generated; their indexes on several connections at once as soon as the rows are in; last their keys. The setting
``demonstration`` says ``filling`` from the first commit and ``complete`` from the last: a seeding that failed or was
killed counts as none, and the next one starts afresh with a schema that is made anew.
"""

from __future__ import annotations

import json
import logging
import queue
import sys
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg2 import sql
from sqlalchemy import text

from console.database.bulk import Coded, Points, bulk_load, copy_into, empty
from console.database.migrations import make_anew, require_head
from console.database.stripping import move_sequences, put_back, renew_statistics, strip
from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.simulation.generator.assumptions import store
from console.simulation.generator.city import HISTORIES, Step, generate_city
from console.simulation.generator.emptiness import TABLES, first_filled, is_half_filled
from console.simulation.generator.logins import create_logins
from console.simulation.generator.scale import FULL, SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Self

    from sqlalchemy import Connection, Engine

    from console.database.stripping import Piece, Stripped
    from console.simulation.generator.city import Part
    from console.simulation.generator.tables import Table

SCALES = {scale.name: scale for scale in (FULL, SMALL)}
# That load and build side by side: one more than the cores of the smallest machine, for one often waits for the disk.
CONNECTIONS = 3
# Seconds that a thread keeps the interpreter while others wait: those that feed the server need it often and briefly.
TURN_S = 0.001
KEYS = 0.06  # share of the whole time that the keys of the histories take, in the end
WHOLE_INDEX = 4  # times as long takes an index of all rows as one of some
# Tables in partitions, with the numpy unit of their length and the ending of their names (Asia/Shanghai).
_PARTITIONED = {"vehicle_fix": "D", "sensor_reading": "M"}
_LOCAL_OFFSET = np.timedelta64(8, "h")  # Asia/Shanghai has no daylight saving time
_LOCK = 0x73656564  # “seed” in ASCII: the advisory lock that one seeding at a time holds
_WITH_REFERRING = text("""
    WITH RECURSIVE emptied (oid) AS (
        SELECT to_regclass('city.' || name)::oid FROM unnest(CAST(:tables AS text[])) AS name
        UNION
        SELECT c.conrelid FROM emptied JOIN pg_constraint AS c ON c.confrelid = emptied.oid AND c.contype = 'f'
    )
    SELECT relname::text FROM pg_class WHERE oid IN (SELECT oid FROM emptied) AND NOT relispartition
""")
_log = logging.getLogger(__name__)


def _silently(_step: Step, _share: float) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class City:
    """Which city is made: the same scale, seed and end give the same rows.

    Attributes:
        scale: name of a size, ``full`` or ``small``.
        seed: of all chance.
        end: last moment of the city's history, a whole minute.
    """

    scale: str
    seed: int
    end: datetime

    @classmethod
    def of(cls, scale: str = "full", seed: int = 1, end: datetime | None = None) -> City:
        """The city that ends at `end`, rounded down to the minute; now without it."""
        return cls(scale, seed, (end or datetime.now(UTC)).replace(second=0, microsecond=0))

    def parts(self) -> Iterator[Part]:
        """Generate it, part by part."""
        return generate_city(SCALES[self.scale], self.seed, self.end)

    @property
    def record(self) -> dict[str, object]:
        """What the settings of the database say about it."""
        return {"scale": self.scale, "seed": self.seed, "end": self.end.isoformat()}


def ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """`parts`, generated in a thread from now on, whether they are asked for or not."""
    made: queue.SimpleQueue[Part | BaseException | None] = queue.SimpleQueue()

    def make() -> None:
        try:
            for part in parts:
                made.put(part)
        except BaseException as fault:  # noqa: BLE001 - it is raised where the parts are asked for
            made.put(fault)
        else:
            made.put(None)

    threading.Thread(target=make, name="city-generator", daemon=True).start()

    def come() -> Iterator[Part]:
        while (part := made.get()) is not None:
            if isinstance(part, BaseException):
                raise part
            yield part

    return come()


def seed(
    engine: Engine,
    scale: str = "full",
    seed: int = 1,
    end: datetime | None = None,
    progress: Callable[[Step, float], None] = _silently,
) -> None:
    """Fill an empty, migrated database with the demonstration city of this scale, seed and end: see `City` and `fill`.

    Raises:
        ConsoleError: as `fill`.
    """
    city = City.of(scale, seed, end)
    fill(engine, city, city.parts(), progress)


def fill(
    engine: Engine, city: City, parts: Iterator[Part], progress: Callable[[Step, float], None] = _silently
) -> None:
    """Fill an empty, migrated database with a demonstration city.

    The login of `engine` owns the schema and may make roles.

    Args:
        engine: to the database.
        city: which one.
        parts: of it, as they are generated.
        progress: told what is being loaded and how much of the whole is done, 0 to 1; called from another thread.

    Raises:
        ConsoleError: the database holds data already, its schema is not the newest, the login may not make roles, the
            disk is full, or the server went away.
    """
    require_head(engine)
    begun = time.monotonic()
    turn = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    # The guard's transaction holds the lock and nothing else; it ends with us, however we end.
    with engine.begin() as guard:
        _without_limits(guard)
        guard.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _clear(engine)
        try:
            _Seeding(engine, city.record, _Progress(progress)).load(parts)
            with engine.begin() as connection:
                _without_limits(connection)
                create_logins(connection)
                _conclude(connection, city.record)
        except Exception:
            with suppress(ConsoleError):  # the server that failed us may have gone; then the next seeding does it
                _start_over(engine)
            raise
        finally:
            sys.setswitchinterval(turn)
    progress(list(Step)[-1], 1.0)
    _log.info("the %s city was made in %.1f s", city.scale, time.monotonic() - begun)


class _Progress:
    """Adds up what several threads have done, and tells it one at a time."""

    def __init__(self, tell: Callable[[Step, float], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._done = 0.0

    def add(self, step: Step, share: float) -> None:
        """`share` of the whole was done for `step`."""
        with self._lock:
            self._done += share
            self._tell(step, min(self._done, 1.0))


class _Tasks:
    """What is done on several threads; a task may add others. Leaving the block waits for all."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, name)
        self._tasks: list[Future[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    @property
    def has_failed(self) -> bool:
        """Whether a task has raised something."""
        return any(task.done() and not task.cancelled() and task.exception() for task in self._tasks)

    def add(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do `work` as soon as a thread is free."""
        task = self._pool.submit(work, *arguments)
        self._tasks.append(task)
        return task

    def finish(self) -> None:
        """Wait until everything is done, or something has failed; raise what it raised."""
        while pending := [task for task in self._tasks if not task.done()]:
            wait(pending, return_when=FIRST_EXCEPTION)
            if self.has_failed:
                break
        for task in self._tasks:
            if task.done():
                task.result()
        self._tasks.clear()


class _Seeding:
    """Loads the parts of one city."""

    def __init__(self, engine: Engine, city: dict[str, object], progress: _Progress) -> None:
        self._engine = engine
        self._city = city
        self._progress = progress

    def load(self, parts: Iterator[Part]) -> None:
        """Load `parts`: ground in the order of their coming, the others side by side as soon as the ground is there."""
        ground: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        with _Tasks(CONNECTIONS, "city-loader") as tasks:
            laid = tasks.add(self._lay_ground, ground)
            try:
                for part in parts:
                    _log.info("%s generated", part.step.name)
                    if part.is_ground:
                        ground.put(part)
                    else:
                        ground.put(None)
                        tasks.add(self._load_history, tasks, part, laid)
                    if tasks.has_failed:
                        break
            finally:
                ground.put(None)
            tasks.finish()
            # A key locks both its tables against all but reading, so each table puts back its own one by one. They
            # refer to each other in one direction, so that nobody waits in a circle.
            stripped: Stripped = laid.result()
            step, share = list(Step)[-1], KEYS / len(stripped.keys)
            for table in HISTORIES:
                tasks.add(
                    self._put_back_each, [key for key in stripped.keys if key.table == f"city.{table}"], step, share
                )
            tasks.finish()
            with self._engine.begin() as connection:
                put_back(connection, stripped.triggers)

    def _lay_ground(self, parts: queue.SimpleQueue[Part | None]) -> Stripped:
        with self._engine.begin() as connection:
            _without_limits(connection)
            _empty_all(connection)
            _mark(connection, self._city | {"state": "filling"})
            stripped = strip(connection, [f"city.{table}" for table in HISTORIES])
            while (part := parts.get()) is not None:
                store(connection, part.assumptions)
                begun = time.monotonic()
                with bulk_load(connection, [f"city.{table}" for table in part.tables]):
                    self._copy(connection, part)
                _log.info("%s: loaded in %.1f s", part.step.name, time.monotonic() - begun)
        return stripped

    def _load_history(self, tasks: _Tasks, part: Part, laid: Future[Stripped]) -> None:
        """Copy the rows of `part`; what follows from them becomes tasks."""
        stripped = laid.result()
        tables = [f"city.{table}" for table in part.tables]
        begun = time.monotonic()
        with self._engine.begin() as connection:
            _without_limits(connection)
            empty(connection, tables)
            self._copy(connection, part)
            move_sequences(connection, tables)
        with self._engine.begin() as connection:
            _without_limits(connection)
            renew_statistics(connection, tables)
        _log.info("%s: copied in %.1f s", part.step.name, time.monotonic() - begun)
        indexes = [piece for piece in stripped.indexes if piece.table in tables]
        costs = [1 if index.is_partial else WHOLE_INDEX for index in indexes]
        unit = part.following / (sum(costs) + WHOLE_INDEX * (part.derived is not None)) if costs else part.following
        if part.derived is not None:
            tasks.add(self._derive, part.derived, part.step, WHOLE_INDEX * unit)
        for index, cost in zip(indexes, costs, strict=True):
            tasks.add(self._put_back_each, [index], part.step, cost * unit)

    def _put_back_each(self, pieces: list[Piece], step: Step, share: float) -> None:
        """Put back `pieces`, each in a transaction of its own and for `share` of the whole."""
        for piece in pieces:
            with self._engine.begin() as connection:
                _without_limits(connection)
                put_back(connection, [piece])
            self._progress.add(step, share)

    def _derive(self, statement: str, step: Step, share: float) -> None:
        with self._engine.begin() as connection:
            _without_limits(connection)
            connection.execute(text(statement))
        self._progress.add(step, share)

    def _copy(self, connection: Connection, part: Part) -> None:
        total = sum(_length(columns) for columns in part.tables.values()) or 1
        self._progress.add(part.step, 0.0)

        def told(rows: int) -> None:
            self._progress.add(part.step, part.share * rows / total)

        for table, columns in part.tables.items():
            for target, rows, freeze in _targets(connection, table, columns):
                copy_into(connection, target, rows, freeze=freeze, told=told)


def _without_limits(connection: Connection) -> None:
    """Let statements take their time; we build beside each other ourselves, so that the server need not."""
    limits = {
        "lock_timeout": "0",
        "statement_timeout": "0",
        "max_parallel_maintenance_workers": "0",
        "work_mem": "128MB",
    }
    for name, value in limits.items():
        connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})


def _clear(engine: Engine) -> None:
    """Make sure that the database is empty, or empty it of a seeding that did not come to its end."""
    with engine.connect() as connection:
        filled = first_filled(connection)
        half = is_half_filled(connection)
    if half:
        _start_over(engine)
    elif filled is not None:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "The database already holds data (table {table}); the demonstration city is only put into an empty "
                "one. Nothing was changed.",
            ),
            table=f"city.{filled}",
        )


def _start_over(engine: Engine) -> None:
    """Make the schema anew if it was left half-filled: it may lack indexes, keys and triggers as well as rows."""
    with engine.connect() as connection:
        if not is_half_filled(connection):
            return
    make_anew(engine)


def _empty_all(connection: Connection) -> None:
    """Empty every table, so that its rows can be copied as frozen."""
    # What people add to a city, such as their saved filters, goes with the rows that it refers to.
    tables = connection.scalars(_WITH_REFERRING, {"tables": list(TABLES)})
    names = sql.SQL(", ").join(sql.Identifier("city", table) for table in tables)
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))


def _targets(connection: Connection, table: str, columns: Table) -> Iterator[tuple[str, Table, bool]]:
    """Where to copy which rows, and whether they may be frozen; partitions are filled one by one."""
    unit = _PARTITIONED.get(table)
    if unit is None:
        yield f"city.{table}", columns, table in TABLES
        return
    local = columns["at"] + _LOCAL_OFFSET
    if len(local) == 0:
        return
    period = local.astype(f"M8[{unit}]")
    connection.execute(
        text("SELECT city.ensure_partitions(:first, :last)"),
        {"first": local[0].astype("M8[D]").item(), "last": local[-1].astype("M8[D]").item()},
    )
    changes = np.flatnonzero(period[1:] != period[:-1]) + 1
    for low, high in pairwise((0, *changes.tolist(), len(period))):
        ending = str(period[low]).replace("-", "")
        yield f"city.{table}_{ending}", {name: _rows(column, low, high) for name, column in columns.items()}, True


def _rows(column: Any, low: int, high: int) -> Any:
    if isinstance(column, Coded):
        return Coded(column.codes[low:high], column.words)
    if isinstance(column, Points):
        return Points(column.x[low:high], column.y[low:high])
    return column[low:high]


def _length(columns: Table) -> int:
    return len(next(iter(columns.values())))


def _mark(connection: Connection, city: dict[str, object]) -> None:
    """Say in the settings what kind of city this is, and whether it is complete."""
    connection.execute(
        text(
            "INSERT INTO city.setting (name, value, assumed, source)"
            " VALUES ('demonstration', CAST(:city AS jsonb), false, 'project')"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        {"city": json.dumps(city)},
    )


def _conclude(connection: Connection, city: dict[str, object]) -> None:
    """What the schema derives from the rows, and word to whoever listens."""
    connection.execute(text("SELECT city.refresh_working_time()"))
    _mark(connection, city | {"state": "complete"})
    connection.execute(
        text(
            "INSERT INTO city.change_log (subject, key, kind, detail)"
            " VALUES ('city', 'demonstration', 'insert', CAST(:city AS jsonb))"
        ),
        {"city": json.dumps(city)},
    )
    connection.execute(text("SELECT pg_notify('city_change', '')"))
