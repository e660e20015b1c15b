"""Which cases were in hand at any instant of an hour, and in which state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import text

from console.models.layers import LayerData
from console.models.replay.courses import Courses
from console.models.replay.packed import read_packed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

_STEP = {
    "case_id": "i8",
    "at": "f8",
    "is_open": "?",
    "state": "i2",
    "level": "i2",
    "class_id": "i2",
    "supervised": "?",
    "warn_at": "f8",
    "due_at": "f8",
    "x": "f8",
    "y": "f8",
}
_STEPS = """
    SELECT string_agg(
        int8send(d.case_id) || float8send(extract(epoch FROM d.at)::double precision) || boolsend(d.state < 'closed')
        || int2send(array_position(enum_range(NULL::city.case_state), d.state)::smallint)
        || int2send(array_position(enum_range(NULL::city.case_level), d.level)::smallint)
        || int2send(coalesce(d.class_id, 0)::smallint) || boolsend(d.is_supervised)
        || float8send(coalesce(extract(epoch FROM d.warn_at)::double precision, 'NaN'))
        || float8send(coalesce(extract(epoch FROM d.due_at)::double precision, 'NaN'))
        || float8send(public.ST_X(d.geom)) || float8send(public.ST_Y(d.geom)),
        ''::bytea ORDER BY d.case_id, d.seq)
    FROM city.cases_during(:start, :end) AS d
"""


class CaseCourses:
    """Cases that were in hand in a span of time, and what they became.

    Args:
        steps: columns of `_STEP`, in the order of case and time.
        numbers: number of each case, by id, in the order of ids.
        classes: Chinese and English name of each class by its id.
        states, levels: codes by their numbers from 1.
    """

    def __init__(
        self,
        steps: Mapping[str, NDArray[Any]],
        numbers: Mapping[int, str],
        classes: Mapping[int, tuple[str, str]],
        states: list[str],
        levels: list[str],
    ) -> None:
        self._steps = steps
        self._ids = np.unique(steps["case_id"])
        self._numbers = np.array([numbers.get(one, "") for one in self._ids.tolist()], np.str_)
        self._classes = classes
        self._states, self._levels = np.array(["", *states]), np.array(["", *levels])
        self._courses = Courses(np.searchsorted(self._ids, steps["case_id"]), steps["at"], len(self._ids))

    def signature(self, at: float) -> bytes:
        """Changes whenever a case came, went, changed, or its light turned."""
        last = self._open(at)
        lights = (self._steps["warn_at"][last] <= at).view(np.int8) + (self._steps["due_at"][last] <= at)
        return last.tobytes() + lights.tobytes()

    def at(self, at: float) -> LayerData:
        """The cases in hand at an instant, with the attributes of `console.models.cases.open_case_layer`."""
        last, steps = self._open(at), self._steps
        order = np.lexsort((steps["case_id"][last], np.nan_to_num(steps["due_at"][last], nan=np.inf)))
        last = last[order]
        case = self._courses.owner[last]
        names = [self._classes.get(one, ("", "")) for one in steps["class_id"][last].tolist()]
        return LayerData(
            self._ids[case],
            np.asarray(shapely.points(steps["x"][last], steps["y"][last])),
            {
                "case_no": self._numbers[case],
                "state": self._states[steps["state"][last]],
                "level": self._levels[steps["level"][last]],
                "class_name": np.array([name for name, _ in names], np.str_),
                "class_name_en": np.array([name for _, name in names], np.str_),
                "supervised": steps["supervised"][last],
                "warn_at": steps["warn_at"][last],
                "due_at": steps["due_at"][last],
            },
        )

    def _open(self, at: float) -> NDArray[np.int64]:
        """Numbers of the steps that hold at an instant, of the cases that were in hand."""
        last = self._courses.last(at)
        last = last[last >= 0]
        found: NDArray[np.int64] = last[self._steps["is_open"][last]]
        return found


def case_courses(connection: Connection, start: datetime, end: datetime) -> CaseCourses:
    """The cases in hand at any time from `start` to `end`, as far as the login sees them."""
    steps = read_packed(connection, _STEPS, {"start": start, "end": end}, _STEP)
    ids = np.unique(steps["case_id"]).tolist()
    numbers = connection.execute(text("SELECT id, case_no FROM city.case_file WHERE id = ANY(:ids)"), {"ids": ids})
    classes = connection.execute(text("SELECT id, name, name_en FROM city.case_class"))
    states, levels = connection.execute(
        text("SELECT enum_range(NULL::city.case_state)::text[], enum_range(NULL::city.case_level)::text[]")
    ).one()
    return CaseCourses(
        steps,
        {row.id: row.case_no for row in numbers},
        {row.id: (row.name, row.name_en) for row in classes},
        list(states),
        list(levels),
    )
