"""One signed-in person at the window: operations, changes, map, workspaces; made anew for another look or language."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from console.map.canvas import MapCanvas
from console.map.layer_tree import LayerTree
from console.map.view import Extent
from console.models import search_keys
from console.widgets.cases.case_print import CasePrint
from console.widgets.cases.queue_list import QueueList
from console.widgets.replay.hours import Hours
from console.widgets.replay.replay import Replay
from console.widgets.shared import figures, language
from console.widgets.shared.background import Task
from console.widgets.shared.city_layers import add_city_layers
from console.widgets.shared.clock import Clock
from console.widgets.shared.desk import Changes, Desk, Selection
from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.evidence.unsent import Unsent
from console.widgets.shared.listing import ListExport
from console.widgets.shared.operations import Operations
from console.widgets.shared.precedence import loading_beside
from console.widgets.shared.presence import Attendance
from console.widgets.shared.steps import Steps
from console.widgets.shared.style import Look
from console.widgets.shared.table import RecordTable
from console.widgets.shell.actions import Actions
from console.widgets.shell.alarms import Alarms
from console.widgets.shell.attaching import Attaching
from console.widgets.shell.base_map import BaseMaps, Choice
from console.widgets.shell.finder import Finder
from console.widgets.shell.keeper import Keeper
from console.widgets.shell.lightbox import Lightbox
from console.widgets.shell.live import LiveMap
from console.widgets.shell.mapping import MapLink, add_map_actions, tool_strip
from console.widgets.shell.notices import Notices
from console.widgets.shell.presets import LayerPresets
from console.widgets.shell.route import TruckWay
from console.widgets.shell.vitals import Vitals
from console.widgets.shell.window import MainWindow
from console.widgets.shell.workspaces import front, rooms_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtCore import QSettings
    from sqlalchemy import Engine

    from console.models.layers import Extent as ModelExtent
    from console.models.staff import Person
    from console.widgets.shared.desk import Workspace
    from console.widgets.shell.workspaces import Room

# Where the map looks on a server that has no zones yet: the middle of Yuncheng, 12 km across.
YUNCHENG = Extent(494_000.0, 3_871_000.0, 506_000.0, 3_883_000.0)
LOOK_MS = 20
UNSEEN_MS = 500
SETTLED_MS = 60
"""After its first picture a window has its panels laid out once more."""
BUILT_MS = 10_000
"""By then a window is built, or will not be."""
log = logging.getLogger(__name__)


class Session(QObject):
    """Everything that lives as long as one person is signed in.

    Args:
        engine: signed in as that person; disposed of at the end.
        url: the same, for listening.
        person: who it is.
        home: the city's extent, None when it has no zones.
        memory: what the window remembers, this person's part.
        window_language: ``zh_CN`` or ``en``.
        is_demonstration: whether the city is the demonstration city.
        base_map: what lies below the map of a person who has chosen nothing else.
    """

    ended = Signal()
    sign_out_wanted = Signal()
    appearance_changed = Signal(str, str)
    """Language and theme, as chosen in the window."""
    opened = Signal()
    """The window is built and can be shown."""
    renewed = Signal()
    """A window that gave way to another one is taken apart."""
    usable = Signal()
    """The map shows the city for the first time, with all its layers, or says why not."""
    complete = Signal()
    """Every workspace of the window is there."""

    def __init__(
        self,
        engine: Engine,
        url: str,
        person: Person,
        home: ModelExtent | None,
        memory: QSettings,
        window_language: str,
        *,
        is_demonstration: bool,
        base_map: Choice | None = None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.person = person
        self.memory = memory
        self._engine = engine
        self._home = YUNCHENG if home is None else Extent(*home)
        self._language = window_language
        self._is_demonstration = is_demonstration
        self._base_map = base_map or Choice()
        self.operations = Operations(engine, self)
        self.changes = Changes(url, self)
        self.notices = Notices(window_language, self)
        self.unsent = Unsent(self.operations, self.changes, self)
        self.operations.failed.connect(self.notices.report)
        self.clock = Clock(lambda: datetime.now(figures.CITY_TIME), self)
        self.hours = Hours(self.operations, self.clock, self)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._look_at_map)
        self._window: MainWindow | None = None
        self._old: MainWindow | None = None
        self._building: Steps | None = None
        self._loading: Task | None = None
        self._furnishing: Steps | None = None
        self._incomplete: Workspace | None = None
        self._kept: dict[str, object] = {}
        self._taking_apart: Steps | None = None

    def start(self) -> None:
        """Build the window; `opened` follows."""
        self._build()

    @property
    def window(self) -> MainWindow:
        """The window that is worked in.

        Raises:
            LookupError: it is not yet built.
        """
        if self._window is None:
            raise LookupError("the window is not yet built")
        return self._window

    def _look_at_map(self) -> None:
        if self.window.isVisible() and self.window.desk.canvas.is_settled:
            self._look.stop()
            self.usable.emit()
            self.furnish()

    def furnish(self) -> None:
        """Bring in the workspaces that are not there yet, a step a turn; `complete` follows. May be called twice."""
        rooms, precedence = self.window.rooms.values(), self.operations.precedence
        is_done = not self.window.missing and self._incomplete is None
        if is_done:
            self.complete.emit()
        if is_done or self._is_furnishing:
            return

        def load(_report: object) -> None:
            with loading_beside(precedence):
                search_keys.load()
                for room in rooms:
                    room.load_all()

        self._loading = Task(load, self)
        self._loading.done.connect(lambda _: self._bring_in())
        self._loading.failed.connect(self._on_not_loaded)
        self._loading.start()

    def _bring_in(self) -> None:
        self._loading = None
        if self._building is not None:
            return  # the new window is furnished when it has taken over
        self._furnished = self.operations.hold_reads(BUILT_MS)
        self._furnishing = Steps(self._others(self.window), self)
        self._furnishing.finished.connect(self._on_furnished)
        self._furnishing.start()

    def _on_furnished(self) -> None:
        self._furnishing = None
        self._furnished.end()
        self.complete.emit()

    def _on_not_loaded(self, error: Exception) -> None:
        self._loading = None
        self.notices.post(self.notices.words_for(error), "high")
        self.complete.emit()

    def _others(self, window: MainWindow) -> Iterator[None]:
        first, self._incomplete = self._incomplete, None
        if first is not None:
            yield from first.complete()
            yield
        while rooms := window.missing:
            yield from self._add_workspace(window, rooms[0], whole=True)
            yield

    def _add_workspace(self, window: MainWindow, room: Room, *, whole: bool) -> Iterator[None]:
        """Make a workspace, with what was set in it in the window before; if not `whole`, to begin with."""
        workspace = room.load()(window.desk, window)
        yield from workspace.build()
        yield
        if whole:
            yield from workspace.complete()
            yield
        else:
            self._incomplete = workspace
        if room.key in self._kept:
            workspace.resume(self._kept.pop(room.key))
        yield from window.add_workspace(workspace)

    def _build(self) -> None:
        """Build a window step by step, none of them longer than a key may wait."""
        self._hold = self.operations.hold_reads(BUILT_MS)
        self._building = Steps(self._steps(), self)
        self._building.finished.connect(self._on_built)
        self._building.start()

    def _on_built(self) -> None:
        self._building = None
        # A window that nobody looks at is not painted.
        QTimer.singleShot(UNSEEN_MS, self._hold.end)
        if self._old is not None:
            self._take_over(self._old)
            self._old = None
            return
        self.changes.start()
        self._look.start()
        self.opened.emit()

    def _steps(self) -> Iterator[None]:
        canvas = MapCanvas(Look.current(), self.operations.fetch, self._home, explain=self.notices.words_for)
        desk = Desk(
            operations=self.operations,
            changes=self.changes,
            canvas=canvas,
            selection=Selection(canvas),
            actions=Actions(),
            notices=self.notices,
            unsent=self.unsent,
            memory=self.memory,
            person=self.person,
            language=self._language,
            now=self.clock.present,
            clock=self.clock,
            hours=self.hours,
        )
        add_city_layers(canvas, self._language)
        window = MainWindow(desk, rooms_of(self.person.role))
        MapLink(desk, window)
        Attendance(desk, window)
        yield
        room = front(window.missing, str(self.memory.value("workspace", "")))
        # A window that takes the place of another one has everything that was seen there.
        yield from self._add_workspace(window, room, whole=self._window is not None)
        add_map_actions(desk, window)
        self.base_maps = BaseMaps(desk, window, self._base_map)
        LiveMap(desk, window)
        Keeper(desk, window)
        TruckWay(desk, window)
        yield
        Replay(desk, window)
        yield
        tree = LayerTree(canvas)
        yield from tree.build()
        yield
        window.stage.set_layers(tree)
        LayerPresets(desk, window, tree)
        yield
        yield from window.open()
        yield
        window.stage.set_tools(tool_strip(desk))
        yield
        Finder(desk, window.field, window)
        yield
        Lightbox(desk, window)
        yield
        Attaching(desk, window)
        yield
        self.export = ListExport(desk, lambda: window.current)
        window.status.addPermanentWidget(self.export)
        self.export.hide()
        self.case_print = CasePrint(desk, lambda: window.current, window)
        for workspace in window.workspaces.values():
            self.case_print.offer_on(workspace.parts(DetailPanel))
        yield
        Vitals(desk, window, Alarms(desk, window), is_demonstration=self._is_demonstration)
        yield
        self.export.offer_on([*window.findChildren(RecordTable), *window.findChildren(QueueList)])
        window.workspace_added.connect(self._on_workspace)
        window.workspace_wanted.connect(self._on_workspace_wanted)
        window.appearance_wanted.connect(self._rebuild)
        window.sign_out_wanted.connect(self.sign_out_wanted)
        window.closed.connect(self.ended)
        window.painted.connect(lambda hold=self._hold: QTimer.singleShot(SETTLED_MS, hold.end))
        self._window = window

    def _on_workspace_wanted(self) -> None:
        if self._window is not None and self._building is None:
            self.furnish()

    def _on_workspace(self, workspace: Workspace) -> None:
        """What the window offers in every workspace is offered in one that came later, too."""
        self.case_print.offer_on(workspace.parts(DetailPanel))
        self.export.offer_on([*workspace.parts(RecordTable), *workspace.parts(QueueList)])

    def _rebuild(self, window_language: str, theme: str) -> None:
        """Make the window anew in another language or theme; what is looked at stays."""
        app = QApplication.instance()
        if not isinstance(app, QApplication) or self._building is not None:
            return
        old = self._old = self.window
        # What is not there yet is brought into the new window.
        self._incomplete = None
        if self._furnishing is not None:
            self._furnishing.stop()
            self._furnishing.deleteLater()
            self._furnishing = None
            self._furnished.end()
        self.export.stop()
        self.base_maps.close()
        # It stays in sight, as it is, until the other one can take its place.
        old.setUpdatesEnabled(False)
        old.closed.disconnect(self.ended)
        self._language = self.notices.language = window_language
        self.appearance_changed.emit(window_language, theme)
        language.install(app, window_language)
        Look.apply(app, theme)
        self._build()

    @property
    def _is_furnishing(self) -> bool:
        return self._loading is not None or self._furnishing is not None

    def _take_over(self, old: MainWindow) -> None:
        """Let the new window show what the old one showed, which goes."""
        window = self.window
        self._kept |= {key: workspace.keep() for key, workspace in old.workspaces.items()}
        for key, workspace in window.workspaces.items():
            workspace.resume(self._kept.pop(key))
        window.setGeometry(old.geometry())
        window.setWindowState(old.windowState())
        window.show()
        view = old.desk.canvas.view
        window.desk.canvas.centre_on(*view.extent.centre, view.metres_per_pixel)
        window.desk.selection.select(old.desk.selection.thing)
        QTimer.singleShot(0, old, old.close)
        # Not before the new one is painted.
        if self._taking_apart is not None:
            self._taking_apart.finish()
        self._taking_apart = Steps(old.take_apart(), self)
        self._taking_apart.finished.connect(self._on_taken_apart)
        QTimer.singleShot(UNSEEN_MS, self._taking_apart.start)
        self._taking_apart.finished.connect(self.furnish)

    def _on_taken_apart(self) -> None:
        self._taking_apart = None
        self.renewed.emit()

    def close(self) -> None:
        """Write down the arrangement and let go of the database."""
        self._look.stop()
        self.clock.run(running=False)
        for steps in (self._building, self._furnishing):
            if steps is not None:
                steps.stop()
        if self._loading is not None:
            self._loading.wait()
        if self._taking_apart is not None:
            self._taking_apart.finish()
        if self._window is not None:
            self.base_maps.close()
            self.export.stop()
            self._window.remember()
            self._window.hide()
            self._window.deleteLater()
        self.changes.close()
        self.operations.close()
        self._engine.dispose()
