"""All evidence of one case with what it is compared with, read in one go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.cases.evidence.records import Attachment, Rules, attachments, rules

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.cases.evidence.doubts import Doubt

BEFORE_DISPOSAL = frozenset(
    {"reported", "pending_verify", "pending_register", "pending_dispatch", "returned", "pending_handle"}
)


@dataclass(frozen=True)
class CaseEvidence:
    """The evidence of a case.

    Attributes:
        case_id, case_no: identity.
        state: code of the type ``city.case_state``.
        reported_at: when it was reported.
        takes_more: whether whoever asks may add to it now, as far as post and state of the case tell.
        rules: the settings in force.
        items: by stage, then by time; withdrawn pieces last.
    """

    case_id: int
    case_no: str
    state: str
    reported_at: datetime
    takes_more: bool
    rules: Rules
    items: tuple[Attachment, ...]

    def doubts(self, item: Attachment) -> tuple[Doubt, ...]:
        """What the camera's time and place of one piece disagree about with the case."""
        return item.doubts(self.reported_at, self.rules)

    @property
    def usual_stage(self) -> str:
        """The stage that a photo shows if nobody says otherwise: once the case is with a department, afterwards."""
        return "near" if self.state in BEFORE_DISPOSAL else "after"

    @property
    def counting(self) -> tuple[Attachment, ...]:
        """What was not withdrawn."""
        return tuple(item for item in self.items if not item.is_withdrawn)

    def as_of(self, at: datetime) -> CaseEvidence:
        """The evidence as it was at an instant: later pieces are not there, later withdrawals are not made."""
        then = []
        for item in self.items:
            if item.uploaded_at > at:
                continue
            is_later = item.withdrawn_at is not None and item.withdrawn_at > at
            then.append(replace(item, withdrawn_at=None, reason="") if is_later else item)
        return replace(self, items=tuple(then), takes_more=False)


def of_report(connection: Connection, number: int) -> CaseEvidence:
    """What a report that is not handed in yet goes by: no evidence so far, reported now; its number is below 0."""
    reported_at = connection.execute(text("SELECT now()")).scalar_one()
    return CaseEvidence(number, "", "reported", reported_at, takes_more=True, rules=rules(connection), items=())


def of_case(connection: Connection, case_id: int) -> CaseEvidence | None:
    """The evidence of a case; None when there is no such case, or it is not ours to see."""
    case = connection.execute(
        text("""
            SELECT case_no, state::text AS state, reported_at, city.takes_evidence(id) AS takes_more
            FROM city.case_file WHERE id = :id
        """),
        {"id": case_id},
    ).one_or_none()
    if case is None:
        return None
    found = attachments(connection, case_id)
    return CaseEvidence(case_id, case.case_no, case.state, case.reported_at, case.takes_more, rules(connection), found)
