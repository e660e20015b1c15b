"""Reading a standard from an ``.xlsx`` file: damaged, renamed and huge files are told apart, merged cells filled."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.configuration.standard_import.columns import HEADERS, OF_CLASS, Part, find_columns, meaning, missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

MOST_BYTES = 20 << 20
MOST_UNPACKED_BYTES = 60 << 20
MOST_ROWS = 20_000
HEADER_ROWS = 20
"""How far down the headers may stand, below titles and remarks."""
COLUMNS = 60
_OLD = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
KIND_WORDS = (("部件", "component"), ("事件", "event"), ("服务", "service"))


@dataclass(frozen=True)
class Line:
    """One row of a standard.

    Attributes:
        sheet: name of its sheet.
        row: its number there.
        kind: ``component``, ``event`` or ``service``; empty when nothing says which.
        cells: text by what the column holds; only the columns that the sheet has.
    """

    sheet: str
    row: int
    kind: str
    cells: dict[Part, str]

    def text(self, part: Part) -> str:
        """What a cell says; empty when there is no such column."""
        return self.cells.get(part, "")


@dataclass(frozen=True)
class StandardFile:
    """A standard as it was read: its lines in order, and the sheets that are none (name, missing columns)."""

    path: Path
    lines: tuple[Line, ...]
    left_out: tuple[tuple[str, tuple[Part, ...]], ...]


def read_standard(path: Path) -> StandardFile:
    """Read all sheets that are standards.

    Raises:
        ConsoleError: the file is absent, of another kind, damaged or too large, or none of its sheets is a standard.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - takes a tenth of a second that no start should wait for

    _refuse_other_kind(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that have nothing to do with the cells
            book = load_workbook(path, data_only=True)
    except Exception as fault:
        # The library lets whatever a broken part makes of its parsers through; none of it is a fault of ours.
        raise _damaged(path) from fault
    try:
        lines: list[Line] = []
        left_out: list[tuple[str, tuple[Part, ...]]] = []
        for sheet in book.worksheets:
            if sheet.max_row > MOST_ROWS:
                raise ConsoleError(
                    QT_TRANSLATE_NOOP(
                        "errors", "The sheet “{sheet}” has {rows} rows, more than any standard. Delete the empty ones."
                    ),
                    sheet=sheet.title,
                    rows=sheet.max_row,
                )
            found, lacking = _read_sheet(sheet)
            lines += found
            if lacking:
                left_out.append((sheet.title, lacking))
    finally:
        book.close()
    if not lines:
        raise _no_standard(path, left_out)
    return StandardFile(path, tuple(lines), tuple(left_out))


def _refuse_other_kind(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(512)
        size = path.stat().st_size
    except OSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} cannot be read: {fault}."), path=path, fault=fault.strerror or fault
        ) from fault
    if not start:
        raise ConsoleError(QT_TRANSLATE_NOOP("errors", "{path} is empty."), path=path)
    if start.startswith(_OLD):
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "{path} is an old or an encrypted workbook, whatever its name says. Open it in a spreadsheet program "
                "and save it as .xlsx without a password.",
            ),
            path=path,
        )
    if not start.startswith(_ZIP):
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "{path} is no workbook but perhaps a text file (CSV), whatever its name says. Open it in a spreadsheet "
                "program and save it as .xlsx.",
            ),
            path=path,
        )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            names = set(archive.namelist())
    except Exception as fault:
        raise _damaged(path) from fault  # a broken directory ends in errors of many kinds, as below
    if size > MOST_BYTES or unpacked > MOST_UNPACKED_BYTES:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} is larger than any standard ({size} MB). Nothing was read."),
            path=path,
            size=max(size, unpacked) >> 20,
        )
    if "xl/workbook.xml" not in names:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} is no Excel workbook (.xlsx) but another kind of archive."), path=path
        )


def _damaged(path: Path) -> ConsoleError:
    # What the library says of a file is about its parts, in English, and helps nobody at a desk.
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "{path} is damaged or incomplete, perhaps not copied to its end. Open it in a spreadsheet program and save "
            "it anew as .xlsx, or ask for it again. Nothing was read.",
        ),
        path=path,
    )


