"""Alarms (ISA-18.2 / IEC 62682): what stands, what desks do with it, and the rules by which it is raised."""

from console.models.alarms.acts import (
    acknowledge,
    each,
    keep,
    reset,
    return_to_service,
    shelve,
    take_out_of_service,
    unshelve,
)
from console.models.alarms.board import (
    ANNOUNCED,
    STANDING_LIMIT,
    WAITING,
    Alarm,
    AlarmEvent,
    Board,
    Hold,
    alarm,
    board,
    history,
    holds,
)
from console.models.alarms.record import ACTS, AlarmRecord, Watch, record, watch
from console.models.alarms.rules import AlarmRule, rules, save_rule

__all__ = [
    "ACTS",
    "ANNOUNCED",
    "STANDING_LIMIT",
    "WAITING",
    "Alarm",
    "AlarmEvent",
    "AlarmRecord",
    "AlarmRule",
    "Board",
    "Hold",
    "Watch",
    "acknowledge",
    "alarm",
    "board",
    "each",
    "history",
    "holds",
    "keep",
    "record",
    "reset",
    "return_to_service",
    "rules",
    "save_rule",
    "shelve",
    "take_out_of_service",
    "unshelve",
    "watch",
]
