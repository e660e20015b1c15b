"""Alembic's entry: runs the revisions on the connection and inside the transaction that `migrate` opened."""

from __future__ import annotations

from alembic import context

from console.database.migrations import VERSION_SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    version_table_schema=VERSION_SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
