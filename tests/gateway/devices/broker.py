"""A real broker on a port of its own, that can go away and come back with what it has kept."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from paho.mqtt import publish

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 10.0


class Broker:
    """Mosquitto, with one login, ``gateway``; sessions are kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._folder = folder
        folder.mkdir()
        passwords = folder / "passwords"
        passwords.touch(0o600)
        tool = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
        subprocess.run([tool, "-b", str(passwords), "gateway", "p@ss word"], check=True, capture_output=True)
        (folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
            f"persistence true\npersistence_location {folder}/\nuser root\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, as the gateway's option."""
        return f"mqtt://gateway:p%40ss%20word@127.0.0.1:{self.port}"

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._process = subprocess.Popen(
            [program, "-c", str(self._folder / "mosquitto.conf")], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError("the broker does not listen")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None

    def say(self, topic: str, *payloads: str | bytes) -> None:
        """Publish messages of quality 1, as devices do."""
        publish.multiple(
            [{"topic": topic, "payload": payload, "qos": 1} for payload in payloads],
            hostname="127.0.0.1",
            port=self.port,
            auth={"username": "gateway", "password": "p@ss word"},
        )
