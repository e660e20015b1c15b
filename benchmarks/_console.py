"""A console as people start it, in a process of its own, that is operated from inside and measured.

``python -m benchmarks._console MODULE[:PART,…] OPTIONS`` runs the program with OPTIONS; once its window is there, the
generator ``operate(console, *parts)`` of MODULE works with it, on its GUI thread, like a hand would: between two of its
steps the event loop runs. What it `tell`s goes to the standard output, one JSON value a line, for the process that
measures.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks._operated import Operated

ROOT = Path(__file__).resolve().parent.parent
LOOK_S = 0.01


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


class _Operator:
    """Operates the console of this process once its event loop runs; until then it takes no part in the start.

    Args:
        module: what works with it.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._operated: Operated | None = None
        threading.Thread(target=self._wait, name="operator", daemon=True).start()

    @property
    def failure(self) -> str:
        """What went wrong; empty when all was done."""
        return "the console did not open" if self._operated is None else self._operated.failure

    def _wait(self) -> None:
        while True:
            application = getattr(sys.modules.get("PySide6.QtWidgets"), "QApplication", None)
            app = None if application is None else application.instance()
            if app is not None:
                break
            time.sleep(LOOK_S)
        from PySide6.QtCore import QTimer  # noqa: PLC0415 - the console has loaded it by now

        QTimer.singleShot(0, app, self._begin)

    def _begin(self) -> None:
        from benchmarks._operated import Operated  # noqa: PLC0415 - as above

        self._operated = Operated(self._module)


def main() -> int:
    """Run the console in this process and operate it."""
    module, *options = sys.argv[1:]
    operator = _Operator(module)
    from console import app  # noqa: PLC0415 - counts as part of what is operated

    code = app.main(options)
    sys.stderr.write(operator.failure)
    return 1 if operator.failure else code


if __name__ == "__main__":
    sys.exit(main())
