"""Which column of a spreadsheet is what: standards come with their headers in varying order and wording."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Part(StrEnum):
    """What a column of a standard holds."""

    KIND = "kind"
    MAJOR_CODE = "major_code"
    MAJOR_NAME = "major_name"
    CLASS_CODE = "class_code"
    CLASS_NAME = "class_name"
    CONDITION_CODE = "condition_code"
    CONDITION = "condition"
    LIMIT = "limit"
    UNIT = "unit"
    CLOSING = "closing"
    RESPONSIBLE = "responsible"
    COMPETENT = "competent"
    CONDITION_EN = "condition_en"
    CLOSING_EN = "closing_en"


NEEDED = (Part.CLASS_CODE, Part.CONDITION, Part.LIMIT, Part.CLOSING, Part.RESPONSIBLE)
# Columns that say the same for all conditions of a class, and are left empty below its first row.
OF_CLASS = (Part.KIND, Part.MAJOR_CODE, Part.MAJOR_NAME, Part.CLASS_CODE, Part.CLASS_NAME)

HEADERS: dict[Part, tuple[str, ...]] = {
    Part.KIND: ("类别", "类型", "案件类别", "案件类型", "部件事件", "部事件", "问题类型", "kind"),
    Part.MAJOR_CODE: ("大类代码", "大类编码", "大类编号", "大类码", "majorcode"),
    Part.MAJOR_NAME: ("大类", "大类名称", "大类别", "问题大类", "majorname"),
    Part.CLASS_CODE: ("小类代码", "小类编码", "小类编号", "代码", "编码", "标识码", "分类代码", "小类码",
        "classcode"),
    Part.CLASS_NAME: ("小类", "小类名称", "名称", "部件名称", "事件名称", "部件事件名称", "问题小类", "classname"),
    Part.CONDITION_CODE: ("条件代码", "条件编码", "条件编号", "立案条件代码", "立案条件编码", "conditioncode"),
    Part.CONDITION: ("立案条件", "立案标准", "立案情形", "立案规范", "管理标准", "采集标准", "问题描述", "condition"),
    Part.LIMIT: (
        "处置时限", "处理时限", "办理时限", "处置期限", "处置时间", "时限", "结案时限", "处置标准", "时限要求",
        "limit",
    ),
    Part.UNIT: ("时限单位", "单位时间", "时间单位", "处置时限单位", "计时单位", "limitunit"),
    Part.CLOSING: ("结案条件", "结案标准", "结案规范", "处置结果", "整改标准", "结案要求", "closing"),
    Part.RESPONSIBLE: (
        "责任单位", "处置单位", "处置责任单位", "责任部门", "处置部门", "承办单位", "权属单位", "养护单位",
        "专业部门", "责任主体", "主责单位",
        "responsible",
    ),
    Part.COMPETENT: ("主管部门", "主管单位", "行业主管部门", "监管部门", "监管单位", "业务主管部门", "competent"),
    Part.CONDITION_EN: ("立案条件英文", "conditionen"),
    Part.CLOSING_EN: ("结案条件英文", "closingen"),
}  # fmt: skip
_MEANING = {word: part for part, words in HEADERS.items() for word in words}
_NOISE = re.compile(r"[\s\W_]+")


def meaning(header: str) -> Part | None:
    """What a header says its column holds; None when it says nothing we know."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", header)).lower()
    found = _MEANING.get(plain)
    if found is None and plain.endswith("单位") and plain.startswith(tuple(HEADERS[Part.LIMIT])):
        return Part.UNIT
    if found is None and plain:
        # 处置时限（工作时） or 责任单位全称: a header that begins with words we know.
        longest = max((word for word in _MEANING if len(word) >= 4 and plain.startswith(word)), key=len, default="")
        found = _MEANING.get(longest)
    return found


def find_columns(row: Sequence[str]) -> dict[Part, int]:
    """Places of the columns that a row of headers names; of two that say the same the first counts."""
    found: dict[Part, int] = {}
    for place, header in enumerate(row):
        part = meaning(header)
        if part is not None:
            found.setdefault(part, place)
    return found


def missing(columns: dict[Part, int]) -> tuple[Part, ...]:
    """Columns without which there is no standard."""
    return tuple(part for part in NEEDED if part not in columns)
