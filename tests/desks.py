"""The small city with one desk for each login, as programs connect; cases are brought to where a test needs them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.database.connection import connect
from console.models.cases.moves import Move, Moved, move
from console.models.demonstration import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Desks:
    """Logins of the city at work.

    Args:
        owner: engine of the owner of the database.
    """

    def __init__(self, owner: Engine) -> None:
        self.owner = owner
        self._stack = ExitStack()
        self._engines: dict[str, Engine] = {}
        x, y = self.all(
            """
            SELECT public.ST_X(p), public.ST_Y(p)
            FROM (SELECT public.ST_PointOnSurface(geom) AS p FROM city.unit_grid ORDER BY code LIMIT 1) AS g
            """
        )[0]
        self.place: tuple[float, float] = (x, y)

    def close(self) -> None:
        """Let go of the database."""
        self._stack.close()

    def engine(self, login: str) -> Engine:
        """The way of a login to the database."""
        if login not in self._engines:
            url = self.owner.url.set(username=login, password=DEMONSTRATION_PASSWORD)
            made = connect(url.render_as_string(hide_password=False), readers=1)
            self._stack.callback(made.dispose)
            self._engines[login] = made
        return self._engines[login]

    def all(self, query: str, **values: Any) -> list[Any]:
        """What the owner finds."""
        with self.owner.connect() as connection:
            return list(connection.execute(text(query), values))

    def ask(self, query: str, **values: Any) -> Any:
        """The one value that the owner finds; None when there is none."""
        with self.owner.connect() as connection:
            return connection.execute(text(query), values).scalar()

    def row(self, case_id: int) -> Any:
        """The case as it is."""
        return self.all("SELECT * FROM city.case_file WHERE id = :id", id=case_id)[0]

    def login(
        self, role: str, *, department_id: int | None = None, zone_id: int | None = None, lead: bool = False
    ) -> str:
        """The first login of that role: of a department, of the team of a zone, at its head or not."""
        found = self.all(
            """
            SELECT min(s.login) FROM city.staff AS s LEFT JOIN city.team AS t ON t.id = s.team_id
            WHERE s.role = CAST(:role AS city.role) AND s.is_lead = :lead
              AND (CAST(:department AS integer) IS NULL OR s.department_id = :department)
              AND (CAST(:zone AS integer) IS NULL OR t.zone_id = :zone)
            """,
            role=role,
            lead=lead,
            department=department_id,
            zone=zone_id,
        )
        return str(found[0][0])

    def condition(self, unit: str) -> Any:
        """A filing condition with a limit of that unit, in force, of a class of events; a department disposes of it."""
        return self.all(
            """
            SELECT c.id, c.class_id, c.competent_id, c.limit_value FROM city.filing_condition AS c
            JOIN city.case_class AS k ON k.id = c.class_id
            WHERE c.limit_unit = CAST(:unit AS city.limit_unit) AND c.valid_to IS NULL AND k.kind = 'event'
              AND c.competent_id IN (SELECT department_id FROM city.staff WHERE is_lead) ORDER BY c.id LIMIT 1
            """,
            unit=unit,
        )[0]

    def other_class(self, class_id: int) -> int:
        """Some other class in use."""
        found = self.all("SELECT min(id) FROM city.case_class WHERE in_use AND id <> :id", id=class_id)
        return int(found[0][0])

    def report(
        self, condition: Any | None, east_m: float = 0.0, class_id: int | None = None, mode: str = "closed_loop"
    ) -> int:
        """A new case of that condition's class, of another one or of none, so far to the east of `place`."""
        if condition is not None and class_id is None:
            class_id = condition.class_id
        x, y = self.place
        with self.engine(self.login("acceptor")).begin() as connection:
            query = text("""
                SELECT id FROM city.report_case('citizen', '占道经营', :x, :y,
                    class_id => CAST(:class AS smallint), mode => CAST(:mode AS city.case_mode))
            """)
            given = {"x": x + east_m, "y": y, "class": class_id, "mode": mode}
            return int(connection.execute(query, given).scalar_one())

    def move(self, login: str, case_id: int, name: str, **given: Any) -> Moved:
        """Make one move as that login, in the version that the case has now unless another one is given."""
        given.setdefault("version", self.row(case_id).version)
        with self.engine(login).begin() as connection:
            return move(connection, Move(case_id=case_id, move=name, **given))

    def plain_way(self, case_id: int, condition: Any) -> dict[str, tuple[str, str, dict[str, Any]]]:
        """From report to closure: for each state the move that leads on, who makes it, and what is given with it."""
        unit = self.login("department", department_id=condition.competent_id)
        inspector = self.login("inspector", zone_id=self.row(case_id).zone_id)
        return {
            "reported": ("accept", self.login("acceptor"), {"condition_id": condition.id}),
            "pending_register": ("file", self.login("shift_leader"), {"condition_id": condition.id}),
            "pending_dispatch": ("dispatch", self.login("dispatcher"), {"department_id": condition.competent_id}),
            "pending_handle": ("department_accept", unit, {}),
            "handling": ("dispose", unit, {"opinion": "已清理"}),
            "handle_finish": ("feed_back", self.login("dispatcher"), {}),
            "pending_check": ("order_check", self.login("acceptor"), {}),
            "checking": ("check", inspector, {"passed": True}),
            "pending_close": ("close", self.login("shift_leader"), {}),
        }

    def bring_to(self, state: str, condition: Any, case_id: int | None = None) -> int:
        """A case, a new one without another, moved along the plain way until it is in that state."""
        case_id = self.report(condition) if case_id is None else case_id
        way = self.plain_way(case_id, condition)
        while (now := self.row(case_id).state) != state:
            name, login, given = way[now]
            self.move(login, case_id, name, **given)
        return case_id

    def close_late(self, condition: Any) -> int:
        """A closed case that was disposed of after its deadline, which was moved to a moment ago for that."""
        case_id = self.bring_to("handling", condition)
        with self.owner.begin() as connection:
            connection.execute(
                text("""
                    UPDATE city.case_file SET deadline = running_since, due_at = running_since, warn_at = running_since
                    WHERE id = :id
                """),
                {"id": case_id},
            )
        return self.bring_to("closed", condition, case_id)
