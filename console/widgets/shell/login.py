"""Signing in: a database login, whose role decides the workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from console.widgets.shared.panel import fit_height, label, line, margins
from console.widgets.shared.style import Look, icon, set_role
from console.widgets.shared.words import ROLE, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.staff import Person


class LoginDialog(QDialog):
    """Asks for a login and its password; the first thing that is seen.

    Args:
        place: the database that is signed in to, as people call it.
        demonstration: people of the demonstration city to pick from; none on a department's server.
        language: of the people's titles.
        last: the login that was used last on this desk.
    """

    wanted = Signal(str, str)
    """Somebody wants to sign in with (login, password); `succeed` or `fail` must follow."""

    def __init__(self, place: str, demonstration: Sequence[Person], language: str, last: str = "") -> None:
        super().__init__()
        Look.dress(self)
        self.setWindowTitle(self.tr("Sign in") + " — " + self.tr("Yuncheng Console"))
        self.setWindowIcon(icon("mdi6.city-variant-outline", "accent"))
        self.setFixedWidth(420)
        box = QVBoxLayout(self)
        margins(box, 28, 24, 28, 24, 12)
        box.addWidget(label(self.tr("Yuncheng Console"), "brand"))
        box.addWidget(label(place, "secondary", wraps=True))
        box.addWidget(line())
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._people = {p.login: p for p in demonstration}
        self.who: QComboBox | QLineEdit
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        if demonstration:
            self.who = QComboBox()
            for person in demonstration:
                title = person.title if language == "zh_CN" else person.title_en
                role = word(ROLE, person.role)
                self.who.addItem(title if title == role else f"{title}  ·  {role}", person.login)
            self.who.setCurrentIndex(max(0, self.who.findData(last)))
            form.addRow(self.tr("Post"), self.who)
        else:
            self.who = QLineEdit(last)
            form.addRow(self.tr("Login"), self.who)
            form.addRow(self.tr("Password"), self.password)
        box.addLayout(form)
        self.problem = label("", "critical", wraps=True)
        self.problem.setMinimumHeight(18)
        box.addWidget(self.problem)
        row = QHBoxLayout()
        hint = self.tr("Demonstration city: Enter signs in") if demonstration else ""
        row.addWidget(label(hint, "secondary"), 1)
        self.enter = QPushButton(self.tr("Sign in"))
        self.enter.setDefault(True)
        self.enter.clicked.connect(self._ask)
        row.addWidget(self.enter)
        box.addLayout(row)
        (self.password if last and not demonstration else self.who).setFocus()

    def fail(self, reason: str) -> None:
        """Say why it did not work and let the user try again."""
        self._set_busy(busy=False)
        set_role(self.problem, "critical")
        self.problem.setText(reason)
        fit_height(self)
        if self.password.isVisible():
            self.password.setFocus()
            self.password.selectAll()

    def succeed(self) -> None:
        """The dialog has done its work."""
        self.accept()

    def _ask(self) -> None:
        login = self.who.currentData() if isinstance(self.who, QComboBox) else self.who.text().strip()
        if not login:
            self.fail(self.tr("Enter your login."))
            return
        self._set_busy(busy=True)
        set_role(self.problem, "secondary")
        self.problem.setText(self.tr("Signing in …"))
        self.wanted.emit(login, self.password.text())

    def _set_busy(self, *, busy: bool) -> None:
        self.enter.setEnabled(not busy)
        self.who.setEnabled(not busy)
        self.password.setEnabled(not busy)
