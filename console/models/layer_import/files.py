"""Reading a layer as it comes: GeoPackage, Shapefile, GeoJSON or delimited text, with its encoding and CRS.

Nothing is guessed silently: what was found out about the file is said in `Source.facts`.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
import sqlite3
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.layer_import.verdicts import Reason, reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FORMATS = {
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "CSV",
}
ENCODINGS = ("utf-8", "gb18030")  # tried in this order; GB18030 contains GBK and GB2312
_LONGEST_CELL = 16 << 20  # characters of a cell of text: a detailed outline as well-known text
_MOST_COMPLAINTS = 5  # of GDAL that are passed on
_LOSSLESS = "ISO-8859-1"  # every byte is a character: text can be decoded again
# What lies in a file of another kind than its name says.
_MAGIC = (
    (b"PK\x03\x04", QT_TRANSLATE_NOOP("errors", "an Excel workbook or a ZIP archive; save it as CSV, or unpack it")),
    (b"\xd0\xcf\x11\xe0", QT_TRANSLATE_NOOP("errors", "an old Excel workbook; save it as CSV")),
    (b"\x1f\x8b", QT_TRANSLATE_NOOP("errors", "a compressed file; unpack it")),
    (b"%PDF", QT_TRANSLATE_NOOP("errors", "a PDF document")),
)
_WEB_PAGE = QT_TRANSLATE_NOOP("errors", "a web page, perhaps the error page of a download; download it again")
_SQLITE = b"SQLite format 3\x00"


@dataclass
class Source:
    """A layer as it was read.

    Attributes:
        path: the file.
        columns: values of each column as objects: str, int, float, bool or None.
        geometry: shapely geometries, None where there is none; None as a whole for text files.
        crs: as declared by the file; None when it declares none.
        places: line or feature number of each row.
        place_word: ``line`` or ``feature``.
        facts: what was found out about the file.
        short_rows: positions of rows of a text file with fewer or more cells than its header.
    """

    path: Path
    columns: dict[str, NDArray[np.object_]]
    geometry: NDArray[np.object_] | None
    crs: Any
    places: NDArray[np.int64]
    place_word: str
    facts: list[Reason]
    short_rows: Sequence[int] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.places)


def read(path: Path, *, layer: str | None = None, encoding: str | None = None) -> Source:
    """Read the whole layer.

    Args:
        path: a file of one of `FORMATS`.
        layer: name of the layer, for a GeoPackage with several.
        encoding: of text, when neither the file nor its bytes tell.

    Raises:
        ConsoleError: the file is absent, closed to us, empty, of another kind, damaged, without rows, or it changed
            while it was read.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} is of no known kind; layers come as {kinds}."),
            path=path,
            kinds=", ".join(FORMATS),
        )
    if encoding is not None:
        _known_encoding(encoding)
    before = _state(path)
    _refuse_other_kind(path, kind)
    if kind == "CSV":
        source = _read_text(path, encoding)
    elif kind == "GeoJSON":
        source = _read_geojson(path, encoding)
    else:
        source = _read_dataset(path, kind, layer, encoding)
    if _state(path) != before:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} changed while it was read. Wait until it is complete, then try again."),
            path=path,
        )
    if not len(source):
        raise ConsoleError(QT_TRANSLATE_NOOP("errors", "{path} has no rows: there is nothing to import."), path=path)
    return source


def _state(path: Path) -> list[tuple[str, int, int]]:
    """Size and time of the file and of those that belong to it."""
    try:
        with path.open("rb"):
            pass
        parts = [p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in _parts(path)]
        return sorted((p.name, (s := p.stat()).st_size, s.st_mtime_ns) for p in parts)
    except OSError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} cannot be read: {fault}."), path=path, fault=fault.strerror or fault
        ) from fault


def _parts(path: Path) -> tuple[str, ...]:
    suffix = path.suffix.lower()
    return (".shp", ".shx", ".dbf", ".prj", ".cpg") if suffix == ".shp" else (suffix,)


def _refuse_other_kind(path: Path, kind: str) -> None:
    with path.open("rb") as file:
        start = file.read(2048)
    if not start.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise ConsoleError(QT_TRANSLATE_NOOP("errors", "{path} is empty."), path=path)
    for magic, words in _MAGIC:
        if start.startswith(magic):
            raise _another_kind(path, kind, words)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise _another_kind(path, kind, _WEB_PAGE)
    if kind == "GeoPackage" and not start.startswith(_SQLITE):
        raise _damaged(path, kind, "no SQLite header")
    if kind == "CSV" and start.startswith(_SQLITE):
        raise _another_kind(path, kind, QT_TRANSLATE_NOOP("errors", "a database; name it .gpkg if it is a GeoPackage"))


def _another_kind(path: Path, kind: str, words: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "{path} is no {kind} but {words}."), path=path, kind=kind, words=words
    )


