"""Saved filters: one's own are one's own, shared ones belong to the department, a key has one filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.database.connection import connect
from console.database.faults import Refused
from console.errors import ConsoleError
from console.models.cases.saved import SavedFilter, drop_filter, save_filter, saved_filters
from console.simulation.generator import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

    As = Callable[[str], AbstractContextManager[Connection]]

WANTED = {
    "preset": "open",
    "text": "井盖",
    "area": [[500000.0, 3877000.0], [500100.0, 3877000.0], [500000.0, 3877100.0]],
}


@pytest.fixture
def sign_in(database: Engine) -> Iterator[As]:
    """A transaction as a login of the city, committed at its end."""
    engines: dict[str, Engine] = {}

    def begin(login: str) -> AbstractContextManager[Connection]:
        if login not in engines:
            url = database.url.set(username=login, password=DEMONSTRATION_PASSWORD)
            engines[login] = connect(url.render_as_string(hide_password=False))
        return engines[login].begin()

    yield begin
    for engine in engines.values():
        engine.dispose()


def read(sign_in: As, login: str) -> list[SavedFilter]:
    with sign_in(login) as connection:
        return saved_filters(connection)


def save(sign_in: As, login: str, name: str, slot: int | None = None, *, is_shared: bool = False) -> int:
    with sign_in(login) as connection:
        return save_filter(connection, name, WANTED, slot, is_shared=is_shared)


def test_what_is_saved_comes_back_as_it_was_and_only_to_its_owner(sign_in: As) -> None:
    save(sign_in, "acceptor01", " 井盖 ", 3)
    (found,) = read(sign_in, "acceptor01")
    assert (found.name, found.slot, found.wanted) == ("井盖", 3, WANTED)
    assert (found.is_own, found.is_shared) == (True, False)
    assert read(sign_in, "acceptor02") == read(sign_in, "shift_leader01") == []


def test_shared_ones_are_the_departments(sign_in: As) -> None:
    save(sign_in, "acceptor01", "手机上报", 1, is_shared=True)
    for colleague in ("acceptor02", "shift_leader01"):
        (found,) = read(sign_in, colleague)
        assert (found.owner_en, found.is_own, found.is_shared) == ("Acceptor 01", False, True)
    assert read(sign_in, "dispatcher01") == [], "another department"


def test_the_same_name_again_replaces_and_a_key_changes_hands(sign_in: As) -> None:
    first = save(sign_in, "acceptor01", "a", 1)
    save(sign_in, "acceptor01", "b", 1)
    assert [(f.name, f.slot) for f in read(sign_in, "acceptor01")] == [("b", 1), ("a", None)]
    assert save(sign_in, "acceptor01", "a", 2) == first
    assert [(f.name, f.slot) for f in read(sign_in, "acceptor01")] == [("b", 1), ("a", 2)]
    # Keys of one's own, of others and of the department do not meet.
    save(sign_in, "acceptor02", "a", 1)
    save(sign_in, "acceptor02", "c", 1, is_shared=True)
    assert [(f.name, f.slot) for f in read(sign_in, "acceptor01")] == [("b", 1), ("a", 2), ("c", 1)]


def test_a_shared_one_is_changed_by_its_owner_and_the_shift_leader_alone(sign_in: As) -> None:
    shared = save(sign_in, "acceptor01", "a", is_shared=True)
    with pytest.raises(Refused, match="“a” is 受理员 01's: choose another name") as refused:
        save(sign_in, "acceptor02", "a", is_shared=True)
    assert refused.value.code == "CT060"
    with pytest.raises(Refused, match="only its owner"), sign_in("acceptor02") as connection:
        drop_filter(connection, shared)
    with pytest.raises(Refused, match="only its owner"), sign_in("dispatcher01") as connection:
        drop_filter(connection, shared)
    assert save(sign_in, "shift_leader01", "a", is_shared=True) == shared
    with sign_in("shift_leader01") as connection:
        drop_filter(connection, shared)
    assert read(sign_in, "acceptor01") == []


@pytest.mark.parametrize(("name", "slot"), [("", 1), ("   ", None), ("x" * 41, 1), ("a", 0), ("a", 10)])
def test_a_name_and_a_digit_are_wanted(sign_in: As, name: str, slot: int | None) -> None:
    with pytest.raises(Refused) as refused:
        save(sign_in, "acceptor01", name, slot)
    assert refused.value.code == "CT014"


def test_the_table_itself_is_nobodys_to_write(sign_in: As) -> None:
    save(sign_in, "acceptor01", "a")
    for statement in ("UPDATE city.saved_filter SET name = 'b'", "DELETE FROM city.saved_filter"):
        with pytest.raises(ConsoleError, match="does not allow this"), sign_in("acceptor01") as connection:
            connection.exec_driver_sql(statement)
