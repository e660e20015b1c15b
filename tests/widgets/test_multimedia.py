"""The library of sounds is loaded beside other libraries, on whatever thread."""

from __future__ import annotations

import subprocess
import sys

from console.errors import RESOURCES

LOADED = """
from PySide6.QtCore import qInstallMessageHandler, qWarning
from console.widgets.shared import multimedia
heard = []
qInstallMessageHandler(lambda _kind, _context, text: heard.append(text))
multimedia.load()
import PySide6.QtMultimedia
qWarning("heard again")
multimedia.load()
qWarning("and again")
print(heard)
"""


def test_python_hears_nothing_of_qt_while_the_library_is_loaded_and_everything_afterwards() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=RESOURCES.parent, check=True, capture_output=True, text=True, timeout=60
    )
    assert ended.stdout.strip() == "['heard again', 'and again']"
