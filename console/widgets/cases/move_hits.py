"""Lines to choose from in the forms of moves and reports: what fits what was typed, in the words of the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.errors import QT_TRANSLATE_NOOP
from console.widgets.cases.move_fields import Hit
from console.widgets.shared import figures
from console.widgets.shared.words import STATE, limit_of, word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.models.cases.duplicates import Duplicate
    from console.models.cases.filing import Class, Condition, Proposal, Standard, Unit
    from console.widgets.shared.desk import Desk

translate = QCoreApplication.translate
REASON = {
    "component": QT_TRANSLATE_NOOP("words", "it maintains the component"),
    "place": QT_TRANSLATE_NOOP("words", "it serves this place"),
    "history": QT_TRANSLATE_NOOP("words", "earlier cases here went there"),
    "standard": QT_TRANSLATE_NOOP("words", "the standard names it"),
    "acceptor": QT_TRANSLATE_NOOP("words", "the acceptor proposes it"),
}
"""Why a department is proposed, as `Proposal.reason` names it."""


def class_hits(standard: Standard, typed: str, desk: Desk, class_id: int | None = None) -> list[Hit[Class]]:
    """Classes that fit; while nothing is typed the one of that id, if it is in use."""
    own = standard.class_of(class_id)
    found = standard.find_classes(typed) if typed.strip() else [own] if own is not None else []
    name = desk.name
    return [Hit(f"{one.code} {name(one.name, one.name_en)}", name(one.category, one.category_en), one) for one in found]


def condition_hits(
    standard: Standard, typed: str, desk: Desk, class_id: int | None, *, of_class: bool
) -> list[Hit[Condition]]:
    """Filing conditions that fit, each with its limit; those of the class come first, or are the only ones."""
    if not typed.strip() and class_id is None:
        return []
    found = standard.find_conditions(typed, class_id)
    if of_class and class_id is not None:
        found = [one for one in found if one.of.id == class_id]
    name = desk.name
    return [
        Hit(
            f"{one.of.code} {name(one.of.name, one.of.name_en)} · {limit_of(one.limit_value, one.limit_unit)}",
            name(one.words, one.words_en),
            one,
        )
        for one in found
    ]


def unit_hits(standard: Standard, typed: str, desk: Desk, proposal: Proposal | None) -> list[Hit[Unit]]:
    """Departments that fit; while nothing is typed the one that is proposed, with the reason and when it were due."""
    proposed = None if proposal is None else standard.unit(proposal.department_id)
    found = standard.find_units(typed) if typed.strip() else [proposed] if proposed is not None else []
    hits = []
    for one in found:
        detail = f"{one.code} · {one.name}"
        if proposal is not None and one == proposed:
            detail = translate("MoveForm", "Proposed: {reason}").format(reason=word(REASON, proposal.reason))
            if proposal.deadline is not None:
                due = figures.short_moment(proposal.deadline, desk.now())
                detail += translate("MoveForm", " · due {time}").format(time=due)
        hits.append(Hit(desk.name(one.name, one.name_en), detail, one))
    return hits


def duplicate_hits(found: Iterable[Duplicate], typed: str) -> list[Hit[Duplicate]]:
    """Cases that another one can be merged into, as far as number, address or description have what was typed."""
    hits = []
    for one in found:
        if not one.can_take or typed.strip() not in f"{one.case_no} {one.address} {one.description}":
            continue
        ago = translate("MoveForm", "{time} later")
        if one.apart >= timedelta(0):
            ago = translate("MoveForm", "{time} earlier")
        title = f"{figures.distance(one.distance_m)} · {ago.format(time=figures.age(abs(one.apart)))} · {one.case_no}"
        hits.append(Hit(title, f"{word(STATE, one.state)} · {one.address or one.description}", one))
    return hits
