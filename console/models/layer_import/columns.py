"""Which column of a file fills which field: as the user says, else by name; and what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.models.layer_import.fields import COORDINATES, Field, Table, plain
from console.models.layer_import.verdicts import SHOWN_LIST, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LEFT_ALONE = "-"
"""``field=-`` leaves a field unfilled although a column has its name."""
_MAP = re.compile(r"(?P<field>\w+)=(?P<column>.+?)(?:\*(?P<factor>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?))?", re.DOTALL)


@dataclass(frozen=True)
class Filling:
    """What fills one field.

    Attributes:
        field: the field.
        column: name in the file; None when `constant` fills every row.
        factor: what numbers are multiplied with to get the unit of the field.
        constant: value of every row, as typed.
        chosen: whether the user named the column; else its name was recognised.
    """

    field: Field
    column: str | None
    factor: float = 1.0
    constant: str | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Columns:
    """How a file fills a table."""

    fillings: tuple[Filling, ...]
    coordinates: Mapping[str, str]
    unused: tuple[str, ...]


def map_columns(
    table: Table,
    available: Sequence[str],
    chosen: Iterable[str] = (),
    constants: Iterable[str] = (),
    *,
    with_coordinates: bool = False,
) -> Columns:
    """Find a column for every field that the file can fill.

    Args:
        table: what is imported.
        available: names of the file's columns.
        chosen: ``field=column``, ``field=column*factor`` or ``field=-`` (do not fill), as typed; they win.
        constants: ``field=value`` for fields that the file does not hold.
        with_coordinates: whether columns hold the geometry (text files).

    Raises:
        ConsoleError: what was typed names no field or no column.
    """
    explicit = _explicit(table, available, chosen)
    fixed = _constants(table, constants)
    names: dict[str, str] = {}
    for name in available:
        names.setdefault(plain(name), name)
    coordinates = {k: v.column for k, v in explicit.items() if k in COORDINATES and v.column is not None}
    if with_coordinates:
        coordinates = _coordinates(names, coordinates)
    taken = {f.column for f in explicit.values()} | set(coordinates.values())
    fillings = []
    for item in table.fields:
        filling = fixed.get(item.name) or explicit.get(item.name) or _by_name(item, names, taken)
        if filling is not None and (filling.column or filling.constant):
            fillings.append(filling)
            taken.add(filling.column)
    return Columns(tuple(fillings), coordinates, tuple(name for name in available if name not in taken))


def require(table: Table, mapping: Columns, mandatory: Iterable[str], available: Sequence[str]) -> None:
    """Make sure that every mandatory field is filled.

    Raises:
        ConsoleError: some are not; the sentence names them, the columns that there are, and an example.
    """
    filled = {filling.field.name for filling in mapping.fillings}
    missing = [name for name in mandatory if name not in filled]
    if missing:
        raise ConsoleError(
            QT_TRANSLATE_NOOP(
                "errors",
                "The file has no column for {missing} of {table}. It has {available}. Say which it is, for example "
                "--map {example}, or one value for all rows, --set {field}=….",
            ),
            missing=", ".join(missing),
            table=table.name,
            available=_listed(available),
            example=_shell(f"{missing[0]}={mapping.unused[0] if mapping.unused else '…'}"),
            field=missing[0],
        )


def _listed(names: Iterable[str]) -> str:
    return excerpt(", ".join(names), SHOWN_LIST) or "-"


def _shell(argument: str) -> str:
    return f'"{argument}"' if " " in argument else argument


def _explicit(table: Table, available: Sequence[str], chosen: Iterable[str]) -> dict[str, Filling]:
    known = {item.name: item for item in table.fields} | {name: Field(name) for name in COORDINATES}
    found: dict[str, Filling] = {}
    for typed in chosen:
        # A column whose name itself ends in “*2” is taken before a factor.
        name, _, rest = typed.partition("=")
        parts = _MAP.fullmatch(typed)
        if parts is None:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "“{typed}” is no mapping; write field=column or field=column*factor."),
                typed=typed,
            )
        if name not in known:
            raise _no_field(table, name)
        if rest == LEFT_ALONE:
            found[name] = Filling(known[name], None, chosen=True)
            continue
        whole = _column(rest, available)
        column = whole or _column(parts["column"], available)
        if column is None:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The file has no column “{column}”. It has {available}."),
                column=parts["column"],
                available=_listed(available),
            )
        factor = float(parts["factor"]) if parts["factor"] and whole is None else 1.0
        found[name] = Filling(known[name], column, factor, chosen=True)
    return found


def _constants(table: Table, constants: Iterable[str]) -> dict[str, Filling]:
    known = {item.name: item for item in table.fields}
    found: dict[str, Filling] = {}
    for typed in constants:
        name, sign, value = typed.partition("=")
        if not sign or not value.strip():
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "“{typed}” sets nothing; write field=value."),
                typed=typed,
            )
        if name not in known:
            raise _no_field(table, name)
        found[name] = Filling(known[name], None, constant=value, chosen=True)
    return found


def _no_field(table: Table, name: str) -> ConsoleError:
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "{table} has no field “{name}” that a file could fill. It has {fields}."),
        table=table.name,
        name=name,
        fields=", ".join(item.name for item in table.fields),
    )


def _column(name: str, available: Sequence[str]) -> str | None:
    if name in available:
        return name
    return next((column for column in available if column.casefold() == name.casefold()), None)


def _by_name(item: Field, names: Mapping[str, str], taken: set[str | None]) -> Filling | None:
    for alias in (plain(item.name), *item.aliases):
        column = names.get(alias)
        if column is not None and column not in taken:
            return Filling(item, column, item.factors.get(alias, 1.0))
    return None


def _coordinates(names: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The columns of the geometry: what the user said, else well-known text, both ends of a line, or one point."""
    found = {
        part: next((names[alias] for alias in aliases if alias in names), None) for part, aliases in COORDINATES.items()
    }
    for parts in (("wkt",), ("x1", "y1", "x2", "y2"), ("x", "y")):
        if any(part in chosen for part in parts) or (not chosen and all(found[part] for part in parts)):
            columns = {part: chosen.get(part) or found[part] for part in parts}
            if all(columns.values()):
                return {part: column for part, column in columns.items() if column}
    raise ConsoleError(
        QT_TRANSLATE_NOOP(
            "errors",
            "The file has no geometry that can be recognised. Its columns are {available}. Name them, for example "
            "--map x=… --map y=…, or --map wkt=….",
        ),
        available=_listed(names.values()),
    )
