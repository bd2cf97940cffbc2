"""The layers that there are, as data: what features, tiles and collections are made from.

Each room describes its own layers; whoever composes the server puts them together. SQL in here is written by
programmers, never by callers: what callers say travels as parameters only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Geometry = Literal["point", "polygon"]
Kind = Literal["string", "integer", "number", "boolean", "date", "date-time"]

READ_LAYERS = "layers.read"


@dataclass(frozen=True, slots=True)
class Property:
    """Something a layer says of each feature. `column` is SQL over the table, named `t`; `tiled`: in tiles, too.

    `kept_back`: only the keeper of the machine exports it, since no answer over HTTP has it.
    """

    name: str
    kind: Kind = "string"
    column: str = ""
    tiled: bool = False
    kept_back: bool = False

    @property
    def sql(self) -> str:
        return self.column or f"t.{self.name}"


@dataclass(frozen=True, slots=True)
class Layer:
    """A table of features with a bigint `id`, a geometry in WGS-84, and a division path that guards its rows.

    `period` names the columns of first and last day (or of the one moment) that `datetime` is held against. `levels`
    says that it is divisions, and of which levels: none means all. `min_zoom` is where tiles begin to hold it.
    `exported` are the columns of its exports, under the names that imports know; without any it is not exported.
    """

    code: str
    title: str
    geometry: Geometry
    table: str
    properties: tuple[Property, ...]
    geom: str = "t.geom"
    period: tuple[str, ...] = ()
    levels: tuple[str, ...] | None = None
    min_zoom: int = 0
    permission: str = READ_LAYERS
    listed: bool = True
    exported: tuple[Property, ...] = ()

    @property
    def tiled(self) -> bool:
        return any(p.tiled for p in self.properties)

    def property_named(self, name: str) -> Property | None:
        return next((p for p in self.properties if p.name == name), None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Layers by code, in the order in which they are listed."""

    layers: tuple[Layer, ...]
    _by_code: dict[str, Layer] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self._by_code.update({layer.code: layer for layer in self.layers})

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def get(self, code: str) -> Layer | None:
        return self._by_code.get(code)

    def with_more(self, layers: Iterable[Layer]) -> "Catalogue":
        return Catalogue((*self.layers, *layers))


_PREMISES = (
    "(SELECT c.premises FROM exposure_counts c WHERE c.division_code = t.code ORDER BY c.counted_on DESC LIMIT 1)"
)
_DIVISION = (
    Property("code", tiled=True),
    Property("name", tiled=True),
    Property("level", tiled=True),
    Property("parent", column="t.parent_code", tiled=True),
    Property("valid_from", "date"),
    Property("valid_to", "date"),
    Property("area_m2", "number"),
    Property("households", "integer"),
    Property("premises", "integer", column=_PREMISES),
    Property("enterprises", "integer"),
    Property("generated", "boolean"),
    Property("source"),
)
_LINES = (
    Property("code"),
    Property("name"),
    Property("name_en", column="t.properties ->> 'name_en'"),
    Property("parent", column="t.parent_code"),
    Property("level"),
    Property("valid_from", "date"),
    Property("households", "integer"),
    Property("enterprises", "integer"),
)
_PERIOD = ("t.valid_from", "t.valid_to")
LEAF = "subpath(t.division_path, -1)::text"
"""The code of the division that a row belongs to."""
RANK = Property("rank", "integer", column="nlevel(t.division_path) - 1", tiled=True)
"""Depth of the division that a feature is, or belongs to: 0 for the root, one more per level."""


def divisions(code: str, *, title: str, levels: tuple[str, ...] = ()) -> Layer:
    """A layer of divisions of these levels, of all where none is named."""
    return Layer(code, title, "polygon", "divisions t", _DIVISION, period=_PERIOD, levels=levels, exported=_LINES)


LABELS = Layer(
    code="divisions_label",
    title="Division names 区划名称",
    geometry="point",
    table="divisions t",
    geom="t.label_point",
    properties=(
        Property("code", tiled=True),
        Property("name", tiled=True),
        Property("level", tiled=True),
        RANK,
    ),
    period=_PERIOD,
    levels=(),
    listed=False,
)

CAMERAS = Layer(
    code="cameras",
    title="Cameras 视频点位",
    geometry="point",
    table="cameras t",
    properties=(
        Property("code", tiled=True),
        Property("name", tiled=True),
        Property("owner", tiled=True),
        Property("heading", "number", tiled=True),
        Property("fov", "number", column="t.fov_deg", tiled=True),
        Property("range", "number", column="t.range_m", tiled=True),
        Property("level", "integer", tiled=True),
        Property("ptz", "boolean", tiled=True),
        Property("online", "boolean", tiled=True),
    ),
    min_zoom=12,
    exported=(
        Property("code"),
        Property("name"),
        Property("owner"),
        Property("heading", "number"),
        Property("fov_deg", "number"),
        Property("range_m", "number"),
        Property("level", "integer"),
        Property("ptz", "boolean"),
        Property("online", "boolean"),
        Property("division", column=LEAF),
    ),
)

KEY_AREAS = Layer(
    code="key_areas",
    title="Key areas 重点区域",
    geometry="polygon",
    table="key_areas t",
    properties=(
        Property("code", tiled=True),
        Property("name", tiled=True),
        Property("kind", tiled=True),
    ),
    exported=(
        Property("code"),
        Property("kind"),
        Property("name"),
        Property("division", column=LEAF),
    ),
)

PLACES = Layer(
    code="places",
    title="Centres and stations 中心与站点",
    geometry="point",
    table="places t",
    properties=(
        Property("code", tiled=True),
        Property("name", tiled=True),
        Property("kind", tiled=True),
        RANK,
    ),
    min_zoom=9,
    exported=(
        Property("code"),
        Property("kind"),
        Property("name"),
        Property("name_en", column="t.properties ->> 'name_en'"),
        Property("division", column=LEAF),
    ),
)

OWN = Catalogue(
    (
        divisions("divisions", title="Divisions 行政区划"),
        divisions("grids", title="Grids 网格", levels=("grid",)),
        divisions("micro_grids", title="Micro-grids 微网格", levels=("micro_grid",)),
        LABELS,
        CAMERAS,
        KEY_AREAS,
        PLACES,
    )
)
"""The layers of this room."""
