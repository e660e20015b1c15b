"""The private PostGIS cluster: made, started, shared by the consoles of this machine and stopped by the last of them.

It listens on a Unix socket only, in a folder that no other account may enter, and asks for a generated password.
Everything lies in one folder, the cluster's home::

    home/pgdata      the server's data folder (checksums, SCRAM)
    home/password    of the owner role, mode 0600
    home/server.log  the server's own log
    home/start.lock  held while somebody starts or stops the server
    home/users.lock  shared by every console that uses it

The home is ``<data_dir>/cluster``. Where the server's account cannot reach that (we are root and a folder above is
closed), the home lies below ``/var/lib/yuncheng-console/clusters`` and ``<data_dir>/cluster.location`` names it.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from console.database.account import Account
from console.database.binaries import Binaries, find_binaries
from console.database.locks import FileLock
from console.database.postmaster import LONGEST_SOCKET_PATH, PORT, Postmaster
from console.database.tuning import server_settings
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

DATABASE = "city"
OWNER = "city_owner"
REACHABLE = Path("/var/lib/yuncheng-console/clusters")
START_TIMEOUT_S = 300  # recovery after a crash replays up to max_wal_size
LOCK_TIMEOUT_S = 330
ORPHANS_TIMEOUT_S = 20
LOG_LIMIT = 20_000_000  # bytes; a longer server.log is put aside at the next start
_log = logging.getLogger(__name__)


class PrivateCluster:
    """The cluster that belongs to one data folder.

    As a context manager it is started on entry and left (`stop` when we were the last) on exit.

    Args:
        data_dir: folder of the console; the cluster makes itself a home in it.
        durable: False gives up safety against a crash of the machine for speed; for tests only.
        memory: bytes that the server may take for its cache; None takes an eighth of the machine, 1 GiB at most.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True, memory: int | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.durable = durable
        self.memory = memory
        self._users: FileLock | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def home(self) -> Path:
        """Where the cluster lies, or would lie if it existed."""
        pointer = self.data_dir / "cluster.location"
        try:
            return Path(pointer.read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return self.data_dir / "cluster"

    @property
    def pgdata(self) -> Path:
        """The server's data folder."""
        return self.home / "pgdata"

    @property
    def is_new(self) -> bool:
        """Whether `start` will make it; what cannot be looked at is for `start` to explain."""
        try:
            return not self.pgdata.exists()
        except OSError:
            return False

    def start(self, *, stay: bool = False) -> str:
        """Make the cluster if there is none, start it if it does not run, and count us among its users.

        Args:
            stay: the server goes on after the last console has left, until `stop`; we are not counted.

        Returns:
            The URL of the city's database, for psql and for `console.database.connection.connect`.

        Raises:
            ConsoleError: PostgreSQL or PostGIS is missing or does not fit the data, the disk is full, the folder
                cannot be written, or the server does not start. Nothing that existed is changed then.
        """
        with _explained(self.data_dir):
            self._make_home()
            with self._exclusive():
                account = Account.for_server(self.home)
                self._create(account)
                postmaster = self._running(account) or self._launch(account)
                url = self._url(postmaster.socket_folder)
                self._create_database(postmaster)
                if stay:
                    (self.home / "stay").write_text(str(postmaster.pid), encoding="utf-8")
                elif self._users is None:
                    users = FileLock(self.home / "users.lock")
                    users.share(LOCK_TIMEOUT_S)
                    self._users = users
                return url

    def leave(self) -> None:
        """Count us out; the server is stopped if nobody is left and nobody asked it to stay."""
        users, self._users = self._users, None
        if users is None:
            return
        with _explained(self.data_dir), self._exclusive():
            users.release()
            postmaster = Postmaster.read(self.pgdata)
            if postmaster is None or self._stays(postmaster):
                return
            if users.exclude(0):
                try:
                    self._shut_down()
                    self._forget_socket_folder()
                finally:
                    users.release()

    def stop(self) -> bool:
        """Stop the server, whoever uses it; False when it did not run.

        Raises:
            ConsoleError: the server does not stop.
        """
        users, self._users = self._users, None
        if users is not None:
            users.release()
        if not (self.pgdata / "PG_VERSION").exists():
            return False
        with _explained(self.data_dir), self._exclusive():
            (self.home / "stay").unlink(missing_ok=True)
            return self._shut_down()

    def is_running(self) -> bool:
        """Whether the server of this cluster runs and takes connections."""
        try:
            postmaster = Postmaster.read(self.pgdata)
        except OSError:
            return False
        return postmaster is not None and postmaster.is_ready

    def url(self) -> str:
        """The URL of the city's database on the running server.

        Raises:
            ConsoleError: the server does not run.
        """
        with _explained(self.data_dir):
            postmaster = Postmaster.read(self.pgdata)
            if postmaster is None or not postmaster.is_ready:
                raise ConsoleError(
                    QT_TRANSLATE_NOOP(
                        "errors",
                        "The private database of {folder} is not running. Start the console or "
                        "“python -m console.database start”.",
                    ),
                    folder=self.data_dir,
                )
            return self._url(postmaster.socket_folder)

    def _url(self, socket_folder: Path, database: str = DATABASE) -> str:
        password = (self.home / "password").read_text(encoding="utf-8").strip()
        return f"postgresql://{OWNER}:{password}@/{database}?host={quote(str(socket_folder))}&port={PORT}"

    def _make_home(self) -> None:
        """Find or make a home that the server's account can reach."""
        home = self.home
        if (home / "pgdata").exists():
            return
        find_binaries()  # without them nothing is made
        _make_folder(self.data_dir)
        account = Account.for_server()
        if not account.can_reach(self.data_dir) and not (self.data_dir / "cluster.location").exists():
            # A random name: a data folder that is made anew under an old path must not find the old city.
            home = REACHABLE / f"{self.data_dir.name or 'root'}-{secrets.token_hex(6)}"
            _make_folder(REACHABLE.parent)
            _make_folder(REACHABLE)
            (self.data_dir / "cluster.location").write_text(str(home), encoding="utf-8")
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        account.own(home)

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        lock = FileLock(self.home / "start.lock")
        if not lock.exclude(LOCK_TIMEOUT_S):
            raise ConsoleError(
                QT_TRANSLATE_NOOP(
                    "errors",
                    "Another program has been starting or stopping the private database of {folder} for too long. "
                    "End it and try again.",
                ),
                folder=self.data_dir,
            )
        try:
            yield
        finally:
            lock.release()

    def _create(self, account: Account) -> None:
        """Make the data folder; an interrupted attempt leaves nothing that a later one could take for a cluster."""
        if (self.pgdata / "PG_VERSION").exists():
            return
        if self.pgdata.exists():
            raise ConsoleError(
                QT_TRANSLATE_NOOP(
                    "errors",
                    "The folder {folder} exists but holds no PostgreSQL data. Move it away or choose another data "
                    "folder.",
                ),
                folder=self.pgdata,
            )
        binaries = find_binaries()
        password = self.home / "password"
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
        account.own(password)
        unfinished = self.home / "pgdata.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            _initdb(binaries, account, unfinished, password, durable=self.durable)
            unfinished.rename(self.pgdata)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        _log.info("made a PostgreSQL %d cluster in %s", binaries.major, self.pgdata)

    def _running(self, account: Account) -> Postmaster | None:
        """The server if it runs and can be reached; what a dead one left behind is cleared away."""
        postmaster = Postmaster.read(self.pgdata)
        if postmaster is None:
            Postmaster.clear_stale(self.pgdata)
            return None
        settled = postmaster.wait_settled(START_TIMEOUT_S)
        if settled is None:
            return None
        if settled.socket.exists():
            return settled
        _log.warning("the socket %s has gone; the server is started again", settled.socket)
        self._pg_ctl(self._binaries(), account, "stop", "-m", "fast", "-t", str(START_TIMEOUT_S))
        return None

    def _launch(self, account: Account) -> Postmaster:
        binaries = self._binaries()
        sockets = self._socket_folder(account)
        settings = server_settings(sockets, durable=self.durable, memory=self.memory)
        self._write(account, self.pgdata / "console.conf", settings)
        log = self.home / "server.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.old"))
        deadline = time.monotonic() + ORPHANS_TIMEOUT_S
        while True:
            before = log.stat().st_size if log.exists() else 0
            answer = self._pg_ctl(binaries, account, "start", "-l", str(log), "-t", str(START_TIMEOUT_S))
            if answer.returncode == 0:
                break
            words = answer.stdout + answer.stderr + _tail(log, before)
            # Backends of a postmaster that was killed end by themselves, but not at once.
            if "shared memory block" not in words or time.monotonic() > deadline:
                _fail_start(words, log)
            time.sleep(0.1)
        postmaster = Postmaster.read(self.pgdata)
        if postmaster is None:
            _fail_start(_tail(log, before), log)
        return postmaster

    def _socket_folder(self, account: Account) -> Path:
        """A folder for the socket whose path fits into a socket address, closed to other accounts."""
        own = self.home / "run"
        remembered = self.home / "socket.location"
        if len(os.fsencode(own / f".s.PGSQL.{PORT}.lock")) <= LONGEST_SOCKET_PATH:
            own.mkdir(mode=0o700, exist_ok=True)
            account.own(own)
            return own
        with contextlib.suppress(FileNotFoundError):
            old = Path(remembered.read_text(encoding="utf-8"))
            if _is_private(old, account):
                return old
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        base = runtime if runtime and not account.is_other and os.access(runtime, os.W_OK) else None
        # mkdtemp: a name that nobody can foresee, mode 0700.
        fresh = Path(tempfile.mkdtemp(prefix="yuncheng-", dir=base or "/tmp"))  # noqa: S108
        account.own(fresh)
        remembered.write_text(str(fresh), encoding="utf-8")
        return fresh

    def _forget_socket_folder(self) -> None:
        """Only when nobody uses the cluster: the others' URLs name that folder."""
        remembered = self.home / "socket.location"
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(remembered.read_text(encoding="utf-8"), ignore_errors=True)
            remembered.unlink()

    def _shut_down(self) -> bool:
        if Postmaster.read(self.pgdata) is None:
            return False
        account = Account.for_server(self.home)
        answer = self._pg_ctl(self._binaries(), account, "stop", "-m", "fast", "-t", str(START_TIMEOUT_S))
        if answer.returncode != 0 and Postmaster.read(self.pgdata) is not None:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The private database does not stop: {reason}. See {log}."),
                reason=_last_line(answer.stderr),
                log=self.home / "server.log",
            )
        return True

    def _stays(self, postmaster: Postmaster) -> bool:
        try:
            return (self.home / "stay").read_text(encoding="utf-8") == str(postmaster.pid)
        except FileNotFoundError:
            return False

    def _binaries(self) -> Binaries:
        major = (self.pgdata / "PG_VERSION").read_text(encoding="utf-8").strip()
        return find_binaries(int(major))

    def _pg_ctl(self, binaries: Binaries, account: Account, *words: str) -> subprocess.CompletedProcess[str]:
        command = [binaries.program("pg_ctl"), words[0], "-w", "-D", str(self.pgdata), *words[1:]]
        return account.run(command, timeout_s=START_TIMEOUT_S + 30)

    def _create_database(self, postmaster: Postmaster) -> None:
        maintenance = psycopg2.connect(self._url(postmaster.socket_folder, "postgres"), connect_timeout=30)
        try:
            maintenance.autocommit = True
            with maintenance.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        finally:
            maintenance.close()

    @staticmethod
    def _write(account: Account, path: Path, text: str) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o600)
        account.own(fresh)
        fresh.replace(path)


