"""What is said of evidence: stages, kinds, and what a photo's own time and place disagree about with its case."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.errors import QT_TRANSLATE_NOOP
from console.models.cases.evidence.doubts import AFTERWARDS_OLD, ELSEWHERE, FUTURE, OLD
from console.widgets.shared import figures
from console.widgets.shared.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.models.cases.evidence import Attachment, CaseEvidence, Doubt
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate
STAGE = {
    "far": QT_TRANSLATE_NOOP("words", "Far"),
    "near": QT_TRANSLATE_NOOP("words", "Near"),
    "reference": QT_TRANSLATE_NOOP("words", "Reference"),
    "before": QT_TRANSLATE_NOOP("words", "Before"),
    "after": QT_TRANSLATE_NOOP("words", "After"),
}
KIND = {
    "photo": QT_TRANSLATE_NOOP("words", "Photo"),
    "video": QT_TRANSLATE_NOOP("words", "Video"),
    "sound": QT_TRANSLATE_NOOP("words", "Sound"),
    "document": QT_TRANSLATE_NOOP("words", "Document"),
}
COUNTED = {
    "photo": QT_TRANSLATE_NOOP("words", "{n} photos"),
    "video": QT_TRANSLATE_NOOP("words", "{n} videos"),
    "sound": QT_TRANSLATE_NOOP("words", "{n} sounds"),
    "document": QT_TRANSLATE_NOOP("words", "{n} documents"),
}
ONE = {
    "photo": QT_TRANSLATE_NOOP("words", "1 photo"),
    "video": QT_TRANSLATE_NOOP("words", "1 video"),
    "sound": QT_TRANSLATE_NOOP("words", "1 sound"),
    "document": QT_TRANSLATE_NOOP("words", "1 document"),
}
DOUBT = {
    OLD: QT_TRANSLATE_NOOP("words", "taken {time} before the report"),
    AFTERWARDS_OLD: QT_TRANSLATE_NOOP(
        "words", "is to show the place afterwards, but was taken {time} before the report"
    ),
    FUTURE: QT_TRANSLATE_NOOP("words", "its camera's clock was {time} ahead when it was attached"),
    ELSEWHERE: QT_TRANSLATE_NOOP("words", "taken {distance} from the case"),
}


def named(item: Attachment) -> str:
    """The stage that a piece shows, or what kind it is."""
    return word(STAGE, item.stage) if item.stage is not None else word(KIND, item.kind)


def counted(items: Iterable[Attachment]) -> str:
    """How many of each kind."""
    found = Counter(item.kind for item in items)
    return " · ".join(figures.things(found[kind], word(ONE, kind), word(COUNTED, kind)) for kind in KIND if found[kind])


def doubt_words(doubt: Doubt) -> str:
    """One disagreement, as it goes on after the name of the photo."""
    return word(DOUBT, doubt.kind).format(time=figures.span(doubt.span), distance=figures.distance(doubt.metres))


def megabytes(size_bytes: int) -> str:
    """The size of a file, MB of 1 048 576 bytes or kB."""
    if size_bytes < 1 << 20:
        return figures.number(size_bytes / 1024, 0, "kB")
    return figures.number(size_bytes / (1 << 20), 1, "MB")


def compared(item: Attachment, found: CaseEvidence) -> list[tuple[str, str]]:
    """What the camera of a photo says beside what the case says: sentences, each with the role of its label."""
    if item.kind != "photo":
        return []
    doubts = {doubt.kind: doubt for doubt in found.doubts(item)}
    elsewhere = doubts.pop(ELSEWHERE, None)
    said = [(f"◆ {doubt_words(doubt)}", "high") for doubt in doubts.values()]
    if item.taken_at is None:
        said.append((translate("evidence", "The camera does not tell when it was taken."), "secondary"))
    elif not doubts:
        apart = item.taken_at - found.reported_at
        words = translate("evidence", "taken {time} after the report")
        if apart < timedelta(0):
            words = translate("evidence", "taken {time} before the report")
        said.append((words.format(time=figures.span(abs(apart))), "secondary"))
    if elsewhere is not None:
        said.append((f"◆ {doubt_words(elsewhere)}", "high"))
    elif item.off_m is None:
        said.append((translate("evidence", "The camera does not tell where it was taken."), "secondary"))
    else:
        away = translate("evidence", "{distance} from the case").format(distance=figures.distance(item.off_m))
        said.append((away, "secondary"))
    return said


def described(item: Attachment, desk: Desk) -> str:
    """When it was taken and attached, by whom, how large it is."""
    told = [] if item.taken_at is None else [figures.moment(item.taken_at)]
    who = desk.name(item.uploaded_by, item.uploaded_by_en)
    at = figures.short_moment(item.uploaded_at, desk.now())
    told.append(translate("evidence", "attached by {who} {time}").format(who=who, time=at))
    if item.width:
        told.append(f"{item.width} × {item.height}")
    return " · ".join([*told, megabytes(item.size_bytes), item.file_name])


def withdrawn_words(item: Attachment, desk: Desk) -> str:
    """When, by whom and why it was withdrawn."""
    return translate("evidence", "Withdrawn {time} by {who}: {reason}").format(
        time=figures.short_moment(item.withdrawn_at, desk.now()),
        who=desk.name(item.withdrawn_by, item.withdrawn_by_en),
        reason=item.reason,
    )
