"""Which cases were in hand at any instant of an hour, and in which state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from console.models.layers import read_columns
from console.models.replay.courses import Courses, Turns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection

_STEP = {
    "case_id": np.int64,
    "at": np.float64,
    "is_open": np.bool_,
    "state": np.str_,
    "level": np.str_,
    "class_id": np.int64,
    "supervised": np.bool_,
    "warn_at": np.float64,
    "due_at": np.float64,
    "x": np.float64,
    "y": np.float64,
    "case_no": np.str_,
}
_STEPS = """
    SELECT d.case_id, extract(epoch FROM d.at), d.state < 'closed', d.state, d.level, coalesce(d.class_id, 0),
        d.is_supervised, extract(epoch FROM d.warn_at), extract(epoch FROM d.due_at), public.ST_X(d.geom),
        public.ST_Y(d.geom), f.case_no
    FROM city.cases_during(:start, :end) AS d JOIN city.case_file AS f ON f.id = d.case_id
    ORDER BY d.case_id, d.seq
"""


_SHOWN = ("case_no", "state", "level", "supervised", "warn_at", "due_at")


@dataclass(frozen=True, eq=False)
class CaseStates:
    """Cases in hand at one instant, the most urgent first; arrays of shape (n,).

    Attributes:
        ids: of the cases.
        x, y: metres, EPSG:4546.
        attributes: those of `console.models.cases.open_case_layer`.
    """

    ids: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    attributes: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.ids)


class CaseCourses:
    """Cases that were in hand in a span of time, and what they became.

    Args:
        steps: columns of `_STEP`, in the order of case and time.
        classes: Chinese and English name of each class by its id.
    """

    def __init__(self, steps: Mapping[str, NDArray[Any]], classes: Mapping[int, tuple[str, str]]) -> None:
        self._steps = steps
        self._ids = np.unique(steps["case_id"])
        found, self._class = np.unique(steps["class_id"], return_inverse=True)
        self._names = np.array([classes.get(one, ("", "")) for one in found.tolist()], np.str_).reshape(-1, 2)
        self._courses = Courses(np.searchsorted(self._ids, steps["case_id"]), steps["at"], len(self._ids))
        self._turns = Turns(steps[name] for name in ("at", "warn_at", "due_at"))

    def signature(self, at: float) -> int:
        """Changes whenever a case came, went, changed, or its light turned."""
        return self._turns.count(at)

    def at(self, at: float) -> CaseStates:
        """The cases in hand at an instant."""
        last, steps = self._open(at), self._steps
        last = last[np.lexsort((steps["case_id"][last], np.nan_to_num(steps["due_at"][last], nan=np.inf)))]
        names = self._names[self._class[last]]
        return CaseStates(
            steps["case_id"][last],
            steps["x"][last],
            steps["y"][last],
            {
                **{name: steps[name][last] for name in _SHOWN},
                "class_name": names[:, 0],
                "class_name_en": names[:, 1],
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
    steps = read_columns(connection, _STEPS, {"start": start, "end": end}, _STEP)
    classes = connection.execute(text("SELECT id, name, name_en FROM city.case_class"))
    return CaseCourses(steps, {row.id: (row.name, row.name_en) for row in classes})
