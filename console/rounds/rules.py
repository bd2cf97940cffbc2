"""Points of a route, what is reported at them, and the refusals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from geo.errors import ErrorKind, MaplebridgeError
from geo.travel import distance_m

MOST_POINTS = 60
FAR_M = 100.0
"""A report is far from its point if it is farther even at the near edge of its accuracy."""
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of the codes on slips: none is taken for another when it is read aloud or typed."""
CODE_LENGTH = 8


class How(StrEnum):
    """How a point was reported: by the phone's position, by the code on its slip, or left out."""

    PLACE = "place"
    QR = "qr"
    LEFT_OUT = "left_out"


class RouteOutside(MaplebridgeError):
    """A point lies outside the route's grid. `params`: `point`, its number from 0."""

    code = "route.outside"
    kind = ErrorKind.INVALID


class RouteRetired(MaplebridgeError):
    """The route is no longer in use."""

    code = "route.retired"
    kind = ErrorKind.CONFLICT


class RoundUnknown(MaplebridgeError):
    """The force has no such round."""

    code = "round.unknown"
    kind = ErrorKind.NOT_FOUND


class RoundOver(MaplebridgeError):
    """The round had ended by then: nothing is added to it. `params`: `ended_at`."""

    code = "round.over"
    kind = ErrorKind.CONFLICT


class PointUnknown(MaplebridgeError):
    """The round has no such point."""

    code = "round.point_unknown"
    kind = ErrorKind.INVALID


class CodeUnknown(MaplebridgeError):
    """The code is none of the round's, or not that of the point."""

    code = "round.code_unknown"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class When:
    """When something was done by the server's clock, what the phone's said, and when that came. `doubtful`: the
    phone's clock cannot have been right.
    """

    at: datetime
    device_at: datetime
    received_at: datetime
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """The phone's position: degrees, radius in metres, and the seconds since it was measured."""

    lon: float
    lat: float
    accuracy_m: float | None = None
    age_s: float | None = None


@dataclass(frozen=True, slots=True)
class NewMark:
    """What a phone reports. With a code, `point` may be left out: the slip says which it is."""

    how: How
    point: str | None = None
    code: str = ""
    position: Position | None = None
    reason: str = ""


Points = Sequence[Mapping[str, Any]]


def plain_code(code: str) -> str:
    """Return a code as it is compared: people type spaces, dashes and small letters."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def point_of(points: Points, new: NewMark) -> Mapping[str, Any]:
    """Return the point that a report is about. Raises `PointUnknown`, `CodeUnknown`."""
    by_id = {point["id"]: point for point in points}
    if new.point is not None and new.point not in by_id:
        raise PointUnknown
    if new.how is How.QR:
        named = [point for point in points if point["code"] == plain_code(new.code)]
        if not named or new.point not in (None, named[0]["id"]):
            raise CodeUnknown
        return named[0]
    if new.point is None:
        raise PointUnknown
    return by_id[new.point]


def distance_to(point: Mapping[str, Any], position: Position | None) -> float | None:
    """Return the metres from a reported position to a point, None without a position."""
    if position is None:
        return None
    return round(distance_m(position.lon, position.lat, point["lon"], point["lat"]), 1)


def is_far(distance: float | None, accuracy: float | None) -> bool:
    """Return whether a report is far from its point, whatever its accuracy leaves open."""
    return distance is not None and distance - (accuracy or 0.0) > FAR_M