def _damaged(path: Path, kind: str, fault: object) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "{path} is no complete {kind}: {fault}. Copy or export it again."),
        path=path,
        kind=kind,
        fault=str(fault).rstrip("."),
    )


# Datasets


def _read_dataset(path: Path, kind: str, layer: str | None, encoding: str | None) -> Source:
    if kind == "Shapefile":
        _require_parts(path)
    else:
        _check_pages(path)
    chosen = _choose_layer(path, kind, layer)
    declared = kind == "GeoPackage" or ".cpg" in _suffixes(path)
    frame, remarks, info = _load(path, kind, chosen, encoding or (None if declared else _LOSSLESS))
    columns = _columns(frame)
    said = encoding or info["encoding"] or "UTF-8"
    if encoding is None and not declared:
        columns, said = _decode_columns(path, columns)
    facts = [
        reason(
            QT_TRANSLATE_NOOP("errors", "{path}: {kind}, layer {layer}, {encoding}, {rows} features"),
            path=str(path.name),
            kind=kind,
            layer=chosen,
            encoding=said,
            rows=len(frame),
        ),
        *remarks,
    ]
    return _source(path, frame, columns, facts)


def _read_geojson(path: Path, encoding: str | None) -> Source:
    # RFC 7946 wants UTF-8; what is not is decoded here, since the driver would read nonsense.
    content, said = decode(path.read_bytes(), encoding, path)
    frame, remarks, _info = _load(content.encode(), "GeoJSON", None, None, path)
    columns = _columns(frame)
    facts = [
        reason(
            QT_TRANSLATE_NOOP("errors", "{path}: {kind}, {encoding}, {rows} features"),
            path=path.name,
            kind="GeoJSON",
            encoding=said,
            rows=len(frame),
        ),
        *remarks,
    ]
    return _source(path, frame, columns, facts)


def _source(
    path: Path, frame: geopandas.GeoDataFrame, columns: dict[str, NDArray[np.object_]], facts: list[Reason]
) -> Source:
    return Source(
        path=path,
        columns=columns,
        geometry=frame.geometry.to_numpy(dtype=object),
        crs=frame.crs,
        places=np.arange(1, len(frame) + 1),
        place_word="feature",
        facts=facts,
    )


def _require_parts(path: Path) -> None:
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in _suffixes(path)]
    if missing:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "Beside {path} lies no {missing}; a Shapefile is several files of one name. Copy them all."
            ),
            path=path,
            missing=", ".join(missing),
        )

    # Both begin with a header that tells their length in words of two bytes (ESRI Shapefile Technical Description).
    for part in path.parent.iterdir():
        if part.stem == path.stem and part.suffix.lower() in (".shp", ".shx"):
            with part.open("rb") as file:
                length = 2 * int.from_bytes(file.read(28)[24:], "big")
            if part.stat().st_size < length:
                raise _damaged(path, "Shapefile", f"{part.name} has {part.stat().st_size} of {length} bytes")


