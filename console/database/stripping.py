"""Takes off tables what slows their filling, and puts it back: secondary indexes, foreign keys and triggers.

Each is built or checked once over all rows, which costs a fraction of doing so row by row. What was taken off is put
back in any transaction, and several connections can put back side by side: `Stripped` says what may run beside what.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql
from sqlalchemy import text

from console.database.connection import server_name
from console.database.faults import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

_BUILD_MEMORY = "512MB"

# Secondary indexes: neither a constraint's nor one that a foreign key leans on nor a part of a partitioned one. Those
# that take longest to build come first.
_INDEXES = text("""
    SELECT t.name, i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '),
           obj_description(i.indexrelid, 'pg_class'), i.indpred IS NOT NULL
    FROM unnest(CAST(:tables AS text[])) AS t (name) JOIN pg_index i ON i.indrelid = CAST(t.name AS regclass)
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
    WHERE NOT i.indisprimary AND NOT i.indisreplident
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
      AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
    ORDER BY m.amname = 'gin' DESC, m.amname = 'gist' DESC, i.indpred IS NULL DESC, i.indnatts DESC, i.indexrelid
""")

_FOREIGN_KEYS = text("""
    SELECT t.name, c.conname, pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint')
    FROM unnest(CAST(:tables AS text[])) AS t (name) JOIN pg_constraint c ON c.conrelid = CAST(t.name AS regclass)
    WHERE c.contype = 'f' AND c.conparentid = 0
    ORDER BY c.oid
""")

# Those before the insertion of a row (tgtype: 1 row, 2 before, 4 insert) are dropped and made again: even when disabled
# they keep COPY from writing whole pages, and frozen pages from counting as vacuumed.
_TRIGGERS = text("""
    SELECT t.name, g.tgname, g.tgenabled,
           CASE WHEN g.tgtype & 7 = 7 THEN pg_get_triggerdef(g.oid) END, obj_description(g.oid, 'pg_trigger')
    FROM unnest(CAST(:tables AS text[])) AS t (name) JOIN pg_trigger g ON g.tgrelid = CAST(t.name AS regclass)
    WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND g.tgenabled <> 'D'
    ORDER BY g.oid
""")

_SEQUENCES = text("""
    SELECT t.name, a.attname, pg_get_serial_sequence(t.name, a.attname)
    FROM unnest(CAST(:tables AS text[])) AS t (name) JOIN pg_attribute a ON a.attrelid = CAST(t.name AS regclass)
    WHERE a.attnum > 0 AND NOT a.attisdropped AND pg_get_serial_sequence(t.name, a.attname) IS NOT NULL
