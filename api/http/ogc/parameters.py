"""Query parameters of OGC API Features. Anything else is refused with 400.

Intervals are half-open: `a/b` holds its start and not its end, so that adjoining ones count nothing twice.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from starlette.datastructures import QueryParams

from api.http.wire.bbox import parse_bbox
from layers.catalogue import Layer
from layers.features import BadFilter, Interval, Wanted, day_of, moment_of, value_of

DEFAULT_LIMIT, LARGEST_LIMIT = 10, 10_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS = ("crs", "bbox-crs")
OWN = frozenset({"limit", "bbox", "datetime", "cursor", "f", *CRS})
OPEN = ("", "..")
FORMS = ("json", "html")

Span = tuple[datetime, datetime]


def wanted_of(layer: Layer, query: QueryParams, *, zone: tzinfo) -> Wanted:
    """Parse the requested page. Raises `BadFilter`. `crs` and `bbox-crs` may name CRS84 only."""
    for name in CRS:
        if query.get(name, CRS84) != CRS84:
            raise BadFilter(parameter=name)
    return Wanted(
        limit=limit_of(query),
        after=after_of(query),
        bbox=box_of(query),
        interval=interval_of(query, zone=zone),
        filters=filters_of(layer, query),
    )


def filters_of(layer: Layer, query: QueryParams) -> dict[str, Any]:
    """Parse the parameters that are the layer's properties. Raises `BadFilter` for any that is not."""
    filters = {}
    for name, given in query.items():
        if name not in OWN:
            prop = layer.property_named(name)
            if prop is None:
                raise BadFilter(parameter=name, fault="unknown_parameter")
            filters[name] = value_of(prop, given)
    return filters


def limit_of(query: Mapping[str, str]) -> int:
    """Return the limit: at least 1, and lowered to the maximum, as the standard requires."""
    return min(_positive(query, "limit", DEFAULT_LIMIT), LARGEST_LIMIT)


def after_of(query: Mapping[str, str]) -> int:
    return _positive(query, "cursor", 0)


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    given = query.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 19 and int(given) > 0):
        raise BadFilter(parameter=name)
    return int(given)


def box_of(query: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    try:
        return parse_bbox(query["bbox"]) if "bbox" in query else None
    except ValueError as error:
        raise BadFilter(parameter="bbox") from error


def interval_of(query: Mapping[str, str], *, zone: tzinfo) -> Interval | None:
    """Parse an instant, a local day, or an interval of them with one or both ends open. Raises `BadFilter`.

    A day is one of the county, from midnight to midnight; as an interval's end it is included whole.
    """
    if "datetime" not in query:
        return None
    parts = query["datetime"].split("/")
    try:
        spans = [None if part in OPEN and len(parts) == 2 else _span(part, zone) for part in parts]
        found = _joined(spans[0], spans[-1], zone=zone)
    except (ValueError, OverflowError) as error:
        raise BadFilter(parameter="datetime") from error
    if len(spans) > 2 or (spans[0] and spans[-1] and spans[0] > spans[-1]):
        raise BadFilter(parameter="datetime", fault="range")
    return found


def _span(text: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return start and end of an instant or a day."""
    if "T" in text.upper():
        return moment_of(text), moment_of(text)
    day = day_of(text)
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=1), time.min, zone)


def _joined(first: Span | None, last: Span | None, *, zone: tzinfo) -> Interval:
    start, end = first and first[0], last and last[1]
    shut = end if end is None or end == start else end - timedelta(microseconds=1)
    return Interval(
        start=start,
        end=end,
        first_day=start and start.astimezone(zone).date(),
        last_day=shut and shut.astimezone(zone).date(),
    )
