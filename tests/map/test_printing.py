"""Prints, opened again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument

from console.errors import ConsoleError
from console.map import Extent, LabelRule, Layer, LineStyle, MapCanvas, Stroke, View
from console.map.printing import MapPrint, PrintOptions, nice_scale, print_view
from console.map.store import ArraySource
from tests.files import little_room
from tests.map.conftest import lines

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

AT = datetime(2026, 11, 22, 14, 35, tzinfo=UTC)


def options(paper: Literal["A4", "A3"] = "A4", *, landscape: bool = True) -> PrintOptions:
    return PrintOptions("排水管网图", AT, paper, landscape, note="示例城市：几何为合成数据")


def printed(qtbot: QtBot, canvas: MapCanvas, path: Path, how: PrintOptions) -> Path:
    job = MapPrint(canvas, path, how)
    with qtbot.waitSignal(job.finished, timeout=20_000):
        job.start()
    return path


@pytest.mark.parametrize(
    ("paper", "landscape", "size"),
    [("A4", True, (842, 595)), ("A4", False, (595, 842)), ("A3", True, (1191, 842)), ("A3", False, (842, 1191))],
)
def test_a_pdf_has_one_page_of_the_right_size(
    qtbot: QtBot,
    canvas: MapCanvas,
    tmp_path: Path,
    paper: Literal["A4", "A3"],
    landscape: bool,
    size: tuple[int, int],
) -> None:
    document = QPdfDocument()
    document.load(str(printed(qtbot, canvas, tmp_path / "map.pdf", options(paper, landscape=landscape))))
    assert document.pageCount() == 1
    assert document.pagePointSize(0).toTuple() == pytest.approx(size, abs=1)


def test_all_words_of_a_pdf_can_be_searched(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    named = LineStyle(Stroke("storm"), label=LabelRule("name", "along"))
    canvas.add_layer(Layer("street", "道路与车行道", named, source=ArraySource(lines())))
    document = QPdfDocument()
    document.load(str(printed(qtbot, canvas, tmp_path / "map.pdf", options())))
    text = "".join(document.getAllText(0).text().split())
    for words in ("排水管网图", "2026-11-2214:35", "道路与车行道", "示例城市：几何为合成数据", "1:5,000", "Legend"):
        assert words in text
    for street in "红旗街", "解放路":
        assert sorted(street) == sorted(c for c in street if c in text)
    assert "111.0" in text


def test_a_png_shows_the_map_on_white(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    image = QImage(str(printed(qtbot, canvas, tmp_path / "map.png", options())))
    assert image.width() / image.height() == pytest.approx(297 / 210, rel=0.01)
    assert image.pixelColor(3, 3).name() == "#ffffff"
    frame, scale = options().frame_px, image.width() / options().page_px.width()
    view, _ = print_view(canvas.view, options())
    x, y = view.to_screen(500_400, 3_877_200)
    found = image.pixelColor(round((frame.left() + x) * scale), round((frame.top() + y) * scale))
    assert found.name() == "#d92d33"


def test_the_page_shows_all_of_the_screen_at_a_round_scale(canvas: MapCanvas) -> None:
    view, number = print_view(canvas.view, options())
    assert view.extent.contains(canvas.view.extent)
    assert number == 5_000
    assert view.metres_per_pixel == pytest.approx(5_000 * 0.0254 / 96)


@given(st.floats(1, 1e6))
def test_nice_scales_are_close_above(least: float) -> None:
    assert least * (1 - 1e-6) <= nice_scale(least) <= 1.6 * least


def test_a_folder_that_does_not_exist_is_told(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    job = MapPrint(canvas, tmp_path / "nowhere" / "map.pdf", options())
    with qtbot.waitSignal(job.failed) as failed:
        job.start()
    assert failed.args is not None
    assert isinstance(failed.args[0], ConsoleError)
    assert "nowhere" in str(failed.args[0])


@pytest.mark.parametrize("ending", ["pdf", "png"])
def test_a_full_disk_leaves_the_print_of_before_and_nothing_half_written(
    qtbot: QtBot, canvas: MapCanvas, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"map.{ending}"
    path.write_text("old")
    job = MapPrint(canvas, path, options())
    with little_room(2048), qtbot.waitSignal(job.failed, timeout=20_000) as failed:
        job.start()
    assert failed.args is not None
    assert isinstance(failed.args[0], ConsoleError)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_other_formats_are_refused(canvas: MapCanvas, tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match=r"map\.svg"):
        MapPrint(canvas, tmp_path / "map.svg", options())


def test_a_source_that_fails_fails_the_print_once(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    class Broken:
        def fetch(self, extent: Extent, metres_per_pixel: float) -> object:
            raise OSError("gone")

    canvas.add_layer(Layer("broken", "", LineStyle(Stroke("storm")), source=Broken()))  # type: ignore[arg-type] # fails
    failures: list[object] = []
    job = MapPrint(canvas, tmp_path / "map.pdf", options())
    job.failed.connect(failures.append)
    job.start()
    qtbot.waitUntil(lambda: len(failures) == 1)
    assert not (tmp_path / "map.pdf").exists()


def test_the_view_on_the_screen_is_left_alone(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    before: View = canvas.view
    printed(qtbot, canvas, tmp_path / "map.pdf", options())
    assert canvas.view == before
