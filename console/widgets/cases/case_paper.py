"""What a case file says on paper, in the words of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.map.excerpt import Mark
from console.map.overlay import coordinate_text, planar
from console.reports.case_file import CasePaper, Headings, Photo, Step
from console.widgets.shared import figures
from console.widgets.shared.case_sheet import case_sheet
from console.widgets.shared.evidence.terms import KIND, doubt_words, megabytes, named
from console.widgets.shared.timeline import entries
from console.widgets.shared.words import SYMBOL, word

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtGui import QImage

    from console.models.cases.dossier import Dossier
    from console.models.cases.evidence import Attachment
    from console.widgets.shared.desk import Desk
    from console.widgets.shared.timeline import Entry

translate = QCoreApplication.translate
REPORTED, DISPOSED = ("far", "near", "reference"), ("before", "after")
SUM_DIGITS = 16


def photos_of(dossier: Dossier) -> list[Attachment]:
    """The photos in the order of the paper; their numbers there are their places, from 1."""
    return [piece for piece in dossier.evidence.counting if piece.is_picture]


def marks_of(dossier: Dossier) -> list[Mark]:
    """Where photos were taken, numbered."""
    return [
        Mark(*planar(piece.longitude, piece.latitude), str(number))
        for number, piece in enumerate(photos_of(dossier), start=1)
        if piece.longitude is not None and piece.latitude is not None
    ]


def case_paper(dossier: Dossier, desk: Desk, picture: QImage, scale: int) -> CasePaper:
    """The case file in words.

    Args:
        dossier: what it tells.
        desk: who prints, and in which language.
        picture: of the place.
        scale: n of its scale 1:n.
    """
    found = dossier.detail
    row, sheet = found.row, case_sheet(found, desk)
    was = ""
    if found.as_of is not None:
        was = translate("case_paper", "As it was at {time}").format(time=_second(found.as_of))
    caption = translate(
        "case_paper", "1:{scale} · the cross is the place of the case, numbers are where photos were taken · {place}"
    )
    who = desk.name(desk.person.title, desk.person.title_en)
    proof = translate("case_paper", "Version {version}, moves: {moves} · printed {time} by {who}")
    return CasePaper(
        kind=translate("case_paper", "Case file · Yuncheng smart urban management centre"),
        number=row.case_no,
        title=sheet.title,
        marks=was,
        facts=tuple((name, value) for section in sheet.sections for name, value, _ in section.facts),
        map=picture,
        map_caption=caption.format(scale=f"{scale:,}", place=coordinate_text(row.x, row.y)),
        photos=_groups(dossier, desk),
        others=tuple(_other(piece, desk) for piece in dossier.evidence.counting if not piece.is_picture),
        steps=_steps(dossier, desk),
        headings=Headings(
            place=translate("case_paper", "Place"),
            photos=translate("case_paper", "Evidence"),
            others=translate("case_paper", "Evidence that paper does not show"),
            history=translate("case_paper", "History"),
        ),
        proof=(
            proof.format(
                version=found.events[-1].seq if found.as_of is not None and found.events else row.version,
                moves=len(found.events), time=_second(dossier.read_at), who=who,
            ),
            translate("case_paper", "SHA-256 over moves and evidence: {sum}").format(sum=dossier.checksum),
        ),
        page=translate("case_paper", "Page {n} of {total}"),
        language=desk.language,
    )  # fmt: skip


def _groups(dossier: Dossier, desk: Desk) -> tuple[tuple[str, tuple[Photo, ...]], ...]:
    numbered = list(enumerate(photos_of(dossier), start=1))
    groups = (
        (translate("case_paper", "When it was reported"), REPORTED),
        (translate("case_paper", "Disposal"), DISPOSED),
        (translate("case_paper", "Further photos"), (None,)),
    )
    made = [
        (title, tuple(_photo(number, piece, dossier, desk) for number, piece in numbered if piece.stage in stages))
        for title, stages in groups
    ]
    return tuple((title, photos) for title, photos in made if photos)


def _photo(number: int, piece: Attachment, dossier: Dossier, desk: Desk) -> Photo:
    title = named(piece) if piece.stage else piece.file_name
    taken = translate("case_paper", "taken {time}").format(time=_second(piece.taken_at)) if piece.taken_at else ""
    doubts = [f"{SYMBOL['medium']} {doubt_words(doubt)}" for doubt in dossier.evidence.doubts(piece)]
    lines = (taken, _attached(piece, desk), piece.file_name, _sum(piece), *doubts)
    return Photo(piece.id, f"{number}  {title}", tuple(filter(None, lines)))


def _other(piece: Attachment, desk: Desk) -> str:
    parts = [word(KIND, piece.kind)]
    if piece.stage:
        parts.append(named(piece))
    parts += [piece.file_name, megabytes(piece.size_bytes), _attached(piece, desk), _sum(piece)]
    return " · ".join(parts)


def _attached(piece: Attachment, desk: Desk) -> str:
    words = translate("case_paper", "attached {time} by {who}")
    return words.format(time=_second(piece.uploaded_at), who=desk.name(piece.uploaded_by, piece.uploaded_by_en))


def _sum(piece: Attachment) -> str:
    return f"SHA-256 {piece.sha256.hex()[:SUM_DIGITS]}…"


def _steps(dossier: Dossier, desk: Desk) -> tuple[Step, ...]:
    return tuple(
        Step(
            number=entry.seq,
            at=_second(entry.at),
            move=entry.move,
            lines=tuple(filter(None, (entry.who, _took(entry)))),
            is_late=entry.is_late,
            opinion=entry.opinion,
        )
        for entry in entries(dossier.detail.events, desk)
    )


def _took(entry: Entry) -> str:
    if not entry.took:
        return ""
    seconds = entry.in_stage.total_seconds()
    exactly = translate("case_paper", "{n} s in all").format(n=figures.count(seconds)) if seconds >= 60 else ""
    mark = f"{SYMBOL['critical']} " if entry.is_late else ""
    return mark + " · ".join(filter(None, (entry.took, exactly)))


def _second(at: datetime) -> str:
    return at.astimezone(figures.CITY_TIME).strftime("%Y-%m-%d %H:%M:%S")
