"""Words for codes: what the database stores as a code is shown here in the user's language.

Terms follow GB/T 30428 and the Yuncheng vocabulary; a code without a word is shown as it is, so that a newer
database never breaks an older window. Those that sentences of the database speak of lie beside these.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from console.database.vocabulary import ACT, ROLE, STATE
from console.errors import QT_TRANSLATE_NOOP

__all__ = ["ACT", "ROLE", "STATE"]

MOVE = {
    "report": QT_TRANSLATE_NOOP("words", "Reported"),
    "amend": QT_TRANSLATE_NOOP("words", "Amended"),
    "order_verify": QT_TRANSLATE_NOOP("words", "Verification ordered"),
    "verify": QT_TRANSLATE_NOOP("words", "Verified on site"),
    "accept": QT_TRANSLATE_NOOP("words", "Accepted"),
    "refuse": QT_TRANSLATE_NOOP("words", "Refused"),
    "file": QT_TRANSLATE_NOOP("words", "Filed"),
    "cancel": QT_TRANSLATE_NOOP("words", "Voided"),
    "dispatch": QT_TRANSLATE_NOOP("words", "Dispatched"),
    "department_accept": QT_TRANSLATE_NOOP("words", "Taken on by the department"),
    "assign": QT_TRANSLATE_NOOP("words", "Assigned"),
    "revoke_assign": QT_TRANSLATE_NOOP("words", "Assignment taken back"),
    "dispose": QT_TRANSLATE_NOOP("words", "Disposal finished"),
    "feed_back": QT_TRANSLATE_NOOP("words", "Fed back"),
    "order_check": QT_TRANSLATE_NOOP("words", "Check ordered"),
    "check": QT_TRANSLATE_NOOP("words", "Checked on site"),
    "rework": QT_TRANSLATE_NOOP("words", "Sent to rework"),
    "return": QT_TRANSLATE_NOOP("words", "Returned"),
    "request_extension": QT_TRANSLATE_NOOP("words", "Extension asked for"),
    "request_suspension": QT_TRANSLATE_NOOP("words", "Suspension asked for"),
    "endorse": QT_TRANSLATE_NOOP("words", "Endorsed by the head"),
    "extend": QT_TRANSLATE_NOOP("words", "Extended"),
    "refuse_request": QT_TRANSLATE_NOOP("words", "Request refused"),
    "refuse_extension": QT_TRANSLATE_NOOP("words", "Extension refused"),
    "suspend": QT_TRANSLATE_NOOP("words", "Suspended"),
    "resume": QT_TRANSLATE_NOOP("words", "Resumed"),
    "overdue": QT_TRANSLATE_NOOP("words", "Became overdue"),
    "urge": QT_TRANSLATE_NOOP("words", "Urged"),
    "supervise": QT_TRANSLATE_NOOP("words", "Put under supervision"),
    "reply": QT_TRANSLATE_NOOP("words", "Replied to supervision"),
    "close": QT_TRANSLATE_NOOP("words", "Closed"),
    "force_close": QT_TRANSLATE_NOOP("words", "Closed by force"),
    "reopen": QT_TRANSLATE_NOOP("words", "Reopened"),
    "merge": QT_TRANSLATE_NOOP("words", "Merged"),
    "appeal": QT_TRANSLATE_NOOP("words", "Appealed"),
    "review_appeal": QT_TRANSLATE_NOOP("words", "Appeal reviewed"),
    "decide_appeal": QT_TRANSLATE_NOOP("words", "Appeal decided"),
    "assess": QT_TRANSLATE_NOOP("words", "Assessed"),
}
MODE = {
    "closed_loop": QT_TRANSLATE_NOOP("words", "Closed loop"),
    "self_handled": QT_TRANSLATE_NOOP("words", "Handled on the spot"),
    "direct_assess": QT_TRANSLATE_NOOP("words", "Direct assessment"),
    "campaign": QT_TRANSLATE_NOOP("words", "Campaign"),
    "simple": QT_TRANSLATE_NOOP("words", "Simple"),
}
SOURCE = {
    "inspector": QT_TRANSLATE_NOOP("words", "Inspector"),
    "video_operator": QT_TRANSLATE_NOOP("words", "Video patrol"),
    "video_recognition": QT_TRANSLATE_NOOP("words", "Video recognition"),
    "hotline_12345": QT_TRANSLATE_NOOP("words", "Hotline 12345"),
    "citizen": QT_TRANSLATE_NOOP("words", "Citizen"),
    "leader": QT_TRANSLATE_NOOP("words", "Leader's instruction"),
    "department": QT_TRANSLATE_NOOP("words", "Other department"),
    "media": QT_TRANSLATE_NOOP("words", "Media"),
    "sensor": QT_TRANSLATE_NOOP("words", "Sensor alarm"),
}
KIND = {
    "component": QT_TRANSLATE_NOOP("words", "Component"),
    "event": QT_TRANSLATE_NOOP("words", "Event"),
    "service": QT_TRANSLATE_NOOP("words", "Service"),
}
LEVEL = {
    "daily": QT_TRANSLATE_NOOP("words", "Daily"),
    "normal": QT_TRANSLATE_NOOP("words", "Normal"),
    "serious": QT_TRANSLATE_NOOP("words", "Serious"),
    "major": QT_TRANSLATE_NOOP("words", "Major"),
}
REQUEST = {
    "extension": QT_TRANSLATE_NOOP("words", "Extension"),
    "suspension": QT_TRANSLATE_NOOP("words", "Suspension"),
    "appeal": QT_TRANSLATE_NOOP("words", "Appeal"),
}
LIMIT_UNIT = {
    "UH": QT_TRANSLATE_NOOP("words", "urgent hours"),
    "UD": QT_TRANSLATE_NOOP("words", "urgent days"),
    "WH": QT_TRANSLATE_NOOP("words", "working hours"),
    "WD": QT_TRANSLATE_NOOP("words", "working days"),
}
LIMIT = {
    "UH": (QT_TRANSLATE_NOOP("words", "1 urgent hour"), QT_TRANSLATE_NOOP("words", "{n} urgent hours")),
    "UD": (QT_TRANSLATE_NOOP("words", "1 urgent day"), QT_TRANSLATE_NOOP("words", "{n} urgent days")),
    "WH": (QT_TRANSLATE_NOOP("words", "1 working hour"), QT_TRANSLATE_NOOP("words", "{n} working hours")),
    "WD": (QT_TRANSLATE_NOOP("words", "1 working day"), QT_TRANSLATE_NOOP("words", "{n} working days")),
}
"""A limit in each unit: one, and so many."""
COMPONENT_STATE = {
    "intact": QT_TRANSLATE_NOOP("words", "Intact"),
    "damaged": QT_TRANSLATE_NOOP("words", "Damaged"),
    "lost": QT_TRANSLATE_NOOP("words", "Lost"),
    "abandoned": QT_TRANSLATE_NOOP("words", "Abandoned"),
    "removed": QT_TRANSLATE_NOOP("words", "Removed"),
}
DATA_SOURCE = {
    "design_drawing": QT_TRANSLATE_NOOP("words", "Design drawing"),
    "as_built_drawing": QT_TRANSLATE_NOOP("words", "As-built drawing"),
    "survey": QT_TRANSLATE_NOOP("words", "Survey"),
    "estimate": QT_TRANSLATE_NOOP("words", "Estimate"),
    "topographic_map": QT_TRANSLATE_NOOP("words", "Topographic map"),
    "other": QT_TRANSLATE_NOOP("words", "Other"),
}
SYSTEM = {
    "storm": QT_TRANSLATE_NOOP("words", "Storm"),
    "sanitary": QT_TRANSLATE_NOOP("words", "Sanitary"),
    "combined": QT_TRANSLATE_NOOP("words", "Combined"),
    "other": QT_TRANSLATE_NOOP("words", "Other"),
}
SHAPE = {
    "circle": QT_TRANSLATE_NOOP("words", "Circle"),
    "trapezoid": QT_TRANSLATE_NOOP("words", "Trapezoid"),
    "triangle": QT_TRANSLATE_NOOP("words", "Triangle"),
    "ellipse": QT_TRANSLATE_NOOP("words", "Ellipse"),
    "rectangle": QT_TRANSLATE_NOOP("words", "Rectangle"),
    "irregular": QT_TRANSLATE_NOOP("words", "Irregular"),
}
STREET_CLASS = {
    "arterial": QT_TRANSLATE_NOOP("words", "Arterial street"),
    "secondary": QT_TRANSLATE_NOOP("words", "Secondary street"),
    "branch": QT_TRANSLATE_NOOP("words", "Branch street"),
    "lane": QT_TRANSLATE_NOOP("words", "Lane"),
}
MATERIAL = {
    "reinforced_concrete": QT_TRANSLATE_NOOP("words", "Reinforced concrete"),
    "concrete": QT_TRANSLATE_NOOP("words", "Concrete"),
    "ductile_iron": QT_TRANSLATE_NOOP("words", "Ductile iron"),
    "hdpe": QT_TRANSLATE_NOOP("words", "HDPE"),
    "pvc_u": QT_TRANSLATE_NOOP("words", "PVC-U"),
    "grp": QT_TRANSLATE_NOOP("words", "Glass-fibre plastic"),
    "brick": QT_TRANSLATE_NOOP("words", "Brick"),
    "composite": QT_TRANSLATE_NOOP("words", "Composite"),
}
LOAD = {
    "empty": QT_TRANSLATE_NOOP("words", "Empty"),
    "half": QT_TRANSLATE_NOOP("words", "Half loaded"),
    "full": QT_TRANSLATE_NOOP("words", "Loaded"),
}
ALARM = {
    "flooding": QT_TRANSLATE_NOOP("words", "Water on the road"),
    "terminal_silent": QT_TRANSLATE_NOOP("words", "Terminal silent"),
    "sensor_silent": QT_TRANSLATE_NOOP("words", "Sensor silent"),
    "route_deviation": QT_TRANSLATE_NOOP("words", "Off its route"),
    "off_hours": QT_TRANSLATE_NOOP("words", "Driving outside its hours"),
    "overspeed": QT_TRANSLATE_NOOP("words", "Too fast"),
    "uncovered": QT_TRANSLATE_NOOP("words", "Load not covered"),
    "unlawful_tip": QT_TRANSLATE_NOOP("words", "Tipping where it may not"),
    "unlawful_load": QT_TRANSLATE_NOOP("words", "Loading where it may not"),
    "no_permit": QT_TRANSLATE_NOOP("words", "No permit"),
    "forbidden_area": QT_TRANSLATE_NOOP("words", "In a forbidden area"),
    "park_overtime": QT_TRANSLATE_NOOP("words", "Parked too long"),
    "wrong_direction": QT_TRANSLATE_NOOP("words", "Against its route"),
    "position_jump": QT_TRANSLATE_NOOP("words", "Position jumps"),
    "terminals_silent": QT_TRANSLATE_NOOP("words", "Gateway link: terminals silent together"),
    "rain": QT_TRANSLATE_NOOP("words", "Heavy rain"),
    "rain_1h": QT_TRANSLATE_NOOP("words", "Rain of one hour"),
    "level_rise": QT_TRANSLATE_NOOP("words", "Water rises fast"),
    "sensor_stuck": QT_TRANSLATE_NOOP("words", "Sensor stuck"),
    "sensor_fault": QT_TRANSLATE_NOOP("words", "Sensor faulty"),
    "sensors_silent": QT_TRANSLATE_NOOP("words", "Gateway link: sensors silent together"),
}
ALARM_UNIT = {
    "flooding": "cm",
    "level_rise": "cm",
    "off_hours": "km/h",
    "no_permit": "km/h",
    "overspeed": "km/h",
    "rain": "mm",
    "rain_1h": "mm",
    "route_deviation": "m",
    "sensors_silent": "",
    "terminals_silent": "",
    "uncovered": "km/h",
    "unlawful_load": "m",
    "unlawful_tip": "m",
    "wrong_direction": "m",
}
ALARM_STATE = {
    "unacknowledged": QT_TRANSLATE_NOOP("words", "Unacknowledged"),
    "returned_unacknowledged": QT_TRANSLATE_NOOP("words", "Over, unacknowledged"),
    "acknowledged": QT_TRANSLATE_NOOP("words", "Acknowledged"),
    "latched": QT_TRANSLATE_NOOP("words", "Over, to be reset"),
    "shelved": QT_TRANSLATE_NOOP("words", "Shelved"),
    "suppressed": QT_TRANSLATE_NOOP("words", "Suppressed by design"),
    "out_of_service": QT_TRANSLATE_NOOP("words", "Out of service"),
    "normal": QT_TRANSLATE_NOOP("words", "Normal"),
}
ALARM_ACT = {
    "raise": QT_TRANSLATE_NOOP("words", "Raised"),
    "step_up": QT_TRANSLATE_NOOP("words", "Got worse"),
    "step_down": QT_TRANSLATE_NOOP("words", "Got better"),
    "return": QT_TRANSLATE_NOOP("words", "Over"),
    "acknowledge": QT_TRANSLATE_NOOP("words", "Acknowledged"),
    "reset": QT_TRANSLATE_NOOP("words", "Reset"),
    "shelve": QT_TRANSLATE_NOOP("words", "Shelved"),
    "unshelve": QT_TRANSLATE_NOOP("words", "Shown again"),
    "suppress": QT_TRANSLATE_NOOP("words", "Suppressed by design"),
    "release": QT_TRANSLATE_NOOP("words", "Suppressed no more"),
    "take_out_of_service": QT_TRANSLATE_NOOP("words", "Taken out of service"),
    "return_to_service": QT_TRANSLATE_NOOP("words", "Returned to service"),
    "make_case": QT_TRANSLATE_NOOP("words", "Made a case"),
    "end_case": QT_TRANSLATE_NOOP("words", "Its case has ended"),
}
SENSOR = {
    "water_level": QT_TRANSLATE_NOOP("words", "Water level"),
    "rain": QT_TRANSLATE_NOOP("words", "Rain gauge"),
}
CAUSE = {
    "low_ground": QT_TRANSLATE_NOOP("words", "Low ground"),
    "small_pipe": QT_TRANSLATE_NOOP("words", "Pipe too small"),
    "blocked_gully": QT_TRANSLATE_NOOP("words", "Gullies block"),
    "backwater": QT_TRANSLATE_NOOP("words", "Backwater"),
    "pump_capacity": QT_TRANSLATE_NOOP("words", "Pump capacity"),
}
READING = {
    "1": QT_TRANSLATE_NOOP("words", "Doubtful reading"),
    "2": QT_TRANSLATE_NOOP("words", "Bad reading"),
    "3": QT_TRANSLATE_NOOP("words", "Entered by hand"),
}
WARNING = {
    "blue": QT_TRANSLATE_NOOP("words", "Blue"),
    "yellow": QT_TRANSLATE_NOOP("words", "Yellow"),
    "orange": QT_TRANSLATE_NOOP("words", "Orange"),
    "red": QT_TRANSLATE_NOOP("words", "Red"),
}
"""Rainstorm warning signals (CMA)."""
WATER_GRADE = {
    "1": QT_TRANSLATE_NOOP("words", "attention"),
    "2": QT_TRANSLATE_NOOP("words", "flooding"),
    "3": QT_TRANSLATE_NOOP("words", "close the road"),
    "4": QT_TRANSLATE_NOOP("words", "severe"),
}
URGENCY = {
    "critical": QT_TRANSLATE_NOOP("words", "Critical"),
    "high": QT_TRANSLATE_NOOP("words", "High"),
    "medium": QT_TRANSLATE_NOOP("words", "Medium"),
}
SUBJECT = {
    "case": QT_TRANSLATE_NOOP("words", "Case"),
    "manhole": QT_TRANSLATE_NOOP("words", "Manhole"),
    "pipe": QT_TRANSLATE_NOOP("words", "Pipe"),
    "vehicle": QT_TRANSLATE_NOOP("words", "Truck"),
    "flood_point": QT_TRANSLATE_NOOP("words", "Flood point"),
    "component": QT_TRANSLATE_NOOP("words", "Component"),
    "street": QT_TRANSLATE_NOOP("words", "Street"),
    "zone": QT_TRANSLATE_NOOP("words", "Zone"),
    "subdistrict": QT_TRANSLATE_NOOP("words", "Subdistrict"),
    "community": QT_TRANSLATE_NOOP("words", "Community"),
    "unit_grid": QT_TRANSLATE_NOOP("words", "Unit grid"),
}
SYMBOL = {"critical": "▲", "high": "◆", "medium": "●"}
"""Shape of each urgency, so that no state is told by colour alone."""


def limit_of(value: object, unit: str) -> str:
    """A limit with its unit, such as ``2 working days``; what was typed as it was typed."""
    n = f"{value:g}" if isinstance(value, int | float) else str(value)
    if unit not in LIMIT:
        return f"{n} {unit}".rstrip()
    one, many = LIMIT[unit]
    return QCoreApplication.translate("words", one if n == "1" else many).format(n=n)


def move_words(move: str, *, granted: bool | None) -> str:
    """What was done with a case; of an appeal that was answered with how it was."""
    if granted is None:
        return word(MOVE, move)
    answer = QT_TRANSLATE_NOOP("words", "Granted") if granted else QT_TRANSLATE_NOOP("words", "Not granted")
    return f"{word(MOVE, move)} · {QCoreApplication.translate('words', answer)}"


def word(vocabulary: dict[str, str], code: str | None) -> str:
    """The word of `vocabulary` for `code` in the language of the window; a dash for nothing."""
    if code is None:
        return "—"
    source = vocabulary.get(code)
    return code if source is None else QCoreApplication.translate("words", source)
