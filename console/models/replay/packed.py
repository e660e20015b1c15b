"""Rows of fixed width as one value: thousands of them become an array without a Python object each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from sqlalchemy import Connection


def read_packed(
    connection: Connection, query: str, parameters: Mapping[str, object], columns: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    """Run `query`, which gives one ``bytea`` of all rows one after the other, and take its columns as arrays.

    Args:
        connection: to the city.
        query: joins what ``int4send``, ``float8send`` and the like make of each column, in the order of `columns`.
        parameters: bound values of the query.
        columns: types of the columns by name, as numpy writes them (``i4``, ``f8``, ``?``).
    """
    row = np.dtype([(name, ">" + kind) for name, kind in columns.items()])
    found = np.frombuffer(connection.execute(text(query), dict(parameters)).scalar() or b"", row)
    return {name: found[name].astype(row[name].newbyteorder("=")) for name in columns}
