"""A camera's record, its field of view, and its state. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shapely import Point

State = Literal["online", "offline", "unknown"]


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """One entry of a camera list. WGS-84 degrees; heading in degrees clockwise from north, range in metres."""

    code: str
    name: str
    owner: str
    point: Point
    division_path: str
    heading: float
    fov_deg: float
    range_m: float
    online: bool = True
    level: int = 1
    ptz: bool = False


@dataclass(frozen=True, slots=True)
class SaidOfCamera:
    """What a video platform said of a camera at `said_at`; `heard_at` is when it last heard of the device, if it knows.

    `online`: both the device and the channel are.
    """

    code: str
    online: bool
    said_at: datetime
    heard_at: datetime | None


def state_of(
    online: bool | None, said_at: datetime | None, heard_at: datetime | None, *, now: datetime, within: timedelta
) -> State:
    """Return a camera's state. What was said longer ago than `within` is no longer known, nor is a camera online whose
    device was not heard of since.
    """
    if online is None or said_at is None or now - said_at > within:
        return "unknown"
    if not online:
        return "offline"
    return "online" if heard_at is not None and now - heard_at <= within else "unknown"


def in_view(*, bearing: float, distance_m: float, heading: float, fov_deg: float, range_m: float) -> bool:
    """Return whether a point in that direction (degrees from north) and distance lies within a camera's view and range.

    Headings wrap: from 350° to 10° is 20°. Walls and trees are ignored.
    """
    apart = abs((bearing - heading + 180) % 360 - 180)
    return distance_m <= range_m and apart <= fov_deg / 2
