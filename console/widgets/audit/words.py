"""Words of the audit trail: tables, fields and values as people read them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from console.errors import QT_TRANSLATE_NOOP
from console.widgets.configuration import words as configuration
from console.widgets.configuration.history import FIELDS
from console.widgets.configuration.words import name_of, plain, say
from console.widgets.shared import figures
from console.widgets.shared.words import MOVE, STATE, word

if TYPE_CHECKING:
    from console.models.audit import Breach, Entry
    from console.widgets.configuration.words import References

TABLE = configuration.TABLE | {
    "case_event": QT_TRANSLATE_NOOP("words", "Move of a case"),
    "case_attachment": QT_TRANSLATE_NOOP("words", "Evidence"),
    "case_attachment_withdrawal": QT_TRANSLATE_NOOP("words", "Evidence withdrawn"),
    "zone": QT_TRANSLATE_NOOP("words", "Zone"),
    "subdistrict": QT_TRANSLATE_NOOP("words", "Subdistrict"),
    "community": QT_TRANSLATE_NOOP("words", "Community"),
    "unit_grid": QT_TRANSLATE_NOOP("words", "Unit grid"),
    "street": QT_TRANSLATE_NOOP("words", "Street"),
    "component": QT_TRANSLATE_NOOP("words", "Component"),
    "manhole": QT_TRANSLATE_NOOP("words", "Manhole"),
    "pipe": QT_TRANSLATE_NOOP("words", "Pipe"),
    "gully": QT_TRANSLATE_NOOP("words", "Gully"),
    "outfall": QT_TRANSLATE_NOOP("words", "Outfall"),
    "pump_station": QT_TRANSLATE_NOOP("words", "Pump station"),
    "flood_warning": QT_TRANSLATE_NOOP("words", "Rainstorm warning"),
    "duty_tick": QT_TRANSLATE_NOOP("words", "Tick of flood duty"),
    "flood_point": QT_TRANSLATE_NOOP("words", "Flood point"),
    "sensor": QT_TRANSLATE_NOOP("words", "Sensor"),
    "vehicle": QT_TRANSLATE_NOOP("words", "Truck"),
    "company": QT_TRANSLATE_NOOP("words", "Haulage company"),
    "route_permit": QT_TRANSLATE_NOOP("words", "Route permit"),
    "work_site": QT_TRANSLATE_NOOP("words", "Work site"),
    "dump_site": QT_TRANSLATE_NOOP("words", "Dump site"),
    "traffic_area": QT_TRANSLATE_NOOP("words", "Traffic area"),
    "alarm_rule": QT_TRANSLATE_NOOP("words", "Alarm rule"),
    "alarm_hold": QT_TRANSLATE_NOOP("words", "Alarm held back"),
    "terminal": QT_TRANSLATE_NOOP("words", "GPS terminal"),
    "terminal_command": QT_TRANSLATE_NOOP("words", "Command to a terminal"),
    "sensor_source": QT_TRANSLATE_NOOP("words", "Source of a sensor"),
    "intake_token": QT_TRANSLATE_NOOP("words", "Token for HTTP"),
}
FIELD = configuration.FIELD | {
    "case_id": QT_TRANSLATE_NOOP("words", "Case"),
    "seq": QT_TRANSLATE_NOOP("words", "Place in the history"),
    "at": QT_TRANSLATE_NOOP("words", "Time"),
    "from_state": QT_TRANSLATE_NOOP("words", "From state"),
    "to_state": QT_TRANSLATE_NOOP("words", "To state"),
    "used_s": QT_TRANSLATE_NOOP("words", "Seconds used"),
    "opinion": QT_TRANSLATE_NOOP("words", "Opinion"),
    "detail": QT_TRANSLATE_NOOP("words", "Particulars"),
    "request_id": QT_TRANSLATE_NOOP("words", "Request"),
    "geom": QT_TRANSLATE_NOOP("words", "Place"),
    "media_type": QT_TRANSLATE_NOOP("words", "File type"),
    "file_name": QT_TRANSLATE_NOOP("words", "File name"),
    "event_seq": QT_TRANSLATE_NOOP("words", "Place in the history"),
    "stage": QT_TRANSLATE_NOOP("words", "Stage of the photo"),
    "taken_at": QT_TRANSLATE_NOOP("words", "Taken at"),
    "uploaded_at": QT_TRANSLATE_NOOP("words", "Attached at"),
    "uploaded_by": QT_TRANSLATE_NOOP("words", "Attached by"),
    "width": QT_TRANSLATE_NOOP("words", "Width in pixels"),
    "height": QT_TRANSLATE_NOOP("words", "Height in pixels"),
    "longitude": QT_TRANSLATE_NOOP("words", "Longitude"),
    "latitude": QT_TRANSLATE_NOOP("words", "Latitude"),
    "id": QT_TRANSLATE_NOOP("words", "Number"),
    "size_bytes": QT_TRANSLATE_NOOP("words", "Size in bytes"),
    "sha256": QT_TRANSLATE_NOOP("words", "Checksum"),
    "reason": QT_TRANSLATE_NOOP("words", "Reason"),
    "terminal_phone": QT_TRANSLATE_NOOP("words", "Number of its terminal"),
    "plate": QT_TRANSLATE_NOOP("words", "Plate"),
    "plate_colour": QT_TRANSLATE_NOOP("words", "Colour of the plate"),
    "company_id": QT_TRANSLATE_NOOP("words", "Haulage company"),
    "box_m3": QT_TRANSLATE_NOOP("words", "Volume of the box, m³"),
    "vehicle_id": QT_TRANSLATE_NOOP("words", "Truck"),
    "blocked": QT_TRANSLATE_NOOP("words", "Blocked"),
    "devices": QT_TRANSLATE_NOOP("words", "Devices"),
    "renewed": QT_TRANSLATE_NOOP("words", "Renewed"),
    "content": QT_TRANSLATE_NOOP("words", "What was said"),
    "address": QT_TRANSLATE_NOOP("words", "Address"),
    "field": QT_TRANSLATE_NOOP("words", "Value of the device"),
    "sensor_id": QT_TRANSLATE_NOOP("words", "Sensor"),
}
BREACH = {
    "altered": QT_TRANSLATE_NOOP("words", "altered"),
    "moved": QT_TRANSLATE_NOOP("words", "moved"),
    "missing": QT_TRANSLATE_NOOP("words", "missing"),
    "inserted": QT_TRANSLATE_NOOP("words", "inserted"),
    "unchained": QT_TRANSLATE_NOOP("words", "altered with its digest, or out of order"),
    "day": QT_TRANSLATE_NOOP("words", "head or order of days forged"),
}
_REFERRED = {"department_id": "department", "responsible_id": "department", "competent_id": "department",
             "team_id": "team", "zone_id": "zone", "class_id": "case_class",
             "staff_id": "staff", "uploaded_by": "staff"}  # fmt: skip
_BESIDE = frozenset({"id", "geom", "confidence", "request_id", "sha256"})
"""Fields that only the whole entry tells."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_CODES = {"move": MOVE, "from_state": STATE, "to_state": STATE}


