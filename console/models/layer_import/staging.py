"""The rows of a file beside those of the database: completed, judged, compared and written.

All of it happens in one transaction and in statements over whole sets.

The rules are not repeated here. They are read from the catalogue of the database, so that a constraint that is added
there judges imports from that moment on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg2 import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from console.database.bulk import copy_into
from console.database.faults import Refused
from console.errors import QT_TRANSLATE_NOOP
from console.models.layer_import import rules
from console.models.layer_import.verdicts import Reason, Remarks, excerpt, reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from console.models.layer_import.fields import Table

MOST_FAILURES = 50
"""Rows that the database itself may refuse while it writes before the rest is given up."""
_FAULTS_OF_ROWS = ("22", "23", "P0", "CT")  # SQLSTATE classes: data, integrity, raised by a function, our rules
_RANGES: dict[str, tuple[float, float]] = {
    "int2": (-(2**15), 2**15 - 1),
    "int4": (-(2**31), 2**31 - 1),
    "float4": (-3.4e38, 3.4e38),
}


@dataclass(frozen=True)
class Column:
    """One column of the target as the catalogue knows it."""

    name: str
    type: str
    mandatory: bool
    default: str | None
    generated: bool
    identity: bool


@dataclass(frozen=True)
class Change:
    """What a row would do: nothing known before (`new`), or the fields that differ, as text before and after."""

    new: bool
    fields: Mapping[str, tuple[str, str]]


def columns_of(connection: Connection, table: Table) -> dict[str, Column]:
    """The columns of a table of schema city, by name."""
    rows = connection.execute(rules.COLUMNS, {"table": f"city.{table.name}"})
    return {row.name: Column(*row) for row in rows}


def mandatory_columns(table: Table, known: Mapping[str, Column]) -> list[str]:
    """Columns that a file must fill: they may not be empty, and nothing else fills them."""
    return [
        c.name
        for c in known.values()
        if c.mandatory
        and not (c.generated or c.identity or c.default)
        and c.name not in table.derived
        and c.name != "geom"
    ]


class Staging:
    """The rows of one file in a temporary table of the transaction.

    Args:
        connection: in a transaction, which the caller commits or rolls back.
        table: the target.
        known: its columns.
    """

    def __init__(self, connection: Connection, table: Table, known: Mapping[str, Column]) -> None:
        self._connection = connection
        self._table = table
        self._known = known
        self._given: list[str] = []

    def load(self, values: Mapping[str, NDArray[np.object_]], remarks: Remarks) -> None:
        """Take in the sound rows; `values` holds the columns that the file fills, geometry included."""
        self._given = list(values)
        for name, column in values.items():
            self._refuse_out_of_range(name, column, remarks)
        rows = np.flatnonzero(remarks.sound)
        target = sql.Identifier("city", self._table.name)
        # One import at a time, and nobody edits between the comparison and the writing; readers go on.
        self._execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(target))
        self._execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.incoming"))
        self._execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS "
                "SELECT NULL::integer AS row_number, t.* FROM {} t WITH NO DATA"
            ).format(target)
        )
        filled = {
            name: column[rows].astype("M8[D]") if self._known[name].type == "date" else column[rows]
            for name, column in values.items()
        }
        copy_into(self._connection, "pg_temp.incoming", {"row_number": rows.astype(np.int32), **filled})
        self._execute(
            sql.SQL(
                "CREATE UNIQUE INDEX ON pg_temp.incoming (row_number); CREATE INDEX ON pg_temp.incoming ({})"
            ).format(sql.Identifier(self._table.key))
        )
        self._execute(sql.SQL("ANALYZE pg_temp.incoming"))

    def complete(self, snap_m: float | None, remarks: Remarks) -> None:
        """Fill what the file lacks: by place, by code, by the defaults of the table."""
        for rule in rules.DERIVED.get(self._table.name, ()):
            if rule.column not in self._given:
                self._execute(sql.SQL(rule.statement))
                self._given.append(rule.column)
        if self._table.name == "pipe":
            self._join_pipes(snap_m, remarks)
        for name in self._given:
            column = self._known[name]
            if column.mandatory and column.default:
                self._execute(
                    sql.SQL("UPDATE pg_temp.incoming SET {c} = {value} WHERE {c} IS NULL").format(
                        c=sql.Identifier(name), value=sql.SQL(column.default)
                    )
                )
        for column in self._known.values():
            if column.generated and column.default:
                self._execute(
                    sql.SQL("UPDATE pg_temp.incoming SET {} = {}").format(
                        sql.Identifier(column.name), sql.SQL(column.default)
                    )
                )

    def _join_pipes(self, snap_m: float | None, remarks: Remarks) -> None:
        """Tie the ends of pipes to manholes: find them by place, move ends onto them, turn pipes drawn upstream."""
        if snap_m is not None:
            for end, column in (("ST_StartPoint", "from_manhole"), ("ST_EndPoint", "to_manhole")):
                self._execute(sql.SQL(rules.SNAP.replace("{end}", end).replace("{column}", column)), {"within": snap_m})
                if column not in self._given:
                    self._given.append(column)
        turned = self._connection.execute(text(rules.TURN)).scalars().all()
        remarks.note(
            turned, reason(QT_TRANSLATE_NOOP("errors", "drawn against the flow from its first manhole; turned round"))
        )
        if snap_m is not None:
            self._execute(sql.SQL(rules.MOVE_ENDS), {"within": snap_m})

    def judge(self, remarks: Remarks, most_away_m: float) -> None:
        """Put a fault on every row that breaks a rule of the table, and take it out of the import."""
        self._judge_empty(remarks)
        self._judge_checks(remarks)
        self._judge_references(remarks)
        for found in rules.FAULTS.get(self._table.name, ()):
            rows = self._connection.execute(text(found.query), {"away": most_away_m})
            for row in rows.mappings():
                values = {k: v for k, v in row.items() if k != "row_number"}
                remarks.fault([row["row_number"]], reason(found.template, **values))
        self._connection.execute(
            text("DELETE FROM pg_temp.incoming WHERE row_number = ANY(:bad)"),
            {"bad": np.flatnonzero(~remarks.sound).tolist()},
        )
        for found in rules.NOTES.get(self._table.name, ()):
            for row in self._connection.execute(text(found.query)).mappings():
                values = {k: v for k, v in row.items() if k != "row_number"}
                remarks.note([row["row_number"]], reason(found.template, **values))

    def _judge_empty(self, remarks: Remarks) -> None:
        for column in self._known.values():
            if not column.mandatory or (column.name not in self._given and (column.identity or column.default)):
                continue
            rows = self._select(
                sql.SQL("SELECT row_number FROM pg_temp.incoming WHERE {} IS NULL").format(sql.Identifier(column.name))
            )
            remarks.fault(
                [row[0] for row in rows],
                reason(QT_TRANSLATE_NOOP("errors", "{field} is missing and cannot be found out"), field=column.name),
            )

    def _judge_checks(self, remarks: Remarks) -> None:
        """Every CHECK constraint of the target, asked of the rows that have not been written yet."""
        for name, expression, names in self._connection.execute(
            rules.CHECKS, {"table": f"city.{self._table.name}"}
        ).all():
            shown = [n for n in names if n != "geom"]
            values = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(n)) for n in shown)
            rows = self._select(
                sql.SQL("SELECT row_number, ARRAY[{}]::text[] FROM pg_temp.incoming WHERE ({}) IS FALSE").format(
                    values, sql.SQL(expression)
                )
            )
            for row, found in rows:
                remarks.fault([row], _broken_check(name, expression, shown, found))

    def _judge_references(self, remarks: Remarks) -> None:
        for name, target, target_column in self._connection.execute(
            rules.REFERENCES, {"table": f"city.{self._table.name}"}
        ).all():
            rows = self._select(
                sql.SQL(
                    "SELECT row_number, {c}::text FROM pg_temp.incoming i WHERE {c} IS NOT NULL"
                    " AND NOT EXISTS (SELECT FROM {t} t WHERE t.{k} = i.{c})"
                ).format(c=sql.Identifier(name), t=sql.SQL(target), k=sql.Identifier(target_column))
            )
            for row, value in rows:
                remarks.fault(
                    [row],
                    reason(
                        QT_TRANSLATE_NOOP("errors", "{field}: there is no {target} “{value}”"),
                        field=name,
                        target=target.removeprefix("city."),
                        value=value,
                    ),
                )

    def compare(self) -> dict[int, Change]:
        """What each row would do, by row number; rows that would do nothing have no fields."""
        self._execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.comparison"))
        compared = [name for name in self._given if name not in (self._table.key, "geom")]
        pairs: list[sql.Composable] = [
            sql.SQL(
                "{n}, CASE WHEN t.{c} IS DISTINCT FROM i.{c} THEN jsonb_build_array(t.{c}::text, i.{c}::text) END"
            ).format(n=sql.Literal(name), c=sql.Identifier(name))
            for name in compared
        ]
        pairs.append(sql.SQL(rules.MOVED))
        self._execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE comparison ON COMMIT DROP AS "
                "SELECT i.row_number, t.{key} IS NULL AS new, jsonb_strip_nulls(jsonb_build_object({pairs})) AS fields "
                "FROM pg_temp.incoming i LEFT JOIN {target} t ON t.{key} = i.{key}"
            ).format(
                key=sql.Identifier(self._table.key),
                pairs=sql.SQL(", ").join(pairs),
                target=sql.Identifier("city", self._table.name),
            )
        )
        rows = self._select(
            sql.SQL("SELECT row_number, new, CASE WHEN NOT new THEN fields END FROM pg_temp.comparison")
        )
        return {
            row: Change(new, {k: (old or "", value or "") for k, (old, value) in (fields or {}).items()})
            for row, new, fields in rows
        }

    def write(self, remarks: Remarks) -> None:
        """Insert what is new and update what differs; rows that the database refuses get its words as their fault."""
        rows = [
            row[0]
            for row in self._select(
                sql.SQL("SELECT row_number FROM pg_temp.comparison WHERE new OR fields <> '{}' ORDER BY row_number")
            )
        ]
        pending = [rows] if rows else []
        failures = 0
        while pending:
            part = pending.pop()
            words = self._try_to_write(part)
            if words is None:
                continue
            if len(part) > 1:  # halve until the row is found; what is sound stays written
                pending += [part[len(part) // 2 :], part[: len(part) // 2]]
                continue
            failures += 1
            remarks.fault(part, words)
            if failures == MOST_FAILURES:
                left = [row for rest in pending for row in rest]
                remarks.fault(
                    left, reason(QT_TRANSLATE_NOOP("errors", "not tried: too many rows before it were refused"))
                )
                return

    def _try_to_write(self, rows: Sequence[int]) -> Reason | None:
        updated = [name for name in self._given if name != self._table.key]
        statement = sql.SQL(
            "INSERT INTO {target} ({columns}) SELECT {columns} FROM pg_temp.incoming"
            " WHERE row_number BETWEEN %(first)s AND %(last)s AND row_number IN"
            " (SELECT row_number FROM pg_temp.comparison WHERE new OR fields <> '{{}}')"
            " ON CONFLICT ({key}) DO UPDATE SET {updates}"
        ).format(
            target=sql.Identifier("city", self._table.name),
            columns=sql.SQL(", ").join(map(sql.Identifier, self._given)),
            key=sql.Identifier(self._table.key),
            updates=sql.SQL(", ").join(
                sql.SQL("{c} = excluded.{c}").format(c=sql.Identifier(name)) for name in updated
            ),
        )
        try:
            with self._connection.begin_nested():
                self._execute(statement, {"first": rows[0], "last": rows[-1]})
                self._execute(sql.SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        except Refused as fault:
            return Reason(fault.template, fault.values)
        except DBAPIError as fault:
            code = getattr(fault.orig, "pgcode", None) or ""
            if not code.startswith(_FAULTS_OF_ROWS):
                raise
            diagnosis = getattr(fault.orig, "diag", None)
            words = ". ".join(
                filter(None, (getattr(diagnosis, "message_primary", ""), getattr(diagnosis, "message_detail", "")))
            )
            return reason(QT_TRANSLATE_NOOP("errors", "the database refuses it: {words}"), words=words)
        return None

    def _refuse_out_of_range(self, name: str, column: NDArray[np.object_], remarks: Remarks) -> None:
        bounds = _RANGES.get(self._known[name].type)
        if bounds is None:
            return
        low, high = bounds
        far = [row for row, value in enumerate(column) if value is not None and not low <= value <= high]
        remarks.fault(far, reason(QT_TRANSLATE_NOOP("errors", "{field} is a number out of all bounds"), field=name))

    def _execute(self, statement: sql.Composable, values: Mapping[str, Any] | None = None) -> None:
        self._run(statement, values)

    def _select(self, statement: sql.Composable) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._run(statement, None).all()]

    def _run(self, statement: sql.Composable, values: Mapping[str, Any] | None) -> Any:
        """A statement composed of quoted names, past SQLAlchemy's own parameters, with its translation of faults."""
        driver: Any = self._connection.connection.driver_connection
        return self._connection.exec_driver_sql(
            statement.as_string(driver),
            dict(values) if values else None,
            execution_options={"no_parameters": not values},
        )


def _broken_check(name: str, expression: str, names: Sequence[str], values: Sequence[str | None]) -> Reason:
    if "is_placed" in expression:
        return reason(
            QT_TRANSLATE_NOOP("errors", "lies outside the area of use of EPSG:4546 (109.5–112.5° E) or is not valid")
        )
    found = ", ".join(f"{n} = {v if v is not None else '-'}" for n, v in zip(names, values, strict=True))
    return Reason(
        QT_TRANSLATE_NOOP("errors", "{found} breaks the rule {rule}"),
        {"found": excerpt(found, 200), "rule": f"{expression} ({name})"},
    )
