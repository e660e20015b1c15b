"""Which cases whoever asks sees, in the terms of an index.

The database hides the others, whatever is asked (``16_case_rights.sql``). For the planner that is a condition with an
“or”, which leads to no index, and a wall: what might tell of hidden rows (states, areas, words) is not looked up by an
index behind it, only checked. So that no row is read to be checked, the cases of a department or zone are taken from
the one index that carries all that can be asked of them but words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from sqlalchemy import ARRAY, BigInteger, any_, literal, text, true

from console.models.cases.filters import CASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection


class Seen(NamedTuple):
    """All cases, or those of a department or a zone, and some others besides.

    Attributes:
        seen: how many cases whoever asks sees; `total` how many there are.
        department_id: of whoever sees those of a department; `zone_id` likewise.
        elsewhere: those that are seen though they are of another zone.
    """

    seen: int
    total: int
    department_id: int | None = None
    zone_id: int | None = None
    elsewhere: Sequence[int] = ()

    @classmethod
    def by(cls, connection: Connection) -> Self:
        """What the login of a connection sees."""
        query = "SELECT seen, total, department_id, zone_id, elsewhere FROM city.seen_cases()"
        return cls(*connection.execute(text(query)).one())

    @property
    def is_all(self) -> bool:
        """Whether no case is hidden."""
        return self.seen == self.total

    @property
    def parts(self) -> list[ColumnElement[bool]]:
        """Conditions of which each case that is seen meets exactly one, each with an index of its own."""
        if self.is_all:
            return [true()]
        if self.department_id is not None:
            return [CASE.c.responsible_id == self.department_id]
        others = [is_one_of(self.elsewhere)] if self.elsewhere else []
        return [CASE.c.zone_id == self.zone_id, *others]


def is_one_of(ids: Sequence[int]) -> ColumnElement[bool]:
    """That a case is one of these, which the planner counts and looks up."""
    return CASE.c.id == any_(literal(list(ids), ARRAY(BigInteger)))
