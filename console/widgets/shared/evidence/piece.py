"""One piece of evidence in full: picture, video, sound or document, with what is said of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from console.models.cases import evidence
from console.widgets.shared import multimedia
from console.widgets.shared.evidence.pane import Picture, PicturePane
from console.widgets.shared.evidence.terms import compared, described, named, withdrawn_words
from console.widgets.shared.panel import ElidedLabel, label, margins, surface
from console.widgets.shared.style import set_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QImage
    from sqlalchemy import Connection

    from console.models.cases.evidence import Attachment, CaseEvidence, Pixels
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.evidence.pane import Sight
    from console.widgets.shared.evidence.player import Player

SHOWN_PX, MOST_PX = 2000, 4096
"""Pictures are decoded to at most so many pixels a side, at first and once somebody looks closer: 12 and 48 MB."""
LINES = 3
SAID_PX = 100


class PieceView(QFrame):
    """Shows one piece.

    Args:
        desk: the way to the database.
        sight: what part of pictures is looked at.
    """

    pressed = Signal()
    """It was clicked: the keys are meant for it."""
    open_wanted = Signal(object)
    """The `Attachment` is to be opened with another program."""

    def __init__(self, desk: Desk, sight: Sight) -> None:
        super().__init__()
        self._desk = desk
        self.item: Attachment | None = None
        self._small: QImage | None = None
        self._is_whole = False
        self.pane = PicturePane(sight)
        sight.changed.connect(self._look_closer)
        self.pane.pressed.connect(self.pressed)
        self.player: Player | None = None
        self.told = label("", "secondary", wraps=True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_button = QPushButton(self.tr("Open with another program  Ctrl+O"))
        self.open_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.open_button.clicked.connect(lambda: self.open_wanted.emit(self.item))
        other = surface("ground")
        inside = QVBoxLayout(other)
        margins(inside, 24, 24, 24, 24, 12)
        inside.addStretch(1)
        inside.addWidget(self.told)
        inside.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignCenter)
        inside.addStretch(1)
        self._other = other
        held = QWidget()
        self._stack = QStackedLayout(held)
        self._stack.addWidget(self.pane)
        self._stack.addWidget(other)
        self.title = label("", "title")
        self.facts = ElidedLabel("", "secondary")
        self.lines = [label("", "", wraps=True, selectable=True) for _ in range(LINES)]
        below = QWidget()
        said = QVBoxLayout(below)
        margins(said, 12, 8, 12, 8, 2)
        for one in (self.title, self.facts, *self.lines):
            said.addWidget(one)
        said.addStretch(1)
        # Of two pieces side by side the pictures are equally high, however much is said of each.
        below.setMinimumHeight(SAID_PX)
        box = QVBoxLayout(self)
        margins(box, 1, 1, 1, 1)
        box.addWidget(held, 1)
        box.addWidget(below)

    @property
    def said(self) -> list[str]:
        """What stands below it about camera and case."""
        return [one.text() for one in self.lines if not one.isHidden()]

    def mark(self, *, active: bool) -> None:
        """Show whether the keys are meant for it."""
        if self.property("chosen") != active:
            self.setProperty("chosen", active)
            self.style().unpolish(self)
            self.style().polish(self)

    def show_item(self, item: Attachment | None, found: CaseEvidence | None, small: QImage | None) -> None:
        """Show a piece of a case; the same one only has its words told anew."""
        is_same = item is not None and self.item is not None and item.id == self.item.id
        self.item = item
        self._say(item, found)
        if is_same and not (small is not None and self._small is None):
            return
        self._small = small
        if is_same and self.pane.is_sharp:
            return
        self._desk.operations.cancel(self, "piece")
        self._is_whole = False
        if self.player is not None:
            self.player.unload()
        if item is None:
            self._show_words("")
        elif item.kind == "document":
            self._show_words(item.file_name)
        elif item.kind == "photo":
            self.pane.show_picture(None, small, "" if small is not None else self.tr("Loading …"))
            self._stack.setCurrentWidget(self.pane)
            self._read(item, partial(_read_levels, item.id, SHOWN_PX))
        else:
            self.pane.show_picture(None, None, self.tr("Loading …"))
            self._stack.setCurrentWidget(self.pane)
            self._read(item, partial(_read_media, item.id))

    def _look_closer(self) -> None:
        """Fetch all pixels of a large picture once its sight asks for more than are here."""
        item = self.item
        if item is None or self._is_whole or not self.pane.wants_more:
            return
        if max(item.width or 0, item.height or 0) > SHOWN_PX:
            self._is_whole = True
            self._read(item, partial(_read_levels, item.id, MOST_PX))

    def toggle(self) -> None:
        """Play or pause, if it is something to be played."""
        if self.player is not None and self._stack.currentWidget() is self.player:
            self.player.toggle()

    def rest(self) -> None:
        """Nobody looks any more: play nothing, hold nothing."""
        self._desk.operations.cancel(self, "piece")
        self.item = self._small = None
        self.pane.show_picture(None)
        if self.player is not None:
            self.player.unload()

    def _read(self, item: Attachment, work: Callable[[Connection], object]) -> None:
        self._desk.operations.read(self, work, partial(self._take, item), self._fail, key="piece")

    def _take(self, item: Attachment, found: object) -> None:
        if self.item is None or item.id != self.item.id:
            return
        if isinstance(found, bytes):
            self._play(found, item.file_name)
        elif isinstance(found, tuple):
            self.pane.show_picture(Picture(found))

    def _play(self, content: bytes, name: str) -> None:
        if self.player is None:
            # The first time it takes a moment, which nobody pays who only looks at photos.
            from console.widgets.shared.evidence.player import Player  # noqa: PLC0415

            self.player = Player()
            self.player.pressed.connect(self.pressed)
            self.player.failed.connect(self._on_unplayable)
            self._stack.addWidget(self.player)
        self._stack.setCurrentWidget(self.player)
        self.player.load(content, name)

    def _on_unplayable(self, words: str) -> None:
        self._show_words(self.tr("This cannot be played here: {reason}").format(reason=words))

    def _fail(self, error: Exception) -> None:
        words = self._desk.notices.words_for(error)
        self.pane.show_picture(None, self._small, words)
        self._stack.setCurrentWidget(self.pane)

    def _show_words(self, words: str) -> None:
        self.told.setText(words)
        self.open_button.setVisible(bool(words))
        self._stack.setCurrentWidget(self._other)

    def _say(self, item: Attachment | None, found: CaseEvidence | None) -> None:
        self.title.setText("" if item is None else named(item))
        self.facts.setText("" if item is None else described(item, self._desk))
        said = [] if item is None or found is None else compared(item, found)
        if item is not None and item.is_withdrawn:
            said = [(withdrawn_words(item, self._desk), "medium")]
        for place, line in enumerate(self.lines):
            words, role = said[place] if place < len(said) else ("", "")
            line.setText(words)
            line.setVisible(bool(words))
            set_role(line, role)


def _read_levels(number: int, most_px: int, connection: Connection) -> tuple[Pixels, ...]:
    picture, _content = evidence.picture(connection, number, most_px)
    return evidence.levels(picture)


def _read_media(number: int, connection: Connection) -> bytes:
    # Its libraries are loaded here, where nobody waits for them.
    multimedia.load()
    return evidence.content(connection, number)
