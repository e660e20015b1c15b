"""The schema's revisions, up and down, through Alembic.

The number of the revision in force lies in ``public.city_revision``: not in the schema ``city``, so that the first
revision can be undone by dropping that schema whole, and not under Alembic's own name, so that other programs of a
department's server may use Alembic too. All steps of one call run in one transaction: either all of them or none.

A later start only looks whether the schema is the newest. Alembic, which takes longer to import than that takes, is
imported when there is something to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
from sqlalchemy import text

from console.database.connection import server_name
from console.database.faults import explain
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection, Engine

VERSION_TABLE = "city_revision"
VERSION_SCHEMA = "public"
_LOCK = 0x59756E6368656E67  # “Yuncheng” in ASCII: the advisory lock that one migration at a time holds


def head_revision() -> str:
    """The newest revision that this program knows."""
    return max(_known_revisions())


def current_revision(engine: Engine) -> str | None:
    """The revision of the database; None before the first migration."""
    with engine.connect() as connection:
        return _current(connection)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to `revision`; two consoles that try at once do it one after the other.

    Raises:
        ConsoleError: the database was made by a newer console, `revision` is not known, or we lack the right.
    """
    if revision == "head" and current_revision(engine) == head_revision():
        return

    def step(config: Config) -> None:
        from alembic import command  # noqa: PLC0415 - see the head of this module

        command.upgrade(config, revision)

    _run(engine, step)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the schema down to `revision`; ``base`` removes it with everything in it.

    Raises:
        ConsoleError: as `migrate`.
    """

    def step(config: Config) -> None:
        from alembic import command  # noqa: PLC0415 - see the head of this module

        command.downgrade(config, revision)

    _run(engine, step)


def make_anew(engine: Engine) -> None:
    """Throw the schema away with everything in it, whatever was taken off its tables, and make it again.

    Raises:
        ConsoleError: as `migrate`.
    """

    def step(config: Config) -> None:
        from alembic import command  # noqa: PLC0415 - see the head of this module

        # The first revision's way down drops the schema whole; the others would look for what may be missing.
        command.stamp(config, min(_known_revisions()))
        command.downgrade(config, "base")
        command.upgrade(config, "head")

    _run(engine, step)


def is_ancestor(revision: str, of: str) -> bool:
    """Whether `revision` comes before the revision `of`, so that going there from `of` means going down."""
    if revision == "base":
        return True
    from alembic.util import CommandError  # noqa: PLC0415 - see the head of this module

    script = _script()
    try:
        target = script.get_revision(revision)
        return target.revision != of and any(
            step.revision == target.revision for step in script.iterate_revisions(of, "base")
        )
    except CommandError:
        return False


def require_head(engine: Engine) -> None:
    """Make sure that the schema is the one that this program was written for.

    Raises:
        ConsoleError: it is older, newer or absent.
    """
    with engine.connect() as connection:
        current = _current(connection)
    _refuse_newer(current)
    if current != head_revision():
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "The database has the schema {current}, this console needs {needed}. Let the administrator run "
                "“python -m console.database migrate”.",
            ),
            current=current or "-",
            needed=head_revision(),
        )


def _run(engine: Engine, step: Callable[[Config], None]) -> None:
    from alembic.util import CommandError  # noqa: PLC0415 - see the head of this module

    with engine.begin() as connection:
        connection.execute(
            text("SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)")
        )
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _refuse_newer(_current(connection))
        config = _config()
        config.attributes["connection"] = connection
        try:
            step(config)
        except psycopg2.Error as fault:  # from a revision that goes past SQLAlchemy
            sentence = explain(fault, server_name(engine.url))
            if sentence is None:
                raise
            raise sentence from fault
        except CommandError as fault:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The schema cannot be migrated: {reason}."), reason=str(fault).rstrip(".")
            ) from fault


def _current(connection: Connection) -> str | None:
    """As Alembic reads it: the one row of its table, if there is that table."""
    table = f"{VERSION_SCHEMA}.{VERSION_TABLE}"
    if connection.execute(text("SELECT to_regclass(:table)"), {"table": table}).scalar_one() is None:
        return None
    revision = connection.execute(text("SELECT version_num FROM public.city_revision")).scalar_one_or_none()
    return None if revision is None else str(revision)


def _known_revisions() -> set[str]:
    """Numbers of our revisions: each stands at the beginning of its file's name."""
    return {path.name.partition("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*_*.py")}


def _refuse_newer(current: str | None) -> None:
    """A revision that our folder does not know was made by a later console; touching it could lose data."""
    if current is not None and current not in _known_revisions():
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "The database was made by a newer version of the console (schema {current}). Update this console; "
                "nothing was changed.",
            ),
            current=current,
        )


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see the head of this module

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _script() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see the head of this module

    return ScriptDirectory.from_config(_config())
