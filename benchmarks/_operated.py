"""The running console, from inside, for whoever operates it: its window, hands and a clock of gaps."""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from benchmarks._gaps import Gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from PySide6.QtWidgets import QWidget

    from console.widgets.shell.window import MainWindow

LOOK_MS = 5
PATIENCE_S = 180.0
QUIET_S = 0.25
"""The window counts as settled when nothing was under way for so long."""


class Operated(QObject):
    """A console in whose event loop it is made; `module` names what works with it, as `benchmarks._console` says."""

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
        # Loading the window's module is the console's own work, and takes its time there.
        loaded = sys.modules.get("console.widgets.shell.window")
        kind: type[MainWindow] | None = getattr(loaded, "MainWindow", None)
        if kind is None:
            return None
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
        return windows[-1] if windows else None

    @property
    def window(self) -> MainWindow:
        """The window, which must be there."""
        window = self.found
        if window is None:
            raise LookupError("there is no window")
        return window

    def is_there(self) -> bool:
        """Whether the window is seen with all its workspaces, and has the keyboard.

        A screen without a window manager is asked for that.
        """
        if (window := self.found) is not None and not window.isActiveWindow():
            window.activateWindow()
        return window is not None and window.isActiveWindow() and not window.missing

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
        from PySide6.QtTest import QTest  # noqa: PLC0415 - not while the start is measured

        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    @staticmethod
    def click(widget: QWidget, place: QPoint | None = None) -> None:
        """Click on a widget."""
        from PySide6.QtTest import QTest  # noqa: PLC0415 - as above

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
