"""Frames of JT/T 808 are found in any stream, and what is no frame costs nothing but itself."""

from __future__ import annotations

import functools
import operator
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.gateway.jt808.framing import (
    MAX_BODY,
    MAX_FRAME,
    Flaw,
    FrameError,
    Framer,
    Header,
    Message,
    build,
    checksum,
    escape,
    parse,
    unescape,
)

HEARTBEAT = bytes.fromhex("7E00020000012345678900000A817E")

headers = st.one_of(
    st.builds(
        Header,
        message_id=st.integers(0, 0xFFFF),
        phone=st.from_regex(r"[0-9]{12}", fullmatch=True),
        serial=st.integers(0, 0xFFFF),
    ),
    st.builds(
        Header,
        message_id=st.integers(0, 0xFFFF),
        phone=st.from_regex(r"[0-9]{20}", fullmatch=True),
        serial=st.integers(0, 0xFFFF),
        version=st.integers(0, 255),
    ),
)
messages = st.builds(Message, headers, st.binary(max_size=MAX_BODY))
# Bytes that are escaped turn up often.
nasty = st.lists(st.sampled_from(b"\x7d\x7e\x01\x02\x00\xff"), max_size=300).map(bytes)


def message_of(frame: bytes) -> Message:
    (inner,) = Framer().feed(frame)
    return parse(inner)


def flaw_of(inner: bytes) -> Flaw:
    with pytest.raises(FrameError) as caught:
        parse(inner)
    return caught.value.flaw


@given(st.binary(max_size=1100))
def test_the_checksum_is_the_exclusive_or_of_all_bytes(data: bytes) -> None:
    assert checksum(data) == functools.reduce(operator.xor, data, 0)


@given(st.one_of(st.binary(max_size=200), nasty))
def test_escaping_leaves_no_mark_and_can_be_undone(data: bytes) -> None:
    assert b"\x7e" not in escape(data)
    assert unescape(escape(data)) == data


@given(messages)
def test_a_message_is_read_as_it_was_built(message: Message) -> None:
    assert message_of(build(message)) == message


@given(headers, st.integers(2, 0xFFFF), st.data())
def test_sub_packages_say_which_they_are(header: Header, parts: int, data: st.DataObject) -> None:
    part = replace(header, parts=parts, part=data.draw(st.integers(1, parts)))
    message = Message(part, b"piece")
    assert message_of(build(message)) == message


@given(st.lists(messages, min_size=1, max_size=5), st.data())
def test_frames_are_found_however_the_stream_is_cut(sent: list[Message], data: st.DataObject) -> None:
    stream = b"".join(map(build, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer = Framer()
    found = [
        parse(frame)
        for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for frame in framer.feed(stream[start:stop])
    ]
    assert found == sent
    assert framer.flaws == []


@given(st.lists(messages, min_size=1, max_size=4), st.lists(st.binary(max_size=40), min_size=5, max_size=5))
def test_garbage_between_frames_hides_none_of_them(sent: list[Message], garbage: list[bytes]) -> None:
    stream = b"".join(noise + build(message) for noise, message in zip(garbage, sent, strict=False)) + garbage[-1]
    found = []
    for frame in Framer().feed(stream):
        with suppress(FrameError):
            found.append(parse(frame))
    for message in sent:
        assert message in found


def test_a_closing_mark_may_be_the_next_opening_one() -> None:
    assert Framer().feed(HEARTBEAT[:-1] + HEARTBEAT) == [HEARTBEAT[1:-1]] * 2


def test_what_comes_before_the_first_mark_is_garbage() -> None:
    framer = Framer()
    assert framer.feed(b"GET / HTTP/1.1\r\n" + HEARTBEAT) == [HEARTBEAT[1:-1]]
    assert framer.flaws == [Flaw.GARBAGE]


def test_a_frame_without_end_is_forgotten_and_the_next_one_counts() -> None:
    framer = Framer()
    framer.feed(b"\x7e" + b"\x01" * (MAX_FRAME + 1))
    assert framer.flaws == [Flaw.TOO_LONG]
    assert framer.feed(HEARTBEAT) == [HEARTBEAT[1:-1]]


@pytest.mark.parametrize(
    ("inner", "flaw"),
    [
        (b"\x00\x02", Flaw.TOO_SHORT),
        (HEARTBEAT[1:-2] + b"\x80", Flaw.BAD_CHECKSUM),
        (HEARTBEAT[1:-2] + b"\x7d\x03", Flaw.BAD_ESCAPE),
        (HEARTBEAT[1:-2] + b"\x7d", Flaw.BAD_ESCAPE),
        (bytes(MAX_FRAME + 1), Flaw.TOO_LONG),
    ],
)
def test_a_frame_that_is_none_says_why(inner: bytes, flaw: Flaw) -> None:
    assert flaw_of(inner) is flaw


@pytest.mark.parametrize(
    ("head", "flaw"),
    [
        ("0002 0001 012345678900 000A", Flaw.BAD_LENGTH),
        ("0002 0400 012345678900 000A", Flaw.ENCRYPTED),
        ("0002 0000 01234567890A 000A", Flaw.BAD_PHONE),
        ("0002 2000 012345678900 000A 0002 0003", Flaw.BAD_PARTS),
        ("0002 2000 012345678900 000A 0000 0000", Flaw.BAD_PARTS),
        ("0002 2000 012345678900 000A", Flaw.TOO_SHORT),
        ("0002 4000 01 0000000001234567", Flaw.TOO_SHORT),
    ],
)
def test_a_header_that_contradicts_itself_is_refused(head: str, flaw: Flaw) -> None:
    data = bytes.fromhex(head)
    assert flaw_of(escape(data + bytes([checksum(data)]))) is flaw


@given(st.binary(max_size=80))
def test_no_bytes_make_parsing_fail_otherwise(data: bytes) -> None:
    for frame in Framer().feed(b"\x7e" + data + b"\x7e"):
        with suppress(FrameError):
            parse(frame)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (Header(2, "013935900001", 0), bytes(MAX_BODY + 1)),
        (Header(2, "13935900001", 0), b""),
        (Header(2, "013935900001", 0, version=1), b""),
        (Header(2, "01393590000x", 0), b""),
    ],
)
def test_what_does_not_fit_a_frame_is_not_built(header: Header, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"does not fit|digits"):
        build(Message(header, body))
