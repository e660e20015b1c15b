"""Styles with which QGIS opens the city's tables: rows of ``public.layer_styles``, QGIS's own table for that purpose.

QGIS looks for a table of that name and layout in every database it opens and takes the row that is marked as default.
Colours are those of the light theme, since QGIS draws on white.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from console.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, misnamed by its library

STYLE_NAME = "yuncheng-console"
_MADE_BY_US = "Styles of QGIS layers; made with schema city."
_LIGHT = theme("light")
_DETAIL = 25_000  # denominator of the scale above which single nodes would only blacken the map
_BLOCKS = 60_000


@dataclass(frozen=True)
class Symbol:
    """One symbol layer of QGIS.

    Attributes:
        kind: ``marker``, ``line`` or ``fill``.
        layer: class of the symbol layer, such as ``SimpleMarker``.
        properties: its properties as QGIS names them; sizes in mm.
        expressions: properties that follow an expression over the row, by QGIS's name of the property.
    """

    kind: str
    layer: str
    properties: Mapping[str, str]
    expressions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """What is drawn how: label in Chinese and English, filter (empty for all), largest scale denominator (0: any)."""

    label: str
    symbol: Symbol
    filter: str = ""
    within: int = 0


@dataclass(frozen=True)
class Style:
    """The style of one table of schema city, with the column that labels its features."""

    table: str
    rules: Sequence[Rule]
    label_column: str = ""
    along_line: bool = False


def styles() -> tuple[Style, ...]:
    """The style of every table that a map is made of."""
    return (*_areas(), *_drainage(), *_living())


def qml(style: Style) -> str:
    """The style as a QGIS style document (QML), readable from QGIS 3.16 on."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling", labelsEnabled="0")
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    rules = ET.SubElement(renderer, "rules", key="{" + style.table + "}")
    symbols = ET.SubElement(renderer, "symbols")
    for number, rule in enumerate(style.rules):
        drawn = ET.SubElement(
            rules, "rule", key=f"{{{style.table}-{number}}}", symbol=str(number), label=rule.label, filter=rule.filter
        )
        if rule.within:
            drawn.set("scalemaxdenom", str(rule.within))
        symbols.append(_symbol(rule.symbol, str(number)))
    if style.label_column:
        root.set("labelsEnabled", "1")
        root.append(_labels(style))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def install(cursor: Cursor) -> None:
    """Put our styles in place of those that an earlier revision put there; styles of others stay."""
    cursor.execute("SELECT to_regclass('public.layer_styles') IS NOT NULL")
    if cursor.fetchone() == (False,):
        cursor.execute("""
            CREATE TABLE public.layer_styles (
                id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
                f_geometry_column varchar, stylename text, styleqml xml, stylesld xml, useasdefault boolean,
                description text, owner varchar(63) DEFAULT CURRENT_USER, ui xml,
                update_time timestamp DEFAULT CURRENT_TIMESTAMP, type varchar
            )
        """)
        cursor.execute("COMMENT ON TABLE public.layer_styles IS %s", (_MADE_BY_US,))
    cursor.execute("""
        DO $$ BEGIN
            EXECUTE 'GRANT SELECT ON public.layer_styles TO ' || array_to_string(enum_range(NULL::city.role), ', ');
        END $$
    """)
    _delete(cursor)
    cursor.executemany(
        """
        INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename,
                                         styleqml, useasdefault, description)
        VALUES (current_database(), 'city', %s, 'geom', %s, xmlparse(DOCUMENT %s), true, %s)
        """,
        [(s.table, STYLE_NAME, qml(s), f"Style of city.{s.table} in the colours of the console.") for s in styles()],
    )


