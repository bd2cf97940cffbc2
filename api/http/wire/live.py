"""The live state on the wire: forces, fixes, hotspots, the snapshot, and the frames of the socket."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.http.wire.incidents import IncidentOut
from api.http.wire.shapes import In, Out
from api.http.wire.tasks import TaskOut


class ForceIn(In):
    """What an operator changes of a force."""

    duty: Literal["on", "on_call", "off"]


class ForceOut(Out):
    """A force, as a snapshot, an event and a single answer show it. Whether it is busy follows from the tasks."""

    id: int
    code: str
    name: str
    kind: str
    organisation: str
    specialities: list[str]
    languages: list[str]
    mode: str
    home_lon: float
    home_lat: float
    duty: Literal["on", "on_call", "off"]
    division_path: str
    version: int


class FixesOut(Out):
    """Latest fixes, column by column, all of one length. Times are epoch milliseconds; speed m/s; degrees; metres."""

    force: list[int]
    lon: list[float]
    lat: list[float]
    at: list[int]
    speed: list[float | None]
    heading: list[float | None]
    accuracy: list[float | None]


class HotCellOut(Out):
    """A cell with its count, what the past leads one to expect, Gi* z, Benjamini–Hochberg q, and its class."""

    cell: str
    count: int
    expected: float
    z: float
    q: float
    klass: Literal["new", "persistent", "fading", "none"] = Field(alias="class", serialization_alias="class")
    exposure: float | None = Field(None, description="Households, where known.")
    rate: float | None = Field(None, description="Per 1,000 households, shrunk towards the county's.")


class HotspotsOut(Out):
    """Hotspots of one view. Cells without a count and without a class are left out."""

    res: int
    window: Literal["1h", "24h", "7d", "28d"]
    category: str | None
    as_of: datetime = Field(description="Start of the quarter of an hour that the window ends in.")
    total: int
    cells: list[HotCellOut]


class SnapshotOut(Out):
    """All the hall needs to start: open incidents and those closed in the last day, forces, tasks, fixes, hotspots."""

    epoch: str
    pos: int
    at: datetime
    scope: str
    incidents: list[IncidentOut]
    forces: list[ForceOut]
    tasks: list[TaskOut]
    fixes: FixesOut
    hotspots: HotspotsOut


class StripOut(Out):
    """How many matters came in and were closed in each step of `step_s` seconds from `from` to `to`."""

    from_: datetime = Field(alias="from", serialization_alias="from")
    to: datetime
    step_s: int
    reported: list[int]
    closed: list[int]


class EventOut(Out):
    """One entity's new state; apply it when its version is newer."""

    pos: int
    at: datetime
    kind: Literal["incident", "task", "force"]
    id: int
    version: int
    body: dict[str, Any]


class HelloFrame(Out):
    t: Literal["hello"] = "hello"
    epoch: str
    pos: int
    now: datetime


class EventsFrame(Out):
    """Everything from `from` (exclusive) to `to` (inclusive) that the scope may see."""

    t: Literal["events"] = "events"
    from_: int = Field(alias="from", serialization_alias="from")
    to: int
    items: list[EventOut]


class FixesFrame(FixesOut):
    t: Literal["fixes"] = "fixes"


class HexesFrame(Out):
    """Cells that changed since the last such frame of the same view; `gone` lists those that left it."""

    t: Literal["hexes"] = "hexes"
    res: int
    window: str
    category: str | None
    as_of: datetime
    total: int
    cells: list[HotCellOut]
    gone: list[str]
    full: bool = Field(description="Replace the view instead of adding to it.")


class ResyncFrame(Out):
    """The client's position is of no use any more: fetch a snapshot."""

    t: Literal["resync"] = "resync"
    reason: Literal["epoch", "too_old", "ahead", "slow"]


class TroubleOut(Out):
    """One thing that is wrong with the server. `name` is a program's or a part's, `n` how much of it."""

    code: Literal[
        "database.away",
        "database.full",
        "disk.low",
        "feed.behind",
        "loop.failing",
        "clock.stepped",
        "clock.apart",
        "source.failing",
        "source.silent",
    ]
    name: str | None = None
    n: int | None = None


class TroubleFrame(Out):
    """All that is wrong now. It says nothing of the feed: only a beat does."""

    t: Literal["trouble"] = "trouble"
    items: list[TroubleOut]


class BeatFrame(Out):
    t: Literal["beat"] = "beat"
    pos: int
    now: datetime
