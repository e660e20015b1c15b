"""What every test gets: a real private PostGIS, settings in a folder of its own, and no thread left behind."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from sqlalchemy import text

from console.database.cluster import PrivateCluster
from console.database.connection import connect, normalise
from console.database.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

# Before anything imports Qt; a test under a real or virtual screen sets its own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_SCRATCH = Path(tempfile.mkdtemp(prefix="yc-"))  # short: the path of a Unix socket ends at 107 bytes
_SCRATCH.chmod(0o711)  # the server's account must pass when we are root
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
    os.environ[_name] = str(_SCRATCH / _name.lower())
for _name in ("CONSOLE_DATABASE", "CONSOLE_DATA_DIR", "CONSOLE_LANGUAGE", "CONSOLE_LOG_LEVEL"):
    os.environ.pop(_name, None)

# A machine that is busy with something else is no fault of what is tested.
hypothesis.settings.register_profile("console", deadline=None)
hypothesis.settings.load_profile("console")
THREAD_GRACE_S = 5  # for a thread that was told to stop and is on its way
_numbers = itertools.count(1)


def pytest_unconfigure() -> None:
    """Remove what the session put on the disk."""
    shutil.rmtree(_SCRATCH, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests run last, so that a plain mistake is seen early."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(autouse=True)
def no_leaked_thread() -> Iterator[None]:
    """Fail the test that leaves a thread behind, and name the thread."""
    before = set(threading.enumerate())
    yield
    leaked = []
    for thread in set(threading.enumerate()) - before:
        # Qt's own threads show up as dummies once Python has run in them; Qt itself complains about those that leak.
        if isinstance(thread, threading._DummyThread):
            continue
        thread.join(THREAD_GRACE_S)
        if thread.is_alive():
            leaked.append(f"{thread.name} ({getattr(thread, '_target', None) or type(thread).__qualname__})")
    assert not leaked, f"threads left running: {', '.join(leaked)}"


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of the test: nothing is read from or written to the user's own."""
    folder = tmp_path / "data"
    monkeypatch.setenv("CONSOLE_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket, that the server's account may pass."""
    folder = Path(tempfile.mkdtemp(dir=_SCRATCH))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[PrivateCluster]:
    """A running private PostGIS cluster for the whole session."""
    private = PrivateCluster(_SCRATCH / "c", durable=False, memory=128 << 20)
    private.start()
    yield private
    private.stop()


@pytest.fixture(scope="session")
def administration(cluster: PrivateCluster) -> Iterator[Engine]:
    """A connection to the cluster's maintenance database, for making and dropping databases."""
    url = normalise(cluster.url()).set(database="postgres").render_as_string(hide_password=False)
    engine = connect(url, statement_timeout_s=0).execution_options(isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def empty_template(cluster: PrivateCluster, administration: Engine) -> str:
    """Name of a migrated database without a city."""
    return _make_template(cluster, administration, "template_empty", migrate)


@pytest.fixture(scope="session")
def city_template(cluster: PrivateCluster, administration: Engine) -> str:
    """Name of a database with the small demonstration city."""

    def fill(engine: Engine) -> None:
        from datetime import UTC, datetime  # noqa: PLC0415

        from console.simulation.generator import seed  # noqa: PLC0415 - only for tests that need a city

        migrate(engine)
        seed(engine, scale="small", seed=1, end=datetime(2026, 11, 1, 4, tzinfo=UTC))

    return _make_template(cluster, administration, "template_city", fill)


@pytest.fixture
def bare_database(cluster: PrivateCluster, administration: Engine) -> Iterator[Engine]:
    """A new database with nothing in it, not even PostGIS."""
    yield from _clone(cluster, administration, "template1")


@pytest.fixture
def empty_database(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Engine]:
    """A migrated database of the test's own, without a city."""
    yield from _clone(cluster, administration, empty_template)


@pytest.fixture
def database(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Engine]:
    """A database of the test's own with the small demonstration city."""
    yield from _clone(cluster, administration, city_template)


def _make_template(cluster: PrivateCluster, administration: Engine, name: str, fill: Callable[[Engine], object]) -> str:
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = connect(_url(cluster, name), statement_timeout_s=0)
    try:
        fill(engine)
    finally:
        engine.dispose()
    return name


def _clone(cluster: PrivateCluster, administration: Engine, template: str) -> Iterator[Engine]:
    name = f"test_{next(_numbers)}"
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    engine = connect(_url(cluster, name))
    yield engine
    engine.dispose()
    with administration.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _url(cluster: PrivateCluster, database: str) -> str:
    return normalise(cluster.url()).set(database=database).render_as_string(hide_password=False)
