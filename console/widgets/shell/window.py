"""The main window: one map in the middle, and around it the panels of the workspace in front."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QLayout, QMainWindow, QMenu, QVBoxLayout, QWidget

from console.settings import LANGUAGES, THEMES
from console.widgets.shared import figures
from console.widgets.shared.desk import Thing
from console.widgets.shared.panel import Heading
from console.widgets.shared.steps import Unveiling, style
from console.widgets.shared.style import Look, icon
from console.widgets.shell.commands import CommandField
from console.widgets.shell.keys import KeysOverlay
from console.widgets.shell.notices import NoticeHistory, NoticeStack
from console.widgets.shell.stage import Stage
from console.widgets.shell.status import StatusBar
from console.widgets.shell.topbar import TopBar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent

    from console.widgets.shared.desk import Desk, Workspace
    from console.widgets.shell.workspaces import Room

NARROW = 1600
"""Below this width the detail panel floats over the map."""
LOW = 900
"""Below this height the charts fold to one line."""
LAYOUT_VERSION = 1
ENTERED_MS = 500
"""By then a workspace that comes to the front is painted."""
RIGHT_WIDTH, BOTTOM_HEIGHT, FOLDED_HEIGHT = 424, 244, 44


class MainWindow(QMainWindow):
    """The window of one signed-in person.

    Args:
        desk: what the workspaces share; its map becomes the middle of the window.
        rooms: the workspaces that have a tab, in their order; `add_workspace` brings them in.
    """

    appearance_wanted = Signal(str, str)
    """Another language or theme is wanted: (language, theme). Whoever made the window makes a new one."""
    sign_out_wanted = Signal()
    workspace_changed = Signal(str)
    """Key of the workspace that is now in front."""
    workspace_added = Signal(object)
    """A `Workspace` is there now."""
    workspace_wanted = Signal()
    """A workspace that is not there yet is to come to the front: `missing` names it first."""
    closed = Signal()
    painted = Signal()
    """It was painted for the first time."""

    def __init__(self, desk: Desk, rooms: Sequence[Room]) -> None:
        super().__init__()
        Look.dress(self)
        self.desk = desk
        self.rooms = {room.key: room for room in rooms}
        desk.actions.hold_in(self)
        self.setObjectName("main")
        self.setWindowTitle(self.tr("Yuncheng Console"))
        self.setWindowIcon(icon("mdi6.city-variant-outline", "accent"))
        self.setMinimumSize(1024, 640)
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowNestedDocks)
        for corner, area in (
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        self.stage = Stage(desk.canvas)
        self.setCentralWidget(self.stage)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.notices = NoticeStack(desk.notices, self.stage)
        self.stage.set_notices(self.notices)
        self._workspaces: dict[str, Workspace] = {}
        self._docks: dict[tuple[str, str], QDockWidget] = {}
        self._current: Workspace | None = None
        self._awaited = ""
        self._narrow = self._low = self._was_shown = False
        self._unveiling: Unveiling | None = None
        self.field = CommandField(desk.actions, self)
        self.top: TopBar
        self._add_tabs()
        desk.selection.changed.connect(self._on_selection)
        desk.selection.chosen.connect(self._show_selection)

    # Workspaces

    def _add_tabs(self) -> None:
        for number, room in enumerate(self.rooms.values(), 1):
            self.desk.actions.add(
                f"workspace.{room.key}",
                room.title,
                partial(self.show_workspace, room.key),
                group=self.tr("Workspaces"),
                shortcut=f"Ctrl+{number}",
                checkable=True,
            )

    def add_workspace(self, workspace: Workspace) -> Iterator[None]:
        """Give the window a further workspace, a panel a turn; it comes to the front if it was awaited there."""
        yield from self._add_docks(workspace)
        for panel in (workspace.left, workspace.right, workspace.bottom, workspace.middle):
            yield from style(panel)
        workspace.right_wanted.connect(self._show_right)
        self._workspaces[workspace.key] = workspace
        self.workspace_added.emit(workspace)
        if workspace.key == self._awaited:
            self.show_workspace(workspace.key)

    @property
    def missing(self) -> list[Room]:
        """The workspaces that are not there yet, the one that is awaited in front first."""
        rooms = [room for room in self.rooms.values() if room.key not in self._workspaces]
        return sorted(rooms, key=lambda room: room.key != self._awaited)

    def open(self) -> Iterator[None]:
        """The first workspace is there and comes to the front, in steps."""
        tabs = [self.desk.actions[f"workspace.{key}"] for key in self.rooms]
        self.top = TopBar(tabs, self.field, self.desk.now)
        self.setMenuWidget(self.top)
        self.top.bell.clicked.connect(self._show_history)
        yield
        self._add_actions()
        person = self.desk.person
        self.top.show_user(self.desk.name(person.title, person.title_en), self._user_menu())
        yield
        self._restore_geometry()
        # In a narrow window the map needs the place more than the list of its layers.
        shown = self.desk.memory.value("layers_shown", not self._narrow, type=bool)
        self._show_layers(shown=bool(shown))
        self.show_workspace(next(iter(self._workspaces)))

    @property
    def workspaces(self) -> dict[str, Workspace]:
        """The workspaces that are there by their keys, in the order of their tabs."""
        return {key: self._workspaces[key] for key in self.rooms if key in self._workspaces}

    @property
    def current(self) -> Workspace | None:
        """The workspace in front."""
        return self._current

    def show_workspace(self, key: str) -> None:
        """Bring the workspace `key` to the front with its own arrangement of panels, as soon as it is there."""
        for name in self.rooms:
            self.desk.actions[f"workspace.{name}"].setChecked(name == key)
        wanted = self._workspaces.get(key)
        self._awaited = key if wanted is None else ""
        if wanted is None:
            self.workspace_wanted.emit()
        if wanted is None or wanted is self._current:
            return
        if self._current is not None:
            self._remember_layout()
            self._current.leave()
        self._current = wanted
        self.setWindowTitle(f"{self.rooms[key].title} — " + self.tr("Yuncheng Console"))
        self.desk.memory.setValue("workspace", key)
        self._arrange()
        if self.isVisible():
            # Its panels are seen before what they show is read anew.
            self._unveil().finished.connect(self.desk.operations.hold_reads(ENTERED_MS).end)
        wanted.enter()
        self.workspace_changed.emit(key)

    # Panels

    def _add_docks(self, workspace: Workspace) -> Iterator[None]:
        for place, area, panel in (
            ("left", Qt.DockWidgetArea.LeftDockWidgetArea, workspace.left),
            ("right", Qt.DockWidgetArea.RightDockWidgetArea, workspace.right),
            ("bottom", Qt.DockWidgetArea.BottomDockWidgetArea, workspace.bottom),
        ):
            if panel is None:
                continue
            dock = QDockWidget(panel.windowTitle() or self.rooms[workspace.key].title, self)
            dock.setObjectName(f"{workspace.key}.{place}")
            dock.setFeatures(
                QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetClosable
            )
            heading = panel.findChild(Heading, options=Qt.FindChildOption.FindDirectChildrenOnly)
            # Its own heading is what a panel is dragged by; a strip of charts needs none.
            dock.setTitleBarWidget(heading if heading is not None else QWidget())
            dock.setWidget(panel)
            if place == "right" and heading is not None:
                heading.closed.connect(partial(self._show_right, shown=False))
            dock.hide()
            self.addDockWidget(area, dock)
            self._docks[workspace.key, place] = dock
            yield

    def _dock(self, place: str) -> QDockWidget | None:
        return None if self._current is None else self._docks.get((self._current.key, place))

    def _arrange(self) -> None:
        """Show the panels of the workspace in front as they were left, or in their usual sizes."""
        workspace = self._current
        if workspace is None:
            return
        self.setUpdatesEnabled(False)
        self._dock_detail()
        self.stage.show_instead(workspace.middle)
        for dock in self._docks.values():
            dock.hide()
        state = self.desk.memory.value(self._layout_key())
        if not (isinstance(state, QByteArray) and self.restoreState(state, LAYOUT_VERSION)):
            self._usual_layout()
        # A state that was saved before a workspace existed knows nothing of its panels.
        for (key, _), dock in self._docks.items():
            if key != workspace.key:
                dock.hide()
        workspace.fold(folded=self._low and workspace.folds)
        if self._floats:
            self._float_detail()
        self.setUpdatesEnabled(True)

    @property
    def _floats(self) -> bool:
        """Whether the right panel floats over the map: in a narrow window, where there is a map."""
        return self._narrow and self._current is not None and self._current.middle is None

    def _usual_layout(self) -> None:
        docks = [self._dock(place) for place in ("left", "right", "bottom")]
        for dock in docks:
            if dock is not None:
                dock.show()
        left, right, bottom = docks
        left_px = 0 if self._current is None else self._current.left_px
        across = [(d, w) for d, w in ((left, left_px), (right, RIGHT_WIDTH)) if d is not None]
        self.resizeDocks([d for d, _ in across], [w for _, w in across], Qt.Orientation.Horizontal)
        if bottom is not None:
            folds = self._low and self._current is not None and self._current.folds
            height = FOLDED_HEIGHT if folds else BOTTOM_HEIGHT
            self.resizeDocks([bottom], [height], Qt.Orientation.Vertical)

    def _layout_key(self) -> str:
        name = self._current.key if self._current is not None else ""
        return f"layout/{name}-{'narrow' if self._narrow else 'wide'}-{'low' if self._low else 'high'}"

    def _remember_layout(self) -> None:
        if self._current is not None:
            self.desk.memory.setValue(self._layout_key(), self.saveState(LAYOUT_VERSION))

    def _float_detail(self) -> None:
        dock = self._dock("right")
        panel = dock.widget() if dock is not None else None
        if dock is None or panel is None:
            return
        dock.hide()
        heading = dock.titleBarWidget()
        box = panel.layout()
        if isinstance(heading, Heading) and isinstance(box, QVBoxLayout):
            box.insertWidget(0, heading)
            heading.close_button.show()
        self.stage.take_detail(panel)
        self._show_right(shown=self._shows_selection and self.desk.selection.thing is not None)

    def _dock_detail(self) -> None:
        panel = self.stage.release_detail()
        if panel is None:
            return
        for key, workspace in self._workspaces.items():
            dock = self._docks.get((key, "right"))
            if dock is not None and workspace.right is panel:
                dock.setWidget(panel)
                heading = panel.findChild(Heading, options=Qt.FindChildOption.FindDirectChildrenOnly)
                if heading is not None:
                    heading.close_button.hide()
                    dock.setTitleBarWidget(heading)

    @property
    def _shows_selection(self) -> bool:
        return self._current is not None and self._current.shows_selection

    def _on_selection(self, thing: object) -> None:
        if thing is None and self._shows_selection:
            self._show_right(shown=False)

    def _show_selection(self) -> None:
        if self._shows_selection:
            self._show_right()

    def _show_right(self, *, shown: bool = True) -> None:
        """Show or hide the right panel where it floats; where it is docked it stays as it is."""
        if self._floats:
            self.stage.show_detail(shown=shown)

    def _toggle(self, place: str) -> None:
        if place == "right" and self._floats:
            self._show_right(shown=not self.stage.is_detail_shown)
            if self.stage.is_detail_shown:
                self.desk.canvas.reveal_selection()
            return
        dock = self._dock(place)
        if dock is not None:
            dock.setVisible(dock.isHidden())

    def _toggle_layers(self) -> None:
        shown = not self.stage.are_layers_shown
        self._show_layers(shown=shown)
        self.desk.memory.setValue("layers_shown", shown)

    def _show_layers(self, *, shown: bool) -> None:
        self.stage.show_layers(shown=shown)
        self.desk.actions["panel.layers"].setChecked(shown)

    # Commands

    def _add_actions(self) -> None:
        add, view, general = self.desk.actions.add, self.tr("View"), self.tr("General")
        add("commands", self.tr("Commands and search"), self.field.open, group=general, shortcut="Ctrl+K")
        add("keys", self.tr("Overview of keys"), self.show_keys, group=general, shortcut="F1 ?")
        add(
            "escape",
            self.tr("Close, go back to the map"),
            self._escape,
            group=general,
            shortcut="Esc",
        )
        add("notices", self.tr("Notices of this session"), self._show_history, group=general, shortcut="F8")
        for place, title, keys in (
            ("left", self.tr("List panel"), "Ctrl+B"),
            ("bottom", self.tr("Charts"), "Ctrl+J"),
            ("right", self.tr("Detail panel"), "Ctrl+I"),
        ):
            symbol = "mdi6.card-text-outline" if place == "right" else ""
            add(f"panel.{place}", title, partial(self._toggle, place), group=view, shortcut=keys, symbol=symbol)
        add(
            "panel.layers",
            self.tr("Layers"),
            self._toggle_layers,
            group=view,
            shortcut="F4",
            symbol="mdi6.layers-outline",
            checkable=True,
        )
        add("panels.reset", self.tr("Usual arrangement of panels"), self._reset_layout, group=view)
        add("full_screen", self.tr("Full screen"), self._toggle_full_screen, group=view, shortcut="F11")
        other_theme = next(t for t in THEMES if t != Look.current().name)
        names = {"dark": self.tr("Dark theme"), "light": self.tr("Light theme")}
        add(
            "theme",
            names[other_theme],
            lambda: self.appearance_wanted.emit(self.desk.language, other_theme),
            group=view,
            shortcut="Ctrl+T",
            symbol="mdi6.theme-light-dark",
        )
        other_language = next(code for code in LANGUAGES if code != self.desk.language)
        # Each language is offered in its own words, so that whoever cannot read the other one finds it.
        add(
            "language",
            {"zh_CN": "中文", "en": "English"}[other_language],
            lambda: self.appearance_wanted.emit(other_language, Look.current().name),
            group=view,
            shortcut="Ctrl+L",
            symbol="mdi6.translate",
        )
        add("sign_out", self.tr("Sign in as somebody else"), self._sign_out, group=general)
        add("quit", self.tr("Quit"), self._quit, group=general, shortcut="Ctrl+Q")

    def _sign_out(self) -> None:
        if self._may_leave():
            self.sign_out_wanted.emit()

    def _quit(self) -> None:
        if self._may_leave():
            self.close()

    def _may_leave(self) -> bool:
        """Whether nothing is lost by it, or the person wants it all the same: then it is asked for twice."""
        lost = self.desk.unsent.left_behind()
        if lost:
            told = (
                self.tr("1 file is not attached yet to this case. Leave again to give it up."),
                self.tr("{n} files are not attached yet, the first to this case. Leave again to give them up."),
            )
            if lost[0].case_id < 0:
                told = (
                    self.tr("1 file goes with a report that is not handed in. Leave again to give it up."),
                    self.tr("{n} files wait, the first for a report not handed in. Leave again to give them up."),
                )
            else:
                self.desk.selection.select(Thing("case", str(lost[0].case_id)))
            self.desk.notices.post(figures.things(len(lost), *told), "high")
        return not lost

    def _user_menu(self) -> QMenu:
        menu = QMenu(self)
        for keys in (("theme", "language", "full_screen"), ("keys", "panels.reset"), ("sign_out", "quit")):
            for key in keys:
                menu.addAction(self.desk.actions[key])
            menu.addSeparator()
        return menu

    def show_keys(self) -> None:
        """Show what every key does."""
        KeysOverlay(self.desk.actions, self).open()

    def _show_history(self) -> None:
        history = NoticeHistory(self.desk.notices, self)
        history.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        history.adjustSize()
        corner = self.top.bell.mapToGlobal(self.top.bell.rect().bottomRight())
        history.move(corner - QPoint(history.width(), -6))
        history.show()

    def _escape(self) -> None:
        if not self.desk.clock.is_live:
            self.desk.clock.go_live()
            return
        self._show_right(shown=False)
        self.stage.keep_keyboard()

    def _reset_layout(self) -> None:
        self.desk.memory.remove(self._layout_key())
        self._arrange()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    # Size

    def sizeHint(self) -> QSize:
        """As large as two list panels and a map need."""
        return QSize(1600, 960)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow or low window arranges its panels differently."""
        super().resizeEvent(event)
        if self._current is None:
            return
        self.top.fit(self.width())
        narrow, low = self.width() < NARROW, self.height() < LOW
        if (narrow, low) != (self._narrow, self._low):
            self._narrow, self._low = narrow, low
            self._arrange()

    def _restore_geometry(self) -> None:
        geometry = self.desk.memory.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            available = self.screen().availableGeometry()
            if available.width() <= self.sizeHint().width() or available.height() <= self.sizeHint().height():
                self.setWindowState(Qt.WindowState.WindowMaximized)
            self.resize(self.sizeHint().boundedTo(available.size()))
        self._narrow, self._low = self.width() < NARROW, self.height() < LOW
        self.top.fit(self.width())

    def remember(self) -> None:
        """Write down the arrangement for the next window."""
        self._remember_layout()
        self.desk.memory.setValue("geometry", self.saveGeometry())
        self.desk.memory.sync()

    def showEvent(self, event: QShowEvent) -> None:
        """The first time, the panels are painted one a turn."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self._unveil().finished.connect(self.painted)

    def _unveil(self) -> Unveiling:
        """Paint the panels one a turn: all at once they take longer than a key may wait."""
        if self._unveiling is not None and self._unveiling.is_running:
            self._unveiling.finish()
        docks = [self._dock(place) for place in ("left", "right", "bottom")]
        seen = [dock for dock in docks if dock is not None and not dock.isHidden()]
        self._unveiling = Unveiling([self, *seen, self.stage], self)
        self._unveiling.start()
        return self._unveiling

    def event(self, event: QEvent) -> bool:
        """Another language is that of the next window: the widgets of this one, two thousand, need not hear of it."""
        return event.type() == QEvent.Type.LanguageChange or super().event(event)

    def take_apart(self) -> Iterator[None]:
        """Delete a window that is closed, a part a turn: whatever acts first, then panels, the last one made first."""
        if self._unveiling is not None and self._unveiling.is_running:
            self._unveiling.stop()
        for child in self.children():
            if not child.isWidgetType() and not isinstance(child, QLayout):
                child.deleteLater()
        yield
        for panel in [*reversed(self._docks.values()), self.stage]:
            panel.deleteLater()
            yield
        self.deleteLater()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the arrangement; whoever made the window ends the rest."""
        if event.spontaneous() and not self._may_leave():
            event.ignore()
            return
        self.remember()
        if self._current is not None:
            self._current.leave()
            self._current = None
        super().closeEvent(event)
        QTimer.singleShot(0, self.closed.emit)
