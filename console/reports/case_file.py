"""A case file (案卷) on paper: head, place, photos, history, and on every page what proves which state it tells.

The evidence of a route deviation is such a paper, too, with a table of positions.

Its words come from whoever prints, in the language of the window; here they become pages of a PDF or of a printer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPdfWriter

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.files import whole_file
from console.pdf import searchable
from console.reports.pages import Pages
from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QPagedPaintDevice

    Shown = Callable[[int], QImage | ConsoleError]

PDF_DPI = 1200


@dataclass(frozen=True)
class Photo:
    """A photo on paper.

    Attributes:
        id: of the attachment.
        title: what it shows.
        caption: lines below it.
    """

    id: int
    title: str
    caption: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One move on paper.

    Attributes:
        number: in the history.
        at: when.
        move: what was done and where it led.
        lines: who made it, what it took and used.
        is_late: whether it came too late.
        opinion: what was written.
    """

    number: int
    at: str
    move: str
    lines: tuple[str, ...]
    is_late: bool
    opinion: str


@dataclass(frozen=True)
class Table:
    """A table on paper.

    Attributes:
        title: above it.
        note: below its title; empty when there is nothing to say.
        columns: title and share of the width of each.
        rows: one text a column.
        marked: numbers of rows that stand out.
    """

    title: str
    note: str
    columns: tuple[tuple[str, float], ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Headings:
    """Titles of the parts of a case file."""

    place: str
    photos: str
    others: str
    history: str


@dataclass(frozen=True)
class CasePaper:
    """A case file in words.

    Attributes:
        kind: what this paper is, at the head of every page.
        number: of the case.
        title: of the case.
        marks: what is special about it; empty when nothing is.
        facts: name and value each.
        map: the place; `map_caption` says what is seen.
        photos: in groups, each with its title.
        others: evidence that cannot be shown on paper.
        steps: the history, oldest first.
        headings: titles of the parts.
        proof: lines at the foot of every page: version, time of printing, checksum.
        page: with ``{n}`` and ``{total}``.
        language: of sentences about photos that cannot be shown.
        tables: at the end.
    """

    kind: str
    number: str
    title: str
    marks: str
    facts: tuple[tuple[str, str], ...]
    map: QImage
    map_caption: str
    photos: tuple[tuple[str, tuple[Photo, ...]], ...]
    others: tuple[str, ...]
    steps: tuple[Step, ...]
    headings: Headings
    proof: tuple[str, ...]
    page: str
    language: str
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Printed:
    """What came of it: pages, and photos that could not be shown."""

    pages: int
    failed_photos: int


def write_case_file(path: Path, paper: CasePaper, photo: Shown) -> Printed:
    """Write a case file to `path`, which is replaced once all of it is written; else nothing of it remains.

    Args:
        path: ends in ``.pdf``.
        paper: what it says.
        photo: gives the picture of an attachment, or why it cannot be shown, which then stands in its place.

    Raises:
        ConsoleError: another ending, no room on the disk, or a folder or file that may not be written.
    """
    if path.suffix.lower() != ".pdf":
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "Such a paper can be written to .pdf, not to {name}."), name=path.name
        )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(PDF_DPI)
    writer.setTitle(f"{paper.kind} {paper.number}")
    printed = _paint(writer, PDF_DPI, paper, photo)
    document = searchable(bytes(buffer.data().data()), theme("light").font_families)
    with whole_file(path) as part:
        part.write_bytes(document)
    return printed


def print_case_file(printer: Any, paper: CasePaper, photo: Shown) -> Printed:
    """Print a case file on `printer`, a `QPrinter`; further arguments as for `write_case_file`.

    Raises:
        ConsoleError: the printer does not begin.
    """
    printer.setFullPage(True)
    printer.setDocName(f"{paper.kind} {paper.number}")
    return _paint(printer, printer.resolution(), paper, photo)


def _paint(device: QPagedPaintDevice, dpi: int, paper: CasePaper, photo: Shown) -> Printed:
    size, upright = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait
    device.setPageLayout(QPageLayout(size, upright, QMarginsF()))
    failed: set[int] = set()

    def shown(number: int) -> QImage | str:
        found = photo(number)
        if isinstance(found, QImage):
            return found
        failed.add(number)
        return found.text(paper.language)

    pages = Pages(paper, shown)
    if not pages.paint_on(device, dpi):
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "The printer does not begin to print: see whether it is on and connected.")
        )
    return Printed(pages.count, len(failed))
