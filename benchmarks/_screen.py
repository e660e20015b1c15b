"""A virtual screen, whose pixels can be read by whoever has it: the X server keeps them in a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

WIDTH, HEIGHT = 1920, 1080
BYTES_A_COLOUR = 12


@dataclass(frozen=True)
class Screen:
    """A running X server.

    Attributes:
        display: its name.
        pixels: what is on it now, (height, width) of 32 bits each.
    """

    display: str
    pixels: NDArray[np.uint32]


@contextmanager
def virtual_screen() -> Iterator[Screen]:
    """A screen of 1920 × 1080 pixels that programs started meanwhile show their windows on."""
    before = {name: os.environ.get(name) for name in ("DISPLAY", "QT_QPA_PLATFORM")}
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="yc-") as folder:
        server = subprocess.Popen(
            [
                shutil.which("Xvfb") or "script/bench installs Xvfb",
                *("-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"),
                *("-fbdir", folder),
            ],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as numbers:
                display = f":{numbers.readline().strip()}"
            os.environ |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
            yield Screen(display, _pixels(Path(folder) / "Xvfb_screen0"))
        finally:
            server.terminate()
            server.wait()
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _pixels(path: Path) -> NDArray[np.uint32]:
    """The pixels within a window dump of X (XWD, version 7): a header, the colour map, then rows."""
    header = np.memmap(path, ">u4", "r", shape=(25,))
    size, height, bits, row_bytes, colours = (int(header[i]) for i in (0, 5, 11, 12, 19))
    if bits != 32:
        raise ValueError(f"a pixel of the virtual screen has {bits} bits instead of 32")
    begin = size + colours * BYTES_A_COLOUR
    rows = np.memmap(path, np.uint32, "r", offset=begin, shape=(height, row_bytes // 4))
    return rows[:, :WIDTH]
