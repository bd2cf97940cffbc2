"""Frames of the socket as JSON. `api/http/wire/live.py` describes the same shapes for readers and for the OpenAPI."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from api.watch.troubles import Trouble
from console.feed.queries import Event
from console.feed.rules import masked

OPTIONS = orjson.OPT_UTC_Z


class Item:
    """An event on its way out. Its JSON is made once, masked or not, however many scopes it goes to."""

    __slots__ = ("_masked", "division_path", "force_id", "kind", "plain", "pos")

    def __init__(self, event: Event) -> None:
        self.pos = event.pos
        self.kind = event.kind
        self.division_path = event.division_path
        self.force_id = event.force_id
        self.plain = orjson.dumps(_told(event), option=OPTIONS)
        self._masked: bytes | None = None

    def json(self, *, blurred: bool) -> bytes:
        """The item as a masked or an open audience reads it; empty when it may not be told to a masked one."""
        if not blurred:
            return self.plain
        if self._masked is None:
            item = orjson.loads(self.plain)
            body = masked(self.kind, item["body"])
            self._masked = b"" if body is None else orjson.dumps(item | {"body": body})
        return self._masked


def _told(event: Event) -> dict[str, Any]:
    return {
        "pos": event.pos,
        "at": event.at,
        "kind": event.kind,
        "id": event.entity_id,
        "version": event.version,
        "body": event.body,
    }


def encode(frame: Mapping[str, Any]) -> bytes:
    """UTF-8, as it goes on the wire: a frame is never text in between."""
    return orjson.dumps(frame, option=OPTIONS)


def hello(epoch: str, pos: int, now: datetime) -> bytes:
    return encode({"t": "hello", "epoch": epoch, "pos": pos, "now": now})


def events(after: int, upto: int, items: Sequence[bytes]) -> bytes:
    """Everything after one position up to another; `items` are JSON already."""
    return encode({"t": "events", "from": after, "to": upto, "items": [orjson.Fragment(item) for item in items]})


def resync(reason: str) -> bytes:
    return encode({"t": "resync", "reason": reason})


def trouble(items: Sequence[Trouble]) -> bytes:
    """All that is wrong with the server now, nothing when it is well again."""
    return encode({"t": "trouble", "items": [asdict(item) for item in items]})


def beat(pos: int, now: datetime) -> bytes:
    return encode({"t": "beat", "pos": pos, "now": now})
