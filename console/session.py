"""One signed-in person at the window: operations, changes, map, workspaces; made anew for another look or language."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from console.map.canvas import MapCanvas
from console.map.layer_tree import LayerTree
from console.map.view import Extent
from console.widgets.alarm_rules.workspace import AlarmRulesWorkspace
from console.widgets.audit.workspace import AuditWorkspace
from console.widgets.cases.case_print import CasePrint
from console.widgets.cases.queue_list import QueueList
from console.widgets.cases.workspace import DispatchWorkspace
from console.widgets.configuration.workspace import ConfigurationWorkspace
from console.widgets.drainage.workspace import DrainageWorkspace
from console.widgets.fleet.workspace import FleetWorkspace
from console.widgets.flood.workspace import FloodWorkspace
from console.widgets.replay.hours import Hours
from console.widgets.replay.replay import Replay
from console.widgets.shared import figures, language
from console.widgets.shared.city_layers import add_city_layers
from console.widgets.shared.clock import Clock
from console.widgets.shared.desk import Changes, Desk, Selection
from console.widgets.shared.detail import DetailPanel
from console.widgets.shared.evidence.unsent import Unsent
from console.widgets.shared.listing import ListExport
from console.widgets.shared.operations import Operations
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
from console.widgets.supervision.workspace import SupervisionWorkspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtCore import QSettings
    from sqlalchemy import Engine

    from console.models.layers import Extent as ModelExtent
    from console.models.staff import Person
    from console.widgets.shared.desk import Workspace

WORKSPACES: tuple[type[Workspace], ...] = (
    DispatchWorkspace,
    DrainageWorkspace,
    FleetWorkspace,
    FloodWorkspace,
    SupervisionWorkspace,
    AlarmRulesWorkspace,
    AuditWorkspace,
    ConfigurationWorkspace,
)
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
    usable = Signal()
    """The map shows the city for the first time, with all its layers, or says why not."""

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
        self._building: Steps | None = None
        self._taking_apart: Steps | None = None

    def start(self) -> None:
        """Build the window; `opened` follows."""
        self._build(self._on_built)

    def _on_built(self) -> None:
        self.changes.start()
        self._look.start()
        self.opened.emit()

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

    def _build(self, done: Callable[[], object]) -> None:
        """Build a window step by step, none of them longer than a key may wait; then call `done`."""
        self._hold = self.operations.hold_reads(BUILT_MS)
        self._building = Steps(self._steps(), self)
        self._building.finished.connect(done)
        # A window that nobody looks at is not painted.
        self._building.finished.connect(lambda: QTimer.singleShot(UNSEEN_MS, self._hold.end))
        self._building.start()

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
        window = MainWindow(desk)
        MapLink(desk, window)
        Attendance(desk, window)
        yield
        for kind in WORKSPACES:
            if self.person.role in kind.roles:
                workspace = kind(desk, window)
                yield from workspace.build()
                yield
                yield from window.add_workspace(workspace)
        add_map_actions(desk, window)
        self.base_maps = BaseMaps(desk, window, self._base_map)
        LiveMap(desk, window)
        Keeper(desk, window)
        TruckWay(desk, window)
        yield
        Replay(desk, window)
        yield
        tree = LayerTree(canvas)
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
        self.case_print.offer_on(window.findChildren(DetailPanel))
        yield
        Vitals(desk, window, Alarms(desk, window), is_demonstration=self._is_demonstration)
        yield
        self.export.offer_on([*window.findChildren(RecordTable), *window.findChildren(QueueList)])
        window.appearance_wanted.connect(self._rebuild)
        window.sign_out_wanted.connect(self.sign_out_wanted)
        window.closed.connect(self.ended)
        window.painted.connect(lambda hold=self._hold: QTimer.singleShot(SETTLED_MS, hold.end))
        self._window = window

    def _rebuild(self, window_language: str, theme: str) -> None:
        """Make the window anew in another language or theme; what is looked at stays."""
        app = QApplication.instance()
        if not isinstance(app, QApplication) or self._is_building:
            return
        old = self.window
        self.export.stop()
        self.base_maps.close()
        # It stays in sight, as it is, until the other one can take its place.
        old.setUpdatesEnabled(False)
        old.closed.disconnect(self.ended)
        self._language = self.notices.language = window_language
        self.appearance_changed.emit(window_language, theme)
        Look.apply(app, theme)
        language.install(app, window_language)
        self._build(partial(self._take_over, old))

    @property
    def _is_building(self) -> bool:
        return self._building is not None and self._building.is_running

    def _take_over(self, old: MainWindow) -> None:
        """Let the new window show what the old one showed, which goes."""
        window = self.window
        for key, workspace in window.workspaces.items():
            workspace.resume(old.workspaces[key].keep())
        window.setGeometry(old.geometry())
        window.setWindowState(old.windowState())
        window.show()
        view = old.desk.canvas.view
        window.desk.canvas.centre_on(*view.extent.centre, view.metres_per_pixel)
        window.desk.selection.select(old.desk.selection.thing)
        QTimer.singleShot(0, old, old.close)
        # Not before the new one is painted.
        self._taking_apart = Steps(old.take_apart(), self)
        QTimer.singleShot(UNSEEN_MS, self._taking_apart.start)

    def close(self) -> None:
        """Write down the arrangement and let go of the database."""
        self._look.stop()
        self.clock.run(running=False)
        if self._building is not None:
            self._building.stop()
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
