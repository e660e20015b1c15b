"""Configuration: the administrator's topics at the left, their entries in the middle, one of them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget

from console.widgets.configuration.entry_panel import EntryPanel
from console.widgets.configuration.page import TopicPage
from console.widgets.configuration.record_page import RecordPage
from console.widgets.configuration.register import Register
from console.widgets.configuration.topic_list import TopicList
from console.widgets.configuration.topics import RECORD, TOPICS
from console.widgets.shared.desk import Workspace

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QWidget

    from console.widgets.configuration.topics import Topic
    from console.widgets.shared.desk import Desk


class ConfigurationWorkspace(Workspace):
    """What rules and desks go by, edited by the administrator."""

    key: ClassVar[str] = "configuration"
    roles: ClassVar[frozenset[str]] = frozenset({"administrator"})
    shows_selection: ClassVar[bool] = False
    left_px: ClassVar[int] = 252

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(desk, parent)
        self.register = Register(desk, self)
        self.topics = TopicList()
        self.entry = EntryPanel(desk, self.register)
        self.record = RecordPage(desk, self.register)
        self.pages: dict[str, TopicPage] = {}
        self.stack = QStackedWidget()
        self.stack.addWidget(self.record)
        self._is_front = False
        self.left, self.right, self.middle = self.topics, self.entry, self.stack
        for topic in TOPICS:
            self._add_page(topic)
        self.topics.chosen.connect(self.show_topic)
        self.record.chosen.connect(self.entry.show_record)
        self.register.changed.connect(self._count)
        self.register.recorded.connect(self._on_recorded)
        self._add_actions()
        self.topics.choose(TOPICS[0].key)

    def _add_page(self, topic: Topic) -> None:
        page = self.pages[topic.key] = TopicPage(topic, self.register)
        page.chosen.connect(lambda key: self.entry.show_row(topic, key))
        self.stack.addWidget(page)

    def _add_actions(self) -> None:
        add, group = self.desk.actions.add, self.tr("Configuration")
        self._keys = (
            add("configuration.search", self.tr("Search in the table"), self._search, group=group, shortcut="Ctrl+F /",
                scope=self.stack),
            add("configuration.next", self.tr("Next topic"), lambda: self.topics.step(1), group=group,
                shortcut="Alt+Down"),
            add("configuration.previous", self.tr("Topic before"), lambda: self.topics.step(-1), group=group,
                shortcut="Alt+Up"),
        )  # fmt: skip
        self._enable_keys(enabled=False)

    @property
    def title(self) -> str:
        """Name on its tab."""
        return QCoreApplication.translate("ConfigurationWorkspace", "Configuration")

    @property
    def page(self) -> QWidget:
        """What stands in the middle now."""
        shown = self.stack.currentWidget()
        return self.record if shown is None else shown

    def enter(self) -> None:
        """Fetch what is due."""
        self._is_front = True
        self._enable_keys(enabled=True)
        self.register.activate(active=True)
        self._on_recorded()

    def leave(self) -> None:
        """Rest; drafts stay."""
        self._is_front = False
        self._enable_keys(enabled=False)
        self.register.activate(active=False)

    def refresh(self) -> None:
        """Fetch everything anew."""
        self.register.reload()

    def prepare_picture(self) -> None:
        """Filing conditions, the first of them in full."""
        self.topics.choose("filing_condition")
        self.pages["filing_condition"].wants_first = True

    def keep(self) -> object:
        """The topic that is shown."""
        page = self.page
        return page.topic.key if isinstance(page, TopicPage) else RECORD

    def resume(self, kept: object) -> None:
        """Show that topic again."""
        if isinstance(kept, str):
            self.topics.choose(kept)

    def show_topic(self, key: str) -> None:
        """Show the table of a topic, or the record."""
        page = self.pages.get(key)
        self.stack.setCurrentWidget(page or self.record)
        marked = None if page is None else page.table.marked
        if page is None or marked is None:
            self.entry.show_nothing()
        else:
            self.entry.show_row(page.topic, marked)
        if page is None:
            self._on_recorded()

    def _search(self) -> None:
        page = self.page
        if isinstance(page, (TopicPage, RecordPage)):
            page.search()

    def _on_recorded(self) -> None:
        if self._is_front and self.page is self.record:
            self.record.refresh()

    def _count(self, key: str) -> None:
        draft = self.register.drafts[key]
        self.topics.show_counts(key, len(draft.keys), draft.count)
        self.topics.show_unsaved(self.register.unsaved)

    def _enable_keys(self, *, enabled: bool) -> None:
        for action in self._keys:
            action.setEnabled(enabled)
