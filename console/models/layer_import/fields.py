"""Which fields each table takes from a file, and under which names cities hand them over.

A name in a file fits a field when both are equal without case, spaces, underscores and other signs: first the field's
own name, then its aliases in their order. What the database demands of a value is not repeated here: its constraints
decide.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_ELEVATION = (-99.0, -999.0, -9999.0)  # what cities write where they know no level


class Kind(Enum):
    """How the values of a field are read."""

    TEXT = auto()
    CODE = auto()
    INTEGER = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()
    YEAR = auto()
    CHOICE = auto()
    LOOKUP = auto()


@dataclass(frozen=True)
class Field:
    """One column that a file may fill.

    Attributes:
        name: of the column.
        kind: how its values are read.
        aliases: other names that cities use, best first, as `plain` writes them.
        unit: of the column: ``m`` or ``mm``; a value may carry another one.
        factors: for aliases that are known to come in another unit: what to multiply with.
        usual: bounds of a plausible median in `unit`, for fields whose unit a file may not say.
        no_value: numbers that stand for an unknown value.
        words: vocabulary of a `CHOICE`: word of the file, as `plain` writes it, to code of the database.
        lookup: for a `LOOKUP`: ``zone``, ``department``, ``class`` or ``street``.
    """

    name: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    unit: str = ""
    factors: Mapping[str, float] = field(default_factory=dict)
    usual: tuple[float, float] | None = None
    no_value: tuple[float, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    lookup: str = ""


@dataclass(frozen=True)
class Table:
    """One table that layers are imported into.

    Attributes:
        name: in schema city.
        key: column that says whether a row is new.
        geometry: the one type that it takes, or ``GEOMETRY`` for several.
        fields: what a file may fill.
        derived: mandatory columns that are found by place or code when the file lacks them.
    """

    name: str
    key: str
    geometry: str
    fields: tuple[Field, ...]
    derived: tuple[str, ...] = ()


def plain(name: str) -> str:
    """`name` in lower case, full-width signs made narrow, letters and digits alone."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def _words(**codes: str) -> dict[str, str]:
    """Vocabulary from ``code="word word …"``; every code is a word for itself."""
    return {plain(word): code for code, words in codes.items() for word in (code, *words.split())}


# Numbers are those of PIPE_CATEGORY, SHAPETYPE and DATASOURCE of GB/T 51187, appendix A.
SYSTEM_WORDS = _words(
    storm="1 雨水 雨水管 雨水井 YS Y ST SW stormwater stormsewer stormmain",
    sanitary="2 污水 污水管 污水井 WS W SAN SS sewage wastewater foul sanitarysewer",
    combined="3 合流 雨污合流 合流管 HS H CB CMB combinedsewer",
    other="4 其他 其它 O",
)
SHAPE_WORDS = _words(
    circle="1 圆形 圆 圆管 circular round pipe",
    trapezoid="2 梯形 trapezoidal",
    triangle="3 三角形 triangular",
    ellipse="4 椭圆形 椭圆 卵形 elliptical egg oval",
    rectangle="5 矩形 方形 方涵 箱涵 方沟 rectangular rect box square",
    irregular="6 不规则形 不规则 other",
)
STATE_WORDS = _words(
    intact="完好 正常 在用 使用 ACT active inservice inuse existing good INS",
    damaged="破损 损坏 broken",
    lost="丢失 缺失 missing",
    abandoned="废弃 停用 ABN inactive disused outofservice",
    removed="移除 拆除 REM demolished",
)
SOURCE_WORDS = _words(
    design_drawing="1 设计图 设计 design",
    as_built_drawing="2 竣工图 竣工 asbuilt",
    survey="3 现场测绘 实测 测绘 surveyed gps",
    estimate="4 人工估计 估计 estimated",
    topographic_map="地形图",
    other="其他 其它 unknown",
)
STREET_WORDS = _words(
    arterial="主干路 主干道 快速路 motorway trunk primary highway",
    secondary="次干路 次干道 tertiary collector",
    branch="支路 residential unclassified local",
    lane="街巷 巷 小巷 service livingstreet alley",
)
LAND_WORDS = _words(built_up="建成区 builtup", park="公园 绿地", water="水域 水面", open="空地 开敞")

