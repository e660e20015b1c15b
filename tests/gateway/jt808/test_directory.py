"""Who is known to the gateway, while terminals register and the list is read anew at the same time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from console.gateway.jt808 import directory
from console.gateway.jt808.directory import KnownTerminals
from console.gateway.jt808.messages import RegisterResult, Registration
from console.models.field_intake import KnownTerminal, known_terminals

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection, Engine

PHONE = "013935900001"


def test_who_registers_while_the_list_is_read_keeps_the_code(town: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Registration(14, 802, "CM", "YC-1", "0000001", 2, "晋M·D0001")
    told: list[tuple[RegisterResult, str]] = []

    def read_slowly(connection: Connection) -> list[KnownTerminal]:
        found = known_terminals(connection)
        told.append(asyncio.run(known.register(PHONE, said, "127.0.0.1", is_2019=False)))
        return found

    with ThreadPoolExecutor(1) as executor:
        known = KnownTerminals(town, executor)
        monkeypatch.setattr(directory, "known_terminals", read_slowly)
        known.load()
    ((result, code),) = told
    assert result is RegisterResult.OK
    terminal = known.find(PHONE)
    assert terminal is not None
    assert terminal.code == code != ""