def _no_standard(path: Path, left_out: Sequence[tuple[str, tuple[Part, ...]]]) -> ConsoleError:
    names = dict.fromkeys(HEADERS[part][0] for _, lacking in left_out for part in lacking)
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors", "{path} has no sheet with the columns of a standard; missing: {columns}. Nothing was read."
        ),
        path=path,
        columns=", ".join(names) or "—",
    )


def _read_sheet(sheet: Worksheet) -> tuple[list[Line], tuple[Part, ...]]:
    """The lines of a sheet, or what it lacks to be a standard; neither for an empty sheet."""
    grid = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True, max_col=COLUMNS)]
    for block in sheet.merged_cells.ranges:
        if block.max_row > len(grid):
            continue
        value = grid[block.min_row - 1][block.min_col - 1] if block.min_col <= COLUMNS else ""
        for row in range(block.min_row, block.max_row + 1):
            for column in range(block.min_col, min(block.max_col, COLUMNS) + 1):
                if column <= len(grid[row - 1]):
                    grid[row - 1][column - 1] = value
    if not any(any(row) for row in grid):
        return [], ()
    at, columns = _find_header(grid)
    if missing(columns):
        return [], missing(columns)
    titles = " ".join([sheet.title, *(text for row in grid[:at] for text in row)])
    named = [code for word, code in KIND_WORDS if word in sheet.title] or [c for w, c in KIND_WORDS if w in titles]
    usual = named[0] if len(named) == 1 else ""
    return list(_lines(sheet.title, grid, at + 1, columns, usual)), ()


def _find_header(grid: list[list[str]]) -> tuple[int, dict[Part, int]]:
    """The row of headers, or two that stand above each other: its last line and its columns."""
    best: tuple[int, dict[Part, int]] = (0, {})
    for at, row in enumerate(grid[:HEADER_ROWS]):
        alone = find_columns(row)
        if not best[1] or len(missing(alone)) < len(missing(best[1])):
            best = (at, alone)
        # The lower line says more where it says something, such as 时限 and 单位 below 处置时限.
        below = grid[at + 1] if at + 1 < len(grid) else []
        if not alone or not find_columns(below) or any(text.isdigit() for text in below):
            continue
        both = find_columns([_both(upper, lower) for upper, lower in zip(row, below, strict=False)])
        if len(missing(both)) <= len(missing(best[1])):
            best = (at + 1, both)
    return best


def _both(upper: str, lower: str) -> str:
    """What the upper and the lower line of a header say together."""
    if not lower or upper == lower or (meaning(lower) is None and meaning(upper + lower) is None):
        return upper
    return lower if meaning(lower) is not None else upper + lower


def _lines(sheet: str, grid: list[list[str]], start: int, columns: dict[Part, int], usual: str) -> Iterator[Line]:
    carried: dict[Part, str] = {}
    for number, row in enumerate(grid[start:], start + 1):
        cells = {part: row[place] if place < len(row) else "" for part, place in columns.items()}
        if not any(cells.values()) or not (cells[Part.CONDITION] or cells[Part.LIMIT] or cells[Part.CLOSING]):
            continue  # an empty row, a subtitle or a remark below the table
        if cells[Part.CLASS_CODE]:
            carried = {part: cells[part] for part in OF_CLASS if part in cells}
        elif cells.get(Part.CLASS_NAME, "") in {"", carried.get(Part.CLASS_NAME, "")}:
            # The class stands in its first row only. Another name without a code is another class, and lacks its code.
            cells |= {part: carried.get(part, "") for part in OF_CLASS if part in cells and not cells[part]}
        said = [code for word, code in KIND_WORDS if word in cells.get(Part.KIND, "")]
        yield Line(sheet, number, said[0] if len(said) == 1 else usual, cells)


def _text(value: Any) -> str:
    """A cell as text: 101.0 is 101, line breaks are blanks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())
