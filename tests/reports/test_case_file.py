"""Case files on paper, opened again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter

from console.errors import ConsoleError
from console.reports.case_file import (
    CasePaper,
    Headings,
    Photo,
    Printed,
    Step,
    Table,
    print_case_file,
    write_case_file,
)
from tests.files import little_room

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

NUMBER = "YC202611290001"
PROOF = ("版本 7，流转 2 次 · 打印 2026-11-29 14:41:26", "SHA-256：" + "0f" * 32)


def picture(colour: str = "#3366aa", width: int = 400, height: int = 300) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def paper(*, opinion: str = "", photos: int = 0) -> CasePaper:
    shown = tuple(Photo(number, f"{number}  远景", ("IMG.jpg", "SHA-256 99")) for number in range(photos))
    return CasePaper(
        kind="案卷 · 运城",
        number=NUMBER,
        title="沿街晾挂",
        marks="▲ 超期",
        facts=(("阶段", "处置中"), ("位置", "红旗西街"), ("描述", "很长的描述。" * 60)),
        map=picture("#eeeeee", 672, 300),
        map_caption="1:2,500",
        photos=(("上报", shown),) if photos else (),
        others=("视频 · clip.mp4",),
        steps=(
            Step(1, "2026-11-29 10:00:00", "上报", ("受理员 01",), is_late=False, opinion=""),
            Step(2, "2026-11-29 12:00:00", "处置完成", ("环卫", "▲ 用时 2.5，时限 2"), is_late=True, opinion=opinion),
        ),
        headings=Headings("位置图", "附件", "其他", "流转记录"),
        proof=PROOF,
        page="第 {n} 页共 {total} 页",
        language="zh_CN",
    )  # fmt: skip


def texts(path: Path) -> list[str]:
    """The words of each page, without spaces."""
    document = QPdfDocument()
    document.load(str(path))
    assert document.status() is QPdfDocument.Status.Ready
    assert {document.pagePointSize(n).toTuple() for n in range(document.pageCount())} == {(595, 842)}
    found = ["".join(document.getAllText(n).text().split()) for n in range(document.pageCount())]
    document.close()
    return found


def test_every_page_says_which_case_in_which_state_and_which_page_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "case.pdf"
    printed = write_case_file(path, paper(photos=8), lambda _: picture())
    pages = texts(path)
    assert printed == Printed(len(pages), 0)
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        for words in (NUMBER, f"第{number}页共{len(pages)}页", *("".join(line.split()) for line in PROOF)):
            assert words in page
    whole = "".join(pages)
    for words in ("沿街晾挂", "▲超期", "红旗西街", "1:2,500", "视频·clip.mp4", "处置完成", "▲用时2.5，时限2"):
        assert words in whole
    assert whole.count("很长的描述。") == 60
    assert list(tmp_path.iterdir()) == [path]


def test_an_opinion_of_any_length_goes_on_on_the_next_page_and_loses_no_letter(qtbot: QtBot, tmp_path: Path) -> None:
    opinion = "请尽快𠮷处理handling。\n" + "第二段意见wordbyword " * 400
    path = tmp_path / "case.pdf"
    write_case_file(path, paper(opinion=opinion), lambda _: picture())
    pages = texts(path)
    body = "".join(page.replace(NUMBER, "") for page in pages)
    assert len(pages) >= 3
    assert body.count("第二段意见") == body.count("wordbyword") == 400
    assert "handling。" in body


def test_a_table_goes_on_on_further_pages_below_its_head_and_loses_no_row(qtbot: QtBot, tmp_path: Path) -> None:
    rows = tuple((f"r{n}r", f"{n} m", "x" * 200) for n in range(150))
    table = Table("定位点", "说明", (("序号", 1), ("偏距", 1), ("报文", 2)), rows, frozenset({3}))
    path = tmp_path / "case.pdf"
    write_case_file(path, replace(paper(), tables=(table,)), lambda _: picture())
    pages = texts(path)
    assert len(pages) >= 3
    assert all("序号偏距报文" in page for page in pages if "r149r" in page or "r75r" in page)
    assert [whole.count(f"r{n}r") for whole in ["".join(pages)] for n in range(150)] == [1] * 150


def test_a_photo_that_cannot_be_shown_is_told_in_its_place_and_the_others_are_there(
    qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "case.pdf"

    def photo(number: int) -> QImage | ConsoleError:
        return ConsoleError("The picture is damaged.") if number == 1 else picture("#cc8800")

    assert write_case_file(path, paper(photos=3), photo).failed_photos == 1
    assert "▲Thepictureisdamaged." in "".join(texts(path))
    document = QPdfDocument()
    document.load(str(path))
    pages = [document.render(n, document.pagePointSize(n).toSize()) for n in range(document.pageCount())]
    places = ((page, x, y) for page in pages for x in range(0, 595, 4) for y in range(0, 842, 4))
    orange = sum(page.pixelColor(x, y).hue() in range(35, 45) for page, x, y in places)
    document.close()
    assert orange > 500


def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "case.pdf"
    path.write_text("old")
    with little_room(4096), pytest.raises(ConsoleError, match="Make room there or choose another folder"):
        write_case_file(path, paper(), lambda _: picture())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_and_a_foreign_ending_are_told(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="choose another folder"):
        write_case_file(tmp_path / "no" / "case.pdf", paper(), lambda _: picture())
    with pytest.raises(ConsoleError, match=r"\.pdf, not to case\.docx"):
        write_case_file(tmp_path / "case.docx", paper(), lambda _: picture())


def test_a_printer_gets_the_same_pages(qtbot: QtBot, tmp_path: Path) -> None:
    written, printed = tmp_path / "case.pdf", tmp_path / "printed.pdf"
    count = write_case_file(written, paper(photos=3), lambda _: picture()).pages
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(printed))
    assert print_case_file(printer, paper(photos=3), lambda _: picture()) == Printed(count, 0)
    assert len(texts(printed)) == count


@pytest.mark.qt_log_ignore(r"QPainter::begin\(\): Returned false")
def test_a_printer_that_does_not_begin_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "no" / "printed.pdf"))
    with pytest.raises(ConsoleError, match="see whether it is on"):
        print_case_file(printer, paper(), lambda _: picture())
