"""Lists as CSV or Excel: written row by row, whole or not at all, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.files import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | datetime | None
"""What a cell holds; times are aware and written in the time of the city."""
CITY_TIME = ZoneInfo("Asia/Shanghai")
SHEET_ROWS = 1_048_576
CELL_LETTERS = 32_767
"""Limits of a sheet of Excel."""
COLUMN_LETTERS = 18
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would be computed by a spreadsheet that opens a CSV (OWASP, CSV injection)."""


def write_list(
    path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]], advance: Callable[[int], None]
) -> int:
    """Write a list to `path`, which is replaced once all of it is written; else nothing of it remains.

    Args:
        path: ends in ``.csv`` (UTF-8 with a mark of it, as Excel needs it) or ``.xlsx``.
        headings: of the columns.
        rows: as many cells each.
        advance: is told how many rows are written, after each of them; whatever it raises ends the writing.

    Returns:
        How many rows were written.

    Raises:
        ConsoleError: another ending, no place on the disk, a folder or file that may not be written, or more rows
            than a sheet of Excel has.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "A list can be written to .xlsx or .csv, not to {name}."), name=path.name
        )
    count = 0

    def counted() -> Iterator[Sequence[Cell]]:
        nonlocal count
        for row in rows:
            yield row
            count += 1
            advance(count)

    with whole_file(path) as part:
        write(part, headings, counted())
    return count


def _write_csv(path: Path, headings: Sequence[str], rows: Iterator[Sequence[Cell]]) -> None:
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_plain(heading) for heading in headings])
        writer.writerows([_plain(cell) for cell in row] for row in rows)


def _plain(cell: Cell) -> Cell:
    """A cell of a CSV: no text that would be computed, times as people write them."""
    if isinstance(cell, datetime):
        return cell.astimezone(CITY_TIME).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell


def _write_xlsx(path: Path, headings: Sequence[str], rows: Iterator[Sequence[Cell]]) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - takes a twentieth of a start, and few ever need it

    # Rows go to a file of their own as they come; texts stay texts, whatever they begin with.
    with TemporaryDirectory() as folder, path.open("xb") as file:
        book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        sheet = book.add_worksheet()
        with sheet.row_data_fh:  # also when whoever waits for the list has given it up
            _fill(book, sheet, headings, rows)
            book.close()


def _fill(book: Workbook, sheet: Worksheet, headings: Sequence[str], rows: Iterator[Sequence[Cell]]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(headings) - 1, 0), COLUMN_LETTERS)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    number = 0
    for number, row in enumerate(rows, start=1):
        if number >= SHEET_ROWS:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "A sheet of Excel ends at {rows} rows: write this list to .csv."),
                rows=f"{SHEET_ROWS:,}",
            )
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(number, column, cell[:CELL_LETTERS])
            elif isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell.astimezone(CITY_TIME).replace(tzinfo=None), moment)
            elif cell is not None:
                sheet.write_number(number, column, cell)
    sheet.autofilter(0, 0, number, max(len(headings) - 1, 0))
