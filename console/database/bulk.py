"""The fast way into large tables: binary COPY of whole columns, with indexes and keys built once at the end."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import psycopg2
from psycopg2 import sql
from sqlalchemy import text

from console.database.connection import server_name
from console.database.copy_format import HEADER, TRAILER, assemble
from console.database.copy_types import Coded, Joined, Points, Target, encoder
from console.database.faults import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.database.copy_format import Encoder

    Column: TypeAlias = NDArray[Any] | Sequence[Any] | Coded | Joined | Points

__all__ = ["Coded", "Joined", "Points", "bulk_load", "copy_into"]

ROWS_A_CHUNK = 8192
_LARGEST_CHUNK = 64 << 20  # bytes of the padded table; a chunk with a huge value is halved until it fits
_PIECE = 1 << 18  # bytes that go to the driver at once
_BUILD_MEMORY = "512MB"

_TARGETS = text("""
    WITH RECURSIVE base AS (
        SELECT a.attname, a.attnum, t.oid, t.typname, t.typtype, t.typcategory, t.typelem, t.typbasetype,
               CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = CAST(:table AS regclass) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        UNION ALL
        SELECT b.attname, b.attnum, t.oid, t.typname, t.typtype, t.typcategory, t.typelem, t.typbasetype,
               CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE b.modifier END
        FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
    )
    SELECT b.attname, coalesce(e.typname, b.typname), b.modifier, coalesce(e.oid::bigint, 0),
           coalesce(e.typtype, b.typtype) = 'e'
    FROM base b LEFT JOIN pg_type e ON b.typcategory = 'A' AND e.oid = b.typelem
    WHERE b.typtype <> 'd'
""")

# Secondary indexes: neither a constraint's nor one that a foreign key leans on nor a part of a partitioned one.
_INDEXES = text("""
    SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '),
           obj_description(i.indexrelid, 'pg_class')
    FROM pg_index i
    WHERE i.indrelid = ANY (CAST(:tables AS regclass[])) AND NOT i.indisprimary AND NOT i.indisreplident
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
      AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
    ORDER BY i.indexrelid
""")

_FOREIGN_KEYS = text("""
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')
    FROM pg_constraint
    WHERE contype = 'f' AND conparentid = 0 AND conrelid = ANY (CAST(:tables AS regclass[]))
    ORDER BY oid
""")

# Those before the insertion of a row (tgtype: 1 row, 2 before, 4 insert) are dropped and made again: even when disabled
# they keep COPY from writing whole pages, and frozen pages from counting as vacuumed.
_TRIGGERS = text("""
    SELECT tgrelid::regclass::text, tgname, tgenabled,
           CASE WHEN tgtype & 7 = 7 THEN pg_get_triggerdef(oid) END, obj_description(oid, 'pg_trigger')
    FROM pg_trigger
    WHERE NOT tgisinternal AND tgparentid = 0 AND tgenabled <> 'D' AND tgrelid = ANY (CAST(:tables AS regclass[]))
    ORDER BY oid
""")

_SEQUENCES = text("""
    SELECT c.oid::regclass::text, a.attname, pg_get_serial_sequence(c.oid::regclass::text, a.attname)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid = ANY (CAST(:tables AS regclass[]))
      AND pg_get_serial_sequence(c.oid::regclass::text, a.attname) IS NOT NULL
