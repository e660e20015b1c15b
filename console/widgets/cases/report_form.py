"""The form of a report: what, where, who called, with which photos; what was reported here already stands below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.models.cases.duplicates import duplicates_at
from console.models.cases.reporting import Report
from console.widgets.cases.duplicate_list import DuplicateList
from console.widgets.cases.move_fields import HIT, Fields, Hit, Picker
from console.widgets.cases.place_field import PlaceField
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.evidence.dropping import Dropping
from console.widgets.shared.evidence.source import ReportSource
from console.widgets.shared.evidence.tray import Tray
from console.widgets.shared.panel import ENTER, ESC_AND_ENTER, keeps_key, label, margins, surface
from console.widgets.shared.style import Look, font
from console.widgets.shared.words import LEVEL, SOURCE, STATE, word

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent
    from sqlalchemy import Connection

    from console.models.cases.duplicates import Duplicate, Duplicates
    from console.models.cases.filing import Class
    from console.models.cases.reporting import Reported
    from console.widgets.cases.move_choices import MoveChoices
    from console.widgets.shared.desk import Desk


@dataclass(frozen=True)
class Prefill:
    """What a report begins with that something else brings to the desk.

    Attributes:
        key: tells what brings it from everything else.
        title: what brings it, as the form says it.
        description: what is wrong.
        place: metres, EPSG:4546; None when it has none.
        class_code: of the event that it seems to be; empty when nobody knows.
        hand_in: how the report is handed in.
    """

    key: str
    title: str
    description: str
    place: tuple[float, float] | None
    class_code: str
    hand_in: Callable[[Connection, Report], Reported]


@dataclass(frozen=True)
class Written:
    """A report that is half written, as it outlives the window.

    Attributes:
        filled: what it began with.
        number: under which its files wait.
        words: what was typed, by field.
        place: metres, EPSG:4546.
        component_code: of the component that it is about.
        source, level: codes.
        calls_back: whether the caller wants to be called back.
        is_open: whether the form stands open.
    """

    filled: Prefill | None
    number: int
    words: dict[str, str]
    place: tuple[float, float] | None
    component_code: str | None
    source: str
    level: str
    calls_back: bool
    is_open: bool


CALLED = frozenset({"hotline_12345", "citizen", "media"})
"""Sources behind which somebody may want to be called back."""


class ReportForm(QFrame):
    """One report; Enter sends it, Esc puts it aside.

    Args:
        desk: map, database and language.
        choices: the classes to choose from.
        sources: who may have brought it, the usual one first.
        filled: what it begins with; None for an empty one.
        written: what was written of it in another window.
    """

    wanted = Signal()
    given_up = Signal()

    def __init__(
        self,
        desk: Desk,
        choices: MoveChoices,
        sources: tuple[str, ...],
        filled: Prefill | None = None,
        written: Written | None = None,
    ) -> None:
        super().__init__()
        self.filled = filled
        self.setProperty("surface", "raised")
        self._desk, self._choices = desk, choices
        self._sent: Report | None = None
        self.source = QComboBox()
        for code in sources:
            self.source.addItem(word(SOURCE, code), code)
        self.source.setAccessibleName(self.tr("Source"))
        self.source.currentIndexChanged.connect(self._on_source)
        self.description = QLineEdit(placeholderText=self.tr("What is wrong"))
        self.description.setAccessibleName(self.tr("What is wrong"))
        self.description.textChanged.connect(self._forget_problem)
        self.class_ = Picker(self.tr("Class: code, name or initials (optional)"), self._find_classes)
        self.class_.chosen.connect(self._on_class)
        self.place = PlaceField(desk)
        self.place.changed.connect(self._look_for_duplicates)
        self.place.changed.connect(self._forget_problem)
        self.level = QComboBox()
        for code in LEVEL:
            self.level.addItem(word(LEVEL, code), code)
        self.level.setCurrentIndex(self.level.findData("normal"))
        self.level.setAccessibleName(self.tr("Level"))
        self.caller = QLineEdit(placeholderText=self.tr("Name of the caller"))
        self.phone = QLineEdit(placeholderText=self.tr("Phone of the caller"))
        self.call_back = QCheckBox(self.tr("Wants to be called back"))
        self.known_title = label("", "medium", wraps=True)
        self.known = DuplicateList(self.tr("Cases that this report may repeat"), desk)
        self.known.itemClicked.connect(self._on_known)
        self.evidence = ReportSource(desk, self, None if written is None else written.number)
        self.tray = Tray(desk, self.evidence, sends=False, goes_with=self)
        self.place.changed.connect(lambda: desk.unsent.place_report(self.evidence.case_id, self.place.place))
        Dropping(self, lambda: self.tray)
        self.problem = label("", "critical", wraps=True, selectable=True)
        self.send = QPushButton(self.tr("Report  Enter"))
        self.send.setDefault(True)
        self.send.setFont(font(Look.current().text_px, semibold=True))  # as the default one is lettered
        self.send.clicked.connect(self.wanted)
        self._lay_out()
        for widget in (self.known_title, self.known, self.problem):
            widget.hide()
        self._on_source()
        if filled is not None:
            self._fill(filled)
        if written is not None:
            self._go_on_from(written)

    def written(self) -> Written:
        """What was written so far."""
        return Written(
            filled=self.filled,
            number=self.evidence.case_id,
            words={name: line.text() for name, line in self._lines.items()},
            place=self.place.place,
            component_code=self.place.component_code,
            source=str(self.source.currentData()),
            level=str(self.level.currentData()),
            calls_back=self.call_back.isChecked(),
            is_open=not self.isHidden(),
        )

    def _go_on_from(self, written: Written) -> None:
        for name, words in written.words.items():
            self._lines[name].setText(words)
        self.source.setCurrentIndex(max(0, self.source.findData(written.source)))
        self.level.setCurrentIndex(max(0, self.level.findData(written.level)))
        self.call_back.setChecked(written.calls_back)
        self.place.resume(written.place, written.component_code)

    @property
    def _lines(self) -> dict[str, QLineEdit]:
        return {
            "description": self.description,
            "class": self.class_.text,
            "address": self.place.address,
            "caller": self.caller,
            "phone": self.phone,
        }

    def _fill(self, filled: Prefill) -> None:
        """Begin with what an alarm knows, which is its own source."""
        self.source.clear()
        self.source.addItem(word(SOURCE, "sensor"), "sensor")
        self.description.setText(filled.description)
        standard = self._choices.standard
        if standard is not None and filled.class_code:
            meant = next(
                (
                    c
                    for c in standard.find_classes(filled.class_code)
                    if (c.kind, c.code) == ("event", filled.class_code)
                ),
                None,
            )
            if meant is not None:
                self.class_.text.setText(meant.code)
                self.class_.choose(meant)
        if filled.place is not None:
            self.place.point_at(filled.place)

    def _lay_out(self) -> None:
        fields = QVBoxLayout()
        margins(fields, 12, 4, 12, 4, 6)
        self._caller = QWidget()
        called = QHBoxLayout(self._caller)
        margins(called, 0, 0, 0, 0, 6)
        called.addWidget(self.caller)
        called.addWidget(self.phone)
        kind = QHBoxLayout()
        margins(kind, 0, 0, 0, 0, 6)
        kind.addWidget(self.source, 1)
        kind.addWidget(self.level)
        fields.addWidget(self.description)
        fields.addWidget(self.place)
        fields.addWidget(self.class_)
        fields.addLayout(kind)
        for widget in (self._caller, self.call_back, self.known_title, self.known, self.tray):
            fields.addWidget(widget)
        cancel = QPushButton(self.tr("Put aside  Esc"))
        cancel.clicked.connect(self.given_up)
        buttons = QHBoxLayout()
        margins(buttons, 12, 4, 12, 10, 6)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.send)
        said = QVBoxLayout()
        margins(said, 12, 0, 12, 0)
        said.addWidget(self.problem)
        head = QVBoxLayout()
        margins(head, 12, 8, 12, 2)
        head.addWidget(label(self.tr("Report a case"), "title"))
        if self.filled is not None:
            head.addWidget(label(self.filled.title, "secondary", wraps=True))
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addLayout(head)
        box.addWidget(Fields(surface("raised", fields)))
        box.addLayout(said)
        box.addLayout(buttons)

    def open(self) -> None:
        """Take the keyboard."""
        self.show()
        self.description.setFocus()

    def report(self) -> Report | None:
        """What is filled in; None, and a word why, when it cannot be sent."""
        words, place = self.description.text().strip(), self.place.arguments()
        if not words:
            self.fail(self.tr("Say what is wrong."))
            self.description.setFocus()
            return None
        if "x" not in place:
            self.fail(self.tr("Say where it is: type an address and choose it, or pick the place on the map."))
            self.place.setFocus()
            return None
        chosen, is_called = self.class_.choice, self._is_called
        asked = Report(
            source=str(self.source.currentData()),
            description=words,
            class_id=None if chosen is None else chosen.id,
            level=str(self.level.currentData()),
            caller_name=(self.caller.text().strip() or None) if is_called else None,
            caller_phone=(self.phone.text().strip() or None) if is_called else None,
            wants_call_back=is_called and self.call_back.isChecked(),
            **place,
        )
        # What is sent again unchanged, because the answer was lost, is the same report.
        if self._sent is not None and vars(self._sent) | {"request_id": None} == vars(asked) | {"request_id": None}:
            return self._sent
        self._sent = asked
        return asked

    def fail(self, reason: str) -> None:
        """Say why it was not taken in; what was typed stays."""
        self.show_sending(sending=False)
        self.problem.setText(reason)
        self.problem.show()

    def show_sending(self, *, sending: bool) -> None:
        """It is on its way, or back."""
        self.send.setEnabled(not sending)
        self._forget_problem()

    def _forget_problem(self) -> None:
        """What was said of the report as it was says nothing of it as it is now."""
        self.problem.hide()

    def event(self, event: QEvent) -> bool:
        """Esc and Enter belong to the form while it has the keyboard."""
        return keeps_key(event, lambda pressed: pressed.key() in ESC_AND_ENTER) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends it, Esc puts it aside."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        elif event.key() in ENTER:
            if self.send.isEnabled():
                self.wanted.emit()
        else:
            super().keyPressEvent(event)

    @property
    def _is_called(self) -> bool:
        return str(self.source.currentData()) in CALLED

    def _on_source(self) -> None:
        self._caller.setVisible(self._is_called)
        self.call_back.setVisible(self._is_called)

    def _find_classes(self, typed: str) -> list[Hit[Class]]:
        standard, name = self._choices.standard, self._desk.name
        if standard is None or not typed.strip():
            return []
        return [
            Hit(f"{one.code} {name(one.name, one.name_en)}", name(one.category, one.category_en), one)
            for one in standard.find_classes(typed)
        ]

    def _on_class(self, chosen: Class | None) -> None:
        self.place.set_class(None if chosen is None else chosen.id)
        self._look_for_duplicates()

    def _look_for_duplicates(self) -> None:
        place, chosen, at = self.place.place, self.class_.choice, self._desk.now()
        if place is None:
            self._show_known(None)
            return
        class_id = None if chosen is None else chosen.id

        def read(connection: Connection) -> Duplicates:
            return duplicates_at(connection, class_id, *place, at)

        self._desk.operations.read(self, read, self._show_known, lambda _error: None, key="duplicates")

    def _show_known(self, known: Duplicates | None) -> None:
        found = () if known is None else known.found
        if known is not None:
            words = self.tr("Perhaps reported already: within {radius} and {hours} h")
            words = words.format(radius=figures.distance(known.radius_m), hours=f"{known.hours:g}")
            self.known_title.setText(words)
        self.known.show_hits([self._hit(one) for one in found], -1)
        self.known_title.setVisible(bool(found))
        self.known.setVisible(bool(found))

    def _hit(self, one: Duplicate) -> Hit[Duplicate]:
        name = self._desk.name(one.class_name, one.class_name_en) or one.description
        title = f"{figures.distance(one.distance_m)} · {figures.age(abs(one.apart))} · {name}"
        return Hit(title, f"{word(STATE, one.state)} · {one.address or one.description}", one)

    def _on_known(self, item: QListWidgetItem) -> None:
        self._desk.selection.select(Thing("case", str(item.data(HIT).found.id)))
