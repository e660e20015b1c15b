"""What the database says when it refuses evidence: the sentences of ``closed_loop/30_evidence.sql``, to translate."""

from __future__ import annotations

from console.errors import QT_TRANSLATE_NOOP

REFUSALS = (
    QT_TRANSLATE_NOOP("errors", "The login {login} belongs to no active member of staff."),
    QT_TRANSLATE_NOOP("errors", "Your post does not add to or withdraw the evidence of cases."),
    QT_TRANSLATE_NOOP("errors", "The case is not yours: its evidence is for others to add to."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The case {case_no} has ended: its evidence stays as it is, unless it is reopened or appealed against.",
    ),
    QT_TRANSLATE_NOOP("errors", "The request number {request} was used for another file already."),
    QT_TRANSLATE_NOOP("errors", "The file {name} was damaged on its way: send it again."),
    QT_TRANSLATE_NOOP("errors", "The file {name} in the folder needs its checksum."),
    QT_TRANSLATE_NOOP("errors", "The file {name} is attached to this case already."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The case holds {used} MB of evidence; with {name} it would be more than the {most} MB that a case may have.",
    ),
    QT_TRANSLATE_NOOP("errors", "Only who attached it or a shift leader withdraws evidence."),
    QT_TRANSLATE_NOOP("errors", "Say why the evidence is withdrawn."),
)
"""Those that `files` says, too, before anything is sent, stand there."""
