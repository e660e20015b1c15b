"""Every post, act and state of an alarm (ISA-18.2): what the table allows leads where it says, all else is refused.

The table is not read from the rules of the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from console.database.faults import Refused
from console.errors import ConsoleError
from console.models import alarms
from console.models.demonstration import GATEWAY_LOGIN
from tests.conftest import _clone as clone
from tests.desks import Desks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

POSTS = {
    "A": "acceptor", "D": "dispatcher", "L": "shift_leader", "U": "department", "E": "engineer", "S": "supervisor",
    "I": "inspector", "M": "administrator",
}  # fmt: skip
# state: act, posts that may, state that follows.
TABLE = {
    "unacknowledged": ["acknowledge ADLE acknowledged", "shelve DL shelved", "out ELM out_of_service"],
    "acknowledged": ["acknowledge ADLE acknowledged", "shelve DL shelved", "out ELM out_of_service"],
    "returned_unacknowledged": ["acknowledge ADLE normal", "shelve DL shelved", "out ELM out_of_service"],
    "latched": [
        "acknowledge ADLE latched", "reset DL normal", "shelve DL shelved", "out ELM out_of_service",
    ],
    "shelved": ["unshelve DL unacknowledged", "shelve DL shelved", "out ELM out_of_service"],
    "suppressed": ["out ELM out_of_service"],
    "out_of_service": ["out ELM out_of_service", "back ELM unacknowledged"],
    "normal": ["acknowledge ADLE normal", "out ELM normal"],
}  # fmt: skip
ACTS: dict[str, Callable[[Connection, Any], Any]] = {
    "acknowledge": lambda c, a: alarms.acknowledge(c, a.id, a.version),
    "reset": lambda c, a: alarms.reset(c, a.id, a.version),
    "shelve": lambda c, a: alarms.shelve(c, a.id, a.version, "检修"),
    "unshelve": lambda c, a: alarms.unshelve(c, a.id, a.version),
    "out": lambda c, a: alarms.take_out_of_service(c, a.kind, "检修", sensor_id=a.sensor_id),
    "back": lambda c, a: alarms.return_to_service(c, a.kind, sensor_id=a.sensor_id),
}
RAISE = text("""
    SELECT city.raise_alarm((SELECT id FROM city.alarm_rule WHERE kind = :kind AND grade = :grade), NULL, :sensor,
        CAST('2026-11-01 12:00+08' AS timestamptz), 12, 10)
""")
FIRST = 101
SENSORS = """
    INSERT INTO city.sensor (id, code, name, kind, flood_point_id, unit, interval_s, geom)
    SELECT 100 + n, 'T' || n, 'T' || n, kind, flood_point_id, unit, interval_s, geom
    FROM city.sensor, generate_series(1, :count) AS n WHERE id = 1
"""
RETURN = text("SELECT city.return_alarm(:kind, NULL, :sensor, '2026-11-01 12:10+08')")


@pytest.fixture(scope="module")
def centre(cluster: PrivateCluster, administration: Engine, city_template: str) -> Iterator[Desks]:
    """One city in which one sensor has an alarm in each state; tests change nothing of it."""
    for engine in clone(cluster, administration, city_template):
        made = Desks(engine)
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE city.alarm, city.alarm_event"))
            connection.execute(text(SENSORS), {"count": len(TABLE) + 1})
        for sensor, state in enumerate(TABLE, start=FIRST):
            bring_to(made, state, sensor)
        yield made
        made.close()


def bring_to(centre: Desks, state: str, sensor: int) -> None:
    """A flooding alarm of that sensor in that state; a latched one is of the grade that latches."""
    grade = 4 if state == "latched" else 2

    def say(query: Any) -> None:
        with centre.engine(GATEWAY_LOGIN).begin() as connection:
            connection.execute(query, {"kind": "flooding", "grade": grade, "sensor": sensor})

    def do(act: str) -> None:
        with centre.engine(centre.login("shift_leader")).begin() as connection:
            ACTS[act](connection, of(connection, sensor))

    say(RAISE)
    if state in ("acknowledged", "normal", "latched"):
        do("acknowledge")
    if state in ("returned_unacknowledged", "normal", "latched"):
        say(RETURN)
    if state == "shelved":
        do("shelve")
    if state == "out_of_service":
        do("out")
    if state == "suppressed":
        say(text("SELECT city.suppress_alarm(:kind, NULL, :sensor, true, '网关')"))


def of(connection: Connection, sensor: int) -> Any:
    row = connection.execute(text("SELECT * FROM city.alarm WHERE sensor_id = :sensor"), {"sensor": sensor})
    return row.one()


@pytest.mark.parametrize("post", POSTS)
def test_each_post_does_what_the_table_allows_and_no_more(centre: Desks, post: str) -> None:
    login = centre.login(POSTS[post], department_id=None)
    for sensor, (state, rows) in enumerate(TABLE.items(), start=FIRST):
        allowed = {act: to for act, posts, to in map(str.split, rows) if post in posts}
        for act, do in ACTS.items():
            with centre.engine(login).connect() as connection:
                before = of(connection, sensor)
                assert before.state == state
                if act in allowed:
                    do(connection, before)
                    after = of(connection, sensor)
                    assert after.state == allowed[act], (state, act)
                    if after.version != before.version:
                        last = alarms.history(connection, after.id)[-1]
                        assert (last.version, last.from_state, last.to_state) == (after.version, state, after.state)
                        assert last.who
                elif act == "back" and post in "ELM":
                    do(connection, before)  # nothing is out of service: nothing changes
                    assert of(connection, sensor) == before
                else:
                    with pytest.raises((Refused, ConsoleError)):
                        do(connection, before)
                connection.rollback()
        assert centre.ask("SELECT state::text FROM city.alarm WHERE sensor_id = :s", s=sensor) == state


def test_monitors_alone_raise_and_return(centre: Desks) -> None:
    given = {"kind": "flooding", "grade": 2, "sensor": FIRST + len(TABLE)}
    for role in POSTS.values():
        for query in (RAISE, RETURN):
            with (
                centre.engine(centre.login(role)).connect() as connection,
                pytest.raises(ConsoleError, match="does not allow this"),
            ):
                connection.execute(query, given)
