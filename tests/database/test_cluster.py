"""The private cluster: made, shared, killed, mended, and what it says when it cannot be had."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest

from console.database import binaries as binaries_module
from console.database.binaries import find_binaries
from console.database.cluster import PrivateCluster
from console.database.locks import FileLock
from console.database.postmaster import Postmaster
from console.errors import ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
SMALL = 32 << 20
PATIENCE_S = 60


@contextlib.contextmanager
def made(folder: Path) -> Iterator[PrivateCluster]:
    """A cluster that is gone afterwards, wherever it put itself."""
    cluster = PrivateCluster(folder, durable=False, memory=SMALL)
    try:
        yield cluster
    finally:
        with contextlib.suppress(ConsoleError):
            cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)


@pytest.fixture
def cluster(short_folder: Path) -> Iterator[PrivateCluster]:
    with made(short_folder) as private:
        yield private


def ask(url: str, statement: str = "SELECT 1") -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.02)


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_fresh_cluster_serves_the_city_database(cluster: PrivateCluster) -> None:
    assert not cluster.is_running()
    with pytest.raises(ConsoleError, match="not running"):
        cluster.url()
    url = cluster.start()
    assert cluster.is_running()
    assert cluster.url() == url
    assert ask(url, "SELECT current_database() || ' ' || current_user") == "city city_owner"
    for setting, value in {
        "listen_addresses": "",
        "data_checksums": "on",
        "password_encryption": "scram-sha-256",
        "timezone": "Asia/Shanghai",
        "wal_level": "minimal",
    }.items():
        assert ask(url, f"SHOW {setting}") == value
    assert ask(url, "SELECT 'é' ~ '\\w' AND '字' ~ '\\w'") is True  # letters beyond ASCII, for the search by trigrams


def test_password_and_folders_are_closed(cluster: PrivateCluster) -> None:
    url = cluster.start()
    password = cluster.home / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    for folder in (cluster.home, cluster.pgdata, cluster.home / "run"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secret = password.read_text().strip()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.replace(secret, "wrong"))


def test_production_settings_are_durable(short_folder: Path) -> None:
    private = PrivateCluster(short_folder, memory=SMALL)
    try:
        url = private.start()
        assert [ask(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
    finally:
        private.stop()


def test_second_console_shares_and_the_last_one_stops(cluster: PrivateCluster) -> None:
    url = cluster.start()
    second = PrivateCluster(cluster.data_dir, memory=SMALL)
    assert second.start() == url
    second.start()  # once more changes nothing
    cluster.leave()
    assert second.is_running()
    assert ask(url) == 1
    second.leave()
    assert not second.is_running()
    second.leave()


def test_consoles_that_start_at_once_share_one_server(cluster: PrivateCluster) -> None:
    code = (
        "import sys; from pathlib import Path; from console.database.cluster import PrivateCluster\n"
        "c = PrivateCluster(Path(sys.argv[1]), durable=False, memory=32 << 20); c.start()\n"
        "print(c.url()); sys.stdout.flush(); sys.stdin.read(); c.leave()"
    )
    consoles = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(cluster.data_dir)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    urls = [console.stdout.readline().strip() for console in consoles if console.stdout]
    assert len(set(urls)) == 1
    assert ask(urls[0]) == 1
    for console in consoles:
        assert cluster.is_running()
        console.communicate()
        assert console.returncode == 0
    assert not cluster.is_running()


def test_server_that_was_asked_to_stay_outlives_consoles(cluster: PrivateCluster) -> None:
    url = cluster.start(stay=True)
    with PrivateCluster(cluster.data_dir, memory=SMALL):
        pass
    assert ask(url) == 1
    assert cluster.stop()
    assert not cluster.stop()
    # The wish was for that server, not for the next one.
    with PrivateCluster(cluster.data_dir, durable=False, memory=SMALL):
        pass
    assert not cluster.is_running()


def test_killed_console_leaves_a_server_that_the_next_one_takes_over(cluster: PrivateCluster) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from console.database.cluster import PrivateCluster\n"
        "c = PrivateCluster(Path(sys.argv[1]), durable=False, memory=32 << 20); c.start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert run_python(code, str(cluster.data_dir)).returncode == -signal.SIGKILL
    assert cluster.is_running()
    cluster.start()
    cluster.leave()  # the dead console does not count
    assert not cluster.is_running()


def postmaster(cluster: PrivateCluster) -> Postmaster:
    found = Postmaster.read(cluster.pgdata)
    assert found is not None
    return found


def test_killed_postmaster_is_started_again_with_all_that_was_committed(short_folder: Path) -> None:
    private = PrivateCluster(short_folder, memory=SMALL)
    try:
        url = private.start()
        ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
        busy = psycopg2.connect(url)  # its backend outlives the postmaster for a moment
        os.kill(postmaster(private).pid, signal.SIGKILL)
        wait_until(lambda: not private.is_running())
        assert private.start() == url
        assert ask(url, "SELECT n FROM kept") == 42
        busy.close()
    finally:
        private.stop()


def make_stale(cluster: PrivateCluster, pid: int) -> None:
    """Leave the lock files of a server that died, with a number that now belongs to the process `pid`."""
    cluster.start()
    lines = (cluster.pgdata / "postmaster.pid").read_text().splitlines()
    socket_lock = postmaster(cluster).socket.with_name(".s.PGSQL.5432.lock")
    os.kill(postmaster(cluster).pid, signal.SIGKILL)
    wait_until(lambda: not cluster.is_running())
    for path in (cluster.pgdata / "postmaster.pid", socket_lock):
        path.write_text("\n".join([str(pid), *lines[1:]]) + "\n")


def test_number_of_a_dead_server_that_another_process_has_now(cluster: PrivateCluster) -> None:
    account = {"user": "postgres"} if AS_ROOT else {}
    # Of the same account as the server, or PostgreSQL would see through it by itself.
    other = subprocess.Popen(["/bin/sleep", "600"], **account)  # type: ignore[call-overload]  # a dictionary to typeshed
    try:
        make_stale(cluster, other.pid)
        assert not cluster.is_running()
        assert ask(cluster.start()) == 1
    finally:
        other.kill()
        other.wait()


def test_lock_file_of_a_process_that_is_no_more(cluster: PrivateCluster) -> None:
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    make_stale(cluster, ended.pid)
    assert ask(cluster.start()) == 1


@pytest.mark.parametrize("words", ["", "garbage\n", "12\n/x\n"])
def test_damaged_lock_file(cluster: PrivateCluster, words: str) -> None:
    cluster.start()
    cluster.stop()
    (cluster.pgdata / "postmaster.pid").write_text(words)
    assert not cluster.is_running()
    assert ask(cluster.start()) == 1


def test_lost_socket_is_made_anew(cluster: PrivateCluster) -> None:
    url = cluster.start()
    postmaster(cluster).socket.unlink()
    assert cluster.start() == url
    assert ask(url) == 1


def test_interrupted_creation_is_begun_anew(cluster: PrivateCluster) -> None:
    unfinished = cluster.home / "pgdata.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    assert ask(cluster.start()) == 1
    assert not unfinished.exists()


def test_deep_data_folder_gets_a_short_socket(short_folder: Path) -> None:
    deep = short_folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with made(deep) as private:
        url = private.start()
        socket = postmaster(private).socket
        assert len(os.fsencode(socket)) <= 107
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        assert ask(url) == 1
        private.stop()
        assert private.start() == url  # other consoles keep the URL
        private.leave()
        assert not socket.parent.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server under another account")
def test_root_with_a_closed_data_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with made(closed) as private:
        assert ask(private.start()) == 1
        assert closed not in private.home.parents
        owner = private.pgdata.stat().st_uid
        assert owner != 0
        assert Path(f"/proc/{postmaster(private).pid}").stat().st_uid == owner
        again = PrivateCluster(closed)
        assert again.url() == private.url()


@pytest.mark.skipif(not AS_ROOT, reason="only root can become somebody else")
def test_ordinary_user(short_folder: Path) -> None:
    folder = short_folder / "home"
    folder.mkdir()
    shutil.chown(folder, "nobody")
    code = (
        "import os, pwd, sys; from pathlib import Path; from console.database.cluster import PrivateCluster\n"
        "import psycopg2\n"
        "entry = pwd.getpwnam('nobody'); os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)\n"
        "c = PrivateCluster(Path(sys.argv[1]) / 'data', durable=False, memory=32 << 20)\n"
        "psycopg2.connect(c.start()).close(); print(c.home); c.leave(); assert not c.is_running()"
    )
    answer = run_python(code, str(folder))
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == str(folder / "data" / "cluster")
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root can become somebody else")
def test_folder_that_may_not_be_written(short_folder: Path) -> None:
    folder = short_folder / "closed"
    folder.mkdir()  # root's
    code = (
        "import os, pwd, sys; from pathlib import Path; from console.database.cluster import PrivateCluster\n"
        "from console.errors import ConsoleError\n"
        "entry = pwd.getpwnam('nobody'); os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)\n"
        "try: PrivateCluster(Path(sys.argv[1]) / 'data').start()\n"
        "except ConsoleError as fault: print(fault)"
    )
    answer = run_python(code, str(folder))
    assert "cannot be used" in answer.stdout
    assert "--data-dir" in answer.stdout
    assert list(folder.iterdir()) == []


@pytest.fixture
def small_disk(short_folder: Path) -> Iterator[Path]:
    """A disk of 30 MB: too little for a cluster."""
    place = short_folder / "disk"
    place.mkdir()
    if (
        not AS_ROOT
        or subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=30m", "none", place], check=False).returncode
    ):
        pytest.skip("a small disk can only be mounted by root")
    yield place
    subprocess.run(["/bin/umount", place], check=True)


def test_full_disk_is_one_sentence_and_leaves_nothing(small_disk: Path) -> None:
    with made(small_disk) as private:
        with pytest.raises(ConsoleError, match="is full"):
            private.start()
        assert not private.pgdata.exists()
        assert not (private.home / "pgdata.new").exists()
        subprocess.run(["/bin/mount", "-o", "remount,size=600m", small_disk], check=True)
        assert ask(private.start()) == 1


def test_disk_that_fills_up_later_damages_nothing(small_disk: Path) -> None:
    subprocess.run(["/bin/mount", "-o", "remount,size=600m", small_disk], check=True)
    with made(small_disk) as private:
        url = private.start()
        ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
        private.stop()
        (private.pgdata / "postmaster.pid").unlink(missing_ok=True)
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
        with pytest.raises(ConsoleError, match=r"is full|does not start|cannot be used"):
            private.start()
        filler.unlink()
        assert ask(private.start(), "SELECT n FROM kept") == 42


def test_data_of_another_postgresql_is_refused_and_untouched(cluster: PrivateCluster) -> None:
    cluster.start()
    cluster.stop()
    version = cluster.pgdata / "PG_VERSION"
    before = version.read_text()
    version.write_text("99\n")
    with pytest.raises(ConsoleError, match="made by PostgreSQL 99"):
        cluster.start()
    version.write_text(before)
    assert ask(cluster.start()) == 1


def test_foreign_folder_in_the_place_of_the_data(cluster: PrivateCluster) -> None:
    cluster.pgdata.mkdir(parents=True)
    (cluster.pgdata / "photo.jpg").write_bytes(b"x")
    with pytest.raises(ConsoleError, match="holds no PostgreSQL data"):
        cluster.start()
    assert (cluster.pgdata / "photo.jpg").read_bytes() == b"x"


def test_broken_settings_are_named(cluster: PrivateCluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.pgdata / "local.conf").write_text("shared_buffers = lots\n")
    with pytest.raises(ConsoleError, match=r"does not start: .*server\.log"):
        cluster.start()
    (cluster.pgdata / "local.conf").write_text("work_mem = '7MB'\n")
    (cluster.pgdata / "local.conf").chmod(0o644)
    assert ask(cluster.start(), "SHOW work_mem") == "7MB"


def fake_release(folder: Path, version: str, *, postgis: bool) -> Path:
    """Programs that only know their version."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name, words in {"postgres": f"postgres (PostgreSQL) {version}", "initdb": "", "pg_config": str(folder)}.items():
        (programs / name).write_text(f"#!/bin/sh\necho '{words}'\n")
        (programs / name).chmod(0o755)
    (folder / "extension").mkdir()
    if postgis:
        (folder / "extension" / "postgis.control").write_text("")
    return programs


