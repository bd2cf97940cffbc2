"""Decide whether a position fix may become a force's latest one. Pure.

Phones send late, twice, with a clock ahead, from a radio mast 20 km away, made up, and without a valid position.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from geo.clocks import CLOCKS_DIFFER
from geo.travel import distance_m

FASTEST_MPS = 200 / 3.6
JITTER_M = 150.0
"""Jumps shorter than this are the receiver's noise, however little time they took."""

ASSUMED_M = 30.0
"""Accuracy of a fix that gives none."""
COARSE_M = 100.0
"""A fix at least this accurate is never coarse."""
COARSER = 3.0
DRIFT_MPS = 10.0
"""A fix loses this much accuracy with every second that its force may have moved on."""

NULL_ISLAND_DEGREES = 0.01


class Verdict(StrEnum):
    """Result of checking a fix. Only an `ok` fix becomes the latest; all are stored with their verdict."""

    OK = "ok"
    LATE = "late"
    DUPLICATE = "duplicate"
    FUTURE = "future"
    TELEPORT = "teleport"
    COARSE = "coarse"
    MOCK = "mock"
    NULL_ISLAND = "null_island"


@dataclass(frozen=True, slots=True)
class Fix:
    """Position (WGS-84), time (aware) and accuracy: the radius in metres, None or 0 if unknown.

    `mock`: the phone says that the position was made up by a program.
    """

    lon: float
    lat: float
    at: datetime
    accuracy_m: float | None = None
    mock: bool = False

    @property
    def radius_m(self) -> float:
        return self.accuracy_m or ASSUMED_M


def judge(fix: Fix, latest: Fix | None, *, now: datetime) -> Verdict:
    """Check a fix against the latest good one (None for the first) and the server's clock.

    A wrong latest position blocks later fixes only for a while: the allowed distance grows with the time between them.
    A latest fix from the future came from a clock that has been corrected since, and is ignored. A fix that came too
    late overrules a later one that is far coarser, as if the two had come in order.
    """
    if fix.mock:
        return Verdict.MOCK
    if abs(fix.lon) < NULL_ISLAND_DEGREES and abs(fix.lat) < NULL_ISLAND_DEGREES:
        return Verdict.NULL_ISLAND
    if fix.at > now + CLOCKS_DIFFER:
        return Verdict.FUTURE
    if latest is None or latest.at > now + CLOCKS_DIFFER:
        return Verdict.OK
    if fix.at <= latest.at:
        if is_coarse(latest, fix):
            return Verdict.OK
        return Verdict.DUPLICATE if fix.at == latest.at else Verdict.LATE
    if is_coarse(fix, latest):
        return Verdict.COARSE
    return Verdict.TELEPORT if _too_far(fix, latest) else Verdict.OK


def is_coarse(fix: Fix, earlier: Fix) -> bool:
    """Whether an earlier fix, though the force may have moved on since, says better where it is than this one."""
    seconds = (fix.at - earlier.at).total_seconds()
    return fix.radius_m > max(COARSE_M, COARSER * earlier.radius_m + DRIFT_MPS * seconds)


def _too_far(fix: Fix, latest: Fix) -> bool:
    """Whether the force would have gone too fast even between the nearest points of both circles of accuracy."""
    metres = distance_m(latest.lon, latest.lat, fix.lon, fix.lat)
    least = metres - (latest.accuracy_m or 0.0) - (fix.accuracy_m or 0.0)
    return metres > JITTER_M and least > FASTEST_MPS * (fix.at - latest.at).total_seconds()
