"""The viewer: evidence of a case in full, one piece or before and after side by side, worked from the keyboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from console.widgets.shared.evidence.copies import Copies
from console.widgets.shared.evidence.film import Film
from console.widgets.shared.evidence.pairs import AFTER, pair_of
from console.widgets.shared.evidence.pane import STEP, Sight
from console.widgets.shared.evidence.piece import PieceView
from console.widgets.shared.evidence.source import EvidenceSource
from console.widgets.shared.evidence.withdrawing import WithdrawLine
from console.widgets.shared.panel import HEADING_HEIGHT, ElidedLabel, Stateful, keeps_key, line, margins
from console.widgets.shared.style import icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent

    from console.models.cases.evidence import Attachment, CaseEvidence
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.evidence.tiles import Tile

STEP_PX = 80


class EvidenceViewer(QFrame):
    """Shows the evidence of one case.

    Args:
        desk: the way to the database and what it tells.
    """

    closed = Signal()
    large_wanted = Signal()
    """More room is wanted, or less again."""
    case_wanted = Signal(int)
    """So many cases on (or back) in the queue."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._desk = desk
        self._wanted: int | None = None
        self._is_begun = False
        self.source = EvidenceSource(desk, self.isVisible, self)
        self.copies = Copies(desk, self)
        self.sight = Sight(self)
        self.views = [PieceView(desk, self.sight), PieceView(desk, self.sight)]
        self._active = 0
        self.title = ElidedLabel("", "title")
        self.film = Film()
        self.film.chosen.connect(self._choose)
        self._buttons: dict[str, QToolButton] = {}
        self.withdrawing = WithdrawLine(desk)
        self.withdrawing.closed.connect(self.setFocus)
        self.state = Stateful(self._middle(), self.source.refresh)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addLayout(self._head())
        box.addWidget(line())
        box.addWidget(self.withdrawing)
        box.addWidget(self.state, 1)
        for number, view in enumerate(self.views):
            view.pressed.connect(partial(self._activate, number))
            view.open_wanted.connect(self.copies.open)
        self.source.changed.connect(self._show)
        self.source.pictures_came.connect(self._show_images)
        self.source.failed.connect(self.state.show_failed)
        self.sight.changed.connect(self._enable)
        self.hide()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        margins(row, 12, 0, 8, 0, 4)
        row.addWidget(self.title, 1)
        for key, symbol, tip, work in (
            ("one", "mdi6.image-outline", self.tr("One picture  (1)"), partial(self.compare, on=False)),
            (
                "two",
                "mdi6.compare-horizontal",
                self.tr("Two pictures side by side  (2)"),
                partial(self.compare, on=True),
            ),
            ("out", "mdi6.magnify-minus-outline", self.tr("Smaller  (−)"), partial(self.zoom, 1 / STEP)),
            ("in", "mdi6.magnify-plus-outline", self.tr("Larger  (+)"), partial(self.zoom, STEP)),
            ("fit", "mdi6.fit-to-page-outline", self.tr("All of it  (0)"), self.sight.reset),
            ("save", "mdi6.content-save-outline", self.tr("Save as …  (Ctrl+S)"), self._save),
            ("open", "mdi6.open-in-app", self.tr("Open with another program  (Ctrl+O)"), self._open),
            ("withdraw", "mdi6.file-undo-outline", self.tr("Withdraw, with a reason  (Delete)"), self._withdraw),
            ("large", "mdi6.arrow-expand-all", self.tr("Whole window, or less again  (Enter)"), self.large_wanted.emit),
            ("close", "mdi6.close", self.tr("Close  (Esc)"), self.closed.emit),
        ):
            self._buttons[key] = button = QToolButton()
            button.setIcon(icon(symbol))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setCheckable(key in {"one", "two"})
            button.clicked.connect(partial(_call, work))
            row.addWidget(button)
        self.title.setFixedHeight(HEADING_HEIGHT - 1)
        return row

    def _middle(self) -> QWidget:
        made = QWidget()
        made.setProperty("surface", "panel")
        side = QHBoxLayout()
        margins(side, 0, 0, 0, 0, 1)
        for view in self.views:
            side.addWidget(view, 1)
        box = QVBoxLayout(made)
        margins(box, 0, 0, 0, 0)
        box.addLayout(side, 1)
        box.addWidget(line())
        box.addWidget(self.film)
        return made

    @property
    def tiles(self) -> list[Tile]:
        """The small pictures of all pieces."""
        return self.film.tiles

    @property
    def buttons(self) -> dict[str, QToolButton]:
        """The buttons of its head by their names."""
        return self._buttons

    @property
    def is_comparing(self) -> bool:
        """Whether two pieces are seen side by side."""
        return not self.views[1].isHidden()

    @property
    def active(self) -> PieceView:
        """The piece that keys and tiles are meant for."""
        return self.views[self._active]

    # What is shown

    def show_case(self, case_id: int | None, wanted: int | None = None) -> None:
        """Show the evidence of a case.

        Args:
            case_id: which; None for none, and nothing is held any more.
            wanted: the piece to begin with; None for what tells most.
        """
        is_same = case_id == self.source.case_id
        self._wanted = wanted
        self._is_begun = False
        if is_same and self.source.found is not None:
            self._show()
        else:
            self.source.follow(case_id)

    def _show(self) -> None:
        found = self.source.found
        self.withdrawing.keep_for(found)
        self.title.setText("" if found is None else self.tr("Evidence of {case}").format(case=found.case_no))
        self.film.show_pieces(found, self.source.images, self._desk.now())
        if found is None:
            for view in self.views:
                view.rest()
            if self.source.case_id is not None:
                self.state.show_loading()
        elif not found.items:
            self.state.show_empty(self.tr("No photos or other evidence yet."), "mdi6.image-off-outline")
        else:
            self.state.show_content()
            if self._is_begun:
                self._tell_again(found)
            else:
                self._begin(found)
        self._enable()

    def _begin(self, found: CaseEvidence) -> None:
        self._is_begun = True
        self.sight.reset()
        items = {item.id: item for item in found.items}
        pair = pair_of(found, items.get(self._wanted or 0))
        self._set_comparing(on=pair is not None)
        if pair is not None:
            for view, item in zip(self.views, pair, strict=True):
                self._put(view, item)
            self._activate(0 if pair[0].id == self._wanted else 1)
        else:
            self._put(self.views[0], items.get(self._wanted or 0) or found.items[0])
            self._activate(0)

    def _tell_again(self, found: CaseEvidence) -> None:
        """The evidence is another: what is looked at stays as it is."""
        items = {item.id: item for item in found.items}
        for view in self.views:
            if view.item is not None:
                self._put(view, items.get(view.item.id))
        self._mark()

    def _put(self, view: PieceView, item: Attachment | None) -> None:
        view.show_item(item, self.source.found, None if item is None else self.source.images.get(item.id))

    def _show_images(self) -> None:
        self.film.show_images(self.source.images)
        for view in self.views:
            if view.item is not None:
                self._put(view, view.item)

    # What is done

    def _choose(self, place: int) -> None:
        """Show the piece of that tile where the keys are."""
        self._put(self.active, self.tiles[place].item)
        self._mark()

    def step(self, pieces: int) -> None:
        """The next piece, or the one before."""
        shown = [tile.item.id for tile in self.tiles]
        if not shown:
            return
        item = self.active.item
        place = shown.index(item.id) + pieces if item is not None and item.id in shown else 0
        self._choose(min(max(place, 0), len(shown) - 1))

    def compare(self, *, on: bool) -> None:
        """Show two pieces side by side, or the one where the keys are alone."""
        found = self.source.found
        if on == self.is_comparing or found is None or not found.items:
            self._enable()
            return
        kept = self.active.item
        if on:
            pair = pair_of(found, None)
            others = [item for item in found.counting if item.kind == "photo" and item != kept]
            if kept is not None and kept.stage == AFTER:
                self._put(self.views[1], kept)
                self._put(self.views[0], pair[0] if pair is not None else next(iter(others), kept))
            else:
                self._put(self.views[1], pair[1] if pair is not None else next(iter(others), kept))
        else:
            self._put(self.views[0], kept)
        self._set_comparing(on=on)
        self._activate(1 if on else 0)

    def zoom(self, factor: float) -> None:
        """Closer or farther, both pictures alike."""
        self.active.pane.zoom(factor)

    def _set_comparing(self, *, on: bool) -> None:
        self.views[1].setVisible(on)
        if not on:
            self.views[1].rest()

    def _activate(self, number: int) -> None:
        self._active = number if self.is_comparing else 0
        self._mark()
        self.setFocus()

    def _mark(self) -> None:
        for number, view in enumerate(self.views):
            view.mark(active=self.is_comparing and number == self._active)
        shown = {view.item.id for view in self.views if view.item is not None}
        self.film.mark(shown, None if self.active.item is None else self.active.item.id)
        self._enable()

    def _enable(self) -> None:
        item = self.active.item if self.source.found is not None else None
        for key, can in (
            ("one", item is not None),
            ("two", item is not None),
            ("in", item is not None and item.is_picture),
            ("out", self.sight.zoom > 1.0),
            ("fit", self.sight.zoom > 1.0),
            ("save", item is not None),
            ("open", item is not None),
            ("withdraw", self.withdrawing.may_ask(item, self.source.found)),
        ):
            self._buttons[key].setEnabled(can)
        self._buttons["two"].setChecked(self.is_comparing)
        self._buttons["one"].setChecked(not self.is_comparing)

    def _save(self) -> None:
        if self.active.item is not None and self.source.found is not None:
            self.copies.ask(self.active.item, self.source.found.case_no)

    def _open(self) -> None:
        if self.active.item is not None:
            self.copies.open(self.active.item)

    def _withdraw(self) -> None:
        item = self.active.item
        if item is not None and self.withdrawing.may_ask(item, self.source.found):
            self.withdrawing.ask(item)

    # Qt

    def sizeHint(self) -> QSize:
        """Whoever places it gives it its size."""
        return QSize(800, 600)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what has become due while nobody saw it."""
        super().showEvent(event)
        self.source.catch_up()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        super().hideEvent(event)
        if not self.isVisible():
            for view in self.views:
                if view.player is not None and view.player.is_playing:
                    view.player.toggle()

    def focusNextPrevChild(self, _forward: bool) -> bool:
        """Tab goes to the other picture."""
        if self.is_comparing:
            self._activate(1 - self._active)
        return True

    def event(self, event: QEvent) -> bool:
        """The keys of the viewer come before those of the window."""
        return keeps_key(event, self._handler) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All that its buttons do, and the queue besides."""
        handler = self._handler(event)
        if handler is None:
            super().keyPressEvent(event)
        else:
            handler()

    def _handler(self, event: QKeyEvent) -> Callable[[], object] | None:
        key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == Qt.KeyboardModifier.ControlModifier:
            return {Qt.Key.Key_S: self._save, Qt.Key.Key_O: self._open}.get(key)
        pane = self.active.pane
        if held == Qt.KeyboardModifier.ShiftModifier and key in ARROWS:
            right, down = ARROWS[key]
            return partial(pane.move_by, -right * STEP_PX, -down * STEP_PX)
        if held not in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier}:
            return None
        steps: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Left: partial(self.step, -1),
            Qt.Key.Key_Right: partial(self.step, 1),
            Qt.Key.Key_Home: partial(self.step, -len(self.tiles)),
            Qt.Key.Key_End: partial(self.step, len(self.tiles)),
            Qt.Key.Key_Plus: partial(self.zoom, STEP),
            Qt.Key.Key_Equal: partial(self.zoom, STEP),
            Qt.Key.Key_Minus: partial(self.zoom, 1 / STEP),
            Qt.Key.Key_0: self.sight.reset,
            Qt.Key.Key_1: partial(self.compare, on=False),
            Qt.Key.Key_2: partial(self.compare, on=True),
            Qt.Key.Key_Space: self.active.toggle,
            Qt.Key.Key_Delete: self._withdraw,
            Qt.Key.Key_Return: self.large_wanted.emit,
            Qt.Key.Key_Enter: self.large_wanted.emit,
            Qt.Key.Key_Escape: self.closed.emit,
            Qt.Key.Key_J: partial(self.case_wanted.emit, 1),
            Qt.Key.Key_K: partial(self.case_wanted.emit, -1),
        }
        return steps.get(key)


ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def _call(work: Callable[[], object], *_: object) -> None:
    work()
