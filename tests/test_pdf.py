"""Words in PDF files can be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QFont, QPainter, QPdfWriter
from PySide6.QtPdf import QPdfDocument

from console.pdf import searchable

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

FAMILIES = ("Noto Sans CJK SC", "Microsoft YaHei UI")
WORDS = "渣土车 排水管网 2026-11-22"


def written(words: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    painter = QPainter(writer)
    face = QFont(list(FAMILIES))
    face.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
    painter.setFont(face)
    painter.drawText(2_000, 2_000, words)
    painter.end()
    return bytes(buffer.data().data())


def read(document: bytes) -> str:
    buffer = QBuffer()
    buffer.setData(document)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    pdf = QPdfDocument()
    pdf.load(buffer)
    assert pdf.status() is QPdfDocument.Status.Ready
    text: str = pdf.getAllText(0).text()
    pdf.close()
    return "".join(text.split())


def test_words_that_qt_writes_as_radicals_are_found(qtbot: QtBot) -> None:
    plain = written(WORDS)
    assert "渣土车" not in read(plain), "Qt names glyphs rightly by itself now; console.pdf is no longer needed"
    assert read(searchable(plain, FAMILIES)) == WORDS.replace(" ", "")


def test_the_file_keeps_its_length_and_the_rest_of_its_bytes(qtbot: QtBot) -> None:
    plain = written(WORDS)
    changed = searchable(plain, FAMILIES)
    assert len(changed) == len(plain)
    assert searchable(changed, FAMILIES) == changed
    assert searchable(b"%PDF-1.4 [<2F79> ] no names of glyphs", FAMILIES) == b"%PDF-1.4 [<2F79> ] no names of glyphs"
