"""The console with its event loop under watch: what its own GUI thread does that a key would have to wait for.

``python -m tests.end_to_end.traced FILE OPTIONS`` runs the program with OPTIONS. While there is a file FILE.wanted it
notes each statement that the GUI thread sends to the database, each file of the user that it opens, and each turn of
its event loop that takes long, with the processor time of the thread itself and what ran; then it writes all of it to
FILE.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from sqlalchemy import event
from sqlalchemy.engine import Engine

from benchmarks._gaps import Gaps
from console.errors import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOK_MS = 50
CALLS = 6
"""So many of the calls that led to a wait are told."""
OWN = tuple(str(folder) for folder in (RESOURCES.parent, sys.prefix, sys.base_prefix, "/proc", "/dev", "/usr"))
"""What the program and the machine are made of: loaded once, when it is first needed."""


@dataclass(frozen=True)
class Trace:
    """What was noted.

    Attributes:
        waits: what the GUI thread waited for, a statement or a file each, with the calls that led there.
        turns: the long turns of the event loop, the one that took most of the thread's own time first: processor
            time of the GUI thread and time that passed, in milliseconds, and what ran.
    """

    waits: tuple[str, ...]
    turns: tuple[tuple[float, float, str], ...]

    @classmethod
    def read(cls, path: Path) -> Trace:
        """What a console wrote when it ended."""
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(found["waits"]), tuple((cpu, wall, ran) for cpu, wall, ran in found["turns"]))

    def told(self) -> str:
        """The longest turns, one a line."""
        return "\n".join(f"{cpu:7.1f} ms of its own in {wall:7.1f} ms: {ran}" for cpu, wall, ran in self.turns[:5])


class Watch(QObject):
    """Watches the thread that makes it.

    Args:
        path: where to write what was noted; watched while there is a file of that name with ``.wanted`` at its end.
    """

    _ready = Signal()

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._thread = threading.get_ident()
        self._is_on = False
        self.waits: list[str] = []
        self.gaps = Gaps()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        # Delivered with the first turn of the event loop, that is once the program has made its application.
        self._ready.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)
        self._ready.emit()
        event.listen(Engine, "before_cursor_execute", self._on_statement)
        sys.addaudithook(self._on_audit)

    def look(self) -> None:
        """Begin or end, as it is wanted."""
        wanted = wanted_file(self._path).exists()
        if wanted and not self._is_on:
            self._is_on = True
            self.gaps.start()
        elif self._is_on and not wanted:
            self._is_on = False
            turns = sorted(((gap.cpu_ms, gap.wall_ms, gap.ran) for gap in self.gaps.take()), reverse=True)
            self.gaps.close()
            trace = Trace(tuple(self.waits), tuple(turns))
            part = self._path.with_suffix(".part")
            part.write_text(json.dumps(asdict(trace)), encoding="utf-8")
            part.rename(self._path)

    def _on_statement(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self._note(f"statement {' '.join(statement.split())[:120]}")

    def _on_audit(self, name: str, arguments: Sequence[Any]) -> None:
        if name == "open" and isinstance(arguments[0], str | Path) and not str(arguments[0]).startswith(OWN):
            self._note(f"file {arguments[0]}")

    def _note(self, what: str) -> None:
        if self._is_on and threading.get_ident() == self._thread:
            calls = traceback.extract_stack()[:-2]
            led = [f"{call.filename.rpartition('/')[2]}:{call.lineno}" for call in calls if "console" in call.filename]
            self.waits.append(f"{what} < {' < '.join(led[: -CALLS - 1 : -1])}")


def wanted_file(path: Path) -> Path:
    """The file that is there while somebody wants to know."""
    return path.with_name(path.name + ".wanted")


def main() -> int:
    """Run the console of the command line."""
    path, *options = sys.argv[1:]
    from console import app  # noqa: PLC0415 - as the program itself does

    watch = Watch(Path(path))
    code = app.main(options)
    del watch
    return code


if __name__ == "__main__":
    sys.exit(main())
