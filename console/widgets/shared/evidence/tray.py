"""The tray: files that are to become evidence of a case, chosen, dropped or pasted, before they are attached."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.models.cases.evidence import SUFFIXES
from console.widgets.shared.evidence.terms import megabytes
from console.widgets.shared.evidence.tray_rows import TrayRow
from console.widgets.shared.evidence.unsent import LOOKING, READY, REFUSED, SENDING, STRANDED
from console.widgets.shared.figures import CITY_TIME
from console.widgets.shared.panel import label, margins
from console.widgets.shared.style import icon

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QHideEvent, QShowEvent

    from console.models.cases.evidence import CaseEvidence
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.evidence.source import EvidenceSource, ReportSource
    from console.widgets.shared.evidence.unsent import Waiting

MB = 1 << 20


class Tray(QWidget):
    """Shows what waits for the case of its source, while that may be added to.

    Args:
        desk: whose files wait.
        source: the evidence that the case has, or what stands for it in a report.
        sends: whether the files are attached from here; else they go with what the tray is part of.
        goes_with: the form that it is part of.
    """

    grown = Signal(QWidget)
    """A file has come, or all that came have been looked at: its row, or what attaches them."""

    def __init__(
        self, desk: Desk, source: EvidenceSource | ReportSource, *, sends: bool, goes_with: QWidget | None = None
    ) -> None:
        super().__init__()
        self._desk, self._source, self.sends, self.goes_with = desk, source, sends, goes_with
        self.rows: dict[Waiting, TrayRow] = {}
        self._was_looking = False
        self._held: int | None = None
        self.dialog: QFileDialog | None = None
        self.hint = label("", "secondary", wraps=True)
        self.add_button = QPushButton(self.tr("Add files  Ctrl+Shift+I"))
        self.add_button.setIcon(icon("mdi6.paperclip"))
        self.add_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.add_button.clicked.connect(self.ask)
        head = QHBoxLayout()
        margins(head, 0, 0, 0, 0, 8)
        head.addWidget(self.hint, 1)
        head.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignTop)
        self._list = QVBoxLayout()
        margins(self._list, 0, 0, 0, 0, 4)
        self.send_button = QPushButton()
        self.send_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.send_button.clicked.connect(self.send)
        self.remark = label("", "secondary")
        foot = QHBoxLayout()
        margins(foot, 0, 0, 0, 0, 8)
        foot.addWidget(self.remark, 1)
        foot.addWidget(self.send_button)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        box.addLayout(head)
        box.addLayout(self._list)
        box.addLayout(foot)
        desk.unsent.changed.connect(self._on_changed)
        source.changed.connect(self._show)
        self._show()

    @property
    def is_open(self) -> bool:
        """Whether the case may be added to."""
        return self._found is not None

    @property
    def is_of_report(self) -> bool:
        """Whether the files go with a report that is not handed in yet."""
        return self._source.case_id is not None and self._source.case_id < 0

    @property
    def files(self) -> tuple[Waiting, ...]:
        """What waits."""
        return self._desk.unsent.files(self._source.case_id)

    @property
    def is_looking(self) -> bool:
        """Whether some file is still looked at, or whether files may be added is still asked."""
        is_asking = self._source.found is None and bool(self.files)
        return is_asking or any(file.state == LOOKING for file in self.files)

    @property
    def _found(self) -> CaseEvidence | None:
        found = self._source.found
        return found if found is not None and found.takes_more else None

    # What comes

    def ask(self) -> None:
        """Ask for files of this computer."""
        if self._found is None or self.dialog is not None:
            return
        endings = " ".join(f"*{suffix}" for suffixes in SUFFIXES.values() for suffix in suffixes)
        kinds = self.tr("Photos, video, sound, documents ({endings})").format(endings=endings)
        title = self.tr("Files that go with the report")
        if self._found.case_no:
            title = self.tr("Files to attach to {case}").format(case=self._found.case_no)
        folder = str(self._desk.memory.value("evidence/folder", str(Path.home())))
        self.dialog = dialog = QFileDialog(self.window(), title, folder, f"{kinds};;" + self.tr("All files (*)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_selected)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def paste(self) -> None:
        """Take what is in the clipboard: a picture, or files."""
        given: QMimeData | None = QGuiApplication.clipboard().mimeData()  # nothing where nothing was ever copied
        if given is None or not self.take(given):
            self._desk.notices.post(self.tr("There is no picture and no file in the clipboard."))

    @staticmethod
    def fits(given: QMimeData) -> bool:
        """Whether what is dropped or pasted may be evidence: files, or a picture."""
        return given.hasUrls() or given.hasImage()

    def take(self, given: QMimeData) -> bool:
        """Take what was dropped or pasted; returns whether there was anything."""
        found = self._found
        if found is None or not self.fits(given):
            return False
        unsent = self._desk.unsent
        # A browser gives both, the picture and where it comes from: the picture is what can be had.
        urls = given.urls()
        local = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if local:
            unsent.add_files(found, local)
        image = given.imageData() if given.hasImage() and not local else None
        if isinstance(image, QImage) and not image.isNull():
            now = self._desk.now().astimezone(CITY_TIME)
            unsent.add_image(found, image, self.tr("pasted {time}.png").format(time=f"{now:%Y-%m-%d %H%M%S}"))
        elif not local:
            for url in urls:
                unsent.add_address(found, url.toDisplayString())
        return True

    def take_files(self, given: QMimeData) -> bool:
        """The same for what comes into a text: only files and pictures, no addresses of pages."""
        is_file = given.hasImage() or any(url.isLocalFile() for url in given.urls())
        return is_file and self.take(given)

    def _on_selected(self, chosen: list[str]) -> None:
        if self._found is not None and chosen:
            self._desk.memory.setValue("evidence/folder", str(Path(chosen[0]).parent))
            self._desk.unsent.add_files(self._found, [Path(name) for name in chosen])

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None

    # What goes

    def send(self) -> None:
        """Attach what waits; what was not attached before is tried again."""
        if self.sends:
            self._desk.unsent.send([file for file in self.files if file.examined is not None])

    # What is shown

    def _on_changed(self, case_id: int) -> None:
        if case_id == self._source.case_id:
            self._show()

    def _show(self) -> None:
        found, files = self._found, self.files if self._found is not None else ()
        is_elsewhere = self.sends and self._desk.unsent.goes_along(self._source.case_id)
        for file in [one for one in self.rows if one not in files]:
            row = self.rows.pop(file)
            row.hide()
            self._list.removeWidget(row)
            row.deleteLater()
        for file in files:
            if file not in self.rows:
                self.rows[file] = TrayRow(file, self._desk)
                self._list.addWidget(self.rows[file])
                self.rows[file].show()
                if not is_elsewhere:
                    self.grown.emit(self.rows[file])
            if found is not None:
                self.rows[file].tell(found)
        self.hint.setText(self._hint(files))
        ready = [file for file in files if file.examined is not None and file.state in {READY, STRANDED, REFUSED}]
        again = bool(ready) and all(file.state in {STRANDED, REFUSED} for file in ready)
        words = self.tr("Try again  Ctrl+Enter") if again else self.tr("Attach {n}  Ctrl+Enter").format(n=len(ready))
        self.send_button.setText(words)
        self.send_button.setVisible(self.sends and bool(files))
        self.send_button.setEnabled(bool(ready))
        self.remark.setText(self._room(found, files) if files else "")
        self.remark.setVisible(bool(files))
        self.setVisible(found is not None and not is_elsewhere)
        was_looking, self._was_looking = self._was_looking, any(file.state == LOOKING for file in files)
        if was_looking and not self._was_looking and self.sends and not is_elsewhere:
            self.grown.emit(self.send_button)

    def showEvent(self, event: QShowEvent) -> None:
        """What goes with a form is shown in the form alone."""
        super().showEvent(event)
        if not self.sends and self._held is None and self._source.case_id is not None:
            self._held = self._source.case_id
            self._desk.unsent.hold(self._held, 1)

    def hideEvent(self, event: QHideEvent) -> None:
        """The form has gone: the files wait where they are attached by themselves."""
        super().hideEvent(event)
        if self._held is not None:
            held, self._held = self._held, None
            self._desk.unsent.hold(held, -1)

    def _hint(self, files: tuple[Waiting, ...]) -> str:
        if any(file.state == SENDING for file in files):
            return self.tr("Attaching …")
        if any(file.can_be_sent for file in files) and not self.sends:
            return self.tr("These go with it.")
        return self.tr("Drop or paste photos here.")

    def _room(self, found: CaseEvidence | None, files: tuple[Waiting, ...]) -> str:
        if found is None:
            return ""
        size = sum(item.size_bytes for item in found.counting)
        size += sum(len(file.examined.content) for file in files if file.examined is not None)
        return self.tr("{size} of {most} MB").format(size=megabytes(size), most=f"{found.rules.case_mb:g}")
