"""A north-up print of the map: one page with frame, title, legend, scale and note, as PDF (vectors) or PNG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
    QPen,
    QPolygonF,
)

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.files import whole_file
from console.map.legend import paint_sample
from console.map.on_paper import PaperMap
from console.map.overlay import coordinate_text, distance_text, paint_scale_bar, scale_bar
from console.map.style import colour, font, legend
from console.map.view import View
from console.pdf import searchable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime
    from pathlib import Path

    from console.map.canvas import MapCanvas

PX_PER_MM = 96 / 25.4
"""Pages are laid out in pixels of 96 dots an inch, like the screen, so that symbols have their usual size."""
PDF_DPI = 1200
PNG_DPI = 200
MARGIN_MM = 10.0
TITLE_MM = 12.0
COLUMN_MM = 46.0
GAP_MM = 4.0
_NICE_SCALES = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


@dataclass(frozen=True)
class PrintOptions:
    """What a print looks like.

    Attributes:
        title: large, above the map.
        at: when the data were seen; written beside the title.
        paper: size of the page.
        landscape: whether the page is wider than high.
        note: small, below the legend, for example who printed it.
    """

    title: str
    at: datetime
    paper: Literal["A4", "A3"] = "A4"
    landscape: bool = True
    note: str = ""

    @property
    def page_size(self) -> QPageSize:
        """The size of the paper."""
        return QPageSize(QPageSize.PageSizeId.A4 if self.paper == "A4" else QPageSize.PageSizeId.A3)

    @property
    def page_px(self) -> QRectF:
        """The page in pixels of 96 dots an inch."""
        size = self.page_size.size(QPageSize.Unit.Millimeter)
        width, height = (size.height(), size.width()) if self.landscape else (size.width(), size.height())
        return QRectF(0, 0, width * PX_PER_MM, height * PX_PER_MM)

    @property
    def frame_px(self) -> QRectF:
        """Where the map is on the page."""
        margin = MARGIN_MM * PX_PER_MM
        right = margin + (COLUMN_MM + GAP_MM) * PX_PER_MM
        return self.page_px.adjusted(margin, margin + TITLE_MM * PX_PER_MM, -right, -margin)


def nice_scale(least: float) -> float:
    """The smallest n that is one of `_NICE_SCALES` times a power of ten and not below `least`; for a scale of 1:n."""
    power = 1.0
    while True:
        for step in _NICE_SCALES:
            if step * power >= least * (1 - 1e-9):
                return step * power
        power *= 10


def print_view(canvas_view: View, options: PrintOptions) -> tuple[View, float]:
    """The view that the page shows, all of the screen's at a round scale, and n of its scale 1:n."""
    frame = options.frame_px
    width, height = round(frame.width()), round(frame.height())
    metres_per_dot = 0.001 / PX_PER_MM
    number = nice_scale(View.of(canvas_view.extent, width, height).metres_per_pixel / metres_per_dot)
    return View(canvas_view.x, canvas_view.y, number * metres_per_dot, width, height), number


