"""NDJSON for Schemathesis, which loads this file by name: a list is written one item a line."""

from collections.abc import Sequence
from typing import Any

import orjson
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def to_lines(_: Any, value: Any) -> bytes:
    lines = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return b"\n".join(map(_line, lines))


def _line(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # What is no JSON is sent as it reads, for the server to refuse.
        return repr(value).encode(errors="replace")
