"""Where this machine keeps a PostgreSQL server that can serve the city: version 15 or later, with PostGIS."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OLDEST_MAJOR = 15
INSTALL_HINT = "apt install postgresql postgis postgresql-15-postgis-3"
_EXE = ".exe" if os.name == "nt" else ""
# A folder of one release each, as the platforms' packages lay them out.
_RELEASES = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu, UOS, Deepin
    ("/usr", "pgsql-*/bin"),  # Red Hat, Rocky, Kylin
    ("/opt", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),  # Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql@*/bin"),  # Homebrew on Intel
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
    (os.environ.get("ProgramFiles", "C:/Program Files"), "PostgreSQL/*/bin"),  # noqa: SIM112 - Windows spells it so
)


@dataclass(frozen=True)
class Binaries:
    """The server programs of one PostgreSQL release."""

    folder: Path
    major: int
    has_postgis: bool

    def program(self, name: str) -> str:
        """The path of the program `name`, such as ``initdb``."""
        return str(self.folder / (name + _EXE))


def find_binaries(major: int | None = None) -> Binaries:
    """The newest release with PostGIS, or the one that a data folder was made by.

    ``CONSOLE_POSTGRES_BIN`` names the folder of the programs and ends the search.

    Args:
        major: the release that is needed; None takes the newest.

    Raises:
        ConsoleError: there is no PostgreSQL, it is too old, PostGIS is missing, or `major` is not installed.
    """
    found = sorted(_installed(), key=lambda binaries: binaries.major, reverse=True)
    versions = ", ".join(str(binaries.major) for binaries in found) or "-"
    recent = [binaries for binaries in found if binaries.major >= OLDEST_MAJOR]
    if not recent:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "No PostgreSQL {oldest} or later is installed (found: {versions}). Install it with PostGIS, "
                "for instance “{hint}”, or set CONSOLE_POSTGRES_BIN to the folder of its programs.",
            ),
            oldest=OLDEST_MAJOR,
            versions=versions,
            hint=INSTALL_HINT,
        )
    able = [binaries for binaries in recent if binaries.has_postgis]
    if major is None:
        if able:
            return able[0]
        raise _without_postgis(recent[0].major)
    for binaries in recent:
        if binaries.major == major:
            if not binaries.has_postgis:
                raise _without_postgis(major)
            return binaries
    raise ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "The data folder was made by PostgreSQL {major}, which is not installed here (found: {versions}). "
            "Install PostgreSQL {major} with PostGIS; the data is untouched.",
        ),
        major=major,
        versions=versions,
    )


def _without_postgis(major: int) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "PostgreSQL {major} is installed without PostGIS. Install the package “postgresql-{major}-postgis-3” "
            "(Debian, Ubuntu) or the PostGIS of your platform.",
        ),
        major=major,
    )


def _installed() -> Iterator[Binaries]:
    seen: set[Path] = set()
    for folder in _folders():
        resolved = folder.resolve()
        if resolved in seen or not (resolved / ("initdb" + _EXE)).is_file():
            continue
        seen.add(resolved)
        major = _major(resolved)
        if major is not None:
            yield Binaries(resolved, major, _has_postgis(resolved, major))


def _folders() -> Iterable[Path]:
    chosen = os.environ.get("CONSOLE_POSTGRES_BIN")
    if chosen:
        return [Path(chosen)]
    folders = [folder for base, pattern in _RELEASES for folder in Path(base).glob(pattern)]
    for name in ("postgres", "initdb", "pg_ctl"):
        program = shutil.which(name)
        if program:
            folders.append(Path(program).resolve().parent)
    return folders


def _major(folder: Path) -> int | None:
    try:
        answer = subprocess.run([folder / ("postgres" + _EXE), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match[1]) if match else None


def _has_postgis(folder: Path, major: int) -> bool:
    shares = [folder.parent / "share", folder.parent / "share" / "postgresql", Path(f"/usr/share/postgresql/{major}")]
    try:
        answer = subprocess.run(
            [folder / ("pg_config" + _EXE), "--sharedir"], capture_output=True, text=True, check=True
        )
        shares.insert(0, Path(answer.stdout.strip()))
    except (OSError, subprocess.CalledProcessError):
        pass  # pg_config comes with the development package on some platforms
    return any((share / "extension" / "postgis.control").is_file() for share in shares)
