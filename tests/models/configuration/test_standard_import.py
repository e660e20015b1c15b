"""A standard comes from a spreadsheet as centres keep it, is judged line by line, and goes out to come in again."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from console.errors import ConsoleError
from console.models.calendar import TIME_ZONE, LimitUnit
from console.models.configuration.standard import read_conditions
from console.models.configuration.standard_import.columns import HEADERS, Part, meaning
from console.models.configuration.standard_import.limits import UNIT_WORDS, LimitFault, limit_text, parse_limit
from console.models.configuration.standard_import.planning import apply_standard, plan_standard
from console.models.configuration.standard_import.verdicts import Outcome, Plan, Verdict
from console.models.configuration.standard_import.workbook import read_standard
from console.reports.standard import read_lines, write_standard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Engine

HEAD = ["大类代码", "大类名称", "小类代码", "小类名称", "立案条件", "处置时限", "结案条件", "主管部门", "责任单位"]
COVER = ["01", "公用设施", "0103", "雨水井盖", "缺失、移位或开裂，存在安全隐患", "2紧急工作时",
         "补齐复位、完好牢固，隐患消除", "运城市城市管理局", "排水服务中心"]  # fmt: skip


def tomorrow() -> Any:
    return datetime.now(TIME_ZONE).date() + timedelta(days=1)


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    """As an administrator, in a transaction that is taken back."""
    with database.connect() as made:
        made.execute(text("SET ROLE administrator"))
        made.commit()
        yield made
        made.rollback()
        made.execute(text("RESET ROLE"))
        made.commit()


def sheet(folder: Path, rows: Sequence[Sequence[Any]], title: str = "部件", name: str = "standard.xlsx") -> Path:
    """A workbook with one sheet of these rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(list(row))
    book.save(folder / name)
    return folder / name


def judge(connection: Connection, path: Path, **options: bool) -> list[Verdict]:
    """Verdicts on the lines of a file, without those on what it does not have."""
    plan = plan_standard(connection, read_standard(path), **options)
    return [verdict for verdict in plan.verdicts if verdict.place]


def why(verdict: Verdict) -> str:
    return " ".join(reason.text("en") for reason in verdict.reasons)


# Out and in again


