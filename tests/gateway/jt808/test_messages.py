"""Bodies of JT/T 808 in both editions: published frames, and everything we build is read again."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.gateway.jt808 import messages as m
from console.gateway.jt808.framing import MAX_BODY, Flaw, FrameError, Framer, Header, Message, build, parse
from console.gateway.jt808.position import (
    CITY_TIME,
    Position,
    Status,
    TruckState,
    build_position,
    items_of,
    parse_position,
)

FRAMES = Path(__file__).parents[4] / "shared" / "data" / "jt808" / "frames.json"

REGISTER_2013 = (
    "7E0100002D000123456789000A002800323132333400736D616C6C6368693132330000000000000000004348493132330001D4C1413132333435"
    "8A7E"
)
REGISTER_2019 = (
    "7E010040540100000000000123456789000A002800323132333400000000000000736D616C6C6368693132330000000000000000000000000000"
    "000000000043484931323300000000000000000000000000000000000000000000000001D4C1413132333435B27E"
)
BATCH = (
    "7E0704005311223344556622B80002000026000000010000000200BA7F0E07E4F11C0028003C0000180715101010010400000064020200370026"
    "000000020000000100CB735507E6A32300290036007818071510103001040000006002020042D47E"
)
YUNCHENG = (
    "7E0200002801393590000100070000000000080303021675E0069DD518017001A7005C26071509300001040001E24030011F31010C5C7E"
)

EPOCH = datetime(2000, 1, 1, tzinfo=CITY_TIME)
gbk = st.text(st.sampled_from("晋MD0873运城渣土车ABC123-"), max_size=6)
times = st.integers(0, 3_155_759_999).map(lambda second: EPOCH + timedelta(seconds=second))
positions = st.builds(
    Position,
    at=times,
    longitude=st.integers(-180_000_000, 180_000_000).map(lambda x: x / 1e6),
    latitude=st.integers(-90_000_000, 90_000_000).map(lambda y: y / 1e6),
    altitude_m=st.integers(0, 0xFFFF),
    speed_kmh=st.integers(0, 0xFFFF).map(lambda v: v / 10),
    heading=st.integers(0, 359),
    alarm=st.integers(0, 0xFFFFFFFF),
    status=st.integers(0, 0xFFFFFFFF).map(lambda bits: bits & ~(Status.SOUTH | Status.WEST)),
    items=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=20)), max_size=6).map(tuple),
)


def message_of(frame: str) -> Message:
    (inner,) = Framer().feed(bytes.fromhex(frame))
    return parse(inner)


def test_a_registration_is_read_in_both_editions() -> None:
    for frame in (REGISTER_2013, REGISTER_2019):
        found = m.parse_registration(message_of(frame))
        assert found == m.Registration(40, 50, "1234", "smallchi123", "CHI123", 1, "粤A12345")


def test_an_authentication_is_read_in_the_edition_of_2013() -> None:
    message = message_of("7E010200090123456789003039343536313231313131BE7E")
    assert message.header.serial == 12345
    assert m.parse_authentication(message).code == "456121111"


def test_answers_of_the_platform_are_built_as_published() -> None:
    header = Header(m.MessageId.REGISTER_ANSWER, "012345678900", 10)
    answer = m.build_register_answer(m.RegisterAnswer(100, m.RegisterResult.OK, "123456"))
    assert build(Message(header, answer)).hex().upper() == "7E81000009012345678900000A006400313233343536687E"
    header = Header(m.MessageId.PLATFORM_ACK, "012345678900", 10)
    ack = m.build_ack(m.Ack(100, m.MessageId.POSITION, m.AckResult.OK))
    assert build(Message(header, ack)).hex().upper() == "7E80010005012345678900000A0064020000617E"


def test_a_position_in_yuncheng_is_read() -> None:
    message = message_of(YUNCHENG)
    found = parse_position(message.body)
    assert message.header == Header(0x0200, "013935900001", 7)
    assert (found.longitude, found.latitude, found.altitude_m) == (111.007, 35.0264, 368)
    assert (found.speed_kmh, found.heading, found.load, found.is_fixed) == (42.3, 92, "full", True)
    assert found.at == datetime(2026, 7, 15, 1, 30, tzinfo=UTC)
    assert (found.mileage_m, found.satellites, found.truck) == (12_345_600, 12, None)


def test_a_batch_is_read_with_its_positions() -> None:
    batch = m.parse_batch(message_of(BATCH).body)
    assert [(p.latitude, p.longitude, p.heading) for p in batch.positions] == [
        (12.222222, 132.444444, 0),
        (13.333333, 132.555555, 120),
    ]
    assert batch.positions[0].fuel_l == 5.5
    assert not batch.backfill


@pytest.mark.skipif(not FRAMES.exists(), reason="published frames are not part of the project (README)")
def test_published_frames_are_read_as_their_publishers_say() -> None:
    read = positions_read = 0
    for frame in json.loads(FRAMES.read_text(encoding="utf-8"))["frames"]:
        expected = frame["decoded_independent"]
        pieces = Framer().feed(bytes.fromhex(frame["hex"]))
        if len(pieces) != 1 or "error" in expected:
            continue
        if not expected["checksum_ok"] or not expected["body_len_ok"]:
            with pytest.raises(FrameError):
                parse(pieces[0])
            continue
        if expected["encrypt"]:
            continue
        message = parse(pieces[0])
        read += 1
        assert message.header.phone == expected["terminal_phone"]
        assert message.header.serial == expected["serial"]
        assert f"0x{message.header.message_id:04x}" == expected["msg_id"].lower()
        assert (message.header.version is not None) == expected["version_flag_2019"]
        place = expected.get("location")
        if place and message.header.message_id == m.MessageId.POSITION and place.get("time_cst"):
            position = parse_position(message.body)
            positions_read += 1
            assert (abs(position.latitude), abs(position.longitude)) == (abs(place["lat"]), abs(place["lon"]))
            assert (position.speed_kmh, position.heading) == (place["speed_kmh"], place["direction"])
            assert position.at == datetime.fromisoformat(place["time_cst"])
            assert [(f"0x{key:02X}".lower(), value.hex()) for key, value in position.items] == [
                (key.lower(), value.lower()) for key, value in place["extras_tlv"]
            ]
    assert read > 100
    assert positions_read > 10


@given(positions)
def test_a_position_is_read_as_it_was_built(position: Position) -> None:
    found = parse_position(build_position(position))
    signs = found.status & (Status.SOUTH | Status.WEST)
    assert (found.longitude, found.latitude) == (position.longitude, position.latitude)
    assert found.status & ~signs == position.status
    for name in ("at", "altitude_m", "speed_kmh", "heading", "alarm", "items", "cut_short"):
        assert getattr(found, name) == getattr(position, name)


@given(st.lists(positions, max_size=8), st.booleans())
def test_a_batch_is_read_as_it_was_built(sent: list[Position], backfill: bool) -> None:
    found = m.parse_batch(m.build_batch(m.PositionBatch(backfill, tuple(sent))))
    assert found.backfill == backfill
    assert [p.at for p in found.positions] == [p.at for p in sent]


@given(gbk, gbk, gbk, gbk, st.integers(0, 9), st.sampled_from([None, 1]))
def test_a_registration_is_read_as_it_was_built(
    maker: str, model: str, terminal: str, plate: str, colour: int, version: int | None
) -> None:
    registration = m.Registration(14, 802, maker[:2], model, terminal[:3], colour, plate)
    header = Header(m.MessageId.REGISTER, "0" * (12 if version is None else 20), 0, version)
    assert m.parse_registration(Message(header, m.build_registration(registration, version))) == registration


@given(st.from_regex(r"[a-z0-9]{0,40}", fullmatch=True), st.sampled_from([None, 1]))
def test_an_authentication_is_read_as_it_was_built(code: str, version: int | None) -> None:
    said = m.Authentication(code, *(("123456789012345", "7.15") if version else ()))
    header = Header(m.MessageId.AUTHENTICATE, "0" * (12 if version is None else 20), 0, version)
    assert m.parse_authentication(Message(header, m.build_authentication(said, version))) == said


@given(st.lists(st.builds(m.Parameter, st.integers(0, 0xFFFFFFFF), st.binary(max_size=255)), max_size=6))
def test_parameters_are_read_as_they_were_built(parameters: list[m.Parameter]) -> None:
    assert m.parse_parameters(m.build_parameters(parameters)) == parameters


def test_the_state_of_the_bed_travels_in_the_item_of_the_project() -> None:
    state = TruckState(lid_closed=False, bed_lifted=True, lid_fault=True, weight_t=18.25)
    at = datetime(2026, 7, 15, 9, 30, tzinfo=CITY_TIME)
    sent = Position(at, 111.0, 35.0, 368, 3.0, 10, status=Status.FIXED | Status.HALF, items=items_of(truck=state))
    found = parse_position(build_position(sent))
    assert found.truck == state
    assert found.load == "half"


def test_a_position_keeps_what_came_before_an_item_that_is_cut_short() -> None:
    body = message_of(YUNCHENG).body
    found = parse_position(body + b"\xe1\x05\x01")
    assert found.cut_short
    assert found.items == parse_position(body).items


@pytest.mark.parametrize("clock", ["261315093000", "260230093000", "260715250000", "26071509300A", "000000000000"])
def test_a_time_that_does_not_exist_is_refused(clock: str) -> None:
    body = bytearray(message_of(YUNCHENG).body)
    body[22:28] = bytes.fromhex(clock)
    with pytest.raises(FrameError) as caught:
        parse_position(bytes(body))
    assert caught.value.flaw is Flaw.BAD_BODY


def test_one_spoilt_entry_of_a_batch_leaves_the_others() -> None:
    body = bytearray(message_of(BATCH).body)
    body[5 + 22] = 0x99  # the year 2099 with the month after it as it was
    body[5 + 23] = 0x13  # a thirteenth month
    found = m.parse_batch(bytes(body))
    assert found.spoilt == 1
    assert len(found.positions) == 1


@given(st.sampled_from([REGISTER_2013, BATCH, YUNCHENG]), st.data())
def test_cut_or_altered_bodies_are_read_or_refused(frame: str, data: st.DataObject) -> None:
    message = message_of(frame)
    body = bytearray(message.body)
    del body[data.draw(st.integers(0, len(body))) :]
    for place in data.draw(st.lists(st.integers(0, max(len(body) - 1, 0)), max_size=4)):
        if body:
            body[place] = data.draw(st.integers(0, 255))
    for read in (m.parse_batch, parse_position, m.parse_ack, m.parse_parameters, m.parse_position_answer):
        with suppress(FrameError):
            read(bytes(body))
    for read_message in (m.parse_registration, m.parse_authentication):
        with suppress(FrameError):
            read_message(Message(message.header, bytes(body)))


def test_a_long_body_goes_in_sub_packages_with_serials_of_their_own() -> None:
    header = Header(m.MessageId.POSITION_BATCH, "013935900001", 0xFFFF)
    pieces = m.split(header, bytes(2 * MAX_BODY + 1))
    assert [(p.header.part, p.header.parts, p.header.serial, len(p.body)) for p in pieces] == [
        (1, 3, 0xFFFF, MAX_BODY), (2, 3, 0, MAX_BODY), (3, 3, 1, 1),
    ]  # fmt: skip
    assert m.split(header, b"short") == [Message(header, b"short")]


def test_words_for_the_driver_are_gbk_and_fit_one_frame() -> None:
    assert m.parse_text(m.build_text("请按核准路线行驶", urgent=True)) == "请按核准路线行驶"
    for words in ("", "长" * 600):
        with pytest.raises(ValueError, match="empty or too long"):
            m.build_text(words)


def test_intervals_are_set_in_seconds() -> None:
    body = m.build_parameters([m.seconds(m.Parameters.REPORT_S, int(timedelta(seconds=30).total_seconds()))])
    assert body.hex() == "01" + "00000029" + "04" + "0000001e"


@pytest.mark.parametrize(
    ("value", "metres"),
    [(b"\x00\x01\xe2\x40", 12_345_600), (b"\x00\x01\xe2\x40more", 12_345_600), (b"\xff" * 4, None), (b"\x01", None)],
)
def test_a_mileage_that_no_truck_drives_costs_not_the_position(value: bytes, metres: int | None) -> None:
    body = build_position(Position(EPOCH, 111.0, 35.0, 300, 30.0, 90, items=((0x01, value),)))
    assert parse_position(body).mileage_m == metres
