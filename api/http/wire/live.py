"""JSON of the live state: forces, fixes, hotspots and snapshots."""

from collections.abc import Mapping
from datetime import datetime
from types import GenericAlias, MappingProxyType
from typing import Any, Literal, Self

from pydantic import Field, create_model, model_validator

from api.http.wire.alarms import AlarmOut
from api.http.wire.closures import ClosureOut
from api.http.wire.incidents import IncidentOut
from api.http.wire.presence import PresenceOut
from api.http.wire.shapes import In, Out
from api.http.wire.tasks import TaskOut
from console.feed.bodies import Body
from console.feed.kinds import Kind
from console.situation.kinds import KINDS


class ForceIn(In):
    """Changes of a force. What is left out stays as it is."""

    duty: Literal["on", "on_call", "off"] | None = None
    device_datum: Literal["wgs84", "gcj02", "bd09"] | None = Field(
        None, description="Datum of the device's positions where they do not say it; null where nobody has set it."
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("duty or device_datum")
        return self


class ForceOut(Out):
    """A force in snapshots, events and single responses. It is busy if it has an active task."""

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
    device_datum: Literal["wgs84", "gcj02", "bd09"] | None
    duty: Literal["on", "on_call", "off"]
    division_path: str
    version: int


class FixesOut(Out):
    """Latest fixes by column, all of one length. Times in epoch milliseconds; speed m/s; degrees; metres."""

    force: list[int]
    lon: list[float]
    lat: list[float]
    at: list[int]
    speed: list[float | None]
    heading: list[float | None]
    accuracy: list[float | None]


class HotCellOut(Out):
    """A cell with its count, expected count, Gi* z, Benjamini–Hochberg q, and class."""

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
    past_known: bool = Field(
        True, description="The record holds the whole window before; without it no cell has a class."
    )
    cells: list[HotCellOut]


BODIES: Mapping[str, type[Out]] = MappingProxyType(
    {
        "incident": IncidentOut,
        "task": TaskOut,
        "force": ForceOut,
        "alarm": AlarmOut,
        "closure": ClosureOut,
        "presence": PresenceOut,
    }
)
"""Models of kinds that are also in single responses. Other kinds declare their own shape."""


def body_type(kind: Kind[Any]) -> Any:
    """Return the type of a kind's bodies: a model of the API, else the kind's own, else any object."""
    return BODIES.get(kind.name) or kind.shape or Body


class _SnapshotBase(Out):
    """The situation of one moment: entities by kind, fixes and hotspots. Ended ones stay for a day."""

    epoch: str
    pos: int
    at: datetime
    recorded_from: datetime | None = Field(
        None, description="In a replay: when the record begins. Of a moment before, only what was imported is known."
    )
    scope: str
    fixes: FixesOut
    hotspots: HotspotsOut


LISTS: dict[str, Any] = {kind.plural: (GenericAlias(list, body_type(kind)), ...) for kind in KINDS.values()}
SnapshotOut = create_model("SnapshotOut", __base__=_SnapshotBase, __doc__=_SnapshotBase.__doc__, **LISTS)


class StripOut(Out):
    """Counts of incidents reported and closed in each step of `step_s` seconds from `from` to `to`.

    Moments from `kept_from` on can be replayed.
    """

    from_: datetime = Field(alias="from", serialization_alias="from")
    to: datetime
    kept_from: datetime
    step_s: int
    reported: list[int]
    closed: list[int]


class TroubleOut(Out):
    """A trouble of the server. `name` is a program or a part of the server, `n` an amount."""

    code: Literal[
        "database.away",
        "database.full",
        "disk.low",
        "feed.behind",
        "loop.failing",
        "clock.stepped",
        "clock.apart",
        "calendar.missing",
        "roads.failing",
        "push.failing",
        "hook.failing",
        "broker.away",
        "source.failing",
        "source.silent",
        "sign_in.failing",
        "source.unreadable",
        "device.unreadable",
        "device.clock_wrong",
        "device.clock_corrected",
        "device.mock",
    ]
    name: str | None = None
    n: int | None = None
