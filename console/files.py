"""Files that people asked for: there whole or not at all."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; it takes the place of `path` at the end, and nothing of it remains otherwise.

    Raises:
        ConsoleError: no room on the disk, or a folder or file that may not be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        part.replace(path)
    except OSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} cannot be written: {fault}. Make room there or choose another folder."),
            path=path,
            fault=fault.strerror or fault,
        ) from fault
    finally:
        part.unlink(missing_ok=True)
