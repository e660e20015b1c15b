from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest

from console.errors import RESOURCES, ConsoleError
from console.models.calendar import LimitUnit
from console.models.catalogue import Catalogue, Kind, catalogue_tables, load_catalogue
from console.models.catalogue.records import CODE_SYSTEM, OLD_CODE_SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

# Yuncheng's table of component classes: code, unit, conditions with their limits.
COMPONENTS = """
0101 节水 HZ=2UH BK=4WH RK=2WD SU=5WD
0102 排水 HZ=2UH BK=4WH RK=2WD SU=5WD
0103 排水 HZ=2UH BK=4WH RK=2WD SU=5WD
0104 排水 HZ=2UH BK=4WH RK=2WD SU=5WD BL=1WD
0106 市政 HZ=2UH BK=1WD RK=2WD SU=5WD
0110 供热气 HZ=2UH BK=1WD RK=2WD SU=5WD
0111 供热气 HZ=2UH BK=1WD RK=2WD SU=5WD
0114 园林 HZ=2UH BK=1WD RK=2WD SU=5WD
0118 环卫 HZ=2UH BK=4WH RK=2WD SU=5WD
0123 街办 HZ=2UH BK=4WH RK=2WD SU=5WD
0125 节水 LK=2UH DM=2WD DI=4WH AB=5WD
0126 园林 HZ=4UH BK=1WD
0127 通信 DM/TI=2WD DI/DO=1WD AB=5WD
0128 电力 DM/TI=4WD DO/DI=1WD AB=5WD
0129 电力 DM/WR=2WD DI=1WD
0130 电力 TI=2WD DM/AB=5WD DI=1WD
0131 通信 TIH=4UH DM/AB=5WD DI=1WD
0137 市政 TI/DM=1WD UL/RUST=2WD OO=2WH AB=3WD
0138 市政 DM/UL=2WD OO=2WH AB=3WD
0139 市政 TI/DI=1WD DM/RUST=2WD UL/AB=3WD OO=2WH
0140 报业邮政 DM=2WD DI=1WD AB=7WD
0145 园林 TI/DI=1WD DM=5WD AB=3WD
0146 园林 TI/DI=1WD DM=5WD AB=3WD
0149 供热气 TI/DI=1WD DM=2WD AB=3WD
0150 市政 TI/DI=1WD DM/AB=3WD
0151 园林 DM=5WD DI=1WD AB=7WD
0152 园林 DM=5WD DI=1WD AB=7WD
0154 市容科 UA=2WD FIT=5WD DI=1WD AB=10WD
0157 供热气 DM=3WD DI=4WH
0199 园林 FIT=3WD AM/DI/ST/WR=1WD HR=2WH
0197 环卫 FIT=3WD AM/DI/ST/WR=1WD HR=2WH
0193 节水 TI/DI=1WD AB=5WD
0192 供热气 LK=1WD
0190 市政 DM=5WD DI=1WD
0188 市政 SL=5WD TI=2WD
0186 街办 TI=3WD
0181 市政 DM=5WD
0180 街办 DM=2WD DI/NS=1WD
0179 园林 WIRE/DI/UL/AB=1WD DM=2WD
0178 市政 UL=10WD WR=1UH OO=2WH
0201 产权/市容科 SURF=5WD UA=2WD FIT=3WD DI=1WD
0204 市政 TI/LOOSE/DI=1WD DM/SURF=5WD WR=3WD AB=7WD
0206 市政 STRUCT/RAIL/FIT=5WD SURF/UL=3WD PO=4WH DI=1WD
0207 市政 FL=2UH SURF=5WD WR/UL=2WD FIT/DI=1WD
0208 市政 STRUCT/FIT/SURF=5WD PO=4WH UL=2WD DI=1WD
0209 市政 STRUCT=3WD FIT=5WD DI=1WD
0211 市政 TI=4UH FIT/AB=5WD WR=3WD DI=1WD
0212 市政 TI/DM=3WD WR=2WD DI=1WD AB=5WD
0217 市政 SH/DI=1WD DM=3WD AB=5WD
0219 市政 SURF=5WD FIT/PL=2WD DI=1WD OB=4WH
0220 市政 TI/DM=3WD DI=1WD AB=2WD
0221 市政 TI/DM=3WD DI=1WD AB=2WD
0224 市政 TI/DM=3WD DI=1WD
0225 园林 DM/MK=3WD DI=4WH
0230 园林 TI/DM/AB=3WD WR=2WD DI=1WD
0299 市政 STRUCT/FIT/SURF=5WD IC=4WH DI=1WD
0286 市政 TI=7WD DM=5WD
0285 市政 STEP/DM=5WD
0284 市政 GLAZE/HEAVE/LOOSE=7WD DM025=5WD
0283 市政 TI/DM/WR=5WD DI=1WD AB=3WD
0301 环卫 FIT=3WD AM/ST/HR/TO=4WH OD=1WD WR=2WD AC=5WD
0302 环卫 TI/WR=2WD DM/AB=3WD DI=1WD
0303 环卫 HZ=4UH DM=2WD OV=1WD
0304 环卫 FIT=2WD OD/DI=1WD NC=4WH
0305 环卫 TI/DI=1WD DM/FIT/SIGN=3WD MP=4WH
0306 执法 TI/DI=1WD DM/UL=2WD AB=3WD
0307 街办 TI/DI=1WD DM/AB=2WD WR=5WD
0308 园林 TI=1WD DM/WR/AB=3WD DI=4WH
0397 环卫 TI/DI=1WD DM=3WD FU=2WH
0396 市政 DM/TI=3WD WR=2WD DI=1WD
0401 园林 TI=1WD PL=2WD
0402 园林 TI=1WD DM=15WD PL/PR=2WD
0404 园林 DM/DM16/AB=3WD DI=1WD
0405 园林 TI/PL/DI/AB=1WD DM=3WD
0406 园林 TI/DM=5WD DI=1WD AB=3WD
0407 园林 DM/AB=3WD TI/DI=1WD
0408 园林 TI/DI=1WD DM/AB=3WD
0409 园林 LK=2UH WR/TI/DI=1WD DM/AB=3WD
0410 园林 LK=2UH DM=5WD DI=2WD SIGN=1WD AB=7WD
0499 园林 PR/HE=2WD DI/TI=1WD SOIL/SINK/TR=5WD
0498 园林 TI/WR=2WD DM/AB=3WD DI=1WD
0497 园林 DM=3WD
0496 园林 DM/PL=3WD DI=1WD
0495 市政 PR/HE=2WD DI/TI=1WD SOIL/SINK/TR=5WD
0494 市政 PR/HE=2WD DI/TI=1WD SOIL/SINK/TR=5WD
0493 园林 DM=5WD
0503 供热气 FIT=2WD OD/DI=4WH
0504 供热气 OD=2UH FIT/DI=1WD
0506 市政 TI/DI=1WD DM/SIGN/AB=3WD
0507 市政 TI/AB=3WD DI=1WD
0508 园林 FIT=3WD DI=1WD
0598 园林 DM/TI/AB=3WD WR=2WD DI=1WD
"""

