"""The public tables, views, types and functions in words, from their comments in the database.

``python -m console.database describe`` prints it as Markdown; ``docs/schema.md`` is that output.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLUMNS = text("""
    SELECT c.relname AS relation, c.relkind = 'v' AS is_view, obj_description(c.oid, 'pg_class') AS words,
           a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS mandatory,
           col_description(c.oid, a.attnum) AS column_words
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'city'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
    ORDER BY c.relname, a.attnum
""")
_FUNCTIONS = text("""
    SELECT p.proname, pg_get_function_identity_arguments(p.oid), obj_description(p.oid, 'pg_proc')
    FROM pg_proc p WHERE p.pronamespace = 'city'::regnamespace AND p.prorettype <> 'trigger'::regtype
    ORDER BY p.proname, 2
""")
_TYPES = text("""
    SELECT t.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder), obj_description(t.oid, 'pg_type')
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
    WHERE t.typnamespace = 'city'::regnamespace GROUP BY t.oid ORDER BY t.typname
""")


def describe(connection: Connection) -> str:
    """The reference of schema city as Markdown."""
    lines = ["# Schema city", "", "Printed by `python -m console.database describe`.", "", "## Tables and views"]
    for relation, rows in groupby(connection.execute(_COLUMNS).all(), lambda row: str(row.relation)):
        columns = list(rows)
        is_view = columns[0].is_view
        lines += ["", f"### {relation}{' (view)' if is_view else ''}", columns[0].words or "", ""]
        lines += ["| column | type | holds |", "|---|---|---|"]
        for row in columns:
            kind = f"{_short(row.type)}{'' if row.mandatory or is_view else ', may be empty'}"
            lines.append(f"| {row.name} | {kind} | {_cell(row.column_words)} |")
    lines += ["", "## Functions", "", "| function | arguments | does |", "|---|---|---|"]
    lines += [
        f"| {name} | {_cell(_short(arguments))} | {_cell(words)} |"
        for name, arguments, words in connection.execute(_FUNCTIONS)
    ]
    lines += ["", "## Codes", "", "| type | codes | meaning |", "|---|---|---|"]
    lines += [f"| {name} | {codes} | {_cell(words)} |" for name, codes, words in connection.execute(_TYPES)]
    return "\n".join(lines) + "\n"


def _short(kind: str) -> str:
    return (
        kind.replace("timestamp with time zone", "timestamptz")
        .replace("time without time zone", "time")
        .replace("double precision", "float8")
        .replace("city.", "")
        .replace("public.", "")
    )


def _cell(words: str | None) -> str:
    return (words or "").replace("|", "\\|").replace("\n", " ")
