"""GPS terminals as the administrator sees them: which are in, which ask to come in, and deciding about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.fleet import SILENT_AFTER_OFF_S, SILENT_AFTER_S
from console.models.gateways import GONE_S

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

PLATE_COLOURS = (1, 2, 3, 4, 9)
"""Colours of plates (JT/T 415): blue, yellow, black, white, other."""


class TerminalState(StrEnum):
    """What there is to know of a terminal at first sight, the most urgent first."""

    WAITING = "waiting"
    BLOCKED = "blocked"
    SILENT = "silent"
    NEVER = "never"
    NONE = "none"
    ONLINE = "online"


@dataclass(frozen=True)
class TerminalRow:
    """A terminal, or a truck that has none.

    Attributes:
        phone: its number without leading zeros; empty for a truck without one.
        state: `TerminalState`: ``waiting`` to be admitted, ``blocked``, ``online`` (its line is open, or its position
            is not older than a truck may be silent), ``silent``, ``never`` heard, ``none`` for a truck without one.
        vehicle_id, plate: the active truck that it is built into; None and empty for one of no truck.
        said_plate, maker, model, terminal_id: as it registered; empty before that.
        is_2019: whether it speaks the edition of 2019; None before it has spoken.
        address: where it last came from.
        first_seen: when it first registered or was refused.
        seen_at: when it last said anything, was refused, or gave a position.
        attempts: how often it registered or was refused.
        flaws, flawed_at: its faulty frames since `counted_since`, and when the latest came.
        replaced, replaced_at: how often a further line of its number took the place of an open one, and when.
        counted_since: since when faults are counted; None before it has ever authenticated.
        doubtful: positions of the last 24 hours that are kept but not believed.
        blocked_at, blocked_by, block_reason: since when, by whom and why it is kept out.
        match_id, match_plate: the active truck whose plate it says, for one that waits.
    """

    phone: str
    state: TerminalState
    vehicle_id: int | None
    plate: str
    said_plate: str
    maker: str
    model: str
    terminal_id: str
    is_2019: bool | None
    address: str
    first_seen: datetime | None
    seen_at: datetime | None
    attempts: int
    flaws: int
    flawed_at: datetime | None
    replaced: int
    replaced_at: datetime | None
    counted_since: datetime | None
    doubtful: int
    blocked_at: datetime | None
    blocked_by: str
    block_reason: str
    match_id: int | None
    match_plate: str

    @property
    def key(self) -> str:
        """Tells it from all others."""
        return self.phone or f"vehicle-{self.vehicle_id}"


@dataclass(frozen=True)
class Truck:
    """A truck that a terminal can be built into: its plate, company, and the number that it has now."""

    id: int
    plate: str
    company: str
    phone: str


@dataclass(frozen=True)
class Fleet:
    """All terminals, and what they can be built into."""

    terminals: tuple[TerminalRow, ...]
    trucks: tuple[Truck, ...]
    companies: tuple[str, ...]


_TERMINALS = text("""
    WITH truck AS (
        SELECT v.id, v.plate, city.bare_phone(v.terminal_phone) AS phone FROM city.vehicle AS v WHERE v.active
    ), found AS (
        SELECT coalesce(t.phone, k.phone, '') AS phone, k.id AS vehicle_id, coalesce(k.plate, '') AS plate,
            t.is_2019, t.plate AS said_plate, t.maker, t.model, t.terminal_id, t.address, t.first_seen, t.last_seen,
            t.attempts, t.blocked_at, t.blocked_by, t.block_reason
        FROM truck AS k FULL JOIN city.terminal AS t ON t.phone = k.phone
    )
    SELECT f.phone,
        CASE WHEN f.blocked_at IS NOT NULL THEN 'blocked'
            WHEN f.vehicle_id IS NULL THEN 'waiting'
            WHEN f.phone = '' THEN 'none'
            WHEN c.signed_in AND c.noted_at >= g.started_at AND g.at > now() - make_interval(secs => :lives_s)
                OR s.at >= now() - make_interval(secs => CASE WHEN s.ignition THEN :on_s ELSE :off_s END) THEN 'online'
            WHEN s.at IS NULL AND c.heard_at IS NULL THEN 'never'
            ELSE 'silent' END AS state,
        f.vehicle_id, f.plate, coalesce(f.said_plate, '') AS said_plate, coalesce(f.maker, '') AS maker,
        coalesce(f.model, '') AS model, coalesce(f.terminal_id, '') AS terminal_id, f.is_2019,
        coalesce(host(coalesce(c.address, f.address)), '') AS address, f.first_seen,
        greatest(c.heard_at, f.last_seen, s.at) AS seen_at, coalesce(f.attempts, 0) AS attempts,
        coalesce(c.flaws, 0) AS flaws, c.flawed_at, coalesce(c.replaced, 0) AS replaced, c.replaced_at,
        c.since AS counted_since, coalesce(d.doubtful, 0) AS doubtful,
        f.blocked_at, coalesce(f.blocked_by, '') AS blocked_by, coalesce(f.block_reason, '') AS block_reason,
        CASE WHEN f.vehicle_id IS NULL THEN m.id END AS match_id,
        CASE WHEN f.vehicle_id IS NULL THEN coalesce(m.plate, '') ELSE '' END AS match_plate
    FROM found AS f
    LEFT JOIN city.terminal_contact AS c ON c.phone = f.phone
    LEFT JOIN city.gateway_state AS g ON g.name = c.gateway
    LEFT JOIN city.vehicle_state AS s ON s.vehicle_id = f.vehicle_id
    LEFT JOIN truck AS m ON f.said_plate <> '' AND replace(m.plate, '·', '') = translate(upper(f.said_plate), '· ', '')
    LEFT JOIN (
        SELECT vehicle_id, count(*) AS doubtful FROM city.doubtful_fix
        WHERE received_at > now() - interval '24 hours' GROUP BY vehicle_id
    ) AS d ON d.vehicle_id = f.vehicle_id
    ORDER BY f.plate, f.phone
