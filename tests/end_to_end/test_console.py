"""The program as people start it: a process under a virtual screen, operated with mouse and keys."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg2
import pytest
from PySide6.QtGui import QImage
from sqlalchemy import create_engine, text

from console.database.cluster import PrivateCluster
from console.database.postmaster import Postmaster
from tests.end_to_end.process import PATIENCE_S, ROOT, TITLE, ConsoleProcess, is_alive, wait_for
from tests.end_to_end.traced import Trace, Watch, wanted_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

OUTAGE_S = 12.0
"""How long the database stays away: several times the longest pause between two attempts to reconnect."""
TURN_MS, FAR = 50.0, 10
"""The longest that a turn of the event loop may take us on a quiet machine, and how far beyond it is our own fault."""
WORKSPACES = {
    "ctrl+1": "Dispatch",
    "ctrl+2": "Drainage",
    "ctrl+3": "Trucks",
    "ctrl+4": "Flood",
    "ctrl+5": "Supervision",
    "ctrl+6": "Alarm rules",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the virtual screen is one of X"),
]


def report_cases(cluster: PrivateCluster, number: int) -> list[tuple[int, str]]:
    """File cases from outside, as a desk or a script does; their ids and numbers."""
    connection = psycopg2.connect(cluster.url())
    with connection, connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT filed.* FROM generate_series(1, %s) AS n,
                LATERAL (SELECT ST_PointOnSurface(geom) AS place FROM city.unit_grid ORDER BY code OFFSET n LIMIT 1) g,
                city.report_case('hotline_12345', 'Manhole cover missing ' || n, ST_X(place), ST_Y(place)) AS filed
            """,
            (number,),
        )
        filed: list[tuple[int, str]] = cursor.fetchall()
    connection.close()
    return filed


def signed_in(cluster: PrivateCluster) -> set[str]:
    """The logins by which consoles are connected."""
    connection = psycopg2.connect(cluster.url())
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT usename FROM pg_stat_activity WHERE application_name LIKE 'console%%'")
        found = {login for (login,) in cursor.fetchall()}
    connection.close()
    return found


@pytest.fixture
def cluster(city_folder: Path) -> Iterator[PrivateCluster]:
    """The cluster of the city's folder; consoles start and stop it."""
    yield (made := PrivateCluster(city_folder))
    made.stop()


def test_a_day_at_the_desk(screen: str, city_folder: Path, cluster: PrivateCluster) -> None:
    with ConsoleProcess(city_folder) as console:
        console.take_window(f"Sign in.*{TITLE}")
        console.press("Down", "Down", "Return")
        console.take_window(f"Dispatch.*{TITLE}")
        assert "acceptor03" in signed_in(cluster)
        for key, workspace in (("ctrl+2", "Trucks"), ("ctrl+3", "Flood"), ("ctrl+1", "Dispatch")):
            console.show(key, workspace)
        wait_for("usable map", lambda: console.logged("map usable after"))
        wait_for("queue", lambda: console.cases("to_accept") >= 0)
        wait_for("player", lambda: console.children)
        children = console.children

        # Filed by somebody else, it is here without anybody asking.
        before = console.cases("to_accept")
        ((case_id, case_no),) = report_cases(cluster, 1)
        wait_for("new case", lambda: console.cases("to_accept") > before)

        # Found by its number, clicked, shown in full: the row on the screen is that case.
        console.click(150, 600)
        console.press("slash")
        console.type(case_no)
        wait_for("found case", lambda: console.cases("to_accept") == 1)
        console.click(150, 260)
        wait_for("details", lambda: console.logged(r"details of case (\d+) are shown") == str(case_id))

        console.press("ctrl+q")
        assert console.ended() == 0
        assert not re.findall(r" (ERROR|CRITICAL) .*", console.log)
    wait_for("end of the player", lambda: not any(map(is_alive, children)))
    assert not cluster.is_running()


def test_what_a_killed_console_started_ends_too(screen: str, city_folder: Path, cluster: PrivateCluster) -> None:
    with ConsoleProcess(city_folder, "--user", "acceptor01") as console:
        console.take_window(f"Dispatch.*{TITLE}")
        wait_for("player and gateway", lambda: len(console.children) >= 2)
        children = console.children
    wait_for("end of player and gateway", lambda: not any(map(is_alive, children)))


