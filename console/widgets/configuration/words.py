"""Words of the configuration: what its subjects, fields and values are called."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QCoreApplication

from console.database.vocabulary import TABLE
from console.errors import QT_TRANSLATE_NOOP
from console.models.configuration.draft import ChangeKind
from console.models.configuration.subjects import FieldKind, Flaw
from console.widgets.shared import figures
from console.widgets.shared.words import ACT, KIND, LIMIT_UNIT, ROLE, URGENCY, WARNING, limit_of, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.models.configuration.draft import Draft
    from console.models.configuration.references import Reference
    from console.models.configuration.subjects import Field, Subject

__all__ = ["TABLE"]

FIELD = {
    "code": QT_TRANSLATE_NOOP("words", "Code"),
    "name": QT_TRANSLATE_NOOP("words", "Name"),
    "name_en": QT_TRANSLATE_NOOP("words", "Name in English"),
    "short_name": QT_TRANSLATE_NOOP("words", "Short name"),
    "kind": QT_TRANSLATE_NOOP("words", "Kind"),
    "parent_id": QT_TRANSLATE_NOOP("words", "Belongs to"),
    "category": QT_TRANSLATE_NOOP("words", "Major class"),
    "category_en": QT_TRANSLATE_NOOP("words", "Major class in English"),
    "in_use": QT_TRANSLATE_NOOP("words", "In use"),
    "code_system": QT_TRANSLATE_NOOP("words", "Code system"),
    "login": QT_TRANSLATE_NOOP("words", "Login"),
    "title": QT_TRANSLATE_NOOP("words", "Post"),
    "title_en": QT_TRANSLATE_NOOP("words", "Post in English"),
    "role": QT_TRANSLATE_NOOP("words", "Role"),
    "account": QT_TRANSLATE_NOOP("words", "Account"),
    "department_id": QT_TRANSLATE_NOOP("words", "Unit"),
    "team_id": QT_TRANSLATE_NOOP("words", "Patrol team"),
    "zone_id": QT_TRANSLATE_NOOP("words", "Zone"),
    "is_lead": QT_TRANSLATE_NOOP("words", "Leads the unit"),
    "active": QT_TRANSLATE_NOOP("words", "Active"),
    "starts": QT_TRANSLATE_NOOP("words", "Begins"),
    "ends": QT_TRANSLATE_NOOP("words", "Ends"),
    "valid_from": QT_TRANSLATE_NOOP("words", "In force from"),
    "valid_to": QT_TRANSLATE_NOOP("words", "In force until"),
    "opens": QT_TRANSLATE_NOOP("words", "Opens"),
    "closes": QT_TRANSLATE_NOOP("words", "Closes"),
    "move": QT_TRANSLATE_NOOP("words", "Move"),
    "colour": QT_TRANSLATE_NOOP("words", "Colour"),
    "place": QT_TRANSLATE_NOOP("words", "Place in the list"),
    "words": QT_TRANSLATE_NOOP("words", "Words"),
    "words_en": QT_TRANSLATE_NOOP("words", "Words in English"),
    "class_kind": QT_TRANSLATE_NOOP("words", "Kind"),
    "class_id": QT_TRANSLATE_NOOP("words", "Class"),
    "description": QT_TRANSLATE_NOOP("words", "Filing condition"),
    "description_en": QT_TRANSLATE_NOOP("words", "Filing condition in English"),
    "limit": QT_TRANSLATE_NOOP("words", "Disposal limit"),
    "limit_value": QT_TRANSLATE_NOOP("words", "Disposal limit"),
    "limit_unit": QT_TRANSLATE_NOOP("words", "Unit of the limit"),
    "closing_condition": QT_TRANSLATE_NOOP("words", "Closing condition"),
    "closing_condition_en": QT_TRANSLATE_NOOP("words", "Closing condition in English"),
    "responsible_id": QT_TRANSLATE_NOOP("words", "Responsible unit"),
    "competent_id": QT_TRANSLATE_NOOP("words", "Competent unit"),
    "version": QT_TRANSLATE_NOOP("words", "Version"),
    "setting": QT_TRANSLATE_NOOP("words", "Setting"),
    "value": QT_TRANSLATE_NOOP("words", "Value"),
    "unit": QT_TRANSLATE_NOOP("words", "Unit of measure"),
    "allowed": QT_TRANSLATE_NOOP("words", "Allowed"),
    "source": QT_TRANSLATE_NOOP("words", "Source"),
    "assumed": QT_TRANSLATE_NOOP("words", "Assumed"),
    "confidence": QT_TRANSLATE_NOOP("words", "Confidence"),
    "day": QT_TRANSLATE_NOOP("words", "Day"),
    "is_working": QT_TRANSLATE_NOOP("words", "Working day"),
    "shift_id": QT_TRANSLATE_NOOP("words", "Shift"),
    "staff_id": QT_TRANSLATE_NOOP("words", "Post"),
    "password": QT_TRANSLATE_NOOP("words", "Password"),
    "permit_no": QT_TRANSLATE_NOOP("words", "Permit number"),
    "vehicle_id": QT_TRANSLATE_NOOP("words", "Truck"),
    "work_site_id": QT_TRANSLATE_NOOP("words", "Work site"),
    "dump_site_id": QT_TRANSLATE_NOOP("words", "Dump site"),
    "hours_from": QT_TRANSLATE_NOOP("words", "Daily from"),
    "hours_to": QT_TRANSLATE_NOOP("words", "Daily until"),
    "volume_m3": QT_TRANSLATE_NOOP("words", "Permitted volume"),
    "capacity_m3": QT_TRANSLATE_NOOP("words", "Capacity"),
    "speed_kmh": QT_TRANSLATE_NOOP("words", "Highest speed"),
    "shape": QT_TRANSLATE_NOOP("words", "On the map"),
    "enabled": QT_TRANSLATE_NOOP("words", "In force"),
    "urgency": QT_TRANSLATE_NOOP("words", "Priority"),
    "cause": QT_TRANSLATE_NOOP("words", "Cause"),
    "consequence": QT_TRANSLATE_NOOP("words", "Consequence when nobody acts"),
    "action": QT_TRANSLATE_NOOP("words", "What the operator does"),
    "set_point": QT_TRANSLATE_NOOP("words", "Raised from"),
    "clear_point": QT_TRANSLATE_NOOP("words", "Over at this or less"),
    "on_count": QT_TRANSLATE_NOOP("words", "Raised after so many in a row"),
    "on_delay_s": QT_TRANSLATE_NOOP("words", "Raised after so long"),
    "off_count": QT_TRANSLATE_NOOP("words", "Over after so many in a row"),
    "off_delay_s": QT_TRANSLATE_NOOP("words", "Over after so long"),
    "latches": QT_TRANSLATE_NOOP("words", "Stands until somebody resets it"),
    "scope.load": QT_TRANSLATE_NOOP("words", "Trucks that it watches"),
    "scope.of_point": QT_TRANSLATE_NOOP("words", "Limit of the flood point that it goes by"),
    "scope.hours": QT_TRANSLATE_NOOP("words", "Rain is summed over"),
    "scope.minutes": QT_TRANSLATE_NOOP("words", "Rise is taken over"),
    "scope.from_cm": QT_TRANSLATE_NOOP("words", "Only from this level on"),
    "scope.within_s": QT_TRANSLATE_NOOP("words", "Fallen silent together means within"),
    "scope.near_m": QT_TRANSLATE_NOOP("words", "On a street or at a site means within"),
    "scope.still_kmh": QT_TRANSLATE_NOOP("words", "Stands below"),
    "scope.engine_off_s": QT_TRANSLATE_NOOP("words", "Silence allowed while the engine is off"),
    "scope.of": QT_TRANSLATE_NOOP("words", "Of so many positions in a row"),
    "scope.jumps": QT_TRANSLATE_NOOP("words", "So many must be impossible"),
    "scope.rain_mm": QT_TRANSLATE_NOOP("words", "Most rain that one reading can say"),
    "scope.city": QT_TRANSLATE_NOOP("words", "Limit away from streets"),
    "scope.arterial": QT_TRANSLATE_NOOP("words", "Limit on arterial roads"),
    "scope.secondary": QT_TRANSLATE_NOOP("words", "Limit on secondary roads"),
    "scope.branch": QT_TRANSLATE_NOOP("words", "Limit on branch roads"),
}
AREA_KIND = {
    "no_entry": QT_TRANSLATE_NOOP("words", "No entry"),
    "slow": QT_TRANSLATE_NOOP("words", "Speed limit"),
}
MEASURE = {
    "reading": QT_TRANSLATE_NOOP("words", "readings"),
    "sensor": QT_TRANSLATE_NOOP("words", "sensors"),
    "terminal": QT_TRANSLATE_NOOP("words", "terminals"),
}
"""Units that are words; the others are signs, which are the same in every language."""
LOADS = {
    "full": QT_TRANSLATE_NOOP("words", "Loaded ones only"),
    "any": QT_TRANSLATE_NOOP("words", "All"),
}
POINT_LIMIT = {
    "attention_cm": QT_TRANSLATE_NOOP("words", "Attention level"),
    "flooding_cm": QT_TRANSLATE_NOOP("words", "Flooding level"),
    "closing_cm": QT_TRANSLATE_NOOP("words", "Closing level"),
    "severe_cm": QT_TRANSLATE_NOOP("words", "Severe level"),
}
DEPARTMENT_KIND = {
    "centre": QT_TRANSLATE_NOOP("words", "Centre"),
    "bureau": QT_TRANSLATE_NOOP("words", "Bureau"),
    "enforcement": QT_TRANSLATE_NOOP("words", "Enforcement"),
    "sanitation": QT_TRANSLATE_NOOP("words", "Sanitation"),
    "park": QT_TRANSLATE_NOOP("words", "Parks"),
    "municipal": QT_TRANSLATE_NOOP("words", "Municipal works"),
    "subdistrict": QT_TRANSLATE_NOOP("words", "Subdistrict"),
    "owner": QT_TRANSLATE_NOOP("words", "Owner of components"),
}
SETTING = {
    "stage_limit.accept": QT_TRANSLATE_NOOP("words", "Accept and file"),
    "stage_limit.verify": QT_TRANSLATE_NOOP("words", "Verify on site"),
    "stage_limit.dispatch": QT_TRANSLATE_NOOP("words", "Dispatch and feed back"),
    "stage_limit.check": QT_TRANSLATE_NOOP("words", "Check on site"),
    "stage_limit.close": QT_TRANSLATE_NOOP("words", "Close"),
    "disposal_limit_without_standard.value": QT_TRANSLATE_NOOP("words", "Disposal without a condition: limit"),
    "disposal_limit_without_standard.unit": QT_TRANSLATE_NOOP("words", "Disposal without a condition: unit"),
    "warning_share": QT_TRANSLATE_NOOP("words", "Yellow light from this share of a limit"),
    "duplicate.radius_m": QT_TRANSLATE_NOOP("words", "Duplicates: within this distance"),
    "duplicate.hours": QT_TRANSLATE_NOOP("words", "Duplicates: within this time"),
    "evidence_limit.file_mb": QT_TRANSLATE_NOOP("words", "Evidence: largest file"),
    "evidence_limit.case_mb": QT_TRANSLATE_NOOP("words", "Evidence: most in one case"),
    "evidence_doubt.hours": QT_TRANSLATE_NOOP("words", "Evidence: doubtful when its time differs by"),
    "evidence_doubt.metres": QT_TRANSLATE_NOOP("words", "Evidence: doubtful when its place differs by"),
    "message_days": QT_TRANSLATE_NOOP("words", "Messages from the field are kept for"),
    "sensor_range.level_least_cm": QT_TRANSLATE_NOOP("words", "Sensors: lowest believable level"),
    "sensor_range.level_most_cm": QT_TRANSLATE_NOOP("words", "Sensors: highest believable level"),
    "sensor_range.level_rate_cm_min": QT_TRANSLATE_NOOP("words", "Sensors: fastest believable rise or fall"),
    "sensor_range.rain_most_mm_h": QT_TRANSLATE_NOOP("words", "Sensors: heaviest believable rain"),
    "alarm_shelving.default_min": QT_TRANSLATE_NOOP("words", "Alarms: usual time of shelving"),
    "alarm_shelving.most_min": QT_TRANSLATE_NOOP("words", "Alarms: longest time of shelving"),
    "change_log_days": QT_TRANSLATE_NOOP("words", "Changes are kept for consoles"),
}
ACCOUNT = {
    "none": QT_TRANSLATE_NOOP("words", "no login"),
    "absent": QT_TRANSLATE_NOOP("words", "no password yet"),
    "open": QT_TRANSLATE_NOOP("words", "open"),
    "locked": QT_TRANSLATE_NOOP("words", "locked"),
    "foreign": QT_TRANSLATE_NOOP("words", "not of this city"),
    "unequal": QT_TRANSLATE_NOOP("words", "other rights than the post"),
}
"""What the server knows of the login of a post."""
DONE = {
    "insert": QT_TRANSLATE_NOOP("words", "added"),
    "update": QT_TRANSLATE_NOOP("words", "changed"),
    "delete": QT_TRANSLATE_NOOP("words", "removed"),
}
MARK = {
    ChangeKind.ADD: ("＋", QT_TRANSLATE_NOOP("words", "New, not saved yet")),
    ChangeKind.ALTER: ("✎", QT_TRANSLATE_NOOP("words", "Changed, not saved yet")),
    ChangeKind.REMOVE: ("✕", QT_TRANSLATE_NOOP("words", "Goes when it is saved")),
    "flaw": ("▲", QT_TRANSLATE_NOOP("words", "To be mended before it can be saved")),
    "conflict": ("◆", QT_TRANSLATE_NOOP("words", "Changed meanwhile by somebody else: decide")),
}
"""Symbol and words for what a draft makes of a row."""
FLAW: dict[str, str] = {
    Flaw.MISSING: QT_TRANSLATE_NOOP("words", "This is needed."),
    Flaw.TWICE: QT_TRANSLATE_NOOP("words", "Another entry has this already."),
    Flaw.ORDER: QT_TRANSLATE_NOOP("words", "The end comes before the beginning."),
    Flaw.BAND: QT_TRANSLATE_NOOP("words", "It would be over before it begins: not above the point that raises it."),
    Flaw.FORM: QT_TRANSLATE_NOOP("words", "This cannot be read."),
}
FORM = {
    r"[0-9A-Za-z]{1,12}": QT_TRANSLATE_NOOP("words", "One to twelve letters and figures."),
    r"\d{4}": QT_TRANSLATE_NOOP("words", "Four figures."),
    r"[a-z][a-z0-9_]{0,62}": QT_TRANSLATE_NOOP("words", "Small letters, figures and _, a letter first."),
    r"[A-Z][A-Z0-9]{1,9}": QT_TRANSLATE_NOOP("words", "Two to ten capital letters and figures, a letter first."),
}
"""What a text must look like, by its pattern."""
YES, NO = QT_TRANSLATE_NOOP("words", "yes"), QT_TRANSLATE_NOOP("words", "no")
EVERYBODY = QT_TRANSLATE_NOOP("words", "all roles")
_CHOICES = {
    ("department", "kind"): DEPARTMENT_KIND,
    ("case_class", "kind"): KIND,
    ("staff", "role"): ROLE,
    ("opinion_text", "role"): ROLE,
    ("opinion_text", "move"): ACT,
    ("duty_item", "colour"): WARNING,
    ("filing_condition", "limit_unit"): LIMIT_UNIT,
    ("setting", "value"): LIMIT_UNIT,
    ("traffic_area", "kind"): AREA_KIND,
    ("alarm_rule", "urgency"): URGENCY,
    ("alarm_rule", "scope.load"): LOADS,
    ("alarm_rule", "scope.of_point"): POINT_LIMIT,
}
References = dict[str, dict[int, "Reference"]]


class Edited(Protocol):
    """Rows that are edited: the key of their draft, and what they are."""

    @property
    def key(self) -> str:
        """Name in code."""

    @property
    def subject(self) -> Subject:
        """Describes the rows."""


class Keeper(Protocol):
    """Who keeps drafts, and knows the names of what rows refer to."""

    language: str
    drafts: dict[str, Draft]
    references: References

    def said(self, topic: Edited, field: Field, value: object) -> str:
        """A value as it is read in this window."""


def field_word(name: str) -> str:
    """What a field is called."""
    return word(FIELD, name)


def name_of(one: Reference, language: str) -> str:
    """What something that is referred to is called, its code first."""
    name = one.name if language == "zh_CN" else one.name_en or one.name
    return f"{one.code} {name}" if one.code else name


def choice_word(table: str, name: str, code: str) -> str:
    """The word for a code that a field may hold."""
    return word(_CHOICES.get((table, name), {}), code)


def say(subject: Subject, field: Field, value: Any, references: References, language: str) -> str:
    """A value as people read it; empty for nothing."""
    table = subject.table
    if value is None or value == "":
        is_for_all = (table, field.name) == ("opinion_text", "role")
        return QCoreApplication.translate("words", EVERYBODY) if is_for_all else ""
    if field.kind is FieldKind.REFERENCE:
        found = references.get(field.refers_to, {}).get(value)
        return str(value) if found is None else name_of(found, language)
    if field.kind is FieldKind.CHOICE:
        return choice_word(table, field.name, value)
    if field.kind is FieldKind.FLAG:
        return QCoreApplication.translate("words", YES if value else NO)
    if field.kind is FieldKind.NUMBER and isinstance(value, (int, float)):
        return f"{value:.12g} {word(MEASURE, field.unit)}".rstrip()
    return plain(value)


def plain(value: Any) -> str:
    """A value of no known field, as it can be read."""
    if isinstance(value, bool):
        return QCoreApplication.translate("words", YES if value else NO)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return " · ".join(f"{name} {part}" for name, part in value.items())
    return figures.NONE if value is None else str(value)


def limit_words(values: Mapping[str, Any]) -> str:
    """A disposal limit with its unit."""
    value, unit = values.get("limit_value"), values.get("limit_unit")
    return "" if value in (None, "") else limit_of(value, unit or "")


def flaw_words(flaw: Flaw, field: Field) -> str:
    """What is wrong with a field, and what would be right."""
    if flaw in FLAW and flaw is not Flaw.FORM:
        return word(FLAW, flaw)
    translate = QCoreApplication.translate
    if field.kind is FieldKind.NUMBER and field.least is not None and field.most is not None:
        words = translate("words", "A number from {least} to {most}.")
        return words.format(least=f"{field.least:.12g}", most=f"{field.most:.12g}")
    if field.kind is FieldKind.REFERENCE:
        return translate("words", "Choose one of the list that typing opens.")
    if field.kind is FieldKind.SHAPE:
        return translate("words", "It crosses itself or is too small: change it on the map.")
    examples = {FieldKind.DATE: "2026-07-01", FieldKind.TIME: "08:30"}
    if field.kind in examples:
        return translate("words", "Written like {example}.").format(example=examples[field.kind])
    return word(FORM, field.pattern.pattern) if field.pattern is not None else word(FLAW, Flaw.FORM)