""")
_TRUCKS = text("""
    SELECT v.id, v.plate, c.name AS company, coalesce(city.bare_phone(v.terminal_phone), '') AS phone
    FROM city.vehicle AS v JOIN city.company AS c ON c.id = v.company_id WHERE v.active ORDER BY v.plate
""")


def fleet_terminals(connection: Connection) -> Fleet:
    """Every terminal that is known or was refused, every truck, every company; for administrators and supervisors."""
    times = {"lives_s": GONE_S, "on_s": SILENT_AFTER_S, "off_s": SILENT_AFTER_OFF_S}
    found = connection.execute(_TERMINALS, times).mappings()
    return Fleet(
        tuple(TerminalRow(**{**row, "state": TerminalState(row["state"])}) for row in found),
        tuple(Truck(**row) for row in connection.execute(_TRUCKS).mappings()),
        tuple(connection.scalars(text("SELECT name FROM city.company ORDER BY name"))),
    )


def admit(connection: Connection, phone: str, vehicle_id: int) -> None:
    """Let a terminal in: it is built into this truck from now on, and into no other.

    Raises:
        Refused: there is no such terminal or active truck (CT080, CT081).
    """
    query = text("SELECT city.admit_terminal(:phone, :vehicle_id)")
    connection.execute(query, {"phone": phone, "vehicle_id": vehicle_id})


def admit_new(connection: Connection, phone: str, *, plate: str, plate_colour: int, company: str, box_m3: float) -> int:
    """Let a terminal in with a truck that the city does not know yet; the truck's number.

    Raises:
        Refused: there is no such terminal, or the truck is described wrongly or known already (CT080, CT091, CT092).
    """
    query = text("SELECT city.admit_new_vehicle(:phone, :plate, :plate_colour, :company, :box_m3)")
    truck = {"phone": phone, "plate": plate, "plate_colour": plate_colour, "company": company, "box_m3": box_m3}
    return int(connection.execute(query, truck).scalar_one())


def withdraw(connection: Connection, phone: str) -> None:
    """Take a terminal out of its truck; it has to register anew and waits to be admitted."""
    connection.execute(text("SELECT city.withdraw_terminal(:phone)"), {"phone": phone})


def block(connection: Connection, phone: str, reason: str) -> None:
    """Keep a terminal out for a reason.

    Raises:
        Refused: there is no reason, or the number is none (CT093).
    """
    connection.execute(text("SELECT city.block_terminal(:phone, :reason)"), {"phone": phone, "reason": reason})


def unblock(connection: Connection, phone: str) -> None:
    """Keep a terminal out no more."""
    connection.execute(text("SELECT city.unblock_terminal(:phone)"), {"phone": phone})
