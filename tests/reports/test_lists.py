"""Lists that leave the console: read back as a spreadsheet would."""

from __future__ import annotations

import csv
import errno
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from console.errors import ConsoleError
from console.reports import lists
from console.reports.lists import write_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = datetime(2026, 11, 1, 4, 5, 6, tzinfo=UTC)
HEADINGS = ("案卷号", "数量", "上报时间", "描述")
ROWS = [
    ("YC202611010001", 3, AT, "=1+1"),
    ("YC202611010002", -2.5, None, "+86 359"),
    ("YC202611010003", 0, AT, "-cmd"),
    ("YC202611010004", 1, AT, "@SUM(A1)"),
    ("YC202611010005", 1, AT, '他说"马上"，\n第二行'),
    ("YC202611010006", 1, AT, "\t=1"),
]


def quiet(_count: int) -> None:
    pass


def test_csv_opens_in_excel_as_chinese_and_computes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "列表.csv"
    assert write_list(path, HEADINGS, ROWS, quiet) == len(ROWS)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))
    assert found[0] == list(HEADINGS)
    assert found[1] == ["YC202611010001", "3", "2026-11-01 12:05:06", "'=1+1"]
    assert found[2][1:] == ["-2.5", "", "'+86 359"], "numbers stay numbers"
    assert [row[3] for row in found[3:]] == ["'-cmd", "'@SUM(A1)", ROWS[4][3], "'\t=1"]


def test_excel_gets_texts_numbers_and_times_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    write_list(path, HEADINGS, ROWS, quiet)
    sheet = load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == list(HEADINGS)
    assert sheet.auto_filter.ref == f"A1:D{len(ROWS) + 1}", "each column can be filtered at once"
    assert [cell.value for cell in rows[1]] == [
        "YC202611010001",
        3,
        AT.astimezone(lists.CITY_TIME).replace(tzinfo=None),
        "=1+1",
    ]
    assert [cell.value for cell in rows[2]] == ["YC202611010002", -2.5, None, "+86 359"]
    # Read back, a text that begins with “=” must be a text in the file itself.
    assert b"<f>" not in _sheet_xml(path)


def _sheet_xml(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"list.{ending}"
    path.write_text("old")

    def rows() -> Iterator[tuple[str]]:
        yield ("first",)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ConsoleError, match="No space left on device"):
        write_list(path, ["a"], rows(), quiet)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_whoever_stops_it_leaves_nothing_behind(tmp_path: Path, ending: str) -> None:
    def stop(count: int) -> None:
        if count == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        write_list(tmp_path / f"list.{ending}", HEADINGS, ROWS, stop)
    assert list(tmp_path.iterdir()) == []


class StoppedError(Exception):
    """Somebody pressed the button."""


def test_a_folder_that_is_not_there_and_a_foreign_ending_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="choose another folder"):
        write_list(tmp_path / "no" / "list.csv", ["a"], [], quiet)
    with pytest.raises(ConsoleError, match=r"\.xlsx or \.csv"):
        write_list(tmp_path / "list.pdf", ["a"], [], quiet)


def test_more_rows_than_a_sheet_has_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "SHEET_ROWS", 3)
    with pytest.raises(ConsoleError, match=r"write this list to \.csv"):
        write_list(tmp_path / "list.xlsx", HEADINGS, ROWS, quiet)
    assert list(tmp_path.iterdir()) == []