# Yuncheng's table of event classes: code, first unit, limits in any order.
EVENTS = """
0101 街办 2UD 15WD
0102 街办 1UD
0103 市政 1WD 3WD
0104 街办 3WD 1WD
0105 街办 2WD
0106 街办 1WD
0107 园林 2UH
0108 街办 5WD 4WH
0110 环卫 4WH
0111 街办 5WD
0112 环卫 2WH
0113 市政 5WD 5WD 5WD
0114 环卫 4WH
0117 园林 4WH
0118 园林 4WH
0119 园林 1WD
0120 街办 2UH
0121 园林 3WD
0122 园林 1UH 3WD
0125 园林 2WD
0126 市政 2WD
0128 公安 2UH
0129 街办 2UH
0130 街办 2WD 2WD 2WD 1WD
0131 环卫 4WH
0132 环卫 2WD
0133 环卫 2WD
0135 街办 2WD
0136 街办 1WD
0137 环卫 4WH
0138 街办 1WD
0199 执法 2UD 15WD
0198 街办 2UD 15WD
0197 园林 3WD
0196 街办 2WD
0195 执法 2WH 2WH 2WH 2WH 1WD
0193 环卫 2WD
0192 环卫 4WH
0191 园林 2WH
0190 园林 2WD
0187 街办 1WD
0184 街办 1WD
0183 街办 15WD
0182 市政 5WD
0181 市政 5WD
0180 市政 1WD
0179 园林 5WD
0201 街办 1WD
0202 街办 2WH
0203 执法 1WD 5WD
0204 执法 5WD
0205 执法 3WD
0206 街办 2WD
0207 街办 1WD
0299 街办 5WD
0301 执法 2UH
0302 街办 1WD
0303 市政 1WD
0304 街办 2WH
0305 市政 2WD
0306 市政 1WD
0307 街办 3WD 2WD 1WD 3WD
0308 街办 5WD
0309 市政 5WD
0310 市政 2WD
0311 执法 2WD
0312 街办 1WD
0399 市政 3WD
0398 市政 2WD
0397 市政 3WD
0396 市政 2WD
0401 街办 2UH
0402 街办 2UH
0404 街办 1WD
0405 街办 2UH
0406 街办 2UH
0410 街办 2WH
0498 街办 2WD
0496 执法 2WH
0495 街办 2UH
0494 街办 2WH
0493 市容科 2WH 1WD 1WD 1WD 1WD 1WD
0492 执法 4WH
0491 街办 4WH 1WD 1WD
0501 节水 1UH 5WD
0502 供热气 1UH 5WD
0503 排水 4WH 1UH
0504 供热气 1UH 5WD
0505 市政 2UH
0506 排水 2UH
0507 环卫 4WH
0508 市政 2WH
0596 街办 2UH
0595 城管局 2UH
0602 街办 2WH
0604 环卫 4WH
0698 市政 2WH 1WD 5WD
0696 街办 1WD
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_every_component_class_with_every_condition_and_limit(catalogue: Catalogue) -> None:
    expected: dict[str, tuple[str, set[str]]] = {}
    for line in COMPONENTS.strip().splitlines():
        code, unit, *conditions = line.split(" ")
        limits = {
            f"{condition}={limit}"
            for names, limit in (c.split("=") for c in conditions)
            for condition in names.split("/")
        }
        expected[code] = unit.split("/")[0], limits
    assert len(expected) == 92
    assert _found(catalogue, Kind.COMPONENT) == expected


def test_every_event_class_with_every_limit(catalogue: Catalogue) -> None:
    lines = [line.split(" ") for line in EVENTS.strip().splitlines()]
    expected = {code: (unit, Counter(limits)) for code, unit, *limits in lines}
    assert len(expected) == 98
    found = {
        code: (unit, Counter(limit.split("=")[1] for limit in limits))
        for code, (unit, limits) in _found(catalogue, Kind.EVENT).items()
    }
    assert found == expected


def _found(catalogue: Catalogue, kind: Kind) -> dict[str, tuple[str, set[str]]]:
    return {
        row.code: (
            catalogue.department[row.responsible].short_name,
            {f"{c.code}={c.limit_value}{c.limit_unit}" for c in catalogue.conditions_of[row.key]},
        )
        for row in catalogue.classes
        if row.in_use and row.kind == kind
    }


def test_counts_by_major_class(catalogue: Catalogue) -> None:
    counts = Counter((row.code_system, row.kind.value, row.code[:2]) for row in catalogue.classes if row.in_use)
    assert {key[1:]: n for key, n in counts.items()} == {
        ("component", "01"): 40,
        ("component", "02"): 20,
        ("component", "03"): 10,
        ("component", "04"): 16,
        ("component", "05"): 6,
        ("event", "01"): 47,
        ("event", "02"): 8,
        ("event", "03"): 16,
        ("event", "04"): 13,
        ("event", "05"): 10,
        ("event", "06"): 4,
    }
    assert {key[0] for key in counts} == {CODE_SYSTEM}


def test_classes_of_other_numberings_are_kept_apart(catalogue: Catalogue) -> None:
    unused = [row for row in catalogue.classes if not row.in_use]
    assert Counter(row.code_system for row in unused) == {CODE_SYSTEM: 6, OLD_CODE_SYSTEM: 75}
    assert catalogue.by_key[OLD_CODE_SYSTEM, Kind.COMPONENT, "0118"].name == "路灯"
    assert catalogue.find(Kind.COMPONENT, "0118").name == "化粪池井盖"


def test_local_additions_are_those_numbered_downward_from_99(catalogue: Catalogue) -> None:
    local = {row.code for row in catalogue.classes if row.local and row.kind == Kind.COMPONENT}
    assert {code[:2]: sorted(c[2:] for c in local if c[:2] == code[:2]) for code in local} == {
        "01": ["78", "79", "80", "81", "86", "88", "90", "92", "93", "97", "99"],
        "02": ["83", "84", "85", "86", "99"],
        "03": ["96", "97"],
        "04": ["93", "94", "95", "96", "97", "98", "99"],
        "05": ["98"],
    }


def test_wording_is_complete_and_its_own_for_each_condition_of_a_class(catalogue: Catalogue) -> None:
    for rows in catalogue.conditions_of.values():
        assert len({row.description for row in rows}) == len(rows)
        assert len({row.description_en for row in rows}) == len(rows)
    flooding = catalogue.conditions_of[CODE_SYSTEM, Kind.EVENT, "0506"][0]
    assert flooding.description == "积水面积大于100平方米且深度大于15厘米"
    assert flooding.limit_unit is LimitUnit.UH
    assert flooding.limit_minutes == 120
    cover = {row.code: row for row in catalogue.conditions_of[CODE_SYSTEM, Kind.COMPONENT, "0110"]}
    assert "3厘米" in cover["SU"].description


def test_departments_name_the_units_that_are_scored(catalogue: Catalogue) -> None:
    below = Counter(row.parent for row in catalogue.departments)
    units = {row.short_name: row for row in catalogue.departments}
    assert below[units["街办"].code] == 8
    assert below[units["环卫"].code] == 5
    assert below[units["园林"].code] == 8
    assert {units[name].serves for name in ("中城分队", "姚孟分队")} == {"140802001", "140802008"}
    assert {row.serves for row in catalogue.departments if row.parent == units["环卫"].code} == set("东西南北中")


def test_tables_refer_to_each_other(catalogue: Catalogue) -> None:
    tables = catalogue_tables(catalogue, date(2025, 1, 1))
    condition = tables["filing_condition"]
    row = next(i for i, c in enumerate(catalogue.conditions) if c.class_key == (CODE_SYSTEM, Kind.EVENT, "0401"))
    assert tables["case_class"]["name"][condition["class_id"][row] - 1] == "无照经营游商"
    assert tables["department"]["short_name"][condition["responsible_id"][row] - 1] == "街办"
    assert tables["department"]["short_name"][condition["competent_id"][row] - 1] == "执法"
    assert {len(column) for column in condition.values()} == {len(catalogue.conditions)}


@pytest.mark.parametrize(
    ("file", "column", "value", "message"),
    [
        ("standards/conditions.csv", "limit_value", "0", "limit_value"),
        ("standards/conditions.csv", "limit_unit", "XH", "limit_unit"),
        ("standards/conditions.csv", "class_code", "9999", "class_code"),
        ("standards/conditions.csv", "condition_code", "hz", "condition_code"),
        ("standards/conditions.csv", "closing", "", "closing"),
        ("standards/classes.csv", "class_code", "101", "class_code"),
        ("standards/classes.csv", "responsible_unit", "0000", "responsible_unit"),
        ("standards/classes.csv", "other_units", "0000", "other_units"),
        ("standards/classes.csv", "major_code", "02", "major_code"),
        ("standards/classes.csv", "code_system", "GB", "code_system"),
        ("standards/classes.csv", "in_use", "maybe", "in_use"),
        ("organisation/departments.csv", "parent", "9999", "parent"),
        ("organisation/departments.csv", "kind", "office", "kind"),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(
    tmp_path: Path, file: str, column: str, value: str, message: str
) -> None:
    shutil.copytree(RESOURCES / "standards", tmp_path / "standards")
    shutil.copytree(RESOURCES / "organisation", tmp_path / "organisation")
    with (tmp_path / file).open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    rows[0][column] = value
    with (tmp_path / file).open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ConsoleError, match=rf"line 2: .*{message}"):
        load_catalogue(tmp_path)


def test_a_repeated_or_torn_line_is_refused(tmp_path: Path) -> None:
    shutil.copytree(RESOURCES / "standards", tmp_path / "standards")
    shutil.copytree(RESOURCES / "organisation", tmp_path / "organisation")
    path = tmp_path / "standards" / "conditions.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")
    with pytest.raises(ConsoleError, match="condition_code"):
        load_catalogue(tmp_path)
    path.write_text(text + "GB/T 30428.2-2013,event\n", encoding="utf-8")
    with pytest.raises(ConsoleError, match="number of columns"):
        load_catalogue(tmp_path)
    path.write_text("\n".join(text.splitlines()[:-1]), encoding="utf-8")
    with pytest.raises(ConsoleError, match="0696"):
        load_catalogue(tmp_path)
    path.unlink()
    with pytest.raises(ConsoleError, match="cannot be read"):
        load_catalogue(tmp_path)
