"""A city of a few streets with some hundred random cases, small enough to filter and sort by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
X, Y = 500_000.0, 3_877_000.0
CASES = 240
CLASSES = ("暴露生活垃圾", "积存垃圾渣土", "雨水箅子", "道路破损")
CATEGORIES = ("市容环境", "公用设施")
PLACES = ("禹都大道第一小学门前", "人民路与禹都大道交口", "红旗东街12号", "河东广场南侧", "")
WORDS = ("垃圾满溢", "占道经营", "井盖缺失", "车辆乱停放", "𠮷野家门前油污")
STATES_OF = {
    "closed_loop": ("reported", "pending_register", "pending_dispatch", "handling", "suspended",
                    "pending_check", "closed",
                    "forced_close", "cancelled", "not_accepted"),
    "direct_assess": ("assessed",),
    "self_handled": ("pending_close", "closed"),
}  # fmt: skip
SOURCES = ("inspector", "video_operator", "hotline_12345", "sensor")
LEVELS = ("daily", "normal", "serious", "major")

_BASE = """
    INSERT INTO city.zone
        SELECT i, 'Z' || i, '片区' || i, 'Zone ' || i,
            ST_Multi(ST_MakeEnvelope(500000 + (i - 1) * 500, 3877000, 500000 + i * 500, 3878000, 4546))
        FROM generate_series(1, 2) AS i;
    INSERT INTO city.subdistrict
        VALUES ('140802001', '中城街道', ST_Multi(ST_MakeEnvelope(500000, 3877000, 501000, 3878000, 4546)));
    INSERT INTO city.community (code, name, geom)
        SELECT '14080200100' || i, '社区' || i,
            ST_Multi(ST_MakeEnvelope(500000 + (i - 1) * 500, 3877000, 500000 + i * 500, 3878000, 4546))
        FROM generate_series(1, 2) AS i;
    INSERT INTO city.unit_grid (code, zone_id, geom)
        SELECT '14080200100' || (1 + x / 5) || lpad((x * 10 + y + 1)::text, 3, '0'), 1 + x / 5,
            ST_MakeEnvelope(500000 + x * 100, 3877000 + y * 100, 500100 + x * 100, 3877100 + y * 100, 4546)
        FROM generate_series(0, 9) AS x, generate_series(0, 9) AS y;
    INSERT INTO city.street (id, code, name, class, width_m, geom)
        SELECT i, 'S' || i, (ARRAY['人民路', '禹都大道', '禹都大道'])[i],
            (ARRAY['branch', 'arterial', 'arterial'])[i]::city.street_class, 20,
            ST_SetSRID(ST_MakeLine(ST_MakePoint(5e5, 3877000 + i * 300), ST_MakePoint(501e3, 3877000 + i * 300)), 4546)
        FROM generate_series(1, 3) AS i;
    INSERT INTO city.department (id, code, short_name, name, name_en, kind)
        SELECT i, 'D' || i, '单位' || i, '单位' || i || '全称', 'Unit ' || i, 'bureau' FROM generate_series(1, 3) AS i;
    INSERT INTO city.staff (id, login, title, title_en, role, department_id)
        VALUES (1, 'inspector_1', '监督员', 'Inspector', 'inspector', 1);
