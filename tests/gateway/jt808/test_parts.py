"""Messages in parts come together in any order, and what never ends is given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.gateway.jt808 import messages as m
from console.gateway.jt808.framing import Header, Message
from console.gateway.jt808.parts import MOST_MESSAGES, MOST_PARTS, PATIENCE_S, Assembler

HEADER = Header(m.MessageId.POSITION_BATCH, "013935900001", 0xFFFE)


@given(st.binary(min_size=1024, max_size=6000), st.permutations(range(6)), st.integers(0, 3))
def test_parts_come_in_any_order_and_twice(body: bytes, places: list[int], repeated: int) -> None:
    parts = m.split(HEADER, body)
    order = [parts[place] for place in places if place < len(parts)]
    order = order[:repeated] + order
    assembler = Assembler()
    wholes = [whole for part in order if (whole := assembler.add(part, b"frame", 0.0)) is not None]
    assert wholes[0].message.body == body
    assert wholes[0].message.header == HEADER
    assert wholes[0].serials == tuple((0xFFFE + number) % 0x10000 for number in range(len(parts)))


def test_a_message_that_never_ends_is_given_up() -> None:
    assembler = Assembler()
    first, second, *_ = m.split(HEADER, bytes(3000))
    assert assembler.add(first, b"", 0.0) is None
    assert assembler.add(second, b"", PATIENCE_S + 1) is None
    assert assembler.dropped == 1


def test_unfinished_messages_have_a_bound() -> None:
    assembler = Assembler()
    for number in range(MOST_MESSAGES + 3):
        header = Header(m.MessageId.POSITION_BATCH, "013935900001", number * 100)
        assembler.add(m.split(header, bytes(3000))[0], b"", 0.0)
    assert assembler.dropped == 3
    huge = Header(m.MessageId.POSITION_BATCH, "013935900001", 5, parts=MOST_PARTS + 1, part=1)
    assert assembler.add(Message(huge, b""), b"", 0.0) is None
    assert assembler.dropped == 4
