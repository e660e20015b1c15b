"""``python -m console.database``: what it prints, and how it fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database.__main__ import COMMANDS, main
from console.database.cluster import PrivateCluster
from console.database.connection import connect, url_of
from console.database.migrations import current_revision, head_revision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(short_folder: Path) -> Iterator[Path]:
    yield short_folder
    cluster = PrivateCluster(short_folder)
    cluster.stop()
    shutil.rmtree(cluster.home, ignore_errors=True)


def test_life_of_a_private_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--data-dir", str(folder), "--language", "en"]
    assert main(["url", *where]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["start", *where]) == 0
    url = capsys.readouterr().out.strip()
    assert main(["url", *where]) == 0
    assert capsys.readouterr().out.strip() == url
    engine = connect(url)
    assert current_revision(engine) == head_revision()
    engine.dispose()
    assert main(["migrate", *where]) == 0
    assert capsys.readouterr().out.strip() == head_revision()
    assert PrivateCluster(folder).is_running()  # a command that joins does not stop what was asked to stay
    assert main(["stop", *where]) == 0
    assert main(["stop", *where]) == 0
    assert "was not running" in capsys.readouterr().out
    assert not PrivateCluster(folder).is_running()


def test_going_down_needs_consent(empty_database: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--database", url_of(empty_database), "--language", "en"]
    assert main(["migrate", "base", *where]) == 1
    assert "deletes data" in capsys.readouterr().err
    assert current_revision(empty_database) == head_revision()
    assert main(["migrate", "base", "--allow-loss", *where]) == 0
    assert current_revision(empty_database) is None
    assert main(["migrate", *where]) == 0
    assert current_revision(empty_database) == head_revision()


@pytest.mark.parametrize("command", ["start", "stop", "url"])
def test_commands_of_the_private_database_refuse_a_server(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--database", "postgresql://x/city", "--language", "en"]) == 1
    assert "names a server" in capsys.readouterr().err


def test_process_exits_with_one_line(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "console.database", "migrate", "--database", "nonsense", "--language", "en"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "no PostgreSQL URL" in answer.stderr


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_help_explains_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    assert done.value.code == 0
    words = capsys.readouterr().out
    for option in ("--data-dir", "--database", "--language", "--log-level"):
        assert option in words


def test_a_server_gets_logins_that_everybody_knows_only_with_consent(
    empty_database: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--database", url_of(empty_database), "--language", "en"]
    assert main(["seed", "--scale", "small", *where]) == 1
    assert "--demonstration-logins" in capsys.readouterr().err
    with empty_database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM city.staff")).scalar() == 0
    assert main(["seed", "--scale", "small", "--demonstration-logins", *where]) == 0
    with empty_database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM city.staff")).scalar_one() > 0