def remove(cursor: Cursor) -> None:
    """Take our styles away, and the table if we made it and nobody else keeps styles there."""
    cursor.execute("SELECT to_regclass('public.layer_styles') IS NOT NULL")
    if cursor.fetchone() == (False,):
        return
    _delete(cursor)
    cursor.execute(
        "SELECT obj_description('public.layer_styles'::regclass, 'pg_class') IS NOT DISTINCT FROM %s"
        " AND NOT EXISTS (SELECT FROM public.layer_styles)",
        (_MADE_BY_US,),
    )
    if cursor.fetchone() == (True,):
        cursor.execute("DROP TABLE public.layer_styles")


def _delete(cursor: Cursor) -> None:
    cursor.execute("DELETE FROM public.layer_styles WHERE f_table_schema = 'city' AND stylename = %s", (STYLE_NAME,))


def _areas() -> tuple[Style, ...]:
    width = {"arterial": "1.4", "secondary": "1.0", "branch": "0.7", "lane": "0.4"}
    words = {"arterial": "主干路", "secondary": "次干路", "branch": "支路", "lane": "街巷"}
    return (
        Style("zone", (Rule("片区 zone", _fill(_LIGHT.map_zone, "0.8")),), "name"),
        Style("unit_grid", (Rule("单元网格 unit grid", _fill(_LIGHT.map_zone, "0.1"), within=_BLOCKS),)),
        Style(
            "street",
            [
                Rule(f"{words[rank]} {rank}", _line(_LIGHT.map_street, width[rank]), f"\"class\" = '{rank}'")
                for rank in width
            ],
            "name",
            along_line=True,
        ),
    )


def _drainage() -> tuple[Style, ...]:
    systems = {
        "storm": ("雨水", _LIGHT.storm),
        "sanitary": ("污水", _LIGHT.sanitary),
        "combined": ("合流", _LIGHT.combined),
        "other": ("其他", _LIGHT.map_zone),
    }
    by_diameter = {"outlineWidth": 'scale_linear(coalesce("diameter_mm", "width_mm", 300), 200, 2000, 0.3, 1.6)'}

    def by_system(shape: str, size: str, within: int) -> list[Rule]:
        return [
            Rule(f"{word} {name}", _marker(shape, colour, size), f"\"system\" = '{name}'", within)
            for name, (word, colour) in systems.items()
        ]

    damaged = Rule(
        "缺损 damaged or lost",
        _marker("cross2", _LIGHT.critical, "2.4"),
        "\"state\" IN ('damaged', 'lost')",
        _DETAIL,
    )
    return (
        Style(
            "pipe",
            [
                Rule(f"{word} {name}", _line(colour, "0.5", by_diameter), f"\"system\" = '{name}'")
                for name, (word, colour) in systems.items()
            ],
        ),
        Style("manhole", [*by_system("circle", "1.2", _DETAIL), damaged]),
        Style(
            "component",
            [
                Rule(
                    "完好 intact",
                    _marker("square", _LIGHT.map_symbol, "0.9"),
                    "\"state\" NOT IN ('damaged', 'lost')",
                    _DETAIL // 3,
                ),
                damaged,
            ],
        ),
        Style("outfall", by_system("triangle", "3.2", 0), "name"),
        Style("pump_station", (Rule("泵站 pump station", _marker("square", _LIGHT.map_symbol, "3.2")),), "name"),
        Style("flood_point", (Rule("易涝点 flood point", _marker("diamond", _LIGHT.storm, "3.6")),), "name"),
    )


