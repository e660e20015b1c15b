"""Standing alarms at a desk: read when they change, shown in the top bar and its list, led to their places."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from console.models import alarms
from console.widgets.alarms.acts import NEEDS_REASON, AlarmActs
from console.widgets.alarms.board import AlarmBoard
from console.widgets.alarms.lines import (
    WATER_URGENCY,
    Standing,
    gathered,
    line_of,
    line_of_hold,
    line_of_water,
    ranked,
)
from console.widgets.alarms.on_map import show_alarms
from console.widgets.alarms.sound import AlarmSound, Speaker
from console.widgets.cases.report_form import Prefill
from console.widgets.cases.workspace import DispatchWorkspace
from console.widgets.fleet.deviation_print import DeviationPrint
from console.widgets.shared import figures, multimedia
from console.widgets.shared.desk import Thing
from console.widgets.shared.style import icon
from console.widgets.shared.throttle import Throttle
from console.widgets.shell.live import trend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from console.database.feed import Change
    from console.models.alarms import Watch
    from console.models.cases.reporting import Report, Reported
    from console.models.sensors import FloodPoint
    from console.widgets.alarms.lines import AlarmLine
    from console.widgets.shared.desk import Desk, Workspace
    from console.widgets.shell.window import MainWindow

AGAIN_MS = 200
NOTHING = alarms.Watch(alarms.Board([], {}, {}), [], frozenset(), (240, 480))
SUBJECTS = frozenset({"alarm", "alarm_hold", "alarm_rule"})
HOME = {"vehicle": "fleet", "flood_point": "flood", "rain_gauge": "flood"}
"""Workspace that shows what an alarm is about, if the one in front does not."""


class Alarms(QObject):
    """Keeps the alarm bar true, goes where an alarm is, and does what is wanted with it."""

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self._watch: Watch = NOTHING
        self._points: Sequence[FloodPoint] = ()
        self._standing = Standing((), {}, {})
        self._begun: AlarmLine | None = None
        self._bar = window.top.alarms
        self.acts = AlarmActs(desk, self)
        self.list = AlarmBoard(desk, window)
        self.sheet = DeviationPrint(desk, self.list, window)
        self.sound = AlarmSound(desk.memory, Speaker(self).play)
        self._ask_again = Throttle(AGAIN_MS, self._ask, self)
        self._add_actions()
        window.workspace_added.connect(self._on_workspace)
        self._bar.opened.connect(self.go)
        self._bar.list_wanted.connect(self.open_list)
        self.list.chosen.connect(self._go)
        self.list.current_changed.connect(self._show_current)
        self.list.detail.wanted.connect(self.act)
        self.list.detail.given.connect(self._give)
        self.acts.done.connect(self._on_done)
        self.acts.refused.connect(self._on_refused)
        desk.changes.changed.connect(self._on_changes)
        desk.changes.reload.connect(self._ask)
        desk.changes.state_changed.connect(self._ask)
        desk.clock.turned.connect(self._show)
        self._ask()

    def _add_actions(self) -> None:
        add, group = self._desk.actions.add, self.tr("Alarms")
        go = add("alarm.go", self.tr("Go to the most urgent alarm"), self.go, group=group, shortcut="F3")
        add("alarm.list", self.tr("All alarms that stand"), self.open_list, group=group, shortcut="Shift+F3")
        self._bar.key.setText(go.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
        for act, title, key in (
            ("acknowledge", self.tr("Acknowledge the alarm"), "A"),
            ("reset", self.tr("Reset the latched alarm"), "R"),
            ("shelve", self.tr("Shelve the alarm for a while"), "S"),
            ("unshelve", self.tr("Show the shelved alarm again"), "U"),
        ):
            add(f"alarm.{act}", title, partial(self.act, act), group=group, shortcut=key, scope=self.list)
        add("alarm.service", self.tr("Out of service, or back in service"), self._turn_service, group=group,
            shortcut="O", scope=self.list)  # fmt: skip
        add("alarm.case", self.tr("Make a case of the alarm, or show its case"), self._turn_case, group=group,
            shortcut="C", scope=self.list)  # fmt: skip
        mute = add("alarm.mute", self.tr("Mute the alarms of this desk"), self._turn_sound, group=group, shortcut="M",
            checkable=True, scope=self.list)  # fmt: skip
        self.list.mute.setDefaultAction(mute)
        self._show_sound()
        self.list.add_actions(self._desk, group)

    @property
    def standing(self) -> Standing:
        """What is shown."""
        return self._standing

    def show_water(self, points: Sequence[FloodPoint]) -> None:
        """Water above a limit stands as an alarm, also before a monitor has raised one."""
        self._points = points
        self._show()

    def go(self) -> None:
        """Select what the most urgent alarm is about and bring it near; of a flood, the first one."""
        lines = gathered(self._standing.lines, frozenset())
        if lines:
            self._go(lines[0])

    def open_list(self) -> None:
        """Show every alarm that stands."""
        self.list.open_below(self._bar)

    def act(self, act: str) -> None:
        """Do something with the alarm in front of the list, or ask for the reason that it needs."""
        shown = self.list.current
        if shown is None:
            return
        if act == "show_case":
            self._show_case(shown)
        elif act == "sheet":
            self.sheet.ask()
        elif why := self.acts.why_not(shown, act):
            self.list.detail.say(why)
        elif act == "make_case":
            self._begin_case(shown)
        elif act in NEEDS_REASON:
            self.list.detail.ask_reason(act, self._watch.shelving_min)
        else:
            self.list.detail.say("")
            self.acts.do(act, shown)

    def _turn_sound(self) -> None:
        self.sound.mute(muted=not self.sound.is_muted)
        self._show_sound()

    def _show_sound(self) -> None:
        muted, action = self.sound.is_muted, self._desk.actions["alarm.mute"]
        action.setChecked(muted)
        action.setIcon(icon("mdi6.volume-off" if muted else "mdi6.volume-high", "high_text" if muted else "secondary"))
        self._bar.show_muted(muted=muted)

    def _turn_service(self) -> None:
        shown = self.list.current
        is_out = shown is not None and shown.state == "out_of_service"
        self.act("return_to_service" if is_out else "take_out_of_service")

    def _turn_case(self) -> None:
        shown = self.list.current
        self.act("make_case" if shown is None or shown.case_id is None else "show_case")

    def _show_case(self, shown: AlarmLine) -> None:
        if shown.case_id is not None:
            self.list.hide()
            if "dispatch" in self._window.rooms:
                self._window.show_workspace("dispatch")
            self._desk.selection.select(Thing("case", str(shown.case_id)))

    def _begin_case(self, shown: AlarmLine) -> None:
        """Fill a report in with what the alarm knows; it is handed in at the desk of cases, once that is there."""
        workspace = self._window.workspaces.get("dispatch")
        if workspace is None and "dispatch" in self._window.rooms:
            self._begun = shown
            self._window.show_workspace("dispatch")
        if isinstance(workspace, DispatchWorkspace) and shown.alarm_id is not None and shown.version is not None:
            self.list.hide()
            self._window.show_workspace("dispatch")
            workspace.report(
                Prefill(
                    key=shown.key,
                    title=self.tr("From the alarm of {time}: {who}").format(
                        time=figures.clock(shown.at), who=shown.who
                    ),
                    description=f"{shown.who} {shown.what}",
                    place=shown.place,
                    class_code=alarms.CASE_CLASS.get(shown.kind, ""),
                    hand_in=partial(_hand_in, shown.alarm_id, shown.version),
                )
            )

    def _on_workspace(self, workspace: Workspace) -> None:
        if workspace.key == "dispatch" and self._begun is not None:
            begun, self._begun = self._begun, None
            self._begin_case(begun)

    def _give(self, act: str, reason: str, minutes: int) -> None:
        shown = self.list.current
        if shown is not None:
            self.acts.do(act, shown, reason, minutes or None)

    def _on_done(self, act: str) -> None:
        detail = self.list.detail
        if detail.form.act == act:
            detail.form.leave()
        if self.list.isVisible():
            self.list.take_keyboard()
        self._ask()

    def _on_refused(self, _act: str, words: str) -> None:
        """What was written stays; the alarm is read anew, so that another try sees it as it is."""
        self.list.detail.say(words)
        if not self.list.isVisible():
            self._desk.notices.post(words, "medium")
        self._ask()

    def _on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.subject in SUBJECTS for change in changes):
            self._ask_again()

    def _ask(self) -> None:
        self._desk.operations.read(
            self, partial(_watch, muted=self.sound.is_muted), self._show_watch, _quiet, key="alarms"
        )

    def _show_watch(self, watch: Watch) -> None:
        self._watch = watch
        self.acts.may = watch.may
        self._show()

    def _show(self) -> None:
        board = self._watch.board
        named = {a.flood_point_id for a in board.alarms if a.kind == "flooding"} | board.quiet_points
        water = [p for p in self._points if p.grade in WATER_URGENCY and not p.silent and p.id not in named]
        waiting = [line_of_water(point, trend(point.rate_cm)) for point in water]
        risen = Counter(line.urgency for line in waiting)
        self._standing = Standing(
            ranked([*map(line_of, board.alarms), *waiting]),
            Counter(board.standing) + risen,
            Counter(board.waiting) + risen,
            ranked(map(line_of_hold, self._watch.holds)),
        )
        if self._watch is not NOTHING:
            self.sound.hear(self._standing.lines)
        if self._desk.clock.is_live:
            show_alarms(self._desk.canvas, self._standing.lines)
        self._bar.show_standing(self._standing, self._desk.now())
        self.list.show_standing(self._standing)

    def _show_current(self, line: AlarmLine | None) -> None:
        self.list.detail.show_line(line, () if line is None else self.acts.offered(line))

    def _go(self, line: AlarmLine) -> None:
        if line.thing is None:
            return
        home = HOME.get(line.thing.subject, "")
        if not self._desk.canvas.layer(line.thing.subject).visible and home in self._window.rooms:
            self._window.show_workspace(home)
        self._desk.selection.select(line.thing)
        if line.place is not None:
            self._desk.show_place(*line.place, nearer=True)


def _hand_in(alarm_id: int, version: int, connection: Connection, report: Report) -> Reported:
    return alarms.to_case(connection, alarm_id, version, report)


def _watch(connection: Connection, *, muted: bool) -> Watch:
    found = alarms.watch(connection)
    if not muted and any(found.board.waiting.values()):
        multimedia.load()
    return found


def _quiet(_error: Exception) -> None:
    """What stood still stands; the banner over the map says that the database is away."""