""")

_ENABLE = {"O": "ENABLE TRIGGER", "R": "ENABLE REPLICA TRIGGER", "A": "ENABLE ALWAYS TRIGGER"}


def copy_into(connection: Connection, table: str, columns: Mapping[str, Column], *, freeze: bool = False) -> int:
    """Append whole columns to a table by binary COPY, in the transaction of `connection`.

    What a column may be, by the type of its target (a domain counts as what lies below it):

    - numbers and bool: arrays of the kind, or objects; NaN is NULL; a number out of range is refused
    - ``timestamptz``: datetime64 of any unit, in UTC; ``date``: datetime64[D]; ``time``, ``interval``: timedelta64
    - text, varchar, char and enumerations: str in object or string arrays, None is NULL
    - ``jsonb``, ``json``: texts of JSON, or values that are written as JSON; ``uuid``: objects, or bytes (n × 16)
    - arrays of the above: object arrays of sequences; arrays of numbers also as `Joined`
    - ``geometry``: `Points`, or shapely objects; coordinates in EPSG:4546, metres
    - any of them as `Coded`; masked values of numpy's masked arrays and NaT are NULL

    Args:
        connection: its transaction takes the rows; nothing is committed here.
        table: name with schema, such as ``city.case_file``.
        columns: what to fill, all of one length; columns that are not named take their defaults.
        freeze: write the rows as already vacuumed; allowed when the table was made or truncated in this transaction
            and is not partitioned.

    Returns:
        How many rows were written.

    Raises:
        ConsoleError: the disk is full, the server went away, we lack the right.
        KeyError: the table has no such column.
        TypeError: a column does not go into the type of its target.
        ValueError: a value does not fit, or lengths differ.
    """
    known = {row[0]: Target(*row) for row in connection.execute(_TARGETS, {"table": table})}
    targets = [known[name] for name in columns]
    rows = len(next(iter(columns.values()))) if columns else 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary{})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", FREEZE true") if freeze else sql.SQL(""),
    )
    with _driver_cursor(connection) as cursor, ThreadPoolExecutor(1, "copy-encoder") as worker:
        stream = _Stream(worker, encode(targets, list(columns.values()), rows))
        try:
            cursor.copy_expert(statement, stream, _PIECE)
        except psycopg2.Error:
            if stream.fault is not None:  # the driver tells of it as text only
                raise stream.fault from None
            raise
    return rows


@contextlib.contextmanager
def bulk_load(connection: Connection, tables: Sequence[str], *, truncate: bool = False) -> Iterator[None]:
    """Take secondary indexes, foreign keys and triggers off `tables`, and put them back when the block has ended.

    All happens in the transaction of `connection`: whatever fails, the tables are as before once it is rolled back.
    The keys that come back are checked against every row; sequences of identity columns are moved past the rows,
    and the planner's statistics are renewed. Our triggers do not see the rows.

    Args:
        connection: its transaction holds locks on the tables until its end.
        tables: names with schema; a partitioned table stands for its partitions.
        truncate: empty the tables first; `copy_into` may freeze their rows then.

    Raises:
        ConsoleError: as `copy_into`.
        psycopg2.IntegrityError: the rows break a key.
    """
    named = {"tables": list(tables)}
    indexes = connection.execute(_INDEXES, named).all()
    keys = connection.execute(_FOREIGN_KEYS, named).all()
    triggers = connection.execute(_TRIGGERS, named).all()
    with _driver_cursor(connection) as cursor:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", (_BUILD_MEMORY,))
        cursor.execute("SELECT set_config('statement_timeout', '0', true)")
        for table, name, _definition, _words in keys:
            cursor.execute(_alter(table, "DROP CONSTRAINT", name))
        for table, name, _mode, definition, _words in triggers:
            gone = sql.SQL("DROP TRIGGER {} ON {}").format(sql.Identifier(name), sql.SQL(table))
            cursor.execute(_alter(table, "DISABLE TRIGGER", name) if definition is None else gone)
        if indexes:
            cursor.execute("DROP INDEX " + ", ".join(row[0] for row in indexes))
        if truncate:
            cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(_name, tables))))
    yield
    with _driver_cursor(connection) as cursor:
        for name, definition, words in indexes:
            cursor.execute(definition)
            if words is not None:
                cursor.execute(sql.SQL("COMMENT ON INDEX {} IS {}").format(sql.SQL(name), sql.Literal(words)))
        # First the statistics: the check of a key is a join, and its plan needs them.
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(map(_name, tables))))
        for table, name, definition, words in keys:
            cursor.execute(_alter(table, "ADD CONSTRAINT", name) + sql.SQL(" " + definition))
            if words is not None:
                on = sql.SQL("COMMENT ON CONSTRAINT {} ON {} IS {}")
                cursor.execute(on.format(sql.Identifier(name), sql.SQL(table), sql.Literal(words)))
        for trigger in triggers:
            _put_back_trigger(cursor, *trigger)
    for table, column, sequence in connection.execute(_SEQUENCES, named).all():
        with _driver_cursor(connection) as cursor:
            cursor.execute(
                sql.SQL(
                    "SELECT setval({}, greatest(max({}), (SELECT last_value FROM {}))) FROM {} HAVING count(*) > 0"
                ).format(sql.Literal(sequence), sql.Identifier(column), sql.SQL(sequence), sql.SQL(table))
            )


def encode(targets: Sequence[Target], columns: Sequence[Any], rows: int) -> Iterator[bytes]:
    """The stream for ``COPY … FROM STDIN (FORMAT binary)``, in chunks of bounded size.

    Raises:
        TypeError: a column's kind does not go into its target's type.
        ValueError: a value does not fit, or the columns differ in length.
    """
    encoders: list[Encoder] = []
    for target, column in zip(targets, columns, strict=True):
        if len(column) != rows:
            raise ValueError(f"column {target.name} has {len(column)} values where others have {rows}")
        encoders.append(encoder(target, column))
    yield HEADER
    pending = [(start, min(start + ROWS_A_CHUNK, rows)) for start in range(0, rows, ROWS_A_CHUNK)][::-1]
    prefix = np.array([len(targets)], ">i2").view(np.uint8)
    while pending:
        start, stop = pending.pop()
        cells = [encode_column(start, stop) for encode_column in encoders]
        if sum(cell.width + 4 for cell in cells) * (stop - start) > _LARGEST_CHUNK and stop - start > 1:
            middle = (start + stop) // 2
            pending += [(middle, stop), (start, middle)]
            continue
        yield assemble(cells, stop - start, prefix)[0].tobytes()
    yield TRAILER


class _Stream:
    """What the driver reads: while it sends one chunk, the next is encoded in the worker."""

    def __init__(self, worker: ThreadPoolExecutor, chunks: Iterator[bytes]) -> None:
        self.fault: Exception | None = None  # of the encoder
        self._worker = worker
        self._chunks = chunks
        self._coming = worker.submit(next, chunks, b"")
        self._chunk = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        if self._at >= len(self._chunk):
            try:
                self._chunk = self._coming.result()
            except (TypeError, ValueError, OverflowError) as fault:
                self.fault = fault
                raise
            self._at = 0
            if not self._chunk:
                return b""
            self._coming = self._worker.submit(next, self._chunks, b"")
        piece = self._chunk[self._at : self._at + size]
        self._at += len(piece)
        return piece


@contextlib.contextmanager
def _driver_cursor(connection: Connection) -> Iterator[Any]:
    """The driver's cursor: for COPY, and for definitions in which SQLAlchemy would take ``%`` for a parameter."""
    driver: Any = connection.connection
    try:
        with driver.cursor() as cursor:
            yield cursor
    except psycopg2.Error as fault:
        sentence = explain(fault, server_name(connection.engine.url))
        if sentence is None:
            raise
        raise sentence from fault


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def _put_back_trigger(cursor: Any, table: str, name: str, mode: str, definition: str | None, words: str | None) -> None:
    """Make a dropped trigger again, and let it fire as before."""
    if definition is not None:
        cursor.execute(definition)
        if words is not None:
            on = sql.SQL("COMMENT ON TRIGGER {} ON {} IS {}")
            cursor.execute(on.format(sql.Identifier(name), sql.SQL(table), sql.Literal(words)))
    cursor.execute(_alter(table, _ENABLE[mode], name))


def _alter(table: str, action: str, name: str) -> sql.Composed:
    """`table` comes from ``regclass`` and is quoted already."""
    return sql.SQL("ALTER TABLE {} {} {}").format(sql.SQL(table), sql.SQL(action), sql.Identifier(name))
