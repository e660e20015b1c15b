"""One field of a form, by what it holds: text, number, day, time, choice, reference, yes or no."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from console.models.configuration.subjects import FieldKind
from console.widgets.cases.move_fields import Hit, HitList
from console.widgets.configuration.words import choice_word, name_of, plain, say
from console.widgets.shared.matching import score
from console.widgets.shared.panel import ENTER, margins

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QWheelEvent

    from console.models.configuration.references import Reference
    from console.models.configuration.subjects import Field, Subject
    from console.widgets.configuration.words import Keeper

MOST_LINES = 5
MOST_HITS = 30


class FieldEdit(QWidget):
    """A field that is edited.

    What was typed and cannot be read is its value as it was typed, so that nothing is lost and the fault can be told.
    """

    edited = Signal(object)
    """Its new value, changed by hand."""

    def __init__(self, inside: QWidget, name: str) -> None:
        super().__init__()
        self._inside = inside
        self.setFocusProxy(inside)
        inside.setAccessibleName(name)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 2)
        box.addWidget(inside)

    @property
    def value(self) -> Any:
        """What it holds now."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Show a value; says nothing when it is shown already, so that no cursor moves."""
        if value != self.value:
            self._inside.blockSignals(True)
            self._put(value)
            self._inside.blockSignals(False)

    def _put(self, value: Any) -> None:
        raise NotImplementedError


class LineField(FieldEdit):
    """A short text, a number, a day or a time, as it is typed."""

    def __init__(self, field: Field, name: str) -> None:
        self._line = _Line()
        super().__init__(self._line, name)
        self._read = _READERS.get(field.kind, _as_text)
        self._empty = "" if field.kind is FieldKind.TEXT and field.default == "" else None
        self._line.setPlaceholderText({FieldKind.DATE: "2026-07-01", FieldKind.TIME: "08:30"}.get(field.kind, ""))
        self._line.textChanged.connect(lambda _text: self.edited.emit(self.value))

    @property
    def value(self) -> Any:
        """What was typed, as what it stands for."""
        text = self._line.text().strip()
        return self._read(text) if text else self._empty

    def _put(self, value: Any) -> None:
        self._line.setText("" if value is None else f"{value:.12g}" if isinstance(value, float) else plain(value))


class WordsField(FieldEdit):
    """Whole sentences; as high as they need."""

    def __init__(self, field: Field, name: str) -> None:
        self._words = _Words()
        super().__init__(self._words, name)
        self._empty = "" if field.default == "" else None
        self._words.textChanged.connect(lambda: self.edited.emit(self.value))

    @property
    def value(self) -> Any:
        """What was written, without blanks around it."""
        return " ".join(self._words.toPlainText().split()) or self._empty

    def _put(self, value: Any) -> None:
        self._words.setPlainText(value or "")
        self._words.fit()


class ChoiceField(FieldEdit):
    """One of a few codes, shown as words."""

    def __init__(self, subject: Subject, field: Field, name: str) -> None:
        self._box = _QuietBox()
        super().__init__(self._box, name)
        if not field.required:
            self._box.addItem(say(subject, field, None, {}, "") or "—", None)
        for code in field.choices:
            self._box.addItem(choice_word(subject.table, field.name, code), code)
        self._box.currentIndexChanged.connect(lambda _at: self.edited.emit(self.value))

    @property
    def value(self) -> Any:
        """The code."""
        return self._box.currentData()

    def _put(self, value: Any) -> None:
        self._box.setCurrentIndex(self._box.findData(value))


class FlagField(FieldEdit):
    """Yes or no."""

    def __init__(self, field: Field, name: str) -> None:
        del field
        self._check = QCheckBox(name)
        super().__init__(self._check, name)
        self._check.toggled.connect(lambda _on: self.edited.emit(self.value))

    @property
    def value(self) -> Any:
        """Whether it is checked."""
        return self._check.isChecked()

    def _put(self, value: Any) -> None:
        self._check.setChecked(bool(value))


