"""All devices of the city at once, on an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pyproj import Transformer
from sqlalchemy import text

from console.gateway.arrivals import Way
from console.gateway.jt808.messages import Parameters
from console.gateway.jt808.position import Position, Status, TruckState, items_of
from console.gateway.listening import read_listening
from console.simulation.field.dialling import Dialler
from console.simulation.field.messages import HttpDevice, MqttDevices
from console.simulation.field.station import ELEMENTS, Station
from console.simulation.field.terminal import Identity, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from console.models.field_intake import Fixes, Readings, SensorSource

TEND_S = 1.0
LOOK_S = 0.05
LAST_WORDS_S = 3.0
"""So long devices that are switched off wait for what is on the way to be acknowledged."""
ALTITUDE_M = 368  # of the city's middle
SATELLITES = 12
ODOMETER_M = 100
_LOADS = {"empty": 0, "half": Status.HALF, "full": Status.FULL}
_IDENTITIES = """
    SELECT id, terminal_phone, plate, plate_colour FROM city.vehicle WHERE id = ANY (CAST(:vehicles AS integer[]))
"""


@dataclass(frozen=True)
class Wishes:
    """What desks have told the terminal of a truck: seconds between its reports; None where nothing was said."""

    report_s: int | None
    report_asleep_s: int | None


@dataclass(frozen=True)
class Devices:
    """What there is in the field.

    Attributes:
        terminals: who they are, by vehicle.
        sources: which value of which device is which sensor's reading.
        broker: address of the broker of MQTT, through which sensors speak then; None for none.
        token: by which devices post; None when nobody issued one.
    """

    terminals: dict[int, Identity] = field(default_factory=dict)
    sources: Sequence[SensorSource] = ()
    broker: str | None = None
    token: str | None = None


class Field:
    """Terminals of trucks and sensors. Made, fed and closed by one thread, which waits for none of them.

    Args:
        devices: what there is.
        gateway: the file that says where the gateway listens.
    """

    def __init__(self, devices: Devices, gateway: Path) -> None:
        self._gateway = gateway
        self._to_wgs84 = Transformer.from_crs(4546, 4490, always_xy=True)
        self.terminals = {
            vehicle: Terminal(identity, partial(self._reach, "jt808"))
            for vehicle, identity in devices.terminals.items()
        }
        self._mqtt = None if devices.broker is None else MqttDevices(devices.broker)
        self._by_mqtt: dict[int, SensorSource] = {}
        self._sensors: dict[int, Station | HttpDevice] = {}
        # Through a broker where there is one.
        for source in sorted(devices.sources, key=lambda source: source.way != Way.MQTT):
            if source.sensor_id in self.measured or source.is_total:
                continue
            if source.way == Way.MQTT and self._mqtt is not None:
                self._by_mqtt[source.sensor_id] = source
            elif source.way == Way.SL651 and source.field in ELEMENTS:
                self._sensors[source.sensor_id] = Station(source, partial(self._reach, "sl651"))
            elif source.way == Way.HTTP and devices.token is not None:
                self._sensors[source.sensor_id] = HttpDevice(source, self._url, devices.token)
        self._handed = 0
        self._loop = asyncio.new_event_loop()
        self._ending: asyncio.Future[float] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name="field")

    @property
    def measured(self) -> set[int]:
        """Sensors that have a device to speak by."""
        return self._sensors.keys() | self._by_mqtt.keys()

    def start(self) -> None:
        """Switch all devices on."""
        self._thread.start()
        if self._mqtt is not None:
            self._mqtt.start()

    def close(self, patience_s: float = LAST_WORDS_S) -> None:
        """Switch all devices off, once what is on the way has been acknowledged, or `patience_s` are over."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set_result, patience_s)
            self._thread.join()
        if self._mqtt is not None:
            self._mqtt.close()
        self._loop.close()

    @property
    def waiting(self) -> int:
        """Positions and readings that the gateway, or the broker, has not acknowledged yet."""
        tallies = [one.tally for one in (*self.terminals.values(), *self._sensors.values())]
        by_mqtt = 0 if self._mqtt is None else self._mqtt.waiting
        return self._handed - sum(tally.kept + tally.refused + tally.lost for tally in tallies) + by_mqtt

    @property
    def counters(self) -> Counter[str]:
        """How it goes: terminals that are in, positions kept, refused and lost, lines that broke, texts heard."""
        counters: Counter[str] = Counter()
        for terminal in self.terminals.values():
            tally = terminal.tally
            counters.update(
                {"in": terminal.is_in, "kept": tally.kept, "refused": tally.refused, "lost": tally.lost,
                 "breaks": terminal.breaks, "texts": terminal.obeyed.texts}
            )  # fmt: skip
        return counters

    def report(self, fixes: Fixes) -> None:
        """Let the terminals of trucks report positions (EPSG:4546), whose fractions of a second are lost."""
        made = self._positions(fixes)
        self._handed += len(made)

        def report() -> None:
            for vehicle, position in made:
                self.terminals[vehicle].report(position)

        self._call(report)

    def measure(self, readings: Readings) -> None:
        """Let sensors report readings, each in its unit; those of sensors that nobody has connected are lost."""
        made = []
        for sensor, at, value in zip(readings.sensor_ids, readings.ats, readings.readings, strict=True):
            if sensor in self._sensors:
                made.append((sensor, at, value))
            elif sensor in self._by_mqtt and self._mqtt is not None:
                self._mqtt.measure(self._by_mqtt[sensor], at, value)
        self._handed += len(made)

        def measure() -> None:
            for sensor, at, value in made:
                self._sensors[sensor].measure(at, value)

        self._call(measure)

    def out_of_reach(self, vehicles: Collection[int]) -> None:
        """Let the network be gone for these trucks, and be there for all others."""

        def change() -> None:
            for vehicle, terminal in self.terminals.items():
                terminal.go_out_of_reach() if vehicle in vehicles else terminal.come_back()

        self._call(change)

    def asked(self) -> set[int]:
        """Vehicles that somebody has asked for their position."""
        return {vehicle for vehicle, terminal in self.terminals.items() if terminal.obeyed.questions}

    def wishes(self) -> dict[int, Wishes]:
        """What terminals were told about their intervals."""
        every = {vehicle: terminal.obeyed.parameters for vehicle, terminal in self.terminals.items()}
        return {
            vehicle: Wishes(told.get(Parameters.REPORT_S), told.get(Parameters.REPORT_ASLEEP_S))
            for vehicle, told in every.items()
            if told
        }

    def _reach(self, protocol: str) -> tuple[str, int] | None:
        found = read_listening(self._gateway)
        port = 0 if found is None else int(getattr(found, protocol))
        return (found.host, port) if found is not None and port else None

    def _url(self) -> str | None:
        found = self._reach("http")
        return None if found is None else f"http://{found[0]}:{found[1]}/readings"

    def _positions(self, fixes: Fixes) -> list[tuple[int, Position]]:
        longitudes, latitudes = self._to_wgs84.transform(fixes.xs, fixes.ys)
        made = []
        for place, vehicle in enumerate(fixes.vehicle_ids):
            if vehicle not in self.terminals:
                continue
            status = Status.FIXED | Status.GPS | Status.BEIDOU | _LOADS[fixes.loads[place]]
            position = Position(
                at=fixes.ats[place],
                longitude=longitudes[place],
                latitude=latitudes[place],
                altitude_m=ALTITUDE_M,
                speed_kmh=fixes.speeds_kmh[place],
                heading=fixes.headings[place],
                alarm=fixes.alarm_bits[place],
                status=int(status | (Status.ACC if fixes.ignitions[place] else 0)),
                items=items_of(
                    mileage_m=_odometer(fixes.mileages_m[place]),
                    satellites=SATELLITES,
                    truck=TruckState(lid_closed=fixes.lids_closed[place], bed_lifted=False),
                ),
            )
            made.append((vehicle, position))
        return made

    # On the loop

    def _call(self, work: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(work)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._work())

    async def _work(self) -> None:
        devices = [*self.terminals.values(), *self._sensors.values()]
        diallers = [one for one in devices if isinstance(one, Dialler)]
        lines = [asyncio.create_task(one.run()) for one in devices]
        try:
            while not self._ending.done():
                await asyncio.wait([self._ending], timeout=TEND_S)
                now = self._loop.time()
                for one in diallers:
                    one.look_after(now)
            for _look in range(round(self._ending.result() / LOOK_S)):
                if not any(one.waiting for one in devices if not isinstance(one, Dialler) or one.is_in):
                    break
                await asyncio.sleep(LOOK_S)
        finally:
            for line in lines:
                line.cancel()
            await asyncio.gather(*lines, return_exceptions=True)


def _odometer(mileage_m: int | None) -> int | None:
    """What a terminal says, which counts tenths of a kilometre: rounded up, so that it never seems to run backwards."""
    return None if mileage_m is None else -(-mileage_m // ODOMETER_M) * ODOMETER_M


def identities(connection: Connection, vehicles: Collection[int]) -> dict[int, Identity]:
    """Who the terminals of these vehicles are; every other one is of the edition of 2019."""
    rows = connection.execute(text(_IDENTITIES), {"vehicles": list(vehicles)}).all()
    found = {}
    for row in rows:
        is_2019 = row.id % 2 == 0 or len(row.terminal_phone) > 12
        phone = row.terminal_phone.lstrip("0").rjust(20 if is_2019 else 12, "0")
        found[row.id] = Identity(phone, 1 if is_2019 else None, row.plate, row.plate_colour)
    return found
