"""Monitors are scored on a played day with known misdeeds: all that lasts is found, nothing else is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import text

from console.models.monitors.episodes import Episode
from console.models.monitors.statements import Statement
from console.simulation.player.mischief import Mischief
from console.simulation.scoring.__main__ import main, run
from console.simulation.scoring.day import Conditions
from console.simulation.scoring.score import True_, scored

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def test_the_small_city_is_seen_well(database: Engine, tmp_path: Path) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE city.route_permit SET hours_from = '00:00', hours_to = '00:00'"))
    with database.connect() as connection:
        lines, good = run(connection, Conditions(hours=3, deviating=0.5, storms=1, seed=3), tmp_path / "truth.jsonl")
    assert good, lines
    assert lines[-1] == "good enough"
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


def test_what_is_true_against_what_is_said() -> None:
    def said(truck: int, raised: float, ended: float | None) -> Episode:
        return Episode(Statement("route_deviation", truck, None, raised, raised), raised, ended)

    true = [True_(1, 100, 200), True_(2, 100, 500), True_(3, 100, 130), True_(4, 100, 110)]
    one = scored(true, [said(1, 140, 250), said(3, 131, 190), said(4, 105, 160), said(5, 100, None)])
    assert (one.sustained, one.missed, one.delays_s) == (2, (true[1],), (40.0,))
    assert [episode.worst.subject_id for episode in one.false] == [4, 5]


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
