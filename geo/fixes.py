"""Decide whether a position fix may become a force's latest one. Pure.

Phones send late, twice, with a clock ahead, and without a valid position.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from geo.clocks import CLOCKS_DIFFER
from geo.travel import distance_m

FASTEST_MPS = 200 / 3.6
JITTER_M = 150.0
"""Jumps shorter than this are the receiver's noise, however little time they took."""

NULL_ISLAND_DEGREES = 0.01


class Verdict(StrEnum):
    """Result of checking a fix. Only an `ok` fix becomes the latest; all are stored with their verdict."""

    OK = "ok"
    LATE = "late"
    DUPLICATE = "duplicate"
    FUTURE = "future"
    TELEPORT = "teleport"
    NULL_ISLAND = "null_island"


@dataclass(frozen=True, slots=True)
class Fix:
    """Position (WGS-84) and time (aware)."""

    lon: float
    lat: float
    at: datetime


def judge(fix: Fix, latest: Fix | None, *, now: datetime) -> Verdict:
    """Check a fix against the latest good one (None for the first) and the server's clock.

    A wrong latest position blocks later fixes only for a while: the allowed distance grows with the time between them.
    A latest fix from the future came from a clock that has been corrected since, and is ignored.
    """
    if abs(fix.lon) < NULL_ISLAND_DEGREES and abs(fix.lat) < NULL_ISLAND_DEGREES:
        return Verdict.NULL_ISLAND
    if fix.at > now + CLOCKS_DIFFER:
        return Verdict.FUTURE
    if latest is None or latest.at > now + CLOCKS_DIFFER:
        return Verdict.OK
    if fix.at == latest.at:
        return Verdict.DUPLICATE
    if fix.at < latest.at:
        return Verdict.LATE
    return Verdict.TELEPORT if _too_far(fix, latest) else Verdict.OK


def _too_far(fix: Fix, latest: Fix) -> bool:
    metres = distance_m(latest.lon, latest.lat, fix.lon, fix.lat)
    return metres > JITTER_M and metres > FASTEST_MPS * (fix.at - latest.at).total_seconds()
