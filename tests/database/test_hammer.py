"""Many desks at once and backends that die: no move is lost, made twice or half made. The whole size is a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.hammer import Blows, hammer

if TYPE_CHECKING:
    from sqlalchemy import Engine

CHECKED = "layers with a style"


def test_nothing_is_lost_doubled_or_half_there(database: Engine) -> None:
    outcome = hammer(database, Blows(desks=8, cases=40, seconds=4.0, kill_every_s=0.05, unheard=0.3))
    assert [line for line in outcome.faults if CHECKED not in line] == []  # the clone has another name
    assert outcome.kills > 0
    assert outcome.notes.found > 0
    assert outcome.notes.refused