@pytest.mark.parametrize(
    ("version", "postgis", "words"),
    [
        ("14.9", True, r"No PostgreSQL 15 or later .*found: 14"),
        ("16.2 (Debian 16.2-1)", False, "16 is installed without PostGIS"),
        (None, False, r"No PostgreSQL 15 or later .*found: -"),
    ],
)
def test_unfit_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, postgis: bool, words: str
) -> None:
    programs = tmp_path if version is None else fake_release(tmp_path / "pg", version, postgis=postgis)
    monkeypatch.setenv("CONSOLE_POSTGRES_BIN", str(programs))
    with pytest.raises(ConsoleError, match=words):
        PrivateCluster(tmp_path / "data").start()
    assert not (tmp_path / "data" / "cluster" / "pgdata").exists()


def test_newest_release_with_postgis_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, postgis in (("9.6", True), ("15.4", True), ("16.1", True), ("17.0", False)):
        fake_release(tmp_path / version, version, postgis=postgis)
    monkeypatch.setattr(binaries_module, "_RELEASES", ((str(tmp_path), "*/bin"),))
    monkeypatch.setenv("PATH", "/bin")
    assert find_binaries().major == 16
    assert find_binaries(15).major == 15
    with pytest.raises(ConsoleError, match="17 is installed without PostGIS"):
        find_binaries(17)
    with pytest.raises(ConsoleError, match="made by PostgreSQL 18"):
        find_binaries(18)


def test_locks_between_processes(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    one, two, three = FileLock(path), FileLock(path), FileLock(path)
    assert one.share(0)
    assert two.share(0)
    assert not three.exclude(0)
    one.release()
    two.release()
    assert three.exclude(0)
    assert three.held
    assert not one.share(0)
    code = "import sys; from pathlib import Path; from console.database.locks import FileLock\n"
    code += "print(FileLock(Path(sys.argv[1])).share(0))"
    assert run_python(code, str(path)).stdout.strip() == "False"
    three.release()
    assert run_python(code, str(path)).stdout.strip() == "True"
