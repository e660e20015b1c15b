"""What was met of terminals, told to the database every few seconds: who was heard when, whose frames were faulty."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from console.errors import ConsoleError
from console.models.field_intake import Contacts, Refusals, note_contacts, note_refused

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from datetime import datetime

    from sqlalchemy import Engine

    from console.gateway.jt808.session import Contact, Refusal, Terminals


class ContactBook:
    """Tells what has changed since it was told.

    Args:
        engine: a gateway's login.
        executor: on which the database is asked.
        terminals: whose contacts and refusals are told.
        name: of the gateway.
    """

    def __init__(self, engine: Engine, executor: Executor, terminals: Terminals, name: str) -> None:
        self._engine, self._executor, self._terminals, self._name = engine, executor, terminals, name

    async def tell(self) -> None:
        """Tell it; what could not be told is told the next time.

        Raises:
            ConsoleError: the database is away.
        """
        terminals = self._terminals
        for session in terminals.sessions.values():
            session.note_contact()
        news = {phone: replace(one) for phone, one in terminals.contacts.items() if _is_news(one)}
        refused, terminals.refused = terminals.refused, {}
        if not news and not refused:
            return
        loop = asyncio.get_running_loop()
        contacts = _contacts(news, terminals.now(), loop.time())
        try:
            await loop.run_in_executor(self._executor, self._write, contacts, _refusals(refused))
        except ConsoleError:
            terminals.refused = refused | terminals.refused
            raise
        for phone, told in news.items():
            one = terminals.contacts[phone]
            one.told = (told.heard, told.is_signed_in)
            one.flaws -= told.flaws
            one.replaced -= told.replaced

    def _write(self, contacts: Contacts, refused: Refusals) -> None:
        with self._engine.begin() as connection:
            if contacts.phones:
                note_contacts(connection, self._name, contacts)
            if refused.phones:
                note_refused(connection, refused)


def _is_news(contact: Contact) -> bool:
    return bool(contact.flaws or contact.replaced) or contact.told != (contact.heard, contact.is_signed_in)


def _contacts(news: dict[str, Contact], now: datetime, ticks: float) -> Contacts:
    """What is told at `now`, which is `ticks` by the clock of the loop."""
    contacts = Contacts()
    for phone, one in sorted(news.items()):
        contacts.phones.append(phone)
        contacts.addresses.append(one.address or None)
        contacts.heard_ats.append(now - timedelta(seconds=ticks - one.heard))
        contacts.are_signed_in.append(one.is_signed_in)
        contacts.flaws.append(one.flaws)
        contacts.replaced.append(one.replaced)
    return contacts


def _refusals(refused: dict[str, Refusal]) -> Refusals:
    told = Refusals()
    for phone, one in sorted(refused.items()):
        told.phones.append(phone)
        told.are_2019.append(one.is_2019)
        told.addresses.append(one.address or None)
        told.attempts.append(one.attempts)
    return told