""")

_ENABLE = {"O": "ENABLE TRIGGER", "R": "ENABLE REPLICA TRIGGER", "A": "ENABLE ALWAYS TRIGGER"}


@dataclass(frozen=True)
class Piece:
    """One thing that was taken off a table.

    Attributes:
        table: its name with schema.
        statements: put it back.
        is_partial: whether it is an index of some rows only.
    """

    table: str
    statements: tuple[sql.Composable, ...]
    is_partial: bool = False


@dataclass(frozen=True)
class Stripped:
    """What was taken off some tables.

    Attributes:
        indexes: any number of them can be built beside each other.
        keys: foreign keys; each locks both its tables against writes, indexes and statistics, and wants statistics.
        triggers: they see what is written from then on.
    """

    indexes: tuple[Piece, ...]
    keys: tuple[Piece, ...]
    triggers: tuple[Piece, ...]


def strip(connection: Connection, tables: Sequence[str]) -> Stripped:
    """Take secondary indexes, foreign keys and triggers off `tables`, in the transaction of `connection`.

    Args:
        connection: its transaction holds locks on the tables, and on those that their keys refer to, until its end.
        tables: names with schema; a partitioned table stands for its partitions.

    Raises:
        ConsoleError: we lack the right, or the server went away.
    """
    named = {"tables": list(tables)}
    indexes = connection.execute(_INDEXES, named).all()
    keys = connection.execute(_FOREIGN_KEYS, named).all()
    triggers = connection.execute(_TRIGGERS, named).all()
    with driver_cursor(connection) as cursor:
        for table, name, _definition, _words in keys:
            cursor.execute(_alter(table, "DROP CONSTRAINT", name))
        for table, name, _mode, definition, _words in triggers:
            gone = sql.SQL("DROP TRIGGER {} ON {}").format(sql.Identifier(name), identifier(table))
            cursor.execute(_alter(table, "DISABLE TRIGGER", name) if definition is None else gone)
        if indexes:
            cursor.execute("DROP INDEX " + ", ".join(row[1] for row in indexes))
    return Stripped(
        tuple(_index(*row) for row in indexes),
        tuple(_key(*row) for row in keys),
        tuple(_trigger(*row) for row in triggers),
    )


def put_back(connection: Connection, pieces: Iterable[Piece]) -> None:
    """Put `pieces` back, in the transaction of `connection`; keys are checked against every row.

    Raises:
        ConsoleError: the disk is full, the server went away.
        psycopg2.IntegrityError: the rows break a key.
    """
    with driver_cursor(connection) as cursor:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", (_BUILD_MEMORY,))
        for piece in pieces:
            for statement in piece.statements:
                cursor.execute(statement)


def move_sequences(connection: Connection, tables: Sequence[str]) -> None:
    """Move the sequences of identity columns past the rows of `tables`.

    Raises:
        ConsoleError: the server went away.
    """
    sequences = connection.execute(_SEQUENCES, {"tables": list(tables)}).all()
    with driver_cursor(connection) as cursor:
        for table, column, sequence in sequences:
            cursor.execute(
                sql.SQL(
                    "SELECT setval({}, greatest(max({}), (SELECT last_value FROM {}))) FROM {} HAVING count(*) > 0"
                ).format(sql.Literal(sequence), sql.Identifier(column), sql.SQL(sequence), identifier(table))
            )


def renew_statistics(connection: Connection, tables: Sequence[str]) -> None:
    """Renew the planner's statistics of `tables`.

    In a transaction after that of the rows: in the same one the server would take them for changed since, and do it
    again by itself within a minute.

    Raises:
        ConsoleError: the server went away.
    """
    with driver_cursor(connection) as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(map(identifier, tables))))


def identifier(table: str) -> sql.Identifier:
    """The quoted name of a table that is named with its schema."""
    return sql.Identifier(*table.split("."))


@contextlib.contextmanager
def driver_cursor(connection: Connection) -> Iterator[Any]:
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


def _index(table: str, name: str, definition: str, words: str | None, is_partial: bool) -> Piece:
    on = sql.SQL("COMMENT ON INDEX {} IS {}")
    comment = () if words is None else (on.format(sql.SQL(name), sql.Literal(words)),)
    return Piece(table, (sql.SQL(definition), *comment), is_partial)


def _key(table: str, name: str, definition: str, words: str | None) -> Piece:
    on = sql.SQL("COMMENT ON CONSTRAINT {} ON {} IS {}")
    comment = () if words is None else (on.format(sql.Identifier(name), identifier(table), sql.Literal(words)),)
    return Piece(table, (_alter(table, "ADD CONSTRAINT", name) + sql.SQL(" " + definition), *comment))


def _trigger(table: str, name: str, mode: str, definition: str | None, words: str | None) -> Piece:
    """A dropped trigger is made again, and fires as before."""
    statements: list[sql.Composable] = []
    if definition is not None:
        statements.append(sql.SQL(definition))
        if words is not None:
            on = sql.SQL("COMMENT ON TRIGGER {} ON {} IS {}")
            statements.append(on.format(sql.Identifier(name), identifier(table), sql.Literal(words)))
    return Piece(table, (*statements, _alter(table, _ENABLE[mode], name)))


def _alter(table: str, action: str, name: str) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} {} {}").format(identifier(table), sql.SQL(action), sql.Identifier(name))
