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
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from benchmarks._operated import Operated
    from console.program import Program

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "console.program"


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


class _Operator(MetaPathFinder):
    """Operates the console of this process once its event loop runs; until then it takes no part in the start.

    It gets to know that the loop runs on the GUI thread itself, by having `Program.start`, the first that the loop
    calls, call it before. No other thread may look for the application meanwhile: `QApplication.instance()` wraps
    what is still being made, a second time, and the process may end of it without a word. Nor may the module of
    `Program` be loaded here: the console loads it while its server starts, which is part of what is measured.

    Args:
        module: what works with it.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._operated: Operated | None = None
        sys.meta_path.insert(0, self)

    @property
    def failure(self) -> str:
        """What went wrong; empty when all was done."""
        return "the console did not open" if self._operated is None else self._operated.failure

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Let the program's module be loaded as ever, and be followed by `_take_part`."""
        if fullname != PROGRAM:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_take_part(module: ModuleType) -> None:
                load(module)
                self._take_part(module)

            spec.loader.exec_module = load_and_take_part  # type: ignore[method-assign]
        return spec

    def _take_part(self, module: ModuleType) -> None:
        start = module.Program.start

        def begin(program: Program) -> None:
            self._begin()
            start(program)

        module.Program.start = begin

    def _begin(self) -> None:
        from benchmarks._operated import Operated  # noqa: PLC0415 - the console has loaded Qt by now

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