def _check_pages(path: Path) -> None:
    """A GeoPackage is an SQLite database, which can tell whether it is whole."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as fault:
        raise _damaged(path, "GeoPackage", fault) from fault
    if said != "ok":
        raise _damaged(path, "GeoPackage", said)


def _suffixes(path: Path) -> set[str]:
    return {p.suffix.lower() for p in path.parent.iterdir() if p.stem == path.stem}


def _choose_layer(path: Path, kind: str, layer: str | None) -> str:
    try:
        layers = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
    except DataSourceError as fault:
        raise _damaged(path, kind, fault) from fault
    if not layers:
        raise ConsoleError(QT_TRANSLATE_NOOP("errors", "{path} has no layer with geometry."), path=path)
    if layer is None and len(layers) == 1:
        return layers[0]
    if layer not in layers:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} has the layers {layers}. Name one with --layer."),
            path=path,
            layers=", ".join(layers),
        )
    return layer


def _load(
    content: Path | bytes, kind: str, layer: str | None, encoding: str | None, path: Path | None = None
) -> tuple[geopandas.GeoDataFrame, list[Reason], dict[str, Any]]:
    """The layer through geopandas, with what GDAL complained about and what it knows of the layer."""
    path = path or Path(str(content))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            info = pyogrio.read_info(content, layer=layer, force_feature_count=True)
            frame = pyogrio.read_dataframe(
                content, layer=layer, encoding=encoding, on_invalid="ignore", datetime_as_string=True
            )
        except (DataSourceError, DataLayerError, FieldError, UnicodeDecodeError, RuntimeError, ValueError) as fault:
            raise _damaged(path, kind, fault) from fault
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise ConsoleError(QT_TRANSLATE_NOOP("errors", "{path} has no layer with geometry."), path=path)
    # A GeoPackage stores its count, which others may have left wrong; its pages have been checked instead.
    if kind != "GeoPackage" and len(frame) != info["features"]:
        raise _damaged(path, kind, f"{len(frame)} of {info['features']} features can be read")
    complaints = list(dict.fromkeys(str(w.message) for w in caught))[:_MOST_COMPLAINTS]
    said = QT_TRANSLATE_NOOP("errors", "the reader says: {words}")
    return frame, [reason(said, words=words) for words in complaints], info


def _columns(frame: geopandas.GeoDataFrame) -> dict[str, NDArray[np.object_]]:
    columns = {}
    for name in frame.columns:
        if name == frame.geometry.name:
            continue
        values = frame[name].astype(object).to_numpy(dtype=object, copy=True)
        values[frame[name].isna().to_numpy()] = None
        columns[str(name)] = values
    return columns


def _decode_columns(path: Path, columns: dict[str, NDArray[np.object_]]) -> tuple[dict[str, NDArray[np.object_]], str]:
    """Text of a Shapefile that does not say its encoding; a value cut in the middle of a character loses that one."""
    texts = {v for values in columns.values() for v in values if isinstance(v, str) and not v.isascii()}
    texts |= {name for name in columns if not name.isascii()}
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)
        try:
            known = {text: decoder().decode(text.encode(_LOSSLESS), final=False) for text in texts}
        except UnicodeDecodeError:
            continue
        renamed = {known.get(name, name): values for name, values in columns.items()}
        for values in renamed.values():
            values[:] = [known.get(v, v) if isinstance(v, str) else v for v in values]
        return renamed, f"{encoding.upper()}?" if texts else "ASCII"
    raise _no_encoding(path)


# Text


def _read_text(path: Path, encoding: str | None) -> Source:
    content, said = decode(path.read_bytes(), encoding, path)
    delimiter = _sniff(content, path)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows: list[list[str]] = []
    places: list[int] = []
    try:
        header = [name.strip() for name in next(row for row in reader if row)]
        begin = reader.line_num + 1
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                places.append(begin)
            begin = reader.line_num + 1
    except csv.Error as fault:
        raise _damaged(path, "CSV", f"line {reader.line_num}: {fault}") from fault
    repeated = sorted({name for name in header if header.count(name) > 1 and name})
    if repeated:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} has two columns of the same name: {names}. Rename one."),
            path=path,
            names=", ".join(repeated),
        )
    width = len(header)
    short = [i for i, row in enumerate(rows) if len(row) != width]
    table = np.full((len(rows), width), None, dtype=object)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row[:width]):
            if cell.strip():
                table[i, j] = cell
    fact = reason(
        QT_TRANSLATE_NOOP("errors", "{path}: CSV, delimiter “{delimiter}”, {encoding}, {rows} rows"),
        path=path.name,
        delimiter={"\t": "TAB"}.get(delimiter, delimiter),
        encoding=said,
        rows=len(rows),
    )
    columns = {name: table[:, j] for j, name in enumerate(header) if name}
    return Source(path, columns, None, None, np.asarray(places, np.int64), "line", [fact], short)


def _sniff(content: str, path: Path) -> str:
    """The delimiter of the header line: the sign that parts it into most cells."""
    header = re.split(r"[\r\n]", content.lstrip("\r\n"), maxsplit=1)[0]
    counts = {sign: len(next(csv.reader([header], delimiter=sign), [])) for sign in ",;\t|"}
    delimiter = max(counts, key=lambda sign: counts[sign])
    if counts[delimiter] < 2:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors", "{path} is no table: its first line has one cell, where a header of several is needed."
            ),
            path=path,
        )
    return delimiter


def decode(content: bytes, encoding: str | None, path: Path) -> tuple[str, str]:
    """`content` as text, and the encoding with “?” when it was found by trying.

    Raises:
        ConsoleError: the bytes fit no encoding that we try, or not the one that was given.
    """
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    marked = next((name for mark, name in marks if content.startswith(mark)), None)
    certain = encoding or marked
    for candidate in (certain,) if certain else ENCODINGS:
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        said = candidate.upper() if certain or text.isascii() else f"{candidate.upper()}?"
        return text.removeprefix("\ufeff"), said
    raise _no_encoding(path, certain)


def _no_encoding(path: Path, given: str | None = None) -> ConsoleError:
    if given:
        return ConsoleError(
            QT_TRANSLATE_NOOP("errors", "{path} is not written in {encoding}. Say its encoding with --encoding."),
            path=path,
            encoding=given,
        )
    return ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors", "{path} is written in neither UTF-8 nor GB18030. Say its encoding with --encoding."
        ),
        path=path,
    )


def _known_encoding(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError as fault:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "There is no encoding {encoding}; write for example UTF-8 or GB18030."),
            encoding=encoding,
        ) from fault
