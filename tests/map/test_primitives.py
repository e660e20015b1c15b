"""Paths and stamps made of arrays."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from console.map.primitives import FRAGMENT_NUMBERS, first_fragment, path_of


def test_path_joins_what_is_connected_and_moves_elsewhere() -> None:
    x, y = np.array([0.0, 10.0, 20.0, 30.5]), np.array([1.0, 2.0, 3.0, 4.25])
    path = path_of(x, y, np.array([1, 0, 1, 0], np.uint8))
    elements = [path.elementAt(i) for i in range(path.elementCount())]
    assert [(e.x, e.y) for e in elements] == list(zip(x, y, strict=True))
    assert [e.isMoveTo() for e in elements] == [True, False, True, False]


def test_path_of_nothing_is_empty() -> None:
    assert path_of(np.empty(0), np.empty(0), np.empty(0, np.uint8)).isEmpty()


def test_fragments_are_parts_of_the_picture_each_at_its_place(qapp: object) -> None:
    strip = QPixmap(6, 3)
    strip.fill(QColor("red"))
    painter = QPainter(strip)
    painter.fillRect(3, 0, 3, 3, QColor("blue"))
    painter.end()
    fragments = np.zeros((2, FRAGMENT_NUMBERS))
    fragments[:, 0] = 4.5, 14.5  # middles
    fragments[:, 1] = 4.5
    fragments[:, 2] = 0, 3  # from where in the strip
    fragments[:, 4:6] = 3
    fragments[:, 6:8] = 1
    fragments[:, 9] = 1
    paper = QImage(20, 10, QImage.Format.Format_RGB32)
    paper.fill(QColor("white"))
    painter = QPainter(paper)
    painter.drawPixmapFragments(first_fragment(fragments), len(fragments), strip)
    painter.end()
    seen = [paper.pixelColor(x, 4).name() for x in (4, 9, 14)]
    assert seen == ["#ff0000", "#ffffff", "#0000ff"]
