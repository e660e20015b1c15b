"""A virtual screen, and a data folder with a small demonstration city."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console.database.cluster import PrivateCluster
from console.database.connection import connect
from console.database.migrations import migrate
from console.simulation.generator import seed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name of a virtual screen of 1920 × 1080 pixels, which programs started by the test show their windows on."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            shutil.which("Xvfb") or "script/test installs Xvfb",
            *("-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"),
        ],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as numbers:
        display = f":{numbers.readline().strip()}"
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    yield display
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def city_folder() -> Iterator[Path]:
    """A data folder whose private cluster, which does not run, holds a small city up to now."""
    folder = Path(tempfile.mkdtemp(prefix="yc-"))  # short, for the path of the socket
    folder.chmod(0o711)  # the server's account must pass when we are root
    cluster = PrivateCluster(folder / "d", durable=False, memory=128 << 20)
    with cluster:
        engine = connect(cluster.url(), statement_timeout_s=0)
        migrate(engine)
        seed(engine, scale="small")
        engine.dispose()
    yield cluster.data_dir
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)
