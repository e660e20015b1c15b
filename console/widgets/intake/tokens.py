"""Tokens of devices that bring readings by HTTP: made, renewed, withdrawn; each is said once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.errors import QT_TRANSLATE_NOOP
from console.models import devices
from console.widgets.configuration.leaving import ErrandLine
from console.widgets.intake.page import IntakePage
from console.widgets.intake.pieces import AskingButton, row_of
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, label, line, margins, scrolled
from console.widgets.shared.style import icon
from console.widgets.shared.table import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from console.models.devices import TokenRow
    from console.widgets.shared.desk import Desk


class TokensPage(IntakePage):
    """Who may bring readings by HTTP."""

    key: ClassVar[str] = "tokens"
    title: ClassVar[str] = QT_TRANSLATE_NOOP("words", "Tokens for HTTP")
    about: ClassVar[str] = QT_TRANSLATE_NOOP(
        "words", "Devices without MQTT bring their readings with a token, which is shown once and kept nowhere."
    )
    subjects: ClassVar[frozenset[str]] = frozenset({"intake_token"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.panel = self.tokens = TokenPanel()
        self.tokens.wanted.connect(self.issue)
        self.tokens.renew.confirmed.connect(self.renew)
        self.tokens.withdraw.confirmed.connect(self.withdraw)

    def columns(self) -> list[Column[TokenRow]]:
        """What is known of each token."""
        return [
            Column(self.tr("Name"), lambda t: t.name, width_px=200),
            Column(self.tr("Devices"), self._devices),
            Column(self.tr("Issued"), lambda t: figures.moment(t.issued_at), lambda t: -t.issued_at.timestamp(),
                   width_px=150),
            Column(self.tr("By"), lambda t: t.issued_by, colour=lambda _t: "secondary", width_px=150),
        ]  # fmt: skip

    def key_of(self, record: TokenRow) -> str:
        """Its name."""
        return record.name

    def read(self, connection: Connection) -> list[TokenRow]:
        """All tokens, without what they are."""
        return devices.tokens(connection)

    def show_answer(self, answer: list[TokenRow]) -> tuple[Sequence[TokenRow], int]:
        """Tokens by name; none waits for a decision."""
        return answer, 0

    def show_record(self, record: TokenRow | None) -> None:
        """Who it is, and what can be done."""
        facts = []
        if record is not None:
            facts = [
                (self.tr("Name"), record.name, ""),
                (self.tr("Devices"), self._devices(record), ""),
                (self.tr("Issued"), figures.moment(record.issued_at), ""),
                (self.tr("By"), record.issued_by, ""),
            ]
        self.tokens.show_token(record, facts)

    def title_of(self, record: TokenRow) -> tuple[str, str]:
        """Whose it is."""
        return record.name, ""

    def empty_words(self) -> str:
        """Nobody has a token."""
        return self.tr("Nobody brings readings by HTTP yet: make a token for whoever is to.")

    def issue(self, name: str, ids: list[str]) -> None:
        """Make a token."""
        self.write(partial(devices.issue_token, name=name, ids=ids), "", partial(self._made, name))

    def renew(self) -> None:
        """Another token in place of the marked one."""
        token = self.marked
        if token is not None:
            self.write(partial(devices.renew_token, name=token.name), "", partial(self._made, token.name))

    def withdraw(self) -> None:
        """Take the marked token back."""
        token = self.marked
        if token is not None:
            words = self.tr("The token {name} is withdrawn; gateways refuse it within seconds.")
            self.write(partial(devices.withdraw_token, name=token.name), words.format(name=token.name))

    def _made(self, name: str, token: str) -> None:
        self.table.mark(name)
        self.tokens.show_secret(name, token)

    def _devices(self, token: TokenRow) -> str:
        return self.tr("any") if token.devices is None else ", ".join(token.devices)


class TokenPanel(QWidget):
    """One token, and making a new one; what it is, is seen until something else is chosen."""

    wanted = Signal(str, list)
    """A token of that name for devices of these ids; of none for any."""

    def __init__(self) -> None:
        super().__init__()
        self._token: TokenRow | None = None
        self._secret_of = ""
        self.facts = Facts(96)
        self.renew = AskingButton(self.tr("Renew"), self.tr("Renew? The old one ends. Press again"))
        self.withdraw = AskingButton(self.tr("Withdraw"), self.tr("Withdraw? Press again"))
        self.warning = label("", "medium", wraps=True)
        self.secret = QLineEdit(readOnly=True)
        self.secret.setAccessibleName(self.tr("The token"))
        self.copy = QPushButton(self.tr("Copy"))
        self.copy.setIcon(icon("mdi6.content-copy"))
        self.copy.clicked.connect(lambda *_: QApplication.clipboard().setText(self.secret.text()))
        self.name = ErrandLine(self.tr("Name of the token"), self.tr("Who it is for, such as a vendor"))
        self.ids = ErrandLine(
            self.tr("Ids of its devices"), self.tr("Ids of its devices with commas between; empty for any")
        )
        self.make = QPushButton(self.tr("Make a token"))
        self.make.clicked.connect(lambda *_: self.ask())
        self.name.returnPressed.connect(self.ask)
        self.ids.returnPressed.connect(self.ask)
        self._lay_out()
        self._hide_secret()
        self.show_token(None, [])

    def _lay_out(self) -> None:
        inside = QWidget()
        box = QVBoxLayout(inside)
        margins(box, 14, 12, 14, 16, 8)
        box.addWidget(self.facts)
        box.addLayout(row_of(self.renew, self.withdraw))
        box.addWidget(self.warning)
        said = QHBoxLayout()
        margins(said, 0, 0, 0, 0, 6)
        said.addWidget(self.secret, 1)
        said.addWidget(self.copy)
        box.addLayout(said)
        box.addWidget(line())
        box.addWidget(label(self.tr("New token"), "title"))
        for widget in (self.name, self.ids):
            box.addWidget(widget)
        box.addLayout(row_of(self.make))
        box.addStretch(1)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(scrolled(inside, sideways=True))

    def show_token(self, token: TokenRow | None, facts: list[tuple[str, str, str]]) -> None:
        """Show a token."""
        if (token.name if token else "") != self._secret_of:
            self._hide_secret()
        if token != self._token:
            self.renew.forget()
            self.withdraw.forget()
        self._token = token
        self.facts.show_facts(facts)
        for widget in (self.facts, self.renew, self.withdraw):
            widget.setVisible(token is not None)

    def show_secret(self, name: str, token: str) -> None:
        """Say a token this once."""
        self._secret_of = name
        self.warning.setText(self.tr("This is the token of {name}. It is shown only now: copy it.").format(name=name))
        self.secret.setText(token)
        for widget in (self.warning, self.secret, self.copy):
            widget.show()
        self.name.clear()
        self.ids.clear()
        self.secret.setFocus()
        self.secret.selectAll()

    def ask(self) -> None:
        """Ask for a token as it is described."""
        ids = [one.strip() for one in self.ids.text().replace("，", ",").split(",")]
        self.wanted.emit(self.name.text().strip(), [one for one in ids if one])

    def _hide_secret(self) -> None:
        self._secret_of = ""
        self.secret.clear()
        for widget in (self.warning, self.secret, self.copy):
            widget.hide()
