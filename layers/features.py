"""Features of a layer as GeoJSON, page by page, after OGC API Features. PostgreSQL writes the JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.errors import ErrorKind, MaplebridgeError
from layers.catalogue import Layer, Property
from layers.divisions.queries import Bbox

LONGEST_INTEGER = 18
DIGITS = 7
"""Decimals of a degree: about a centimetre."""

_BOX = "ST_Envelope(ST_SetSRID(ST_MakeLine(ST_Point(:west, :south), ST_Point(:east, :north)), 4326))"
"""A box that may also be a line or a point, which a polygon without an inside would never meet."""

_CASTS = {
    "string": "text",
    "integer": "bigint",
    "number": "float8",
    "boolean": "boolean",
    "date": "date",
    "date-time": "timestamptz",
}


class BadFilter(MaplebridgeError):
    """A parameter that is unknown, or whose value is of the wrong kind. `params`: `parameter`."""

    code: ClassVar[str] = "ogc.parameter"
    kind = ErrorKind.UNREADABLE


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed span of time; an open side is None."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which features: in a box, within an interval, with these properties, beyond an id, and at most so many."""

    limit: int
    after: int = 0
    bbox: Bbox | None = None
    interval: Interval | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """Features as JSON, how many there are altogether, and the id to continue beyond, None on the last page."""

    features: list[orjson.Fragment]
    matched: int
    next: int | None


def value_of(prop: Property, given: str) -> Any:
    """A filter's value in the property's own kind. Raises `BadFilter`."""
    try:
        return _VALUES[prop.kind](given)
    except (ValueError, KeyError) as error:
        raise BadFilter(parameter=prop.name) from error


def _integer(given: str) -> int:
    """A whole number that the store can hold and compare with."""
    if len(given) > LONGEST_INTEGER:
        raise ValueError(given)
    return int(given)


def _boolean(given: str) -> bool:
    return {"true": True, "false": False}[given.lower()]


_VALUES: Mapping[str, Any] = {
    "string": str,
    "integer": _integer,
    "number": float,
    "boolean": _boolean,
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
}


async def read_page(session: AsyncSession, layer: Layer, wanted: Wanted, *, day: date) -> FeaturePage:
    """One page of what the session may see. Dated things are those in force on `day` unless an interval is named."""
    where, values = _conditions(layer, wanted, day=day)
    matched = await session.scalar(text(f"SELECT count(*) FROM {layer.table} WHERE {where}"), values)  # noqa: S608
    rows = (await session.execute(text(_page_sql(layer, where)), {**values, "more": wanted.limit + 1})).all()
    page = rows[: wanted.limit]
    return FeaturePage(
        features=[orjson.Fragment(row.feature) for row in page],
        matched=matched or 0,
        next=page[-1].id if len(rows) > wanted.limit else None,
    )


async def read_feature(session: AsyncSession, layer: Layer, feature_id: int) -> orjson.Fragment | None:
    """One feature within reach, of whatever day."""
    where = " AND ".join(["t.id = :id", *_levels(layer)])
    sql = f"SELECT {_feature_sql(layer)} AS feature FROM {layer.table} WHERE {where}"  # noqa: S608
    found = await session.scalar(text(sql), {"id": feature_id})
    return None if found is None else orjson.Fragment(found)


def _page_sql(layer: Layer, where: str) -> str:
    """Keyset paging: rows that come or go meanwhile are neither shown twice nor push others out."""
    return f"""
        SELECT t.id, {_feature_sql(layer)} AS feature FROM {layer.table}
        WHERE {where} AND t.id > :after ORDER BY t.id LIMIT :more"""  # noqa: S608


def _feature_sql(layer: Layer) -> str:
    said = ", ".join(f"'{p.name}', {p.sql}" for p in layer.properties)
    return f"""json_build_object('type', 'Feature', 'id', t.id,
        'geometry', ST_AsGeoJSON({layer.geom}, {DIGITS})::json, 'properties', json_build_object({said}))::text"""


def _conditions(layer: Layer, wanted: Wanted, *, day: date) -> tuple[str, dict[str, Any]]:
    words = ["true", *_levels(layer)]
    values: dict[str, Any] = {"after": wanted.after}
    if wanted.bbox is not None:
        words.append(f"{layer.geom} && {_BOX} AND ST_Intersects({layer.geom}, {_BOX})")
        values.update(zip(("west", "south", "east", "north"), wanted.bbox, strict=True))
    for i, (name, value) in enumerate(wanted.filters.items()):
        prop = layer.property_named(name)
        assert prop is not None
        words.append(f"{prop.sql} = CAST(:filter_{i} AS {_CASTS[prop.kind]})")
        values[f"filter_{i}"] = value
    words += _when(layer, wanted.interval, day=day, values=values)
    return " AND ".join(words), values


def _levels(layer: Layer) -> list[str]:
    return ["t.level IN ({})".format(", ".join(f"'{level}'" for level in layer.levels))] if layer.levels else []


def _when(layer: Layer, interval: Interval | None, *, day: date, values: dict[str, Any]) -> list[str]:
    """Things with a first and last day: those in force at any moment of the interval. With one moment: within it."""
    if not layer.period:
        return []
    is_dated = len(layer.period) == 2
    if interval is None:
        if not is_dated:
            return []
        start: date | None = day
        end: date | None = day
    else:
        start, end = interval.start, interval.end
        if is_dated:
            start, end = start and _day(start), end and _day(end)
    first, last = layer.period[0], layer.period[-1]
    words = []
    if end is not None:
        words.append(f"{first} <= :until")
        values["until"] = end
    if start is not None:
        words.append(f"({last} IS NULL OR {last} > :since)" if is_dated else f"{first} >= :since")
        values["since"] = start
    return words


def _day(moment: datetime) -> date:
    return moment.date()
