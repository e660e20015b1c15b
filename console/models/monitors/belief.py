"""Which positions are believed, and by which way each truck came to its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.alarms.rules import AlarmRule

JUMP_M = 100.0
"""What is nearer than this is noise, however short the time."""
JUMP_KMH = 200.0
"""Faster than this between two positions is a jump, where no rule says otherwise."""
LIKELY, LIKELY_KMH = 1.5, 25.0
"""A truck is believed to have driven so many times as fast as it says, or as this when it says less."""
DRIVEABLE_KMH = 80.0
"""So fast in a straight line a truck may have driven whatever it says at both ends of the way."""
AGREE, AGREE_FAR = 2, 3
"""Positions that bear each other out are where the truck is: so many where it may have driven there, else so many."""
BORNE_OUT_M_S = 5.0
"""How far from where its speeds and headings lead a position may lie that they bear out, each second since the last.

What two reports leave open of the way between them has nothing to do with the next two: the squares of several add up.
"""

FIELDS = [
    ("x", "f8"), ("y", "f8"), ("speed", "f8"), ("good_at", "f8"),
    ("led_east", "f8"), ("led_north", "f8"), ("left_open", "f8"),
    ("last_x", "f8"), ("last_y", "f8"), ("last_at", "f8"), ("last_east", "f8"), ("last_north", "f8"),
    ("doubted", "u1"), ("jumps", "u4"), ("jump_kmh", "f8"),
]  # fmt: skip
"""What is remembered of a truck: its last believed position, and the last one if that was not believed.

Between them the metres by which the speeds and headings of all its reports have led it on since it was believed, and
the square of those that they leave open.
"""


@dataclass(frozen=True)
class Ways:
    """How trucks came to their positions, as parallel arrays.

    Attributes:
        jumped: whether the position is not believed.
        kmh: value of the rule about jumps.
        x, y, at: the position from which the way comes: the last believed, or the one after it that was doubted until
            this one bore it out.
        was_doubted: whether it is the latter.
        borne_out: whether the speeds and headings that were reported lead from there to here.
    """

    jumped: NDArray[np.bool_]
    kmh: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    at: NDArray[np.float64]
    was_doubted: NDArray[np.bool_]
    borne_out: NDArray[np.bool_]


def believe(
    state: NDArray[Any],
    rule: AlarmRule | None,
    truck: NDArray[np.int64],
    at: NDArray[np.float64],
    xy: tuple[NDArray[np.float64], NDArray[np.float64]],
    speed: NDArray[np.float64],
    heading: NDArray[np.float64],
) -> Ways:
    """Decide which positions are believed after those before; remembers them, but for the place of those that are.

    A way is believed that the speeds at its ends, and a margin, allow. Positions that are not believed but bear each
    other out are where the truck is.

    Args:
        state: of all trucks, with `FIELDS`.
        rule: about jumps.
        truck: places in `state`.
        at: seconds since 1970.
        xy: metres east and north.
        speed: km/h.
        heading: degrees clockwise from north.
    """
    fastest = (rule.set_point or JUMP_KMH) if rule else JUMP_KMH
    old, (x, y) = state[truck], xy
    likely_m_s = LIKELY * np.maximum(np.maximum(speed, old["speed"]), LIKELY_KMH) / 3.6

    def implied(x0: NDArray[Any], y0: NDArray[Any], at0: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        way, seconds = np.hypot(x - x0, y - y0), np.maximum(at - at0, 1.0)
        kmh = np.where(way > JUMP_M, 3.6 * way / seconds, 0.0)
        return kmh, (kmh <= fastest) & (way <= JUMP_M + likely_m_s * seconds)

    def driveable(x1: NDArray[Any], y1: NDArray[Any], at1: NDArray[Any]) -> NDArray[np.bool_]:
        way = np.hypot(x1 - old["x"], y1 - old["y"])
        return np.asarray(way <= JUMP_M + DRIVEABLE_KMH / 3.6 * (at1 - old["good_at"]), bool)

    kmh, follows = implied(old["x"], old["y"], old["good_at"])
    agrees = implied(old["last_x"], old["last_y"], old["last_at"])[1] & (old["doubted"] > 0)
    doubted = np.where(agrees, old["doubted"] + 1, 1)
    agree = agrees & (doubted >= np.where(driveable(x, y, at), AGREE, AGREE_FAR))
    jumped = ~np.isnan(old["good_at"]) & ~follows & ~agree
    was_doubted = np.where(follows, agrees & driveable(old["last_x"], old["last_y"], old["last_at"]), agree)

    angle = np.radians(heading)
    east, north = speed / 3.6 * np.sin(angle), speed / 3.6 * np.cos(angle)
    start_x, start_y = (np.where(was_doubted, old["last_" + axis], old[axis]) for axis in "xy")
    start_at = np.where(was_doubted, old["last_at"], old["good_at"])
    seconds = at - old["last_at"]
    step_east, step_north = (old["last_east"] + east) / 2 * seconds, (old["last_north"] + north) / 2 * seconds
    left_open = (BORNE_OUT_M_S * seconds) ** 2
    led_east, led_north, led_open = (
        here + np.where(was_doubted, 0.0, old[name])
        for name, here in (("led_east", step_east), ("led_north", step_north), ("left_open", left_open))
    )
    borne_out = (x - start_x - led_east) ** 2 + (y - start_y - led_north) ** 2 <= led_open

    many = _count(state, rule, truck, jumped, kmh)
    for name, value in (("x", x), ("y", y), ("at", at), ("east", east), ("north", north)):
        state["last_" + name][truck] = value
    state["good_at"][truck] = np.where(jumped, old["good_at"], at)
    for name, value in (("led_east", led_east), ("led_north", led_north), ("left_open", led_open)):
        state[name][truck] = np.where(jumped, value, 0.0)
    state["doubted"][truck] = np.where(jumped, doubted, 0)
    state["speed"][truck] = speed
    return Ways(jumped, many, start_x, start_y, start_at, was_doubted, borne_out)


def _count(
    state: NDArray[Any],
    rule: AlarmRule | None,
    truck: NDArray[np.int64],
    jumped: NDArray[np.bool_],
    kmh: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The value of the rule about jumps: the last one's speed where too many of the latest positions jumped."""
    of = int(rule.scope["of"]) if rule else 20
    old = state[truck]
    bits = ((old["jumps"].astype(np.uint64) << np.uint64(1)) | jumped.astype(np.uint64)) & np.uint64((1 << of) - 1)
    state["jumps"][truck] = bits
    state["jump_kmh"][truck] = np.where(jumped, kmh, old["jump_kmh"])
    many = np.bitwise_count(bits) >= (int(rule.scope["jumps"]) if rule else of)
    return np.where(many, state["jump_kmh"][truck], -np.inf)
