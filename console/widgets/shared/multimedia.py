"""Qt's library of sounds and films, which is loaded once it is needed, and never on the GUI thread."""

from __future__ import annotations

import importlib
import sys
import threading

from PySide6.QtCore import qInstallMessageHandler

MODULE = "PySide6.QtMultimedia"
_loading = threading.Lock()


def load() -> None:
    """Load the library, off the GUI thread: it takes a moment, which a quiet shift does not spend.

    It complains of missing sound servers while the system's loader has it in hand. Python must not hear of that:
    another thread that gets its turn meanwhile, and loads a library too, would wait for the loader for good, and this
    one for its turn.
    """
    with _loading:
        if MODULE in sys.modules:
            return
        heard = qInstallMessageHandler(None)
        try:
            importlib.import_module(MODULE)
        finally:
            qInstallMessageHandler(heard)
