"""Content of a report, in a form that can be compared."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from geo.datum import Datum
from ingest.reports.fields import Observation, Report

DIGEST_LETTERS = 32


def content_of(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that hold something, with times in UTC, without source and number, which are its identity."""
    filled = {name: value for name, value in fields.items() if value is not None and value != ""}
    return {name: _plain(value) for name, value in filled.items() if name not in ("source", "external_no")}


def digest_of(content: Mapping[str, object]) -> str:
    """Return a digest that is equal for the same content, in whatever order, zone or form of number it was written."""
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_LETTERS]


def with_digest(seen: Observation) -> Observation:
    """Return an observation that did not come as a report, with the digest that it would have had as one."""
    said = asdict(seen) | {"lon": seen.raw_x, "lat": seen.raw_y, "datum": seen.datum or Datum.WGS84.value}
    content = content_of({name: said[name] for name in Report.model_fields})
    return replace(seen, given=frozenset(content), digest=digest_of(content))


def _plain(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
