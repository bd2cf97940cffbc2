"""The meaning of a request's body, by which a repeated request is known: JSON in one form, however it was written."""

import json
from collections.abc import Iterator
from typing import Any

LARGEST_EXACT = 2**53
"""Above it, a float holds not every whole number."""


def meaning_of(body: bytes) -> bytes:
    """Return a body's JSON, or its NDJSON line by line, with sorted keys and without nulls; anything else as it is.

    Spaces, the order of keys, `120` for `120.0`, and null for a field that is left out change nothing of what is meant.
    """
    try:
        return _canonical(body)
    except (ValueError, RecursionError):
        pass
    try:
        return b"\n".join(_canonical(line) for line in body.splitlines() if line.strip())
    except (ValueError, RecursionError):
        return body


def _canonical(text: bytes) -> bytes:
    return json.dumps(_plain(json.loads(text)), sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(_filled(value))
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return int(value)
    return value


def _filled(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((key, _plain(item)) for key, item in value.items() if item is not None)
