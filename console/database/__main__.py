"""Administration of the city's database: ``python -m console.database COMMAND [options]``.

A command that needs a database takes the server named by ``--database``, else the private cluster of ``--data-dir``,
which is started for the time of the command if it does not run.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.database.description import describe
from console.database.migrations import current_revision, downgrade, is_ancestor, migrate, require_head
from console.database.tuning import TIME_ZONE
from console.database.verification import findings, summary
from console.errors import QT_TRANSLATE_NOOP, ConsoleError, translate
from console.models import audit
from console.models.cases.evidence import folder_findings
from console.models.layer_import import command as import_command
from console.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine


@dataclass(frozen=True)
class Command:
    """One administration command.

    Attributes:
        name: as typed.
        words: what it does, for ``--help``.
        run: does it; returns the exit code.
        options: adds the options that only this command has.
    """

    name: str
    words: str
    run: Callable[[Settings, argparse.Namespace], int]
    options: Callable[[argparse.ArgumentParser], object] = lambda _parser: None


@contextlib.contextmanager
def open_database(settings: Settings) -> Iterator[Engine]:
    """The database that `settings` name, for long statements; a private cluster is left again at the end.

    Raises:
        ConsoleError: it cannot be reached or started.
    """
    with contextlib.ExitStack() as stack:
        url = settings.database
        if url is None:
            cluster = PrivateCluster(settings.data_dir)
            stack.callback(cluster.leave)
            url = cluster.start()
        engine = connect(url, application="console administration", statement_timeout_s=0)
        stack.callback(engine.dispose)
        yield engine


def _private(settings: Settings) -> PrivateCluster:
    if settings.database is not None:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "This command is about the private database, but {database} names a server. Leave out --database and "
                "CONSOLE_DATABASE.",
            ),
            database="--database",
        )
    return PrivateCluster(settings.data_dir)


def _start(settings: Settings, _arguments: argparse.Namespace) -> int:
    cluster = _private(settings)
    url = cluster.start(stay=True)
    engine = connect(url, statement_timeout_s=0)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    print(url)
    return 0


def _stop(settings: Settings, _arguments: argparse.Namespace) -> int:
    if not _private(settings).stop():
        print(translate(QT_TRANSLATE_NOOP("errors", "The private database was not running."), settings.language))
    return 0


def _url(settings: Settings, _arguments: argparse.Namespace) -> int:
    print(_private(settings).url())
    return 0


def _migrate(settings: Settings, arguments: argparse.Namespace) -> int:
    revision: str = arguments.revision
    with open_database(settings) as engine:
        current = current_revision(engine)
        if current is not None and is_ancestor(revision, current):
            if not arguments.allow_loss:
                raise ConsoleError(
                    QT_TRANSLATE_NOOP(
                        "errors",
                        "Going down from schema {current} to {revision} deletes data. Make a backup, then repeat the "
                        "command with --allow-loss.",
                    ),
                    current=current,
                    revision=revision,
                )
            downgrade(engine, revision)
        elif revision != "base":
            migrate(engine, revision)
        print(current_revision(engine) or "base")
    return 0


def _migrate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "revision",
        nargs="?",
        default="head",
        help="number of the schema to go to, up or down; “head” is the newest, “base” none at all (default: head)",
    )
    parser.add_argument(
        "--allow-loss", action="store_true", help="go down although that deletes what the older schema has no place for"
    )


def _seed(settings: Settings, arguments: argparse.Namespace) -> int:
    from console.simulation import generator  # noqa: PLC0415 - loads the whole generator, which no other command needs

    shown: set[str] = set()

    def progress(step: generator.Step, share: float) -> None:
        if step.name not in shown:
            shown.add(step.name)
            print(f"{share:4.0%} {translate(step.words, settings.language, 'seeding')}", flush=True)

    if settings.database is not None and not arguments.demonstration_logins:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "Seeding makes logins on the server whose password everybody can read. If it is a server for practice, "
                "repeat the command with --demonstration-logins.",
            )
        )
    with open_database(settings) as engine:
        if settings.database is None:
            migrate(engine)
        generator.seed(engine, arguments.scale, arguments.seed, arguments.end, progress)
    return 0


def _seed_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scale",
        choices=("full", "small"),
        default="full",
        help="size of the city; “small” is for tests (default: full)",
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed and end give the same city (default: 1)")
    parser.add_argument(
        "--end",
        type=_moment,
        default=None,
        metavar="TIME",
        help="last moment of the city's history, ISO 8601, in city time unless an offset is given (default: now)",
    )
    parser.add_argument(
        "--demonstration-logins",
        action="store_true",
        help="agree that a server gets logins with a publicly known password; a private database needs no consent",
    )


def _moment(words: str) -> datetime:
    moment = datetime.fromisoformat(words)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(TIME_ZONE))


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    found = []
    kept = [] if arguments.heads is None else audit.read_heads(arguments.heads)
    with open_database(settings) as engine:
        require_head(engine)
        with engine.connect() as connection:
            proofs = (findings(connection), folder_findings(connection), audit.kept_head_findings(connection, kept))
            for finding in chain(*proofs):
                print(finding.line(), flush=True)
                found.append(finding)
    print(summary(found))
    return 0 if all(finding.holds for finding in found) else 1


def _verify_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--heads",
        type=Path,
        metavar="FILE",
        help="heads of the audit trail that were kept outside, as audit-heads prints them: does it still lead there?",
    )


def _audit_heads(settings: Settings, arguments: argparse.Namespace) -> int:
    with open_database(settings) as engine:
        require_head(engine)
        with engine.begin() as connection:
            audit.seal(connection)
            for head in audit.heads(connection, arguments.since):
                print(head.line())
    return 0


def _audit_heads_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        type=date.fromisoformat,
        default=date.min,
        metavar="DAY",
        help="first day that is printed, as 2026-11-01, in city time (default: all)",
    )


def _describe(settings: Settings, _arguments: argparse.Namespace) -> int:
    with open_database(settings) as engine, engine.connect() as connection:
        print(describe(connection), end="")
    return 0


def _import_layer(settings: Settings, arguments: argparse.Namespace) -> int:
    with open_database(settings) as engine:
        require_head(engine)
        lines, code = import_command.run(engine, arguments, settings.language)
    print("\n".join(lines))
    return code


COMMANDS = (
    Command("start", "create, start and migrate the private database, leave it running and print its URL", _start),
    Command("stop", "stop the private database, whoever uses it", _stop),
    Command("url", "print the URL of the running private database", _url),
    Command("migrate", "bring the schema to a revision and print its number", _migrate, _migrate_options),
    Command("seed", "fill an empty database with the demonstration city", _seed, _seed_options),
    Command("verify", "prove facts and invariants, print each figure with its bounds", _verify, _verify_options),
    Command(
        "audit-heads",
        "seal the audit trail and print the head of each of its days, to be kept outside of the server",
        _audit_heads,
        _audit_heads_options,
    ),
    Command("describe", "print the tables, columns, functions and codes of schema city as Markdown", _describe),
    Command(
        "import-layer",
        "import zones, streets, manholes, pipes, components of your own; a dry run unless --apply is given",
        _import_layer,
        import_command.add_options,
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m console.database", description="Administer the city's database.")
    chosen = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        own = chosen.add_parser(command.name, help=command.words, description=command.words)
        command.options(own)
        Settings.add_arguments(own)
        own.set_defaults(run=command.run)
    arguments = parser.parse_args(argv)
    language = arguments.language or Settings.language
    try:
        settings = Settings.load(arguments)
        language = settings.language
        logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
        logging.getLogger("alembic").setLevel(logging.WARNING)  # tells of every connection
        return int(arguments.run(settings, arguments))
    except ConsoleError as fault:
        print(fault.text(language), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
