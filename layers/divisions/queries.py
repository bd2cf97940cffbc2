"""Read divisions as they are on a day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import orjson
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, cast, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.coverage.owners import SLIT_DEGREES
from geo.store import SRID, Ltree
from layers.divisions.tables import Division

KIND = "kind"
"""Property of a division that is a grid of its own kind 专属网格."""
Bbox = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


@dataclass(frozen=True, slots=True)
class NamedDivision:
    """A division without its boundary: code, name and where to put the label."""

    code: str
    name: str
    level: str
    parent: str | None
    path: str
    lon: float
    lat: float
    households: int | None


@dataclass(frozen=True, slots=True)
class Located:
    """Result of `locate`: the path of the smallest division at a point, and the code at each level above it."""

    path: str
    codes: dict[str, str]


class StoredLine(NamedTuple):
    """A division with its boundary, in degrees."""

    code: str
    name: str
    level: str
    parent: str | None
    shape: BaseGeometry
    households: int | None
    enterprises: int | None
    kind: str | None = None


_LOCATE = text(
    """
    WITH point AS MATERIALIZED (
        SELECT i, day, ST_SetSRID(ST_Point(lon, lat), 4326) AS geom
        FROM json_to_recordset(CAST(:points AS json)) AS given (i integer, lon float8, lat float8, day date)
    )
    SELECT point.i, d.division_path::text AS path, d.level, d.code
    FROM point JOIN divisions d ON d.geom && point.geom AND ST_Intersects(d.geom, point.geom)
    WHERE d.valid_from <= point.day AND (d.valid_to IS NULL OR d.valid_to > point.day)
    """
)
"""Points are built in a CTE of their own: row-level security keeps expressions that might leak, such as ST_Point, out
of the index scan, and every point would be compared with every division.
"""


_LOCATE_NEAR = text(
    """
    WITH point AS MATERIALIZED (
        SELECT i, day, ST_SetSRID(ST_Point(lon, lat), 4326) AS geom,
            ST_MakeEnvelope(lon - :slit, lat - :slit, lon + :slit, lat + :slit, 4326) AS around
        FROM json_to_recordset(CAST(:points AS json)) AS given (i integer, lon float8, lat float8, day date)
    )
    SELECT point.i, d.division_path::text AS path, d.level, d.code
    FROM point JOIN divisions d ON d.geom && point.around AND ST_DWithin(d.geom, point.geom, :slit)
    WHERE d.valid_from <= point.day AND (d.valid_to IS NULL OR d.valid_to > point.day)
    ORDER BY point.i, nlevel(d.division_path), ST_Distance(d.geom, point.geom), d.division_path
    """
)
DEEPEST = 4
"""Separators in the path of a micro-grid, the lowest level: nothing lies below it."""
MANY = 50
"""Points from which on the deepest division among theirs tells whether some lack one: asking for all takes as long
again."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Divisions that those of a level must fit into and contain, by code.

    `outlines` are those of the levels above, `ending` the last day of those of them that will end, `below` the
    divisions of lower levels by their parent's code, `elsewhere` the level of every code in use at another one.
    """

    outlines: dict[str, BaseGeometry]
    ending: dict[str, date]
    below: dict[str, dict[str, BaseGeometry]]
    elsewhere: dict[str, str]


def surroundings_of(standing: Sequence[Division], *, level: str, above: Collection[str], day: date) -> Surroundings:
    """Collect what surrounds divisions of `level` that begin on `day`, now or later. `standing`: see `from_day_on`."""
    below: dict[str, dict[str, BaseGeometry]] = defaultdict(dict)
    for row in standing:
        if row.level not in above and row.level != level and row.parent_code:
            of_parent, line = below[row.parent_code], to_shape(row.geom)
            of_parent[row.code] = shapely.union(line, of_parent[row.code]) if row.code in of_parent else line
    parents = [row for row in standing if row.level in above and row.valid_from <= day]
    return Surroundings(
        outlines={row.code: to_shape(row.geom) for row in parents},
        ending={row.code: row.valid_to for row in parents if row.valid_to is not None},
        below=dict(below),
        elsewhere={row.code: row.level for row in standing if row.level != level},
    )


def on_day(day: date) -> ColumnElement[bool]:
    """Clause: in force on a day."""
    return (Division.valid_from <= day) & or_(Division.valid_to.is_(None), Division.valid_to > day)


def at_path(path: str) -> ColumnElement[bool]:
    """Clause: the versions of one division. Includes its code, since row-level security keeps comparisons of paths for
    equality out of the index, and all divisions would be read.
    """
    return (Division.code == path.rpartition(".")[2]) & (Division.division_path == path)


async def holds_level(session: AsyncSession, path: str, *, level: str) -> bool:
    """Whether the division at `path` is of this level, or has divisions of it within, on any day."""
    within = Division.division_path.op("<@")(cast(path, Ltree))
    return bool(await session.scalar(select(exists().where(Division.level == level, within))))


def from_day_on(day: date) -> ColumnElement[bool]:
    """Clause: in force on a day or on any later one."""
    return or_(Division.valid_to.is_(None), Division.valid_to > day)


async def locate(
    session: AsyncSession, points: Sequence[tuple[float, float]], *, days: Sequence[date]
) -> list[Located | None]:
    """Return for each (lon, lat) on its day where it lies within the session's reach, or None.

    A point on a border between two divisions belongs to the one whose path comes first. A point in a slit between
    divisions, or beside all, belongs to the nearest one if that is at most `SLIT_DEGREES` away.
    """
    given = [
        {"i": i, "lon": lon, "lat": lat, "day": day}
        for i, ((lon, lat), day) in enumerate(zip(points, days, strict=True))
    ]
    found: list[dict[str, tuple[str, str]]] = [{} for _ in points]
    for i, path, level, code in await session.execute(_LOCATE, {"points": orjson.dumps(given).decode()}):
        found[i][path] = level, code
    depths = [max((path.count(".") for path in around), default=-1) for around in found]
    deepest = max([*depths, 0]) if len(points) >= MANY else DEEPEST
    bare = [given[i] for i, depth in enumerate(depths) if depth < deepest]
    if bare:
        near = {"points": orjson.dumps(bare).decode(), "slit": SLIT_DEGREES}
        for i, path, level, code in await session.execute(_LOCATE_NEAR, near):
            add_near(found[i], path, level=level, code=code)
    return [located_among(around) for around in found]


def add_near(around: dict[str, tuple[str, str]], path: str, *, level: str, code: str) -> None:
    """Add a division beside a point to those around it, if it lies below or above each of them.

    Divisions come by depth, at each the nearest first and then by path: of neighbours, the first one is added.
    """
    if all(_lies_in(path, other) or _lies_in(other, path) for other in around):
        around[path] = level, code


def located_among(around: dict[str, tuple[str, str]]) -> Located | None:
    """Choose the longest chain of divisions, each within the one before, among those around a point.

    A grid that was redrawn may leave a micro-grid that reaches beyond it: outside its own grid that one does not count.
    """
    if not around:
        return None
    nested = sorted(around, key=len)
    if all(map(_lies_in, nested[1:], nested)):
        return Located(path=nested[-1], codes=dict(around.values()))
    chains = {path: [above for above in around if path == above or path.startswith(f"{above}.")] for path in around}
    path = min(chains, key=lambda path: (-len(chains[path]), path.count("."), path))
    return Located(path=path, codes=dict(around[above] for above in chains[path]))


def _lies_in(path: str, above: str) -> bool:
    return path.startswith(f"{above}.")


async def list_named(session: AsyncSession, *, day: date, levels: Iterable[str] = ()) -> list[NamedDivision]:
    """List codes and names by path, of all levels unless `levels` are given."""
    label = Division.label_point
    wanted = select(
        Division.code,
        Division.name,
        Division.level,
        Division.parent_code,
        Division.division_path,
        func.ST_X(label),
        func.ST_Y(label),
        Division.households,
    ).where(on_day(day))
    if chosen := list(levels):
        wanted = wanted.where(Division.level.in_(chosen))
    rows = await session.execute(wanted.order_by(Division.division_path))
    return [NamedDivision(*row) for row in rows]


async def read_lines(session: AsyncSession, path: str, *, day: date) -> list[StoredLine]:
    """Read a division and all below it as they are on a day, by path."""
    within = Division.division_path.op("<@")(cast(path, Ltree))
    wanted = select(
        Division.code,
        Division.name,
        Division.level,
        Division.parent_code,
        func.ST_AsBinary(Division.geom),
        Division.households,
        Division.enterprises,
        Division.properties[KIND].astext,
    ).where(within, on_day(day))
    rows = (await session.execute(wanted.order_by(Division.division_path))).all()
    shapes = shapely.from_wkb([bytes(row[4]) for row in rows]).tolist()
    return [
        StoredLine(code, name, level, parent, shape, households, enterprises, kind)
        for (code, name, level, parent, _, households, enterprises, kind), shape in zip(rows, shapes, strict=True)
    ]


async def find_by_code(session: AsyncSession, code: str, *, day: date) -> Division | None:
    return (await session.scalars(select(Division).where(Division.code == code, on_day(day)))).one_or_none()


async def find_by_path(session: AsyncSession, path: str, *, day: date) -> Division | None:
    return (await session.scalars(select(Division).where(at_path(path), on_day(day)))).one_or_none()


async def find_outline(session: AsyncSession, path: str, *, day: date) -> BaseGeometry | None:
    """Return the outline of a division, in degrees."""
    geom = await session.scalar(select(Division.geom).where(at_path(path), on_day(day)))
    return None if geom is None else to_shape(geom)


async def find_outlines(
    session: AsyncSession, box: Bbox, *, level: str, day: date
) -> list[tuple[str, str, BaseGeometry]]:
    """Return code, name and outline, in degrees, of the divisions of a level that a box touches."""
    touched = Division.geom.op("&&")(func.ST_MakeEnvelope(*box, SRID))
    wanted = select(Division.code, Division.name, Division.geom).where(Division.level == level, on_day(day), touched)
    rows = await session.execute(wanted.order_by(Division.division_path))
    return [(code, name, to_shape(geom)) for code, name, geom in rows]


async def names_along(session: AsyncSession, path: str, *, day: date) -> list[str]:
    """Return the names of the divisions along a path, the largest first."""
    along = Division.division_path.op("@>")(cast(path, Ltree))
    wanted = select(Division.name).where(along, on_day(day)).order_by(func.nlevel(Division.division_path))
    return list(await session.scalars(wanted))


async def boundary_day(session: AsyncSession, path: str, day: date) -> date:
    """Return the day whose boundaries a day has: days before a division's first one count as that first day."""
    first = await session.scalar(select(func.min(Division.valid_from)).where(at_path(path)))
    return max(day, first) if first else day


async def find_bbox(session: AsyncSession, path: str, *, day: date) -> Bbox | None:
    """Return the bounding box of a division."""
    outline = await find_outline(session, path, day=day)
    if outline is None:
        return None
    west, south, east, north = outline.bounds
    return west, south, east, north


async def boundaries_version(session: AsyncSession, *, day: date) -> str:
    """Return a version of the boundaries in force on a day within reach: it changes whenever one of them does."""
    begun, ended = Division.valid_from <= day, Division.valid_to <= day
    counted = select(func.max(Division.id).filter(begun), func.count().filter(begun), func.count().filter(ended))
    last, first_days, last_days = (await session.execute(counted)).one()
    return f"{last or 0}-{first_days}-{last_days}"


async def boundaries_change(session: AsyncSession, *, after: date, until: date) -> bool:
    """Return whether a boundary begins or ends on a day after `after`, up to `until`."""
    change = or_(*((after < column) & (column <= until) for column in (Division.valid_from, Division.valid_to)))
    return bool(await session.scalar(select(exists().where(change))))
