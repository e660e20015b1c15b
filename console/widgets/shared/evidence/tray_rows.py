"""One file in the tray: what it is, what it shows, and why it was not attached."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QToolButton

from console.models.cases.evidence import doubts_about
from console.widgets.shared.evidence.terms import KIND, STAGE, doubt_words, megabytes
from console.widgets.shared.evidence.tiles import SYMBOL
from console.widgets.shared.evidence.unsent import LOOKING, REFUSED, SENDING, STRANDED
from console.widgets.shared.panel import ElidedLabel, label, margins
from console.widgets.shared.style import icon, set_role
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from console.models.cases.evidence import CaseEvidence
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.evidence.unsent import Waiting

PICTURE = QSize(52, 39)


class TrayRow(QFrame):
    """Shows one file that waits."""

    def __init__(self, file: Waiting, desk: Desk) -> None:
        super().__init__()
        self.setProperty("surface", "raised")
        self._file, self._desk = file, desk
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(PICTURE)
        self.name = ElidedLabel()
        self.told = label("", "secondary", wraps=True, selectable=True)
        self.doubts = label("", "high", wraps=True, selectable=True)
        self.stage = QComboBox()
        self.stage.setAccessibleName(self.tr("What it shows"))
        for code in STAGE:
            self.stage.addItem(word(STAGE, code), code)
        self.stage.addItem("—", None)
        self.stage.activated.connect(lambda _index: desk.unsent.set_stage(file, self.stage.currentData()))
        self.remove = QToolButton()
        self.remove.setIcon(icon("mdi6.close"))
        self.remove.setToolTip(self.tr("Do not attach this one"))
        self.remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.remove.clicked.connect(partial(_remove, desk, file))
        grid = QGridLayout(self)
        margins(grid, 6, 6, 4, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.picture, 0, 0, 2, 1, top)
        grid.addWidget(self.name, 0, 1)
        grid.addWidget(self.stage, 0, 2)
        grid.addWidget(self.remove, 0, 3, top)
        grid.addWidget(self.told, 1, 1, 1, 3)
        grid.addWidget(self.doubts, 2, 1, 1, 3)

    def tell(self, found: CaseEvidence) -> None:
        """Say how it stands with the file now."""
        file = self._file
        self.name.setText(file.name)
        if file.image is not None:
            aspect = Qt.AspectRatioMode.KeepAspectRatio
            smooth = Qt.TransformationMode.SmoothTransformation
            self.picture.setPixmap(QPixmap.fromImage(file.image.scaled(PICTURE, aspect, smooth)))
        else:
            kind = file.examined.kind if file.examined is not None else "document"
            refused = file.state == REFUSED and file.examined is None
            symbol = icon("mdi6.file-alert-outline", "critical") if refused else icon(SYMBOL[kind])
            self.picture.setPixmap(symbol.pixmap(28, 28))
        words, role = self._words()
        self.told.setText(words)
        set_role(self.told, role)
        doubts = self._doubts(found) if role == "secondary" else []
        self.doubts.setText("\n".join(doubts))
        self.doubts.setVisible(bool(doubts))
        self.stage.setCurrentIndex(self.stage.findData(file.stage))
        self.stage.setVisible(file.examined is not None and file.examined.kind in {"photo", "video"})
        self.stage.setEnabled(file.state != SENDING)
        self.remove.setEnabled(file.state != SENDING)

    def _words(self) -> tuple[str, str]:
        file = self._file
        reason = "" if file.error is None else self._desk.notices.words_for(file.error)
        if file.state == LOOKING:
            return self.tr("Looking at it …"), "secondary"
        if file.state == SENDING:
            return self.tr("Attaching …"), "secondary"
        if file.state == STRANDED:
            return self.tr("Goes when the database is back. {reason}").format(reason=reason), "medium"
        if reason or file.examined is None:
            return reason, "critical"
        told = [word(KIND, file.examined.kind), megabytes(len(file.examined.content))]
        if file.examined.was_misnamed:
            told.append(self.tr("its name said something else"))
        return " · ".join(told), "secondary"

    def _doubts(self, found: CaseEvidence) -> list[str]:
        """What its camera says against the case, before it is attached."""
        file, rules = self._file, found.rules
        if file.examined is None:
            return []
        taken, now = file.examined.taken.at, self._desk.now()
        doubts = doubts_about(file.stage, taken, file.off_m, found.reported_at, now, rules.hours, rules.metres)
        return [f"◆ {doubt_words(doubt)}" for doubt in doubts]


def _remove(desk: Desk, file: Waiting, *_: object) -> None:
    desk.unsent.remove([file])
