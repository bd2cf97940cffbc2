"""Frames of the live socket, as described by the OpenAPI document.

The server does not build these classes for each frame, since it encodes an event once for all audiences. Tests validate
every frame sent against them.
"""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, create_model

from api.http.wire.live import FixesOut, HotspotsOut, TroubleOut, body_type
from api.http.wire.shapes import Out
from api.live.conversation import WatchIn
from console.feed.kinds import Kind, Kinds
from console.situation.kinds import KINDS

REF = "#/components/schemas/{model}"
Json = dict[str, Any]


class _EventHead(Out):
    """Position of an event in the feed, and the version of its entity."""

    pos: int
    at: datetime
    id: int
    version: int


def _event_model(kind: Kind[Any]) -> Any:
    words = f"The new state of one {kind.name}. Apply it if its version is newer."
    fields: Json = {"kind": (Literal[kind.name], ...), "body": (body_type(kind), ...), "gone": (Literal[False], False)}
    return create_model(f"{kind.name.capitalize()}Event", __base__=_EventHead, __doc__=words, **fields)


def _gone_model(kinds: Kinds) -> Any:
    words = "An entity has left what the caller may see: remove it, unless a newer version is held."
    fields: Json = {"kind": (Literal[tuple(kinds)], ...), "body": (None, ...), "gone": (Literal[True], ...)}
    return create_model("GoneEvent", __base__=_EventHead, __doc__=words, **fields)


def event_type(kinds: Kinds) -> Any:
    """Return the union of the events of these kinds."""
    return reduce(or_, [*map(_event_model, kinds.values()), _gone_model(kinds)])


EventOut = event_type(KINDS)


class HelloFrame(Out):
    """The first frame. Events continue from `pos`."""

    t: Literal["hello"]
    epoch: str
    pos: int
    now: datetime


class EventsFrame(Out):
    """Everything from `from` (exclusive) to `to` (inclusive) that the caller may see."""

    t: Literal["events"]
    from_: int = Field(alias="from", serialization_alias="from")
    to: int
    items: list[EventOut]  # type: ignore[valid-type]


class FixesFrame(FixesOut):
    """Latest fixes of forces that have moved."""

    t: Literal["fixes"]


class HexesFrame(HotspotsOut):
    """Cells that changed since the last such frame of the same view; `gone` lists those that left it."""

    t: Literal["hexes"]
    gone: list[str]
    full: bool = Field(description="Replace the view instead of adding to it.")


class ResyncFrame(Out):
    """The client's position is unusable: fetch a snapshot."""

    t: Literal["resync"]
    reason: Literal["epoch", "too_old", "ahead"]


class TroubleFrame(Out):
    """All present troubles of the server. Only a beat confirms the feed's position."""

    t: Literal["trouble"]
    items: list[TroubleOut]


class BeatFrame(Out):
    """Nothing was missed up to `pos`. `lines`: the version of the lines in force. Fetch them anew when it changes.

    `maps`: the versions of `basemap` and `raster` in `/api/county`, those there are, with a space between. Fetch the
    county anew when they are others. `closures`: another after each change of a closure of roads. A force, whose feed
    has none, then fetches `/api/closures`.
    """

    t: Literal["beat"]
    pos: int
    now: datetime
    lines: str = ""
    maps: str = ""
    closures: str = ""


LiveFrame = Annotated[
    HelloFrame | EventsFrame | FixesFrame | HexesFrame | ResyncFrame | TroubleFrame | BeatFrame,
    Field(discriminator="t"),
]
FRAME: TypeAdapter[Any] = TypeAdapter(LiveFrame)
EVENT: TypeAdapter[Any] = TypeAdapter(EventOut)
MESSAGE: TypeAdapter[Any] = TypeAdapter(WatchIn)


def live_schemas() -> Json:
    """Build the component schemas of the socket: `LiveFrame` is sent, `LiveMessage` received."""
    named, shared = TypeAdapter.json_schemas(
        [
            ("LiveFrame", "serialization", FRAME),
            ("LiveEvent", "serialization", EVENT),
            ("LiveMessage", "validation", MESSAGE),
        ],
        ref_template=REF,
    )
    schemas: Json = shared["$defs"] | {name: schema for (name, _), schema in named.items()}
    return schemas
