"""What the workspaces of one window share, and what a workspace is."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QWidget

from console.database.feed import ChangeFeed, FeedState
from console.models.cases.presence import Presence
from console.widgets.shared.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from console.map.canvas import MapCanvas
    from console.models.staff import Person
    from console.widgets.replay.hours import Hours
    from console.widgets.shared.clock import Clock
    from console.widgets.shared.evidence.unsent import Unsent
    from console.widgets.shared.operations import Operations
    from console.widgets.shell.actions import Actions
    from console.widgets.shell.notices import Notices

TELEMETRY_MS = 1000
W = TypeVar("W", bound=QWidget)


@dataclass(frozen=True)
class Thing:
    """Something of the city that can be looked at: its subject (``case``, ``pipe`` …) and its key there."""

    subject: str
    key: str


class Selection(QObject):
    """The one thing that is selected, in lists, on the map and in the detail panel alike."""

    changed = Signal(object)
    """The new `Thing`, or None."""
    chosen = Signal()
    """Somebody chose a thing, perhaps the one that was selected already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thing: Thing | None = None

    @property
    def thing(self) -> Thing | None:
        """What is selected."""
        return self._thing

    def select(self, thing: Thing | None) -> None:
        """Select `thing`; when it is selected already, it is only chosen again."""
        if thing != self._thing:
            self._thing = thing
            self.changed.emit(thing)
        if thing is not None:
            self.chosen.emit()


class Changes(QObject):
    """What the database tells, on the GUI thread.

    Args:
        url: of the database; nothing is heard before `start`.
    """

    changed = Signal(list)
    """Rows that changed, as `console.database.feed.Change`; none is left out, also not over a break of the line."""
    telemetry = Signal()
    """Newer positions or readings have come; at most once in `TELEMETRY_MS`."""
    reload = Signal()
    """Changes may have been missed: ask for everything anew."""
    state_changed = Signal(object)
    """Whether the database is heard, a `FeedState`."""
    presence_changed = Signal(object)
    """Ids of the cases that other desks have opened or left, a frozenset; `presence` knows who."""
    _telemetry_heard = Signal()

    def __init__(self, url: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state: FeedState | None = None
        self.presence = Presence(self.presence_changed.emit)
        # The feed calls from its own thread; a signal of an object of the GUI thread crosses over.
        self._feed = ChangeFeed(
            url,
            on_changes=self.changed.emit,
            on_telemetry=self._telemetry_heard.emit,
            on_state=self.state_changed.emit,
            on_gap=self.reload.emit,
            companion=self.presence,
        )
        self._tell_telemetry = Throttle(TELEMETRY_MS, self.telemetry.emit, self)
        self._telemetry_heard.connect(self._on_telemetry_heard)
        self.state_changed.connect(self._remember)

    def start(self) -> None:
        """Begin to listen."""
        self._feed.start()

    def close(self) -> None:
        """Stop listening."""
        self._feed.close()

    def show_presence(self, case_id: int | None) -> None:
        """Tell the other desks which case is open at this one."""
        self.presence.show(case_id)
        self._feed.ring()

    def _on_telemetry_heard(self) -> None:
        # A method of an object of Qt: what the feed's thread has called is dropped when this is deleted meanwhile.
        self._tell_telemetry()

    def _remember(self, state: FeedState) -> None:
        self.state = state


@dataclass(frozen=True)
class Desk:
    """One signed-in person's place: what the workspaces share.

    Attributes:
        operations: the way to the database.
        changes: what it tells.
        canvas: the map.
        selection: the thing that all panels look at.
        actions: the commands of the window.
        notices: where remarks and failures go.
        unsent: files that wait to be attached to cases.
        memory: what the window remembers between starts, this user's part.
        person: who is signed in.
        language: of the window, ``zh_CN`` or ``en``.
        now: the present, at which people act, whatever is shown.
        clock: the time that map, panels and charts show; the present or a past instant.
        hours: what is in memory of the past that the clock shows.
    """

    operations: Operations
    changes: Changes
    canvas: MapCanvas
    selection: Selection
    actions: Actions
    notices: Notices
    unsent: Unsent
    memory: QSettings
    person: Person
    language: str
    now: Callable[[], datetime]
    clock: Clock
    hours: Hours

    def show_place(self, x: float, y: float, *, nearer: bool = False) -> None:
        """Make (x, y), metres in EPSG:4546, seen; the map moves only if it is outside or below a panel, or `nearer`."""
        self.canvas.reveal(x, y, min(self.canvas.view.metres_per_pixel, 1.0) if nearer else None)

    def name(self, chinese: str, english: str) -> str:
        """Of a name that is stored in both languages the one of the window."""
        return chinese if self.language == "zh_CN" else english or chinese


class Workspace(QObject):
    """A way of working: a list at the left, a detail panel at the right, charts below, and its view of the map.

    Subclasses set `key` and make the three panels in `build`; any of them may be missing. Work that has no place on the
    map puts a `middle` in its stead. Whoever makes a workspace takes every step of `build` before anything else.
    `console.widgets.shell.workspaces` lists them all.
    """

    key: ClassVar[str]
    shows_selection: ClassVar[bool] = True
    """Whether its right panel shows what is selected; in a narrow window it is then seen as long as anything is."""
    folds: ClassVar[bool] = True
    """Whether its charts fold to one line in a low window; where they are the work they stay."""
    completed_by: ClassVar[tuple[str, ...]] = ()
    """Modules that `complete` needs; they are loaded before, off the GUI thread."""
    left_px: ClassVar[int] = 372
    """Usual width of its left panel."""
    right_wanted = Signal()
    """Its right panel has something to show that was asked for."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.desk = desk
        self.left: QWidget | None = None
        self.right: QWidget | None = None
        self.bottom: QWidget | None = None
        self.middle: QWidget | None = None

    @abstractmethod
    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn of the event loop and none of them longer than a key may wait."""

    def complete(self) -> Iterator[None]:
        """Make what nobody needs to begin with, such as charts, a step a turn; the window may be seen by then."""
        yield from ()

    def parts(self, kind: type[W]) -> list[W]:
        """All widgets of a kind within its panels, the panels themselves included."""
        found: list[W] = []
        for panel in (self.left, self.right, self.bottom, self.middle):
            if panel is not None:
                found += [panel] if isinstance(panel, kind) else []
                found += panel.findChildren(kind)
        return found

    def enter(self) -> None:
        """It is shown now: fetch what is due."""

    def leave(self) -> None:
        """Another one is shown now: stop refreshing."""

    def refresh(self) -> None:
        """Fetch anew what is shown: the database is back, or changes may have been missed."""

    def prepare_picture(self) -> None:
        """Select something worth seeing, for a picture that nobody clicks in."""

    def keep(self) -> object:
        """What the user has set here, for the same workspace of the next window."""
        return None

    def resume(self, kept: object) -> None:
        """Set what `keep` gave."""

    def fold(self, *, folded: bool) -> None:
        """There is little height: show the charts as one line of figures, or in full again."""
