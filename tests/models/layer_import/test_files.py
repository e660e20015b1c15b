"""Files as they come: damaged, mislabelled, in any encoding. None is ever a silent success."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.models.layer_import import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

POINTS = [shapely.Point(500100 + i, 3875000) for i in range(300)]
HAN = ["检查井", "雨水", "运城"] * 100


def said(source: files.Source) -> str:
    return " ".join(fact.text("en") for fact in source.facts)


@pytest.mark.parametrize("name", ["layer.gpkg", "layer.shp", "layer.geojson"])
def test_the_same_layer_in_every_format(write_layer: Write, name: str) -> None:
    source = files.read(write_layer({"code": list(range(300)), "kind": HAN}, POINTS, name))
    assert len(source) == 300
    assert source.place_word == "feature"
    assert source.places[0] == 1
    assert list(source.columns["kind"][:2]) == ["检查井", "雨水"]
    assert source.crs.to_epsg() == 4546
    assert "300 features" in said(source)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_in_every_encoding_and_delimiter(write_csv: Write, encoding: str, delimiter: str) -> None:
    path = write_csv(
        [("编号", "x", "y"), ("甲", 1, 2), ("", "", ""), ("乙,;", 3, "")], encoding=encoding, delimiter=delimiter
    )
    source = files.read(path)
    assert list(source.columns) == ["编号", "x", "y"]
    assert list(source.columns["编号"]) == ["甲", "乙,;"]
    assert source.columns["y"][1] is None
    assert list(source.places) == [2, 4]  # the empty line is no row, but counts as a line
    assert "GB18030?" in said(source) if encoding == "gb18030" else "UTF" in said(source)


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "layer.csv"
    path.write_text('code,note\nA,"one\ntwo"\nB,x\nC\n', encoding="utf-8")
    source = files.read(path)
    assert list(source.places) == [2, 4, 5]
    assert source.short_rows == [2]


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_shapefile_that_does_not_tell_its_encoding(write_layer: Write, encoding: str) -> None:
    path = write_layer({"管径": HAN}, POINTS, "layer.shp", encoding=encoding)
    path.with_suffix(".cpg").unlink()
    source = files.read(path)
    assert list(source.columns["管径"][:3]) == HAN[:3]
    assert f"{encoding}?" in said(source)


def test_shapefile_says_its_encoding(write_layer: Write) -> None:
    path = write_layer({"name": HAN}, POINTS, "layer.shp", encoding="GB18030")
    assert files.read(path).columns["name"][0] == "检查井"


def test_value_cut_in_the_middle_of_a_character(write_layer: Write) -> None:
    path = write_layer({"name": ["井" * 84]}, POINTS[:1], "layer.shp", encoding="UTF-8")
    path.with_suffix(".cpg").unlink()
    part = path.with_suffix(".dbf")
    part.write_bytes(part.read_bytes().replace("井".encode() * 84, b"ab" + "井".encode() * 83 + "井".encode()[:1]))
    assert files.read(path).columns["name"][0] == "ab" + "井" * 83


def test_geojson_in_gb18030(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"name": "运城"},
        "geometry": {"type": "Point", "coordinates": [111, 35]},
    }
    path = tmp_path / "layer.geojson"
    path.write_bytes(
        json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode("gb18030")
    )
    source = files.read(path)
    assert source.columns["name"][0] == "运城"
    assert source.crs.to_epsg() == 4326  # RFC 7946


def test_several_layers_need_a_name(write_layer: Write) -> None:
    path = write_layer({"code": ["a"]}, POINTS[:1], layer="one")
    write_layer({"code": ["b"]}, POINTS[:1], layer="two")
    with pytest.raises(ConsoleError, match=r"layers one, two.*--layer"):
        files.read(path)
    assert files.read(path, layer="two").columns["code"][0] == "b"
    with pytest.raises(ConsoleError, match="--layer"):
        files.read(path, layer="three")


def damaged(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n", "is empty"),
        ("a.csv", b"code,x,y\n", "has no rows"),
        ("a.csv", b"code,x,y\n,,\n", "has no rows"),
        ("a.csv", b"just words\n1\n", "is no table"),
        ("a.csv", b"<!DOCTYPE html><html>404</html>", "a web page"),
        ("a.csv", b"code,code,x\n1,2,3\n", "two columns of the same name: code"),
        ("a.csv", b"code,x,y\n\xff\xff\xff,1,2\n", "neither UTF-8 nor GB18030"),
        ("a.csv", b"\xd0\xcf\x11\xe0 old workbook", "old Excel"),
        ("a.csv", b"SQLite format 3\x00 and so on", "a database"),
        ("a.gpkg", b"SQLite format 3\x00 and so on", "no complete GeoPackage"),
        ("a.gpkg", b"x" * 4096, "no complete GeoPackage"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Fea', "no complete GeoJSON"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "nothing to import|no layer|no complete"),
        ("a.geojson", b'{"some": "thing"}', "no complete GeoJSON"),
        ("a.geojson", b"<html>sign in</html>", "a web page"),
        ("a.shp", b"\x00\x00\x27\x0a" + bytes(96), "no .shx, .dbf"),
        ("a.dwg", b"AC1032", "of no known kind"),
    ],
)
def test_damaged_files_get_a_verdict(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(ConsoleError, match=words):
        files.read(damaged(tmp_path, name, content))


def test_workbook_that_is_called_csv(tmp_path: Path) -> None:
    path = tmp_path / "pipes.csv"
    with zipfile.ZipFile(path, "w") as workbook:
        workbook.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(ConsoleError, match="Excel workbook"):
        files.read(path)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated_geopackage(write_layer: Write, share: float) -> None:
    path = write_layer({"code": [f"{i:0200}" for i in range(3000)]}, POINTS * 10)
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(ConsoleError, match="no complete GeoPackage"):
        files.read(path)


@pytest.mark.parametrize("suffix", [".shp", ".dbf"])
def test_truncated_shapefile(write_layer: Write, suffix: str) -> None:
    path = write_layer({"code": [f"{i:050}" for i in range(300)]}, POINTS, "layer.shp")
    part = path.with_suffix(suffix)
    os.truncate(part, part.stat().st_size // 2)
    with pytest.raises(ConsoleError, match="no complete Shapefile"):
        files.read(path)


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_shapefile_without_a_part(write_layer: Write, suffix: str) -> None:
    path = write_layer({"code": ["a"]}, POINTS[:1], "layer.shp")
    path.with_suffix(suffix).unlink()
    with pytest.raises(ConsoleError, match=f"lies no {suffix}"):
        files.read(path)


def test_layer_without_features(write_layer: Write) -> None:
    with pytest.raises(ConsoleError, match="nothing to import"):
        files.read(write_layer({"code": []}, [], geometry_type="Point"))


def test_absent_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="cannot be read: No such file"):
        files.read(tmp_path / "none.csv")
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(ConsoleError, match="cannot be read: Is a directory"):
        files.read(tmp_path / "folder.gpkg")


def test_file_that_is_closed_to_us(write_csv: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv([("a", "b"), (1, 2)])
    real = type(path).open

    def refuse(self: Path, *arguments: object, **options: object) -> object:
        if self == path:  # root may open everything
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *arguments, **options)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(ConsoleError, match="cannot be read: Permission denied"):
        files.read(path)


def test_file_that_changes_while_it_is_read(write_csv: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv([("a", "b"), (1, 2)])
    real = files.decode

    def grow(content: bytes, encoding: str | None, of: Path) -> tuple[str, str]:
        with path.open("ab") as file:
            file.write(b"3,4\n")
        return real(content, encoding, of)

    monkeypatch.setattr(files, "decode", grow)
    with pytest.raises(ConsoleError, match="changed while it was read"):
        files.read(path)


def test_encoding_that_was_said_wrongly(write_csv: Write) -> None:
    path = write_csv([("编号", "x"), ("甲", 1)], encoding="gb18030")
    with pytest.raises(ConsoleError, match="not written in utf-8"):
        files.read(path, encoding="utf-8")
    with pytest.raises(ConsoleError, match="no encoding klingon"):
        files.read(path, encoding="klingon")


def test_cell_of_a_megabyte(write_csv: Write) -> None:
    source = files.read(write_csv([("code", "note"), ("A", "x" * 1_000_000)]))
    assert len(source.columns["note"][0]) == 1_000_000


def test_copy_with_odd_name(write_csv: Write, tmp_path: Path) -> None:
    odd = tmp_path / "管网 [2024] 100%.csv"
    shutil.copy(write_csv([("code", "x"), ("A", 1)]), odd)
    assert len(files.read(odd)) == 1


@given(content=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".geojson", ".gpkg"]))
def test_any_bytes_are_a_layer_or_a_verdict(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("bytes") / f"layer{suffix}"
    path.write_bytes(content)
    try:
        assert len(files.read(path)) > 0
    except ConsoleError as fault:
        assert fault.text("en")  # noqa: PT017 - either end is right


def test_empty_lines_before_the_header(tmp_path: Path) -> None:
    source = files.read(damaged(tmp_path, "layer.csv", b"\r\n\ncode,x\nA,1\n"))
    assert list(source.columns) == ["code", "x"]
    assert list(source.places) == [4]
