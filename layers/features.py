"""Features of a layer as GeoJSON, page by page, after OGC API Features. PostgreSQL writes the JSON."""

import re
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
    """A parameter that is unknown, repeated or empty, or whose value is wrong.

    `params`: `parameter`, and the same as a list of `errors` like that of other refusals.
    """

    code: ClassVar[str] = "ogc.parameter"
    kind = ErrorKind.UNREADABLE

    def __init__(self, *, parameter: str, fault: str = "format") -> None:
        super().__init__(parameter=parameter, errors=[{"field": parameter, "code": fault}])


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time from `start` up to, but without, `end`; an open side is None. Equal ends are one instant.

    `first_day` and `last_day` are the county's local days that it touches.
    """

    start: datetime | None
    end: datetime | None
    first_day: date | None
    last_day: date | None


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
    """Features as JSON, how many there are altogether, and the ids beyond which the pages after and before begin.

    `next` is None on the last page, `previous` on the first.
    """

    features: list[orjson.Fragment]
    matched: int
    next: int | None
    previous: int | None = None


def value_of(prop: Property, given: str) -> Any:
    """Parse a filter's value as the property's kind. Raises `BadFilter`."""
    try:
        return _VALUES[prop.kind](given)
    except (ValueError, KeyError) as error:
        raise BadFilter(parameter=prop.name) from error


def _integer(given: str) -> int:
    """Parse a whole number that the store can hold and compare with."""
    return int(_written(given, _INTEGER))


def _number(given: str) -> float:
    return float(_written(given, _NUMBER))


def _boolean(given: str) -> bool:
    return {"true": True, "false": False}[given.lower()]


def day_of(given: str) -> date:
    """Parse an RFC 3339 date. ValueError for anything else, ISO 8601's further forms among it."""
    return date.fromisoformat(_written(given, _DATE))


def moment_of(given: str) -> datetime:
    """Parse an RFC 3339 date-time, which has a zone. ValueError for anything else."""
    return datetime.fromisoformat(_written(given.upper(), _MOMENT))


def _written(given: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(given):
        raise ValueError(given)
    return given


_INTEGER = re.compile(rf"-?[0-9]{{1,{LONGEST_INTEGER}}}")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?(e[+-]?[0-9]{1,2})?", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


_VALUES: Mapping[str, Any] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": day_of,
    "date-time": moment_of,
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
        previous=await _previous(session, layer, where, values, limit=wanted.limit) if wanted.after else None,
    )


async def _previous(
    session: AsyncSession, layer: Layer, where: str, values: Mapping[str, Any], *, limit: int
) -> int | None:
    """Return the id beyond which the page before begins: 0 for the first page, None where nothing comes before."""
    sql = f"""
        SELECT t.id FROM {layer.table} WHERE {where} AND t.id <= :after
        ORDER BY t.id DESC LIMIT :more"""  # noqa: S608
    ids = list(await session.scalars(text(sql), {**values, "more": limit + 1}))
    return (ids[-1] if len(ids) > limit else 0) if ids else None


async def read_feature(session: AsyncSession, layer: Layer, feature_id: int) -> orjson.Fragment | None:
    """One feature within reach, of whatever day."""
    where = " AND ".join(["t.id = :id", _placed(layer), *_levels(layer)])
    sql = f"SELECT {_feature_sql(layer)} AS feature FROM {layer.table} WHERE {where}"  # noqa: S608
    found = await session.scalar(text(sql), {"id": feature_id})
    return None if found is None else orjson.Fragment(found)


def _page_sql(layer: Layer, where: str) -> str:
    """Keyset paging: rows that come or go meanwhile are neither shown twice nor push others out."""
    return f"""
        SELECT t.id, {_feature_sql(layer)} AS feature FROM {layer.table}
        WHERE {where} AND t.id > :after ORDER BY t.id LIMIT :more"""  # noqa: S608


def _feature_sql(layer: Layer) -> str:
    said = ", ".join(f"'{p.name}', {_value_sql(p)}" for p in layer.properties)
    return f"""json_build_object('type', 'Feature', 'id', t.id,
        'geometry', ST_AsGeoJSON({layer.geom}, {DIGITS})::json, 'properties', json_build_object({said}))::text"""


def _value_sql(prop: Property) -> str:
    """Write a number with a decimal point: programs take a column that begins with `65` for integers, and cut 62.5."""
    return f"CAST({prop.sql} AS numeric) + 0.0" if prop.kind == "number" else prop.sql


def _conditions(layer: Layer, wanted: Wanted, *, day: date) -> tuple[str, dict[str, Any]]:
    words = [_placed(layer), *_levels(layer)]
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


def _placed(layer: Layer) -> str:
    """Leave out incidents that wait for a place."""
    return f"{layer.geom} IS NOT NULL"


def _levels(layer: Layer) -> list[str]:
    return ["t.level IN ({})".format(", ".join(f"'{level}'" for level in layer.levels))] if layer.levels else []


def _when(layer: Layer, interval: Interval | None, *, day: date, values: dict[str, Any]) -> list[str]:
    """Select things with a first and last day that are in force within the interval, and moments that lie in it."""
    if len(layer.period) == 2:
        return _in_force(layer, interval or Interval(None, None, day, day), values=values)
    return _at(layer, interval, values=values) if layer.period and interval else []


def _in_force(layer: Layer, interval: Interval, *, values: dict[str, Any]) -> list[str]:
    first, last = layer.period
    words = []
    if interval.last_day is not None:
        words.append(f"{first} <= :until")
        values["until"] = interval.last_day
    if interval.first_day is not None:
        words.append(f"({last} IS NULL OR {last} > :since)")
        values["since"] = interval.first_day
    return words


def _at(layer: Layer, interval: Interval, *, values: dict[str, Any]) -> list[str]:
    [moment] = layer.period
    words = []
    if interval.end is not None:
        words.append(f"{moment} <= :until" if interval.end == interval.start else f"{moment} < :until")
        values["until"] = interval.end
    if interval.start is not None:
        words.append(f"{moment} >= :since")
        values["since"] = interval.start
    return words
