"""Configuration: the administrator's topics at the left, their entries in the middle, one of them in full."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget

from console.models.configuration.refusals import RefusedEntryError
from console.models.configuration.rows import ConflictError
from console.widgets.configuration.entry_panel import EntryPanel
from console.widgets.configuration.page import TopicPage
from console.widgets.configuration.record_page import RecordPage
from console.widgets.configuration.register import Register
from console.widgets.configuration.roster_page import RosterPage
from console.widgets.configuration.roster_plan import RosterPlan
from console.widgets.configuration.standard_files import StandardFiles
from console.widgets.configuration.standard_page import StandardPage
from console.widgets.configuration.topic_list import TopicList
from console.widgets.configuration.topics import CALENDAR, RECORD, ROSTERS, TOPICS
from console.widgets.configuration.year_page import YearPage
from console.widgets.intake.desk import TITLES, IntakeDesk
from console.widgets.intake.page import IntakePage
from console.widgets.shared import figures
from console.widgets.shared.desk import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from console.widgets.configuration.topics import Topic

STANDARD = "filing_condition"


class ConfigurationWorkspace(Workspace):
    """What rules and desks go by, edited by the administrator."""

    key: ClassVar[str] = "configuration"
    shows_selection: ClassVar[bool] = False
    left_px: ClassVar[int] = 252

    def build(self) -> Iterator[None]:
        """Make the panels, a step a turn."""
        desk = self.desk
        self.register = Register(desk, self)
        self.intake = IntakeDesk(desk)
        self.topics = TopicList(TITLES)
        yield
        self.entry = EntryPanel(desk, self.register)
        yield
        self.record = RecordPage(desk, self.register)
        self.pages: dict[str, TopicPage] = {}
        self.stack = QStackedWidget()
        self.stack.addWidget(self.record)
        self._is_front = False
        self.left, self.right, self.middle = self.topics, self.entry, self.stack
        for topic in TOPICS:
            self._add_page(topic)
            yield
        self.intake.built.connect(self._add_intake)
        self.topics.chosen.connect(self.show_topic)
        self.record.chosen.connect(self.entry.show_record)
        self.entry.copied.connect(self.copy_entry)
        self.entry.removed.connect(self.remove_entry)
        self.entry.account.lock_wanted.connect(self.lock_post)
        self.entry.review.wanted.connect(self._save)
        self.entry.review.opened.connect(self._open)
        self.entry.review.given_up.connect(self._leave_review)
        self.entry.stack.currentChanged.connect(self._put_forward)
        self.register.changed.connect(self._count)
        self.register.recorded.connect(self._on_recorded)
        self._add_actions()
        yield
        self.files = StandardFiles(desk, self.stack)
        self.standard = StandardPage(desk)
        self.stack.addWidget(self.standard)
        self.pages[STANDARD].add_tools(self.files.actions)
        self.rosters = RosterPlan(desk, self.register, self)
        self.rosters.wanted.connect(lambda: self.topics.choose(ROSTERS))
        self.pages[ROSTERS].add_tools([self.rosters.action])
        self.files.chosen.connect(self.read_standard)
        self.standard.chosen.connect(self.entry.show_verdict)
        self.standard.given_up.connect(lambda: self.show_topic(STANDARD))
        self.standard.imported.connect(lambda: self.show_topic(STANDARD))
        yield
        self._enable_keys(enabled=False)
        self._offer_topics()
        self.topics.choose(TOPICS[0].key)

    def _add_page(self, topic: Topic) -> None:
        page: TopicPage
        if topic.key == CALENDAR:
            page = year = YearPage(self.desk, self.register)
            year.hours_wanted.connect(lambda: self.topics.choose("working_hours"))
        elif topic.key == ROSTERS:
            page = rosters = RosterPage(self.desk, self.register)
            rosters.free_chosen.connect(self.entry.show_nothing)
        else:
            page = TopicPage(topic, self.register)
        self.pages[topic.key] = page
        page.chosen.connect(lambda key: self.entry.show_row(topic, key))
        page.opened.connect(self._open)
        page.new_wanted.connect(self.add_entry)
        page.bar.wanted.connect(self.begin_review)
        self.stack.addWidget(page)

    def _add_intake(self, page: IntakePage) -> None:
        self.stack.addWidget(page)
        self.entry.add_panel(page.panel)
        page.counted.connect(self.topics.show_waiting)
        page.named.connect(self.entry.heading.say)

    def _add_actions(self) -> None:
        add, group = self.desk.actions.add, self.tr("Configuration")
        self._keys = (
            add("configuration.search", self.tr("Search in the table"), self._search, group=group, shortcut="Ctrl+F /",
                scope=self.stack),
            add("configuration.new", self.tr("New entry"), self.add_entry, group=group, shortcut="Ctrl+N"),
            add("configuration.copy", self.tr("New entry like this one"), self.copy_entry, group=group,
                shortcut="Ctrl+Alt+N"),
            add("configuration.remove", self.tr("Remove the entry, or keep it after all"), self.remove_entry,
                group=group, shortcut="Del", scope=self.stack),
            add("configuration.save", self.tr("Look through the changes and save them"), self.begin_review,
                group=group, shortcut="Ctrl+S"),
            add("configuration.next", self.tr("Next topic"), lambda: self.topics.step(1), group=group,
                shortcut="Ctrl+PgDown"),
            add("configuration.previous", self.tr("Topic before"), lambda: self.topics.step(-1), group=group,
                shortcut="Ctrl+PgUp"),
        )  # fmt: skip

    def _offer_topics(self) -> None:
        """Each topic is found in the command field, from wherever one is."""
        group = self.tr("Configuration")
        for key, title in ({topic.key: topic.title for topic in TOPICS} | TITLES).items():
            work = partial(self._go_to_topic, key)
            words = QCoreApplication.translate("words", title)
            self.desk.actions.add(f"configuration.topic.{key}", words, work, group=group)

    def _go_to_topic(self, key: str) -> None:
        if not self._is_front:
            self.desk.actions[f"workspace.{self.key}"].trigger()
        self.topics.choose(key)
        self.stack.setFocus()

    @property
    def page(self) -> TopicPage | None:
        """The topic that is shown; nothing while it is the record, or something of the field."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, TopicPage) else None

    def enter(self) -> None:
        """Fetch what is due."""
        self._is_front = True
        self._enable_keys(enabled=True)
        self.register.activate(active=True)
        self.intake.build()
        self.intake.count()
        self.intake.show(self._intake_key)
        self._on_recorded()

    def leave(self) -> None:
        """Rest; drafts stay."""
        self._is_front = False
        self._enable_keys(enabled=False)
        self.register.activate(active=False)
        self.intake.show("")

    def refresh(self) -> None:
        """Fetch everything anew."""
        self.register.reload()

    def prepare_picture(self) -> None:
        """Filing conditions, the first of them in full."""
        self.topics.choose(STANDARD)
        self.pages[STANDARD].wants_first = True

    def keep(self) -> object:
        """The topic that is shown, and all that is typed and not saved."""
        page = self.page
        return self._intake_key or RECORD if page is None else page.topic.key, self.register.drafts

    @property
    def _intake_key(self) -> str:
        """Key of the page of the field that is shown; empty while none is."""
        shown = self.stack.currentWidget()
        return shown.key if isinstance(shown, IntakePage) else ""

    def resume(self, kept: object) -> None:
        """Show that topic again, and go on with what was typed."""
        if isinstance(kept, tuple):
            key, drafts = kept
            self.register.go_on_from(drafts)
            self.topics.choose(key)

    def show_topic(self, key: str) -> None:
        """Show the table of a topic, a page of the field, or the record."""
        page = self.pages.get(key)
        intake = self.intake.page(key)
        self._show_middle(page or intake or self.record)
        self.intake.show(key if self._is_front else "")
        if intake is not None:
            self.entry.show_panel(intake.panel)
            intake.name_record(intake.marked)
        elif page is None:
            self.entry.show_nothing()
            self._on_recorded()
        else:
            self._show_marked(page)

    def read_standard(self, path: Path) -> None:
        """Judge the lines of a standard, in place of the table of conditions."""
        self.topics.choose(STANDARD)
        self._show_middle(self.standard)
        self.entry.show_nothing()
        self.standard.setFocus()
        self.standard.begin(path)

    def _show_middle(self, widget: QWidget) -> None:
        """Put `widget` in the middle; the keyboard goes there if it was in the middle already."""
        keyboard = self.stack.window().focusWidget()
        was_here = keyboard is not None and self.stack.isAncestorOf(keyboard)
        self.stack.setCurrentWidget(widget)
        self.stack.setFocusProxy(widget)
        if was_here:
            widget.setFocus()

    # Editing

    def add_entry(self) -> None:
        """A new entry in the topic that is shown."""
        page = self.page
        if page is not None and page.topic.grows and not self.register.is_saving:
            self._show_new(page, self.register.drafts[page.topic.key].add({}))

    def copy_entry(self) -> None:
        """A new entry that begins as the marked one is."""
        page, key = self.page, self.entry.key
        if page is not None and key is not None and page.topic.grows and not self.register.is_saving:
            self._show_new(page, self.register.drafts[page.topic.key].twin(key))

    def remove_entry(self) -> None:
        """Let the marked entry go when the changes are saved; once more keeps it after all."""
        page, key = self.page, self.entry.key
        if page is None or key is None or not page.topic.grows or self.register.is_saving:
            return
        draft = self.register.drafts[page.topic.key]
        if draft.is_removed(key):
            draft.restore(key)
        else:
            draft.remove(key)
        self.register.touched(page.topic.key)

    def lock_post(self, active: bool) -> None:
        """Let the post that is shown be active or not: its login follows; why is asked at once."""
        page, key = self.page, self.entry.key
        if page is not None and key is not None and not self.register.is_saving:
            self.register.drafts[page.topic.key].set(key, "active", active)
            self.register.touched(page.topic.key)
            self.begin_review()

    def begin_review(self) -> None:
        """Show what would be saved."""
        page = self.page
        if page is None or not self.register.drafts[page.topic.key].is_changed:
            self.desk.notices.post(self.tr("Nothing is changed here."))
        else:
            self.entry.show_review(page.topic)

    def _show_new(self, page: TopicPage, key: str) -> None:
        page.text.clear()
        self.register.touched(page.topic.key)
        self._open(key)

    def _open(self, key: str) -> None:
        """Show an entry of the topic in front, with the keyboard in its form."""
        page = self.page
        if page is not None:
            page.mark(key)
            self.entry.show_row(page.topic, key)
            if self.entry.form is not None:
                self.entry.form.focus_first()

    def _put_forward(self) -> None:
        """One button stands out: the one that leads to the review, or the one in it that saves."""
        for page in self.pages.values():
            page.bar.save.setDefault(not self.entry.is_review)

    def _leave_review(self) -> None:
        page = self.page
        if page is not None:
            self._show_marked(page)
            page.setFocus()

    def _show_marked(self, page: TopicPage) -> None:
        marked = page.marked
        if marked is None or marked not in self.register.drafts[page.topic.key].keys:
            self.entry.show_nothing()
        else:
            self.entry.show_row(page.topic, marked)

    def _save(self, reason: str, day: date) -> None:
        page = self.page
        if page is None:
            return
        topic, draft, marked = page.topic, self.register.drafts[page.topic.key], page.marked
        count = draft.count
        new = draft.values(marked) if marked is not None and marked in draft.keys and draft.is_added(marked) else None

        def done() -> None:
            self.entry.review.saved()
            saved = self.tr("1 change is saved."), self.tr("{n} changes are saved.")
            self.desk.notices.post(figures.things(count, *saved))
            if new is not None:
                page.mark(draft.key_of(new))
            self._show_marked(page)
            page.setFocus()

        self.register.save(topic, reason, day, done, lambda error: self._explain(topic, error))
        self.entry.review.refresh()

    def _explain(self, topic: Topic, error: Exception) -> None:
        """Say at the entry and field that it concerns why nothing was saved."""
        words = self.desk.notices.words_for(error)
        key = error.keys[0] if isinstance(error, ConflictError) else ""
        field = ""
        if isinstance(error, RefusedEntryError):
            key, field = error.key, error.field
        if key in self.register.drafts[topic.key].keys:
            self.pages[topic.key].mark(key)
            self.entry.show_refusal(topic, key, field, words)
        else:
            self.entry.review.say(words)

    # Inside

    def _search(self) -> None:
        (self.page or self.intake.pages.get(self._intake_key) or self.record).search()

    def _on_recorded(self) -> None:
        if self._is_front and self.stack.currentWidget() is self.record:
            self.record.refresh()

    def _count(self, key: str) -> None:
        draft = self.register.drafts[key]
        self.topics.show_counts(key, len(draft.keys), draft.count)
        self.topics.show_unsaved(self.register.unsaved)

    def _enable_keys(self, *, enabled: bool) -> None:
        for action in (*self._keys, *self.files.actions, self.rosters.action):
            action.setEnabled(enabled)
