"""Whether there is a screen to show windows on, asked before Qt is: without one, Qt ends the whole process."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from pathlib import Path

from console.errors import QT_TRANSLATE_NOOP, ConsoleError


def require_screen(*, screenshots: bool) -> None:
    """Make sure that there is something to show windows on; pictures are painted without a screen.

    Raises:
        ConsoleError: there is no screen, or the one that the environment names does not answer.
    """
    if screenshots:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if sys.platform in {"win32", "darwin"} or (platform and not platform.startswith(("xcb", "wayland"))):
        return
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not (display or wayland):
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "There is no screen. Run the console on a desktop, or with --screenshots DIR for pictures."
            )
        )
    if not ((display and _answers_as_x()) or (wayland and _answers_as_wayland(wayland))):
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "The screen “{screen}” does not answer. Run the console on a desktop, or with --screenshots DIR for "
                "pictures.",
            ),
            screen=display or wayland,
        )


def _answers_as_x() -> bool:
    """Whether the X server that DISPLAY names lets us in; taken for granted without the library that Qt asks it by."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = ctypes.c_char_p, ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = (ctypes.c_void_p,)
    xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(None, None)
    is_refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not is_refused


def _answers_as_wayland(name: str) -> bool:
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0
