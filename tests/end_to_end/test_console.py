"""The program as people start it: a process under a virtual screen, operated with keys."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QImage
from sqlalchemy import text

from console.errors import RESOURCES
from console.simulation.generator import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

ROOT = RESOURCES.parent
PATIENCE_S = 90.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the virtual screen is one of X"),
]


def wait_for(what: str, found: Callable[[], object]) -> None:
    """Look again until `found` gives something true."""
    until = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < until, f"no {what} within {PATIENCE_S:.0f} s"
        time.sleep(0.1)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name of a virtual screen of 1920 × 1080 pixels."""
    reading, writing = os.pipe()
    command = [
        shutil.which("Xvfb") or "",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1920x1080x24",
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as numbers:
        display = f":{numbers.readline().strip()}"
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    yield display
    server.terminate()
    server.wait()


def press(*words: str) -> str:
    """Run xdotool and return what it says."""
    tool = shutil.which("xdotool") or "script/test installs xdotool"
    return subprocess.run([tool, *words], check=False, capture_output=True, text=True).stdout.strip()


def test_a_case_filed_elsewhere_is_seen_and_the_program_ends_in_order(
    screen: str, database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSOLE_PASSWORD", DEMONSTRATION_PASSWORD)
    url = database.url.render_as_string(hide_password=False)
    folder = tmp_path / "console"
    log = folder / "logs" / "console.log"
    command = [sys.executable, "main.py", "--database", url, "--user", "shift_leader01", "--language", "en"]
    console = subprocess.Popen([*command, "--data-dir", folder], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        title = "Yuncheng Console"
        wait_for("window", lambda: press("search", "--onlyvisible", "--name", f"Dispatch.*{title}"))
        window = press("search", "--onlyvisible", "--name", f"Dispatch.*{title}").splitlines()[-1]
        press("windowfocus", "--sync", window)
        press("key", "ctrl+3")
        wait_for("trucks", lambda: press("getwindowname", window).startswith("Trucks"))
        press("key", "ctrl+1")
        wait_for("dispatch", lambda: press("getwindowname", window).startswith("Dispatch"))

        def count() -> int:
            shown = re.findall(r"queue to_file shows (\d+) cases", log.read_text(encoding="utf-8"))
            return int(shown[-1]) if shown else -1

        wait_for("queue", lambda: count() >= 0)
        before = count()
        with database.begin() as connection:
            # Filed by somebody else: a case that waited to be verified now waits for the shift leader.
            connection.execute(
                text("""
                    UPDATE city.case_file SET state = 'pending_register', version = version + 1
                    WHERE id = (SELECT id FROM city.case_file WHERE state = 'reported' ORDER BY id LIMIT 1)
                """)
            )
        press("mousemove", "1000", "400")
        wait_for("new case", lambda: count() == before + 1)
        console.send_signal(signal.SIGTERM)
        _, errors = console.communicate(timeout=PATIENCE_S)
        assert console.returncode == 0, errors
    finally:
        if console.poll() is None:
            console.kill()
            console.communicate()


def test_pictures_of_every_workspace_need_no_screen(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONSOLE_PASSWORD", DEMONSTRATION_PASSWORD)
    url = database.url.render_as_string(hide_password=False)
    folder = tmp_path / "pictures"
    command = [sys.executable, "main.py", "--database", url, "--user", "shift_leader01", "--screenshots", str(folder)]
    ended = subprocess.run(
        [*command, "--data-dir", tmp_path / "console"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert {p.stem for p in folder.iterdir()} == {"dispatch", "drainage", "fleet", "flood", "supervision"}
    for picture in folder.iterdir():
        image = QImage(str(picture))
        assert (image.width(), image.height()) == (1920, 1080)
        # More than a ground and a few lines: every workspace shows its data.
        colours = {image.pixel(x, y) for x in range(0, 1920, 5) for y in range(0, 1080, 5)}
        assert len(colours) > 100
