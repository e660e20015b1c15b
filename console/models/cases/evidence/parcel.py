"""Files that go to a case together, such as the photos of a disposal with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from console.models.cases.evidence.records import attach

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from console.models.cases.evidence.files import Examined


class Parcel(NamedTuple):
    """One file on its way.

    Attributes:
        file: what it is.
        stage: code of the type ``city.evidence_stage``; None for none of them.
        request_id: sent again with the same one it is attached once.
    """

    file: Examined
    stage: str | None
    request_id: uuid.UUID


def attach_all(connection: Connection, case_id: int, parcels: Iterable[Parcel]) -> None:
    """Add files to a case: all of them, once this transaction ends well, or none.

    Raises:
        Refused, ConsoleError: as `attach`, about the first that cannot be added.
    """
    for parcel in parcels:
        attach(connection, case_id, *parcel)
