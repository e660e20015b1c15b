"""Cases (案件): the queue over the whole history, one case with its file, and the cases in hand on the map."""

from console.models.cases.desks import Waiting, preset_counts
from console.models.cases.filters import CaseFilter, Period, TimeColumn
from console.models.cases.history import CaseEvent
from console.models.cases.orders import CaseColumn, CaseSort
from console.models.cases.presets import PRESET_STATES, Preset, presets_of
from console.models.cases.queue import (
    PAGE,
    among,
    count,
    page,
    page_ids,
    position_of,
    stream,
)
from console.models.cases.records import (
    CaseDetail,
    CaseRow,
    detail,
    id_of,
    open_case_layer,
    open_cases,
    rows,
)

__all__ = [
    "PAGE",
    "PRESET_STATES",
    "CaseColumn",
    "CaseDetail",
    "CaseEvent",
    "CaseFilter",
    "CaseRow",
    "CaseSort",
    "Period",
    "Preset",
    "TimeColumn",
    "Waiting",
    "among",
    "count",
    "detail",
    "id_of",
    "open_case_layer",
    "open_cases",
    "page",
    "page_ids",
    "position_of",
    "preset_counts",
    "presets_of",
    "rows",
    "stream",
]