"""


def fill(connection: Connection, seed: int = 1, cases: int = CASES) -> None:
    """Put the areas and `cases` random cases into an empty, migrated database."""
    chance = random.Random(seed)
    connection.exec_driver_sql(_BASE)
    for number, name in enumerate(CLASSES, 1):
        connection.execute(
            text("""
                INSERT INTO city.case_class (id, code_system, kind, code, category, category_en, name, name_en)
                VALUES (:id, 'GB/T 30428.2-2013', :kind, :code, :category, 'Category', :name, :name_en)
            """),
            {
                "id": number, "kind": "component" if number == 3 else "event", "code": f"010{number}",
                "category": CATEGORIES[number // 3], "name": name, "name_en": f"Class {number}",
            },
        )  # fmt: skip
        connection.execute(
            text("""
                INSERT INTO city.filing_condition (id, class_id, code, description, description_en, limit_value,
                    limit_unit,
                    closing_condition, closing_condition_en, responsible_id, competent_id, valid_from, confidence)
                VALUES (:id, :id, 'AB', '条件', 'condition', 4, 'WH', '清理', 'cleaned', 2, 1, '2020-01-01', 'sure')
            """),
            {"id": number},
        )
    for _ in range(cases):
        insert_case(connection, random_case(chance))


def random_case(chance: random.Random) -> dict[str, Any]:
    """Values of one row of ``city.case_file`` that the constraints accept."""
    mode = chance.choice(list(STATES_OF))
    state = chance.choice(STATES_OF[mode])
    reported = NOW - timedelta(seconds=chance.choice((0, 60, 3600)) + 86_400 * chance.randrange(40))
    dx, dy = chance.random() * 1000, chance.random() * 1000
    filed = state not in {"reported", "pending_register", "not_accepted", "assessed"}
    dispatched = filed and state != "pending_dispatch"
    disposed = dispatched and state not in {"handling", "suspended", "cancelled"}
    ended = state in {"closed", "forced_close", "cancelled", "not_accepted", "assessed"}
    waits = not ended and state != "suspended"
    deadline = reported + timedelta(hours=chance.choice((3, 30, 300)))
    disposed_at = reported + timedelta(hours=chance.choice((2, 10))) if disposed else None
    class_id = None if state == "reported" and chance.random() < 0.5 else chance.randint(1, 4)
    return {
        "mode": mode, "state": state, "source": chance.choice(SOURCES), "level": chance.choice(LEVELS),
        "kind": "event" if class_id is None else "component" if class_id == 3 else "event",
        "class_id": class_id, "condition_id": class_id if filed else None,
        "is_overdue": disposed_at is not None and disposed_at > deadline, "is_supervised": chance.random() < 0.1,
        "zone_id": 1 + int(dx // 500), "street_id": chance.choice((None, 1, 2, 3)),
        "unit_grid": f"14080200100{1 + int(dx // 500)}{int(dx // 100) * 10 + int(dy // 100) + 1:03}",
        "responsible_id": chance.randint(1, 3) if dispatched or chance.random() < 0.3 else None,
        "reported_at": reported, "accepted_at": None if class_id is None else reported + timedelta(minutes=5),
        "filed_at": reported + timedelta(minutes=20) if filed else None,
        "dispatched_at": reported + timedelta(minutes=30) if dispatched else None, "disposed_at": disposed_at,
        "closed_at": reported + timedelta(hours=chance.choice((12, 60))) if ended else None,
        "deadline": deadline if dispatched else None, "limit_minutes": 240 if dispatched else None,
        "warn_at": deadline - timedelta(hours=1) if waits else None, "due_at": deadline if waits else None,
        "reworks": chance.choice((0, 0, 1)), "extensions": chance.choice((0, 0, 1)),
        "appeal": chance.choice((None, None, "granted", "refused")) if state == "closed" else None,
        "address": chance.choice(PLACES) or None, "description": chance.choice(WORDS), "x": X + dx, "y": Y + dy,
    }  # fmt: skip


def insert_case(connection: Connection, values: dict[str, Any]) -> int:
    """Insert one row; returns its id."""
    names = [name for name in values if name not in {"x", "y"}]
    query = f"""
        INSERT INTO city.case_file (case_no, geom, {", ".join(names)})
        VALUES (city.next_case_no((CAST(:reported_at AS timestamptz) AT TIME ZONE 'Asia/Shanghai')::date),
            ST_SetSRID(ST_MakePoint(:x, :y), 4546), {", ".join(f":{name}" for name in names)})
        RETURNING id
    """
    return int(connection.execute(text(query), values).scalar_one())
