"""Vector tiles (MVT) in WebMercatorQuad, made by PostGIS inside the reader's own transaction.

The only generalisation is the tile's grid of 4096. Neighbours share vertices, and equal vertices snap equally; a
simplifier that does not know the neighbours would open gaps between them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from hashlib import blake2b
from math import asinh, atan, cos, degrees, log2, pi, radians, sinh, sqrt, tan
from typing import Any, ClassVar

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.errors import ErrorKind, MaplebridgeError
from layers.catalogue import Layer
from layers.divisions.queries import Bbox

EXTENT = 4096
EDGE = 64
"""Buffer of polygons beyond the tile, in units of the extent, so that their cut edges stay out of sight."""

DEEPEST_ZOOM = 22
LARGEST = 500_000
METRES_PER_PIXEL = 78_271.517
"""At the equator and zoom 0, for tiles drawn 512 pixels wide."""

WIDE_ENOUGH = 64
LATEST_BEGIN = 14


class NoSuchTile(MaplebridgeError):
    """The tiling has no such zoom, row or column."""

    code: ClassVar[str] = "tile.unknown"
    kind = ErrorKind.NOT_FOUND


class Scheme(StrEnum):
    """Tiling schemes: square tiles of Web Mercator, or of degrees, of which zoom 0 has two side by side."""

    WEB_MERCATOR = "WebMercatorQuad"
    DEGREES = "WorldCRS84Quad"

    def columns(self, z: int) -> int:
        """Return the number of columns at a zoom."""
        return 1 << (z if self is Scheme.WEB_MERCATOR else z + 1)

    def zoom_of(self, zoom: int) -> int:
        """Return the zoom whose tiles are as wide as Web Mercator's, or the lowest."""
        return zoom if self is Scheme.WEB_MERCATOR else max(zoom - 1, 0)


@dataclass(frozen=True, slots=True)
class Tile:
    """Zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int
    scheme: Scheme = Scheme.WEB_MERCATOR

    def __post_init__(self) -> None:
        if not (0 <= self.z <= DEEPEST_ZOOM and 0 <= self.x < self.scheme.columns(self.z) and 0 <= self.y < 2**self.z):
            raise NoSuchTile

    def bounds(self, *, edge: float = 0) -> Bbox:
        """Return the tile's bounds in degrees, with an edge round it in tile widths, clipped to the globe."""
        width = 360 / self.scheme.columns(self.z)
        west, east = (x * width - 180 for x in (self.x - edge, self.x + 1 + edge))
        south, north = (self._latitude(y) for y in (self.y + 1 + edge, self.y - edge))
        return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)

    def _latitude(self, row: float) -> float:
        share = row / 2.0**self.z
        if self.scheme is Scheme.DEGREES:
            return 90 - 180 * share
        return min(max(degrees(atan(sinh(pi * (1 - 2 * share)))), -89.0), 89.0)


def tile_at(lon: float, lat: float, *, z: int, scheme: Scheme) -> Tile:
    """Return the tile that holds a point, the nearest one for a point beyond the scheme's bounds."""
    if scheme is Scheme.DEGREES:
        share = (90 - lat) / 180
    else:
        share = (1 - asinh(tan(radians(min(max(lat, -89.0), 89.0)))) / pi) / 2
    columns, rows = scheme.columns(z), 2**z
    x, y = int((lon + 180) / 360 * columns), int(share * rows)
    return Tile(z, min(max(x, 0), columns - 1), min(max(y, 0), rows - 1), scheme)


@dataclass(frozen=True, slots=True)
class LevelZoom:
    """Lowest zoom at which a level of divisions is drawn. `rank` is 0 for the root.

    `apparent` is the zoom at which its divisions are large enough to distinguish, whether or not they are drawn
    earlier.
    """

    level: str
    rank: int
    zoom: int
    apparent: float


_SIZES = text(
    """
    SELECT t.level, min(nlevel(t.division_path)) - 1 AS rank, avg(t.area_m2) AS area, avg(ST_Y(t.label_point)) AS lat
    FROM divisions t
    WHERE t.valid_from <= :day AND (t.valid_to IS NULL OR t.valid_to > :day)
    GROUP BY t.level
    ORDER BY rank
    """
)


def legible_zoom(*, area_m2: float, lat: float) -> float:
    """Return the zoom at which polygons of an average area are 64 pixels across, 0 at least."""
    if area_m2 <= 0:
        return 0.0
    across = sqrt(area_m2) / (METRES_PER_PIXEL * cos(radians(lat)))
    return max(log2(WIDE_ENOUGH / across), 0.0)


def first_zoom(*, rank: int, apparent: float) -> int:
    """Return the zoom at which tiles begin to hold a level; 0 for the root and the level below."""
    return 0 if rank <= 1 else min(round(apparent), LATEST_BEGIN)


