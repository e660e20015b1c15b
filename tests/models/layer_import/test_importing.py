"""Rows of a file become rows of the city, all or nothing, and every one gets its verdict."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from sqlalchemy import event, text

from console.errors import ConsoleError
from console.models.layer_import.verdicts import Outcome

from .conftest import count, outcomes, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from console.models.layer_import.verdicts import Result

    Run = Callable[..., Result]
    Write = Callable[..., Path]

CRS = {"crs": "EPSG:4546"}
STORM = {"constants": ("system=storm",), **CRS}


def rows_of(engine: Engine, query: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def test_dry_run_is_the_default_and_keeps_nothing(run: Run, write_csv: Write, town: Engine) -> None:
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010)])
    result = run("manhole", path, **STORM)
    assert outcomes(result) == {"A": Outcome.IMPORTED}
    assert not result.written
    assert not result.refused
    assert count(town, "manhole") == 0
    assert count(town, "change_log") == count(town, "audit_log")
    assert "Dry run" in result.lines("en")[-1]


def test_new_changed_unchanged(run: Run, write_csv: Write, town: Engine) -> None:
    header = ("code", "x", "y", "ground_elevation_m", "depth_m")
    first = write_csv([header, ("A", 500100, 3875010, 360, 2), ("B", 500200, 3875010, 361, 2)])
    assert run("manhole", first, apply=True, **STORM).written
    second = write_csv(
        [header, ("A", 500100, 3875010, 360, 2), ("B", 500203, 3875010, 361, 3), ("C", 500300, 3875010, 1, 1)]
    )
    result = run("manhole", second, apply=True, **STORM)
    assert outcomes(result) == {"A": Outcome.UNCHANGED, "B": Outcome.CHANGED, "C": Outcome.IMPORTED}
    changed = result.verdicts[1].changes
    assert changed["depth_m"] == ("2", "3")
    assert changed["invert_elevation_m"] == ("359", "358")
    assert changed["geom"] == ("500200.00 3875010.00", "500203.00 3875010.00")
    assert "zone_id" not in changed
    (row,) = rows_of(town, "SELECT *, ST_X(geom) AS x FROM city.manhole WHERE code = 'B'")
    assert (row["depth_m"], row["x"]) == (3, 500203)
    assert run("manhole", second, apply=True, **STORM).count(Outcome.UNCHANGED) == 3


def test_unchanged_rows_are_not_written(run: Run, write_csv: Write, town: Engine) -> None:
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010)])
    run("manhole", path, apply=True, **STORM)
    before = count(town, "audit_log")
    run("manhole", path, apply=True, **STORM)
    assert count(town, "audit_log") == before


def test_columns_that_the_file_lacks_keep_their_values(run: Run, write_csv: Write, town: Engine) -> None:
    run("manhole", write_csv([("code", "x", "y", "built_year"), ("A", 500100, 3875010, 1999)]), apply=True, **STORM)
    run("manhole", write_csv([("code", "x", "y"), ("A", 500200, 3875010)]), apply=True, **STORM)
    assert rows_of(town, "SELECT built_year FROM city.manhole") == [{"built_year": 1999}]


def test_place_gives_grid_zone_and_street(run: Run, write_csv: Write, town: Engine) -> None:
    run("manhole", write_csv([("code", "x", "y"), ("A", 500100, 3875010), ("B", 500100, 3879000)]), apply=True, **STORM)
    found = rows_of(
        town,
        "SELECT m.code, unit_grid, zone_id, s.name FROM city.manhole m LEFT JOIN city.street s ON s.id = street_id"
        " ORDER BY 1",
    )
    assert found == [
        {"code": "A", "unit_grid": "140802001001001", "zone_id": 1, "name": "红旗街"},
        {"code": "B", "unit_grid": "140802001001001", "zone_id": 1, "name": None},
    ]


def test_one_fault_refuses_all(run: Run, write_csv: Write, town: Engine) -> None:
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010), ("B", "east", 3875010)])
    result = run("manhole", path, apply=True, **STORM)
    assert result.refused
    assert not result.written
    assert count(town, "manhole") == 0
    assert [v.place for v in result.verdicts] == [2, 3]
    assert "“east” is no number" in words(result)
    assert "Rows with faults: 1." in result.lines("en")[-1]


def test_skip_invalid_writes_the_others(run: Run, write_csv: Write, town: Engine) -> None:
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010), ("B", "", "")])
    result = run("manhole", path, apply=True, skip_invalid=True, **STORM)
    assert result.written
    assert outcomes(result) == {"A": Outcome.IMPORTED, "B": Outcome.SKIPPED}
    assert count(town, "manhole") == 1


def test_nothing_but_faults_is_never_a_success(run: Run, write_csv: Write) -> None:
    result = run("manhole", write_csv([("code", "x", "y"), ("A", "", "")]), apply=True, skip_invalid=True, **STORM)
    assert result.refused
    assert not result.written


def test_repeated_codes_are_all_refused(run: Run, write_csv: Write) -> None:
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010), ("B", 500100, 3875010), ("A", 500200, 3875010)])
    result = run("manhole", path, **STORM)
    assert [v.outcome for v in result.verdicts] == [Outcome.SKIPPED, Outcome.IMPORTED, Outcome.SKIPPED]
    assert "stands 2 times in the file: line 2, 4" in words(result)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("X" * 18, "manhole_code_check"),
        ("", "code is missing"),
        ("A\x07", "control characters"),
        ("9" * 2000, "2000 characters long"),
    ],
)
def test_bad_codes(run: Run, write_csv: Write, code: str, said: str) -> None:
    path = write_csv([("code", "x", "y"), (code, 500100, 3875010), ("GOOD", 500100, 3875010)])
    result = run("manhole", path, **STORM)
    assert [v.outcome for v in result.verdicts] == [Outcome.SKIPPED, Outcome.IMPORTED]
    assert said in words(result)


def test_hostile_text_is_only_text(run: Run, write_csv: Write, town: Engine) -> None:
    hostile = "'); DROP TABLE city.pipe; -- %s {x} :y \\"
    path = write_csv([("code", "x", "y", "cover_material"), ("A", 500100, 3875010, hostile)])
    assert run("manhole", path, apply=True, **STORM).written
    assert rows_of(town, "SELECT cover_material FROM city.manhole") == [{"cover_material": hostile}]
    assert count(town, "pipe") == 0


def test_hostile_values_do_not_reach_the_terminal_or_a_spreadsheet(run: Run, write_csv: Write, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    path = write_csv([("code", "x", "y", "built_year"), ("=1+1", 500100, 3875010, "\x1b[31mred{0}")])
    result = run("manhole", path, report=report, **STORM)
    assert "\x1b" not in "\n".join(result.lines("en"))
    with report.open(encoding="utf-8-sig", newline="") as file:
        assert [row[1] for row in csv.reader(file)] == ["code", "'=1+1"]


def test_rules_of_the_database_judge_each_row(run: Run, write_csv: Write, town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(text("ALTER TABLE city.manhole ADD CONSTRAINT no_lead CHECK (cover_material <> 'lead')"))
    header = ("code", "x", "y", "cover_material", "ground", "invert", "junction_type", "owner")
    path = write_csv(
        [
            header,
            ("A", 500100, 3875010, "lead", 360, 358, 1, "排水"),
            ("B", 500100, 3875010, "iron", 360, 365, 1, "1500"),
            ("C", 500100, 3875010, "iron", 360, 358, 99, ""),
            ("D", 500100, 3875010, "iron", 360, 358, 1, "nobody"),
            ("E", 500100, 3875010, "iron", 360, 358, 70000, ""),
            ("F", 500100, 3875010, "iron", 360, 358, 2, "排水服务中心"),
        ]
    )
    result = run("manhole", path, "ground_elevation_m=ground", **STORM)
    assert [v.outcome for v in result.verdicts] == [Outcome.SKIPPED] * 5 + [Outcome.IMPORTED]
    said = [v.words("en") for v in result.verdicts]
    assert "cover_material = lead breaks the rule" in said[0]
    assert "invert_elevation_m = 365, ground_elevation_m = 360" in said[1] or "ground_elevation_m = 360" in said[1]
    assert "junction_type = 99" in said[2]
    assert "“nobody” is not known here" in said[3]
    assert "out of all bounds" in said[4]


def test_what_only_writing_brings_to_light_is_laid_to_its_row(run: Run, write_csv: Write, town: Engine) -> None:
    with town.begin() as connection:
        connection.execute(
            text("""
            CREATE FUNCTION city.no_b() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF NEW.code IN ('B', 'F') THEN RAISE 'no % here', NEW.code; END IF; RETURN NEW; END $$;
            CREATE TRIGGER no_b BEFORE INSERT ON city.manhole FOR EACH ROW EXECUTE FUNCTION city.no_b();
            CREATE UNIQUE INDEX one_material ON city.manhole (cover_material);
            """)
        )
    rows = [(code, 500100, 3875010, f"m{code}") for code in "ABCDEFG"] + [("H", 500100, 3875010, "mA")]
    path = write_csv([("code", "x", "y", "cover_material"), *rows])
    result = run("manhole", path, apply=True, skip_invalid=True, **STORM)
    assert {v.code for v in result.verdicts if v.outcome is Outcome.SKIPPED} == {"B", "F", "H"}
    assert "no B here" in words(result)
    assert "one_material" in words(result)
    assert count(town, "manhole") == 5


def test_report_has_every_row(run: Run, write_csv: Write, tmp_path: Path) -> None:
    rows = [(f"M{i}", 500100 + i, 3875010) for i in range(50)]
    report = tmp_path / "report.csv"
    result = run("manhole", write_csv([("code", "x", "y"), *rows]), report=report, **STORM)
    with report.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == 51
    assert table[1][:3] == ["2", "M0", "imported"]
    assert any("and 30 more that are new" in line for line in result.lines("en"))


def test_report_that_cannot_be_written_keeps_the_import_back(run: Run, write_csv: Write, town: Engine) -> None:
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010)])
    with pytest.raises(ConsoleError, match="Nothing was imported"):
        run("manhole", path, apply=True, report=path / "no" / "folder.csv", **STORM)
    assert count(town, "manhole") == 0


def test_full_disk_keeps_the_import_back(run: Run, write_csv: Write, town: Engine, tmp_path: Path) -> None:
    (tmp_path / "report.csv.part").symlink_to("/dev/full")
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010)])
    with pytest.raises(ConsoleError, match="No space left"):
        run("manhole", path, apply=True, report=tmp_path / "report.csv", **STORM)
    assert count(town, "manhole") == 0


# Pipes


@pytest.mark.usefixtures("manholes")
def test_pipes_between_known_manholes(run: Run, write_csv: Write, town: Engine) -> None:
    header = (
        "管段编号",
        "起点井号",
        "终点井号",
        "管径",
        "材质",
        "起点管底标高",
        "终点管底标高",
        "X1",
        "Y1",
        "X2",
        "Y2",
        "建设年代",
    )
    path = write_csv(
        [
            header,
            ("P1", "A", "B", "DN300", "HDPE", "358.20", "358.00", 500100, 3875000, 500200, 3875000, "2005年"),
            ("P2", "B", "Z", "0.4m", "砼", "358", "-999", 500200, 3875000, 500300, 3875000, "0"),
            ("P3", "B", "C", "1,200", "砼", "357", "358", 500200, 3875000, 500300, 3875000, "2001-05-06"),
            ("P4", "D", "C", "500 mm", "砼", "", "", 500300, 3875000, 500400, 3875000, ""),
            ("P5", "D", "E", "500", "砼", "", "", 500400, 3875000, 500530, 3875000, ""),
        ],
        encoding="gb18030",
        delimiter=";",
    )
    result = run("pipe", path, apply=True, skip_invalid=True, **STORM)
    said = {v.code: v.words("en") for v in result.verdicts}
    assert said["P1"] == ""
    assert "to_manhole: there is no manhole “Z”" in said["P2"]
    assert "reverse slope: 357.00 m in, 358.00 m out" in said["P3"]
    assert "turned round" in said["P4"]
    assert "an end lies 30.00 m away from its manhole E" in said["P5"]
    found = rows_of(
        town,
        "SELECT code, diameter_mm, built_year, zone_id, ST_X(ST_StartPoint(geom)) AS x FROM city.pipe ORDER BY code",
    )
    assert found == [
        {"code": "P1", "diameter_mm": 300, "built_year": 2005, "zone_id": 1, "x": 500100},
        {"code": "P3", "diameter_mm": 1200, "built_year": 2001, "zone_id": 1, "x": 500200},
        {"code": "P4", "diameter_mm": 500, "built_year": None, "zone_id": 1, "x": 500400},
    ]


@pytest.mark.usefixtures("manholes")
def test_snapping_finds_the_manholes_at_the_ends(run: Run, write_csv: Write, town: Engine) -> None:
    header = ("code", "dn", "wkt")
    path = write_csv(
        [
            header,
            ("P1", 300, "LINESTRING (500100.4 3875000.3, 500150 3875001, 500199.8 3875000)"),
            ("P2", 300, "LINESTRING (500200 3875000, 500290 3875000)"),
            ("P3", 300, "LINESTRING (500200 3875000, 500200.2 3875000)"),
        ]
    )
    result = run("pipe", path, snap_m=1, apply=True, skip_invalid=True, **STORM)
    said = {v.code: v.words("en") for v in result.verdicts}
    assert result.verdicts[0].outcome is Outcome.IMPORTED
    assert "to_manhole is missing and cannot be found out" in said["P2"]
    assert "from_manhole = B, to_manhole = B breaks the rule" in said["P3"]
    (row,) = rows_of(town, "SELECT from_manhole, to_manhole, ST_AsText(geom) AS line FROM city.pipe")
    assert row == {
        "from_manhole": "A",
        "to_manhole": "B",
        "line": "LINESTRING(500100 3875000,500150 3875001,500200 3875000)",
    }


# Other tables


def test_zones_grids_and_streets(run: Run, write_layer: Write, town: Engine) -> None:
    box = shapely.box(510000, 3870000, 512000, 3880000)
    assert run("zone", write_layer({"code": ["E"], "名称": ["东片区"]}, [box]), apply=True).written
    assert rows_of(town, "SELECT id, name_en FROM city.zone WHERE code = 'E'") == [{"id": 2, "name_en": "东片区"}]
    grid = write_layer(
        {"BGID": ["140802001001009"], "ORDate": [date(2020, 1, 2)]},
        [shapely.box(510000, 3870000, 510100, 3870100)],
        "g.gpkg",
    )
    assert run("unit_grid", grid, apply=True).written
    assert rows_of(town, "SELECT zone_id, area_m2 FROM city.unit_grid WHERE code = '140802001001009'") == [
        {"zone_id": 2, "area_m2": 10000}
    ]
    orphan = write_layer({"BGID": ["140802009001009"]}, [shapely.box(510000, 3870000, 510100, 3870100)], "o.gpkg")
    assert "there is no community “140802009001”" in words(run("unit_grid", orphan))
    street = write_layer(
        {"code": ["S9"], "name": ["解放路"], "highway": ["primary"], "width": ["30 m"]},
        [shapely.MultiLineString([[(501000, 3870000), (501000, 3871000)], [(501000, 3871000), (501000, 3872000)]])],
        "s.gpkg",
    )
    assert run("street", street, apply=True).written
    assert rows_of(town, "SELECT class, width_m, length_m FROM city.street WHERE code = 'S9'") == [
        {"class": "arterial", "width_m": 30, "length_m": 2000}
    ]


def test_components_by_code_and_place(run: Run, write_layer: Write, town: Engine) -> None:
    path = write_layer(
        {
            "ObjID": ["1408020103000001", "1408020199000001", "140802010300000"],
            "DeptCode1": ["1500"] * 3,
            "DeptCode2": ["排水"] * 3,
            "DeptCode3": ["排水服务中心"] * 3,
            "ObjState": ["完好", "破损", "完好"],
        },
        [shapely.Point(500100, 3879000)] * 3,
    )
    result = run("component", path, constants=("accuracy=A", "data_source=实测"), apply=True, skip_invalid=True)
    assert [v.outcome for v in result.verdicts] == [Outcome.IMPORTED, Outcome.SKIPPED, Outcome.SKIPPED]
    assert "class_id is missing" in words(result)
    assert rows_of(town, "SELECT name, unit_grid, zone_id, state::text FROM city.component") == [
        {"name": "雨水井盖", "unit_grid": "140802001001001", "zone_id": 1, "state": "intact"}
    ]


def test_missing_columns_are_named_with_an_example(run: Run, write_csv: Write) -> None:
    path = write_csv([("Nummer", "x", "y"), ("A", 500100, 3875010)])
    with pytest.raises(
        ConsoleError, match=r"no column for code, system of manhole. It has Nummer, x, y.*--map code=Nummer"
    ):
        run("manhole", path, **CRS)


def test_unknown_table(run: Run, write_csv: Write) -> None:
    with pytest.raises(ConsoleError, match="zone, subdistrict"):
        run("case_file", write_csv([("a", "b"), (1, 2)]))


def test_features_of_another_city_are_named(run: Run, write_csv: Write) -> None:
    rows = [("A", 500100, 3875010), ("B", 500100, 3900000), ("C", 500100, 500100)]
    result = run("manhole", write_csv([("code", "x", "y"), *rows]), **STORM)
    said = [v.words("en") for v in result.verdicts]
    assert said[0] == ""
    assert said[1] == "lies 20 km outside the city"
    assert "outside the area of use of EPSG:4546" in said[2]


def test_the_administrator_imports_and_others_do_not(run: Run, write_csv: Write, town: Engine) -> None:
    path = write_csv([("code", "x", "y"), ("A", 500100, 3875010)])
    for role, allowed in (("administrator", True), ("engineer", False)):

        def become(connection: Any, _record: object, role: str = role) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {role}")

        town.dispose()
        event.listen(town, "connect", become)
        if allowed:
            assert run("manhole", path, apply=True, **STORM).written
        else:
            with pytest.raises(ConsoleError, match="does not allow this"):
                run("manhole", path, **STORM)
        event.remove(town, "connect", become)
