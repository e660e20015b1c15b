"""What the map says of the thing under the resting pointer: one line, from what its layer knows already."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.widgets.shared import figures
from console.widgets.shared.words import COMPONENT_STATE, LOAD, STATE, SYSTEM, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.map.features import Features
    from console.map.layer import Tip


def tips(language: str) -> Mapping[str, Tip]:
    """The tip of each layer that has one, in the language of the window."""
    class_name = "class_name" if language == "zh_CN" else "class_name_en"
    return {
        "case": lambda f, i: _joined(
            _text(f, i, class_name), word(STATE, _text(f, i, "state")), _text(f, i, "case_no")
        ),
        "vehicle": _truck,
        "flood_point": _water,
        "rain_gauge": lambda f, i: _joined(_text(f, i, "name"), _amount(f, i, "hour_mm", 1, "mm/h")),
        "site": lambda f, i: _text(f, i, "name"),
        "traffic_area": lambda f, i: _text(f, i, "label"),
        "pipe": _pipe,
        "trunk": _pipe,
        "manhole": lambda f, i: _joined(word(SYSTEM, _text(f, i, "system")), _fault(f, i), str(f.ids[i])),
        "component": lambda f, i: _joined(_text(f, i, "name"), _fault(f, i), str(f.ids[i])),
        "unit_grid": lambda f, i: _joined(QCoreApplication.translate("words", "Unit grid"), str(f.ids[i])),
    }


def _water(features: Features, index: int) -> str:
    depth = f"{_amount(features, index, 'depth_cm', 1, 'cm')} {_text(features, index, 'trend')}".strip()
    doubt = ""
    if _text(features, index, "level") == "silent":
        doubt = QCoreApplication.translate("layers", "not to be believed")
    return _joined(_text(features, index, "name"), depth, _text(features, index, "age"), doubt)


def _truck(features: Features, index: int) -> str:
    look = _text(features, index, "look")
    if look == "silent":
        state = QCoreApplication.translate("layers", "Silent terminal")
    elif look == "off":
        state = QCoreApplication.translate("layers", "Switched off")
    else:
        state = _joined(word(LOAD, _text(features, index, "load")), _amount(features, index, "speed_kmh", 0, "km/h"))
    return _joined(_text(features, index, "plate"), state)


def _pipe(features: Features, index: int) -> str:
    diameter = int(features.attributes["diameter_mm"][index])
    size = f"DN{diameter}" if diameter else ""
    return _joined(
        word(SYSTEM, _text(features, index, "system")), size, _fault(features, index), str(features.ids[index])
    )


def _fault(features: Features, index: int) -> str:
    """The state, unless it is as it should be."""
    state = _text(features, index, "state")
    return "" if state == "intact" else word(COMPONENT_STATE, state)


def _text(features: Features, index: int, attribute: str) -> str:
    values = features.attributes.get(attribute)
    return "" if values is None else str(values[index])


def _amount(features: Features, index: int, attribute: str, digits: int, unit: str) -> str:
    value = float(features.attributes[attribute][index])
    return figures.number(None if isnan(value) else value, digits, unit)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part and part != figures.NONE)