async def read_level_zooms(session: AsyncSession, *, day: date) -> tuple[LevelZoom, ...]:
    """List every level within reach, from the root down."""
    rows = await session.execute(_SIZES, {"day": day})
    sized = [(row, legible_zoom(area_m2=row.area, lat=row.lat)) for row in rows]
    return tuple(LevelZoom(row.level, row.rank, first_zoom(rank=row.rank, apparent=at), at) for row, at in sized)


@dataclass(slots=True)
class LevelZooms:
    """Cache of `read_level_zooms` by reader's division, kept for a minute: the averages need not be read for every
    tile.
    """

    keep: timedelta = timedelta(minutes=1)
    _kept: dict[tuple[str, date], tuple[datetime, tuple[LevelZoom, ...]]] = field(default_factory=dict)

    async def get(self, session: AsyncSession, scope: str, *, day: date, now: datetime) -> tuple[LevelZoom, ...]:
        found = self._kept.get((scope, day))
        if found is not None and abs(now - found[0]) < self.keep:
            return found[1]
        self._kept = {key: value for key, value in self._kept.items() if abs(now - value[0]) < self.keep}
        zooms = await read_level_zooms(session, day=day)
        self._kept[scope, day] = (now, zooms)
        return zooms


async def read_tile(
    session: AsyncSession, tile: Tile, layers: Sequence[Layer], *, zooms: Iterable[LevelZoom], day: date
) -> bytes:
    """Render one tile with a source layer for each of `layers`, as the session may see them on `day`.

    Above 500 kB the deepest levels are left out, one after the other, so that the tile stays small enough to load fast.
    """
    starts = tile.scheme.zoom_of
    drawn = [layer for layer in layers if tile.z >= starts(layer.min_zoom)]
    levels = [zoom.level for zoom in sorted(zooms, key=lambda zoom: zoom.rank) if tile.z >= starts(zoom.zoom)]
    body = await _render(session, tile, drawn, levels=levels, day=day)
    while len(body) > LARGEST and len(levels) > 1:
        levels.pop()
        body = await _render(session, tile, drawn, levels=levels, day=day)
    return body


async def _render(session: AsyncSession, tile: Tile, layers: Sequence[Layer], *, levels: list[str], day: date) -> bytes:
    if not layers:
        return b""
    west, south, east, north = tile.bounds(edge=EDGE / EXTENT)
    where: dict[str, Any] = {"west": west, "south": south, "east": east, "north": north, "levels": levels, "day": day}
    if tile.scheme is Scheme.DEGREES:
        where |= dict(zip(("left", "bottom", "right", "top"), tile.bounds(), strict=True))
    else:
        where |= {"z": tile.z, "x": tile.x, "y": tile.y}
    made = await session.scalar(_statement(tuple(layers), tile.scheme), where)
    return bytes(made or b"")


PROJECTED = {
    Scheme.WEB_MERCATOR: "ST_Transform({}, 3857), ST_TileEnvelope(:z, :x, :y)",
    Scheme.DEGREES: "{}, ST_MakeEnvelope(:left, :bottom, :right, :top, 4326)",
}
"""A geometry in the scheme's coordinates, and the tile's bounds in them."""


@cache
def _statement(layers: tuple[Layer, ...], scheme: Scheme) -> TextClause:
    """Query all layers of a tile in one round trip: in protobuf, layers are simply concatenated."""
    return text("SELECT " + " || ".join(f"coalesce(({_layer_sql(layer, scheme)}), '')" for layer in layers))


def _layer_sql(layer: Layer, scheme: Scheme) -> str:
    """Build the query of a layer from the catalogue only; no text of a caller is in it.

    ST_AsMVT skips what falls outside the tile; a condition here would clip every polygon a second time.
    """
    columns = "".join(f", {p.sql} AS {p.name}" for p in layer.properties if p.tiled)
    edge = EDGE if layer.geometry == "polygon" else 0
    return f"""
        SELECT ST_AsMVT(f, '{layer.code}', {EXTENT}, 'shape', 'id') FROM (
            SELECT t.id{columns}, ST_AsMVTGeom({PROJECTED[scheme].format(layer.geom)}, {EXTENT}, {edge}) AS shape
            FROM {layer.table}
            WHERE {layer.geom} && ST_MakeEnvelope(:west, :south, :east, :north, 4326){_conditions(layer)}
        ) f"""  # noqa: S608


def _conditions(layer: Layer) -> str:
    sql = ""
    if layer.levels is not None:
        sql += " AND t.level = ANY(CAST(:levels AS text[]))"
    if layer.levels:
        sql += " AND t.level IN (" + ", ".join(f"'{level}'" for level in layer.levels) + ")"
    if layer.period:
        first, last = layer.period
        sql += f" AND {first} <= :day AND ({last} IS NULL OR {last} > :day)"
    return sql


def etag_of(body: bytes) -> str:
    """Return the tile's digest as an ETag: it changes exactly when the tile does."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'
