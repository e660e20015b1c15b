"""A console as people start it, in a process of its own, that is operated from inside and measured.

``python -m benchmarks._console MODULE[:PART,…] OPTIONS`` runs the program with OPTIONS; once its window is there, the
generator ``operate(console, *parts)`` of MODULE works with it, on its GUI thread, like a hand would: between two of its
steps the event loop runs. What it `tell`s goes to the standard output, one JSON value a line, for the process that
measures.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks._gaps import Gaps
from console.widgets.shell.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from PySide6.QtWidgets import QWidget

ROOT = Path(__file__).resolve().parent.parent
LOOK_MS = 5
PATIENCE_S = 180.0
QUIET_S = 0.25
"""The window counts as settled when nothing was under way for so long."""


class Operated(QObject):
    """The running console, from inside: its window, hands and a clock of gaps."""

    _begin = Signal()

    def __init__(self, module: str) -> None:
        super().__init__()
        self.gaps = Gaps()
        self.failure = ""
        name, _, parts = module.partition(":")
        work = importlib.import_module(name).operate(self, *filter(None, parts.split(",")))
        self._work: Generator[Callable[[], bool] | float, None, None] | None = work
        self._condition: Callable[[], bool] = lambda: True
        self._until = 0.0
        self._quiet_since: float | None = None
        # Delivered with the first turn of the event loop, that is once the program has made its application.
        self._begin.connect(self._start, Qt.ConnectionType.QueuedConnection)
        self._begin.emit()

    def _start(self) -> None:
        self.gaps.start()
        timer = QTimer(self, interval=LOOK_MS)
        timer.timeout.connect(self._look)
        timer.start()

    def _look(self) -> None:
        if self._work is None:
            return
        try:
            if not self._condition():
                if time.monotonic() > self._until:
                    self._end(f"nothing came within {PATIENCE_S:.0f} s")
                return
            wanted = next(self._work)
        except StopIteration:
            self._end("")
            return
        except Exception:  # noqa: BLE001 - whatever it is, it ends the console and is seen
            self._end(traceback.format_exc())
            return
        now = time.monotonic()
        self._quiet_since = None
        if callable(wanted):
            self._condition, self._until = wanted, now + PATIENCE_S
        else:
            self._condition, self._until = (lambda: time.monotonic() >= now + wanted), now + wanted + PATIENCE_S

    def _end(self, failure: str) -> None:
        self._work, self.failure = None, failure
        self.gaps.close()
        if (window := self.found) is not None:
            window.close()

    @property
    def found(self) -> MainWindow | None:
        """The window that is seen."""
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        return windows[-1] if windows else None

    @property
    def window(self) -> MainWindow:
        """The window, which must be there."""
        window = self.found
        if window is None:
            raise LookupError("there is no window")
        return window

    def is_there(self) -> bool:
        """Whether the window is seen and has the keyboard, for which a screen without a window manager is asked."""
        if (window := self.found) is not None and not window.isActiveWindow():
            window.activateWindow()
        return window is not None and window.isActiveWindow()

    def is_settled(self) -> bool:
        """Whether nothing has been under way for a while."""
        window, now = self.found, time.monotonic()
        busy = window is None or window.desk.operations.busy > 0 or not window.desk.canvas.is_settled
        if busy:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        return self._quiet_since is not None and now - self._quiet_since >= QUIET_S

    # Hands

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    @staticmethod
    def click(widget: QWidget, place: QPoint | None = None) -> None:
        """Click on a widget."""
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place or widget.rect().center())

    @staticmethod
    def wheel(widget: QWidget, degrees: int) -> None:
        """Turn the wheel over the middle of a widget; upwards is more than 0."""
        centre = widget.rect().center()
        event = QWheelEvent(
            centre.toPointF(),
            widget.mapToGlobal(centre).toPointF(),
            QPoint(),
            QPoint(0, degrees * 8),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.postEvent(widget, event)

    @staticmethod
    def tell(value: Any) -> None:
        """Hand a value to the process that measures."""
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


class Told:
    """What a console that is operated tells, value by value."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise StopIteration
        return json.loads(line)

    def end(self) -> None:
        """End the console although its operator would go on."""
        self._process.terminate()


@contextmanager
def operated(module: str, data_dir: Path, *options: str, parts: tuple[str, ...] = ()) -> Iterator[Told]:
    """Run the console operated by `module`, or by some parts of its work; gives what it tells."""
    operator = f"{module}:{','.join(parts)}"
    command = [sys.executable, "-m", "benchmarks._console", operator, "--data-dir", str(data_dir), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield Told(process)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.wait() != 0:
        raise RuntimeError(f"the console that {module} operates ended with {process.returncode}")


def main() -> int:
    """Run the console in this process and operate it."""
    module, *options = sys.argv[1:]
    from console import app  # noqa: PLC0415 - counts as part of what is operated

    operator = Operated(module)
    code = app.main(options)
    sys.stderr.write(operator.failure)
    return 1 if operator.failure else code


if __name__ == "__main__":
    sys.exit(main())
