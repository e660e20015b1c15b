"""Words for what the gateway stores as codes: states of terminals, ways of speaking, counters."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from console.errors import QT_TRANSLATE_NOOP

TERMINAL_STATE = {
    "waiting": QT_TRANSLATE_NOOP("words", "Asks to come in"),
    "blocked": QT_TRANSLATE_NOOP("words", "Blocked"),
    "online": QT_TRANSLATE_NOOP("words", "Online"),
    "silent": QT_TRANSLATE_NOOP("words", "Silent"),
    "never": QT_TRANSLATE_NOOP("words", "Never heard"),
    "none": QT_TRANSLATE_NOOP("words", "No terminal"),
}
PLATE_COLOUR = {
    "1": QT_TRANSLATE_NOOP("words", "Blue plate"),
    "2": QT_TRANSLATE_NOOP("words", "Yellow plate"),
    "3": QT_TRANSLATE_NOOP("words", "Black plate"),
    "4": QT_TRANSLATE_NOOP("words", "White plate"),
    "9": QT_TRANSLATE_NOOP("words", "Other plate"),
}
WAY = {
    "1": "JT/T 808",
    "2": "SL 651",
    "3": "MQTT",
    "4": "HTTP",
}
SENSOR_KIND = {
    "water_level": QT_TRANSLATE_NOOP("words", "Water level"),
    "rain": QT_TRANSLATE_NOOP("words", "Rain"),
}
ELEMENT = {
    "39": QT_TRANSLATE_NOOP("words", "instantaneous level, m"),
    "22": QT_TRANSLATE_NOOP("words", "rain of 5 minutes, mm"),
    "26": QT_TRANSLATE_NOOP("words", "running total of rain, mm"),
    "F4": QT_TRANSLATE_NOOP("words", "rain of an hour in steps of 5 minutes, mm"),
    "F5": QT_TRANSLATE_NOOP("words", "levels of an hour in steps of 5 minutes, m"),
    "38": QT_TRANSLATE_NOOP("words", "battery, V"),
    "20": QT_TRANSLATE_NOOP("words", "current rain, mm"),
    "1F": QT_TRANSLATE_NOOP("words", "rain of the day, mm"),
}
DOUBT = {
    "1": QT_TRANSLATE_NOOP("words", "without satellites"),
    "2": QT_TRANSLATE_NOOP("words", "from the future"),
    "4": QT_TRANSLATE_NOOP("words", "older than a day"),
    "8": QT_TRANSLATE_NOOP("words", "outside the area of the map"),
    "16": QT_TRANSLATE_NOOP("words", "faster than a truck drives"),
    "32": QT_TRANSLATE_NOOP("words", "older than 31 days"),
}
MESSAGE = {
    "0001": QT_TRANSLATE_NOOP("words", "Answer"),
    "0002": QT_TRANSLATE_NOOP("words", "Heartbeat"),
    "0003": QT_TRANSLATE_NOOP("words", "Log-out"),
    "0100": QT_TRANSLATE_NOOP("words", "Registration"),
    "0102": QT_TRANSLATE_NOOP("words", "Authentication"),
    "0104": QT_TRANSLATE_NOOP("words", "Parameters told"),
    "0200": QT_TRANSLATE_NOOP("words", "Position"),
    "0201": QT_TRANSLATE_NOOP("words", "Position as asked for"),
    "0704": QT_TRANSLATE_NOOP("words", "Positions kept meanwhile"),
}
FUNCTION = {
    "2f": QT_TRANSLATE_NOOP("words", "Heartbeat"),
    "30": QT_TRANSLATE_NOOP("words", "Test report"),
    "31": QT_TRANSLATE_NOOP("words", "Report of even spans"),
    "32": QT_TRANSLATE_NOOP("words", "Timed report"),
    "33": QT_TRANSLATE_NOOP("words", "Added report"),
    "34": QT_TRANSLATE_NOOP("words", "Hourly report"),
    "35": QT_TRANSLATE_NOOP("words", "Report by hand"),
}
FLAW = {
    "garbage": QT_TRANSLATE_NOOP("words", "bytes that belong to no frame"),
    "too_long": QT_TRANSLATE_NOOP("words", "frame longer than there are"),
    "too_short": QT_TRANSLATE_NOOP("words", "frame shorter than its header"),
    "bad_escape": QT_TRANSLATE_NOOP("words", "wrong escape"),
    "bad_checksum": QT_TRANSLATE_NOOP("words", "wrong checksum"),
    "bad_length": QT_TRANSLATE_NOOP("words", "wrong length"),
    "bad_phone": QT_TRANSLATE_NOOP("words", "number that is none"),
    "bad_parts": QT_TRANSLATE_NOOP("words", "wrong number of parts"),
    "bad_header": QT_TRANSLATE_NOOP("words", "wrong header"),
    "encrypted": QT_TRANSLATE_NOOP("words", "encrypted"),
    "bad_body": QT_TRANSLATE_NOOP("words", "body that breaks the standard"),
}
CLOSED = {
    "flawed": QT_TRANSLATE_NOOP("words", "100 faulty frames in a row"),
    "no_sign_in": QT_TRANSLATE_NOOP("words", "nobody known within a minute"),
    "idle": QT_TRANSLATE_NOOP("words", "nothing said for ten minutes"),
    "unfinished": QT_TRANSLATE_NOOP("words", "half a frame for a minute"),
    "replaced": QT_TRANSLATE_NOOP("words", "a further line of the same terminal"),
    "withdrawn": QT_TRANSLATE_NOOP("words", "blocked, withdrawn or moved by the administrator"),
    "logged_out": QT_TRANSLATE_NOOP("words", "logged out"),
    "unknown": QT_TRANSLATE_NOOP("words", "station of no sensor"),
    "wrong_password": QT_TRANSLATE_NOOP("words", "wrong password of the station"),
    "not_allowed": QT_TRANSLATE_NOOP("words", "address that is not allowed"),
    "too_many": QT_TRANSLATE_NOOP("words", "too many lines at once"),
    "gateway_stopped": QT_TRANSLATE_NOOP("words", "the gateway was stopped"),
}
REGISTERED = {
    "ok": QT_TRANSLATE_NOOP("words", "let in"),
    "no_such_terminal": QT_TRANSLATE_NOOP("words", "refused: no vehicle has the number"),
}
COUNTER = {
    "stored": QT_TRANSLATE_NOOP("words", "Messages stored"),
    "spooled": QT_TRANSLATE_NOOP("words", "Messages kept on the disk while the database was away"),
    "replayed": QT_TRANSLATE_NOOP("words", "Messages brought from the disk into the database"),
    "spool_full": QT_TRANSLATE_NOOP("words", "Messages not kept: the disk is full, devices send them again"),
    "impossible": QT_TRANSLATE_NOOP("words", "Messages that the database does not take; kept raw"),
    "connections": QT_TRANSLATE_NOOP("words", "Lines opened"),
    "unauthenticated": QT_TRANSLATE_NOOP("words", "Messages before authentication"),
    "authentication_failed": QT_TRANSLATE_NOOP("words", "Authentications refused"),
    "unsupported": QT_TRANSLATE_NOOP("words", "Messages that nobody knows"),
    "spoilt_entries": QT_TRANSLATE_NOOP("words", "Entries of batches without a position"),
    "parts_dropped": QT_TRANSLATE_NOOP("words", "Parts of messages given up"),
    "unmeasured": QT_TRANSLATE_NOOP("words", "Values that a device could not measure"),
    "doubtful": QT_TRANSLATE_NOOP("words", "Readings whose time is not believed"),
    "http_requests": QT_TRANSLATE_NOOP("words", "Requests"),
    "http_messages": QT_TRANSLATE_NOOP("words", "Messages taken in"),
    "http_refused_messages": QT_TRANSLATE_NOOP("words", "Messages refused"),
    "http_unauthenticated": QT_TRANSLATE_NOOP("words", "Requests without a valid token"),
    "http_bad": QT_TRANSLATE_NOOP("words", "Requests that are no JSON"),
    "http_too_often": QT_TRANSLATE_NOOP("words", "Requests too often"),
    "http_full": QT_TRANSLATE_NOOP("words", "Requests put off: no room"),
    "mqtt_messages": QT_TRANSLATE_NOOP("words", "Messages taken in"),
    "mqtt_bad": QT_TRANSLATE_NOOP("words", "Messages that are none"),
    "mqtt_unknown": QT_TRANSLATE_NOOP("words", "Messages of topics of no sensor"),
    "mqtt_connected": QT_TRANSLATE_NOOP("words", "Times the broker was reached"),
    "mqtt_refused": QT_TRANSLATE_NOOP("words", "Times the broker refused"),
    "judged_fixes": QT_TRANSLATE_NOOP("words", "Positions judged"),
    "judged_readings": QT_TRANSLATE_NOOP("words", "Readings judged"),
    "late_fixes": QT_TRANSLATE_NOOP("words", "Positions that came late"),
    "statements": QT_TRANSLATE_NOOP("words", "Changes of alarms"),
    "clock_off_s": QT_TRANSLATE_NOOP("words", "Clock of the gateway is off by, s"),
    "command_text": QT_TRANSLATE_NOOP("words", "Texts to drivers"),
    "command_position": QT_TRANSLATE_NOOP("words", "Positions asked for"),
    "command_parameters": QT_TRANSLATE_NOOP("words", "Parameters set"),
    "command_done": QT_TRANSLATE_NOOP("words", "Commands acknowledged"),
    "command_failed": QT_TRANSLATE_NOOP("words", "Commands failed"),
    "command_wrong": QT_TRANSLATE_NOOP("words", "Commands not understood"),
    "command_unsupported": QT_TRANSLATE_NOOP("words", "Commands not supported"),
}
_FAMILIES = (
    (re.compile(r"flaw_(\w+)"), QT_TRANSLATE_NOOP("words", "Faulty frames: {what}"), FLAW),
    (re.compile(r"closed_(\w+)"), QT_TRANSLATE_NOOP("words", "Lines closed: {what}"), CLOSED),
    (re.compile(r"register_(\w+)"), QT_TRANSLATE_NOOP("words", "Registrations: {what}"), REGISTERED),
    (re.compile(r"message_(\w{4})"), QT_TRANSLATE_NOOP("words", "Messages: {what}"), MESSAGE),
    (re.compile(r"function_(\w\w)"), QT_TRANSLATE_NOOP("words", "Reports: {what}"), FUNCTION),
    (re.compile(r"doubt_(\w+)"), QT_TRANSLATE_NOOP("words", "Doubtful positions: {what}"),
     {"no_fix": DOUBT["1"], "future": DOUBT["2"], "old": DOUBT["4"], "outside": DOUBT["8"], "too_fast": DOUBT["16"],
      "long_ago": DOUBT["32"]}),
)  # fmt: skip
WRONG = re.compile(
    r"(flaw|closed|doubt)_|authentication_failed|unauthenticated|unsupported|spool_full|impossible|parts_dropped"
    r"|refused|bad|unknown|too_often|full|register_no|clock_off|command_(failed|wrong|unsupported)|doubtful|spoilt"
)
"""Counters of what should not happen."""
_FINE = frozenset({"closed_logged_out", "closed_gateway_stopped", "doubt_old"})


def counter_words(name: str) -> str:
    """What a counter counts; a name without words is shown as it is."""
    plain = name.removeprefix("sl651_")
    if plain in COUNTER:
        return QCoreApplication.translate("words", COUNTER[plain])
    for pattern, template, vocabulary in _FAMILIES:
        found = pattern.fullmatch(plain)
        if found is not None:
            what = vocabulary.get(found[1])
            words = QCoreApplication.translate("words", what) if what else found[1]
            return QCoreApplication.translate("words", template).format(what=words)
    return name


def counter_group(name: str) -> str:
    """Who a counter is about: the protocol, or the gateway itself."""
    if name.startswith("sl651_"):
        return "SL 651"
    if name.startswith("http_"):
        return "HTTP"
    if name.startswith("mqtt_"):
        return "MQTT"
    of_gateway = {"stored", "spooled", "replayed", "spool_full", "impossible", "clock_off_s", "judged_fixes",
                  "judged_readings", "late_fixes", "statements"}  # fmt: skip
    return QCoreApplication.translate("words", "Gateway") if name in of_gateway else "JT/T 808"


def is_wrong(name: str, value: int) -> bool:
    """Whether a counter tells of something that should not happen, and has happened."""
    if name == "clock_off_s":
        return abs(value) > CLOCK_OFF_S
    return value > 0 and name.removeprefix("sl651_") not in _FINE and WRONG.search(name) is not None


CLOCK_OFF_S = 60
"""A clock that is farther off is not gone by."""


def doubt_words(doubt: int) -> str:
    """Why a position or reading is not believed."""
    return ", ".join(QCoreApplication.translate("words", words) for bit, words in DOUBT.items() if doubt & int(bit))
