"""The login of a post: what the server knows of it, a new password, locking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.models.configuration.accounts import make_password, password_flaw, set_password
from console.widgets.configuration.leaving import ErrandLine
from console.widgets.configuration.words import ACCOUNT
from console.widgets.shared.panel import ENTER, label, line, margins
from console.widgets.shared.style import icon
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QKeyEvent
    from sqlalchemy import Connection

    from console.widgets.shared.desk import Desk


class AccountBox(QWidget):
    """Sets passwords, which leave this computer only as verifiers, and locks.

    Args:
        desk: database and notices.
    """

    lock_wanted = Signal(bool)
    """The post is to be active, or not any more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._staff_id = 0
        self._login = ""
        self._active = True
        self.state = label("", "", wraps=True)
        self.hint = label("", "secondary", wraps=True)
        self.password = ErrandLine(self.tr("New password"), self.tr("New password, at least 10 characters"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.textChanged.connect(lambda _text: self._say(""))
        self.password.textEdited.connect(lambda _text: self._hide_password())
        self.problem = label("", "critical", wraps=True)
        self.make = QPushButton(self.tr("Make one"))
        self.make.clicked.connect(self._make)
        self.copy = QPushButton(self.tr("Copy"))
        self.copy.setIcon(icon("mdi6.content-copy"))
        self.copy.clicked.connect(lambda *_: QApplication.clipboard().setText(self.password.text()))
        self.set = QPushButton(self.tr("Set password"))
        self.set.clicked.connect(self.set_password)
        self.lock = QPushButton()
        self.lock.clicked.connect(lambda *_: self.lock_wanted.emit(not self._active))
        self._lay_out()

    def _lay_out(self) -> None:
        given = QHBoxLayout()
        margins(given, 0, 0, 0, 0, 6)
        given.addWidget(self.password, 1)
        given.addWidget(self.copy)
        buttons = QHBoxLayout()
        margins(buttons, 0, 0, 0, 0, 6)
        for button in (self.set, self.make, self.lock):
            buttons.addWidget(button)
        buttons.addStretch(1)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0, 6)
        box.addWidget(line())
        box.addWidget(label(self.tr("Account"), "title"))
        box.addWidget(self.state)
        box.addWidget(self.hint)
        box.addLayout(given)
        box.addWidget(self.problem)
        box.addLayout(buttons)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the password sets it."""
        if event.key() in ENTER and self.password.hasFocus():
            self.set_password()
        else:
            super().keyPressEvent(event)

    def show_post(self, staff_id: int, values: Mapping[str, Any], *, is_changed: bool) -> None:
        """Show the account of a post as it is stored; one that is changed is to be saved first."""
        if staff_id != self._staff_id:
            self.password.clear()
            self._hide_password()
            self._say("")
        self._staff_id, self._login = staff_id, values.get("login") or ""
        self._active = bool(values.get("active"))
        state = values.get("account") or "none"
        login = f"{self._login}: " if self._login else ""
        self.state.setText(login + word(ACCOUNT, state))
        translate = QCoreApplication.translate
        hints = {
            "none": translate("AccountBox", "Give the post a login and save it; then it can get a password."),
            "absent": translate("AccountBox", "It can sign in as soon as it has a password."),
            "locked": translate("AccountBox", "The post is not active: nobody can sign in with this login."),
            "foreign": translate("AccountBox", "The server uses this name for something else; choose another login."),
            "unequal": translate("AccountBox", "Setting a password puts its rights right."),
        }
        hint = translate("AccountBox", "Save the changes of the post first.") if is_changed else hints.get(state, "")
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        can_set = not is_changed and self._active and state not in {"none", "foreign"}
        for widget in (self.password, self.make, self.set):
            widget.setEnabled(can_set)
        self.lock.setText(self.tr("Lock") if self._active else self.tr("Unlock"))
        self.lock.setEnabled(not is_changed and bool(self._login))
        self.copy.setVisible(self.password.echoMode() == QLineEdit.EchoMode.Normal)

    def set_password(self) -> None:
        """Give the login the password that was typed or made."""
        password, login, staff_id = self.password.text(), self._login, self._staff_id
        flaw = password_flaw(password, login)
        if flaw is not None:
            self._say(QCoreApplication.translate("errors", flaw))
            self.password.setFocus()
            return

        def work(connection: Connection) -> bool:
            return set_password(connection, staff_id, password)

        def done(is_new: bool) -> None:
            words = self.tr("{login} can sign in now.") if is_new else self.tr("{login} has a new password.")
            self._desk.notices.post(words.format(login=login))
            if staff_id == self._staff_id and self.password.echoMode() == QLineEdit.EchoMode.Password:
                self.password.clear()

        self._desk.operations.write(self, work, done, lambda error: self._say(self._desk.notices.words_for(error)))

    def _make(self) -> None:
        self.password.setText(make_password())
        self.password.setEchoMode(QLineEdit.EchoMode.Normal)
        self.copy.show()
        self.password.setFocus()

    def _hide_password(self) -> None:
        """What somebody types is nobody else's to read; a password that was made is there to be handed over."""
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.copy.hide()

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
