"""Evidence in a folder instead of the database: files under their checksum, noticed when they are missing or altered.

A file is written before the row that names it, and never again; what a broken transaction leaves behind is named by no
row and harms nobody. Whoever attaches needs to write in the folder, whoever looks needs to read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.database.verification import Finding
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_PIECE = 1 << 20
_FACT = "Every file of evidence in the folder is there and is what was attached."


class MissingEvidence(ConsoleError):  # noqa: N818 - the state of the folder
    """The file of an attachment is not where it should be."""


class AlteredEvidence(ConsoleError):  # noqa: N818 - the state of the folder or the row
    """The bytes of an attachment are not those that were attached."""


def evidence_folder(connection: Connection) -> Path | None:
    """The folder for new evidence; None when it goes into the database."""
    named = connection.scalar(text("SELECT value #>> '{}' FROM city.setting WHERE name = 'evidence_folder'"))
    return Path(str(named)) if named else None


def stored_path(folder: Path, sha256: bytes) -> Path:
    """Where the bytes of this checksum lie."""
    name = sha256.hex()
    return folder / name[:2] / name[2:4] / name


def store(folder: Path, sha256: bytes, content: bytes) -> None:
    """Put bytes into the folder, on the disk for good when this returns.

    Raises:
        ConsoleError: the folder cannot be written to.
    """
    path = stored_path(folder, sha256)
    try:
        if not folder.is_dir():
            # Never made here: below a share that is not mounted it would be a folder of this computer alone.
            raise FileNotFoundError(2, os.strerror(2))
        if path.exists() and _checksum(path) == sha256:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".coming-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o444)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "The folder for evidence {folder} cannot be written to: {reason}. Nothing was attached."
            ),
            folder=folder,
            reason=fault.strerror or fault,
        ) from fault


def fetch(folder: Path | None, sha256: bytes, name: str) -> bytes:
    """The bytes of this checksum.

    Raises:
        MissingEvidence: they are not there, or cannot be read.
        AlteredEvidence: other bytes are there.
    """
    if folder is None:
        raise MissingEvidence(
            QT_TRANSLATE_NOOP(
                "errors", "{name} lies in a folder, but the setting {setting} names none. Ask the administrator."
            ),
            name=name,
            setting="evidence_folder",
        )
    path = stored_path(folder, sha256)
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise MissingEvidence(
            QT_TRANSLATE_NOOP(
                "errors", "{name} is missing in the folder for evidence ({path}: {reason}). Ask the administrator."
            ),
            name=name,
            path=path,
            reason=fault.strerror or fault,
        ) from fault
    require_unaltered(content, sha256, name)
    return content


def require_unaltered(content: bytes, sha256: bytes, name: str) -> None:
    """Make sure that the bytes are those that were attached.

    Raises:
        AlteredEvidence: they are not.
    """
    if hashlib.sha256(content).digest() != sha256:
        raise AlteredEvidence(
            QT_TRANSLATE_NOOP(
                "errors",
                "{name} is not what was attached any more: its bytes were changed. Tell the administrator.",
            ),
            name=name,
        )


def folder_findings(connection: Connection) -> Iterator[Finding]:
    """What is missing and what was altered in the folder for evidence; asked of ``verify``, reads every file."""
    begin = time.perf_counter()
    folder = evidence_folder(connection)
    rows = connection.execute(
        text("SELECT id, sha256 FROM city.case_attachment WHERE content IS NULL ORDER BY id")
    ).all()
    missing: list[int] = []
    altered: list[int] = []
    for number, sha256 in rows:
        try:
            if folder is None:
                missing.append(number)
            elif _checksum(stored_path(folder, bytes(sha256))) != bytes(sha256):
                altered.append(number)
        except OSError:
            missing.append(number)
    seconds = time.perf_counter() - begin
    for figure, found in (("files of evidence missing in the folder", missing), ("files of evidence altered", altered)):
        example = str(found[0]) if found else None
        yield Finding("evidence_folder", _FACT, figure, float(len(found)), 0.0, 0.0, "", example, seconds)


def _checksum(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
