"""The command line of the console, before any window."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from console.app import main, parse, require_screen
from console.errors import RESOURCES, ConsoleError

if TYPE_CHECKING:
    from pathlib import Path

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


def test_without_a_screen_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ConsoleError, match="no screen"):
        require_screen(screenshots=False)


def test_without_a_screen_it_ends_with_one_line(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}}
    if not sys.platform.startswith("linux"):
        return
    ended = subprocess.run(
        [sys.executable, "main.py", "--data-dir", tmp_path, "--language", "en"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert ended.stderr.splitlines() == [
        "There is no screen. Run the console on a desktop, or with --screenshots DIR for pictures."
    ]


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
