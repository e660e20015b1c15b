"""The queue as a list that leaves the console: every case of the filter, in the words of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.models import cases
from console.widgets.shared.listing import Listing
from console.widgets.shared.words import KIND, LEVEL, MODE, SOURCE, STATE, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from console.models.cases import CaseFilter, CaseRow, CaseSort
    from console.reports.lists import Cell


def queue_listing(title: str, wanted: CaseFilter, order: CaseSort, total: int, *, chinese: bool) -> Listing:
    """All cases of a queue, not only those that were fetched.

    Args:
        title: of the queue.
        wanted: which cases.
        order: in what order.
        total: how many there are.
        chinese: whether names are wanted in Chinese; else in English where the city has them.
    """
    columns = _columns(chinese=chinese)

    def rows(connection: Connection) -> Iterator[list[Cell]]:
        for row in cases.stream(connection, wanted, order):
            yield [cell(row) for cell in columns.values()]

    return Listing(title, list(columns), rows, total)


def _columns(*, chinese: bool) -> dict[str, Callable[[CaseRow], Cell]]:
    """Headings and cells; words are translated here, so that cells are made without Qt."""
    translate = QCoreApplication.translate
    state, mode, source, kind, level = (
        {code: word(vocabulary, code) for code in vocabulary} for vocabulary in (STATE, MODE, SOURCE, KIND, LEVEL)
    )
    yes = translate("queue_listing", "yes")
    return {
        translate("queue_listing", "Number"): lambda c: c.case_no,
        translate("queue_listing", "Stage"): lambda c: state.get(c.state, c.state),
        translate("queue_listing", "Class"): lambda c: c.class_name if chinese else c.class_name_en or c.class_name,
        translate("queue_listing", "Kind"): lambda c: kind.get(c.kind, c.kind),
        translate("queue_listing", "Level"): lambda c: level.get(c.level, c.level),
        translate("queue_listing", "Mode"): lambda c: mode.get(c.mode, c.mode),
        translate("queue_listing", "Source"): lambda c: source.get(c.source, c.source),
        translate("queue_listing", "Zone"): lambda c: c.zone if chinese else c.zone_en or c.zone,
        translate("queue_listing", "Address"): lambda c: c.address,
        translate("queue_listing", "Street"): lambda c: c.street,
        translate("queue_listing", "Unit grid"): lambda c: c.unit_grid,
        translate("queue_listing", "Component"): lambda c: c.component_code,
        translate("queue_listing", "Description"): lambda c: c.description,
        translate("queue_listing", "Responsible"): lambda c: (
            c.responsible if chinese else c.responsible_en or c.responsible
        ),
        translate("queue_listing", "Reported"): lambda c: c.reported_at,
        translate("queue_listing", "Accepted"): lambda c: c.accepted_at,
        translate("queue_listing", "Filed"): lambda c: c.filed_at,
        translate("queue_listing", "Dispatched"): lambda c: c.dispatched_at,
        translate("queue_listing", "Disposed"): lambda c: c.disposed_at,
        translate("queue_listing", "Closed"): lambda c: c.closed_at,
        translate("queue_listing", "Deadline"): lambda c: c.deadline,
        translate("queue_listing", "Due for this step"): lambda c: c.due_at,
        translate("queue_listing", "Overdue"): lambda c: yes if c.is_overdue else "",
        translate("queue_listing", "Supervised"): lambda c: yes if c.is_supervised else "",
        translate("queue_listing", "Extensions"): lambda c: c.extensions,
        translate("queue_listing", "Reworks"): lambda c: c.reworks,
        translate("queue_listing", "East, m (EPSG:4546)"): lambda c: round(c.x, 2),
        translate("queue_listing", "North, m (EPSG:4546)"): lambda c: round(c.y, 2),
    }
