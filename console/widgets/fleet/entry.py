"""One permit, area or site in full, where else the details are: its form, its shape, and what can be done with it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.models.configuration.subjects import FieldKind
from console.widgets.configuration.form import EntryForm
from console.widgets.configuration.words import field_word
from console.widgets.fleet.book import PERMITS, Kind
from console.widgets.fleet.shapes import ShapeField, show_shape
from console.widgets.shared import figures
from console.widgets.shared.panel import label, line, margins, scrolled, surface

if TYPE_CHECKING:
    from console.models.configuration.subjects import Field
    from console.widgets.configuration.fields import FieldEdit
    from console.widgets.fleet.book import Book
    from console.widgets.shared.desk import Desk

BESIDE = (("valid_from", "valid_to"), ("hours_from", "hours_to"))
"""Fields that stand side by side."""
ASKED_MS = 4_000
"""So long a button that takes something away waits for the second press."""


class RowForm(EntryForm):
    """The form of one row; its shape is drawn on the map.

    Args:
        desk: the map.
        book: rows and drafts.
        kind: what is edited.
        key: of the row in its draft.
        fixed: whether it is only read, also by whoever may edit others.
    """

    def __init__(self, desk: Desk, book: Book, kind: Kind, key: str, *, fixed: bool) -> None:
        self._canvas = desk.canvas
        self._kind = kind
        self._may_write = book.may_edit and not fixed
        self.shape: ShapeField | None = None
        super().__init__(kind, key, book)
        box = self.layout()
        for first, second in BESIDE:
            if isinstance(box, QVBoxLayout) and first in self.rows and second in self.rows:
                place = box.indexOf(self.rows[first])
                beside = QHBoxLayout()
                margins(beside, 0, 0, 0, 0, 8)
                for row in (self.rows[first], self.rows[second]):
                    box.removeWidget(row)
                    beside.addWidget(row, 1, Qt.AlignmentFlag.AlignTop)
                box.insertLayout(place, beside)

    def make_edit(self, field: Field, name: str) -> FieldEdit:
        """A shape is drawn."""
        if field.kind is not FieldKind.SHAPE:
            return super().make_edit(field, name)
        self.shape = ShapeField(self._kind, self._canvas, name)
        return self.shape

    def _may_edit(self, field: Field) -> bool:
        return self._may_write and super()._may_edit(field)


class EntryPanel(QWidget):
    """Shows one row of the book and saves it."""

    closed = Signal()
    """It is not looked at any more; what was typed stays a draft."""
    saved = Signal(str)
    """Key of the row that is stored now."""
    made = Signal(str)
    """Key of a new row that was begun from this one."""
    told = Signal(str, str)
    """Title and remark of what is shown."""
    shape_changed = Signal()
    """The row that is shown has another shape, or it is another row."""

    def __init__(self, desk: Desk, book: Book) -> None:
        super().__init__()
        self._desk, self._book = desk, book
        self.kind: Kind | None = None
        self.key: str | None = None
        self.form: RowForm | None = None
        self._shape: object = None
        self._is_saving = False
        self.remark = label("", "secondary", wraps=True, selectable=True)
        self.meanwhile = label("", "high", wraps=True, selectable=True)
        said = QVBoxLayout()
        margins(said, 10, 8, 10, 8)
        self.problem = label("", "critical", wraps=True, selectable=True)
        said.addWidget(self.problem)
        self.trouble = surface("critical", said)
        self.reason = QLineEdit(placeholderText=self.tr("Why is it revoked?"))
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.returnPressed.connect(self.take_away)
        self.save = QPushButton(self.tr("Save  Ctrl+S"))
        self.save.setDefault(True)
        self.save.clicked.connect(self.store)
        self.discard = QPushButton(self.tr("Discard"))
        self.discard.clicked.connect(self._discard)
        self.copy = QPushButton(self.tr("Copy"))
        self.copy.clicked.connect(self.twin)
        self.renew = QPushButton(self.tr("Renew"))
        self.renew.setToolTip(self.tr("A new permit like this one, from the day after it ends, for as many days"))
        self.renew.clicked.connect(self.prolong)
        self.away = QPushButton()
        self.away.clicked.connect(self.take_away)
        self._asked = QTimer(self, singleShot=True, interval=ASKED_MS)
        self._asked.timeout.connect(self._refresh)
        self._place = QVBoxLayout()
        self._below = QVBoxLayout()
        self._lay_out()
        book.changed.connect(self._on_changed)

    def _lay_out(self) -> None:
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 10)
        box.addWidget(self.remark)
        box.addWidget(self.meanwhile)
        box.addLayout(self._place)
        box.addLayout(self._below)
        box.addStretch(1)
        self._scroll = scroll = scrolled(inside)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, widgets in ((first, (self.save, self.discard)), (second, (self.copy, self.renew, self.away))):
            margins(row, 0, 0, 0, 0, 6)
            for widget in widgets:
                row.addWidget(widget, 1)
        bottom = QVBoxLayout()
        margins(bottom, 14, 8, 14, 12, 6)
        bottom.addWidget(self.trouble)
        bottom.addLayout(first)
        bottom.addWidget(self.reason)
        bottom.addLayout(second)
        whole = QVBoxLayout(self)
        margins(whole, 0, 0, 0, 0)
        whole.addWidget(scroll, 1)
        whole.addWidget(line())
        whole.addLayout(bottom)

    def add_below(self, widget: QWidget) -> None:
        """Put something that belongs to the row below its form."""
        self._below.addWidget(widget)

    # What is shown

    def open(self, kind: Kind, key: str) -> None:
        """Show a row; the one before keeps what was typed."""
        if (kind, key) != (self.kind, self.key):
            self._end_drawing()
            self._say("")
        self.kind, self.key = kind, key
        self.reason.hide()
        self._make_form()
        self._refresh()

    def close_entry(self) -> None:
        """Show nothing; what was typed stays."""
        if self.kind is None:
            return
        self._end_drawing()
        self.kind = self.key = None
        self._drop_form()
        show_shape(self._desk.canvas, None)
        self._shape = None
        self.closed.emit()

    @property
    def values(self) -> dict[str, object]:
        """What the row holds now, with what was typed."""
        if self.kind is None or self.key is None:
            return {}
        return dict(self._book.drafts[self.kind.key].values(self.key))

    def set_value(self, name: str, value: object) -> None:
        """Change a field from outside its form."""
        if self.form is not None:
            self.form.change(self.form.topic.subject.by_name[name], value)

    @property
    def may_edit(self) -> bool:
        """Whether what is shown can be changed by this person."""
        return self._book.may_edit and not self.values.get("revoked_at")

    # What is done

    def store(self) -> None:
        """Save the row, unless something is wrong with it or to be decided."""
        kind, key = self.kind, self.key
        if kind is None or key is None or self._is_saving or not self.may_edit:
            return
        if self.form is not None and self.form.shape is not None and self.form.shape.is_drawing:
            self.form.shape.draw()  # what is drawn is meant; with a flaw the drawing goes on and says why
            if self.form.shape.is_drawing:
                return
        draft = self._book.drafts[kind.key]
        if not draft.is_changed_row(key):
            return
        if draft.flaws(key) or draft.conflicts(key):
            self._say(self.tr("Not saved yet: mend what is marked above, or decide it."))
            return
        self._is_saving = True
        self._refresh()
        self._book.save(kind, key, lambda number: self._stored(kind, key, number), self._refused)

    def twin(self) -> None:
        """A new row like this one."""
        if self.kind is not None and self.key is not None and self._book.may_edit:
            self._begin(self._book.drafts[self.kind.key].twin(self.key))

    def prolong(self) -> None:
        """A new permit that goes on where this one ends."""
        first, last = self.values.get("valid_from"), self.values.get("valid_to")
        if self.kind is not PERMITS or self.key is None or not isinstance(first, date) or not isinstance(last, date):
            return
        today = self._desk.now().astimezone(figures.CITY_TIME).date()
        begin = today if self.values.get("revoked_at") else max(last + timedelta(days=1), today)
        draft = self._book.drafts[self.kind.key]
        key = draft.twin(self.key)
        draft.set(key, "valid_from", begin)
        draft.set(key, "valid_to", begin + (last - first))
        self._begin(key)

    def take_away(self) -> None:
        """Revoke a permit, for a reason; take an area or a site away when asked twice."""
        kind, key = self.kind, self.key
        if kind is None or key is None or not self.may_edit or self._book.drafts[kind.key].is_added(key):
            return
        if kind is PERMITS and not (self.reason.isVisible() and self.reason.text().strip()):
            self.reason.show()
            self.reason.setFocus()
        elif kind is PERMITS:
            self._book.end(kind, key, self.reason.text(), self._revoked, self._refused)
        elif not self._asked.isActive():
            self._asked.start()
            self.away.setText(self.tr("Press again: it goes"))
        else:
            self._asked.stop()
            self._book.end(kind, key, "", self.close_entry, self._refused)

    def _begin(self, key: str) -> None:
        if self.kind is not None:
            self._book.touched(self.kind, key)
            self.made.emit(key)

    def _discard(self) -> None:
        if self.kind is None or self.key is None:
            return
        is_new = self._book.drafts[self.kind.key].is_added(self.key)
        kind, key = self.kind, self.key
        self._end_drawing()
        self._say("")
        if is_new:
            self.close_entry()
        self._book.discard(kind, key)

    def _revoked(self) -> None:
        self.reason.clear()
        if self.kind is not None and self.key is not None:
            self.open(self.kind, self.key)

    def _stored(self, kind: Kind, key: str, number: str) -> None:
        self._is_saving = False
        if (self.kind, self.key) == (kind, key):
            self._say("")
            self.saved.emit(number)

    def _refused(self, error: Exception) -> None:
        self._is_saving = False
        self._say(self._desk.notices.words_for(error))
        self._refresh()

    # Inside

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.trouble.setVisible(bool(words))

    def _end_drawing(self) -> None:
        """What is being drawn goes into the draft."""
        if self.form is not None and self.form.shape is not None and self.form.shape.is_drawing:
            self._desk.canvas.set_tool("navigate")

    def _make_form(self) -> None:
        kind, key = self.kind, self.key
        if kind is None or key is None:
            return
        self._drop_form()
        self.form = RowForm(self._desk, self._book, kind, key, fixed=not self.may_edit)
        self.form.edited.connect(lambda: self._book.touched(kind, key))
        self._place.addWidget(self.form)

    def _drop_form(self) -> None:
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None

    def _on_changed(self, kind_key: str) -> None:
        if self.kind is None or self.key is None or kind_key != self.kind.key:
            return
        draft = self._book.drafts[kind_key]
        if self.key not in draft.keys:
            # Taken away elsewhere; what was typed has become a new row.
            self.close_entry()
            return
        names = [field.name for field in self.kind.subject.fields_of(draft.values(self.key))]
        has_other_fields = self.form is not None and list(self.form.rows) != names
        may_write = self.form is not None and any(row.edit is not None for row in self.form.rows.values())
        if has_other_fields or may_write != self.may_edit:
            self._make_form()
        self._refresh()

    def _refresh(self) -> None:
        kind, key = self.kind, self.key
        if kind is None or key is None or self.form is None:
            return
        draft = self._book.drafts[kind.key]
        if key not in draft.keys:
            return
        values, is_new, is_changed = draft.values(key), draft.is_added(key), draft.is_changed_row(key)
        self.form.refresh()
        translate = QCoreApplication.translate
        title = values.get("permit_no") or values.get("name") or translate("words", kind.new)
        self.told.emit(str(title), translate("words", kind.title))
        self._tell_changes(kind, key)
        self.save.setEnabled(is_changed and not self._is_saving)
        self.discard.setEnabled(is_changed and not self._is_saving)
        for button in (self.save, self.discard):
            button.setVisible(self.may_edit)
        self.copy.setVisible(self._book.may_edit)
        self.renew.setVisible(self._book.may_edit and kind is PERMITS and not is_new)
        self.away.setVisible(self.may_edit and not is_new)
        self.away.setText(self.tr("Revoke …") if kind is PERMITS else self.tr("Take away"))
        self.trouble.setVisible(bool(self.problem.text()))
        is_drawing = self.form.shape is not None and self.form.shape.is_drawing
        if values.get("shape") != self._shape and not is_drawing:
            self._shape = values.get("shape")
            show_shape(self._desk.canvas, self._shape)
            self.shape_changed.emit()

    def _tell_changes(self, kind: Kind, key: str) -> None:
        """Who changed it last; what somebody else has changed since one began."""
        draft, name = self._book.drafts[kind.key], self._desk.name
        values = draft.values(key)
        words = []
        if values.get("revoked_at"):
            words.append(
                self.tr("Revoked {time}: {reason}").format(
                    time=figures.moment(values["revoked_at"]), reason=values.get("revoked_reason")
                )
            )
        if values.get("changed_at"):
            who = name(values["changed_by"], values["changed_by_en"])
            words.append(self.tr("Changed {time} by {who}").format(time=figures.moment(values["changed_at"]), who=who))
        if draft.is_added(key):
            words.append(self.tr("New: not saved yet"))
        self.remark.setText("\n".join(words))
        self.remark.setVisible(bool(words))
        found = self._book.meanwhile(kind, key)
        told = ""
        if found is not None:
            now, fields = found
            told = self.tr("◆ {who} has saved this meanwhile ({time}): {fields}. What you typed is kept.").format(
                who=name(now.values["changed_by"], now.values["changed_by_en"]),
                time=figures.moment(now.values["changed_at"]),
                fields=", ".join(field_word(field.name) for field in fields) or "—",
            )
        self.meanwhile.setText(told)
        self.meanwhile.setVisible(bool(told))

    def event(self, event: QEvent) -> bool:
        """Esc belongs to the panel before it belongs to the window."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away; what was typed stays."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_entry()
        else:
            super().keyPressEvent(event)
