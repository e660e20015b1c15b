"""Evidence that another desk attaches, and where cases lie for a camera."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from console.models.cases import evidence

if TYPE_CHECKING:
    from tests.desks import Desks


def bring(desks: Desks, login: str, case_id: int, name: str, content: bytes, stage: str | None = None) -> int:
    """Another desk attaches a file."""
    with desks.engine(login).begin() as connection:
        file = evidence.examine(name, content, 10.0)
        return evidence.attach(connection, case_id, file, stage, uuid.uuid4())


def place_of(desks: Desks, case_id: int, east_m: float = 0.0) -> tuple[float, float]:
    """Longitude and latitude of a case, or of so far to the east of it."""
    found = desks.all(
        """
        SELECT public.ST_X(g) AS x, public.ST_Y(g) AS y FROM city.case_file AS f, public.ST_Transform(
            public.ST_Translate(f.geom, :east, 0), 4326) AS g WHERE f.id = :id
        """,
        id=case_id,
        east=east_m,
    )[0]
    return found.x, found.y
