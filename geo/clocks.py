"""Clocks of other machines: how far they may differ, and what their times are by the server's."""

from datetime import datetime, timedelta

CLOCKS_DIFFER = timedelta(minutes=2)
"""Times of a device or a source further in the future come from a wrong clock."""

NETWORK = timedelta(seconds=10)
"""A request may be on its way for so long."""


def ahead_of(sent_at: datetime | None, *, now: datetime) -> timedelta:
    """Return by how much a phone's clock is ahead. Seconds are the network's; without a clock, it is right."""
    if sent_at is None:
        return timedelta()
    ahead = sent_at - now
    return ahead if abs(ahead) > NETWORK else timedelta()


def by_server(at: datetime, *, ahead: timedelta, now: datetime) -> datetime:
    """Return what a phone's time of a fix is by the server's clock, where the phone's is `ahead`.

    Some phones take a fix's time from the satellites, not from their own clock: a time that is right already stays.
    """
    return at if abs(at - now) <= CLOCKS_DIFFER else at - ahead
