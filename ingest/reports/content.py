"""Content of a report, in a form that can be compared."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from geo.datum import Datum
from ingest.reports.fields import Observation, Report

DIGEST_LETTERS = 32
IDENTITY = ("source", "external_no")
CONTENT_FIELDS = tuple(name for name in Report.model_fields if name not in IDENTITY)


def content_of(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that hold something, with times in UTC, without source and number, which are its identity."""
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in fields.items()
        if value is not None and value != "" and name not in IDENTITY
    }


def digest_of(content: Mapping[str, object]) -> str:
    """Return a digest that is equal for the same content, in whatever order, zone or form of number it was written."""
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_LETTERS]


def observation_with_digest(seen: Mapping[str, Any]) -> Observation:
    """Make an observation that did not come as a report from its fields, with the digest that it would have as one."""
    said = {**seen, "lon": seen["raw_x"], "lat": seen["raw_y"], "datum": seen["datum"] or Datum.WGS84.value}
    content = content_of({name: said[name] for name in CONTENT_FIELDS})
    return Observation(**seen, given=frozenset(content), digest=digest_of(content))
