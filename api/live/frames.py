"""Encode frames of the socket as JSON. `api/http/wire/frames.py` describes them for the OpenAPI document."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson

from api.watch.troubles import Trouble
from console.feed.bodies import Body
from console.feed.kinds import Kind
from console.feed.rules import Event

OPTIONS = orjson.OPT_UTC_Z
UNNUMBERED: Mapping[str, str] = MappingProxyType({})


class Item:
    """An event to send. Its JSON is encoded once, open and masked, for all audiences.

    An event of an undeclared kind, `None`, goes to open audiences only.
    """

    __slots__ = ("_kind", "_masked", "event", "plain")

    def __init__(self, event: Event, kind: Kind[Any] | None) -> None:
        self.event = event
        self._kind = kind
        self.plain = _json_of(event, event.body)
        self._masked: bytes | None = None

    @property
    def pos(self) -> int:
        return self.event.pos

    @property
    def seen_below(self) -> bool:
        return self._kind is not None and self._kind.seen_below

    def json(self, *, masked: bool) -> bytes:
        """Return the item for a masked or an open audience; empty if a masked one may not receive it."""
        if not masked:
            return self.plain
        if self._masked is None:
            self._masked = self._masked_json()
        return self._masked

    def _masked_json(self) -> bytes:
        if self._kind is None or self._kind.mask is None:
            return b""
        body = self.event.body
        return _json_of(self.event, None if body is None else self._kind.mask(body))


def _json_of(event: Event, body: Body | None) -> bytes:
    item: dict[str, Any] = {
        "pos": event.pos,
        "at": event.at,
        "kind": event.kind,
        "id": event.entity_id,
        "version": event.version,
        "body": body,
    }
    return orjson.dumps(item if body is not None else item | {"gone": True}, option=OPTIONS)


def encode(frame: Mapping[str, Any]) -> bytes:
    """Encode a frame as UTF-8 JSON, as it is sent."""
    return orjson.dumps(frame, option=OPTIONS)


def hello(epoch: str, pos: int, now: datetime) -> bytes:
    return encode({"t": "hello", "epoch": epoch, "pos": pos, "now": now})


def events(after: int, upto: int, items: Sequence[bytes]) -> bytes:
    """Encode the events after one position up to another; `items` are encoded already."""
    return encode({"t": "events", "from": after, "to": upto, "items": [orjson.Fragment(item) for item in items]})


def resync(reason: str) -> bytes:
    return encode({"t": "resync", "reason": reason})


def trouble(items: Sequence[Trouble]) -> bytes:
    """Encode all present troubles of the server; none once it has recovered."""
    return encode({"t": "trouble", "items": [asdict(item) for item in items]})


def beat(pos: int, now: datetime, *, lines: str = "", maps: str = "", changed: Mapping[str, str] = UNNUMBERED) -> bytes:
    """`changed`: by the plural of its kind, the last change of what forces fetch for themselves."""
    return encode({"t": "beat", "pos": pos, "now": now, "lines": lines, "maps": maps, **changed})
