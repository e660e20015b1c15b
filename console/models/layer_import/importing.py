"""One import from file to verdict: read, map, understand, place, stage, judge, compare, write or roll back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.layer_import import files, rules
from console.models.layer_import.columns import Columns, map_columns, require
from console.models.layer_import.fields import TABLES, Table, plain
from console.models.layer_import.placement import place
from console.models.layer_import.staging import Change, Staging, columns_of, mandatory_columns
from console.models.layer_import.values import as_text, read_values
from console.models.layer_import.verdicts import SHOWN_LIST, Outcome, Reason, Remarks, Result, Verdict, excerpt, reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

MOST_AWAY_M = 1.0
"""Metres that an end of a pipe may lie away from the manhole that it names."""


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What the user asks for.

    Attributes:
        table: one of `fields.TABLES`.
        path: the file.
        maps: ``field=column`` or ``field=column*factor``.
        constants: ``field=value`` for every row.
        layer: layer of a GeoPackage.
        crs: coordinate system, over the one that the file declares.
        encoding: of text.
        swap_axes: the file has north before east.
        snap_m: metres within which the manholes at the ends of pipes are found by place; None does not look for any.
        apply: write the rows; else a dry run, which does everything but keep the result.
        skip_invalid: write the sound rows although others have faults.
        report: CSV file for every verdict.
        language: of the report.
    """

    table: str
    path: Path
    maps: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    swap_axes: bool = False
    snap_m: float | None = None
    apply: bool = False
    skip_invalid: bool = False
    report: Path | None = None
    language: str = "en"


def import_layer(engine: Engine, options: ImportOptions) -> Result:
    """Import a layer, or say what importing it would do.

    Everything happens in one transaction, which is kept only when `apply` is asked for and no row has a fault (or
    `skip_invalid` allows some). The dry run takes the same way, up to the writing, and rolls back.

    Raises:
        ConsoleError: the file as a whole cannot be used, or the database does not let us; nothing is written.
    """
    table = TABLES.get(options.table)
    if table is None:
        raise ConsoleError(
            QT_TRANSLATE_NOOP("errors", "Layers are imported into {tables}; there is no {table} among them."),
            tables=", ".join(TABLES),
            table=options.table,
        )
    source = files.read(options.path, layer=options.layer, encoding=options.encoding)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SELECT set_config('statement_timeout', '0', true)"))
        result = _Import(connection, table, source, options).run()
        if options.report is not None:
            result.write_report(options.report, options.language)
        if not result.written:
            transaction.rollback()
    return result


class _Import:
    def __init__(self, connection: Connection, table: Table, source: files.Source, options: ImportOptions) -> None:
        self._connection = connection
        self._table = table
        self._source = source
        self._options = options
        self._remarks = Remarks(len(source))
        self._facts: list[Reason] = list(source.facts)

    def run(self) -> Result:
        known = columns_of(self._connection, self._table)
        mapping = self._map(mandatory_columns(self._table, known))
        values = self._understand(mapping)
        self._refuse_repeated(values)
        values["geom"] = place(
            self._source,
            mapping.coordinates,
            geometry_type=self._table.geometry,
            crs=self._options.crs,
            swap_axes=self._options.swap_axes,
            remarks=self._remarks,
            facts=self._facts,
        )
        staging = Staging(self._connection, self._table, known)
        staging.load(values, self._remarks)
        staging.complete(self._options.snap_m, self._remarks)
        staging.judge(self._remarks, self._options.snap_m or MOST_AWAY_M)
        changes = staging.compare()
        staging.write(self._remarks)
        return self._result(values[self._table.key], changes)

    def _map(self, mandatory: list[str]) -> Columns:
        options, source = self._options, self._source
        available = list(source.columns)
        mapping = map_columns(
            self._table, available, options.maps, options.constants, with_coordinates=source.geometry is None
        )
        if options.snap_m is not None:
            mandatory = [name for name in mandatory if name not in ("from_manhole", "to_manhole")]
        require(self._table, mapping, mandatory, available)
        for filling in mapping.fillings:
            said = (
                f"{filling.field.name} ← {filling.column}"
                if filling.column
                else f"{filling.field.name} = {filling.constant}"
            )
            factor = f" × {filling.factor:g}" if filling.factor != 1 else ""
            unit = filling.field.unit and f" ({filling.field.unit})"
            self._facts.append(reason("{said}", said=said + factor + unit))
        if mapping.unused:
            unused = excerpt(", ".join(mapping.unused), SHOWN_LIST)
            self._facts.append(Reason(QT_TRANSLATE_NOOP("errors", "not used: {columns}"), {"columns": unused}))
        wrong = QT_TRANSLATE_NOOP("errors", "another number of cells than the first line")
        self._remarks.fault(source.short_rows, reason(wrong))
        return mapping

    def _understand(self, mapping: Columns) -> dict[str, NDArray[np.object_]]:
        lookups = {
            kind: self._lookup(kind)
            for kind in {filling.field.lookup for filling in mapping.fillings if filling.field.lookup}
        }
        return {
            filling.field.name: read_values(
                filling,
                self._source.columns[filling.column] if filling.column else None,
                len(self._source),
                lookups,
                self._remarks,
            )
            for filling in mapping.fillings
        }

    def _lookup(self, kind: str) -> Mapping[str, int]:
        rows = self._connection.execute(rules.LOOKUPS[kind]).all()
        return {plain(word): number for number, words in reversed(rows) for word in words if word}

    def _refuse_repeated(self, values: Mapping[str, NDArray[np.object_]]) -> None:
        """A code that stands twice in the file: nobody can say which row is right."""
        keys = values[self._table.key]
        counts = Counter(key for key in keys if key is not None)
        places: dict[str, list[int]] = {key: [] for key, count in counts.items() if count > 1}
        for row, key in enumerate(keys):
            if key in places:
                places[key].append(row)
        template = QT_TRANSLATE_NOOP("errors", "the code stands {count} times in the file: {word} {places}")
        for those in places.values():
            numbers = ", ".join(str(self._source.places[row]) for row in those[:5]) + ("…" if len(those) > 5 else "")
            why = reason(template, count=len(those), word=self._source.place_word, places=numbers)
            self._remarks.fault(those, why)

    def _result(self, keys: NDArray[np.object_], changes: Mapping[int, Change]) -> Result:
        sound = self._remarks.sound
        verdicts = []
        for row, place_number in enumerate(self._source.places):
            change = changes.get(row)
            if change is None or not sound[row]:
                outcome = Outcome.SKIPPED
            elif change.new:
                outcome = Outcome.IMPORTED
            else:
                outcome = Outcome.CHANGED if change.fields else Outcome.UNCHANGED
            shown = change.fields if change is not None and outcome is Outcome.CHANGED else {}
            code = "" if keys[row] is None else as_text(keys[row])
            verdicts.append(Verdict(int(place_number), code, outcome, self._remarks.of(row), shown))
        faulty = not sound.all()
        refused = self._options.apply and faulty and not self._options.skip_invalid
        nothing = not any(v.outcome is not Outcome.SKIPPED for v in verdicts)
        return Result(
            table=self._table.name,
            path=self._options.path,
            facts=self._facts,
            verdicts=verdicts,
            place_word=self._source.place_word,
            written=self._options.apply and not refused and not nothing,
            refused=refused or (self._options.apply and nothing),
        )
