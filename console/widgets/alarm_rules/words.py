"""Alarm rules in plain sentences: what a rule measures, when its alarm is raised and over, and what it still lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from console.errors import QT_TRANSLATE_NOOP
from console.models.configuration.alarm_rules import missing
from console.widgets.configuration.words import MEASURE, POINT_LIMIT, field_word
from console.widgets.shared import figures
from console.widgets.shared.words import URGENCY, word

if TYPE_CHECKING:
    from collections.abc import Mapping

translate = QCoreApplication.translate
MEASURED = {
    "route_deviation": QT_TRANSLATE_NOOP("words", "Distance from the approved route"),
    "wrong_direction": QT_TRANSLATE_NOOP("words", "Way driven against the approved route"),
    "off_hours": QT_TRANSLATE_NOOP("words", "Speed outside the permitted hours"),
    "no_permit": QT_TRANSLATE_NOOP("words", "Speed without a permit in force"),
    "overspeed": QT_TRANSLATE_NOOP("words", "Speed above the limit of the road or area"),
    "forbidden_area": QT_TRANSLATE_NOOP("words", "Way into a forbidden area"),
    "unlawful_tip": QT_TRANSLATE_NOOP("words", "Distance from the approved dump site where it was emptied"),
    "unlawful_load": QT_TRANSLATE_NOOP("words", "Distance from the approved work site where it was loaded"),
    "uncovered": QT_TRANSLATE_NOOP("words", "Speed with a load and an open lid"),
    "park_overtime": QT_TRANSLATE_NOOP("words", "Time that it stands loaded away from sites"),
    "terminal_silent": QT_TRANSLATE_NOOP("words", "Time without a position"),
    "position_jump": QT_TRANSLATE_NOOP("words", "Speed that two positions would ask for"),
    "terminals_silent": QT_TRANSLATE_NOOP("words", "Terminals that fell silent together"),
    "flooding": QT_TRANSLATE_NOOP("words", "Depth of the water"),
    "rain": QT_TRANSLATE_NOOP("words", "Sum of the rain"),
    "rain_1h": QT_TRANSLATE_NOOP("words", "Sum of the rain"),
    "level_rise": QT_TRANSLATE_NOOP("words", "Rise of the water"),
    "sensor_silent": QT_TRANSLATE_NOOP("words", "Readings that did not come"),
    "sensor_stuck": QT_TRANSLATE_NOOP("words", "Time without any change of the reading"),
    "sensor_fault": QT_TRANSLATE_NOOP("words", "Level that cannot be"),
    "sensors_silent": QT_TRANSLATE_NOOP("words", "Sensors that fell silent together"),
}
"""What the value is that a rule compares with its points, by kind."""


def sentence(values: Mapping[str, Any]) -> str:
    """What a rule does, in whole sentences; a dash where a figure is missing or cannot be read."""
    what, unit = word(MEASURED, values["kind"]), values["unit"]
    raised, over = (_amount(values.get(name), unit) for name in ("set_point", "clear_point"))
    on, off = _delay(values, "on"), _delay(values, "off")
    limit = values.get("scope.of_point")
    if limit is None:
        told = [
            translate("alarm_rules", "{what}: raised from {value}, {how}.").format(what=what, value=raised, how=on),
            translate("alarm_rules", "Over at {value} or less, {how}.").format(value=over, how=off),
        ]
    else:
        pattern = translate(
            "alarm_rules",
            "{what}: raised from the limit “{limit}” of the flood point ({value} where it has none), {how}.",
        )
        told = [
            pattern.format(what=what, limit=word(POINT_LIMIT, limit), value=raised, how=on),
            translate("alarm_rules", "Over {value} or more below that, {how}.").format(value=_band(values), how=off),
        ]
    if values.get("latches"):
        told.append(translate("alarm_rules", "It stands until somebody resets it."))
    return " ".join(told)


def lacks(values: Mapping[str, Any]) -> str:
    """What must be there before the rule can be enabled; empty when nothing is missing."""
    names = missing(values)
    if not names:
        return ""
    words = translate("alarm_rules", "It cannot be enabled yet. Missing: {fields}.")
    return words.format(fields=translate("alarm_rules", ", ").join(field_word(name) for name in names))


def state_word(values: Mapping[str, Any]) -> str:
    """Whether a rule is in force, could be, or lacks something."""
    if values.get("enabled"):
        return translate("alarm_rules", "in force")
    return translate("alarm_rules", "incomplete") if missing(values) else translate("alarm_rules", "resting")


def point_word(values: Mapping[str, Any]) -> str:
    """The set point with its unit."""
    return _amount(values.get("set_point"), values["unit"])


def urgency_word(values: Mapping[str, Any]) -> str:
    """The priority; a dash while nobody has said."""
    return word(URGENCY, values.get("urgency"))


def amount(value: float | None, unit: str) -> str:
    """A measured value with its unit; long times in whole minutes or hours."""
    if value is None:
        return figures.NONE
    if unit == "s":
        for seconds, longer in ((3600, "h"), (60, "min")):
            if value >= 2 * seconds and value % seconds == 0:
                return f"{value / seconds:g} {longer}"
    return f"{value:g} {word(MEASURE, unit)}"


def _amount(value: object, unit: str) -> str:
    return amount(value if isinstance(value, (int, float)) else None, unit)


def _band(values: Mapping[str, Any]) -> str:
    raised, over = values.get("set_point"), values.get("clear_point")
    if not isinstance(raised, (int, float)) or not isinstance(over, (int, float)):
        return figures.NONE
    return amount(raised - over, values["unit"])


def _delay(values: Mapping[str, Any], turn: str) -> str:
    count, seconds = values.get(f"{turn}_count"), values.get(f"{turn}_delay_s")
    count = count if isinstance(count, int) else figures.NONE
    if seconds == 0 and count == 1:
        return translate("alarm_rules", "at once")
    pattern = (
        translate("alarm_rules", "after {n} positions in a row and {s} s")
        if values["subject"] == "vehicle"
        else translate("alarm_rules", "after {n} readings in a row and {s} s")
    )
    return pattern.format(n=count, s=seconds if isinstance(seconds, int) else figures.NONE)