def what(entry: Entry) -> str:
    """What was done to what: of a case its move, else the table and whether its row came, changed or went."""
    if entry.subject == "case_event":
        return word(MOVE, str(entry.changes.get("move", ("", ""))[1]))
    return f"{word(TABLE, entry.subject)} · {word(configuration.DONE, entry.kind)}"


def who(entry: Entry, language: str) -> str:
    """The post of whoever did it, and the login."""
    title = entry.title if language == "zh_CN" else entry.title_en or entry.title
    return f"{title} · {entry.login}" if title else entry.login


def where_from(entry: Entry) -> str:
    """The machine and the program."""
    machine = entry.client or QCoreApplication.translate("words", "the server itself")
    return " · ".join(filter(None, (machine, entry.application)))


def told(entry: Entry, references: References, language: str) -> list[tuple[str, str, str]]:
    """(field, before, after) of all that differs; a dash for no value."""
    return [
        (
            word(FIELD, name),
            _said(entry.subject, name, before, references, language),
            _said(entry.subject, name, after, references, language),
        )
        for name, (before, after) in entry.changes.items()
    ]


def summary(entry: Entry, references: References, language: str) -> str:
    """The differences on one line; of a move the states that it led from and to, and what was written."""
    if entry.subject == "case_event":
        values = {name: after for name, (_, after) in entry.changes.items()}
        states = [word(STATE, str(values[n])) for n in ("from_state", "to_state") if values.get(n)]
        return " · ".join(filter(None, (" → ".join(dict.fromkeys(states)), str(values.get("opinion") or ""))))
    parts = []
    for name, (before, after) in entry.changes.items():
        if name not in _BESIDE:
            title = word(FIELD, name)
            new = _said(entry.subject, name, after, references, language)
            old = _said(entry.subject, name, before, references, language)
            parts.append(f"{title}: {old} → {new}" if entry.kind == "update" else f"{title}: {new}")
    return "; ".join(parts) if entry.kind != "delete" else ""


def breach_words(breach: Breach) -> str:
    """Which entry, and what is wrong with it."""
    translate = QCoreApplication.translate
    wrong = word(BREACH, breach.kind)
    if breach.entry is not None:
        return translate("words", "entry {n} {wrong}").format(n=breach.entry, wrong=wrong)
    if breach.place is not None:
        return translate("words", "place {n} of the day {wrong}").format(n=breach.place, wrong=wrong)
    return wrong


def _said(table: str, name: str, value: Any, references: References, language: str) -> str:
    words = plain(value)
    known = FIELDS.get((table, name))
    if isinstance(value, dict) and "coordinates" in value:
        words = _place(value)
    elif known is not None and table != "setting":
        topic, field = known
        words = say(topic.subject, field, value, references, language) or figures.NONE
    elif isinstance(value, str) and _INSTANT.match(value):
        words = f"{datetime.fromisoformat(value).astimezone(figures.CITY_TIME):%Y-%m-%d %H:%M:%S}"
    elif name in _CODES and isinstance(value, str):
        words = word(_CODES[name], value)
    elif isinstance(value, int) and (found := references.get(_REFERRED.get(name, ""), {}).get(value)) is not None:
        words = name_of(found, language)
    return words


def _place(geometry: dict[str, Any]) -> str:
    """A geometry as stored: a point by its coordinates, east then north in metres, else its kind and size."""
    coordinates = geometry["coordinates"]
    if geometry.get("type") == "Point":
        return ", ".join(f"{value:.2f}" for value in coordinates)
    count = str(coordinates).count("[") - (2 if geometry.get("type", "").endswith("Polygon") else 1)
    words = QCoreApplication.translate("words", "{kind} of {n} points")
    return words.format(kind=geometry.get("type", ""), n=count)