def test_no_key_waits_for_the_database_a_file_or_a_long_turn(
    screen: str, city_folder: Path, cluster: PrivateCluster, tmp_path: Path
) -> None:
    """A key is answered in a turn of the event loop of the GUI thread, so that nothing in a turn may make it wait.

    What makes a window hang is of two kinds. The thread waits: for the database or a file, of which none may be asked
    on it, whether they happen to answer at once or not; this is a rule without a number, and it is what is asserted. Or
    the thread works: then the time that passes says more of the machine than of us, so what is looked at is processor
    time of the thread itself, turn by turn, and it fails only far beyond the 50 ms of the design, which
    ``benchmarks/responsiveness.py`` measures on a quiet machine; the longest turns are printed with what ran in them.
    """
    trace = tmp_path / "trace.json"
    with ConsoleProcess(city_folder, "--user", "acceptor01", "--no-simulation", trace=trace) as console:
        console.take_window(f"Dispatch.*{TITLE}")
        wait_for("usable map", lambda: console.logged("map usable after"))
        wait_for("queue", lambda: console.cases("to_accept") >= 0)
        ((_, case_no),) = report_cases(cluster, 1)
        wait_for("new case", lambda: console.cases("to_accept") > 0)
        with console.watched():
            console.click(150, 600)
            for key in ("j", "j", "k", "Page_Down", "End", "Home"):
                console.press(key)
            for key, workspace in (("ctrl+2", "Trucks"), ("ctrl+3", "Flood"), ("ctrl+1", "Dispatch")):
                console.show(key, workspace)
            console.press("ctrl+k")
            console.type("over")
            console.press("Escape")
            console.press("shift+F3", "Down", "Escape")
            console.click(150, 600)
            console.press("slash")
            console.type(case_no)
            wait_for("found case", lambda: console.cases("to_accept") == 1)
        console.press("Escape")
        console.press("ctrl+q")
        assert console.ended() == 0
    found = Trace.read(trace)
    print(found.told())  # noqa: T201 - for whoever wants to know where the time goes
    assert not found.waits, found.waits[:3]
    assert found.turns, "nothing was watched"
    assert found.turns[0][0] < FAR * TURN_MS, found.told()


def test_a_statement_and_a_file_on_the_watched_thread_are_found(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    watch = Watch(path)
    engine, threads = create_engine("sqlite://"), ThreadPoolExecutor(1)
    wanted_file(path).touch()
    watch.look()
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    threads.submit((tmp_path / "other").write_text, "elsewhere").result()
    (tmp_path / "own").write_text("here")
    wanted_file(path).unlink()
    watch.look()
    threads.shutdown()
    waits = [wait.split(" < ")[0] for wait in Trace.read(path).waits]
    assert waits == ["statement SELECT 1", f"file {tmp_path / 'own'}"]


def test_the_database_is_killed_and_comes_back(screen: str, city_folder: Path, cluster: PrivateCluster) -> None:
    with ConsoleProcess(city_folder, "--user", "shift_leader01", "--no-simulation") as console:
        console.take_window(f"Dispatch.*{TITLE}")
        wait_for("usable map", lambda: console.logged("map usable after"))
        console.show("ctrl+1", "Dispatch")
        wait_for("queue", lambda: console.cases("to_file") >= 0)

        server = Postmaster.read(cluster.pgdata)
        assert server is not None
        os.kill(server.pid, signal.SIGKILL)
        wait_for("remark in the log", lambda: console.logged("the change feed lost the database"))
        until = time.monotonic() + OUTAGE_S
        while time.monotonic() < until:
            for key, workspace in WORKSPACES.items():
                console.show(key, workspace)
        console.show("ctrl+1", "Dispatch")

        # What happens before the console is back: it is halted until all of it is committed.
        console.process.send_signal(signal.SIGSTOP)
        cluster.start()
        filed = report_cases(cluster, 3)
        connection = psycopg2.connect(cluster.url())
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE city.case_file SET state = 'pending_register', version = version + 1 WHERE id = ANY(%s)",
                ([case_id for case_id, _ in filed],),
            )
        connection.close()
        before = console.cases("to_file")
        console.process.send_signal(signal.SIGCONT)
        wait_for("cases filed meanwhile", lambda: console.cases("to_file") == before + len(filed))

        cluster.leave()
        assert cluster.is_running(), "the console still uses it"
        console.process.send_signal(signal.SIGTERM)
        assert console.ended() == 0
    assert not cluster.is_running()


def test_without_a_screen_it_says_so(city_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    command = [sys.executable, "main.py", "--data-dir", str(city_folder), "--language", "en"]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode != 0
    (line,) = ended.stderr.splitlines()
    assert "There is no screen" in line


def test_pictures_of_every_workspace_need_no_screen(
    city_folder: Path, cluster: PrivateCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "pictures"
    command = [sys.executable, "main.py", "--data-dir", str(city_folder), "--screenshots", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=3 * PATIENCE_S)
    assert ended.returncode == 0, ended.stderr
    names = ("dispatch", "drainage", "fleet", "flood", "supervision", "alarm_rules", "audit", "configuration")
    assert {p.name for p in folder.iterdir()} == {f"{name}.png" for name in names}
    for picture in folder.iterdir():
        image = QImage(str(picture))
        assert (image.width(), image.height()) == (1920, 1080)
        # More than a ground and a few lines: every workspace shows its data.
        colours = {image.pixel(x, y) for x in range(0, 1920, 5) for y in range(0, 1080, 5)}
        assert len(colours) > 100
    # The city was alive meanwhile, and a gateway of its own judged it.
    told = (city_folder / "logs" / "console.log").read_text(encoding="utf-8")
    assert "gateway: " in told
    assert "Judging" in told
    assert not cluster.is_running()