class ReferenceField(FieldEdit):
    """Something that has a name, found by typing code, name or initials; arrow keys choose, Enter takes it."""

    def __init__(self, field: Field, name: str, register: Keeper) -> None:
        self._line = _SearchLine()
        super().__init__(self._line, name)
        self._refers_to, self._register = field.refers_to, register
        self._value: Any = None
        self.list = HitList(name)
        self.list.setMinimumWidth(80)
        self.list.hide()
        box = self.layout()
        if box is not None:
            box.addWidget(self.list)
        self._line.setPlaceholderText(self.tr("Code, name or initials"))
        self._line.setClearButtonEnabled(True)
        self._line.textEdited.connect(self._search)
        self._line.textChanged.connect(self._on_text)
        self._line.moved.connect(self.list.step)
        self._line.taken.connect(self._take)
        self.list.itemClicked.connect(lambda _item: self._take())

    @property
    def value(self) -> Any:
        """Its id; what was typed and fits nothing as it is."""
        return self._value

    def _put(self, value: Any) -> None:
        self._value = value
        found = self._known.get(value) if isinstance(value, int) else None
        self._line.setText(name_of(found, self._register.language) if found else "" if value is None else str(value))
        self.list.hide()

    @property
    def _known(self) -> dict[int, Reference]:
        return self._register.references.get(self._refers_to, {})

    def _search(self, typed: str) -> None:
        language = self._register.language
        hits = [
            (fit, Hit(name_of(one, language), one.detail, one))
            for one in self._known.values()
            if one.in_use and (fit := max(_fits(typed, one), default=None)) is not None
        ]
        hits.sort(key=lambda pair: pair[0], reverse=True)
        self.list.show_hits([hit for _, hit in hits[:MOST_HITS]])
        self.list.setVisible(bool(hits) and bool(typed.strip()))
        self._line.has_hits = self.list.isVisibleTo(self)
        self._set(typed.strip() or None)

    def _on_text(self, text: str) -> None:
        if not text:  # the clear button is no typing
            self.list.hide()
            self._line.has_hits = False
            self._set(None)

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is not None and self._line.has_hits:
            self._line.has_hits = False
            chosen: Reference = item.data(Qt.ItemDataRole.UserRole).found
            self._line.blockSignals(True)
            self._put(chosen.id)
            self._line.blockSignals(False)
            self.edited.emit(self._value)

    def _set(self, value: Any) -> None:
        if value != self._value:
            self._value = value
            self.edited.emit(value)


def field_edit(subject: Subject, field: Field, name: str, register: Keeper) -> FieldEdit:
    """The widget for a field."""
    if field.kind is FieldKind.CHOICE:
        return ChoiceField(subject, field, name)
    if field.kind is FieldKind.REFERENCE:
        return ReferenceField(field, name, register)
    plain_kinds: dict[bool, Callable[[Field, str], FieldEdit]] = {True: WordsField, False: LineField}
    return FlagField(field, name) if field.kind is FieldKind.FLAG else plain_kinds[field.long](field, name)


def _fits(typed: str, one: Reference) -> list[float]:
    said = (one.code, one.name, one.name_en, one.detail)
    return [fit for words in said if words and (fit := score(typed, words)) is not None]


def _as_text(text: str) -> Any:
    return text


def _as_number(text: str) -> Any:
    plain_text = text.replace("，", ".").replace(",", ".")
    try:
        return int(plain_text)
    except ValueError:
        pass
    try:
        return float(plain_text)
    except ValueError:
        return text


def read_day(text: str) -> Any:
    """A day as it is typed: 2026-07-01, 2026/7/1, 20260701; the text itself when it is none."""
    parts = text.replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 1 and len(text) == 8 and text.isdigit():
        parts = [text[:4], text[4:6], text[6:]]
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return text


def _as_time(text: str) -> Any:
    parts = text.replace("：", ":").replace(".", ":").split(":")
    try:
        hours, minutes = (int(part) for part in parts) if len(parts) == 2 else (int(text), 0)
        return time(hours, minutes)
    except ValueError:
        return text


_READERS: dict[FieldKind, Callable[[str], Any]] = {
    FieldKind.NUMBER: _as_number,
    FieldKind.DATE: read_day,
    FieldKind.TIME: _as_time,
}


class _QuietBox(QComboBox):
    """A choice that no turn of the wheel changes by accident."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The form scrolls instead."""
        event.ignore()


class _Words(QPlainTextEdit):
    """Grows with its text; Enter and Tab go on to the next field."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.textChanged.connect(self.fit)

    def fit(self) -> None:
        """Be as high as the text, up to a few lines."""
        lines = max(1, min(MOST_LINES, int(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:
        """One line, until it is shown."""
        return QSize(120, self.fontMetrics().lineSpacing() + 20)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Sentences of the configuration are one line each."""
        if event.key() in ENTER:
            self.focusNextChild()
        else:
            super().keyPressEvent(event)


class _Line(QLineEdit):
    """Enter goes on to the next field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Tab does."""
        if event.key() in ENTER:
            self.focusNextChild()
        else:
            super().keyPressEvent(event)


class _SearchLine(_Line):
    """Gives the keys of the list below it to that list, as long as it is shown."""

    moved = Signal(int)
    taken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.has_hits = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose, Enter takes what is marked and goes on."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if self.has_hits and event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going on takes what is marked."""
        super().focusOutEvent(event)
        self.taken.emit()
