"""Monitors are scored on a played day with known misdeeds: all that lasts is found, nothing else is told."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import text

from console.database.connection import connect
from console.gateway.gateway import Gateway
from console.gateway.listening import write_listening
from console.gateway.monitors import Monitors
from console.models.demonstration import DEMONSTRATION_PASSWORD, GATEWAY_LOGIN
from console.models.monitors.episodes import Episode
from console.models.monitors.statements import Statement
from console.simulation.generator.sensors import Storm
from console.simulation.player.mischief import Mischief
from console.simulation.player.player import Pace, Player
from console.simulation.player.weather import Weather
from console.simulation.scoring import water
from console.simulation.scoring.__main__ import main
from console.simulation.scoring.day import Conditions
from console.simulation.scoring.report import score_day
from console.simulation.scoring.score import True_, scored, told
from tests.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

HISTORY_END = datetime(2026, 11, 1, 4, tzinfo=UTC)  # of the template of `database`
PATIENCE_S = 120


def test_the_small_city_is_seen_well(database: Engine, tmp_path: Path) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
    with database.connect() as connection:
        report = score_day(connection, Conditions(hours=3, deviating=0.5, storms=1, seed=3), tmp_path / "truth.jsonl")
    assert report.is_good, report.lines
    assert report.lines[-1] == "good enough"
    found = {name for name, one in report.scores.items() if one.delays_s}
    assert {"off their routes", "flooding of grade 1", "flooding of grade 2", "rain_1h of grade 1"} <= found
    rows = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"left_route", "route_deviation"} <= {row["kind"] for row in rows}


def test_a_monitor_that_sees_nothing_is_not_good_enough(database: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
        connection.execute(text("UPDATE city.alarm_rule SET on_delay_s = 80000 WHERE kind = 'route_deviation'"))
    url = database.url.render_as_string(hide_password=False)
    assert main(["--database", url, "--hours", "3", "--deviating", "0.5", "--storms", "0", "--seed", "3"]) == 1
    told = capsys.readouterr().out
    assert "missed:" in told
    assert told.rstrip().endswith("NOT good enough")


def test_what_went_through_the_wire_is_scored_as_well(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half an hour in which every truck leaves its route and it pours: devices, gateway, monitors, alarms."""
    with database.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
    monkeypatch.setattr("console.gateway.gateway.MONITOR_S", 0.02)
    moment = [HISTORY_END]
    storm = Storm(HISTORY_END.timestamp() + 60, 1800.0, 20.0, 0.0, 0.0, (0.0, 0.0), 1e9)
    monkeypatch.setattr(Weather, "showers", lambda self, play_s: [storm])

    class Then(Gateway):
        def __post_init__(self) -> None:
            super().__post_init__()
            self.monitors = Monitors(self.engine, self.name, self.seconds)

        def seconds(self) -> float:
            return moment[0].timestamp()

        def now(self) -> datetime:
            return moment[0]

    url = database.url.set(username=GATEWAY_LOGIN, password=DEMONSTRATION_PASSWORD)
    engine = connect(url.render_as_string(hide_password=False), readers=4)
    truth, meeting = tmp_path / "truth.jsonl", tmp_path / "gateway.json"
    pace = Pace(cases_per_day=1, staff=False, deviating=1.0, truth=truth, fix_interval_s=10)
    player = Player(engine, pace, meeting, lambda: moment[0])
    try:
        with serving(tmp_path / "spool", engine, kind=Then) as gateway:
            write_listening(meeting, gateway.listening)
            player.begin()
            for _minute in range(30):
                for _second in range(60):
                    moment[0] += timedelta(seconds=1)
                    player.beat()
                _settle(player, gateway)
    finally:
        player.close()
        engine.dispose()
    owner = database.url.render_as_string(hide_password=False)
    assert main(["--database", owner, "--recorded", str(truth)]) == 0
    told = capsys.readouterr().out
    for words in ("off their routes", "flooding of grade 1", "flooding of grade 2", "rain_1h of grade 1"):
        (line,) = [line for line in told.splitlines() if line.startswith(words)]
        assert "found 0" not in line
    assert told.rstrip().endswith("good enough")


def _settle(player: Player, gateway: Gateway) -> None:
    """Wait until everything that was played has been judged."""
    deadline = time.monotonic() + PATIENCE_S
    told = gateway.counters["message_0200"]  # one position each; batches only make it more
    while player.waiting or gateway.monitors.counters["judged_fixes"] < told:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("words", ["", "no JSON", '{"kind": "storm", "begin": "2026-11-01T00:00:00+00:00"}'])
