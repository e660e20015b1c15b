"""Reports are taken in at the desk; what is half written stays until it is handed in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.models.cases.evidence import attach_all
from console.models.cases.reporting import SOURCES_BY_ROLE, Report, report_case
from console.widgets.cases.report_form import ReportForm
from console.widgets.shared.desk import Thing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from console.models.cases.evidence import Parcel
    from console.models.cases.reporting import Reported
    from console.widgets.cases.move_choices import MoveChoices
    from console.widgets.cases.report_form import Prefill, Written
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.evidence.unsent import Waiting


class ReportDesk(QObject):
    """Opens a form for a report, and hands the report in; what is half written stays until it is sent or cleared.

    Args:
        desk: whose post it is.
        choices: the classes to choose from.
        parent: keeps it.
    """

    opened = Signal(QWidget)
    """A form was made: it wants a place in the window."""
    reported = Signal(int)
    """Id of the new case."""

    def __init__(self, desk: Desk, choices: MoveChoices, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._choices = desk, choices
        self._wants_form = False
        self._wanted: Prefill | None = None
        self._aside: dict[str, ReportForm] = {}
        self._kept: tuple[Written, ...] = ()
        self.sources = SOURCES_BY_ROLE.get(desk.person.role, ())
        self.form: ReportForm | None = None
        choices.here.connect(self._on_choices)

    def add_actions(self, group: str) -> None:
        """Register the command, for those who may report."""
        if self.sources:
            self._desk.actions.add(
                "case.report", self.tr("Report a case"), self.begin, group=group, shortcut="Ctrl+N",
                symbol="mdi6.plus"
            )  # fmt: skip

    def begin(self) -> None:
        """Show the form, as it was left."""
        self._begin(None)

    def begin_with(self, filled: Prefill) -> None:
        """Show a form that is filled in, or as it was left; a report of something else that is half written waits."""
        self._begin(filled)

    def keep(self) -> list[Written]:
        """What is half written, the one in front last."""
        return [form.written() for form in (*self._aside.values(), *([] if self.form is None else [self.form]))]

    def resume(self, kept: Sequence[Written]) -> None:
        """Go on with what `keep` gave, once the classes are known."""
        self._kept = tuple(kept)
        if kept and self._choices.standard is None:
            self._choices.want()
        elif kept:
            self._take_up()

    def _take_up(self) -> None:
        kept, self._kept = self._kept, ()
        for one in kept:
            if self.form is not None:
                self._aside[_key(self.form.filled)] = self.form
            self.form = self._made(one.filled, one)
        if self.form is not None and kept[-1].is_open:
            self.form.show()

    def _made(self, filled: Prefill | None, written: Written | None = None) -> ReportForm:
        form = ReportForm(self._desk, self._choices, self.sources, filled, written)
        form.wanted.connect(self._send)
        form.given_up.connect(form.hide)
        form.hide()
        self.opened.emit(form)
        return form

    def _begin(self, filled: Prefill | None) -> None:
        self._wanted = filled
        if self._choices.standard is None:
            self._wants_form = True
            self._choices.want()
            return
        key = _key(filled)
        if self.form is not None and _key(self.form.filled) != key:
            self.form.hide()
            self._aside[_key(self.form.filled)] = self.form
            self.form = self._aside.pop(key, None)
        if self.form is not None:
            self.form.filled = filled
        else:
            self.form = self._made(filled)
        self.form.open()

    def _on_choices(self) -> None:
        if self._kept:
            self._take_up()
        if self._wants_form:
            self._wants_form = False
            self._begin(self._wanted)

    def _send(self) -> None:
        form = self.form
        report = None if form is None else form.report()
        if form is None or report is None:
            return
        if form.tray.is_looking:
            form.fail(self.tr("A file is still being looked at. Send it again in a moment."))
            return
        files = self._desk.unsent.take(form.evidence.case_id)
        hand_in = report_case if form.filled is None else form.filled.hand_in
        form.show_sending(sending=True)
        self._desk.operations.write(
            self,
            partial(_hand_in, hand_in, report, [file.parcel for file in files]),
            partial(self._on_reported, form, files),
            partial(self._on_failed, form, files),
        )

    def _on_failed(self, form: ReportForm, files: Sequence[Waiting], error: Exception) -> None:
        self._desk.unsent.put_back(files)
        form.fail(self._desk.notices.words_for(error))

    def _on_reported(self, form: ReportForm, files: Sequence[Waiting], made: Reported) -> None:
        self._desk.unsent.sent(files)
        self._desk.unsent.forget(form.evidence.case_id)
        # The next report begins empty; it is made when it is asked for.
        if self.form is form:
            self.form = None
        self._aside.pop(_key(form.filled), None)
        form.hide()
        form.deleteLater()
        self._desk.notices.post(self.tr("The report is case {number}.").format(number=made.case_no))
        self._desk.selection.select(Thing("case", str(made.id)))
        self.reported.emit(made.id)


def _key(filled: Prefill | None) -> str:
    return "" if filled is None else filled.key


def _hand_in(
    hand_in: Callable[[Connection, Report], Reported], report: Report, parcels: Sequence[Parcel], connection: Connection
) -> Reported:
    """The report with its evidence: both are taken in or neither."""
    made = hand_in(connection, report)
    attach_all(connection, made.id, parcels)
    return made