_NAME = ("名称", "中文名", "mc", "objname", "label")
_OWNER = ("ownerid", "owner", "ownedby", "deptcode2", "deptname2", "权属单位", "权属单位代码", "权属", "产权单位")
_GRID = Field("unit_grid", Kind.CODE, ("bgid", "单元网格", "单元网格代码", "网格编码", "所在单元网格", "gridcode"))
_ZONE = Field("zone_id", Kind.LOOKUP, ("zone", "片区", "所属片区", "片区编号"), lookup="zone")
_STREET = Field(
    "street_id", Kind.LOOKUP, ("street", "laneway", "道路", "所在道路", "路名", "道路名称"), lookup="street"
)
_SYSTEM = Field(
    "system",
    Kind.CHOICE,
    ("pipecategory", "junccategory", "systemtype", "sewertype", "管线类型", "管道类别", "排水系统", "类别", "管类"),
    words=SYSTEM_WORDS,
)
_SOURCE = Field("data_source", Kind.CHOICE, ("datasource", "数据来源"), words=SOURCE_WORDS)
_RECORDED = Field("recorded_on", Kind.DATE, ("recorddate", "reportdate", "surveydate", "记录日期", "测绘日期"))
_STATE = Field("state", Kind.CHOICE, ("objstate", "lifecyclestatus", "status", "状态", "使用状态"), words=STATE_WORDS)
_BUILT = Field(
    "built_year",
    Kind.YEAR,
    (
        "installyear",
        "yearinstalled",
        "constryear",
        "yearbuilt",
        "yearlaid",
        "installdate",
        "建设年代",
        "建成年份",
        "埋设年代",
    ),
    no_value=(0.0, 9999.0),
)
_OWNED = Field("owner_id", Kind.LOOKUP, _OWNER, lookup="department")


def _elevation(name: str, *aliases: str) -> Field:
    return Field(name, Kind.NUMBER, aliases, unit="m", no_value=NO_ELEVATION)


def _size(name: str, *aliases: str) -> Field:
    """A size of a pipe in mm; SHAPE_DATA of GB/T 51187 comes in metres."""
    metres = {alias: 1000.0 for alias in aliases if alias.startswith("shapedata")}
    return Field(
        name, Kind.NUMBER, aliases, unit="mm", factors=metres, usual=(100, 4000), no_value=(0.0, *NO_ELEVATION)
    )


def _code(*aliases: str) -> Field:
    return Field("code", Kind.CODE, (*aliases, "facilityid", "assetid", "编号", "编码", "代码", "标识码"))


_AREA = (_code("bm", "dm"), Field("name", Kind.TEXT, _NAME))
_SEWER = (_SYSTEM, _ZONE, _STREET, _BUILT, _OWNED, _STATE, _SOURCE, _RECORDED)

