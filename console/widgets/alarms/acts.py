"""What a desk does with alarms: asked for here, decided by the database; a flood is acted on member by member."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.models import alarms, deviations
from console.widgets.shared import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from console.database.faults import Refused
    from console.widgets.alarms.lines import AlarmLine
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate
NEEDS_REASON = ("shelve", "take_out_of_service")


def possible(line: AlarmLine, act: str) -> bool:
    """Whether an act makes sense for what a line shows: for a flood, for any of its members."""
    if line.members:
        # A case is about one thing: that of one member.
        return act != "make_case" and any(possible(member, act) for member in line.members)
    if act == "return_to_service":
        return line.state == "out_of_service"
    if line.alarm_id is None:
        return False
    if act == "make_case":
        return line.case_id is None and not line.is_held
    if act == "take_out_of_service":
        return line.state != "out_of_service"
    states = {
        "acknowledge": alarms.WAITING,
        "reset": ("latched",),
        "shelve": alarms.ANNOUNCED,
        "unshelve": ("shelved",),
    }
    return line.state in states[act]


class AlarmActs(QObject):
    """Does acts, one after the other, and tells what came of them."""

    done = Signal(str)
    """An act was done, at least for some of what it was asked for: its name."""
    refused = Signal(str, str)
    """An act was refused, or failed: its name, and why in words."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.may: frozenset[str] = frozenset()

    def offered(self, line: AlarmLine) -> list[str]:
        """The acts that make sense for a line and that the post may do."""
        seen = ["show_case"] if line.case_id is not None else []
        if line.kind == deviations.KIND and line.alarm_id is not None:
            seen.append("sheet")
        return [act for act in alarms.ACTS if act in self.may and possible(line, act)] + seen

    def why_not(self, line: AlarmLine, act: str) -> str:
        """Why an act is not possible; empty when it is."""
        if act not in self.may:
            return translate("alarms", "Your post may not do this with alarms.")
        if possible(line, act):
            return ""
        if line.alarm_id is None and not line.members and not line.is_held:
            return translate("alarms", "No monitor has raised this yet: it stands until one does or the water falls.")
        return translate("alarms", "This is not possible while the alarm is in this state.")

    def do(self, act: str, line: AlarmLine, reason: str = "", minutes: int | None = None) -> None:
        """Do an act to the alarm of a line, or to each alarm of a flood for which it makes sense."""
        if why := self.why_not(line, act):
            self.refused.emit(act, why)
            return
        meant = [member for member in line.members or (line,) if possible(member, act)]
        works = [partial(_run, act, member, reason, minutes) for member in meant]
        self._desk.operations.write(
            self,
            partial(_each, works),
            partial(self._on_done, act, len(works)),
            lambda error: self.refused.emit(act, self._desk.notices.words_for(error)),
        )

    def _on_done(self, act: str, count: int, refused: Sequence[Refused]) -> None:
        if len(refused) < count:
            self.done.emit(act)
        if refused:
            words = self._desk.notices.words_for(refused[0])
            if count > 1:
                told = (
                    translate("alarms", "1 of {count} was refused: {why}"),
                    translate("alarms", "{n} of {count} were refused: {why}"),
                )
                words = figures.things(len(refused), *told, count=figures.count(count), why=words)
            self.refused.emit(act, words)


def _each(works: Sequence[Callable[[Connection], object]], connection: Connection) -> list[Refused]:
    return alarms.each(connection, works)


def _run(act: str, line: AlarmLine, reason: str, minutes: int | None, connection: Connection) -> None:
    if act == "take_out_of_service":
        alarms.take_out_of_service(connection, line.kind, reason, vehicle_id=line.vehicle_id, sensor_id=line.sensor_id)
    elif act == "return_to_service":
        alarms.return_to_service(connection, line.kind, vehicle_id=line.vehicle_id, sensor_id=line.sensor_id)
    elif line.alarm_id is not None and line.version is not None:
        if act == "shelve":
            alarms.shelve(connection, line.alarm_id, line.version, reason, minutes)
        else:
            simple = {"acknowledge": alarms.acknowledge, "reset": alarms.reset, "unshelve": alarms.unshelve}
            simple[act](connection, line.alarm_id, line.version)
