"""The desks of a small centre: each login as programs connect to it, and ways to bring a case somewhere."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.database.connection import connect
from console.models.cases.moves import Move, Moved, move
from console.models.demonstration import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Centre:
    """The small city with one desk for each login, as programs connect to it."""

    def __init__(self, owner: Engine) -> None:
        self.owner = owner
        self._stack = ExitStack()
        self._desks: dict[str, Engine] = {}

    def close(self) -> None:
        self._stack.close()

    def desk(self, login: str) -> Engine:
        if login not in self._desks:
            url = self.owner.url.set(username=login, password=DEMONSTRATION_PASSWORD)
            engine = connect(url.render_as_string(hide_password=False), readers=1)
            self._stack.callback(engine.dispose)
            self._desks[login] = engine
        return self._desks[login]

    def ask(self, query: str, **values: Any) -> Any:
        with self.owner.connect() as connection:
            return connection.execute(text(query), values).scalar()

    def row(self, case_id: int) -> Any:
        with self.owner.connect() as connection:
            return connection.execute(text("SELECT * FROM city.case_file WHERE id = :id"), {"id": case_id}).one()

    def move(self, login: str, case_id: int, name: str, **given: Any) -> Moved:
        given.setdefault("version", self.row(case_id).version)
        with self.desk(login).begin() as connection:
            return move(connection, Move(case_id=case_id, move=name, **given))

    def login(
        self, role: str, *, department_id: int | None = None, zone_id: int | None = None, lead: bool = False
    ) -> str:
        """A login of that role: of a department, of the team of a zone, at its head or not."""
        return str(
            self.ask(
                """
                SELECT min(s.login) FROM city.staff s LEFT JOIN city.team t ON t.id = s.team_id
                WHERE s.role = CAST(:role AS city.role) AND s.is_lead = :lead
                  AND (CAST(:department AS integer) IS NULL OR s.department_id = :department)
                  AND (CAST(:zone AS integer) IS NULL OR t.zone_id = :zone)
                """,
                role=role,
                department=department_id,
                zone=zone_id,
                lead=lead,
            )
        )

    def condition(self, unit: str) -> Any:
        """A filing condition with a limit of that unit, in force, of a class of events."""
        with self.owner.connect() as connection:
            return connection.execute(
                text("""
                    SELECT c.id, c.class_id, c.competent_id, c.limit_value FROM city.filing_condition c
                    JOIN city.case_class k ON k.id = c.class_id
                    WHERE c.limit_unit = CAST(:unit AS city.limit_unit) AND c.valid_to IS NULL AND k.kind = 'event'
                      AND c.competent_id IN (SELECT department_id FROM city.staff WHERE is_lead) ORDER BY c.id LIMIT 1
                """),
                {"unit": unit},
            ).one()

    def report(self, condition: Any, mode: str = "closed_loop") -> int:
        place = self.ask(
            "SELECT public.ST_AsText(public.ST_PointOnSurface(geom)) FROM city.unit_grid ORDER BY code LIMIT 1"
        )
        x, y = (float(part) for part in str(place)[6:-1].split())
        with self.desk(self.login("acceptor")).begin() as connection:
            query = text("""
                SELECT id FROM city.report_case('citizen', '占道经营', :x, :y,
                    class_id => CAST(:class AS smallint), mode => CAST(:mode AS city.case_mode))
            """)
            values = {"x": x, "y": y, "class": condition.class_id, "mode": mode}
            return int(connection.execute(query, values).scalar_one())

    def bring_to(self, state: str, condition: Any) -> int:
        """A new case of that condition, moved along the plain path until it is in that state."""
        case_id = self.report(condition)
        for name, login, given in self.plain_path(case_id, condition):
            if self.row(case_id).state == state:
                return case_id
            self.move(login, case_id, name, **given)
        assert self.row(case_id).state == state
        return case_id

    def plain_path(self, case_id: int, condition: Any) -> list[tuple[str, str, dict[str, Any]]]:
        unit = self.login("department", department_id=condition.competent_id)
        inspector = self.login("inspector", zone_id=self.row(case_id).zone_id)
        return [
            ("accept", self.login("acceptor"), {"condition_id": condition.id}),
            ("file", self.login("shift_leader"), {"condition_id": condition.id}),
            ("dispatch", self.login("dispatcher"), {"department_id": condition.competent_id}),
            ("department_accept", unit, {}),
            ("dispose", unit, {"opinion": "已清理"}),
            ("feed_back", self.login("dispatcher"), {}),
            ("order_check", self.login("acceptor"), {}),
            ("check", inspector, {"passed": True}),
            ("close", self.login("shift_leader"), {}),
        ]
