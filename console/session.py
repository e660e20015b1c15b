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
from console.widgets.cases.queue_list import QueueList
from console.widgets.cases.workspace import DispatchWorkspace
from console.widgets.drainage.workspace import DrainageWorkspace
from console.widgets.fleet.workspace import FleetWorkspace
from console.widgets.flood.workspace import FloodWorkspace
from console.widgets.shared import figures, language
from console.widgets.shared.city_layers import add_city_layers
from console.widgets.shared.desk import Changes, Desk, Selection
from console.widgets.shared.listing import ListExport
from console.widgets.shared.operations import Operations
from console.widgets.shared.presence import Attendance
from console.widgets.shared.style import Look
from console.widgets.shared.table import RecordTable
from console.widgets.shell.actions import Actions
from console.widgets.shell.alarms import Alarms
from console.widgets.shell.finder import Finder
from console.widgets.shell.keeper import Keeper
from console.widgets.shell.live import LiveMap
from console.widgets.shell.mapping import MapLink, add_map_actions, tool_strip
from console.widgets.shell.notices import Notices
from console.widgets.shell.presets import LayerPresets
from console.widgets.shell.route import TruckWay
from console.widgets.shell.vitals import Vitals
from console.widgets.shell.window import MainWindow
from console.widgets.supervision.workspace import SupervisionWorkspace

if TYPE_CHECKING:
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
)
# Where the map looks on a server that has no zones yet: the middle of Yuncheng, 12 km across.
YUNCHENG = Extent(494_000.0, 3_871_000.0, 506_000.0, 3_883_000.0)
LOOK_MS = 20
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
    """

    ended = Signal()
    sign_out_wanted = Signal()
    appearance_changed = Signal(str, str)
    """Language and theme, as chosen in the window."""
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
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.person = person
        self.memory = memory
        self._engine = engine
        self._home = YUNCHENG if home is None else Extent(*home)
        self._language = window_language
        self._is_demonstration = is_demonstration
        self.operations = Operations(engine, self)
        self.changes = Changes(url, self)
        self.notices = Notices(window_language, self)
        self.operations.failed.connect(self.notices.report)
        self._rebuilding = False
        self.window = self._make_window()
        self.changes.start()
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._look_at_map)
        self._look.start()

    def _look_at_map(self) -> None:
        if self.window.isVisible() and self.window.desk.canvas.is_settled:
            self._look.stop()
            self.usable.emit()

    def _make_window(self) -> MainWindow:
        canvas = MapCanvas(Look.current(), self.operations.fetch, self._home, explain=self.notices.words_for)
        desk = Desk(
            operations=self.operations,
            changes=self.changes,
            canvas=canvas,
            selection=Selection(canvas),
            actions=Actions(),
            notices=self.notices,
            memory=self.memory,
            person=self.person,
            language=self._language,
            now=lambda: datetime.now(figures.CITY_TIME),
        )
        add_city_layers(canvas, self._language)
        window = MainWindow(desk)
        MapLink(desk, window)
        Attendance(desk, window)
        workspaces = [kind(desk, window) for kind in WORKSPACES if self.person.role in kind.roles]
        add_map_actions(desk, window)
        LiveMap(desk, window)
        Keeper(desk, window)
        TruckWay(desk, window)
        tree = LayerTree(canvas)
        window.stage.set_layers(tree)
        LayerPresets(desk, window, tree)
        window.set_workspaces(workspaces)
        window.stage.set_tools(tool_strip(desk))
        Finder(desk, window.field, window)
        self.export = ListExport(desk, lambda: window.current)
        window.status.addPermanentWidget(self.export)
        self.export.hide()
        Vitals(desk, window, Alarms(desk, window), is_demonstration=self._is_demonstration)
        self.export.offer_on([*window.findChildren(RecordTable), *window.findChildren(QueueList)])
        window.appearance_wanted.connect(self._rebuild)
        window.sign_out_wanted.connect(self.sign_out_wanted)
        window.closed.connect(self._on_closed)
        return window

    def _on_closed(self) -> None:
        if not self._rebuilding:
            self.ended.emit()

    def _rebuild(self, window_language: str, theme: str) -> None:
        """Make the window anew in another language or theme; what is looked at stays."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        old = self.window
        view, thing = old.desk.canvas.view, old.desk.selection.thing
        state = old.windowState()
        kept = {key: workspace.keep() for key, workspace in old.workspaces.items()}
        self._rebuilding = True
        self.export.stop()
        old.close()
        self._language = self.notices.language = window_language
        self.appearance_changed.emit(window_language, theme)
        Look.apply(app, theme)
        language.install(app, window_language)
        self.window = self._make_window()
        for key, workspace in self.window.workspaces.items():
            workspace.resume(kept[key])
        self.window.setGeometry(old.geometry())
        self.window.setWindowState(state)
        self.window.show()
        self.window.desk.canvas.centre_on(*view.extent.centre, view.metres_per_pixel)
        self.window.desk.selection.select(thing)
        old.deleteLater()
        self._rebuilding = False

    def close(self) -> None:
        """Write down the arrangement and let go of the database."""
        self._look.stop()
        self.window.remember()
        self.changes.close()
        self.export.stop()
        self.operations.close()
        self.window.deleteLater()
        self._engine.dispose()
