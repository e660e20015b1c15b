"""The fuzzer reaches what is hidden behind a checksum, and tells what fails there."""

from __future__ import annotations

import random

from benchmarks.fuzz import Decoder, altered, decoders, fuzz
from console.gateway.jt808.framing import FrameError, checksum, parse, unescape


def test_a_fault_behind_the_checksum_is_found() -> None:
    terminals, *_ = decoders()

    def take(data: bytes) -> None:
        for piece in data.split(b"\x7e"):
            try:
                message = parse(piece)
            except FrameError:
                continue
            if len(message.body) > 3 and message.body[3] == 0xFF:
                raise ZeroDivisionError("found")

    broken = Decoder("broken", list(terminals.corpus), take, terminals.mend)
    fuzz(broken, 1.0)
    assert any(fault.startswith("ZeroDivisionError: found on") for fault in broken.faults)


def test_altered_messages_are_mended() -> None:
    terminals, stations, _ = decoders()
    for piece in terminals.mend(b"\x7e" + b"\x02\x00" + b"\x11" * 40 + b"\x7e").split(b"\x7e"):
        assert checksum(unescape(piece)) == 0
    assert stations.mend(stations.corpus[0]) == stations.corpus[0]


def test_the_same_seed_alters_alike() -> None:
    corpus = decoders()[0].corpus
    assert altered(random.Random(3), corpus) == altered(random.Random(3), corpus)
