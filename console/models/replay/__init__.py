"""The whole city at past instants: trucks, gauges, alarms and cases from arrays, without a question to the database."""

from console.models.replay.hour import HOUR_S, Hour, hour_of, read_hour
from console.models.replay.marks import AlarmMark, Marks, marks
from console.models.replay.playing import SPEEDS, Playing
from console.models.replay.truck_record import vehicle_at
from console.models.replay.trucks import TruckStates

__all__ = [
    "HOUR_S",
    "SPEEDS",
    "AlarmMark",
    "Hour",
    "Marks",
    "Playing",
    "TruckStates",
    "hour_of",
    "marks",
    "read_hour",
    "vehicle_at",
]
