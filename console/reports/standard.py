"""The filing standard as a spreadsheet, in the layout that such standards have and that can be read in again."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.calendar import LimitUnit
from console.models.configuration.rows import read_rows
from console.models.configuration.standard import read_conditions
from console.models.configuration.standard_import.limits import UNIT_WORDS
from console.models.configuration.subjects import CASE_CLASS, CODE_SYSTEMS, DEPARTMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Connection

SHEETS = (("component", "部件"), ("event", "事件"), ("service", "服务事项"))
# Header, width in characters. The first five are merged over the conditions of a class.
COLUMNS = (
    ("类别", 6), ("大类代码", 8), ("大类名称", 14), ("小类代码", 8), ("小类名称", 18), ("条件代码", 9),
    ("立案条件", 44), ("处置时限", 8), ("时限单位", 10), ("结案条件", 36), ("责任单位", 22), ("主管部门", 22),
    ("生效日期", 11), ("立案条件（英文）", 30), ("结案条件（英文）", 30),
)  # fmt: skip
TITLE = "{kind}立案、处置和结案标准"


def read_lines(connection: Connection) -> list[dict[str, Any]]:
    """The latest version of each condition with the words of its class and units, in the order of the codes."""
    classes = {row.values["id"]: row.values for row in read_rows(connection, CASE_CLASS)}
    units = {row.values["id"]: row.values["name"] for row in read_rows(connection, DEPARTMENT)}
    lines = []
    for row in read_conditions(connection):
        case_class = classes[row.values["class_id"]]
        if case_class["code_system"] == CODE_SYSTEMS[0]:
            own = {"responsible": units[row.values["responsible_id"]], "competent": units[row.values["competent_id"]]}
            named = {name: case_class[name] for name in ("kind", "category", "name")}
            lines.append({**row.values, **own, **named, "class_code": case_class["code"]})
    return lines


def write_standard(path: Path, lines: Sequence[Mapping[str, Any]], at: date) -> int:
    """Write the standard to `path`; whole or not at all. Returns how many conditions it has.

    Args:
        path: an ``.xlsx`` file.
        lines: of `read_lines`.
        at: day of the export, for the title.

    Raises:
        ConsoleError: the file cannot be written.
    """
    import xlsxwriter  # noqa: PLC0415 - takes a twentieth of a start, and few ever need it
    from xlsxwriter.exceptions import XlsxWriterException  # noqa: PLC0415 - as above

    part = path.with_name(f".{path.name}.part")
    try:
        with xlsxwriter.Workbook(part, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            plain = {"font_size": 10, "valign": "vcenter", "border": 1, "border_color": "#B8C0C8", "text_wrap": True}
            formats = {
                "title": book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"}),
                "header": book.add_format({**plain, "bold": True, "bg_color": "#E6EAEE", "align": "center"}),
                "text": book.add_format(plain),
                "class": book.add_format({**plain, "align": "center"}),
                "date": book.add_format({**plain, "num_format": "yyyy-mm-dd", "align": "center"}),
            }
            for kind, word in SHEETS:
                own = [line for line in lines if line["kind"] == kind]
                if own or kind != "service":
                    _write_sheet(book.add_worksheet(word), word, own, formats, at)
        part.replace(path)
    except (OSError, XlsxWriterException) as fault:
        with suppress(OSError):
            part.unlink()
        words = os.strerror(fault.errno) if isinstance(fault, OSError) and fault.errno else str(fault)
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} cannot be written: {fault}. Is it open in another program?"),
            path=path,
            fault=words,
        ) from fault
    return len(lines)


def _write_sheet(sheet: Any, word: str, lines: Sequence[Mapping[str, Any]], formats: dict[str, Any], at: date) -> None:
    last = len(COLUMNS) - 1
    sheet.merge_range(0, 0, 0, last, f"{TITLE.format(kind=word)}（{at:%Y-%m-%d}）", formats["title"])
    sheet.set_row(0, 26)
    for place, (header, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(1, place, header, formats["header"])
    sheet.freeze_panes(2, 5)
    sheet.repeat_rows(1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    at_row = 2
    for _, group in groupby(lines, lambda line: line["class_code"]):
        own = list(group)
        first = (word, own[0]["class_code"][:2], own[0]["category"], own[0]["class_code"], own[0]["name"])
        for place, value in enumerate(first):
            if len(own) > 1:
                sheet.merge_range(at_row, place, at_row + len(own) - 1, place, value, formats["class"])
            else:
                sheet.write_string(at_row, place, value, formats["class"])
        for line in own:
            _write_line(sheet, at_row, line, formats)
            at_row += 1


def _write_line(sheet: Any, row: int, line: Mapping[str, Any], formats: dict[str, Any]) -> None:
    text, middle = formats["text"], formats["class"]
    sheet.write_string(row, 5, line["code"], middle)
    sheet.write_string(row, 6, line["description"], text)
    sheet.write_number(row, 7, line["limit_value"], middle)
    sheet.write_string(row, 8, UNIT_WORDS[LimitUnit(line["limit_unit"])][0], middle)
    sheet.write_string(row, 9, line["closing_condition"], text)
    sheet.write_string(row, 10, line["responsible"], text)
    sheet.write_string(row, 11, line["competent"], text)
    sheet.write_datetime(row, 12, line["valid_from"], formats["date"])
    sheet.write_string(row, 13, line["description_en"], text)
    sheet.write_string(row, 14, line["closing_condition_en"], text)