TABLES = {
    table.name: table
    for table in (
        Table(
            "zone",
            "code",
            "MULTIPOLYGON",
            (*_AREA, Field("name_en", Kind.TEXT, ("英文名", "english"))),
            derived=("id", "name_en"),
        ),
        Table("subdistrict", "code", "MULTIPOLYGON", _AREA),
        Table("community", "code", "MULTIPOLYGON", _AREA),
        Table(
            "unit_grid",
            "code",
            "POLYGON",
            (
                _code("bgid", "bgcode", "网格编码", "单元网格代码", "网格代码"),
                _ZONE,
                Field("land_use", Kind.CHOICE, ("landuse", "用地"), words=LAND_WORDS),
                Field("initial_date", Kind.DATE, ("ordate", "初始时间", "初始日期")),
                Field("change_date", Kind.DATE, ("chdate", "变更时间", "变更日期")),
                Field("note", Kind.TEXT, ("memo", "备注")),
            ),
            derived=("zone_id",),
        ),
        Table(
            "street",
            "code",
            "LINESTRING",
            (
                _code("roadid", "streetid", "osmid", "道路编号", "道路代码"),
                Field("name", Kind.TEXT, (*_NAME, "roadname", "streetname", "道路名称", "路名")),
                Field("class", Kind.CHOICE, ("roadclass", "highway", "fclass", "道路等级", "等级"), words=STREET_WORDS),
                Field(
                    "width_m",
                    Kind.NUMBER,
                    ("width", "roadwidth", "路宽", "道路宽度", "宽度"),
                    unit="m",
                    no_value=(0.0,),
                ),
                Field("from_node", Kind.INTEGER, ("fnode", "startnode", "u", "起点")),
                Field("to_node", Kind.INTEGER, ("tnode", "endnode", "v", "终点")),
            ),
        ),
        Table(
            "manhole",
            "code",
            "POINT",
            (
                _code("nodeid", "manholeid", "mhid", "juncid", "井号", "检查井编号", "窨井编号"),
                Field("component_code", Kind.CODE, ("objid", "部件编码", "部件代码")),
                Field("junction_type", Kind.INTEGER, ("junctype", "检查井类型")),
                Field("junction_style", Kind.INTEGER, ("juncstyle", "检查井形式")),
                _elevation(
                    "ground_elevation_m",
                    "surfaceele",
                    "groundelev",
                    "groundelevation",
                    "elevation",
                    "地面标高",
                    "地面高程",
                ),
                _elevation(
                    "cover_elevation_m",
                    "rimelevm",
                    "rimelev",
                    "rimelevation",
                    "coverlevel",
                    "rim",
                    "井盖标高",
                    "井口标高",
                    "井盖高程",
                ),
                _elevation(
                    "invert_elevation_m", "bottomelevm", "bottomelev", "invertelev", "invert", "井底标高", "井底高程"
                ),
                Field("depth_m", Kind.NUMBER, ("depth", "井深"), unit="m", no_value=NO_ELEVATION),
                Field("cover_material", Kind.TEXT, ("covermaterial", "井盖材质")),
                Field("cover_load_class", Kind.CODE, ("loadclass", "荷载等级", "承载等级")),
                Field("has_fall_net", Kind.BOOLEAN, ("fallnet", "防坠网")),
                _GRID,
                *_SEWER,
            ),
        ),
        Table(
            "pipe",
            "code",
            "LINESTRING",
            (
                _code("pipeid", "conduitid", "mainid", "管段编号", "管道编号", "管线编号"),
                Field(
                    "from_manhole",
                    Kind.CODE,
                    (
                        "injuncid",
                        "frommh",
                        "upstreammh",
                        "upnode",
                        "usmh",
                        "fromnode",
                        "起点井号",
                        "起点编号",
                        "上游井号",
                    ),
                ),
                Field(
                    "to_manhole",
                    Kind.CODE,
                    (
                        "outjuncid",
                        "tomh",
                        "downstreammh",
                        "dnnode",
                        "dsmh",
                        "tonode",
                        "终点井号",
                        "终点编号",
                        "下游井号",
                    ),
                ),
                _elevation(
                    "in_elevation_m",
                    "inelev",
                    "upstreaminvert",
                    "upelev",
                    "invupelv",
                    "fromelevm",
                    "fromelev",
                    "suinvup",
                    "invertus",
                    "usinvert",
                    "upinvert",
                    "起点管底标高",
                    "起点管内底标高",
                    "上游管底标高",
                ),
                _elevation(
                    "out_elevation_m",
                    "outelev",
                    "downstreaminvert",
                    "dnelev",
                    "downelev",
                    "invdnelv",
                    "toelevm",
                    "toelev",
                    "suinvdn",
                    "invertds",
                    "dsinvert",
                    "downinvert",
                    "终点管底标高",
                    "终点管内底标高",
                    "下游管底标高",
                ),
                Field(
                    "shape",
                    Kind.CHOICE,
                    ("shapetype", "crosssectionshape", "断面形式", "管道形状", "断面形状"),
                    words=SHAPE_WORDS,
                ),
                _size(
                    "diameter_mm",
                    "管径mm",
                    "管径",
                    "diameter",
                    "pipediam",
                    "diam",
                    "pipesize",
                    "insidediameter",
                    "nominaldiameter",
                    "dn",
                    "断面尺寸",
                    "shapedata1",
                ),
                _size("width_mm", "断面宽", "管宽"),
                _size("height_mm", "断面高", "管高"),
                Field("material", Kind.TEXT, ("材质", "管材", "管道材质", "pipematerial", "mat")),
                Field("roughness", Kind.NUMBER, ("manning", "manningsn", "糙率", "粗糙系数"), no_value=(0.0,)),
                *_SEWER,
            ),
        ),
        Table(
            "component",
            "code",
            "GEOMETRY",
            (
                _code("objid", "objcode", "部件编码", "部件代码"),
                Field("class_id", Kind.LOOKUP, ("classcode", "class", "小类代码", "小类", "部件小类"), lookup="class"),
                Field("name", Kind.TEXT, (*_NAME, "部件名称")),
                _OWNED,
                Field(
                    "competent_id",
                    Kind.LOOKUP,
                    ("competent", "deptcode1", "deptname1", "主管部门", "主管部门代码"),
                    lookup="department",
                ),
                Field(
                    "maintainer_id",
                    Kind.LOOKUP,
                    ("maintainer", "deptcode3", "deptname3", "养护单位", "养护单位代码"),
                    lookup="department",
                ),
                _GRID,
                _ZONE,
                Field("accuracy", Kind.CODE, ("positionaccuracy", "定位精度", "精度")),
                _STATE,
                Field("initial_date", Kind.DATE, ("ordate", "初始时间", "初始日期")),
                Field("change_date", Kind.DATE, ("chdate", "变更时间", "变更日期")),
                _SOURCE,
                Field("note", Kind.TEXT, ("memo", "备注", "remark")),
            ),
            derived=("class_id", "name", "unit_grid", "zone_id"),
        ),
    )
}

# Columns of a text file that hold the geometry: well-known text, or coordinates of a point, or of both ends of a line.
COORDINATES = {
    "wkt": ("wkt", "geom", "geometry", "thegeom", "shape", "wktgeom", "几何"),
    "x": ("x", "lon", "lng", "long", "longitude", "easting", "east", "经度", "东坐标", "x坐标"),
    "y": ("y", "lat", "latitude", "northing", "north", "纬度", "北坐标", "y坐标"),
    "x1": ("x1", "startx", "fromx", "lon1", "起点x", "起点x坐标", "起点经度"),
    "y1": ("y1", "starty", "fromy", "lat1", "起点y", "起点y坐标", "起点纬度"),
    "x2": ("x2", "endx", "tox", "lon2", "终点x", "终点x坐标", "终点经度"),
    "y2": ("y2", "endy", "toy", "lat2", "终点y", "终点y坐标", "终点纬度"),
}
