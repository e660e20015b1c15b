"""The rules of flood duty: one warning at a time, ticks that keep whose they are, all of it audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models.duty import Duty, duty, set_warning, tick
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def desks(database: Engine) -> Iterator[Desks]:
    made = Desks(database)
    yield made
    made.close()


def warn(desks: Desks, colour: str | None, role: str = "shift_leader") -> None:
    with desks.engine(desks.login(role)).begin() as connection:
        set_warning(connection, colour)


def now(desks: Desks) -> Duty:
    with desks.engine(desks.login("acceptor")).connect() as connection:
        return duty(connection)


def tick_as(desks: Desks, role: str, item_id: int, *, done: bool = True, warning_id: int | None = None) -> None:
    warning_id = now(desks).warning_id if warning_id is None else warning_id
    assert warning_id is not None
    with desks.engine(desks.login(role)).begin() as connection:
        tick(connection, warning_id, item_id, done=done)


def test_a_worse_colour_asks_for_more_and_keeps_what_is_done(desks: Desks) -> None:
    assert now(desks).colour is None
    warn(desks, "blue")
    first = now(desks)
    assert {item.colour for item in first.items} == {"blue"}
    assert all(item.assumed for item in first.items)
    tick_as(desks, "acceptor", first.items[0].id)
    warn(desks, "orange", "engineer")
    second = now(desks)
    assert second.warning_id == first.warning_id
    assert [item.colour for item in second.items] == ["blue"] * 3 + ["yellow"] * 3 + ["orange"] * 3
    assert second.items[0].done_at is not None
    # The next warning begins with nothing done.
    warn(desks, None)
    assert now(desks).items == ()
    warn(desks, "blue")
    assert all(item.done_at is None for item in now(desks).items)


def test_a_tick_stays_whose_it_is_and_both_ways_are_audited(desks: Desks) -> None:
    warn(desks, "yellow")
    item = now(desks).items[0]
    tick_as(desks, "acceptor", item.id)
    tick_as(desks, "dispatcher", item.id)
    acceptor = desks.all("SELECT title FROM city.staff WHERE login = :login", login=desks.login("acceptor"))[0][0]
    assert now(desks).items[0].done_by == acceptor
    tick_as(desks, "dispatcher", item.id, done=False)
    assert now(desks).items[0].done_at is None
    audit = desks.all("SELECT login, kind::text FROM city.audit_log WHERE subject = 'duty_tick' ORDER BY id")
    assert [row.login for row in audit] == [desks.login("acceptor"), desks.login("dispatcher")]
    assert desks.ask("SELECT count(*) FROM city.change_log WHERE subject = 'duty_tick'") == 2


def test_what_may_not_be_is_refused(desks: Desks) -> None:
    warn(desks, "blue")
    was = now(desks)
    orange = desks.ask("SELECT id FROM city.duty_item WHERE colour = 'orange' ORDER BY place LIMIT 1")
    with pytest.raises(Refused, match="nothing was ticked"):
        tick_as(desks, "acceptor", orange)
    warn(desks, None)
    with pytest.raises(Refused, match="nothing was ticked"):
        tick_as(desks, "acceptor", was.items[0].id, warning_id=was.warning_id)
    with pytest.raises(Refused, match="no warning colour"):
        warn(desks, "violet")
    for role in ("acceptor", "supervisor"):
        with pytest.raises(ConsoleError):
            warn(desks, "red", role)
    assert now(desks).colour is None
