"""The console as a process: what a person does with it, and what can be seen from outside.

Without accessibility services a window cannot be asked for its texts. What it shows is told by its title, which names
the workspace in front, and by its log, which names what a panel shows (how many cases, whose details); that a click or
a key reached the right place follows from what is shown afterwards. Pictures would tell more and break with each font.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from console.errors import RESOURCES
from tests.end_to_end.traced import wanted_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

ROOT = RESOURCES.parent
PATIENCE_S = 90.0
TITLE = "Yuncheng Console"


def wait_for(what: str, found: Callable[[], object]) -> None:
    """Look again until `found` gives something true."""
    until = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < until, f"no {what} within {PATIENCE_S:.0f} s"
        time.sleep(0.1)


def xdotool(*words: str) -> str:
    """Run xdotool and return what it says."""
    tool = shutil.which("xdotool") or "script/test installs xdotool"
    return subprocess.run([tool, *words], check=False, capture_output=True, text=True).stdout.strip()


def is_alive(process_id: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about yet does not."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class ConsoleProcess:
    """A running console in English; ends with the block, by force if it must.

    Args:
        data_dir: its data folder.
        options: more of the command line.
        trace: file for what its GUI thread keeps waiting while it is `watched`; None to run it as people do.
    """

    def __init__(self, data_dir: Path, *options: str, trace: Path | None = None) -> None:
        self._log = data_dir / "logs" / "console.log"
        self._trace = trace
        # What earlier consoles wrote into the same log says nothing about this one.
        self._earlier = len(self._log.read_text(encoding="utf-8")) if self._log.exists() else 0
        program = ["main.py"] if trace is None else ["-m", "tests.end_to_end.traced", str(trace)]
        command = [sys.executable, *program, "--data-dir", str(data_dir), "--language", "en", "--log-level", "DEBUG"]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        self._window = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    # What can be seen

    @property
    def log(self) -> str:
        """What it has written down."""
        return self._log.read_text(encoding="utf-8")[self._earlier :] if self._log.exists() else ""

    def logged(self, pattern: str) -> str | None:
        """The last words of the log that fit `pattern`, its first group if it has one."""
        found = re.findall(pattern, self.log)
        return str(found[-1]) if found else None

    def cases(self, queue: str) -> int:
        """How many cases the panel showed when it last showed `queue`; -1 if it never did."""
        return int(self.logged(rf"queue {queue} shows (\d+) cases") or -1)

    @property
    def title(self) -> str:
        """Of the window that has the keyboard."""
        return xdotool("getwindowname", self._window)

    @property
    def children(self) -> list[int]:
        """Numbers of the processes that it started."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(number) for task in tasks for number in task.read_text(encoding="utf-8").split()]

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note within the block what its GUI thread keeps waiting, and write it down at its end."""
        assert self._trace is not None
        wanted = wanted_file(self._trace)
        wanted.touch()
        yield
        wanted.unlink()
        wait_for("trace", self._trace.exists)

    # What a person does

    def take_window(self, title: str) -> None:
        """Wait for a window whose title fits `title`, and give it the keyboard."""

        def found() -> bool:
            windows = xdotool("search", "--onlyvisible", "--name", title).splitlines()
            if windows:
                self._window = windows[-1]
            return bool(windows)

        wait_for(f"window {title}", found)
        xdotool("windowfocus", "--sync", self._window)

    def press(self, *keys: str) -> None:
        """Press keys, named as X names them."""
        xdotool("key", "--clearmodifiers", *keys)

    def type(self, words: str) -> None:
        """Type `words`."""
        xdotool("type", "--clearmodifiers", "--delay", "20", words)

    def click(self, x: int, y: int) -> None:
        """Click at a place of the window, in pixels from its upper left corner."""
        xdotool("mousemove", "--sync", "--window", self._window, str(x), str(y), "click", "1")

    def show(self, key: str, workspace: str) -> None:
        """Switch to a workspace by its key and wait until it is in front."""
        self.press(key)
        wait_for(f"workspace {workspace}", lambda: self.title.startswith(workspace))

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode
