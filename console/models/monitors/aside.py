"""A back-test in a process of its own, so that neither the window nor its reads wait for what takes minutes.

``python -m console.models.monitors.aside`` reads one JSON object (`request`) from its input and writes one JSON object
a line: the share that is done as it goes on, at last what was found or why it failed. Whoever asked ends it to cancel.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.database.connection import connect
from console.errors import ConsoleError
from console.models.alarms.rules import rule_of
from console.models.monitors.backtest import BackTest, WouldBe, back_test

if TYPE_CHECKING:
    from console.models.alarms.rules import AlarmRule

TIMES = ("raised_at", "cleared_at")
NICENESS = 5
"""The window goes first, where two share a processor."""


def request(url: str, rule: AlarmRule, start: datetime, end: datetime, language: str) -> bytes:
    """What the process is to do.

    Args:
        url: of the database, as whoever asks is signed in to it.
        rule: as it would be saved.
        start: from when.
        end: until when.
        language: of the sentence when it fails.
    """
    asked = {"url": url, "rule": asdict(rule), "start": start.isoformat(), "end": end.isoformat(), "language": language}
    return json.dumps(asked).encode()


def answer(line: bytes) -> float | BackTest | str:
    """What a line of the process says: the share that is done, what was found, or why it failed."""
    said: dict[str, Any] = json.loads(line)
    if "share" in said:
        return float(said["share"])
    if "failure" in said:
        return str(said["failure"])
    found = said["found"]
    same, added, gone = (tuple(_would_be(one) for one in found[part]) for part in ("same", "added", "gone"))
    since = None if found["since"] is None else datetime.fromisoformat(found["since"])
    return BackTest(same, added, gone, found["were"], found["judged"], since)


def _would_be(said: dict[str, Any]) -> WouldBe:
    times = {name: None if said[name] is None else datetime.fromisoformat(said[name]) for name in TIMES}
    return WouldBe(**{**said, **times})


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said, default=datetime.isoformat) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Try the rule that is asked for; returns the exit code."""
    os.nice(NICENESS)
    asked = json.load(sys.stdin)
    try:
        engine = connect(asked["url"], application="console back-test", readers=1)
        try:
            with engine.connect() as connection, connection.execution_options(postgresql_readonly=True).begin():
                found = back_test(
                    connection, rule_of(asked["rule"]), datetime.fromisoformat(asked["start"]),
                    datetime.fromisoformat(asked["end"]), lambda share: _say(share=round(share, 4)),
                )  # fmt: skip
        finally:
            engine.dispose()
    except BrokenPipeError:
        return 1  # whoever asked has gone
    except ConsoleError as fault:
        _say(failure=fault.text(asked["language"]))
        return 1
    _say(found=asdict(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
