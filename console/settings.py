"""Every option of the program: its unit, its default and where its value comes from.

A value comes from the command line, else from the environment (``CONSOLE_`` and the name in capitals), else from
``settings.toml`` in the data folder, else from the default below.
"""

from __future__ import annotations

import argparse
import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, get_args, get_type_hints

import platformdirs

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGES = ("zh_CN", "en")
THEMES = ("dark", "light")
# The server never runs as root and must reach the cluster, which it could not below /root.
DEFAULT_DATA_DIR = Path(
    "/var/lib/yuncheng-console"
    if hasattr(os, "geteuid") and os.geteuid() == 0
    else platformdirs.user_data_dir("yuncheng-console", appauthor=False)
)


def _option(default: Any, words: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": words, "choices": choices})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options that every command shares; `help` of each field says its unit."""

    data_dir: Path = _option(DEFAULT_DATA_DIR, "folder of the private cluster, settings, caches and logs")
    database: str | None = _option(None, "URL of a department's PostGIS server; without it a private cluster is used")
    language: str = _option("zh_CN", "language of the interface and of messages", LANGUAGES)
    log_level: str = _option("INFO", "least severity that is logged", ("DEBUG", "INFO", "WARNING", "ERROR"))

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Give `parser` one option for each field; the help text names the default."""
        for option in fields(cls):
            default = "none" if option.default is None else option.default
            parser.add_argument(
                "--" + option.name.replace("_", "-"),
                default=None,
                choices=option.metadata["choices"] or None,
                metavar=None if option.metadata["choices"] else option.name.upper(),
                help=f"{option.metadata['help']} (default: {default})",
            )

    @classmethod
    def load(cls, arguments: argparse.Namespace | None = None) -> Self:
        """The settings in force.

        Args:
            arguments: what was parsed by a parser that went through `add_arguments`.

        Raises:
            ConsoleError: the settings file cannot be read or a value is none of the allowed ones.
        """
        given = {k: v for k, v in vars(arguments).items() if v is not None} if arguments else {}
        data_dir = Path(given.get("data_dir") or os.environ.get("CONSOLE_DATA_DIR") or DEFAULT_DATA_DIR)
        stored = _read_file(data_dir.expanduser() / "settings.toml")
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        for option in fields(cls):
            value: Any = given.get(
                option.name, os.environ.get("CONSOLE_" + option.name.upper(), stored.get(option.name))
            )
            if value is None or value == "":
                value = option.default
            choices = option.metadata["choices"]
            if choices and value not in choices:
                raise ConsoleError(
                    QT_TRANSLATE_NOOP("errors", "The setting {name} is “{value}”; it must be one of {choices}."),
                    name=option.name,
                    value=value,
                    choices=", ".join(choices),
                )
            if hints[option.name] is int:
                value = _whole(option.name, value)
            if Path in (hints[option.name], *get_args(hints[option.name])) and value is not None:
                value = Path(value).expanduser().absolute()
            values[option.name] = value
        return cls(**values)


def _whole(name: str, value: object) -> int:
    try:
        return int(str(value))
    except ValueError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The setting {name} is “{value}”; it must be a whole number."),
            name=name,
            value=value,
        ) from fault


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The settings file {path} cannot be read: {fault}. Mend or delete it."),
            path=path,
            fault=fault,
        ) from fault


def parse(description: str, argv: Sequence[str] | None = None) -> tuple[Settings, argparse.Namespace]:
    """Parse the shared options alone; for commands that have no others."""
    parser = argparse.ArgumentParser(description=description)
    Settings.add_arguments(parser)
    arguments = parser.parse_args(argv)
    return Settings.load(arguments), arguments