def test_what_goes_out_comes_in_without_a_change(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "标准.xlsx"
    lines = read_lines(connection)
    assert write_standard(path, lines, tomorrow()) == len(lines) > 500
    plan = plan_standard(connection, read_standard(path))
    assert plan.count(Outcome.UNCHANGED) == len(plan.verdicts) == len(lines)
    assert not plan.changes_anything


def test_the_sheet_has_the_layout_of_a_standard(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "standard.xlsx"
    write_standard(path, read_lines(connection), tomorrow())
    book = load_workbook(path)
    assert book.sheetnames == ["部件", "事件"]
    page = book["部件"]
    assert str(page["A1"].value).startswith("部件立案、处置和结案标准")
    headers = [str(cell.value) for cell in page[2]]
    assert {meaning(header) for header in headers} - {None} >= set(Part) - {Part.CONDITION_EN, Part.CLOSING_EN}
    assert "D3:D6" in {str(block) for block in page.merged_cells.ranges}, "one cell over the conditions of a class"
    assert page["D3"].value == "0101"
    assert [page[f"{c}3"].value for c in "FGHI"] == ["HZ", "缺失、移位或开裂，存在安全隐患", 2, "紧急工作时"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.tuples(st.integers(1, 999), st.sampled_from(list(LimitUnit)), st.booleans(), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_any_limit_comes_in_as_it_went_out(
    connection: Connection, tmp_path: Path, values: list[tuple[int, LimitUnit, bool, bool]]
) -> None:
    lines = read_lines(connection)[: len(values)]
    rows: list[list[Any]] = [[*HEAD, "时限单位", "条件代码"]]
    for (value, unit, apart, spelled), line in zip(values, lines, strict=True):
        words = UNIT_WORDS[unit][-2 if spelled else 0]
        limit, unit_cell = (value, words) if apart else (f"{value}{words}", "")
        rows.append(
            [line["class_code"][:2], line["category"], line["class_code"], line["name"], line["description"], limit,
             line["closing_condition"], line["competent"], line["responsible"], unit_cell, line["code"]]
        )  # fmt: skip
    file = read_standard(sheet(tmp_path, rows))
    plan = plan_standard(connection, file)
    savepoint = connection.begin_nested()
    apply_standard(connection, file, plan, tomorrow())
    stored = {(r.values["class_id"], r.values["code"]): r.values for r in read_conditions(connection)}
    for (value, unit, _, _), line in zip(values, lines, strict=True):
        now = stored[line["class_id"], line["code"]]
        assert (now["limit_value"], now["limit_unit"]) == (value, unit)
    assert not plan_standard(connection, file).changes_anything, "the same file again changes nothing"
    savepoint.rollback()


# As centres write it


@pytest.mark.parametrize(
    ("words", "limit"),
    [("2紧急工作时", (2, "UH")), ("2 小时", (2, "WH")), ("４工作时", (4, "WH")), ("1天", (1, "WD")),
     ("3个工作日", (3, "WD")), ("紧急工作日2", (2, "UD")),
     ("15日", (15, "WD")), ("紧急2小时", (2, "UH")), ("7个自然日", (7, "UD")),
     ("二十四小时", (24, "WH")),
     ("两个工作日内", (2, "WD")), ("半天", (4, "WH")), ("1.5个工作日", (12, "WH")),
     ("不超过4小时", (4, "WH")), ("十五个工作日", (15, "WD")),
     ("0.5紧急工作日", (12, "UH")), ("5wd", (5, "WD"))],
)  # fmt: skip
def test_limits_as_people_write_them(words: str, limit: tuple[int, str]) -> None:
    assert parse_limit(words) == limit


@pytest.mark.parametrize(
    ("words", "fault"),
    [("2", "unit"), ("2个月", "both"), ("尽快", "both"), ("0小时", "number"), ("1.5小时", "number"),
     ("1000天", "number"),
     ("2小时/4小时", "both"), ("-2小时", "both"), ("2紧急", "unit")],
)  # fmt: skip
def test_limits_that_are_none(words: str, fault: str) -> None:
    with pytest.raises(LimitFault, match=fault):
        parse_limit(words)


@given(st.integers(1, 999), st.sampled_from(list(LimitUnit)))
def test_a_written_limit_is_read_as_it_was(value: int, unit: LimitUnit) -> None:
    assert parse_limit(limit_text(value, unit)) == (value, unit)
    assert parse_limit(str(value), UNIT_WORDS[unit][1]) == (value, unit)


def test_every_header_has_one_meaning() -> None:
    words = [word for words in HEADERS.values() for word in words]
    assert len(words) == len(set(words))
    assert meaning("处置 时限\n（工作时）") is Part.LIMIT
    assert meaning("责任单位全称") is Part.RESPONSIBLE
    assert meaning("备注") is None


def test_other_order_other_wording_titles_and_merged_cells(connection: Connection, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["运城市数字化城市管理部件立案、处置和结案标准"],
        ["（2026年修订）"],
        ["序号", "责任部门", "立案标准", "处理时限", "", "结案标准", "小类", "小类编码", "大类", "监管单位", "备注"],
        ["", "", "", "时限", "单位", "", "", "", "", "", ""],
        [1, "排水", COVER[4], 2, "紧急工作时", COVER[6], "雨水井盖", 103, "公用设施", "城管局", ""],
        [2, "排水", "破损面积大于25平方厘米", 4, "小时", "破损部分修复或更换", "", "", "", "城管局", ""],
        ["注：本标准自发布之日起施行"],
    ]
    path = sheet(tmp_path, rows)
    book = load_workbook(path)
    page = book.active
    assert page is not None
    page.merge_cells("D3:E3")
    page.merge_cells("G5:G6")
    page.merge_cells("H5:H6")
    book.save(path)
    verdicts = judge(connection, path)
    assert [v.outcome for v in verdicts] == [Outcome.UNCHANGED, Outcome.UNCHANGED], [why(v) for v in verdicts]
    assert [v.class_code for v in verdicts] == ["0103", "0103"]
    assert [v.place for v in verdicts] == ["部件 5", "部件 6"]


def test_every_line_gets_its_verdict(connection: Connection, tmp_path: Path) -> None:
    def cover(**changes: Any) -> list[Any]:
        return [changes.get(name, value) for name, value in zip(HEAD, COVER, strict=True)]

    path = sheet(
        tmp_path,
        [
            HEAD,
            cover(处置时限="3紧急工作时"),
            cover(立案条件="井盖被占压", 处置时限="1天"),
            cover(),
            cover(立案条件="另一条件", 责任单位="月球管理处"),
            cover(立案条件="又一条件", 处置时限="两个月"),
            cover(小类代码="1O3"),
            cover(小类代码="0187", 小类名称="新部件", 立案条件="破损"),
            cover(立案条件="归属不清", 责任单位="市政/园林"),
            cover(立案条件="", 结案条件=""),
            cover(小类代码="0186", 小类名称="", 立案条件="倾倒"),
        ],
    )
    verdicts = judge(connection, path)
    assert [v.outcome.value for v in verdicts] == [
        "changed", "new", "refused", "refused", "refused", "refused", "new", "new", "refused", "new",
    ]  # fmt: skip
    assert verdicts[0].changes == {"limit": ("2紧急工作时", "3紧急工作时")}
    said = [why(v) for v in verdicts]
    assert "given in 部件 2 already" in said[2]
    assert "No department is called “月球管理处”" in said[3]
    assert "cannot be read as a limit" in said[4]
    assert "“1O3” is no class code" in said[5]
    assert "The class is new" in said[6]
    assert "Of “市政/园林” the first counts" in said[7]
    assert "The condition is missing." in said[8]
    assert "The closing condition is missing." in said[8]
    assert verdicts[9].class_name == "台阶"


def test_a_plan_is_done_as_it_was_read(connection: Connection, tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        [HEAD, [*COVER[:5], "3紧急工作时", *COVER[6:]],
         ["05", "其他部件", "0587", "观景平台", "护栏破损", "2工作日", "修复", "城管局", "园林"]],
    )  # fmt: skip
    file = read_standard(path)
    plan = plan_standard(connection, file)
    apply_standard(connection, file, plan, tomorrow())
    lines = {(line["class_code"], line["code"]): line for line in read_lines(connection)}
    assert lines["0103", "HZ"]["limit_value"] == 3
    assert lines["0103", "HZ"]["version"] == 2
    assert lines["0103", "HZ"]["description_en"], "its words did not change"
    assert lines["0587", "N1"]["name"] == "观景平台"
    assert lines["0587", "N1"]["responsible"] == "园林绿化服务中心"
    assert not plan_standard(connection, file).changes_anything


def test_what_the_file_does_not_have_stays_unless_its_end_is_wanted(connection: Connection, tmp_path: Path) -> None:
    file = read_standard(sheet(tmp_path, [HEAD, COVER]))
    kept = plan_standard(connection, file)
    components = sum(line["kind"] == "component" for line in read_lines(connection))
    assert kept.count(Outcome.KEPT) == components - 1, "events are another sheet's matter"
    assert not kept.changes_anything
    ended = plan_standard(connection, file, end_missing=True)
    assert ended.count(Outcome.ENDED) == components - 1
    apply_standard(connection, file, ended, tomorrow() + timedelta(days=1), end_missing=True)
    ends = connection.scalar(
        text("SELECT count(*) FROM city.filing_condition WHERE valid_to = :day"),
        {"day": tomorrow()},
    )
    assert ends == components - 1


def test_a_standard_that_changed_since_the_check_is_not_imported(connection: Connection, tmp_path: Path) -> None:
    file = read_standard(sheet(tmp_path, [HEAD, [*COVER[:5], "3紧急工作时", *COVER[6:]]]))
    plan = plan_standard(connection, file)
    other = read_standard(sheet(tmp_path, [HEAD, [*COVER[:5], "5紧急工作时", *COVER[6:]]], name="other.xlsx"))
    apply_standard(connection, other, plan_standard(connection, other), tomorrow())
    with pytest.raises(ConsoleError, match="check them again"):
        apply_standard(connection, file, plan, tomorrow())


def test_a_new_standard_on_an_empty_server(empty_database: Engine, tmp_path: Path) -> None:
    with empty_database.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO city.department (code, short_name, name, name_en, kind) VALUES"
                " ('1000', '城管局', '运城市城市管理局', '', 'bureau'),"
                " ('1500', '排水', '排水服务中心', '', 'municipal')"
            )
        )
        file = read_standard(sheet(tmp_path, [HEAD, COVER]))
        plan = plan_standard(connection, file)
        assert [v.outcome for v in plan.verdicts] == [Outcome.NEW]
        apply_standard(connection, file, plan, tomorrow())
        assert plan_standard(connection, file).verdicts[0].outcome is Outcome.UNCHANGED


# Files that are none


def refused(path: Path) -> str:
    with pytest.raises(ConsoleError) as error:
        read_standard(path)
    return str(error.value)


def test_files_of_another_kind_say_so(tmp_path: Path) -> None:
    old = tmp_path / "old.xlsx"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "old or an encrypted workbook" in refused(old)
    comma = tmp_path / "list.xlsx"
    comma.write_text("小类代码,立案条件\n0101,缺失\n", encoding="gb18030")
    assert "text file (CSV)" in refused(comma)
    empty = tmp_path / "empty.xlsx"
    empty.touch()
    assert "is empty" in refused(empty)
    assert "cannot be read" in refused(tmp_path / "absent.xlsx")
    good = sheet(tmp_path, [HEAD, COVER])
    other = tmp_path / "other.xlsx"
    shutil.make_archive(str(tmp_path / "other"), "zip", tmp_path, "list.xlsx")
    (tmp_path / "other.zip").rename(other)
    assert "another kind of archive" in refused(other)
    assert len(read_standard(good).lines) == 1


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_half_a_file_is_damaged(tmp_path: Path, share: float) -> None:
    path = sheet(tmp_path, [HEAD, COVER])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    told = refused(path)
    assert "damaged or incomplete" in told
    assert "zip" not in told.replace(str(path), "").lower(), "what the library says of a file is no words for a desk"


@given(st.binary(min_size=1, max_size=8), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_file_never_breaks_the_program(tmp_path: Path, noise: bytes, at: int) -> None:
    path = sheet(tmp_path, [HEAD, COVER], name="noise.xlsx")
    whole = bytearray(path.read_bytes())
    at %= len(whole)
    whole[at : at + len(noise)] = noise
    path.write_bytes(bytes(whole))
    try:
        read_standard(path)
    except ConsoleError:
        return


def test_missing_columns_are_named(tmp_path: Path) -> None:
    said = refused(sheet(tmp_path, [["小类代码", "小类名称", "立案条件"], ["0101", "上水井盖", "缺失"]]))
    assert "missing: 处置时限, 结案条件, 责任单位." in said
    assert "no sheet with the columns of a standard" in refused(sheet(tmp_path, []))


def test_a_sheet_beside_the_standard_is_left_out_and_named(tmp_path: Path) -> None:
    path = sheet(tmp_path, [HEAD, COVER])
    book = load_workbook(path)
    book.create_sheet("说明").append(["本表说明"])
    book.save(path)
    assert [name for name, _ in read_standard(path).left_out] == ["说明"]


def test_neither_component_nor_event(connection: Connection, tmp_path: Path) -> None:
    verdicts = judge(connection, sheet(tmp_path, [HEAD, COVER], title="Sheet1"))
    assert verdicts[0].outcome is Outcome.REFUSED
    assert "component or an event" in why(verdicts[0])
    with_column = [[*HEAD, "类别"], [*COVER, "部件"]]
    assert judge(connection, sheet(tmp_path, with_column, title="Sheet1"))[0].outcome is Outcome.UNCHANGED


def test_an_empty_plan_changes_nothing() -> None:
    assert not Plan((), (), ()).changes_anything
