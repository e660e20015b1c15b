"""Values of a file's columns as the database takes them: numbers with units, years, dates, words of a vocabulary.

What cannot be understood is a fault of its row, never a silent empty value.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.layer_import.fields import Field, Kind, plain
from console.models.layer_import.verdicts import Reason, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from console.models.layer_import.columns import Filling
    from console.models.layer_import.verdicts import Remarks

LONGEST_TEXT = 1000
"""Characters; a longer text is no name or remark but something that has slipped."""
METRES = {
    "mm": 0.001,
    "毫米": 0.001,
    "cm": 0.01,
    "厘米": 0.01,
    "m": 1.0,
    "米": 1.0,
    "in": 0.0254,
    '"': 0.0254,
    "ft": 0.3048,
    "'": 0.3048,
}
_NUMBER = re.compile(
    r"(?P<nominal>DN|D|Φ|Ø)?\s*(?P<number>[-+]?(?:\d{1,3}(?:[, ]\d{3})+|\d+)?(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*"
    r"(?P<unit>mm|cm|m|in|ft|毫米|厘米|米|\"|')?",
    re.IGNORECASE,
)
_EMPTY_WORDS = frozenset({"", "null", "none", "nan", "na", "nil", "无", "未知", "不详", "unknown"})
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_EPOCH_MS = 1e8  # no year and no day number is as large; ArcGIS writes dates as milliseconds since 1970
_NARROWEST = np.iinfo(np.int32)


class _Misread(Exception):  # noqa: N818 - carries the sentence of a row's fault
    def __init__(self, why: Reason) -> None:
        super().__init__(why.template)
        self.why = why


def read_values(
    filling: Filling,
    column: NDArray[np.object_] | None,
    rows: int,
    lookups: Mapping[str, Mapping[str, int]],
    remarks: Remarks,
) -> NDArray[np.object_]:
    """The values of one field, None for none; rows that cannot be understood get a fault.

    Args:
        filling: what fills the field.
        column: values in the file; None for a constant.
        rows: number of rows.
        lookups: for each kind of lookup, what a file may write (as `plain`) to the number in the database.
        remarks: takes the faults.

    Raises:
        ConsoleError: a constant cannot be understood, or a whole column seems to be in another unit.
    """
    item = filling.field
    convert = _converter(item, filling.factor, lookups.get(item.lookup, {}))
    if column is None:
        return _constant(filling, convert, rows)
    found = np.full(rows, None, dtype=object)
    known: dict[Any, Any] = {}  # most columns repeat a few values
    wrong: dict[_Misread, list[int]] = {}
    missing: list[int] = []
    for row, value in enumerate(column):
        if value is None:
            continue
        key = (type(value), value)
        if key not in known:
            try:
                known[key] = convert(value)
            except _Misread as misread:
                known[key] = misread
        read = known[key]
        if isinstance(read, _Misread):
            wrong.setdefault(read, []).append(row)
        elif read is _NO_VALUE:
            missing.append(row)
        else:
            found[row] = read
    for fault, those in wrong.items():
        remarks.fault(those, fault.why)
    if missing:
        remarks.note(missing, reason(QT_TRANSLATE_NOOP("errors", "{field} is a sign for “unknown”"), field=item.name))
    if not filling.chosen:
        _refuse_unusual(filling, found)
    return found


_NO_VALUE = object()


def _constant(filling: Filling, convert: Callable[[Any], Any], rows: int) -> NDArray[np.object_]:
    try:
        value = convert(filling.constant)
    except _Misread as fault:
        raise ConsoleError(fault.why.template, **fault.why.values) from fault
    return np.full(rows, None if value is _NO_VALUE else value, dtype=object)


def _refuse_unusual(filling: Filling, found: NDArray[np.object_]) -> None:
    """A size whose unit no one told must look like one in the unit of the field."""
    usual = filling.field.usual
    numbers = [v for v in found if v is not None]
    if usual is None or not numbers:
        return
    middle = float(np.median(numbers))
    if not usual[0] <= middle <= usual[1]:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "Half of the values of {column} lie below {middle:g}: that does not look like {field} in {unit}. Say "
                "the unit with a factor: --map {field}={column}*25.4 for inches, *1000 for metres, *1 for {unit}.",
            ),
            column=filling.column,
            middle=middle / filling.factor,
            field=filling.field.name,
            unit=filling.field.unit,
        )


def _converter(item: Field, factor: float, lookup: Mapping[str, int]) -> Callable[[Any], Any]:
    if item.kind is Kind.NUMBER:
        return lambda value: _number(item, value, factor)
    if item.kind is Kind.INTEGER:
        return lambda value: _integer(item, value, factor)
    if item.kind is Kind.CHOICE:
        return lambda value: _word(item, value, item.words)
    if item.kind is Kind.LOOKUP:
        return lambda value: _word(item, value, lookup)
    return {
        Kind.TEXT: lambda value: _text(item, value),
        Kind.CODE: lambda value: _code(item, value),
        Kind.BOOLEAN: lambda value: _boolean(item, value),
        Kind.DATE: lambda value: _date(item, value),
        Kind.YEAR: lambda value: _year(item, value),
    }[item.kind]


def _is_empty(value: Any) -> bool:
    return isinstance(value, str) and value.strip().casefold() in _EMPTY_WORDS


def as_text(value: Any) -> str:
    """A value of the file as it is written: whole numbers without a decimal point."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _text(item: Field, value: Any) -> str | None:
    text = as_text(value).strip()
    if len(text) > LONGEST_TEXT:
        raise _Misread(
            reason(
                QT_TRANSLATE_NOOP("errors", "{field} is {count} characters long, {most} are allowed"),
                field=item.name,
                count=len(text),
                most=LONGEST_TEXT,
            )
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise _Misread(
            reason(
                QT_TRANSLATE_NOOP("errors", "{field} holds control characters: “{value}”"), field=item.name, value=text
            )
        )
    return text or None


def _code(item: Field, value: Any) -> str | None:
    text = _text(item, value)
    return unicodedata.normalize("NFKC", text) if text else None


def _parse_number(item: Field, value: Any) -> tuple[float, str]:
    """The number and the unit that stands beside it."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        number, unit = float(value), ""
    else:
        text = unicodedata.normalize("NFKC", str(value)).strip()
        parts = _NUMBER.fullmatch(text)
        try:
            number = float(parts["number"].replace(",", "").replace(" ", "")) if parts else float("nan")
        except ValueError:
            number = float("nan")
        unit = (parts["unit"] or ("mm" if parts["nominal"] else "")).casefold() if parts else ""
    if not np.isfinite(number):
        raise _Misread(
            reason(QT_TRANSLATE_NOOP("errors", "{field}: “{value}” is no number"), field=item.name, value=str(value))
        )
    return number, unit


def _number(item: Field, value: Any, factor: float) -> Any:
    if _is_empty(value):
        return None
    number, unit = _parse_number(item, value)
    if number in item.no_value:
        return _NO_VALUE
    if unit and item.unit:
        scaled = number * METRES[unit] / METRES[item.unit]
    elif unit:
        raise _Misread(
            reason(
                QT_TRANSLATE_NOOP("errors", "{field}: “{value}” has a unit, but needs none"),
                field=item.name,
                value=str(value),
            )
        )
    else:
        scaled = number * factor
    # Sizes in mm are whole; half an inch too much or too little would be a fault, a rounding error is not.
    return round(scaled) if item.unit == "mm" and abs(scaled) < _NARROWEST.max else round(scaled, 6)


def _integer(item: Field, value: Any, factor: float) -> Any:
    if _is_empty(value):
        return None
    number, unit = _parse_number(item, value)
    number *= factor
    if unit or not number.is_integer() or not _NARROWEST.min <= number <= _NARROWEST.max:
        raise _Misread(
            reason(
                QT_TRANSLATE_NOOP("errors", "{field}: “{value}” is no whole number"), field=item.name, value=str(value)
            )
        )
    return int(number)


def _word(item: Field, value: Any, words: Mapping[str, Any]) -> Any:
    text = as_text(value).strip()
    if not plain(text) and _is_empty(text):
        return None
    if plain(text) in words:
        return words[plain(text)]
    if _is_empty(text):
        return None
    known = list(dict.fromkeys(str(word) for word in (words.values() if item.words else words)))
    raise _Misread(
        reason(
            QT_TRANSLATE_NOOP("errors", "{field}: “{value}” is not known here; known are {known}"),
            field=item.name,
            value=text,
            known=", ".join(known[:8]) + ("…" if len(known) > 8 else "") if known else "-",
        )
    )


def _boolean(item: Field, value: Any) -> bool | None:
    words = {"1": True, "true": True, "t": True, "yes": True, "y": True, "是": True, "有": True}
    words |= {"0": False, "false": False, "f": False, "no": False, "n": False, "否": False, "无": False}
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    text = as_text(value).strip().casefold()
    if text in words:
        return words[text]
    if _is_empty(text):
        return None
    raise _Misread(
        reason(QT_TRANSLATE_NOOP("errors", "{field}: “{value}” is neither yes nor no"), field=item.name, value=text)
    )


def _date(item: Field, value: Any) -> date | None:
    if _is_empty(value):
        return None
    if isinstance(value, (int, float, np.number)) and abs(float(value)) >= _LEAST_EPOCH_MS:
        with contextlib.suppress(OverflowError):
            return (_EPOCH + timedelta(milliseconds=float(value))).date()
    text = as_text(value).strip()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise _Misread(
        reason(
            QT_TRANSLATE_NOOP("errors", "{field}: “{value}” is no date; write YYYY-MM-DD"), field=item.name, value=text
        )
    )


def _year(item: Field, value: Any) -> Any:
    """A year, from a year or a date; milliseconds since 1970 count as a date."""
    if _is_empty(value):
        return None
    text = as_text(value).strip().removesuffix("年")
    if re.fullmatch(r"\d{1,4}(?:\.0*)?", text):
        return _NO_VALUE if float(text) in item.no_value else int(float(text))
    found = _date(item, value)
    return found.year if found else None