def test_a_file_that_tells_of_no_play_is_refused_in_words(
    database: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    truth = tmp_path / "truth.jsonl"
    truth.write_text(words, encoding="utf-8")
    owner = database.url.render_as_string(hide_password=False)
    assert main(["--database", owner, "--language", "en", "--recorded", str(truth)]) == 1
    assert str(truth) in capsys.readouterr().err


def said(truck: int, raised: float, ended: float | None) -> Episode:
    return Episode(Statement("route_deviation", truck, None, raised, raised), raised, ended)


def test_what_is_true_against_what_is_said() -> None:
    true = [True_(1, 100, 200), True_(2, 100, 500), True_(3, 100, 130), True_(4, 100, 110)]
    one = scored(true, [said(1, 140, 250), said(3, 131, 190), said(4, 105, 160), said(5, 100, None)])
    assert (one.sustained, one.missed, one.delays_s) == (2, (true[1],), (40.0,))
    assert [episode.worst.subject_id for episode in one.false] == [4, 5]
    across = [True_(4, 100, 110), True_(4, 125, 135)]  # a route, from one side to the other: off it all the time
    assert scored(across, [said(4, 130, 160)]).false == ()
    excused = scored([], [said(4, 130, 160)], excused=[True_(4, 90, 120)])
    assert (excused.false, len(excused.excused)) == ((), 1)
    assert scored(true, [said(1, 140, 250)], excused=true).excused == ()


def test_what_no_device_tells_from_the_limit_is_told_apart_from_what_was_missed() -> None:
    true = [True_(1, 100, 200), True_(2, 100, 500), True_(3, 100, 500)]
    plain = [True_(1, 120, 145), True_(3, 300, 330)]
    one = scored(true, [], plain=plain, on_delay_s=30)
    assert (one.sustained, one.missed, one.undecided) == (3, (true[2],), (true[0], true[1]))
    assert one.not_found == 3, "what is too near to the limit is told apart, not forgiven"
    lines = told("off", one)
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "missed",
        *["not found, too near to the limit"] * 2,
    ]
    assert lines[0].endswith(": 3, found 0")


@pytest.mark.parametrize(
    ("interval_s", "on_delay_s", "most_s"),
    [(30, 30, 60), (60, 60, 120), (60, 0, 120), (10, 30, 40)],
)
def test_half_is_told_within_two_reports_or_as_soon_as_the_rule_lets_it(
    interval_s: float, on_delay_s: float, most_s: float
) -> None:
    true = [True_(truck, 0, 500) for truck in range(3)]
    for half, is_slow in ((most_s - 1, False), (most_s, True)):
        episodes = [said(truck, late, None) for truck, late in enumerate((0.0, half, 400.0))]
        assert scored(true, episodes, interval_s=interval_s, on_delay_s=on_delay_s).is_slow is is_slow


def test_the_rain_of_some_hours_is_what_fell_in_them() -> None:
    at = np.arange(0.0, 4 * 3600.0, 60.0)
    fallen = np.clip((at - 1800.0) / 60.0, 0.0, 30.0)  # half an hour of 1 mm a minute
    in_an_hour = water.rain_mm(at, fallen, 1.0)
    assert in_an_hour[at == 3600.0] == 30.0
    assert in_an_hour[at == 6300.0] == 15.0
    assert in_an_hour[at >= 7200.0].max() == 0.0


def test_misdeeds_are_as_they_are_written_down() -> None:
    mischief = Mischief(np.random.default_rng(1), 2, share=1.0, jump_share=0.02)
    mischief.set_out(1, 1000.0, 1200.0)
    [truth] = mischief.truth
    assert truth.truck == 1
    assert 1060 <= truth.begin_s < truth.end_s <= 2140
    who, north = np.arange(2), np.zeros(2)
    at = (truth.begin_s + truth.end_s) / 2
    east = np.array([mischief.aside(who, moment, north)[0] for moment in (truth.begin_s, at, truth.end_s)])
    assert (east[:, 0] == 0).all()
    assert east[[0, 2], 1] == pytest.approx(0, abs=1e-6)
    reach = min(abs(truth.aside_m), 8.0 * (at - truth.begin_s))
    assert east[1, 1] == pytest.approx(-np.sign(truth.aside_m) * reach)  # driving north, left is west
    jumps = np.hypot(*mischief.jumps(20_000).T)
    assert 0.015 < (jumps > 0).mean() < 0.025
    assert jumps[jumps > 0].min() >= 200
    honest = Mischief(np.random.default_rng(1), 2)
    honest.set_out(0, 0.0, 5000.0)
    assert honest.truth == []
    assert not honest.jumps(1000).any()


def test_nothing_is_heard_of_a_truck_while_its_terminal_is_silent_or_out_of_reach() -> None:
    mischief = Mischief(np.random.default_rng(1), 40, silent_share=0.5, hollow_share=0.5)
    for truck in range(40):
        mischief.set_out(truck, 1000.0, 1200.0)
    assert len(mischief.absences) == 40
    assert {one.is_broken for one in mischief.absences} == {True, False}
    for one in mischief.absences:
        assert 1000 <= one.begin_s <= 2200
        least, most = (420, 1800) if one.is_broken else (20, 240)
        assert least <= one.end_s - one.begin_s <= most
    at = 2000.0
    expected = {one.truck for one in mischief.absences if one.begin_s <= at < one.end_s}
    assert {one.truck for one in mischief.absent(at)} == expected
    assert mischief.absent(1e6) == []
    mischief.set_out(0, 1e6, 1200.0)  # it is back, and may be lost again
    assert len(mischief.absences) == 41