def _make_folder(folder: Path) -> None:
    """Make `folder`; root's must be passable for the server's account, anybody else's are private."""
    folder.mkdir(mode=0o711 if Account.for_server().is_other else 0o700, parents=True, exist_ok=True)


def _is_private(folder: Path, account: Account) -> bool:
    try:
        info = folder.lstat()
    except FileNotFoundError:
        return False
    owner = account.uid if account.uid is not None else (info.st_uid if sys.platform == "win32" else os.geteuid())
    return folder.is_dir() and not folder.is_symlink() and info.st_uid == owner and info.st_mode & 0o077 == 0


def _initdb(binaries: Binaries, account: Account, folder: Path, password: Path, *, durable: bool) -> None:
    # The character classes of UTF-8 are needed by pg_trgm to see Chinese characters as letters; the order of bytes
    # keeps indexes fast and alike on every platform.
    for ctype in ("C.UTF-8", "en_US.UTF-8", "zh_CN.UTF-8"):
        command = [
            *(binaries.program("initdb"), "-D", str(folder), "-U", OWNER, "--pwfile", str(password)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--lc-collate=C", f"--lc-ctype={ctype}", "--lc-messages=C"),
            *("--locale=C", "--data-checksums", *(() if durable else ("--no-sync",))),
        ]
        answer = account.run(command, timeout_s=START_TIMEOUT_S)
        if answer.returncode == 0:
            with (folder / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(
                    "\n# console.conf is written at every start; put settings of your own into local.conf.\n"
                    "include 'console.conf'\ninclude_if_exists 'local.conf'\n"
                )
            return
        if "locale" not in answer.stderr:
            break
    _raise_if_full(answer.stderr, folder)
    raise ConsoleError(
        QT_TRANSLATE_NOOP("errors", "The private database could not be made in {folder}: {reason}."),
        folder=folder.parent,
        reason=_last_error(answer.stderr),
    )


def _fail_start(words: str, log: Path) -> NoReturn:
    _raise_if_full(words, log.parent)
    raise ConsoleError(
        QT_TRANSLATE_NOOP("errors", "The private database does not start: {reason}. See {log}."),
        reason=_last_error(words),
        log=log,
    )


def _raise_if_full(words: str, folder: Path) -> None:
    if "No space left on device" in words or "Disk quota exceeded" in words:
        raise _disk_full(folder)


def _disk_full(folder: Path) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "The disk that holds {folder} is full. Free some space (the demonstration city needs about 4 GB) or choose "
            "another data folder, then try again; nothing was damaged.",
        ),
        folder=folder,
    )


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn faults of the file system and of the server programs into sentences."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(folder) from fault
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "The data folder {folder} cannot be used: {reason}. Give yourself the right to write there or choose "
                "another with --data-dir.",
            ),
            folder=folder,
            reason=fault,
        ) from fault
    except subprocess.TimeoutExpired as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "{program} did not end within {seconds} seconds; the machine may be overloaded."
            ),
            program=Path(str(fault.cmd[0])).name,
            seconds=round(fault.timeout),
        ) from fault
    except psycopg2.OperationalError as fault:
        _raise_if_full(str(fault), folder)
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The private database of {folder} runs but refuses us: {reason}."),
            folder=folder,
            reason=_last_line(str(fault)),
        ) from fault


def _tail(log: Path, offset: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(offset)
        return file.read().decode("utf-8", "replace")


def _last_error(words: str) -> str:
    lines = [line for line in words.splitlines() if "FATAL" in line or "PANIC" in line or "error:" in line]
    return _last_line(lines[-1] if lines else words)


def _last_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "?"
