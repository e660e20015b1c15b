"""Reports of hydrological stations: published frames are read, damaged ones refused, streams cut anywhere."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.gateway.sl651.framing import (
    Control,
    Flaw,
    Frame,
    FrameError,
    Framer,
    Function,
    build,
    build_answer,
    crc,
    parse,
)
from console.gateway.sl651.report import (
    CITY_TIME,
    Element,
    StationReport,
    answer_body,
    build_report,
    parse_report,
)

HEARTBEAT = bytes.fromhex("7E7E01001234567812342F0008020003591011155111036BCA")
TEST = bytes.fromhex(
    "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F0591011154920190000052619000005392300000127381211150320FA"
)
ADDED = bytes.fromhex(
    "7E7E05001122334403E833002B020026170718102202F1F1001122334448F0F01707181022201900004026190000403923000104903812110203F511"
)
NOON = datetime(2026, 7, 15, 12, 0, tzinfo=CITY_TIME)


def test_the_published_added_report_is_read() -> None:
    frame = parse(ADDED)
    assert (frame.centre, frame.station, frame.password.hex(), frame.function) == (5, "0011223344", "03e8", 0x33)
    report = parse_report(frame)
    assert (report.serial, report.station_class, report.cut_short) == (0x26, 0x48, False)
    assert report.sent_at == datetime(2017, 7, 18, 10, 22, 2, tzinfo=CITY_TIME)
    assert report.observed_at == datetime(2017, 7, 18, 10, 22, tzinfo=CITY_TIME)
    assert [(value.element, value.value) for value in report.values] == [
        (Element.RAIN_CURRENT, Decimal("4.0")),
        (Element.RAIN_TOTAL, Decimal("4.0")),
        (Element.LEVEL_M, Decimal("10.490")),
        (Element.BATTERY_V, Decimal("11.02")),
    ]


def test_the_published_heartbeat_and_test_report_are_read() -> None:
    heartbeat = parse_report(parse(HEARTBEAT))
    assert (heartbeat.station, heartbeat.serial, heartbeat.values) == ("0012345678", 3, ())
    report = parse_report(parse(TEST))
    assert [value.value for value in report.values] == [
        Decimal("0.5"),
        Decimal("0.5"),
        Decimal("0.127"),
        Decimal("11.15"),
    ]


def test_frames_are_built_as_published() -> None:
    for published in (HEARTBEAT, TEST, ADDED):
        assert build(parse(published)) == published


def test_the_answer_repeats_the_serial_number_and_says_the_time() -> None:
    frame = parse(ADDED)
    answer = build_answer(frame, answer_body(frame.body[:2], NOON), Control.ESC)
    assert answer.hex() == "7e7e00112233440503e83380080200262607151200001b" + answer[-2:].hex()
    assert crc(answer[:-2]) == int.from_bytes(answer[-2:], "big")


@given(st.lists(st.sampled_from([HEARTBEAT, TEST, ADDED]), min_size=1, max_size=5), st.data())
def test_frames_are_found_however_the_stream_is_cut(sent: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer = Framer()
    found = [
        frame
        for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for frame in framer.feed(stream[start:stop])
    ]
    assert [build(frame) for frame in found] == sent
    assert framer.flaws == []


@given(
    st.binary(max_size=30).filter(lambda noise: b"\x7e" not in noise),
    st.integers(0, len(ADDED) - 1),
    st.integers(1, 255),
)
def test_a_spoilt_frame_hides_none_after_it(noise: bytes, place: int, flip: int) -> None:
    spoilt = bytearray(ADDED)
    spoilt[place] ^= flip
    framer = Framer()
    # Enough good frames to fill whatever length the spoilt one claims.
    found = framer.feed(noise + bytes(spoilt) + HEARTBEAT * 250)
    assert build(found[-1]) == HEARTBEAT
    assert framer.flaws
    assert all(build(frame) in (HEARTBEAT, ADDED) for frame in found)


@pytest.mark.parametrize("place", range(len(ADDED)))
def test_every_byte_is_under_the_checksum(place: int) -> None:
    spoilt = bytearray(ADDED)
    spoilt[place] ^= 0x01
    with pytest.raises(FrameError):
        parse(bytes(spoilt))


def test_a_series_of_five_minutes_ends_at_the_time_of_observation() -> None:
    report = StationReport("0011223344", 1, NOON, NOON, 0x50)
    rain = "00" * 10 + "05" + "ff"
    found = parse_report(Frame(5, "0011223344", b"\x03\xe8", Function.HOURLY, build_report(report, [(0xF4, rain, 1)])))
    assert [(value.at, value.value) for value in found.values][-2:] == [
        (NOON - timedelta(minutes=5), Decimal("0.5")),
        (NOON, None),
    ]
    assert found.values[0].at == NOON - timedelta(minutes=55)


def test_a_value_that_is_no_number_is_bad_and_a_minus_is_read() -> None:
    report = StationReport("0011223344", 1, NOON, NOON, 0x48)
    elements = [(Element.LEVEL_M, "aaaaaaaa", 3), (Element.LEVEL_M, "ff00000127", 3)]
    body = build_report(report, [(int(number), digits, decimals) for number, digits, decimals in elements])
    found = parse_report(Frame(5, "0011223344", b"\x03\xe8", Function.ADDED, body))
    assert [value.value for value in found.values] == [None, Decimal("-0.127")]


@given(st.binary(max_size=120))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    for function in (Function.ADDED, Function.HEARTBEAT):
        with suppress(FrameError):
            parse_report(Frame(1, "0011223344", b"\x00\x00", function, body))


@given(st.data())
def test_a_report_that_is_cut_short_keeps_what_is_whole(data: st.DataObject) -> None:
    frame = parse(ADDED)
    whole = parse_report(frame)
    cut = frame.body[: data.draw(st.integers(23, len(frame.body) - 1))]
    found = parse_report(Frame(frame.centre, frame.station, frame.password, frame.function, cut))
    assert found.values == whole.values[: len(found.values)]


def test_garbage_is_counted() -> None:
    framer = Framer()
    assert framer.feed(b"hello\x7e") == []
    assert framer.flaws == [Flaw.GARBAGE]
    assert [frame.function for frame in framer.feed(b"\x7e" + HEARTBEAT[2:])] == [Function.HEARTBEAT]
