"""Whether a position fix may become the latest. Pure: phones send late, twice, from the future and from the sea."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from geo.travel import distance_m

FUTURE = timedelta(minutes=2)
FASTEST_MPS = 200 / 3.6
JITTER_M = 150.0
"""A jump this short is a receiver finding itself, however little time it took."""

NULL_ISLAND_DEGREES = 0.01


class Verdict(StrEnum):
    """What is wrong with a fix, or `ok`. Only an `ok` one becomes the latest; all are kept with their flag."""

    OK = "ok"
    LATE = "late"
    DUPLICATE = "duplicate"
    FUTURE = "future"
    TELEPORT = "teleport"
    NULL_ISLAND = "null_island"


@dataclass(frozen=True, slots=True)
class Fix:
    """Where something was (WGS-84) and when (aware)."""

    lon: float
    lat: float
    at: datetime


def judge(fix: Fix, latest: Fix | None, *, now: datetime) -> Verdict:
    """Judge a fix against the latest good one (None for the first) and the server's clock.

    A wrong latest locks nobody out: the longer ago it was, the farther away the next may be. One from the future is
    of a clock that has been set right since, and counts for nothing.
    """
    if abs(fix.lon) < NULL_ISLAND_DEGREES and abs(fix.lat) < NULL_ISLAND_DEGREES:
        return Verdict.NULL_ISLAND
    if fix.at > now + FUTURE:
        return Verdict.FUTURE
    if latest is None or latest.at > now + FUTURE:
        return Verdict.OK
    if fix.at == latest.at:
        return Verdict.DUPLICATE
    if fix.at < latest.at:
        return Verdict.LATE
    return Verdict.TELEPORT if _too_far(fix, latest) else Verdict.OK


def _too_far(fix: Fix, latest: Fix) -> bool:
    metres = distance_m(latest.lon, latest.lat, fix.lon, fix.lat)
    return metres > JITTER_M and metres > FASTEST_MPS * (fix.at - latest.at).total_seconds()
