"""The pages of a case file: what stands on them is measured first, laid out page by page, then painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPagedPaintDevice,
    QPainter,
    QPen,
    QTextLayout,
    QTextOption,
)

from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from console.reports.case_file import CasePaper, Photo, Step, Table

MM = 96 / 25.4
"""Pages are laid out in pixels of 96 dots an inch."""
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT = 16 * MM, WIDTH - 16 * MM
TOP, BOTTOM = 24 * MM, HEIGHT - 24 * MM
ACROSS = RIGHT - LEFT
GAP = 14.0
TEXT, SMALL, TITLE, HEAD = 12, 10, 24, 14
LABEL_MOST = 128.0
NUMBER_WIDTH, TIME_WIDTH = 28.0, 132.0

Draw = Callable[[QPainter, float], None]


@dataclass(frozen=True)
class Block:
    """Something on a page that is not divided.

    Attributes:
        height: pixels that it takes.
        draw: paints it with its top at a height of the page.
        stays: whether what follows has to stand on the same page.
        head: stands above it where it is the first of a page; None when nothing does.
    """

    height: float
    draw: Draw
    stays: bool = False
    head: Block | None = None


class Pages:
    """A case file laid out on A4, upright.

    Args:
        paper: what it says.
        photo: gives the picture of an attachment, or why there is none.
    """

    def __init__(self, paper: CasePaper, photo: Callable[[int], QImage | str]) -> None:
        self._paper = paper
        self._photo = photo
        self._theme = theme("light")
        self._pages = list(_divided(list(self._blocks())))

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def paint_on(self, device: QPagedPaintDevice, dpi: int) -> bool:
        """Paint all pages; False when the device does not begin."""
        painter = QPainter()
        if not painter.begin(device):
            return False
        try:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            painter.scale(dpi / 96, dpi / 96)
            for number, blocks in enumerate(self._pages, start=1):
                if number > 1:
                    device.newPage()
                self._frame(painter, number)
                top = TOP
                for block in blocks:
                    block.draw(painter, top)
                    top += block.height
        finally:
            painter.end()
        return True

    # What stands on the pages

    def _blocks(self) -> Iterator[Block]:
        paper = self._paper
        yield from self._text(paper.title, LEFT, ACROSS, TITLE, bold=True, stays=True)
        if paper.marks:
            yield from self._text(paper.marks, LEFT, ACROSS, HEAD, "critical_text", stays=True)
        yield _space(8)
        yield from self._facts(paper.facts)
        yield from self._heading(paper.headings.place)
        height = paper.map.height() * ACROSS / max(paper.map.width(), 1)
        yield Block(height, partial(self._picture, paper.map, QRectF(LEFT, 0, ACROSS, height)), stays=True)
        yield _space(3, stays=True)
        yield from self._text(paper.map_caption, LEFT, ACROSS, SMALL, "secondary")
        if paper.photos or paper.others:
            yield from self._heading(paper.headings.photos)
        for title, photos in paper.photos:
            yield from self._text(title, LEFT, ACROSS, TEXT, bold=True, stays=True)
            yield _space(3, stays=True)
            columns = 3 if len(photos) > 2 else 2
            for place in range(0, len(photos), columns):
                yield self._photos(photos[place : place + columns], columns)
        if paper.others:
            yield from self._text(paper.headings.others, LEFT, ACROSS, TEXT, bold=True, stays=True)
        for words in paper.others:
            yield from self._text(words, LEFT, ACROSS, TEXT)
        if paper.steps:
            yield from self._heading(paper.headings.history)
        for step in paper.steps:
            yield from self._step(step)
        for table in paper.tables:
            yield from self._table(table)

    def _heading(self, words: str) -> Iterator[Block]:
        yield _space(16)
        yield from self._text(words, LEFT, ACROSS, HEAD, bold=True, stays=True)
        yield Block(7, partial(self._rule, "line"), stays=True)

    def _text(
        self, words: str, left: float, width: float, px: int, ink: str = "text", *, bold: bool = False,
        stays: bool = False,
    ) -> Iterator[Block]:  # fmt: skip
        """One block for each line, so that long texts go on on the next page."""
        face = self._face(px, bold=bold)
        for line in _lines(words, face, width):
            yield Block(px * 1.5, partial(self._line, line, left, face, ink), stays)

    def _facts(self, facts: Sequence[tuple[str, str]]) -> Iterator[Block]:
        """Short facts in two columns, then those that need the whole width."""
        face = self._face(TEXT)
        names = max((QFontMetricsF(face).horizontalAdvance(name) for name, _ in facts), default=0.0)
        label, half = min(names, LABEL_MOST) + 10, (ACROSS - GAP) / 2
        short = [fact for fact in facts if len(_lines(fact[1], face, half - label)) == 1]
        for place in range(0, len(short), 2):
            row = [
                line
                for column, fact in enumerate(short[place : place + 2])
                for line in self._fact(fact, LEFT + column * (half + GAP), label, half)
            ]
            yield Block(TEXT * 1.6, partial(_together, [line.draw for line in row]))
        for fact in facts:
            if fact not in short:
                name, *lines = self._fact(fact, LEFT, label, ACROSS)
                yield Block(TEXT * 1.6, partial(_together, [name.draw, lines[0].draw]))
                yield from lines[1:]

    def _fact(self, fact: tuple[str, str], left: float, label: float, width: float) -> list[Block]:
        face = self._face(TEXT)
        name = QFontMetricsF(face).elidedText(fact[0], Qt.TextElideMode.ElideRight, label - 8)
        return [
            Block(0, partial(self._line, name, left, face, "secondary")),
            *self._text(fact[1], left + label, width - label, TEXT),
        ]

    def _photos(self, photos: Sequence[Photo], columns: int) -> Block:
        width, small = (ACROSS - GAP * (columns - 1)) / columns, self._face(SMALL)
        shown = width * 0.75
        captions = [[line for words in photo.caption for line in _lines(words, small, width)] for photo in photos]
        height = shown + 4 + TEXT * 1.5 + SMALL * 1.4 * max(map(len, captions)) + 10

        def draw(painter: QPainter, top: float) -> None:
            for column, (photo, lines) in enumerate(zip(photos, captions, strict=True)):
                left = LEFT + column * (width + GAP)
                box = QRectF(left, top, width, shown)
                found = self._photo(photo.id)
                if isinstance(found, QImage):
                    painter.fillRect(box, QColor(self._theme.raised))
                    self._picture(found, _fitted(found, box), painter, 0)
                else:
                    self._absent(painter, box, found)
                y = top + shown + 4
                bold = self._face(TEXT, bold=True)
                title = QFontMetricsF(bold).elidedText(photo.title, Qt.TextElideMode.ElideMiddle, width)
                self._line(title, left, bold, "text", painter, y)
                y += TEXT * 1.5
                for line in lines:
                    self._line(line, left, small, "secondary", painter, y)
                    y += SMALL * 1.4

        return Block(height, draw)

    def _step(self, step: Step) -> Iterator[Block]:
        left = LEFT + NUMBER_WIDTH + TIME_WIDTH
        yield _space(3)
        head = [
            partial(self._line, str(step.number), LEFT, self._face(TEXT), "secondary"),
            partial(self._line, step.at, LEFT + NUMBER_WIDTH, self._face(TEXT), "text"),
        ]
        first, *more = self._text(step.move, left, RIGHT - left, TEXT, bold=True, stays=True)
        yield Block(first.height, partial(_together, [*head, first.draw]), stays=True)
        yield from more
        ink = "critical_text" if step.is_late else "secondary"
        for place, words in enumerate(step.lines):
            last = place == len(step.lines) - 1
            yield from self._text(words, left, RIGHT - left, TEXT, ink if last else "secondary", stays=not last)
        if step.opinion:
            yield from self._text(step.opinion, left, RIGHT - left, TEXT)
        yield Block(4, partial(self._rule, "line"))

    def _table(self, table: Table) -> Iterator[Block]:
        yield from self._heading(table.title)
        if table.note:
            yield from self._text(table.note, LEFT, ACROSS, SMALL, "secondary", stays=True)
            yield _space(4, stays=True)
        head = self._row([title for title, _ in table.columns], table, "secondary")
        rule = Block(6, partial(self._rule, "line"), stays=True)
        above = Block(head.height + rule.height, partial(_one_above_other, [head, rule]), stays=True)
        yield above
        for number, row in enumerate(table.rows):
            ink = "critical_text" if number in table.marked else "text"
            yield replace(self._row(row, table, ink), head=above)

    def _row(self, texts: Sequence[str], table: Table, ink: str) -> Block:
        face, left = self._face(SMALL, bold=ink == "critical_text"), LEFT
        draws: list[Draw] = []
        total = sum(share for _, share in table.columns)
        for words, (_, share) in zip(texts, table.columns, strict=True):
            width = ACROSS * share / total
            fitting = QFontMetricsF(face).elidedText(words, Qt.TextElideMode.ElideRight, width - 6)
            draws.append(partial(self._line, fitting, left, face, ink))
            left += width
        return Block(SMALL * 1.5, partial(_together, draws))

    # How it is painted

    def _face(self, px: int, *, bold: bool = False) -> QFont:
        made = QFont(list(self._theme.font_families))
        made.setPixelSize(px)
        # Shaped digits lose their names in a PDF: nobody could search them.
        made.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
        made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        if bold:
            made.setWeight(QFont.Weight.DemiBold)
        return made

    def _line(self, words: str, left: float, face: QFont, ink: str, painter: QPainter, top: float) -> None:
        painter.setFont(face)
        painter.setPen(QColor(getattr(self._theme, ink)))
        painter.drawText(QPointF(left, top + face.pixelSize() * 1.12), words)

    def _rule(self, ink: str, painter: QPainter, top: float) -> None:
        painter.setPen(QPen(QColor(getattr(self._theme, ink)), 0.75))
        painter.drawLine(QPointF(LEFT, top + 2), QPointF(RIGHT, top + 2))

    def _picture(self, image: QImage, box: QRectF, painter: QPainter, top: float) -> None:
        box = box.translated(0, top)
        painter.drawImage(box, image)
        painter.setPen(QPen(QColor(self._theme.line), 0.75))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)

    def _absent(self, painter: QPainter, box: QRectF, reason: str) -> None:
        pen = QPen(QColor(self._theme.critical), 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        face = self._face(TEXT)
        for place, line in enumerate(_lines(f"▲ {reason}", face, box.width() - 32)):
            self._line(line, box.left() + 16, face, "critical_text", painter, box.top() + 24 + place * TEXT * 1.5)

    def _frame(self, painter: QPainter, number: int) -> None:
        """The head and the foot of a page."""
        paper, face, small = self._paper, self._face(TEXT), self._face(SMALL)
        self._line(paper.kind, LEFT, face, "secondary", painter, TOP - 34)
        width = QFontMetricsF(face).horizontalAdvance(paper.number)
        self._line(paper.number, RIGHT - width, face, "text", painter, TOP - 34)
        self._rule("secondary", painter, TOP - 16)
        self._rule("secondary", painter, BOTTOM + 10)
        words = paper.page.format(n=number, total=self.count)
        self._line(words, RIGHT - QFontMetricsF(small).horizontalAdvance(words), small, "text", painter, BOTTOM + 18)
        for place, line in enumerate(paper.proof):
            self._line(line, LEFT, small, "secondary", painter, BOTTOM + 18 + place * SMALL * 1.5)


def _lines(words: str, face: QFont, width: float) -> list[str]:
    """`words` broken into lines; at least one."""
    found = []
    for paragraph in words.splitlines() or [""]:
        layout = QTextLayout(paragraph, face)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        units = paragraph.encode("utf-16-le")  # what Qt counts in
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            start = 2 * line.textStart()
            found.append(units[start : start + 2 * line.textLength()].decode("utf-16-le", "replace").rstrip())
        layout.endLayout()
    return found or [""]


def _space(height: float, *, stays: bool = False) -> Block:
    return Block(height, lambda _painter, _top: None, stays)


def _together(draws: Sequence[Draw], painter: QPainter, top: float) -> None:
    for draw in draws:
        draw(painter, top)


def _one_above_other(blocks: Sequence[Block], painter: QPainter, top: float) -> None:
    for block in blocks:
        block.draw(painter, top)
        top += block.height


def _fitted(image: QImage, box: QRectF) -> QRectF:
    """The largest rectangle of the picture's form in the middle of `box`."""
    scale = min(box.width() / max(image.width(), 1), box.height() / max(image.height(), 1))
    width, height = image.width() * scale, image.height() * scale
    return QRectF(box.center().x() - width / 2, box.center().y() - height / 2, width, height)


def _divided(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """The blocks of each page; those that stay with what follows go over to the next page with it."""
    page: list[Block] = []
    used, place = 0.0, 0
    while place < len(blocks):
        end = place + 1
        while blocks[end - 1].stays and end < len(blocks):
            end += 1
        group = blocks[place:end]
        height = sum(block.height for block in group)
        if page and used + height > BOTTOM - TOP:
            yield page
            page, used = [], 0.0
            if (head := group[0].head) is not None:
                page, used = [head], head.height
        page += group
        used += height
        place = end
    if page:
        yield page
