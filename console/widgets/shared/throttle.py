"""Less often than asked: one small utility for everything that arrives faster than it needs to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable


class Throttle(QObject):
    """Runs `work` at once, then at most once in `interval_ms`; of the calls in between only the last one counts."""

    def __init__(self, interval_ms: int, work: Callable[..., object], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._due: tuple[Any, ...] | None = None
        self._timer = QTimer(self, singleShot=True, interval=interval_ms)
        self._timer.timeout.connect(self._run_due)

    def __call__(self, *arguments: Any) -> None:
        """Ask for a run with `arguments`."""
        self._due = arguments
        if not self._timer.isActive():
            self._run_due()

    def cancel(self) -> None:
        """Forget a run that is still due."""
        self._due = None
        self._timer.stop()

    def _run_due(self) -> None:
        if self._due is not None:
            arguments, self._due = self._due, None
            self._timer.start()
            self._work(*arguments)


class Debounce(QObject):
    """Runs `work` once, with the last arguments, when nobody has asked for `delay_ms`."""

    def __init__(self, delay_ms: int, work: Callable[..., object], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._arguments: tuple[Any, ...] = ()
        self._timer = QTimer(self, singleShot=True, interval=delay_ms)
        self._timer.timeout.connect(self._run)

    def __call__(self, *arguments: Any) -> None:
        """Ask for a run with `arguments`; the wait begins anew."""
        self._arguments = arguments
        self._timer.start()

    def cancel(self) -> None:
        """Forget a run that is still due."""
        self._timer.stop()

    def flush(self) -> None:
        """Run now what is due."""
        if self._timer.isActive():
            self._timer.stop()
            self._run()

    def _run(self) -> None:
        self._work(*self._arguments)
