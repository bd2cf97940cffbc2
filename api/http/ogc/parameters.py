"""Query parameters of OGC API Features. Anything else is refused with 400."""

from collections.abc import Mapping
from datetime import UTC, datetime

from api.http.wire.boxes import parse_bbox
from layers.catalogue import Layer
from layers.features import BadFilter, Interval, Wanted, value_of

DEFAULT_LIMIT, LARGEST_LIMIT = 10, 10_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS = ("crs", "bbox-crs")
OWN = frozenset({"limit", "bbox", "datetime", "cursor", "f", *CRS})
OPEN = ("", "..")


def wanted_of(layer: Layer, query: Mapping[str, str]) -> Wanted:
    """Parse the requested page. Raises `BadFilter`. `crs` and `bbox-crs` may name CRS84 only."""
    for name in CRS:
        if query.get(name, CRS84) != CRS84:
            raise BadFilter(parameter=name)
    filters = {}
    for name, given in query.items():
        if name not in OWN:
            prop = layer.property_named(name)
            if prop is None:
                raise BadFilter(parameter=name)
            filters[name] = value_of(prop, given)
    return Wanted(
        limit=limit_of(query), after=after_of(query), bbox=box_of(query), interval=interval_of(query), filters=filters
    )


def refuse_unknown(query: Mapping[str, str], known: frozenset[str]) -> None:
    """Raise `BadFilter` for an unknown parameter: a misspelt filter must not return everything."""
    for name in query:
        if name not in known:
            raise BadFilter(parameter=name)


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


def interval_of(query: Mapping[str, str]) -> Interval | None:
    """Parse an instant, or an interval with one or both ends open."""
    if "datetime" not in query:
        return None
    parts = query["datetime"].split("/")
    try:
        moments = [None if part in OPEN and len(parts) == 2 else _moment(part) for part in parts]
    except ValueError as error:
        raise BadFilter(parameter="datetime") from error
    start, end = moments[0], moments[-1]
    if len(moments) > 2 or (start and end and start > end):
        raise BadFilter(parameter="datetime")
    return Interval(start, end)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
