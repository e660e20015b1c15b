"""Without a screen the console says so in one line, before Qt ends the process."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from console.errors import RESOURCES, ConsoleError
from console.screen import require_screen

if TYPE_CHECKING:
    from pathlib import Path

ROOT = RESOURCES.parent
SCREEN = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other platforms always have a screen")


@pytest.fixture
def without_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SCREEN:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("without_screen")
def test_without_a_screen_it_says_so() -> None:
    with pytest.raises(ConsoleError, match="no screen"):
        require_screen(screenshots=False)


@pytest.mark.usefixtures("without_screen")
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_screen_that_does_not_answer_is_named(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv(name, ":4711")
    with pytest.raises(ConsoleError, match=":4711"):
        require_screen(screenshots=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with pytest.raises(ConsoleError, match=":4711"):
        require_screen(screenshots=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    require_screen(screenshots=False)


@pytest.mark.usefixtures("without_screen")
def test_pictures_need_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    require_screen(screenshots=True)
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.parametrize(
    ("named", "said"), [({}, "There is no screen"), ({"DISPLAY": ":4711"}, "“:4711” does not answer")]
)
def test_the_program_ends_with_one_line(named: dict[str, str], said: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in SCREEN}
    ended = subprocess.run(
        [sys.executable, "main.py", "--data-dir", tmp_path, "--language", "en"],
        cwd=ROOT,
        env={**environment, **named},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert said in ended.stderr
    assert not list(tmp_path.iterdir())


def test_the_script_ends_with_one_line_before_it_installs_anything() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in SCREEN}
    ended = subprocess.run(
        [ROOT / "script" / "run"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "There is no screen" in ended.stderr
