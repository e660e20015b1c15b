"""Where a gateway listens, as a file: how devices of the same machine find the ports that were free when it started."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "gateway.json"
"""In the data folder, unless the option ``listening`` names another file."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, for who is on this machine


@dataclass(frozen=True)
class Listening:
    """Where a gateway listens.

    Attributes:
        host: address at which this machine reaches it.
        jt808, sl651, http: TCP ports; 0 for none.
    """

    host: str
    jt808: int
    sl651: int = 0
    http: int = 0


def write_listening(path: Path, listening: Listening) -> None:
    """Say where a gateway listens, so that a reader finds the old words or the new ones, never half of them.

    Raises:
        ConsoleError: the file cannot be written.
    """
    said = asdict(listening) | {"host": _EVERYWHERE.get(listening.host, listening.host)}
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(said), encoding="utf-8")
        draft.replace(path)
    except OSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The file {path} cannot be written: {reason}. Choose another one."),
            path=path,
            reason=fault.strerror or str(fault),
        ) from fault


def read_listening(path: Path) -> Listening | None:
    """Where the gateway of that file listens; None when it says nothing of use."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Listening(str(said["host"]), *(int(said.get(name) or 0) for name in ("jt808", "sl651", "http")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