class MapPrint(PaperMap):
    """Prints what the canvas shows on a page.

    It lasts until it has told how it ended.

    Args:
        canvas: its visible layers and view are printed.
        path: ends in ``.pdf`` or ``.png``; replaced when it exists.
        options: what the page looks like.

    Raises:
        ConsoleError: `path` is neither a PDF nor a PNG.
    """

    finished = Signal(object)
    """The `Path` that was written."""

    def __init__(self, canvas: MapCanvas, path: Path, options: PrintOptions) -> None:
        if path.suffix.lower() not in (".pdf", ".png"):
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The map can be printed to .pdf or .png, not to {name}."), name=path.name
            )
        view, self._scale = print_view(canvas.view, options)
        layers = [layer for layer in canvas.layers if layer.is_seen(view.metres_per_pixel)]
        super().__init__(canvas, "print", view, layers)
        self._path = path
        self._options = options

    def _steps_of(self) -> Generator[None, None, None]:
        return self._pdf() if self._path.suffix.lower() == ".pdf" else self._png()

    def _pdf(self) -> Generator[None, None, None]:
        buffer = QBuffer(self)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setResolution(PDF_DPI)
        writer.setTitle(self._options.title)
        orientation = QPageLayout.Orientation.Landscape if self._options.landscape else QPageLayout.Orientation.Portrait
        writer.setPageLayout(QPageLayout(self._options.page_size, orientation, QMarginsF()))
        yield from self._paint_on(writer, PDF_DPI)
        data = bytes(buffer.data().data())
        buffer.close()
        families = self._theme.font_families
        self._write(lambda: searchable(data, families))

    def _png(self) -> Generator[None, None, None]:
        page = self._options.page_px
        scale = PNG_DPI / 96
        size = QSize(round(page.width() * scale), round(page.height() * scale))
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        yield from self._paint_on(image, PNG_DPI)
        image.setDotsPerMeterX(round(PNG_DPI / 0.0254))
        image.setDotsPerMeterY(round(PNG_DPI / 0.0254))

        def written() -> bytes:
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            # The image formats of QImage.save go by the bytes "PNG", which the type hints of PySide6 do not know.
            image.save(buffer, "PNG")  # type: ignore[call-overload]
            return bytes(buffer.data().data())

        self._write(written)

    def _write(self, content: Callable[[], bytes]) -> None:
        def write() -> None:
            with whole_file(self._path) as part:
                part.write_bytes(content())

        self._canvas.fetch("print:write", write, self._written, self._fail)

    def _written(self, _nothing: None) -> None:
        self.finished.emit(self._path)
        self.deleteLater()

    def _paint_on(self, device: QPaintDevice, dpi: int) -> Generator[None, None, None]:
        painter = QPainter(device)
        try:
            painter.scale(dpi / 96, dpi / 96)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.save()
            try:
                painter.setClipRect(self._options.frame_px)
                painter.translate(self._options.frame_px.topLeft())
                backdrop = self._canvas.picture.backdrop
                if backdrop is not None:
                    painter.setOpacity(backdrop.opacity)
                    yield from backdrop.paint(painter, self._view)
                yield from self._paint_layers(painter)
            finally:
                painter.restore()
            self._frame(painter)
            yield
            self._column(painter)
            yield
        finally:
            painter.end()
        yield

    def _frame(self, painter: QPainter) -> None:
        frame, page = self._options.frame_px, self._options.page_px
        margin = MARGIN_MM * PX_PER_MM
        painter.setPen(QPen(colour(self._theme, "secondary"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)
        line = QRectF(margin, margin, page.width() - 2 * margin, (TITLE_MM - 3) * PX_PER_MM)
        painter.setPen(colour(self._theme, "text"))
        painter.setFont(font(self._theme, 20, bold=True))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._options.title)
        painter.setFont(font(self._theme, self._theme.secondary_px))
        painter.setPen(colour(self._theme, "secondary"))
        painter.drawText(
            line,
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom,
            self._options.at.strftime("%Y-%m-%d %H:%M"),
        )

    def _column(self, painter: QPainter) -> None:
        frame, page = self._options.frame_px, self._options.page_px
        left = frame.right() + GAP_MM * PX_PER_MM
        column = QRectF(left, frame.top(), page.right() - MARGIN_MM * PX_PER_MM - left, frame.height())
        bottom = self._scale_block(painter, column)
        legend_box = QRectF(column.left(), column.top() + 64, column.width(), bottom - column.top() - 76)
        self._north_arrow(painter, column.center().x(), column.top() + 26)
        self._legend(painter, legend_box)

    def _north_arrow(self, painter: QPainter, x: float, y: float) -> None:
        painter.setPen(QPen(colour(self._theme, "text"), 1))
        painter.setBrush(colour(self._theme, "text"))
        painter.drawPolygon(QPolygonF([QPointF(x, y - 14), QPointF(x, y + 12), QPointF(x - 8, y + 18)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(x, y - 14), QPointF(x, y + 12), QPointF(x + 8, y + 18)]))
        painter.setFont(font(self._theme, self._theme.text_px, bold=True))
        painter.drawText(QRectF(x - 20, y - 34, 40, 18), Qt.AlignmentFlag.AlignCenter, self.tr("N"))

    def _legend(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(font(self._theme, self._theme.title_px, bold=True))
        painter.setPen(colour(self._theme, "text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, self.tr("Legend"))
        y = box.top() + 26
        for layer in reversed(self._layers):
            entries = legend(layer.style)
            is_single = len(entries) == 1
            rows = [(layer.title, None if not is_single else entries[0])]
            rows += [] if is_single else [(entry.title, entry) for entry in entries]
            if y + 18 * len(rows) > box.bottom():
                # What does not fit is on the screen; a legend that runs into the scale would spoil both.
                break
            for words, entry in rows:
                indent = 0 if entry is None else 28
                if entry is not None:
                    paint_sample(painter, QRectF(box.left(), y, 22, 16), entry.sample, self._theme)
                is_heading = entry is None
                painter.setFont(font(self._theme, self._theme.secondary_px, bold=is_heading))
                painter.setPen(colour(self._theme, "text"))
                text = QRectF(box.left() + indent, y, box.width() - indent, 16)
                metrics = QFontMetricsF(painter.font())
                painter.drawText(
                    text,
                    Qt.AlignmentFlag.AlignVCenter,
                    metrics.elidedText(words, Qt.TextElideMode.ElideRight, text.width()),
                )
                y += 18
            y += 4

    def _scale_block(self, painter: QPainter, column: QRectF) -> float:
        """Draw scale, coordinates and note at the foot of the column; returns where it begins."""
        small = font(self._theme, 10)
        words = [
            self._options.note,
            self.tr("Centre {place}").format(place=coordinate_text(self._view.x, self._view.y, metres=False)),
            self.tr("EPSG:4546, CGCS2000 / 3-degree Gauss-Krüger, CM 111°E"),
        ]
        foot = "\n".join(word for word in words if word)
        painter.setFont(small)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        height = QFontMetricsF(small).boundingRect(QRectF(0, 0, column.width(), 10_000), int(flags), foot).height()
        box = QRectF(column.left(), column.bottom() - height, column.width(), height + 2)
        painter.setPen(colour(self._theme, "secondary"))
        painter.drawText(box, int(flags), foot)
        metres, length = scale_bar(self._view.metres_per_pixel, column.width())
        paint_scale_bar(painter, self._theme, column.left(), box.top() - 18, length, distance_text(metres))
        painter.setFont(font(self._theme, self._theme.title_px, bold=True))
        painter.setPen(colour(self._theme, "text"))
        top = box.top() - 50
        painter.drawText(
            QRectF(column.left(), top, column.width(), 20), Qt.AlignmentFlag.AlignLeft, f"1:{self._scale:,.0f}"
        )
        return top
