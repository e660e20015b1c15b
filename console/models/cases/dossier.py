"""The file of a case as it goes on paper (案卷): the case, its history up to then, its evidence, and one checksum."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.cases.evidence import Attachment, CaseEvidence, of_case
from console.models.cases.records import CaseDetail, detail

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Dossier:
    """What a case file on paper is made of.

    Attributes:
        detail: the case; its events are those up to the instant as of which it is shown.
        evidence: as of then.
        checksum: SHA-256, 64 hexadecimal digits, over moves and evidence: two prints with the same one tell the same.
        read_at: when it was read, by the clock of the database.
    """

    detail: CaseDetail
    evidence: CaseEvidence
    checksum: str
    read_at: datetime


def dossier(connection: Connection, case_id: int, at: datetime | None = None) -> Dossier | None:
    """The file of one case, as it is or as it was at an instant; None when there is, or was, none of that id."""
    found, evidence = detail(connection, case_id, at), of_case(connection, case_id)
    if found is None or evidence is None:
        return None
    if at is not None:
        found = replace(found, events=tuple(event for event in found.events if event.at <= at))
        evidence = evidence.as_of(at)
    checksum = _checksum(connection, found, evidence.counting)
    return Dossier(found, evidence, checksum, connection.execute(_NOW).scalar_one())


_NOW = text("SELECT now()")
# As the database writes it, so that neither the language nor the time zone of whoever asks changes anything.
_MOVES = text("""
    SELECT jsonb_build_array(seq, extract(epoch FROM at), move, from_state, to_state, staff_id, department_id, opinion,
        detail)::text
    FROM city.case_event WHERE case_id = :id AND seq <= :last ORDER BY seq
""")
_EVIDENCE = text("""
    SELECT jsonb_build_array(id, stage, file_name, encode(sha256, 'hex'))::text
    FROM city.case_attachment WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")


def _checksum(connection: Connection, found: CaseDetail, pieces: tuple[Attachment, ...]) -> str:
    last = found.events[-1].seq if found.events else 0
    told = [found.row.case_no]
    told += connection.scalars(_MOVES, {"id": found.row.id, "last": last})
    told += connection.scalars(_EVIDENCE, {"ids": [piece.id for piece in pieces]})
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
