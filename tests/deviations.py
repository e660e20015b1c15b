"""A truck of the small city that leaves its approved route and comes back, with the messages of its terminal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from console.gateway.arrivals import Way
from console.gateway.jt808.framing import Header, Message, build
from console.gateway.jt808.messages import MessageId, PositionBatch, build_batch
from console.gateway.jt808.position import Position, build_position
from console.models import field_intake
from console.models.demonstration import GATEWAY_LOGIN
from tests.monitored import NIGHT, TRUCK, City

if TYPE_CHECKING:
    from sqlalchemy import Engine

FIRST_SERIAL = 4710
INSIDE, OUTSIDE, BACK = [0.0, 30.0], [60.0, 90.0, 120.0, 150.0], [180.0, 210.0, 240.0, 270.0, 300.0]


def left_its_route(database: Engine, away_m: float = -180.0, *, messages: bool = True) -> tuple[City, int]:
    """The city, and the alarm that was raised; the truck was so far to the left of its route, then back on it."""
    city = City(database)
    city.drive(INSIDE, 5.0)
    city.drive(OUTSIDE, away_m)
    city.judge()
    city.drive(BACK, 5.0)
    city.judge()
    if messages:
        hand_in_messages(city)
    (alarm,) = city.of("route_deviation")
    return city, int(alarm.id)


def hand_in_messages(city: City) -> None:
    """Each position in a message of its own, but for the last two, which came together, late."""
    times = [*INSIDE, *OUTSIDE, *BACK]
    told = [_frame(MessageId.POSITION, n, build_position(_position(second))) for n, second in enumerate(times[:-2])]
    batch = PositionBatch(True, tuple(_position(second) for second in times[-2:]))
    told.append(_frame(MessageId.POSITION_BATCH, len(told), build_batch(batch)))
    kept = field_intake.Messages()
    for second, raw in zip([*times[:-2], 400.0], told, strict=True):
        kept.received_ats.append(NIGHT + timedelta(seconds=second + 1.5))
        kept.ways.append(Way.JT808)
        kept.owner_ids.append(TRUCK)
        kept.raws.append(raw)
    with city.engine(GATEWAY_LOGIN).begin() as connection:
        field_intake.record_messages(connection, kept)


def _frame(message_id: MessageId, number: int, body: bytes) -> bytes:
    return build(Message(Header(message_id, "013900000001", FIRST_SERIAL + number), body))[1:-1]


def _position(second: float) -> Position:
    return Position(NIGHT + timedelta(seconds=second), 111.0, 35.0, 360, 20.0, 90)