def _living() -> tuple[Style, ...]:
    heading = {"angle": '"heading"'}
    truck = {"full": ("重车", _LIGHT.map_symbol), "half": ("半载", _LIGHT.map_zone), "empty": ("空车", _LIGHT.panel)}
    stages = {
        "受理立案 acceptance": ("circle", ("reported", "pending_verify", "pending_register", "returned")),
        "派遣 dispatch": ("triangle", ("pending_dispatch",)),
        "处置 disposal": ("square", ("pending_handle", "handling", "handle_finish")),
        "核查结案 check": ("diamond", ("pending_check", "checking", "check_not_pass", "pending_close")),
        "挂账 suspended": ("pentagon", ("suspended",)),
    }
    late = {
        "fillColor": f"CASE WHEN \"due_at\" < now() THEN '{_LIGHT.critical}' "
        f"WHEN \"warn_at\" < now() THEN '{_LIGHT.medium}' ELSE '{_LIGHT.accent}' END"
    }
    return (
        Style(
            "vehicle_state",
            [
                Rule(f"{word} {load}", _marker("arrow", colour, "4", heading), f"\"load\" = '{load}'")
                for load, (word, colour) in truck.items()
            ],
        ),
        # Every rule has a filter, so that QGIS asks for the open cases alone and not for years of history.
        Style(
            "case_file",
            [
                Rule(
                    label,
                    _marker(shape, _LIGHT.accent, "2.6", late),
                    '"is_open" AND "state" IN ({})'.format(", ".join(f"'{state}'" for state in states)),
                )
                for label, (shape, states) in stages.items()
            ],
        ),
    )


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _marker(shape: str, colour: str, size: str, expressions: Mapping[str, str] | None = None) -> Symbol:
    return Symbol(
        "marker",
        "SimpleMarker",
        {
            "name": shape,
            "color": _rgba(colour),
            "outline_color": _rgba(colour if shape == "cross2" else _LIGHT.map_symbol),
            "outline_width": "0.5" if shape == "cross2" else "0.1",
            "size": size,
            "size_unit": "MM",
        },
        expressions or {},
    )


def _line(colour: str, width: str, expressions: Mapping[str, str] | None = None) -> Symbol:
    return Symbol(
        "line",
        "SimpleLine",
        {"line_color": _rgba(colour), "line_width": width, "line_width_unit": "MM", "capstyle": "round"},
        expressions or {},
    )


def _fill(outline: str, width: str) -> Symbol:
    return Symbol(
        "fill",
        "SimpleFill",
        {"style": "no", "outline_color": _rgba(outline), "outline_width": width, "outline_width_unit": "MM"},
    )


def _symbol(symbol: Symbol, name: str) -> ET.Element:
    element = ET.Element("symbol", type=symbol.kind, name=name, alpha="1", clip_to_extent="1")
    layer = ET.SubElement(element, "layer", {"class": symbol.layer, "enabled": "1", "pass": "0", "locked": "0"})
    for key, value in symbol.properties.items():
        ET.SubElement(layer, "prop", k=key, v=value)
    if symbol.expressions:
        defined = ET.SubElement(ET.SubElement(layer, "data_defined_properties"), "Option", type="Map")
        ET.SubElement(defined, "Option", type="QString", name="name", value="")
        listed = ET.SubElement(defined, "Option", type="Map", name="properties")
        for key, expression in symbol.expressions.items():
            entry = ET.SubElement(listed, "Option", type="Map", name=key)
            ET.SubElement(entry, "Option", type="bool", name="active", value="true")
            ET.SubElement(entry, "Option", type="QString", name="expression", value=expression)
            ET.SubElement(entry, "Option", type="int", name="type", value="3")  # 3: an expression
        ET.SubElement(defined, "Option", type="QString", name="type", value="collection")
    return element


def _labels(style: Style) -> ET.Element:
    labeling = ET.Element("labeling", type="simple")
    settings = ET.SubElement(labeling, "settings")
    text = ET.SubElement(
        settings,
        "text-style",
        fieldName=style.label_column,
        isExpression="0",
        fontFamily=_LIGHT.font_families[0],
        fontSize="9",
        fontSizeUnit="Point",
        textColor=_rgba(_LIGHT.text),
    )
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor=_rgba(_LIGHT.panel)
    )
    # Placement numbers are those of QGIS: 1 over a point or area, 3 curved along a line.
    ET.SubElement(settings, "placement", placement="3" if style.along_line else "1", repeatDistance="60")
    return labeling
