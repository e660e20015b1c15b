"""The account that runs the private server: ours, or an ordinary one when we are root, which PostgreSQL refuses."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Account:
    """Who runs the server; `uid` and `gid` are None when it is whoever runs us."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_server(cls, home: Path | None = None) -> Account:
        """The account for a cluster in `home`: its owner if it exists, else ``postgres``, else ``nobody``.

        Raises:
            ConsoleError: we are root and the machine has no ordinary account.
        """
        if sys.platform == "win32" or os.geteuid() != 0:
            return cls()
        import pwd  # noqa: PLC0415 - absent on Windows

        if home is not None and home.is_dir():
            owner = home.stat()
            if owner.st_uid != 0:
                return cls(owner.st_uid, owner.st_gid)
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "PostgreSQL does not run as root and this machine has neither the account “postgres” nor “nobody”. "
                "Start the console as an ordinary user.",
            )
        )

    @property
    def is_other(self) -> bool:
        """Whether the server runs under another account than we do."""
        return self.uid is not None

    def can_reach(self, folder: Path) -> bool:
        """Whether every existing folder from the root down to `folder` may be entered by the account."""
        if self.uid is None:
            return True
        for step in (folder, *folder.parents):
            try:
                info = step.stat()
            except FileNotFoundError:
                continue  # will be made by us
            if info.st_uid == self.uid:
                allowed = info.st_mode & stat.S_IXUSR
            elif info.st_gid == self.gid:
                allowed = info.st_mode & stat.S_IXGRP
            else:
                allowed = info.st_mode & stat.S_IXOTH
            if not allowed:
                return False
        return True

    def own(self, path: Path) -> None:
        """Give `path` to the account."""
        if sys.platform != "win32" and self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, command: Sequence[str], *, timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Run a server program to its end under the account, with messages in English and no ``PG…`` variables."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG", "TZ"))
        }
        environment["LC_ALL"] = "C"
        who: dict[str, object] = {}
        if self.uid is not None:
            who = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]  # `who` is a dictionary to typeshed
            list(command),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout_s,
            cwd="/" if sys.platform != "win32" else None,
            env=environment,
            stdin=subprocess.DEVNULL,
            umask=0o077 if sys.platform != "win32" else -1,
            **who,
        )
