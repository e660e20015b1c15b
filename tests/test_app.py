"""The command line of the console, before any window."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from console.app import main, parse
from console.errors import RESOURCES

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ROOT = RESOURCES.parent


def test_defaults() -> None:
    run = parse([])
    assert run.settings.theme == "dark"
    assert run.settings.language == "zh_CN"
    assert run.simulate
    assert run.screenshots is None


def test_the_command_line_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSOLE_THEME", "light")
    monkeypatch.setenv("CONSOLE_PASSWORD", "secret")
    run = parse(["--theme", "dark", "--user", "dispatcher01", "--no-simulation", "--screenshots", str(tmp_path)])
    assert run.settings.theme == "dark"
    assert run.settings.user == "dispatcher01"
    assert run.password == "secret"
    assert not run.simulate
    assert run.screenshots == tmp_path
    assert {"theme", "user"} <= run.given


def test_a_wrong_setting_is_said_in_the_language_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONSOLE_THEME", "pink")
    monkeypatch.setenv("CONSOLE_LANGUAGE", "en")
    assert main([]) == 1
    assert "theme" in capsys.readouterr().err


def test_the_web_engine_is_not_loaded_with_the_window() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import sys, console.program; print([m for m in sys.modules if 'WebEngine' in m])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == "[]"


TWO_THREADS = """
import sys, threading
import console
from PySide6 import QtCore, QtGui, QtWidgets
sys.setswitchinterval(1e-6)
names = [(part, name) for part in (QtCore, QtGui, QtWidgets) for name in NAMES if name in dir(part)]
both = threading.Barrier(2)
def ask():
    both.wait()
    for part, name in names:
        getattr(part, name)
threads = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
[one.start() for one in threads]
[one.join(30) for one in threads]
sys.exit(any(one.is_alive() for one in threads))
"""


def test_threads_may_load_parts_of_qt_at_the_same_time() -> None:
    used = sorted(
        {
            name.strip(" ()")
            for path in (ROOT / "console" / "widgets").rglob("*.py")
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith("from PySide6.Qt")
            for name in line.partition(" import ")[2].split(",")
            if name.strip(" ()")
        }
    )
    for _ in range(3):
        subprocess.run([sys.executable, "-c", f"NAMES = {used!r}\n{TWO_THREADS}"], cwd=ROOT, check=True, timeout=60)
