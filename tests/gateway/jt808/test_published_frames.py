"""Frames that independent projects publish with what they mean, read by our decoder.

Of 2013 and 2019: sample messages of xtream-codec (hylexus, Apache-2.0), made by its encoder and asserted by its tests.
Captured from devices of many makers, with values that the tests of Traccar (Apache-2.0) assert for its decoder of the
same protocol ("Huabao").
"""

from __future__ import annotations

from datetime import datetime

import pytest

from console.gateway.jt808 import messages as m
from console.gateway.jt808.decoding import positions_of
from console.gateway.jt808.framing import Flaw, FrameError, Framer, Message, parse
from console.gateway.jt808.position import CITY_TIME, Position

XTREAM_PHONE = "00000000013912344329"
BATCH_2019 = (
    "7e0704403f01000000000139123443290000000200001c000000010000000101d907f2073d336c029a00210059241029213903001c0000000100"
    "00000101d907f3073d336d03090043005a241029213903f87e"
)
POSITION_2019 = (
    "7e02004026010000000001391234432900000000006f0000001601dc9a0707456246007b004200032501292233"
    "440202006401040000000c417e"
)
CAPTURED = {
    "fuel and speed of the recorder": (
        "7E0200002A013833501744001900000000000000C201597FA806CC015800800000000815081807212101040000"
        "02F502020000030200009F7E"
    ),
    "level of the battery": (
        "7e02000033202011200010001300020000000400020158b30006c93ee500200000000020112716293701040000"
        "0000fe0145ff0c01cc00000000263300000f3e627e"
    ),
    "satellites and signal": (
        "7e020000400303000002280042000000000000000301618ab406c31ec800000000000518092116145701040000"
        "047830011031010aeb16000c00b28986011780108622216500060089ffffffffc37e"
    ),
    "south of the equator": (
        "7e0200004e08026300003006480000000000000007021477d90841920700000000005019110515194001040000"
        "167130011631010cd00400000400d3020027d4013fd6143839363130313832303030343833363532383330da01"
        "04897e"
    ),
}


def message_of(frame: str) -> Message:
    (inner,) = Framer().feed(bytes.fromhex(frame))
    return parse(inner)


def the_position(frame: str) -> Position:
    (found,), spoilt = positions_of(message_of(frame))
    assert not spoilt
    return found


def city_time(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=CITY_TIME)


def test_a_position_of_2019_says_what_its_maker_says() -> None:
    message = message_of(POSITION_2019)
    assert (message.header.phone, message.header.version, message.header.serial) == (XTREAM_PHONE, 1, 0)
    found = the_position(POSITION_2019)
    assert (found.alarm, found.status) == (111, 22)
    # Bit 2 of the status: south.
    assert (found.latitude, found.longitude, found.altitude_m) == (-31.234567, 121.987654, 123)
    assert (found.speed_kmh, found.heading, found.at) == (6.6, 3, city_time("2025-01-29 22:33:44"))
    assert (found.mileage_m, found.fuel_l) == (1_200, 10.0)


def test_a_batch_of_2019_says_what_its_maker_says() -> None:
    positions, spoilt = positions_of(message_of(BATCH_2019))
    assert spoilt == 0
    assert [
        (p.alarm, p.status, p.latitude, p.longitude, p.altitude_m, p.speed_kmh, p.heading, p.at) for p in positions
    ] == [
        (1, 1, 31.000562, 121.451372, 666, 3.3, 89, city_time("2024-10-29 21:39:03")),
        (1, 1, 31.000563, 121.451373, 777, 6.7, 90, city_time("2024-10-29 21:39:03")),
    ]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("7e8001400501000000000139123443290000006f020000dc7e", m.Ack(111, 0x0200, 0)),
        ("7e8100400d01000000000139123443290000006f006f6b2e2e6f6b2e2e6f6bd27e", m.RegisterAnswer(111, 0, "ok..ok..ok")),
        (
            "7e8300001901391234432300000148656c6c6f576f726c6420babad7d62047424b20b1e0c2ebf27e",
            "HelloWorld 汉字 GBK 编码",
        ),
        (
            "7e8300401a01000000000139123443290000010148656c6c6f576f726c6420babad7d62047424b20b1e0c2ebbb7e",
            "HelloWorld 汉字 GBK 编码",
        ),
    ],
)
def test_what_platforms_say_is_understood_as_terminals_must(frame: str, said: object) -> None:
    message = message_of(frame)
    if message.header.message_id == m.MessageId.PLATFORM_ACK:
        assert m.parse_ack(message.body) == said
    elif message.header.message_id == m.MessageId.REGISTER_ANSWER:
        assert m.parse_register_answer(message.body) == said
    else:
        assert m.parse_text(message.body, message.header.version) == said


def test_devices_of_other_makers_are_read_with_their_own_items_kept() -> None:
    found = {name: the_position(frame) for name, frame in CAPTURED.items()}
    fuel = found["fuel and speed of the recorder"]
    assert (fuel.latitude, fuel.longitude, fuel.at) == (22.6426, 114.032984, city_time("2015-08-18 07:21:21"))
    assert (fuel.mileage_m, fuel.fuel_l, fuel.heading) == (75_700, 0.0, 8)
    assert dict(found["level of the battery"].items)[0xFE] == bytes([69])
    assert found["satellites and signal"].satellites == 10
    assert (found["south of the equator"].latitude, found["south of the equator"].longitude) == (-34.895833, 138.514951)


def test_a_registration_of_2011_is_read_whose_model_is_shorter() -> None:
    message = message_of(
        "7E01000021013345678906000F002C012F373031313142534A2D4D3742203030303030303001D4C1423838383838B47E"
    )
    said = m.Registration(44, 303, "70111", "BSJ-M7B", "0000000", 1, "粤B88888")
    assert m.parse_registration(message) == said


def test_a_frame_that_was_logged_with_another_checksum_is_refused() -> None:
    frame = (
        "7E02000032013511221122000700000000000C000301578CC006CA3A5C00470000000014072317201501040000000030011631010BD07E"
    )
    with pytest.raises(FrameError) as caught:
        message_of(frame)
    assert caught.value.flaw is Flaw.BAD_CHECKSUM
