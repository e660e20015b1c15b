"""The nets under every test hold: a leaked thread and an exception that nobody saw fail the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent

CASES = {
    "threads left running: forgotten": """
        import threading
        def test_it():
            threading.Thread(target=threading.Event().wait, args=(60,), name="forgotten", daemon=True).start()
    """,
    "PytestUnraisableExceptionWarning": """
        class Sour:
            def __del__(self):
                raise ValueError("nobody sees this")
        def test_it():
            Sour()
    """,
    "PytestUnhandledThreadExceptionWarning": """
        import threading
        def test_it():
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
    """,
    "Qt messages with level WARNING or above emitted": """
        from PySide6.QtCore import qWarning
        def test_it():
            qWarning("something is wrong")
    """,
}


@pytest.mark.parametrize("words", CASES)
def test_what_must_not_pass(tmp_path: Path, words: str) -> None:
    net = (TESTS / "conftest.py").read_text(encoding="utf-8").replace("THREAD_GRACE_S = 5", "THREAD_GRACE_S = 0")
    (tmp_path / "conftest.py").write_text(net, encoding="utf-8")
    lines = CASES[words].splitlines()
    (tmp_path / "test_it.py").write_text("\n".join(line[8:] for line in lines), encoding="utf-8")
    shutil.copy(TESTS.parent / "pyproject.toml", tmp_path)
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--strict-config", "test_it.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0, answer.stdout
    assert words in answer.stdout, answer.stdout
