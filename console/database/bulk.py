"""The fast way into large tables: binary COPY of whole columns, with indexes and keys built once at the end."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import psycopg2
from psycopg2 import sql
from sqlalchemy import text

from console.database.copy_format import HEADER, TRAILER, assemble
from console.database.copy_types import Coded, Joined, Points, Target, encoder
from console.database.stripping import driver_cursor, identifier, move_sequences, put_back, renew_statistics, strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.database.copy_format import Encoder

    Column: TypeAlias = NDArray[Any] | Sequence[Any] | Coded | Joined | Points

__all__ = ["Coded", "Joined", "Points", "bulk_load", "copy_into", "empty"]

ROWS_A_CHUNK = 8192
_LARGEST_CHUNK = 64 << 20  # bytes of the padded table; a chunk with a huge value is halved until it fits
_PIECE = 1 << 20  # bytes that go to the driver at once; for each piece it waits for the interpreter

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


def copy_into(
    connection: Connection,
    table: str,
    columns: Mapping[str, Column],
    *,
    freeze: bool = False,
    told: Callable[[int], None] = lambda _rows: None,
) -> int:
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
        told: called with the number of rows whenever some more are on their way.

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
    with driver_cursor(connection) as cursor, ThreadPoolExecutor(1, "copy-encoder") as worker:
        stream = _Stream(worker, encode(targets, list(columns.values()), rows), told)
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
    stripped = strip(connection, tables)
    if truncate:
        empty(connection, tables)
    yield
    put_back(connection, stripped.indexes)
    # First the statistics: the check of a key is a join, and its plan needs them.
    renew_statistics(connection, tables)
    put_back(connection, (*stripped.keys, *stripped.triggers))
    move_sequences(connection, tables)


def empty(connection: Connection, tables: Sequence[str]) -> None:
    """Empty `tables`, so that rows copied in the same transaction may be frozen, and need no log on our own server.

    Raises:
        ConsoleError: we lack the right.
    """
    with driver_cursor(connection) as cursor:
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(identifier, tables))))


def encode(targets: Sequence[Target], columns: Sequence[Any], rows: int) -> Iterator[tuple[bytes, int]]:
    """The stream for ``COPY … FROM STDIN (FORMAT binary)``, in chunks of bounded size, and how many rows each holds.

    Raises:
        TypeError: a column's kind does not go into its target's type.
        ValueError: a value does not fit, or the columns differ in length.
    """
    encoders: list[Encoder] = []
    for target, column in zip(targets, columns, strict=True):
        if len(column) != rows:
            raise ValueError(f"column {target.name} has {len(column)} values where others have {rows}")
        encoders.append(encoder(target, column))
    yield HEADER, 0
    pending = [(start, min(start + ROWS_A_CHUNK, rows)) for start in range(0, rows, ROWS_A_CHUNK)][::-1]
    prefix = np.array([len(targets)], ">i2").view(np.uint8)
    while pending:
        start, stop = pending.pop()
        cells = [encode_column(start, stop) for encode_column in encoders]
        if sum(cell.width + 4 for cell in cells) * (stop - start) > _LARGEST_CHUNK and stop - start > 1:
            middle = (start + stop) // 2
            pending += [(middle, stop), (start, middle)]
            continue
        yield assemble(cells, stop - start, prefix)[0].tobytes(), stop - start
    yield TRAILER, 0


class _Stream:
    """What the driver reads: while it sends one chunk, the next is encoded in the worker."""

    def __init__(
        self, worker: ThreadPoolExecutor, chunks: Iterator[tuple[bytes, int]], told: Callable[[int], None]
    ) -> None:
        self.fault: Exception | None = None  # of the encoder
        self._worker = worker
        self._chunks = chunks
        self._told = told
        self._coming = worker.submit(next, chunks, (b"", 0))
        self._chunk = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        if self._at >= len(self._chunk):
            try:
                self._chunk, rows = self._coming.result()
            except (TypeError, ValueError, OverflowError) as fault:
                self.fault = fault
                raise
            self._at = 0
            if not self._chunk:
                return b""
            self._coming = self._worker.submit(next, self._chunks, (b"", 0))
            if rows:
                self._told(rows)
        piece = self._chunk[self._at : self._at + size]
        self._at += len(piece)
        return piece
